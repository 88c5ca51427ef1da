"""Finding containers, and where they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cellbank.core import ids as codes
from cellbank.core.actor import Organisation
from cellbank.core.errors import Refused
from cellbank.core.search import SearchTerm
from cellbank.core.work import Reading, required
from cellbank.domains.storage.finding import compact
from cellbank.domains.storage.models import Admission, AdmissionRule, Condition, Container, Room, Site

ARROW = " › "


def container_by_code(db: Reading, text: str) -> Container:
    """The container with this printed code (any spacing and case) or its maker's barcode.

    :raises NotFound: unknown here
    """
    try:
        wanted = Container.code == codes.parse_code(text)
    except codes.WrongCode:
        wanted = Container.barcode == text.strip()
    return required(db.scalar(sa.select(Container).where(wanted)), text)


def container_in_use(db: Reading, text: str) -> Container:
    """The container with this code, if it is in use.

    :raises NotFound: unknown here. :raises Refused: retired
    """
    container = container_by_code(db, text)
    if container.is_retired:
        raise Refused("{container} is retired.", container=container.name, about=[container])
    return container


def site_by_code(db: Reading, code: str) -> Site:
    """The site with this short code. :raises NotFound: unknown here."""
    return required(db.scalar(sa.select(Site).where(Site.code == code.strip().upper())), code)


def room_by_id(db: Reading, room_id: UUID) -> Room:
    """The room with this key. :raises NotFound: unknown here."""
    return required(db.get(Room, room_id), str(room_id))


def find_containers(db: Reading, text: str, *, under: UUID | None = None, limit: int = 20) -> list[Container]:
    """Containers whose name, code or barcode begins with ``text``; only those below ``under`` if given."""
    wanted = compact(text)
    if not wanted:
        return []
    hits = sa.select(SearchTerm.subject_id).where(
        SearchTerm.kind == Container.__tablename__,
        SearchTerm.folded >= wanted,
        SearchTerm.folded < wanted + "\U0010ffff",
    )
    query = sa.select(Container).where(Container.id.in_(hits), Container.is_retired.is_(False))
    if under is not None:
        query = query.where(Container.id.in_(sa.select(descendants(under).c.id)))
    return list(db.scalars(query.order_by(Container.name, Container.code).limit(limit)))


# ---- up and down ---


@dataclass(frozen=True)
class Step:
    """One step of a path: a site, a room or a container, and its place in the one before."""

    kind: str
    name: str
    name_fa: str | None = None
    code: str | None = None  # of a site or a container; a room has none
    place: str = ""

    def text(self, locale: str = "en") -> str:
        """Its name in the reader's language."""
        return (self.name_fa or self.name) if locale == "fa" else self.name


@dataclass(frozen=True)
class Path:
    """Where a container stands: the site, the room, and every container from the outermost to itself."""

    containers: tuple[Container, ...]
    room: Room | None = None
    site: Site | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """Site, room and containers, from outside in."""
        found = []
        if self.site is not None:
            found.append(Step("site", self.site.name, self.site.name_fa, self.site.code))
        if self.room is not None:
            found.append(Step("room", self.room.name, self.room.name_fa))
        outer: Container | None = None
        for one in self.containers:
            place = ""
            if outer is not None and one.parent_position is not None and outer.layout.has_places:
                place = outer.layout.name(one.parent_position)
            found.append(Step(one.kind.value, one.name, one.name_fa, one.code, place))
            outer = one
        return tuple(found)

    def text(self, locale: str = "en", place: str = "") -> str:
        """The path in words, with a place in the last container if one is given."""
        words = [step.text(locale) for step in self.steps]
        return ARROW.join([*words, place] if place else words)

    def __str__(self) -> str:
        return self.text()

    @property
    def condition(self) -> Condition | None:
        """How cold it is there: its own condition, or that of the nearest container around it."""
        return next((one.condition for one in reversed(self.containers) if one.condition), None)

    @property
    def max_stay_minutes(self) -> int | None:
        """How long things may stay there; the nearest limit counts."""
        return next((one.max_stay_minutes for one in reversed(self.containers) if one.max_stay_minutes), None)


Ids = Iterable[UUID] | sa.Select[Any]


def within(column: Any, wanted: Ids | None) -> Any:
    """The condition that a column is one of the wanted keys; None leaves them to the parameter ``wanted``."""
    if wanted is None:
        return column.in_(sa.bindparam("wanted", expanding=True))
    return column.in_(wanted if isinstance(wanted, sa.Select) else list(wanted))


def upward(wanted: Ids | None) -> sa.CTE:
    """Each wanted container (``start_id``), itself and all it stands in: (start_id, id, parent_id, height)."""
    first = sa.select(
        Container.id.label("start_id"), Container.id, Container.parent_id, sa.literal(0).label("height")
    ).where(within(Container.id, wanted))
    up = first.cte("upward", recursive=True)
    return up.union_all(
        sa.select(up.c.start_id, Container.id, Container.parent_id, up.c.height + 1).join(
            up, Container.id == up.c.parent_id
        )
    )


def _asked(
    db: Reading, made: Callable[[Ids | None], sa.Select[*tuple[Any, ...]]], wanted: Ids
) -> sa.Result[*tuple[Any, ...]]:
    """The rows of a statement about containers: made anew for a SELECT, kept for a list of keys."""
    if isinstance(wanted, sa.Select):
        return db.execute(made(wanted))
    return db.execute(_kept(made), {"wanted": list(wanted)})


@lru_cache(maxsize=8)
def _kept(made: Callable[[Ids | None], sa.Select[*tuple[Any, ...]]]) -> sa.Select[*tuple[Any, ...]]:
    return made(None)


def _chains(wanted: Ids | None) -> sa.Select[*tuple[Any, ...]]:
    up = upward(wanted)
    return (
        sa.select(up.c.start_id, Container, Room, Site)
        .join(Container, Container.id == up.c.id)
        .outerjoin(Room, Room.id == Container.room_id)
        .outerjoin(Site, Site.id == Room.site_id)
        .order_by(up.c.start_id, up.c.height.desc())
    )


def paths_of(db: Reading, wanted: Ids) -> dict[UUID, Path]:
    """The path of each container, in one query."""
    rows = _asked(db, _chains, wanted)
    found: dict[UUID, list[Container]] = defaultdict(list)
    whereabouts: dict[UUID, tuple[Room, Site]] = {}
    for start, container, room, site in rows:
        found[start].append(container)
        if room is not None:
            whereabouts[start] = (room, site)
    nowhere = (None, None)
    return {start: Path(tuple(chain), *whereabouts.get(start, nowhere)) for start, chain in found.items()}


def path_of(db: Reading, container_id: UUID) -> Path:
    """The path of one container."""
    return paths_of(db, [container_id])[container_id]


def _rules(wanted: Ids | None) -> sa.Select[*tuple[Any, ...]]:
    up = upward(wanted)
    return (
        sa.select(up.c.start_id, AdmissionRule, Container, Organisation)
        .join(AdmissionRule, AdmissionRule.container_id == up.c.id)
        .join(Container, Container.id == up.c.id)
        .outerjoin(Organisation, Organisation.id == AdmissionRule.owner_id)
        .where(AdmissionRule.ended_by.is_(None))
        .order_by(
            up.c.start_id, up.c.height.desc(), AdmissionRule.kind, AdmissionRule.agent, AdmissionRule.value
        )
    )


def admissions_of(db: Reading, wanted: Ids) -> dict[UUID, list[Admission]]:
    """What each container admits: its own rules and those of all it stands in; every one of them counts.

    Rows of one container, kind and agent are one rule that lists all the words it admits.
    """
    rows = _asked(db, _rules, wanted)
    found: dict[UUID, dict[Any, Admission]] = defaultdict(dict)
    for start, rule, container, owner in rows:
        key = (container.id, rule.kind, rule.agent)
        one = found[start].get(key) or Admission(container, rule.kind, rule.agent)
        found[start][key] = one.also(rule, owner)
    return {start: list(rules.values()) for start, rules in found.items()}


def descendants(container_id: UUID) -> sa.CTE:
    """Everything below a container that is in use, and itself (depth 0): (id, depth)."""
    down = (
        sa.select(Container.id, sa.literal(0).label("depth"))
        .where(Container.id == container_id)
        .cte("descendants", recursive=True)
    )
    return down.union_all(
        sa.select(Container.id, down.c.depth + 1)
        .join(down, Container.parent_id == down.c.id)
        .where(Container.is_retired.is_(False))
    )
