"""What waits for somebody: thaws without outcome, destructions, missing vials, fillings, freeze runs, low stock."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from cellbank.core.work import Reading
from cellbank.domains.banks.models import Bank, BankState, FillLot, FillLotState, FreezeOutcome, FreezeRun
from cellbank.domains.vials.models import Destruction, Thaw, Vial, VialState

MOST = 5

# Written into the statement, so that SQLite knows that the index of missing vials serves it.
IS_MISSING: sa.BindParameter[VialState] = sa.bindparam("missing", VialState.MISSING, literal_execute=True)


@dataclass(frozen=True)
class Need:
    """One thing that waits for something."""

    what: str
    name: str
    """The vial's name, or the code of the filling, freeze run or bank."""
    detail: str
    left: int = 0
    """Of a bank below its floor stock: the vials that are left, and the floor."""
    floor: int = 0


def needs(db: Reading, wanted: Collection[str]) -> tuple[list[Need], int]:
    """What waits of the wanted sorts, the oldest of each, and how many there are in all; in one query a sort."""
    found: list[Need] = []
    count = 0
    for what, query in _sorts().items():
        if what not in wanted:
            continue
        rows = db.execute(query.add_columns(sa.func.count().over()).limit(MOST)).all()
        count += rows[0][2] if rows else 0
        found += [Need(what, name, detail or "") for name, detail, _ in rows]
    return found, count


def _sorts() -> dict[str, sa.Select[str, str | None]]:
    """By sort, in the order of the list: SELECT name, detail."""
    return {
        "outcome": sa.select(Vial.name, Thaw.reference)
        .join(Thaw, Thaw.vial_id == Vial.id)
        .where(Thaw.outcome.is_(None), Thaw.annulled_by.is_(None))
        .order_by(Thaw.removed_at),
        "missing": sa.select(Vial.name, sa.null()).where(Vial.state == IS_MISSING).order_by(Vial.name),
        "destruction": sa.select(Vial.name, Destruction.reason)
        .join(Destruction, Destruction.vial_id == Vial.id)
        .where(Destruction.confirmed_by.is_(None), Destruction.annulled_by.is_(None))
        .order_by(Destruction.id),
        "planned": _fill_lots(FillLotState.PLANNED),
        "filling": _fill_lots(FillLotState.FILLING),
        "freezing": sa.select(FreezeRun.code, sa.null())
        .where(FreezeRun.outcome == FreezeOutcome.RUNNING, FreezeRun.annulled_by.is_(None))
        .order_by(FreezeRun.started_at),
    }


def _fill_lots(state: FillLotState) -> sa.Select[str, None]:
    return (
        sa.select(FillLot.code, sa.null())
        .where(FillLot.state == state, FillLot.annulled_by.is_(None))
        .order_by(FillLot.id)
    )


def below_floor(db: Reading) -> tuple[list[Need], int]:
    """Banks of which fewer vials are left than their floor stock, and how many such banks there are. One query."""
    left = (
        sa.select(sa.func.count())
        .where(Vial.bank_id == Bank.id, Vial.state.in_((VialState.STORED, VialState.OUT)))
        .correlate(Bank)
        .scalar_subquery()
    )
    rows = db.execute(
        sa.select(Bank.code, left, Bank.floor_stock, sa.func.count().over())
        .where(
            Bank.floor_stock > 0,
            Bank.state == BankState.FROZEN,
            Bank.annulled_by.is_(None),
            left < Bank.floor_stock,
        )
        .order_by(Bank.code)
        .limit(MOST)
    ).all()
    found = [Need("low", code, "", left=here, floor=floor) for code, here, floor, _ in rows]
    return found, rows[0][3] if rows else 0
