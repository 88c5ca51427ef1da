"""Where vials are, what lies in a box, what is out, and for how long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlalchemy.orm.util import identity_key

from cellbank.core import clock
from cellbank.core.journal import Event
from cellbank.core.work import Reading
from cellbank.domains.banks.models import Bank
from cellbank.domains.storage.models import BlockedPlace, Container
from cellbank.domains.storage.queries import Path, paths_of
from cellbank.domains.vials.models import LabelCode, LabelCodeKind, Placement, Vial, VialExposure, VialState
from cellbank.domains.vials.places import place_name

OF_ANY_OWNER = {"tenant_ok": "another organisation's vial is shown as an occupied place, without its name"}


@dataclass(frozen=True)
class Cell:
    """One place of a box that is not free; of another organisation's vial only that it is there."""

    container_id: UUID
    position: int | None
    name: str
    is_mine: bool
    state: str
    vial: str = ""
    code: str = ""
    bank: str = ""
    since: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class Where:
    """A vial's home: its box, its place, and the path to the box."""

    container: Container
    position: int | None
    place: str
    path: Path
    since: datetime


@dataclass(frozen=True)
class Out:
    """A vial that is out: since when, into what, by whom, and how long its bank lets it."""

    vial: Vial
    code: str
    bank: str
    since: datetime
    seconds: int
    limit_s: int | None
    into: str
    home: str
    into_fa: str | None = None


# What each vial's page and each map asks is made once.
KEYS: sa.BindParameter[Any] = sa.bindparam("keys", expanding=True)


@lru_cache(maxsize=1)
def _in_boxes() -> sa.Select[*tuple[Any, ...]]:
    """Who is at the places of some containers."""
    return (
        sa.select(
            Placement.container_id,
            Placement.position,
            Vial.organisation_id,
            Vial.state,
            Vial.name,
            Bank.code,
            code_of_vial(),
            Event.recorded_at,
        )
        .join(Vial, Vial.id == Placement.vial_id)
        .join(Bank, Bank.id == Vial.bank_id)
        .join(Event, Event.seq == Placement.started_by)
        .where(Placement.container_id.in_(KEYS), Placement.ended_by.is_(None))
        .order_by(Placement.container_id, Placement.position)
    )


BLOCKED = sa.select(BlockedPlace.container_id, BlockedPlace.position, BlockedPlace.reason).where(
    BlockedPlace.container_id.in_(KEYS), BlockedPlace.ended_by.is_(None)
)


def cells_of(db: Reading, container_ids: Iterable[UUID]) -> list[Cell]:
    """Every taken or blocked place of these containers, in two queries; others' vials only as occupied."""
    keys = list(container_ids)
    boxes = _containers(db, keys)
    rows = db.execute(_in_boxes(), {"keys": keys}, execution_options=OF_ANY_OWNER)
    cells = []
    for container_id, position, owner, state, vial, bank, code, since in rows:
        name = place_name(boxes[container_id], position)
        if db.actor.sees_all or owner == db.actor.organisation_id:
            seen = (state.value, vial, code or "", bank, since)
            cells.append(Cell(container_id, position, name, True, *seen))
        else:
            cells.append(Cell(container_id, position, name, False, "occupied"))
    for container_id, position, reason in db.execute(BLOCKED, {"keys": keys}):
        name = place_name(boxes[container_id], position)
        cells.append(Cell(container_id, position, name, True, "blocked", reason=reason))
    return cells


def _containers(db: Reading, keys: list[UUID]) -> dict[UUID, Container]:
    """These containers; those that the session holds already are not asked for again."""
    held = [db.identity_map.get(identity_key(Container, key)) for key in keys]
    found = {one.id: one for one in held if isinstance(one, Container)}
    missing = [key for key in keys if key not in found]
    if missing:
        found |= {one.id: one for one in db.scalars(sa.select(Container).where(Container.id.in_(missing)))}
    return found


def code_of_vial() -> sa.ScalarSelect[str]:
    """The vial's newest label that is not void."""
    return (
        sa.select(LabelCode.code)
        .where(LabelCode.vial_id == Vial.id, LabelCode.voided_by.is_(None))
        .order_by(LabelCode.kind != LabelCodeKind.OWN, LabelCode.id.desc())
        .limit(1)
        .correlate(Vial)
        .scalar_subquery()
    )


def codes_of(db: Reading, vial_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The newest label of each vial that is not void."""
    rows = db.execute(_codes(), {"keys": list(vial_ids)})
    return {key: code for key, code in rows if code}


@lru_cache(maxsize=1)
def _codes() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(Vial.id, code_of_vial()).where(Vial.id.in_(KEYS))


HOMES = (
    sa.select(Placement.vial_id, Placement.position, Container, Event.recorded_at)
    .join(Container, Container.id == Placement.container_id)
    .join(Event, Event.seq == Placement.started_by)
    .where(Placement.vial_id.in_(KEYS), Placement.ended_by.is_(None))
)


def where_is(db: Reading, vial_ids: Iterable[UUID]) -> dict[UUID, Where]:
    """The home of each vial that has one, with the path to it, in two queries."""
    rows = db.execute(HOMES, {"keys": list(vial_ids)}).all()
    paths = paths_of(db, {row.Container.id for row in rows}) if rows else {}
    return {
        vial_id: Where(box, position, place_name(box, position), paths[box.id], since)
        for vial_id, position, box, since in rows
    }


def out_now(db: Reading, *, limit: int = 100) -> list[Out]:
    """What is out of the cold now, longest first."""
    into, home = aliased(Container), aliased(Container)
    query = (
        sa.select(Vial, Bank.code, Bank.exposure_limit_s, code_of_vial(), into, home, Placement.position)
        .join(Bank, Bank.id == Vial.bank_id)
        .outerjoin(into, into.id == Vial.out_container_id)
        .outerjoin(Placement, sa.and_(Placement.vial_id == Vial.id, Placement.ended_by.is_(None)))
        .outerjoin(home, home.id == Placement.container_id)
        .where(
            Vial.state == VialState.OUT,
            Vial.id.in_(sa.select(VialExposure.vial_id).where(VialExposure.ended_at.is_(None))),
        )
        .order_by(Vial.out_at)
        .limit(limit)
    )
    now = clock.now()
    return [
        Out(
            vial=vial,
            code=code or vial.name,
            bank=bank,
            since=vial.out_at or now,
            seconds=int((now - (vial.out_at or now)).total_seconds()),
            limit_s=limit_s,
            into=vessel.name if vessel is not None else "",
            into_fa=vessel.name_fa if vessel is not None else None,
            home=f"{box.name} {place_name(box, position)}".strip() if box is not None else "",
        )
        for vial, bank, limit_s, code, vessel, box, position in cast(
            "Iterable[tuple[Any, ...]]", db.execute(query)
        )
    ]


EXPOSURES = sa.select(VialExposure.vial_id, VialExposure.started_at, VialExposure.ended_at).where(
    VialExposure.vial_id.in_(KEYS), VialExposure.annulled_by.is_(None)
)


def exposure_seconds(db: Reading, vial_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How long each vial was recorded out of the cold in its life, in seconds; what runs counts until now."""
    rows = db.execute(EXPOSURES, {"keys": list(vial_ids)})
    now = clock.now()
    sums: dict[UUID, float] = {}
    for vial_id, start, end in rows:
        sums[vial_id] = sums.get(vial_id, 0.0) + ((end or now) - start).total_seconds()
    return {vial_id: int(seconds) for vial_id, seconds in sums.items()}


def counts_by_state(db: Reading, bank_ids: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    """How many vials of each bank are in each state; what is gone by how it went."""
    rows = db.execute(
        sa.select(Vial.bank_id, Vial.state, Vial.disposition, sa.func.count())
        .where(Vial.bank_id.in_(list(bank_ids)))
        .group_by(Vial.bank_id, Vial.state, Vial.disposition)
    )
    counts: dict[UUID, dict[str, int]] = {}
    for bank_id, state, disposition, count in rows:
        counts.setdefault(bank_id, {})[(disposition or state).value] = count
    return counts
