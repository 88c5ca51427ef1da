"""The pages of the trail, of one act, and of the story of anything; the same for programs."""

from cellbank.domains.audit.views import pages as _pages
from cellbank.domains.audit.views import rest as _rest
from cellbank.domains.audit.views.pages import MENU, pages
from cellbank.domains.audit.views.rest import resources

__all__ = ["MENU", "pages", "resources"]
