"""Reading the journal: the story of one thing, the trail of everything, one act in full."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.actor import Organisation, Principal
from cellbank.core.command import REGISTER
from cellbank.core.journal import Change, Event, EventSubject, OutcomeKind
from cellbank.core.work import Reading
from cellbank.domains.audit.names import KINDS, OWN_FILTER, Names, find, find_any
from cellbank.domains.audit.seeing import (
    in_trail,
    is_own_act,
    may_open,
    of_organisation,
    own,
    shared,
    subject_is,
)
from cellbank.domains.audit.statements import (
    LATEST,
    changes_of_thing,
    changes_statement,
    events_statement,
    story_statement,
)
from cellbank.domains.audit.telling import Known, command_of, entry_of, refusal_of, request_told
from cellbank.toolkit.html.story import Entry

FEW = 50
CHANGES_IN_TRAIL = 12
"""So many changes of an act are told in the trail; its own page tells all."""

CHANGES_IN_STORY = 24
"""At most so many changes of one act stand in a story; its own page has all, some at a time."""
CHANGES_OF_ACT = 400
SUBJECTS_IN_TRAIL = 3


@dataclass(frozen=True)
class Row:
    """An event with what the reader may know of it."""

    event: Event
    known: Known


@dataclass(frozen=True)
class Story:
    """A page of entries, newest first, and the event number the next page begins below."""

    entries: tuple[Entry, ...]
    older: int | None
    rows: tuple[Row, ...] = ()
    names: Names | None = None


@dataclass(frozen=True)
class Filter:
    """What the trail is narrowed to; None means anyone, anything, any time."""

    actor_id: UUID | None = None
    name: str | None = None
    subjects: frozenset[UUID] | None = None
    organisation_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    outcome: OutcomeKind | None = None

    @property
    def is_by_time(self) -> bool:
        """Whether the index by time is the way to the wanted events."""
        return self.since is not None or self.until is not None


# ---- the story of one thing ---------------------------------------------------------------------------------


def story_of(db: Reading, kind: str, key: UUID, *, before: int | None = None, limit: int = FEW) -> Story:
    """All events about one thing (``kind`` is its table), newest first, each with what it changed about it.

    Five statements at most. Another organisation's thing has an empty story.
    """
    reader = None if db.actor.sees_all else db.actor.organisation_id
    asked = {"thing": key, "before": before if before is not None else LATEST}
    events = db.execute(story_statement(reader, limit + 1), asked).all()
    older = events[limit - 1][0].seq if len(events) > limit else None
    numbers = [row[0].seq for row in events[:limit]]
    changes: list[Any] = []
    if numbers:
        statement = changes_of_thing(kind, reader, CHANGES_IN_STORY)
        found = db.execute(statement, {"thing": key, "events": numbers}, execution_options=OWN_FILTER)
        changes = list(found.all())
    return _story(db, events[:limit], changes=changes, subjects=[], older=older)


# ---- the trail ------------------------------------------------------------------------------------------------


def trail(db: Reading, wanted: Filter, *, before: int | None = None, limit: int = FEW) -> Story:
    """Every event that stands in the reader's trail, narrowed by ``wanted``, newest first."""
    query = [in_trail(db), *_narrowed(db, wanted)]
    if before is not None and wanted.is_by_time:
        then = sa.select(Event.recorded_at).where(Event.seq == before).scalar_subquery()
        query.append(sa.tuple_(Event.recorded_at, Event.seq) < sa.tuple_(then, sa.literal(before)))
    elif before is not None:
        query.append(Event.seq < before)
    order = (Event.recorded_at.desc(), Event.seq.desc()) if wanted.is_by_time else (Event.seq.desc(),)
    events = _events(db, *query, order=order, limit=limit + 1)
    older = events[limit - 1][0].seq if len(events) > limit else None
    return _told(db, events[:limit], older, None, about=True)


def _narrowed(db: Reading, wanted: Filter) -> list[sa.ColumnElement[bool]]:
    parts: list[sa.ColumnElement[bool]] = []
    if wanted.actor_id:
        parts.append(Event.actor_id == wanted.actor_id)
    if wanted.name:
        parts.append(Event.name == wanted.name)
    if wanted.subjects is not None:
        about = sa.select(EventSubject.event_seq).where(
            subject_is(list(wanted.subjects)), own(db, EventSubject)
        )
        parts.append(Event.seq.in_(about))
    if wanted.organisation_id:
        parts.append(of_organisation(wanted.organisation_id))
    if wanted.since:
        parts.append(Event.recorded_at >= wanted.since)
    if wanted.until:
        parts.append(Event.recorded_at < wanted.until)
    if wanted.outcome:
        parts.append(Event.outcome == wanted.outcome)
    return parts


# ---- one act ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """One event in full: its header, its entry, what it is about, and the request as it was sent."""

    event: Event
    entry: Entry
    known: Known
    subjects: tuple[tuple[str, Any, str], ...]
    """(kind, name, address) of each."""
    subjects_in_all: int
    request: list[tuple[Any, Any]] | None
    """(label, value) of what was asked; None where the reader may not read it."""
    organisation: Any
    witness: Any
    performers: tuple[Any, ...]
    more_after: int | None
    """The number of the last change shown, where there are more."""
    can_be_undone: bool


def act_of(db: Reading, seq: int, *, after: int = 0) -> Act | None:
    """One event with everything the reader may see of it; None where it does not exist for them.

    ``after``: leave out changes up to this number (the next page of a big act).
    """
    is_possible = seq < 2**63  # beyond it no database has a number, and asking is an error
    events = _events(db, Event.seq == seq, may_open(db, seq)) if is_possible else ()
    if not events:
        return None
    event = events[0][0]
    changes = _changes(db, [seq], Change.seq > after, most=CHANGES_OF_ACT)
    subjects = _subjects(db, [seq], most=CHANGES_OF_ACT)
    people = [UUID(text) for text in (event.performers or "").split()]
    others: list[tuple[str, Any]] = [("principal", key) for key in (*people, event.witness_id)]
    others.append(("organisation", event.organisation_id))
    story = _story(db, events, changes=changes, subjects=subjects, others=others)
    row, names = story.rows[0], story.names or Names()
    command = command_of(event.name)
    is_told = is_own_act(db, event)
    return Act(
        event=event,
        entry=story.entries[0],
        known=row.known,
        subjects=tuple((kind, names.told(kind, key), names.url(kind, key)) for kind, key in row.known.about),
        subjects_in_all=max((total for *_, total in subjects), default=0),
        request=request_told(json.loads(event.request), command) if is_told else None,
        organisation=names.told("organisation", event.organisation_id),
        witness=names.told("principal", event.witness_id) if event.witness_id else None,
        performers=tuple(names.told("principal", key) for key in people),
        more_after=changes[-1][0].seq if changes and changes[-1][1] > len(changes) else None,
        can_be_undone=bool(
            command and command.is_undoable and row.known.undone_by is None and _is_done(event)
        ),
    )


def _is_done(event: Event) -> bool:
    return event.outcome is OutcomeKind.DONE


# ---- what one can filter by ---------------------------------------------------------------------------------


def known_acts() -> list[tuple[str, str]]:
    """(event name, label) of every act of the register."""
    labels: dict[str, str] = {}
    for command in REGISTER.values():
        labels.setdefault(command.records, command.label)
    return sorted(labels.items())


def known_people(db: Reading) -> list[tuple[UUID, str]]:
    """Everyone whose acts the reader may filter by."""
    query = sa.select(Principal.id, Principal.name).order_by(Principal.name, Principal.id)
    if not db.actor.sees_all:
        query = query.where(Principal.organisation_id == db.actor.organisation_id)
    return [(key, name) for key, name in db.execute(query).all()]


def known_organisations(db: Reading) -> list[tuple[UUID, str]]:
    """Every organisation, for the bank's staff."""
    if not db.actor.sees_all:
        return []
    query = sa.select(Organisation.id, Organisation.short_name).order_by(Organisation.short_name)
    return [(key, name) for key, name in db.execute(query).all()]


# ---- reading rows -------------------------------------------------------------------------------------------

Events = Sequence[Any]
"""Rows of (event, number of the act that undid it, number of the act it undoes)."""


def _events(
    db: Reading,
    *where: sa.ColumnElement[bool],
    order: Sequence[sa.ColumnElement[Any]] = (Event.seq.desc(),),
    limit: int = FEW + 1,
) -> Events:
    return db.execute(events_statement(*where, order=order, limit=limit)).all()


def _changes(
    db: Reading, events: Sequence[int], which: sa.ColumnElement[bool] | None, *, most: int
) -> list[Any]:
    """Rows of (change, changes of its event in all, vials placed by its event), at most ``most`` of each event."""
    if not events:
        return []
    where = [Change.event_seq.in_(events), own(db, Change), *([] if which is None else [which])]
    return list(db.execute(changes_statement(*where, most=most), execution_options=OWN_FILTER).all())


def _subjects(db: Reading, events: Sequence[int], *, most: int) -> list[Any]:
    """Rows of (event, kind, key, subjects of the event in all), at most ``most`` of each event."""
    if not events:
        return []
    ranked = (
        sa.select(
            EventSubject.event_seq,
            EventSubject.kind,
            EventSubject.subject_id,
            sa.func.row_number()
            .over(order_by=EventSubject.seq, partition_by=EventSubject.event_seq)
            .label("place"),
            sa.func.count().over(partition_by=EventSubject.event_seq).label("total"),
        )
        .where(EventSubject.event_seq.in_(events), EventSubject.kind.in_(list(KINDS)), own(db, EventSubject))
        .subquery()
    )
    query = sa.select(ranked.c.event_seq, ranked.c.kind, ranked.c.subject_id, ranked.c.total)
    return list(
        db.execute(query.where(ranked.c.place <= most).order_by(ranked.c.event_seq, ranked.c.place)).all()
    )


@dataclass(frozen=True)
class Thing:
    """What an act was about: its name, and its page where the reader may open it."""

    name: str
    url: str


def first_things(db: Reading, events: Sequence[int]) -> dict[int, Thing]:
    """The first thing with a name that each act was about, so far as the reader may know it. Two statements."""
    about = {seq: (kind, key) for seq, kind, key, _ in _subjects(db, events, most=1)}
    names = Names.of(db, about.values())
    return {
        seq: Thing(names.names[pair], names.url(*pair))
        for seq, pair in about.items()
        if names.names.get(pair)
    }


# ---- telling ------------------------------------------------------------------------------------------------


def _told(
    db: Reading, events: Events, older: int | None, which: sa.ColumnElement[bool] | None, *, about: bool
) -> Story:
    numbers = [row[0].seq for row in events]
    changes = _changes(db, numbers, which, most=CHANGES_IN_TRAIL)
    subjects = _subjects(db, numbers, most=SUBJECTS_IN_TRAIL) if about else []
    return _story(db, events, changes=changes, subjects=subjects, older=older)


def _story(
    db: Reading,
    events: Events,
    *,
    changes: Sequence[Any],
    subjects: Sequence[Any],
    others: Sequence[tuple[str, Any]] = (),
    older: int | None = None,
) -> Story:
    is_shared = shared(db, [row[0].seq for row in events])
    of_event: dict[int, list[Any]] = defaultdict(list)
    for row in changes:
        of_event[row[0].event_seq].append(row)
    about: dict[int, list[tuple[str, UUID]]] = defaultdict(list)
    for seq, kind, key, _ in subjects:
        if (kind, key) not in about[seq]:
            about[seq].append((kind, key))
    pairs = [*others, *(pair for keys in about.values() for pair in keys)]
    names = Names.in_changes(db, [row[0] for row in changes], pairs)
    rows = []
    for event, undone_by, undoes in events:
        mine = of_event[event.seq]
        known = Known(
            changes=tuple(change for change, *_ in mine),
            total=mine[0][1] if mine else 0,
            moved=int(mine[0][2]) if mine else 0,
            is_shared=event.seq in is_shared,
            is_own=is_own_act(db, event),
            undone_by=undone_by,
            undoes=undoes,
            about=_once(about[event.seq]),
        )
        rows.append(Row(event, known))
    entries = tuple(entry_of(row.event, row.known, names) for row in rows)
    return Story(entries, older, tuple(rows), names)


def _once(about: list[tuple[str, UUID]]) -> tuple[tuple[str, UUID], ...]:
    """Each thing once: a person is also somebody that can act, under the same key."""
    return tuple(pair for pair in about if not (pair[0] == "principal" and ("person", pair[1]) in about))


__all__ = [
    "Act",
    "Filter",
    "Row",
    "Story",
    "Thing",
    "act_of",
    "find",
    "find_any",
    "first_things",
    "known_acts",
    "known_organisations",
    "known_people",
    "refusal_of",
    "story_of",
    "trail",
]
