"""The journal for programs: events with filters and a cursor, one event in full, the story of anything."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import request
from pydantic import BaseModel

from cellbank.core import work
from cellbank.core.actor import Actor
from cellbank.core.errors import Invalid, NotFound, NotPermitted
from cellbank.core.journal import OutcomeKind
from cellbank.domains.audit import queries
from cellbank.domains.audit.names import KINDS
from cellbank.domains.audit.queries import Filter, Row, Story
from cellbank.domains.audit.telling import refusal_of
from cellbank.domains.audit.views.asked import written
from cellbank.domains.audit.words import FOREIGN
from cellbank.toolkit.rest import Resources

resources = Resources("audit")
MOST = 200


class SubjectOut(BaseModel):
    """A thing that an event is about; ``address`` is its page."""

    kind: str
    name: str
    address: str


class ChangeOut(BaseModel):
    """One row's change: for an insert the whole row, for an update ``{"column": {"old": …, "new": …}}``."""

    table: str
    row: str
    kind: str
    values: dict[str, Any]


class EventOut(BaseModel):
    """One act: who, what, when (recorded and occurred), why, from where; done or refused."""

    number: int
    id: str
    name: str
    outcome: str
    who: str
    roles: list[str]
    recorded_at: datetime
    occurred_at: datetime | None
    occurred_precision: str
    basis: str
    document: str | None
    zone: str
    via: str
    station: str | None
    reason: str | None
    refusal: str | None
    refusal_values: dict[str, str]
    undoes: int | None
    undone_by: int | None
    subjects: list[SubjectOut]


class EventsOut(BaseModel):
    """Events, newest first; ``next_cursor`` is the ``cursor`` of the next page, null on the last."""

    events: list[EventOut]
    next_cursor: int | None


class EventInFullOut(EventOut):
    """One act with what was asked and every change that the reader may see."""

    request: dict[str, Any] | None
    changes: list[ChangeOut]
    next_change: int | None
    """``?after=`` for the next changes of a big act."""


@resources.resource("/events", permission="audit.read", returns=EventsOut)
def events(actor: Actor) -> EventsOut:
    """The trail. Filters: ``actor`` (key), ``name``, ``on`` (code or name), ``since`` and ``until`` (ISO 8601), \
``organisation`` (key), ``outcome``, ``limit`` (at most 200), ``cursor``.
    """
    with work.reading(actor) as db:
        on = request.args.get("on", "").strip()
        wanted = Filter(
            actor_id=_of("actor", UUID),
            name=request.args.get("name") or None,
            subjects=frozenset(queries.find_any(db, written(on))) if on else None,
            organisation_id=_of("organisation", UUID),
            since=_of("since", _moment),
            until=_of("until", _moment),
            outcome=_of("outcome", OutcomeKind),
        )
        return _page(queries.trail(db, wanted, before=_of("cursor", _whole), limit=_limit()))


@resources.resource("/events/<int:seq>", permission="audit.read", returns=EventInFullOut)
def event(actor: Actor, seq: int) -> EventInFullOut:
    """One act in full; ``after`` skips changes up to that number."""
    with work.reading(actor) as db:
        act = queries.act_of(db, seq, after=_of("after", _whole) or 0)
    if act is None:
        raise NotFound(what=str(seq))
    row = Row(act.event, act.known)
    subjects = [SubjectOut(kind=k, name=_name(n), address=u) for k, n, u in act.subjects]
    return EventInFullOut(
        **{**_told(row), "subjects": subjects},
        request=json.loads(act.event.request) if act.request is not None else None,
        changes=[
            ChangeOut(table=c.table_name, row=c.row_id.hex, kind=c.kind.value, values=json.loads(c.body))
            for c in act.known.changes
        ],
        next_change=act.more_after,
    )


@resources.resource("/history/<kind>/<path:code>", permission="audit.read", returns=EventsOut)
def history(actor: Actor, kind: str, code: str) -> EventsOut:
    """The story of one thing, newest first (``limit``, ``cursor``)."""
    known = KINDS.get(kind)
    if known is None:
        raise NotFound(what=code)
    if not actor.may(known.permission):
        raise NotPermitted("You may not read this.")
    with work.reading(actor) as db:
        key = work.required(queries.find(db, kind, code), code)
        return _page(queries.story_of(db, kind, key, before=_of("cursor", _whole), limit=_limit()))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) >= 2**63:  # what no database holds
        raise ValueError(text)
    return number


def _of(name: str, read: Any) -> Any:
    text = request.args.get(name, "").strip()
    try:
        return read(text) if text else None
    except ValueError as error:
        raise Invalid("{name} cannot be read: {text}", field=name, name=name, text=text) from error


def _limit() -> int:
    return max(1, min(_of("limit", _whole) or queries.FEW, MOST))


def _page(story: Story) -> EventsOut:
    told = []
    for entry, row in zip(story.entries, story.rows, strict=True):
        kinds = [kind for kind, _key in row.known.about]
        subjects = [
            SubjectOut(kind=kind, name=_name(name), address=url)
            for kind, (name, url) in zip(kinds, entry.about, strict=True)
        ]
        told.append(EventOut(**{**_told(row), "subjects": subjects}))
    return EventsOut(events=told, next_cursor=story.older)


def _name(told: Any) -> str:
    return str(told) if told is not FOREIGN else FOREIGN.id


def _told(row: Row) -> dict[str, Any]:
    event, known = row.event, row.known
    refusal = refusal_of(event, known)
    return {
        "number": event.seq,
        "id": event.id.hex,
        "name": event.name,
        "outcome": event.outcome.value,
        "who": event.actor_name,
        "roles": [role for role in event.actor_role.split(",") if role],
        "recorded_at": event.recorded_at,
        "occurred_at": event.occurred_at,
        "occurred_precision": event.occurred_precision.value,
        "basis": event.basis.value,
        "document": event.document,
        "zone": event.zone,
        "via": event.via,
        "station": event.station,
        "reason": None if known.is_shared else event.reason,
        "refusal": refusal.id if refusal else None,
        "refusal_values": {name: str(value) for name, value in refusal.values.items()} if refusal else {},
        "undoes": known.undoes,
        "undone_by": known.undone_by,
    }


__all__ = ["resources"]
