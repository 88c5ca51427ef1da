"""Pages of quality: what waits, each hold, decisions, corrections, and the verdict as a resource."""

from cellbank.domains.quality.views import answering, correcting, deciding, waiting
from cellbank.domains.quality.views.here import MENU, pages, resources

__all__ = ["MENU", "answering", "correcting", "deciding", "pages", "resources", "waiting"]
