"""What waits for somebody: destructions, missing vials, exceptions, thaws without outcome, codes to be read."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from cellbank.core.work import Reading
from cellbank.domains.vials.models import Destruction, ExceptionNote, Thaw, Vial, VialState

MOST = 8

# Written into the statement, so that SQLite knows that the index of missing vials serves it.
IS_MISSING: sa.BindParameter[VialState] = sa.bindparam("missing", VialState.MISSING, literal_execute=True)


@dataclass(frozen=True)
class Need:
    """One vial that waits for something."""

    what: str
    vial: str
    detail: str


def needs(db: Reading) -> tuple[list[Need], dict[str, int]]:
    """What waits, the oldest of each sort, and how many of each sort there are; in one query a sort."""
    sorts = {
        "outcome": sa.select(Vial.name, Thaw.reference)
        .join(Thaw, Thaw.vial_id == Vial.id)
        .where(Thaw.outcome.is_(None), Thaw.annulled_by.is_(None))
        .order_by(Thaw.removed_at),
        "destruction": sa.select(Vial.name, Destruction.reason)
        .join(Destruction, Destruction.vial_id == Vial.id)
        .where(Destruction.confirmed_by.is_(None), Destruction.annulled_by.is_(None))
        .order_by(Destruction.id),
        "missing": sa.select(Vial.name, sa.null()).where(Vial.state == IS_MISSING).order_by(Vial.name),
        "exception": sa.select(Vial.name, ExceptionNote.detail)
        .join(ExceptionNote, ExceptionNote.vial_id == Vial.id)
        .where(ExceptionNote.closed_by.is_(None))
        .order_by(ExceptionNote.id),
    }
    found: list[Need] = []
    counts: dict[str, int] = {}
    for what, query in sorts.items():
        rows = db.execute(query.add_columns(sa.func.count().over()).limit(MOST)).all()
        counts[what] = rows[0][2] if rows else 0
        found += [Need(what, name, detail or "") for name, detail, _ in rows]
    return found, counts
