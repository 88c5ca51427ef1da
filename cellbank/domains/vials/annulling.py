"""Taking back what one event wrote, row by row, from what the journal says it wrote."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core.errors import Refused
from cellbank.core.journal import Change, ChangeKind, Event
from cellbank.core.model import Annullable, Moment, Recorded, every_table
from cellbank.core.work import Writing
from cellbank.domains.vials.models import (
    ExceptionNote,
    LabelCode,
    Placement,
    RelocationTask,
    Reservation,
    Vial,
    VialExposure,
)

DOMAINS = ("donors", "lines", "banks", "vials")
"""Whose rows can be annulled: what is recorded of cells. Accounts, places and decisions have acts of their own."""

KEPT = (ExceptionNote.__tablename__,)
"""Rows that stay as they are: what was noted for quality is for quality to end."""


@dataclass(frozen=True)
class Written:
    """One row that an event wrote: all of a new one, or the columns that it changed, old and new."""

    model: type[Any]
    row_id: UUID
    is_new: bool
    body: dict[str, Any]


def written_by(db: Session, event: Event) -> list[Written]:
    """What an event wrote.

    :raises Refused: where a row is not about cells
    """
    models = {model.__tablename__: model for model in every_table(Recorded)}
    changes = db.execute(
        sa.select(Change.table_name, Change.row_id, Change.kind, Change.body)
        .where(Change.event_seq == event.seq)
        .order_by(Change.seq)
    )
    found = []
    for table, row_id, kind, body in changes:
        model = models[table]
        if model.__module__.split(".")[2] not in DOMAINS:
            raise Refused("This act is not annulled here: it changed more than the records of cells")
        found.append(Written(model, row_id, kind is ChangeKind.INSERT, json.loads(body)))
    return found


def take_back(db: Writing, event: Event) -> list[Any]:
    """Annul the rows that the event made and restore those that it changed; answers all of these rows.

    :raises Refused: where a row was changed again since, or is of a kind that is ended, not annulled
    """
    written = [one for one in written_by(db, event) if one.model.__tablename__ not in KEPT]
    if not written:
        raise Refused("This act changed nothing that could be annulled")
    rows = {one.row_id: db.get(one.model, one.row_id, populate_existing=True) for one in written}
    if any(row is None for row in rows.values()):
        raise Refused("This act is also about another organisation's cells: only the bank can annul it")
    for one in written:
        if one.is_new:
            _annul(db, rows[one.row_id])
    db.flush()
    for one in reversed(written):
        if not one.is_new:
            _restore(rows[one.row_id], one.body)
    db.flush()
    return [rows[one.row_id] for one in written]


def _annul(db: Writing, row: Any) -> None:
    if isinstance(row, Vial):
        raise Refused(
            "{vial} was made by this act: say of it that it was not filled", vial=row.name, about=[row]
        )
    if isinstance(row, Annullable):
        row.annulled_by = row.annulled_by or db.event_seq
    if isinstance(row, Placement | Reservation):
        row.ended_by = row.ended_by or db.event_seq
    elif isinstance(row, VialExposure):
        row.ended_at = row.ended_at or db.recorded_at
    elif isinstance(row, RelocationTask):
        row.closed_by = row.closed_by or db.event_seq
    elif isinstance(row, LabelCode):
        row.voided_by, row.void_reason = row.voided_by or db.event_seq, row.void_reason or db.event.reason
    elif not isinstance(row, Annullable):
        raise Refused("This act made something that is ended, not annulled", about=[row])


def _restore(row: Any, body: dict[str, Any]) -> None:
    for name, before, after in _columns(type(row), body):
        if getattr(row, name) != after:
            raise Refused(
                "Something was done with it since: annul the later act first, or correct the record",
                about=[row],
            )
        setattr(row, name, before)


def _columns(model: type[Any], body: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """The columns of an update as (name, before, after), in the types of the model."""
    types = {column.key: column.columns[0].type for column in sa.inspect(model).column_attrs}
    for name, values in body.items():
        if name != "version":
            kind = datetime if isinstance(types[name], Moment) else types[name].python_type
            yield name, _typed(kind, values["old"]), _typed(kind, values["new"])


def _typed(kind: type[Any], value: Any) -> Any:
    """A value of the journal's canonical text as the model has it."""
    if value is None:
        return None
    if issubclass(kind, UUID):
        return UUID(value)
    if issubclass(kind, datetime):
        return datetime.fromisoformat(value)
    if issubclass(kind, date):
        return date.fromisoformat(value)
    return kind(value) if issubclass(kind, enum.Enum) else value
