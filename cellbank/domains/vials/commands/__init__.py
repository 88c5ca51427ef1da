"""What can be asked about vials, by what it does to them."""

from cellbank.domains.vials.commands.moves import MoveVials, PlaceVials, UnplaceVials

__all__ = ["MoveVials", "PlaceVials", "UnplaceVials"]
