"""Which place each vial gets, what stands in the way, and the one way in which places change hands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.errors import Refused, Subject
from cellbank.core.journal import Event
from cellbank.core.work import Writing
from cellbank.domains.storage.models import Arrangement, BlockedPlace, Container, ContainerKind
from cellbank.domains.vials.models import Placement, Vial
from cellbank.domains.vials.places import place_name, position_named

OF_ANY_OWNER = {"tenant_ok": "a place is taken whoever's vial is in it; who may know is decided here"}
UNKNOWN_PLACE = "?"
HOLDS_NO_VIALS = frozenset({ContainerKind.FREEZER, ContainerKind.TANK, ContainerKind.RACK})

# The statements of each move, made once: who is at the places of some boxes; what else closes them; where vials stay.
_KEYS: sa.BindParameter[Any] = sa.bindparam("keys", expanding=True)
_VIALS: sa.BindParameter[Any] = sa.bindparam("vials", expanding=True)
TAKEN = (
    sa.select(
        Placement.container_id,
        Placement.position,
        Placement.vial_id,
        Vial.name,
        Vial.organisation_id,
        Event.recorded_at,
        Event.actor_name,
    )
    .join(Vial, Vial.id == Placement.vial_id)
    .join(Event, Event.seq == Placement.started_by)
    .where(Placement.container_id.in_(_KEYS), Placement.ended_by.is_(None))
)
CLOSED: sa.CompoundSelect[Any] = sa.union_all(
    sa.select(
        BlockedPlace.container_id, BlockedPlace.position, BlockedPlace.reason, sa.literal("blocked")
    ).where(BlockedPlace.container_id.in_(_KEYS), BlockedPlace.ended_by.is_(None)),
    sa.select(Container.parent_id, Container.parent_position, Container.name, sa.literal("container")).where(
        Container.parent_id.in_(_KEYS),
        Container.parent_position.is_not(None),
        Container.is_retired.is_(False),
    ),
)
STAYS = sa.select(Placement).where(Placement.vial_id.in_(_VIALS), Placement.ended_by.is_(None))
LEAVE = (
    sa.update(Placement)
    .where(Placement.vial_id.in_(_VIALS), Placement.ended_by.is_(None))
    .values(ended_by=sa.bindparam("event"), version=Placement.version + 1)
)


@dataclass(frozen=True)
class Target:
    """A vial and the place it is to get; position None in a counted lot, or where the place is not known."""

    vial: Vial
    container: Container
    position: int | None


@dataclass(frozen=True)
class Occupant:
    """Who stays at a place, since when, and who put it there."""

    vial_id: UUID
    vial: str
    organisation_id: UUID
    since: datetime
    who: str


@dataclass
class Taken:
    """What is not free in the containers looked at."""

    by_vial: dict[tuple[UUID, int | None], Occupant] = field(default_factory=dict)
    blocked: dict[tuple[UUID, int], str] = field(default_factory=dict)
    by_container: dict[tuple[UUID, int], str] = field(default_factory=dict)
    in_lot: dict[UUID, int] = field(default_factory=dict)

    def is_free(self, container_id: UUID, position: int) -> bool:
        """Whether nothing stands in the way there."""
        at = (container_id, position)
        return at not in self.by_vial and at not in self.blocked and at not in self.by_container


def choose_places(db: Writing, wanted: Sequence[tuple[Vial, Container, str]]) -> list[Target]:
    """A place for each vial: the one named, or the next free one in the container's fill order.

    The places that these vials hold now count as free, so that vials may swap. :raises Refused:
    """
    boxes = {container.id: container for _, container, _ in wanted}
    for container in boxes.values():
        refuse_unless_it_takes_vials(container)
    taken = what_is_taken(db, boxes, leaving={vial.id for vial, _, _ in wanted})
    targets: list[Target] = []
    meant: set[tuple[UUID, int]] = set()
    # Named places first: "next free" must not take what another vial of this act is meant for.
    for vial, container, place in sorted(wanted, key=lambda one: not one[2]):
        position = _position(container, place, taken, meant)
        if position is not None:
            if (container.id, position) in meant:
                raise Refused(
                    "Two vials are meant for place {slot} of {box}",
                    slot=place_name(container, position),
                    box=container.name,
                )
            _refuse_if_taken(db, vial, container, position, taken)
            meant.add((container.id, position))
        else:
            _count_into_lot(container, taken)
        targets.append(Target(vial, container, position))
    return targets


def refuse_unless_it_takes_vials(container: Container) -> None:
    """A retired container takes nothing, a freezer or a rack takes boxes."""
    if container.is_retired:
        raise Refused("{box} is retired: nothing can be put into it", box=container.name)
    if container.kind in HOLDS_NO_VIALS:
        raise Refused("{box} holds boxes, not vials: scan a box in it", box=container.name)


def what_is_taken(db: Writing, container_ids: Iterable[UUID], *, leaving: set[UUID]) -> Taken:
    """The places that are not free in these containers, but for the vials that are leaving."""
    keys = list(container_ids)
    taken = Taken()
    rows = db.execute(TAKEN, {"keys": keys}, execution_options=OF_ANY_OWNER)
    for container_id, position, vial_id, name, owner, since, who in rows:
        if vial_id in leaving:
            continue
        if position is None:
            taken.in_lot[container_id] = taken.in_lot.get(container_id, 0) + 1
        else:
            taken.by_vial[container_id, position] = Occupant(vial_id, name, owner, since, who)
    for at, place, text, what in db.execute(CLOSED, {"keys": keys}):
        (taken.blocked if what == "blocked" else taken.by_container)[at, place] = text
    return taken


def _position(container: Container, place: str, taken: Taken, meant: set[tuple[UUID, int]]) -> int | None:
    if container.arrangement in (Arrangement.LOT, Arrangement.NONE) or place == UNKNOWN_PLACE:
        return None
    if place:
        position = position_named(container, place)
        if position is None:
            raise Refused("{box} has no place {slot}", box=container.name, slot=place)
        return position
    free = (
        position
        for position in container.layout.in_fill_order
        if (container.id, position) not in meant and taken.is_free(container.id, position)
    )
    found = next(free, None)
    if found is None:
        raise Refused("{box} is full: no free place is left", box=container.name)
    return found


def _refuse_if_taken(db: Writing, vial: Vial, container: Container, position: int, taken: Taken) -> None:
    slot, at = place_name(container, position), (container.id, position)
    if at in taken.blocked:
        raise Refused(
            "Place {slot} of {box} is blocked: {reason}",
            slot=slot,
            box=container.name,
            reason=taken.blocked[at],
            about=[vial],
        )
    if at in taken.by_container:
        raise Refused(
            "Place {slot} of {box} is taken by {container}",
            slot=slot,
            box=container.name,
            container=taken.by_container[at],
            about=[vial],
        )
    there = taken.by_vial.get(at)
    if there is None:
        return
    if not db.actor.sees_all and there.organisation_id != db.actor.organisation_id:
        raise Refused("Place {slot} of {box} is taken", slot=slot, box=container.name, about=[vial])
    raise Refused(
        "Place {slot} of {box} is taken by {vial} since {when} ({who})",
        slot=slot,
        box=container.name,
        vial=there.vial,
        when=there.since,
        who=there.who,
        about=[vial, Subject("vial", there.vial_id, there.organisation_id)],
    )


def _count_into_lot(container: Container, taken: Taken) -> None:
    """A counted lot takes as many as its capacity says."""
    inside = taken.in_lot.get(container.id, 0)
    if (
        container.arrangement is Arrangement.LOT
        and container.capacity is not None
        and inside >= container.capacity
    ):
        raise Refused("{box} is full: no free place is left", box=container.name)
    taken.in_lot[container.id] = inside + 1


def leave_places(db: Writing, vial_ids: Iterable[UUID]) -> None:
    """End the open stays of these vials, in one statement."""
    found = {"vials": list(vial_ids), "event": db.event_seq}
    db.execute(LEAVE, found, execution_options={"synchronize_session": False})


def take_places(db: Writing, targets: Sequence[Target]) -> None:
    """Give each vial its place: first all old stays end, then the new ones begin, so that vials may swap."""
    leave_places(db, [target.vial.id for target in targets])
    db.add_all(
        Placement(
            organisation_id=target.vial.organisation_id,
            vial_id=target.vial.id,
            container_id=target.container.id,
            position=target.position,
            started_by=db.event_seq,
        )
        for target in targets
    )
    db.flush()


def open_placements(db: Writing, vial_ids: Iterable[UUID]) -> dict[UUID, Placement]:
    """The stay of each vial that has one."""
    rows = db.scalars(STAYS, {"vials": list(vial_ids)}, execution_options={"populate_existing": True})
    return {row.vial_id: row for row in rows}
