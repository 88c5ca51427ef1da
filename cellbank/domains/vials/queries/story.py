"""What happened: the story of one thing, and somebody's last acts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from cellbank.core.command import REGISTER
from cellbank.core.errors import Message
from cellbank.core.journal import Event, EventSubject, OutcomeKind
from cellbank.core.work import Reading
from cellbank.domains.vials.models import Vial

OF_ITS_SUBJECT = {"tenant_ok": "a story is filtered by whose each subject is"}


@dataclass(frozen=True)
class Act:
    """One act: when, what, by whom, where, why; refused or done; and whether it was undone."""

    id: UUID
    at: datetime
    what: str
    who: str
    role: str
    station: str
    reason: str
    is_refused: bool
    refusal: Message | None
    is_undone: bool
    can_be_undone: bool
    vial: str = ""
    """One of the vials it was about."""
    vials: int = 0
    """How many vials it was about."""


def story_of(db: Reading, subject_id: UUID, *, limit: int = 50) -> list[Act]:
    """The acts about one thing, newest first; what was refused too."""
    mine = sa.true() if db.actor.sees_all else EventSubject.organisation_id.in_([db.actor.organisation_id])
    about = sa.select(EventSubject.event_seq).where(EventSubject.subject_id == subject_id, mine)
    return _acts(db, sa.select(Event.seq).where(Event.seq.in_(about)).order_by(Event.seq.desc()).limit(limit))


def last_acts(db: Reading, *, limit: int = 8) -> list[Act]:
    """What the reader did last, newest first."""
    mine = (Event.actor_id == db.actor.principal_id, Event.outcome == OutcomeKind.DONE)
    return _acts(db, sa.select(Event.seq).where(*mine).order_by(Event.seq.desc()).limit(limit))


def _acts(db: Reading, wanted: sa.Select[int]) -> list[Act]:
    keys = list(db.scalars(wanted, execution_options=OF_ITS_SUBJECT))
    undoing = aliased(Event)
    query = sa.select(Event, undoing.seq).outerjoin(undoing, undoing.undoes == Event.id)
    found = db.execute(query.where(Event.seq.in_(keys)).order_by(Event.seq.desc()))
    rows = cast("Iterable[tuple[Event, int | None]]", found)
    about = _vials_of(db, keys)
    kinds = {command.records: command for command in REGISTER.values()}
    acts = []
    for event, undone_by in rows:
        kind = kinds.get(event.name)
        is_refused = event.outcome is OutcomeKind.REFUSED
        acts.append(
            Act(
                id=event.id,
                at=event.recorded_at,
                what=kind.label if kind is not None else event.name,
                who=event.actor_name,
                role=event.actor_role,
                station=event.station or "",
                reason=event.reason or "",
                is_refused=is_refused,
                refusal=_said(event.refusal),
                is_undone=undone_by is not None,
                can_be_undone=not is_refused and undone_by is None and kind is not None and kind.is_undoable,
                vial=about.get(event.seq, ("", 0))[0],
                vials=about.get(event.seq, ("", 0))[1],
            )
        )
    return acts


def _vials_of(db: Reading, event_seqs: list[int]) -> dict[int, tuple[str, int]]:
    """The first vial that each act was about, and how many there were."""
    rows = db.execute(
        sa.select(EventSubject.event_seq, sa.func.min(Vial.name), sa.func.count(sa.distinct(Vial.id)))
        .join(Vial, Vial.id == EventSubject.subject_id)
        .where(EventSubject.event_seq.in_(event_seqs), EventSubject.kind == Vial.__tablename__)
        .group_by(EventSubject.event_seq)
    )
    return {seq: (name, count) for seq, name, count in rows}


def _said(refusal: str | None) -> Message | None:
    said = json.loads(refusal) if refusal else None
    return Message(said["id"], said.get("values", {})) if said else None


__all__ = ["Act", "last_acts", "story_of"]
