"""What can be asked about vials, by what it does to them."""

from cellbank.domains.vials.commands.containers import MoveContainer
from cellbank.domains.vials.commands.found import AttachBarcode, IdentifyByPosition, PlaceFoundTube, VoidLabel
from cellbank.domains.vials.commands.gone import (
    ConfirmDestruction,
    DiscardVials,
    FoundAgain,
    MarkMissing,
    WriteOff,
)
from cellbank.domains.vials.commands.moves import MoveVials, PlaceVials, To, UnplaceVials
from cellbank.domains.vials.commands.out import Back, CancelTakeOut, PutBack, TakeOut
from cellbank.domains.vials.commands.thaw import RecordThawOutcome, TakeBackRemoval, ThawVials

__all__ = [
    "AttachBarcode",
    "Back",
    "CancelTakeOut",
    "ConfirmDestruction",
    "DiscardVials",
    "FoundAgain",
    "IdentifyByPosition",
    "MarkMissing",
    "MoveContainer",
    "MoveVials",
    "PlaceFoundTube",
    "PlaceVials",
    "PutBack",
    "RecordThawOutcome",
    "TakeBackRemoval",
    "TakeOut",
    "ThawVials",
    "To",
    "UnplaceVials",
    "VoidLabel",
    "WriteOff",
]
