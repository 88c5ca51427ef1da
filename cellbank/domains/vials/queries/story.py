"""What somebody did last, with what can be undone; the story of a thing is told by the audit domain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from cellbank.core.command import REGISTER, Command
from cellbank.core.journal import Event, EventSubject, OutcomeKind
from cellbank.core.work import Reading
from cellbank.domains.accounts.roles import SELF
from cellbank.domains.vials.models import Vial

AT_ONCE = timedelta(minutes=1)
"""What is written down within this time counts as written down when it happened."""


@dataclass(frozen=True)
class Act:
    """One act of the reader: when, what, where, about which vials, and whether it was or can be undone."""

    id: UUID
    seq: int
    at: datetime
    """When it happened; ``recorded_at`` says when it was written down, if that was another time."""
    precision: str
    recorded_at: datetime | None
    what: str
    station: str
    is_undone: bool
    can_be_undone: bool
    vial: str = ""
    """One of the vials it was about."""
    vials: int = 0
    """How many vials it was about."""


def last_acts(db: Reading, *, limit: int = 8) -> list[Act]:
    """What the reader did last for the bank, newest first; signing in and the like are no work."""
    own = {command.records for command in REGISTER.values() if command.permission == SELF}
    undoing = aliased(Event)
    query = (
        sa.select(Event, undoing.seq)
        .outerjoin(undoing, undoing.undoes == Event.id)
        .where(
            Event.actor_id == db.actor.principal_id, Event.outcome == OutcomeKind.DONE, Event.name.not_in(own)
        )
        .order_by(Event.seq.desc())
        .limit(limit)
    )
    rows = [(event, undone_by) for event, undone_by in db.execute(query)]
    about = _vials_of(db, [event.seq for event, _ in rows])
    kinds = {command.records: command for command in REGISTER.values()}
    return [
        _act(event, kinds.get(event.name), *about.get(event.seq, ("", 0)), is_undone=undone_by is not None)
        for event, undone_by in rows
    ]


def _act(event: Event, kind: type[Command] | None, vial: str, vials: int, *, is_undone: bool) -> Act:
    at = event.occurred_at
    return Act(
        id=event.id,
        seq=event.seq,
        at=at or event.recorded_at,
        precision="unknown" if at is None else event.occurred_precision.value,
        recorded_at=event.recorded_at if at is None or event.recorded_at - at > AT_ONCE else None,
        what=kind.label if kind is not None else event.name,
        station=event.station or "",
        is_undone=is_undone,
        can_be_undone=not is_undone and kind is not None and kind.is_undoable,
        vial=vial,
        vials=vials,
    )


def _vials_of(db: Reading, event_seqs: list[int]) -> dict[int, tuple[str, int]]:
    """The first vial that each act was about, and how many there were."""
    rows = db.execute(
        sa.select(EventSubject.event_seq, sa.func.min(Vial.name), sa.func.count(sa.distinct(Vial.id)))
        .join(Vial, Vial.id == EventSubject.subject_id)
        .where(EventSubject.event_seq.in_(event_seqs), EventSubject.kind == Vial.__tablename__)
        .group_by(EventSubject.event_seq)
    )
    return {seq: (name, count) for seq, name, count in rows}


__all__ = ["Act", "last_acts"]
