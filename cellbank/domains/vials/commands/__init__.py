"""What can be asked about vials, by what it does to them."""

from cellbank.domains.vials.commands.allocating import AssignAllocation
from cellbank.domains.vials.commands.banking import ChangeHouseRules, CorrectBank, PlanBank, RegisterBank
from cellbank.domains.vials.commands.containers import MoveContainer
from cellbank.domains.vials.commands.filling import CancelFillLot, FinishFilling, PlanFillLot, StartFilling
from cellbank.domains.vials.commands.found import AttachBarcode, IdentifyByPosition, PlaceFoundTube, VoidLabel
from cellbank.domains.vials.commands.freezing import FinishFreezeRun, StartFreezeRun
from cellbank.domains.vials.commands.gone import (
    ConfirmDestruction,
    DiscardVials,
    FoundAgain,
    MarkMissing,
    WriteOff,
)
from cellbank.domains.vials.commands.moves import MoveVials, PlaceVials, To, UnplaceVials
from cellbank.domains.vials.commands.out import Back, CancelTakeOut, PutBack, TakeOut
from cellbank.domains.vials.commands.receiving import ReceiveVials, RegisterLegacyVials
from cellbank.domains.vials.commands.thaw import RecordThawOutcome, TakeBackRemoval, ThawVials

__all__ = [
    "AssignAllocation",
    "AttachBarcode",
    "Back",
    "CancelFillLot",
    "CancelTakeOut",
    "ChangeHouseRules",
    "ConfirmDestruction",
    "CorrectBank",
    "DiscardVials",
    "FinishFilling",
    "FinishFreezeRun",
    "FoundAgain",
    "IdentifyByPosition",
    "MarkMissing",
    "MoveContainer",
    "MoveVials",
    "PlaceFoundTube",
    "PlaceVials",
    "PlanBank",
    "PlanFillLot",
    "PutBack",
    "ReceiveVials",
    "RecordThawOutcome",
    "RegisterBank",
    "RegisterLegacyVials",
    "StartFilling",
    "StartFreezeRun",
    "TakeBackRemoval",
    "TakeOut",
    "ThawVials",
    "To",
    "UnplaceVials",
    "VoidLabel",
    "WriteOff",
]
