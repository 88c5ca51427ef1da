"""What can be asked about printed labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.work import Reading
from cellbank.domains.printing.models import LabelPrint, LabelPrintState, LabelRun


@dataclass(frozen=True)
class LabelBalance:
    """printed = used + spoiled + void + destroyed, once a run is settled; until then some are not accounted for."""

    printed: int = 0
    used: int = 0
    spoiled: int = 0
    void: int = 0
    destroyed: int = 0

    @property
    def open(self) -> int:
        """Labels printed that nobody has accounted for yet."""
        return self.printed - self.used - self.spoiled - self.void - self.destroyed


def label_balances(
    db: Reading, bank_ids: Iterable[UUID], *, fill_lot: UUID | None = None
) -> dict[UUID, LabelBalance]:
    """The balance of labels of each bank, or of one filling of it, in one query."""
    keys = list(bank_ids)
    wanted = (
        sa.select(LabelRun.bank_id, LabelPrint.state, sa.func.count())
        .join(LabelRun, LabelRun.id == LabelPrint.label_run_id)
        .where(LabelRun.bank_id.in_(keys))
        .group_by(LabelRun.bank_id, LabelPrint.state)
    )
    if fill_lot is not None:
        wanted = wanted.where(LabelRun.fill_lot_id == fill_lot)
    counts: dict[UUID, dict[LabelPrintState, int]] = {key: {} for key in keys}
    for bank_id, state, count in db.execute(wanted):
        if bank_id is not None:
            counts[bank_id][state] = count
    return {
        key: LabelBalance(
            printed=sum(found.values()),
            used=found.get(LabelPrintState.USED, 0),
            spoiled=found.get(LabelPrintState.SPOILED, 0),
            void=found.get(LabelPrintState.VOID, 0),
            destroyed=found.get(LabelPrintState.DESTROYED, 0),
        )
        for key, found in counts.items()
    }
