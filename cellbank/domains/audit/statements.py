"""The statements by which the journal is read. Making one costs more than running it, so stories keep theirs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from cellbank.core.journal import Change, ChangeKind, Event, EventSubject
from cellbank.core.model import Recorded, every_table
from cellbank.core.triggers_sqlite import subject_kind

THING: sa.BindParameter[UUID] = sa.bindparam("thing", type_=sa.Uuid())
LATEST = 2**62
"""No event has a higher number."""


def events_statement(
    *where: sa.ColumnElement[bool],
    order: Sequence[sa.ColumnElement[Any]] = (Event.seq.desc(),),
    limit: int,
) -> Any:
    """Events with the numbers of the acts that undid them and that they undo."""
    undoing, undone = aliased(Event), aliased(Event)
    found = sa.select(Event.seq).where(*where).order_by(*order).limit(limit).subquery()
    query = (
        sa.select(Event, undoing.seq, undone.seq)
        .join(found, found.c.seq == Event.seq)
        .outerjoin(undoing, undoing.undoes == Event.id)
        .outerjoin(undone, undone.id == Event.undoes)
    )
    return query.order_by(*order)


def changes_statement(*where: sa.ColumnElement[bool], most: int) -> Any:
    """Changes with how many their event made in all, and how many vials it placed; at most ``most`` of each event."""
    placed = sa.case(
        (sa.and_(Change.table_name == "placement", Change.kind == ChangeKind.INSERT), 1), else_=0
    )
    ranked = sa.select(
        Change.seq,
        sa.func.row_number().over(order_by=Change.seq, partition_by=Change.event_seq).label("place"),
        sa.func.count().over(partition_by=Change.event_seq).label("total"),
        sa.func.sum(placed).over(partition_by=Change.event_seq).label("moved"),
    ).where(*where)
    first = ranked.subquery()
    query = sa.select(Change, first.c.total, first.c.moved).join(first, first.c.seq == Change.seq)
    return query.where(first.c.place <= most).order_by(Change.seq)


@lru_cache(maxsize=256)
def story_statement(reader: UUID | None, limit: int) -> Any:
    """Events about the ``thing`` below the number ``before``; ``reader`` is a company, None the bank's staff."""
    query = sa.select(EventSubject.event_seq).distinct()
    query = query.where(
        EventSubject.subject_id == THING,
        EventSubject.event_seq < sa.bindparam("before", type_=sa.BigInteger()),
    )
    newest = query.where(_of(reader, EventSubject)).order_by(EventSubject.event_seq.desc()).limit(limit)
    return events_statement(Event.seq.in_(newest), limit=limit)


@lru_cache(maxsize=256)
def changes_of_thing(kind: str, reader: UUID | None, most: int) -> Any:
    """What the ``events`` changed about the ``thing``, at most ``most`` of each."""
    events = sa.bindparam("events", expanding=True, type_=sa.BigInteger())
    return changes_statement(Change.event_seq.in_(events), _of(reader, Change), hangs_on(kind), most=most)


def _of(reader: UUID | None, table: type[EventSubject | Change]) -> sa.ColumnElement[bool]:
    return sa.true() if reader is None else table.organisation_id == reader


def hangs_on(kind: str) -> sa.ColumnElement[bool]:
    """Which changes tell about the ``thing``: of its own row and of every row that hangs on it.

    The rows are found first: an act may have changed 100,000 of which one is about this thing.
    """
    rows: list[sa.Select[UUID]] = [sa.select(THING)]
    for model in every_table(Recorded):
        for column in model.SUBJECTS:
            if column != "id" and subject_kind(model.__mapper__.local_table, column) == kind:
                row = aliased(model)
                rows.append(sa.select(row.id).where(getattr(row, column) == THING))
    return Change.row_id.in_(sa.union_all(*rows))
