"""The pages of the trail, of one act, and of the story of anything; the same for programs."""

from cellbank.domains.audit.views.rest import resources
from cellbank.domains.audit.views.screens import MENU, pages

__all__ = ["MENU", "pages", "resources"]
