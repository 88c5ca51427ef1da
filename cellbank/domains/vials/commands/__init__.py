"""What can be asked about vials, by what it does to them."""

from cellbank.domains.vials.commands.allocating import AssignAllocation
from cellbank.domains.vials.commands.bank_rules import ChangeHouseRules, CorrectBank
from cellbank.domains.vials.commands.banking import PlanBank, RegisterBank
from cellbank.domains.vials.commands.containers import MoveContainer
from cellbank.domains.vials.commands.corrections import AnnulAct, AssignLotToLine, CorrectVial, SwapVials
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
from cellbank.domains.vials.commands.holds import HoldScope, LiftHold, PlaceHold
from cellbank.domains.vials.commands.moves import MoveVials, PlaceVials, To, UnplaceVials
from cellbank.domains.vials.commands.out import Back, CancelTakeOut, PutBack, TakeOut
from cellbank.domains.vials.commands.ownership import TransferVials
from cellbank.domains.vials.commands.receiving import ReceiveVials, RegisterLegacyVials
from cellbank.domains.vials.commands.thaw import RecordThawOutcome, TakeBackRemoval, ThawVials

__all__ = [
    "AnnulAct",
    "AssignAllocation",
    "AssignLotToLine",
    "AttachBarcode",
    "Back",
    "CancelFillLot",
    "CancelTakeOut",
    "ChangeHouseRules",
    "ConfirmDestruction",
    "CorrectBank",
    "CorrectVial",
    "DiscardVials",
    "FinishFilling",
    "FinishFreezeRun",
    "FoundAgain",
    "HoldScope",
    "IdentifyByPosition",
    "LiftHold",
    "MarkMissing",
    "MoveContainer",
    "MoveVials",
    "PlaceFoundTube",
    "PlaceHold",
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
    "SwapVials",
    "TakeBackRemoval",
    "TakeOut",
    "ThawVials",
    "To",
    "TransferVials",
    "UnplaceVials",
    "VoidLabel",
    "WriteOff",
]
