"""Recorded exposure: when each vial was out of its cold, alone or because its box or rack was lifted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from cellbank.core import clock
from cellbank.core.journal import Event
from cellbank.domains.storage.models import Container, ContainerExposure
from cellbank.domains.vials.models import (
    ExceptionKind,
    ExceptionNote,
    Hold,
    HoldKind,
    Placement,
    VialExposure,
)
from cellbank.domains.vials.verdicts.ancestry import OF_ANY_OWNER
from cellbank.domains.vials.verdicts.known import Lifted


def lifts_of(db: Session, vials: Collection[UUID]) -> dict[UUID, tuple[Lifted, ...]]:
    """Every time out of the cold of each vial, earliest first; what runs counts until now.

    A rack's lift is a vial's for as long as the vial was placed in it. Containers are taken to have stood where
    they stand now.
    """
    now = clock.now()
    found: dict[UUID, list[Lifted]] = defaultdict(list)
    own = sa.select(VialExposure.vial_id, VialExposure.started_at, VialExposure.ended_at).where(
        VialExposure.vial_id.in_(list(vials)), VialExposure.annulled_by.is_(None)
    )
    for vial, start, end in db.execute(own, execution_options=OF_ANY_OWNER):
        found[vial].append(Lifted(start, _seconds(start, end or now), is_own=True))
    for vial, start, end, since, until in db.execute(_with_containers(vials), execution_options=OF_ANY_OWNER):
        ended = end or now
        begins, ends = max(start, since), min(ended, until or ended)
        if begins < ends:
            found[vial].append(Lifted(begins, _seconds(begins, ends), is_own=False))
    return {vial: tuple(sorted(lifts, key=lambda lift: lift.started_at)) for vial, lifts in found.items()}


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, int((end - start).total_seconds()))


def _with_containers(vials: Collection[UUID]) -> sa.Select[Any]:
    """Lifts of the containers that vials were placed in, each with the stay's beginning and end."""
    begun, ended = aliased(Event), aliased(Event)
    stays = (
        sa.select(
            Placement.vial_id.label("vial"),
            Placement.container_id.label("container"),
            sa.func.coalesce(begun.occurred_at, begun.recorded_at).label("since"),
            sa.func.coalesce(ended.occurred_at, ended.recorded_at).label("until"),
        )
        .join(begun, begun.seq == Placement.started_by)
        .outerjoin(ended, ended.seq == Placement.ended_by)
        .where(Placement.vial_id.in_(list(vials)), Placement.annulled_by.is_(None))
        .cte("stay", recursive=True)
    )
    stays = stays.union(
        sa.select(stays.c.vial, Container.parent_id, stays.c.since, stays.c.until)
        .join(Container, Container.id == stays.c.container)
        .where(Container.parent_id.is_not(None))
    )
    lift = ContainerExposure
    return (
        sa.select(stays.c.vial, lift.started_at, lift.ended_at, stays.c.since, stays.c.until)
        .join(lift, lift.container_id == stays.c.container)
        .where(
            sa.or_(lift.ended_at.is_(None), lift.ended_at > stays.c.since),
            sa.or_(stays.c.until.is_(None), lift.started_at < stays.c.until),
        )
    )


def judged_until(db: Session, vials: Collection[UUID]) -> dict[UUID, datetime]:
    """Until when quality has judged each vial's exposure: by ending its exception or lifting its return's hold."""
    notes = sa.select(ExceptionNote.vial_id, ExceptionNote.about_event.label("about")).where(
        ExceptionNote.vial_id.in_(list(vials)),
        ExceptionNote.kind == ExceptionKind.EXPOSURE_LIMIT,
        ExceptionNote.closed_by.is_not(None),
    )
    holds = sa.select(Hold.vial_id, Hold.opened_by).where(
        Hold.vial_id.in_(list(vials)), Hold.kind == HoldKind.RETURNED, Hold.closed_by.is_not(None)
    )
    judged = sa.union_all(notes, holds).subquery()
    rows = db.execute(
        sa.select(judged.c.vial_id, sa.func.max(Event.recorded_at))
        .join(Event, Event.seq == judged.c.about)
        .group_by(judged.c.vial_id),
        execution_options=OF_ANY_OWNER,
    )
    return {row[0]: row[1] for row in rows}
