"""Pages of vials: the home page, what was scanned, each vial and its acts."""

from cellbank.domains.vials.views import acts, home, making, moving, receiving, scanning, show
from cellbank.domains.vials.views.here import MENU, pages, resources

__all__ = ["MENU", "acts", "home", "making", "moving", "pages", "receiving", "resources", "scanning", "show"]
