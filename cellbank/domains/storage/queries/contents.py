"""What is in containers, how full they are, and where there is room."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.errors import Message
from cellbank.core.work import Reading
from cellbank.domains.storage import occupants
from cellbank.domains.storage.models import (
    HOLDS_VIALS,
    BlockedPlace,
    Container,
    ContainerKind,
    Inside,
    Room,
    Site,
)
from cellbank.domains.storage.queries.paths import Ids, Path, descendants, paths_of, upward, within


def insides_of(db: Reading, wanted: Ids, *, without: UUID | None = None) -> dict[UUID, Inside]:
    """What is in each container now, and what it stands in; ``without`` leaves out the one that moves."""
    taken: dict[UUID, dict[int, str | Message]] = defaultdict(dict)
    count: dict[UUID, int] = defaultdict(int)
    inner = sa.select(Container.parent_id, Container.parent_position, Container.name).where(
        within(Container.parent_id, wanted), Container.is_retired.is_(False)
    )
    inner = inner if without is None else inner.where(Container.id != without)
    for parent, position, name in db.execute(inner):
        if parent is None:
            continue
        count[parent] += 1
        if position is not None:
            taken[parent][position] = name
    for kind in occupants.kinds().values():
        rows = kind.select().subquery()
        query = sa.select(rows.c[0], rows.c[1]).where(within(rows.c[0], wanted))
        for parent, position in db.execute(query, execution_options=occupants.COUNTED):
            count[parent] += 1
            if position is not None:
                taken[parent][position] = kind.noun
    blocked: dict[UUID, dict[int, str]] = defaultdict(dict)
    for row in blocked_places(db, wanted):
        blocked[row.container_id][row.position] = row.reason
    around: dict[UUID, set[UUID]] = defaultdict(set)
    up = upward(wanted)
    for start, one in db.execute(sa.select(up.c.start_id, up.c.id)):
        around[start].add(one)
    return {
        start: Inside(taken[start], blocked[start], count[start], frozenset(chain))
        for start, chain in around.items()
    }


def inside_of(db: Reading, container: Container, *, without: UUID | None = None) -> Inside:
    """What is in one container now."""
    return insides_of(db, [container.id], without=without)[container.id]


def blocked_places(db: Reading, wanted: Ids) -> list[BlockedPlace]:
    """The places of these containers that are blocked now."""
    query = sa.select(BlockedPlace).where(
        within(BlockedPlace.container_id, wanted), BlockedPlace.ended_by.is_(None)
    )
    return list(db.scalars(query.order_by(BlockedPlace.container_id, BlockedPlace.position)))


def free_places(db: Reading, container: Container) -> list[int]:
    """The places of a container that are free, in fill order."""
    return container.layout.free(inside_of(db, container).closed)


# ---- levels ---


@dataclass
class Node:
    """One container of a tree, with what is in it."""

    container: Container
    inner: list[Node]
    count: int = 0  # vials and the like directly in it
    blocked: int = 0
    used: int = 0  # vials in it and below
    total: int = 0  # places for vials in it and below, without the blocked ones

    @property
    def free(self) -> int:
        """Places for vials that are free, in it and below."""
        return max(self.total - self.used, 0)

    @property
    def at(self) -> dict[int, Node]:
        """The containers in it by their place."""
        return {n.container.parent_position: n for n in self.inner if n.container.parent_position is not None}


def tree(db: Reading, container_id: UUID) -> Node:
    """A container with all that stands in it, its vials counted, in one query."""
    down = descendants(container_id)
    here = occupants.occupied()
    count = sa.select(sa.func.count()).where(here.c.container_id == down.c.id).scalar_subquery()
    blocked = (
        sa.select(sa.func.count())
        .where(BlockedPlace.container_id == down.c.id, BlockedPlace.ended_by.is_(None))
        .scalar_subquery()
    )
    rows = db.execute(
        sa.select(Container, count, blocked)
        .join(down, Container.id == down.c.id)
        .order_by(down.c.depth, Container.parent_position, Container.name),
        execution_options=occupants.COUNTED,
    )
    nodes: dict[UUID, Node] = {}
    for container, vials, closed in rows:
        node = nodes[container.id] = Node(container, [], vials, closed, vials)
        if container.kind in HOLDS_VIALS:
            node.total = max((container.capacity or 0) - closed, 0)
        if container.parent_id in nodes and container.id != container_id:
            nodes[container.parent_id].inner.append(node)
    for node in reversed(nodes.values()):
        node.used += sum(inner.used for inner in node.inner)
        node.total += sum(inner.total for inner in node.inner)
    return nodes[container_id]


@dataclass(frozen=True)
class Level:
    """How full something that stands in no container is: vials and places for vials, in it and below."""

    container: Container
    used: int
    total: int


def levels(db: Reading) -> list[Level]:
    """Every container that stands in no other, with its level, in one query."""
    first = sa.select(Container.id.label("top_id"), Container.id, Container.kind, Container.capacity).where(
        Container.parent_id.is_(None), Container.is_retired.is_(False)
    )
    down = first.cte("below", recursive=True)
    down = down.union_all(
        sa.select(down.c.top_id, Container.id, Container.kind, Container.capacity)
        .join(down, Container.parent_id == down.c.id)
        .where(Container.is_retired.is_(False))
    )
    here = occupants.occupied()
    counted = (
        sa.select(here.c.container_id, sa.func.count().label("n")).group_by(here.c.container_id).subquery()
    )
    shut = (
        sa.select(BlockedPlace.container_id, sa.func.count().label("n"))
        .where(BlockedPlace.ended_by.is_(None))
        .group_by(BlockedPlace.container_id)
        .subquery()
    )
    places = sa.case(
        (down.c.kind.in_(HOLDS_VIALS), sa.func.coalesce(down.c.capacity, 0) - sa.func.coalesce(shut.c.n, 0)),
        else_=0,
    )
    sums = (
        sa.select(
            down.c.top_id,
            sa.func.coalesce(sa.func.sum(counted.c.n), 0).label("used"),
            sa.func.sum(places).label("total"),
        )
        .outerjoin(counted, counted.c.container_id == down.c.id)
        .outerjoin(shut, shut.c.container_id == down.c.id)
        .group_by(down.c.top_id)
        .subquery()
    )
    rows = db.execute(
        sa.select(Container, sums.c.used, sums.c.total)
        .join(sums, sums.c.top_id == Container.id)
        .order_by(Container.name, Container.code),
        execution_options=occupants.COUNTED,
    )
    return [Level(container, int(used), int(total)) for container, used, total in rows]


def sites_and_rooms(db: Reading) -> list[tuple[Site, list[Room]]]:
    """The sites in use with their rooms in use, by name."""
    rooms: dict[UUID, list[Room]] = defaultdict(list)
    for room in db.scalars(sa.select(Room).where(Room.is_retired.is_(False)).order_by(Room.name)):
        rooms[room.site_id].append(room)
    sites = db.scalars(sa.select(Site).where(Site.is_retired.is_(False)).order_by(Site.name))
    return [(site, rooms[site.id]) for site in sites]


# ---- free room ---


@dataclass(frozen=True)
class FreeRun:
    """Free places in one run of one container."""

    container: Container
    places: list[int]
    path: Path

    @property
    def names(self) -> list[str]:
        """The printed names of the places, in fill order."""
        return [self.container.layout.name(place) for place in self.places]


def free_together(db: Reading, count: int, *, under: UUID | None = None, limit: int = 12) -> list[FreeRun]:
    """Boxes with ``count`` free places in one run, those that fill up best first."""
    query = sa.select(Container).where(
        Container.kind.in_([ContainerKind.BOX, ContainerKind.CANE]),
        Container.is_retired.is_(False),
        Container.capacity >= count,
    )
    if under is not None:
        query = query.where(Container.id.in_(sa.select(descendants(under).c.id)))
    boxes = list(db.scalars(query))
    closed = _closed_places(db, sa.select(query.subquery().c.id))
    found: list[tuple[int, Container, list[int]]] = []
    for box in boxes:
        run = box.layout.together(closed[box.id], count)
        if run is not None:
            found.append((len(box.layout.places) - len(closed[box.id]), box, run))
    found.sort(key=lambda one: (one[0], one[1].name, one[1].code))
    best = found[:limit]
    paths = paths_of(db, [box.id for _, box, _ in best])
    return [FreeRun(box, run, paths[box.id]) for _, box, run in best]


def _closed_places(db: Reading, wanted: sa.Select[Any]) -> dict[UUID, set[int]]:
    """The places of each container that are taken or blocked, in one query."""
    here = occupants.occupied()
    inner = sa.select(Container.parent_id, Container.parent_position).where(
        Container.parent_id.in_(wanted), Container.is_retired.is_(False)
    )
    shut = sa.select(BlockedPlace.container_id, BlockedPlace.position).where(
        BlockedPlace.container_id.in_(wanted), BlockedPlace.ended_by.is_(None)
    )
    vials = sa.select(here.c.container_id, here.c.position).where(here.c.container_id.in_(wanted))
    closed: dict[UUID, set[int]] = defaultdict(set)
    for container_id, position in db.execute(
        sa.union_all(vials, inner, shut), execution_options=occupants.COUNTED
    ):
        if position is not None:
            closed[container_id].add(position)
    return closed
