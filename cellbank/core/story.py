"""The story of one thing: every act about it, newest first, with what each act changed."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.journal import Change, ChangeKind, Event, EventSubject
from cellbank.core.work import Reading

MOST_ACTS = 200


@dataclass(frozen=True)
class Act:
    """One event, and the values it changed: (column, before, after)."""

    event: Event
    changes: tuple[tuple[str, Any, Any], ...]


def story_of(db: Reading, subject_id: UUID, most: int = MOST_ACTS) -> list[Act]:
    """The newest acts about a thing that the actor may see, done and refused."""
    mine = _visible(db, EventSubject.organisation_id)
    about = sa.select(EventSubject.event_seq).where(EventSubject.subject_id == subject_id, mine)
    events = list(db.scalars(sa.select(Event).where(Event.seq.in_(about)).order_by(Event.seq.desc()).limit(most)))
    changes = db.execute(
        sa.select(Change.event_seq, Change.body)
        .where(
            Change.event_seq.in_([event.seq for event in events]),
            Change.row_id == subject_id,
            Change.kind == ChangeKind.UPDATE,
            _visible(db, Change.organisation_id),
        )
        .order_by(Change.seq)
    )
    changed: dict[int, list[tuple[str, Any, Any]]] = defaultdict(list)
    for seq, body in changes:
        for column, values in json.loads(body).items():
            if column != "version":
                changed[seq].append((column, values.get("old"), values.get("new")))
    return [Act(event, tuple(changed[event.seq])) for event in events]


def _visible(db: Reading, owner: Any) -> sa.ColumnElement[bool]:
    """The bank's staff see all; others what is the bank's or their own."""
    if db.actor.sees_all:
        return sa.true()
    return sa.or_(owner.is_(None), owner == db.actor.organisation_id)


def subjects_of(db: Reading, event_seq: int) -> list[UUID]:
    """The things an event is about, as far as the actor may see them."""
    mine = _visible(db, EventSubject.organisation_id)
    return list(
        db.scalars(sa.select(EventSubject.subject_id).where(EventSubject.event_seq == event_seq, mine).distinct())
    )
