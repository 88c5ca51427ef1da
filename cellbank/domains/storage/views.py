"""Pages of the places: sites, freezers, racks and boxes, and the forms that change them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from pydantic import BaseModel

from cellbank.core import clock
from cellbank.core.actor import Actor
from cellbank.core.errors import Message, NotFound
from cellbank.core.work import Reading, reading
from cellbank.domains.audit import queries as audit
from cellbank.domains.storage import drawing, forms, queries
from cellbank.domains.storage.addresses import container_url, pages, vial_url
from cellbank.domains.storage.models import (
    HOLDS_VIALS,
    Admission,
    Container,
    ContainerKind,
)
from cellbank.domains.vials.queries import cells_of
from cellbank.toolkit.html import words
from cellbank.toolkit.html.maps import FreezerFill
from cellbank.toolkit.html.pages import AnyResponse, MenuItem, seen
from cellbank.toolkit.html.render import render
from cellbank.toolkit.i18n.digits import to_latin
from cellbank.toolkit.rest import Resources

__all__ = ["MENU", "forms", "pages", "resources"]

resources = Resources("storage")

MENU = (MenuItem(Message("Storage").id, "storage.index", "storage", "storage.read", order=40, on_phone=True),)

MOST_RUN = 1000
ACTS_SHOWN = 12
"""At most so many acts stand below a container; the whole story has all."""


def _page(template: str, **context: object) -> str:
    return render(template, url_for=url_for, vial_url=vial_url, **context)


# ---- the building -----------------------------------------------------------------------------------------


@pages.page("/storage", permission="storage.read")
def index(actor: Actor) -> str:
    """Sites, rooms, and the freezers as columns filled to their level."""
    text = request.args.get("q", "").strip()
    with reading(actor) as db:
        by_room: dict[UUID | None, list[queries.Level]] = defaultdict(list)
        for level in queries.levels(db):
            by_room[level.container.room_id].append(level)
        return _page(
            "storage/index.html",
            sites=[
                (site, [(room, *_fills(by_room[room.id])) for room in rooms])
                for site, rooms in queries.sites_and_rooms(db)
            ],
            elsewhere=[level.container for level in by_room[None]],
            q=text,
            found=_found(db, text),
            may_manage=actor.may("storage.manage"),
        )


def _fills(levels: list[queries.Level]) -> tuple[list[FreezerFill], list[Container]]:
    """What is drawn as a column, and what stands beside: benches, carts and the like without places for vials."""
    locale = words.locale()
    shown = [
        FreezerFill(
            drawing.name_of(one.container, locale), container_url(one.container.code), one.used, one.total
        )
        for one in levels
        if _is_column(one)
    ]
    return shown, [one.container for one in levels if not _is_column(one)]


def _is_column(level: queries.Level) -> bool:
    return level.total > 0 or level.container.kind in (ContainerKind.FREEZER, ContainerKind.TANK)


def _found(db: Reading, text: str, under: UUID | None = None) -> list[tuple[Container, str]]:
    """Containers that a search finds, each with the path to it."""
    hits = queries.find_containers(db, text, under=under) if text else []
    paths = queries.paths_of(db, [one.id for one in hits]) if hits else {}
    return [(one, paths[one.id].text(words.locale())) for one in hits]


@pages.page("/storage/free", permission="storage.read")
def free(actor: Actor) -> str:
    """Where so many free places lie together."""
    text = to_latin(request.args.get("n", "").strip())
    count = int(text) if text.isdecimal() and len(text) < len(str(MOST_RUN)) + 1 else 0
    under_code = request.args.get("under", "").strip()
    with reading(actor) as db:
        under = queries.container_by_code(db, under_code) if under_code else None
        runs = queries.free_together(db, count, under=under.id if under else None) if count else []
        return _page(
            "storage/free.html",
            n=text,
            count=count,
            under=under,
            runs=[(run, run.path.text(words.locale())) for run in runs],
        )


# ---- one container ----------------------------------------------------------------------------------------


@pages.page("/containers/<code>", permission="storage.read")
def show(actor: Actor, code: str) -> str:
    """A freezer with its racks as they hang, a rack with its levels, or a box as a map."""
    with reading(actor) as db:
        container = queries.container_by_code(db, code)
        if container.kind in HOLDS_VIALS:
            return _box_page(db, actor, container)
        text = request.args.get("q", "").strip()
        node = queries.tree(db, container.id)
        blocked = drawing.blocked_in(queries.blocked_places(db, [container.id]), container)
        columns = drawing.rack_columns(node, frozenset(row.position for _, row in blocked), words.locale())
        return _page(
            "storage/container.html",
            container=container,
            node=node,
            racks=[
                (name, container_url(inner) if inner else "", [_linked(shelf) for shelf in shelves])
                for name, inner, shelves in columns
            ],
            blocked=blocked,
            q=text,
            found=_found(db, text, container.id),
            **_about(db, actor, container),
        )


def _linked(shelf: drawing.Shelf) -> drawing.Shelf:
    place, name, code, used, total = shelf
    return (place, name, container_url(code) if code else "", used, total)


def _about(db: Reading, actor: Actor, container: Container) -> dict[str, Any]:
    """What every page of a container says: where it stands, how cold it is, what it admits, what one may do."""
    path = queries.paths_of(db, [container.id])[container.id]
    rules = queries.admissions_of(db, [container.id]).get(container.id, [])
    return {
        "path": path,
        "breadcrumb": _breadcrumb(path),
        "title": drawing.name_of(container, words.locale()),
        "rules": [(rule, _admitted(rule, actor), rule.container.id == container.id) for rule in rules],
        "may_manage": actor.may("storage.manage") and not container.is_retired,
        "may_print": actor.may("printing.print") and not container.is_retired,
        "may_move": actor.may("vials.move") and not container.is_retired,
        "may_block": actor.may("storage.block") and not container.is_retired,
        "saw": seen(container),
        "story": audit.story_of(db, "container", container.id, limit=ACTS_SHOWN),
        "story_url": f"/history/container/{container.code}",
    }


def _breadcrumb(path: queries.Path) -> list[tuple[str, str]]:
    locale = words.locale()
    steps = path.steps
    links = [
        (
            step.text(locale),
            container_url(step.code)
            if step.kind not in ("site", "room") and step.code
            else url_for("storage.index"),
        )
        for step in steps[:-1]
    ]
    return [*links, (steps[-1].text(locale), "")]


def _admitted(rule: Admission, actor: Actor) -> str:
    """The words a rule admits, in the reader's language; another organisation's name is not told."""
    values = [words.text_of(_WORD[value]) if value in _WORD else value for value in rule.values]
    known = [one.short_name for one in rule.owners if actor.sees_all or one.id == actor.organisation_id]
    others = [words.text_of(Message("another organisation").id)] if len(known) < len(rule.owners) else []
    return ("، " if words.locale() == "fa" else ", ").join([*values, *known, *others])


_WORD = {
    "quarantine": Message("Quarantine").id,
    "released": Message("Released").id,
    "hold": Message("On hold").id,
    "rejected": Message("Rejected").id,
    "negative": Message("negative").id,
    "positive": Message("positive").id,
    "not_tested": Message("not tested").id,
    "indeterminate": Message("indeterminate").id,
    "research": Message("Research").id,
    "gmp": Message("GMP").id,
    "seed": Message("Seed bank").id,
    "master": Message("Master cell bank").id,
    "working": Message("Working cell bank").id,
    "end_of_production": Message("End of production").id,
    "distribution": Message("Distribution bank").id,
    "unknown": Message("Not known").id,
}


def _box_page(db: Reading, actor: Actor, container: Container) -> str:
    """A box as a map, with another one beside it if wanted."""
    shown = [container]
    other = request.args.get("beside", "").strip()
    if other:
        beside = queries.container_by_code(db, other)
        if beside.kind in HOLDS_VIALS and beside.id != container.id:
            shown.append(beside)
    maps, blocked = _maps(db, shown)
    return _page(
        "storage/box.html",
        container=container,
        boxes=[
            (box, drawing.name_of(box, words.locale()), maps[box.id], container_url(box.code))
            for box in shown
        ],
        blocked=drawing.blocked_in(blocked, container),
        free=len(container.layout.free({row.position for row in blocked if row.container_id == container.id}))
        - sum(1 for cell in maps[container.id].cells.values() if cell.state != "blocked"),
        selected=request.args.get("place", "").strip().upper(),
        **_about(db, actor, container),
    )


def _maps(db: Reading, boxes: list[Container]) -> tuple[dict[UUID, drawing.BoxMap], list[Any]]:
    """The maps of some boxes and what is blocked in them, in two queries."""
    keys = [box.id for box in boxes]
    blocked = queries.blocked_places(db, keys)
    cells: dict[UUID, list[drawing.PlaceCell]] = defaultdict(list)
    for cell in cells_of(db, keys):
        cells[cell.container_id].append(cell)
    made = {box.id: drawing.box_map(box.layout, cells[box.id]) for box in boxes}
    return made, blocked


@pages.page("/containers/<code>/map", permission="storage.read")
def print_map(actor: Actor, code: str) -> str:
    """A box on one sheet of paper: its map and a list of what is in it."""
    with reading(actor) as db:
        container = queries.container_by_code(db, code)
        if container.kind not in HOLDS_VIALS:
            raise NotFound(what=code)
        maps, _ = _maps(db, [container])
        drawn = maps[container.id]
        return _page(
            "storage/map.html",
            container=container,
            map=drawn,
            state_text=drawing.state_text,
            now=clock.now(),
            **_about(db, actor, container),
        )


@pages.page("/containers/find", permission="storage.read")
def find(actor: Actor) -> AnyResponse:
    """Go to the container whose code or barcode was typed or scanned, or to what a search finds."""
    text = request.args.get("q", "").strip()
    with reading(actor) as db:
        try:
            return redirect(container_url(queries.container_by_code(db, text).code), 303)
        except NotFound:
            return redirect(url_for("storage.index", q=text), 303)


# ---- for programs ---------------------------------------------------------------------------------------------


class LevelOut(BaseModel):
    """How full something that stands in a room is."""

    code: str
    kind: str
    name: str
    site: str | None
    room: str | None
    used: int
    places: int


class StorageOut(BaseModel):
    """Everything that stands in a room, or in none."""

    containers: list[LevelOut]


class PlaceOut(BaseModel):
    """A place that is not free; of another organisation's vial only that it is occupied."""

    place: str
    state: str
    vial: str | None
    code: str | None


class ContainerOut(BaseModel):
    """One container: where it stands, what stands in it, and which of its places are not free."""

    code: str
    kind: str
    name: str
    name_fa: str | None
    barcode: str | None
    path: list[str]
    condition: str | None
    is_retired: bool
    places: int | None
    fill_order: str
    used: int
    containers: list[str]
    taken: list[PlaceOut]
    free: list[str]


@resources.resource("/storage", permission="storage.read", returns=StorageOut)
def storage(actor: Actor) -> StorageOut:
    """Freezers, tanks and the like, with their fill levels."""
    with reading(actor) as db:
        rooms = {room.id: (site, room) for site, found in queries.sites_and_rooms(db) for room in found}
        made = []
        for level in queries.levels(db):
            one = level.container
            site, room = rooms.get(one.room_id, (None, None)) if one.room_id else (None, None)
            made.append(
                LevelOut(
                    code=one.code,
                    kind=one.kind.value,
                    name=one.name,
                    site=site.code if site else None,
                    room=room.name if room else None,
                    used=level.used,
                    places=level.total,
                )
            )
        return StorageOut(containers=made)


@resources.resource("/containers/<code>", permission="storage.read", returns=ContainerOut)
def container_out(actor: Actor, code: str) -> ContainerOut:
    """One container with its places."""
    with reading(actor) as db:
        one = queries.container_by_code(db, code)
        path = queries.path_of(db, one.id)
        node = queries.tree(db, one.id)
        closed = queries.inside_of(db, one).closed
        drawn = drawing.box_map(one.layout, cells_of(db, [one.id]))
        return ContainerOut(
            code=one.code,
            kind=one.kind.value,
            name=one.name,
            name_fa=one.name_fa,
            barcode=one.barcode,
            path=[step.name for step in path.steps],
            condition=path.condition.value if path.condition else None,
            is_retired=one.is_retired,
            places=one.layout.size,
            fill_order=one.fill_order.value,
            used=node.used,
            containers=[inner.container.code for inner in node.inner],
            taken=[
                PlaceOut(place=slot, state=place.state, vial=place.vial or None, code=place.code or None)
                for slot, place in drawn.listed
            ],
            free=[one.layout.name(place) for place in one.layout.free(closed)],
        )
