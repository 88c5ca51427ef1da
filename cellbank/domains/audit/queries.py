"""Reading the journal: the story of one thing, the trail of everything, one act in full."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.actor import Organisation, Principal
from cellbank.core.command import REGISTER, Command
from cellbank.core.journal import Change, ChangeKind, Event, EventSubject, OutcomeKind
from cellbank.core.model import Recorded, every_table
from cellbank.core.triggers_sqlite import subject_kind
from cellbank.core.work import Reading
from cellbank.domains.audit.telling import Names, changes_told, sentence_of
from cellbank.toolkit.html.story import Entry

FEW = 50
MOST_CHANGES = 400


@dataclass(frozen=True)
class Story:
    """A page of entries, newest first, and the event number the next page begins below."""

    entries: tuple[Entry, ...]
    older: int | None


@dataclass(frozen=True)
class Filter:
    """What the trail is narrowed to; None means anyone, anything, any time."""

    actor_id: UUID | None = None
    name: str | None = None
    subject_id: UUID | None = None
    organisation_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    outcome: OutcomeKind | None = None


def story_of(db: Reading, kind: str, key: UUID, *, before: int | None = None, limit: int = FEW) -> Story:
    """All events about one thing (``kind`` is its table), newest first, each with what it changed about it."""
    events = _page(
        db, _visible(db, sa.select(Event)).where(_about(db, [key])), before=before, limit=limit
    )
    rows = _rows_about(kind, key)
    changes = _changes(db, [e.seq for e in events[:limit]], rows)
    return _told(db, events, changes, limit)


def trail(db: Reading, wanted: Filter, *, before: int | None = None, limit: int = FEW) -> Story:
    """Every event that the reader may see, narrowed by ``wanted``, newest first."""
    query = _visible(db, sa.select(Event))
    if wanted.actor_id:
        query = query.where(Event.actor_id == wanted.actor_id)
    if wanted.name:
        query = query.where(Event.name == wanted.name)
    if wanted.subject_id:
        query = query.where(_about(db, [wanted.subject_id]))
    if wanted.organisation_id:
        query = query.where(
            sa.exists().where(
                EventSubject.event_seq == Event.seq, EventSubject.organisation_id == wanted.organisation_id
            )
        )
    if wanted.since:
        query = query.where(Event.recorded_at >= wanted.since)
    if wanted.until:
        query = query.where(Event.recorded_at < wanted.until)
    if wanted.outcome:
        query = query.where(Event.outcome == wanted.outcome)
    events = _page(db, query, before=before, limit=limit)
    return _told(db, events, [], limit)


@dataclass(frozen=True)
class Act:
    """One event in full: its header, its entry, what it is about, and the request as it was sent."""

    event: Event
    entry: Entry
    subjects: tuple[tuple[str, str, str], ...]
    """(kind, name, address) of each."""
    request: dict[str, Any]
    organisation: str
    witness: str | None
    performers: tuple[str, ...]
    more_changes: int
    undone_by: int | None


def act_of(db: Reading, seq: int) -> Act | None:
    """One event with everything the reader may see of it; None where it does not exist for them."""
    event = db.scalar(_visible(db, sa.select(Event)).where(Event.seq == seq))
    if event is None:
        return None
    changes = _changes(db, [seq], None)
    total = db.scalar(sa.select(sa.func.count()).select_from(Change).where(Change.event_seq == seq, _mine(db, Change)))
    story = _told(db, [event], changes, 1)
    subjects = db.execute(
        sa.select(EventSubject.kind, EventSubject.subject_id)
        .where(EventSubject.event_seq == seq, _mine(db, EventSubject))
        .order_by(EventSubject.seq)
        .limit(MOST_CHANGES)
    ).all()
    people = [UUID(text) for text in (event.performers or "").split()]
    names = Names.of(db, [*subjects, *(("principal", p) for p in people), ("principal", event.witness_id),
                          ("organisation", event.organisation_id)])
    undone = db.scalar(sa.select(Event.seq).where(Event.undoes == event.id))
    return Act(
        event=event,
        entry=story.entries[0],
        subjects=tuple((kind, names.name(kind, key), names.url(kind, key)) for kind, key in dict.fromkeys(subjects)),
        request=json.loads(event.request),
        organisation=names.name("organisation", event.organisation_id),
        witness=names.name("principal", event.witness_id) if event.witness_id else None,
        performers=tuple(names.name("principal", p) for p in people),
        more_changes=max(0, (total or 0) - len(changes)),
        undone_by=undone,
    )


def known_acts(db: Reading) -> list[tuple[str, str]]:
    """(event name, label) of every act of the register, for the filter."""
    labels: dict[str, str] = {}
    for command in REGISTER.values():
        labels.setdefault(command.records, command.label)
    return sorted(labels.items(), key=lambda pair: pair[0])


def known_people(db: Reading) -> list[tuple[UUID, str]]:
    """Everyone whose acts the reader may filter by."""
    query = sa.select(Principal.id, Principal.name).order_by(Principal.name)
    if not db.actor.sees_all:
        query = query.where(Principal.organisation_id == db.actor.organisation_id)
    return [(key, name) for key, name in db.execute(query).all()]


def known_organisations(db: Reading) -> list[tuple[UUID, str]]:
    """Every organisation, for the bank's staff."""
    if not db.actor.sees_all:
        return []
    return [(key, name) for key, name in db.execute(sa.select(Organisation.id, Organisation.short_name)).all()]


# ---- what may be seen ---------------------------------------------------------------------------------------


def _mine(db: Reading, table: type[EventSubject] | type[Change]) -> sa.ColumnElement[bool]:
    if db.actor.sees_all:
        return sa.true()
    return sa.or_(table.organisation_id == db.actor.organisation_id, table.organisation_id.is_(None))


def _visible(db: Reading, query: sa.Select[Any]) -> sa.Select[Any]:
    """The reader's own acts, and acts about their organisation's things; staff of the bank see all."""
    actor = db.actor
    if actor.sees_all:
        return query
    about_mine = sa.exists().where(
        EventSubject.event_seq == Event.seq, EventSubject.organisation_id == actor.organisation_id
    )
    return query.where(sa.or_(Event.organisation_id == actor.organisation_id, about_mine))


def _about(db: Reading, keys: Iterable[UUID]) -> sa.ColumnElement[bool]:
    found = sa.select(EventSubject.event_seq).where(EventSubject.subject_id.in_(list(keys)), _mine(db, EventSubject))
    return Event.seq.in_(found)


def _page(db: Reading, query: sa.Select[Any], *, before: int | None, limit: int) -> list[Event]:
    if before is not None:
        query = query.where(Event.seq < before)
    return list(db.scalars(query.order_by(Event.seq.desc()).limit(limit + 1)))


def _rows_about(kind: str, key: UUID) -> sa.CompoundSelect[Any]:
    """Keys of the thing's own row and of every recorded row that hangs on it, in one statement."""
    parts: list[sa.Select[Any]] = [sa.select(sa.literal(key, sa.Uuid()).label("id"))]
    for model in every_table(Recorded):
        table = model.__table__
        for column in model.SUBJECTS:
            if column != "id" and subject_kind(table, column) == kind:
                parts.append(sa.select(table.c.id).where(table.c[column] == key))
    return sa.union(*parts)


def _changes(db: Reading, events: Sequence[int], rows: sa.CompoundSelect[Any] | None) -> list[Change]:
    if not events:
        return []
    query = sa.select(Change).where(Change.event_seq.in_(events), _mine(db, Change)).order_by(Change.seq)
    if rows is not None:
        query = query.where(Change.row_id.in_(sa.select(rows.subquery().c.id)))
    reason = "changes are filtered by their own organisation"
    return list(db.scalars(query.limit(MOST_CHANGES), execution_options={"tenant_ok": reason}))


# ---- telling ------------------------------------------------------------------------------------------------


def _told(db: Reading, events: list[Event], changes: list[Change], limit: int) -> Story:
    older = events[limit - 1].seq if len(events) > limit else None
    events = events[:limit]
    by_event: dict[int, list[Change]] = defaultdict(list)
    for change in changes:
        by_event[change.event_seq].append(change)
    names = Names.in_changes(db, changes)
    labels = {command.records: command for command in REGISTER.values()}
    return Story(tuple(_entry(event, by_event[event.seq], names, labels) for event in events), older)


def _entry(event: Event, changes: list[Change], names: Names, labels: dict[str, type[Command]]) -> Entry:
    refused = event.outcome is OutcomeKind.REFUSED
    command = labels.get(event.name)
    return Entry(
        at=event.occurred_at or event.recorded_at,
        what=command.label if command else event.name,
        who=event.actor_name,
        role=event.actor_role,
        station=event.station or "",
        text=sentence_of(event, changes, names),
        reason=event.reason or "",
        refused=refused,
        url=f"/events/{event.seq}",
        changes=changes_told(changes, names),
    )


__all__ = ["Act", "ChangeKind", "Filter", "Story", "act_of", "known_acts", "known_people", "story_of", "trail"]
