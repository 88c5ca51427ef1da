"""Undo: a new event that reverses an older one, while nothing was done since with what it changed."""

from __future__ import annotations

import json
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core import work
from cellbank.core.actor import Actor
from cellbank.core.command import REGISTER, Command
from cellbank.core.errors import Refused
from cellbank.core.journal import Change, ChangeKind, Event, OutcomeKind


def undo(
    event_id: UUID, actor: Actor, *, key: str, station: str | None = None, reason: str | None = None
) -> Event:
    """Reverse the event for ``actor``, who must be allowed to do the reverse.

    :raises NotFound: no such event, or another organisation's. :raises Refused: it cannot be undone (any more).
    """
    with work.reading(actor) as db:
        event = work.required(db.scalar(sa.select(Event).where(Event.id == event_id)), str(event_id))
        if not actor.sees_all and event.organisation_id != actor.organisation_id:
            work.required(None, str(event_id))
        repeated = db.scalar(
            sa.select(Event.id).where(
                Event.undoes == event.id, Event.key == key, Event.actor_id == actor.principal_id
            )
        )
        left = {} if repeated else _versions_left(db, event)
        db.expunge(event)
    reverse = reverse_of(event)
    if reverse is None:
        raise Refused("This cannot be undone: correct it instead")
    return work.perform(reverse, actor, key=key, undoes=event.id, seen=left, station=station, reason=reason)


def reverse_of(event: Event) -> Command | None:
    """The command that would undo an event, or None."""
    if event.outcome is not OutcomeKind.DONE:
        return None
    kind = next((c for c in REGISTER.values() if c.records == event.name and c.is_undoable), None)
    return kind.model_validate_json(event.request).inverse(event) if kind is not None else None


def _versions_left(db: Session, event: Event) -> dict[str, int]:
    """The version in which the event left each row. :raises Refused: where a row was changed since."""
    if db.scalar(sa.select(Event.id).where(Event.undoes == event.id)) is not None:
        raise Refused("This was already undone")
    changes = db.execute(
        sa.select(Change.table_name, Change.row_id, Change.kind, Change.body).where(
            Change.event_seq == event.seq
        )
    ).all()
    later = db.scalar(
        sa.select(Change.seq)
        .where(Change.row_id.in_({change.row_id for change in changes}), Change.event_seq > event.seq)
        .limit(1)
    )
    if later is not None:
        raise Refused("Something was done with it since: it cannot be undone any more")
    return {f"{change.table_name}:{change.row_id.hex}": _version_in(change) for change in changes}


def _version_in(change: sa.Row[str, UUID, ChangeKind, str]) -> int:
    version = json.loads(change.body)["version"]
    return int(version if change.kind is ChangeKind.INSERT else version["new"])
