"""What waits to be printed, what was printed, and whether every label is accounted for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core.actor import Principal
from cellbank.core.journal import Event
from cellbank.core.work import required
from cellbank.domains.banks.models import Bank, FillLot, FillLotState
from cellbank.domains.lines.models import Line
from cellbank.domains.printing.models import LabelPrint, LabelPrintState, LabelRun
from cellbank.domains.vials.models import Vial, VialState
from cellbank.toolkit.labels import Stock


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

    @property
    def is_settled(self) -> bool:
        """Whether every label is accounted for."""
        return self.open == 0


@dataclass(frozen=True)
class RunLine:
    """One run in a list: itself, who printed it when, for which fill lot, and its balance."""

    run: LabelRun
    printed_at: datetime
    printed_by: str
    printed_by_id: UUID
    lot: str = ""
    balance: LabelBalance = field(default_factory=LabelBalance)
    printed_by_fa: str | None = None


@dataclass(frozen=True)
class Waiting:
    """A fill lot with vials that never got a label."""

    lot: str
    line: str
    vials: int
    first: int
    last: int


def run_by_code(db: Session, code: str) -> LabelRun:
    """The run of this code.

    :raises NotFound: unknown here
    """
    return required(db.scalar(sa.select(LabelRun).where(LabelRun.code == code.strip().upper())), code)


def ledger(db: Session, run_id: UUID, *, limit: int | None = None, skip: int = 0) -> list[LabelPrint]:
    """Every label of a run in order, or some of them."""
    query = sa.select(LabelPrint).where(LabelPrint.label_run_id == run_id).order_by(LabelPrint.position)
    return list(db.scalars(query.limit(limit).offset(skip)))


def replaced_by(db: Session, print_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The run in which each of these labels was printed again, where it was. One query."""
    rows = db.execute(
        sa.select(LabelPrint.reprint_of_id, LabelRun.code)
        .join(LabelRun, LabelRun.id == LabelPrint.label_run_id)
        .where(LabelPrint.reprint_of_id.in_(list(print_ids)))
        .order_by(LabelPrint.id)
    )
    return {row.reprint_of_id: row.code for row in rows}


def label_balances(
    db: Session, bank_ids: Iterable[UUID], *, fill_lot: UUID | None = None
) -> dict[UUID, LabelBalance]:
    """The balance of labels of each bank, or of one filling of it, in one query."""
    wanted: sa.ColumnElement[bool] = LabelRun.bank_id.in_(list(bank_ids))
    if fill_lot is not None:
        wanted = sa.and_(wanted, LabelRun.fill_lot_id == fill_lot)
    return _balances(db, LabelRun.bank_id, wanted, list(bank_ids))


def run_balances(db: Session, run_ids: Iterable[UUID]) -> dict[UUID, LabelBalance]:
    """The balance of each run, in one query."""
    return _balances(db, LabelRun.id, LabelRun.id.in_(list(run_ids)), list(run_ids))


def _balances(db: Session, column: Any, wanted: Any, keys: Iterable[UUID]) -> dict[UUID, LabelBalance]:
    counts: dict[UUID, dict[LabelPrintState, int]] = {key: {} for key in keys}
    rows = db.execute(
        sa.select(column, LabelPrint.state, sa.func.count())
        .join(LabelRun, LabelRun.id == LabelPrint.label_run_id)
        .where(wanted)
        .group_by(column, LabelPrint.state)
    )
    for key, state, count in rows:
        counts[key][state] = count
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


def runs(db: Session, *, limit: int = 20, skip: int = 0, run_id: UUID | None = None) -> list[RunLine]:
    """The last runs, newest first, each with its balance; or the one that is asked for. Two queries."""
    query = (
        sa.select(
            LabelRun,
            Event.recorded_at,
            Event.actor_name,
            Event.actor_id,
            FillLot.code,
            Bank.code,
            Event.actor_name_fa,
        )
        .join(Event, Event.seq == LabelRun.printed_by)
        .outerjoin(FillLot, FillLot.id == LabelRun.fill_lot_id)
        .outerjoin(Bank, Bank.id == LabelRun.bank_id)
        .order_by(LabelRun.id.desc())
    )
    if run_id is not None:
        query = query.where(LabelRun.id == run_id)
    rows = db.execute(query.limit(limit).offset(skip)).all()
    found = run_balances(db, [row[0].id for row in rows])
    return [
        RunLine(run, at, by, by_id, lot or bank or "", found[run.id], by_fa)
        for run, at, by, by_id, lot, bank, by_fa in rows
    ]


def waiting(db: Session, limit: int = 50) -> list[Waiting]:
    """Fill lots planned or being filled with vials that never got a label, oldest first. One query."""
    unlabelled = ~sa.exists().where(LabelPrint.vial_id == Vial.id)
    rows = db.execute(
        sa.select(
            FillLot.code, Line.name, sa.func.count(Vial.id), sa.func.min(Vial.number), sa.func.max(Vial.number)
        )
        .join(Bank, Bank.id == FillLot.bank_id)
        .join(Line, Line.id == Bank.line_id)
        .join(Vial, Vial.fill_lot_id == FillLot.id)
        .where(
            FillLot.state.in_((FillLotState.PLANNED, FillLotState.FILLING)),
            FillLot.annulled_by.is_(None),
            Vial.state.in_((VialState.PLANNED, VialState.FILLED)),
            unlabelled,
        )
        .group_by(FillLot.id, FillLot.code, Line.name)
        .order_by(FillLot.id)
        .limit(limit)
    )  # fmt: skip
    return [Waiting(lot, line, count, first, last) for lot, line, count, first, last in rows]


def next_start(db: Session, person_id: UUID, stock: Stock) -> int:
    """Where a person goes on with a part-used sheet: after the last label of their last run on this stock."""
    last = db.execute(
        sa.select(LabelRun.start_at, LabelRun.labels)
        .join(Event, Event.seq == LabelRun.printed_by)
        .where(Event.actor_id == person_id, LabelRun.stock == stock.name)
        .order_by(LabelRun.id.desc())
        .limit(1)
    ).first()
    if last is None:
        return 1
    return int(last.start_at - 1 + last.labels) % stock.labels_per_page + 1


def labels_of_vial(db: Session, vial_id: UUID) -> list[tuple[LabelPrint, LabelRun]]:
    """Every label that was printed for a vial, newest first, with its run."""
    rows = db.execute(
        sa.select(LabelPrint, LabelRun)
        .join(LabelRun, LabelRun.id == LabelPrint.label_run_id)
        .where(LabelPrint.vial_id == vial_id)
        .order_by(LabelPrint.id.desc())
    )
    return [(label, run) for label, run in rows]


def last_stock(db: Session, person_id: UUID, names: Iterable[str]) -> str | None:
    """The one of these stocks that a person printed on last."""
    return db.scalar(
        sa.select(LabelRun.stock)
        .join(Event, Event.seq == LabelRun.printed_by)
        .where(Event.actor_id == person_id, LabelRun.stock.in_(list(names)))
        .order_by(LabelRun.id.desc())
        .limit(1)
    )


def name_of(db: Session, person_id: UUID) -> str:
    """The printed name of a person."""
    return db.scalar(sa.select(Principal.name).where(Principal.id == person_id)) or ""
