"""What a reader may see of the journal.

* The bank's staff see every event about a thing they may read; the whole trail needs ``audit.read_all``, without it
  the trail holds one's own acts.
* Whoever belongs to another organisation sees the acts of its people and the acts about its things, and of those only
  the changes of its own rows. An act that is also about others' things shows its header, never its free texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.actor import BANK_ID
from cellbank.core.journal import Change, Event, EventSubject, not_the_banks
from cellbank.core.work import Reading
from cellbank.domains.audit.names import KINDS

ALL = "audit.read_all"


def own(db: Reading, table: type[EventSubject | Change]) -> sa.ColumnElement[bool]:
    """Which subjects and changes the reader may see: those of their own organisation's rows; the bank's staff all."""
    return sa.true() if db.actor.sees_all else table.organisation_id == db.actor.organisation_id


def in_trail(db: Reading) -> sa.ColumnElement[bool]:
    """Which events stand in the reader's trail."""
    actor = db.actor
    if not actor.sees_all:
        return of_organisation(actor.organisation_id)
    return sa.true() if actor.may(ALL) else Event.actor_id == actor.principal_id


def of_organisation(organisation_id: UUID) -> sa.ColumnElement[bool]:
    """Events done by an organisation's people or about its things."""
    done = sa.select(Event.seq).where(Event.organisation_id == organisation_id)
    about = sa.select(EventSubject.event_seq).where(EventSubject.organisation_id == organisation_id)
    if organisation_id != BANK_ID:
        about = about.where(not_the_banks())  # the words of the partial index, so that it is used
    return Event.seq.in_(sa.union(done, about))


def may_open(db: Reading, seq: int) -> sa.ColumnElement[bool]:
    """Whether the reader may open this one act: in their trail, or about a thing whose story they may read."""
    actor = db.actor
    about = sa.select(EventSubject.seq).where(EventSubject.event_seq == seq)
    if not actor.sees_all:
        about = about.where(EventSubject.organisation_id == actor.organisation_id)
        return sa.or_(Event.organisation_id == actor.organisation_id, about.exists())
    if actor.may(ALL):
        return sa.true()
    kinds = [name for name, kind in KINDS.items() if actor.may(kind.permission)]
    return sa.or_(Event.actor_id == actor.principal_id, about.where(EventSubject.kind.in_(kinds)).exists())


def shared(db: Reading, events: Sequence[int]) -> set[int]:
    """Those of the events that are also about things which do not belong to the reader's organisation."""
    if db.actor.sees_all or not events:
        return set()
    others = (
        sa.select(EventSubject.event_seq)
        .distinct()
        .where(EventSubject.event_seq.in_(events), EventSubject.organisation_id != db.actor.organisation_id)
    )
    return set(db.scalars(others))


def is_own_act(db: Reading, event: Event) -> bool:
    """Whether the reader may read what was asked, word by word."""
    return db.actor.sees_all or event.organisation_id == db.actor.organisation_id


def subject_is(key: Any) -> sa.ColumnElement[bool]:
    """Events about one thing or any of several."""
    return (
        EventSubject.subject_id.in_(key)
        if isinstance(key, (set, list, tuple))
        else EventSubject.subject_id == key
    )


__all__ = ["ALL", "in_trail", "is_own_act", "may_open", "of_organisation", "own", "shared", "subject_is"]
