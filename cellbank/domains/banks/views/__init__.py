"""Pages of banks, fill lots and freeze runs. What makes vials is asked for by the vials' pages; links lead there."""

from cellbank.domains.banks.views import banks, making, programs
from cellbank.domains.banks.views.here import MENU, pages, resources

__all__ = ["MENU", "banks", "making", "pages", "programs", "resources"]
