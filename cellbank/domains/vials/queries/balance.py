"""The mass balance: every vial that was planned or came in must be somewhere, or have gone somehow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.errors import Message
from cellbank.core.work import Reading
from cellbank.domains.banks.models import FillLot, FillLotState
from cellbank.domains.vials.models import (
    Allocation,
    ConsignmentVial,
    Disposition,
    Vial,
    VialState,
)

WORDS: Final = {
    "making": Message("being made"),
    "stored": Message("stored"),
    "qc": Message("for quality control"),
    "retention": Message("retention"),
    "safety_reserve": Message("safety reserve"),
    "stability": Message("stability"),
    "out": Message("out"),
    "in_transit": Message("in transit"),
    "thawed": Message("thawed"),
    "issued": Message("issued"),
    "destroyed": Message("destroyed"),
    "missing": Message("missing"),
    "written_off": Message("written off"),
}
"""What can have become of a filled vial, in the order in which the equation is read."""

_KEPT_APART = {
    Allocation.QC: "qc",
    Allocation.RETENTION: "retention",
    Allocation.SAFETY_RESERVE: "safety_reserve",
    Allocation.STABILITY: "stability",
}
_BY_STATE = {
    VialState.FILLED: "making",
    VialState.FREEZING: "making",
    VialState.OUT: "out",
    VialState.IN_TRANSIT: "in_transit",
    VialState.MISSING: "missing",
}


@dataclass
class Balance:
    """planned = to be filled + not filled + filled; filled and come in = everything that became of the vials.

    ``planned`` and ``filled`` are what people said when they planned and counted the tubes; the rest is counted from
    the vials themselves. So the two sides can differ, and a difference is an exception.
    """

    planned: int = 0
    filled: int = 0
    """Tubes counted by hand at the end of the fillings."""
    received: int = 0
    registered: int = 0
    """Old vials from before this system."""
    to_be_filled: int = 0
    not_filled: int = 0
    became: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WORDS, 0))

    @property
    def came(self) -> int:
        """All vials with content: filled here, received, or registered."""
        return self.filled + self.received + self.registered

    @property
    def planning_difference(self) -> int:
        """Planned numbers that are unaccounted for; negative where more was filled than planned."""
        return self.planned - self.to_be_filled - self.not_filled - self.filled

    @property
    def vial_difference(self) -> int:
        """Vials with content that are nowhere; negative where more are somewhere than were filled."""
        return self.came - sum(self.became.values())

    @property
    def is_even(self) -> bool:
        """Whether both sums come out."""
        return self.planning_difference == 0 and self.vial_difference == 0

    @property
    def terms(self) -> list[tuple[Message, int]]:
        """What became of the vials, in words and numbers; what is nothing is left out, but for those stored."""
        return [(WORDS[name], n) for name, n in self.became.items() if n or name == "stored"]


def mass_balance(
    db: Reading, bank_ids: Iterable[UUID], *, fill_lot: UUID | None = None
) -> dict[UUID, Balance]:
    """The mass balance of each bank, or of one filling of it, in two queries. Every owner's vials count."""
    keys = list(bank_ids)
    balances = {key: Balance() for key in keys}
    of_bank = {"tenant_ok": "a bank's balance counts the vials it sold; only numbers are read"}
    for bank_id, planned, filled, received in db.execute(_said(keys, fill_lot), execution_options=of_bank):
        balances[bank_id].planned += int(planned)
        balances[bank_id].filled += int(filled)
        balances[bank_id].received += int(received)
    vials = (
        sa.select(
            Vial.bank_id, Vial.state, Vial.disposition, Vial.allocation, Vial.is_legacy, sa.func.count()
        )
        .where(Vial.bank_id.in_(keys), Vial.segment_of_id.is_(None))
        .group_by(Vial.bank_id, Vial.state, Vial.disposition, Vial.allocation, Vial.is_legacy)
    )
    if fill_lot is not None:
        vials = vials.where(Vial.fill_lot_id == fill_lot)
    for bank_id, state, disposition, allocation, is_legacy, count in db.execute(
        vials, execution_options=of_bank
    ):
        _count(balances[bank_id], state, disposition, allocation, count)
        balances[bank_id].registered += count if is_legacy else 0
    return balances


def _said(keys: list[UUID], fill_lot: UUID | None) -> sa.Executable:
    """By bank: vials planned, tubes counted at the end of the fillings, and vials that came in parcels."""
    counted = sa.case((FillLot.state == FillLotState.FILLED, sa.func.coalesce(FillLot.counted, 0)), else_=0)
    lots = (
        sa.select(FillLot.bank_id, sa.func.sum(FillLot.planned), sa.func.sum(counted), sa.literal(0))
        .where(FillLot.bank_id.in_(keys), FillLot.annulled_by.is_(None))
        .group_by(FillLot.bank_id)
    )
    if fill_lot is not None:
        return lots.where(FillLot.id == fill_lot)
    arrived = (
        sa.select(Vial.bank_id, sa.literal(0), sa.literal(0), sa.func.count())
        .join(ConsignmentVial, ConsignmentVial.vial_id == Vial.id)
        .where(
            Vial.bank_id.in_(keys),
            ConsignmentVial.has_arrived.is_(True),
            ConsignmentVial.annulled_by.is_(None),
        )
        .group_by(Vial.bank_id)
    )
    return sa.union_all(lots, arrived)


def _count(
    balance: Balance, state: VialState, disposition: Disposition | None, allocation: Allocation, count: int
) -> None:
    if state is VialState.PLANNED:
        balance.to_be_filled += count
    elif disposition is Disposition.NOT_FILLED:
        balance.not_filled += count
    elif disposition is not None:
        balance.became[disposition.value] += count
    else:
        balance.became[_BY_STATE.get(state) or _KEPT_APART.get(allocation, "stored")] += count
