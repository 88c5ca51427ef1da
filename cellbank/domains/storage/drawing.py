"""Boxes and racks in the shapes that the pages draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from cellbank.core.errors import Message
from cellbank.domains.storage.addresses import vial_url
from cellbank.domains.storage.layout import Arrangement, FillOrder, Layout
from cellbank.domains.storage.models import HOLDS_VIALS, BlockedPlace, Container
from cellbank.domains.storage.queries import Node
from cellbank.toolkit.html import words
from cellbank.toolkit.html.maps import Cell

STATES = {
    "stored": Message("In its slot"),
    "released": Message("Released"),
    "quarantine": Message("Quarantine"),
    "hold": Message("On hold"),
    "rejected": Message("Rejected"),
    "out": Message("Out"),
    "in_transit": Message("In transit"),
    "planned": Message("Planned"),
    "filled": Message("Filled"),
    "freezing": Message("Freezing"),
    "missing": Message("Missing"),
}
"""The states of a vial in words."""

DRAWN = {"filled": "planned", "freezing": "planned", "in_transit": "out"}
"""The glyph of a state that has none of its own."""


class PlaceCell(Protocol):
    """What the vials' ``cells_of`` tells of a place that is not free; of others' vials only that it is taken."""

    @property
    def container_id(self) -> UUID: ...  # noqa: D102 - the names say it
    @property
    def position(self) -> int | None: ...  # noqa: D102
    @property
    def is_mine(self) -> bool: ...  # noqa: D102
    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def vial(self) -> str: ...  # noqa: D102
    @property
    def code(self) -> str: ...  # noqa: D102
    @property
    def bank(self) -> str: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class BoxMap:
    """A box as a map: names at its edges, what is in each square, what the hues mean, what has no square."""

    rows: list[str]
    columns: list[str]
    slots: dict[tuple[str, str], str]
    cells: dict[str, Cell]
    fill_order: str
    banks: list[tuple[str, str, int, str]] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    listed: list[tuple[str, PlaceCell]] = field(default_factory=list)  # what is at a place, by its name
    unplaced: list[PlaceCell] = field(default_factory=list)
    unplaced_of_others: int = 0
    used: int = 0


def box_map(layout: Layout, places: Sequence[PlaceCell]) -> BoxMap:
    """The map of one box from what is known of its places."""
    rows, columns, slots = _edges(layout)
    cells: dict[str, Cell] = {}
    listed, unplaced = [], []
    for place in places:
        if place.position is not None and place.position in layout.places:
            slot = layout.name(place.position)
            cells[slot] = _cell(slot, place)
            listed.append((place.position, slot, place))
        else:
            unplaced.append(place)
    vials = [place for place in places if place.state != "blocked"]
    mine = [vial for vial in vials if vial.is_mine]
    banks = Counter(vial.bank for vial in mine if vial.bank)
    present = {DRAWN.get(vial.state, vial.state) for vial in mine}
    return BoxMap(
        rows,
        columns,
        slots,
        cells,
        "columns" if layout.fill_order is FillOrder.COLUMN_FIRST else "rows",
        [(code, code, count, "") for code, count in sorted(banks.items())],
        [state for state in STATES if state in present],
        [(slot, place) for _, slot, place in sorted(listed, key=lambda one: one[0])],
        [vial for vial in unplaced if vial.is_mine],
        sum(not vial.is_mine for vial in unplaced),
        len(vials),
    )


def _cell(slot: str, place: PlaceCell) -> Cell:
    if place.state == "blocked":
        return Cell(
            slot, "blocked", title=words.plain(words.said(Message("Blocked: {why}", {"why": place.reason})))
        )
    if not place.is_mine:
        return Cell(slot, "occupied")
    number = place.vial.rpartition("-")[2]
    url = vial_url(place.code) if place.code else ""
    return Cell(
        slot,
        DRAWN.get(place.state, place.state),
        place.bank,
        place.code,
        f"{place.vial}, {state_text(place.state)}",
        number,
        url,
    )


def state_text(state: str) -> str:
    """A vial's state in the reader's words."""
    return words.plain(words.said(STATES[state])) if state in STATES else state


def _edges(layout: Layout) -> tuple[list[str], list[str], dict[tuple[str, str], str]]:
    """Names of the rows from the top down, of the columns, and of each square."""
    if layout.arrangement is Arrangement.STACK:
        rows = [layout.name(level) for level in layout.rows_as_seen]
        return rows, [""], {(row, ""): row for row in rows}
    if layout.arrangement is not Arrangement.GRID:
        return [], [], {}
    row_names, columns = list(layout.row_names), list(layout.column_names)
    if layout.is_numbered_through:
        # Beside a row stands the number of its first place; over a column, its own.
        row_names = [layout.name(layout.at(row, 1)) for row in range(1, layout.rows + 1)]
    slots = {
        (row_names[row - 1], columns[column - 1]): layout.name(layout.at(row, column))
        for row in range(1, layout.rows + 1)
        for column in range(1, layout.columns + 1)
    }
    return [row_names[row - 1] for row in layout.rows_as_seen], columns, slots


Shelf = tuple[str, str | None, str, int, int]
"""One level of a rack: its name, the box there or None, the box's code, how many are in it, how many it holds."""


def rack_columns(node: Node, closed: frozenset[int], locale: str) -> list[tuple[str, str, list[Shelf]]]:
    """The racks of a container as they hang, each with its levels; what stands in it directly comes last.

    :param closed: places that are blocked: they are not shown as free.
    """
    racks = [inner for inner in node.inner if inner.container.kind not in HOLDS_VIALS]
    columns = [
        (name_of(rack.container, locale), rack.container.code, _shelves(rack, locale)) for rack in racks
    ]
    direct = [inner for inner in node.inner if inner.container.kind in HOLDS_VIALS]
    if direct or not racks:
        column = _shelves(node, locale, closed=closed, without_racks=True)
        columns.append((name_of(node.container, locale), "", column))
    return columns


def _shelves(
    node: Node, locale: str, *, closed: frozenset[int] = frozenset(), without_racks: bool = False
) -> list[Shelf]:
    layout = node.container.layout
    at = node.at
    order = layout.rows_as_seen if layout.arrangement is Arrangement.STACK else layout.places
    shelves: list[Shelf] = []
    for place in order:
        inner = at.get(place)
        if inner is None:
            if place not in closed:
                shelves.append((layout.name(place), None, "", 0, 0))
        elif not (without_racks and inner.container.kind not in HOLDS_VIALS):
            shelves.append(_shelf(layout.name(place), inner, locale))
    placed = {inner.container.id for inner in at.values()} if layout.has_places else set()
    return shelves + [
        _shelf("", inner, locale)
        for inner in node.inner
        if inner.container.id not in placed
        and not (without_racks and inner.container.kind not in HOLDS_VIALS)
    ]


def _shelf(place: str, inner: Node, locale: str) -> Shelf:
    return (place, name_of(inner.container, locale), inner.container.code, inner.used, inner.total)


def name_of(thing: Container, locale: str) -> str:
    """A container's name in the reader's language."""
    return (thing.name_fa or thing.name) if locale == "fa" else thing.name


def blocked_in(rows: Iterable[BlockedPlace], container: Container) -> list[tuple[str, BlockedPlace]]:
    """The blocked places of one container with their printed names."""
    layout = container.layout
    return [(layout.name(row.position), row) for row in rows if row.container_id == container.id]
