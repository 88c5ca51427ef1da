"""Containers are added, one or many at once."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from cellbank.core import ids
from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Message, Refused
from cellbank.core.work import Writing, explain
from cellbank.domains.storage import queries
from cellbank.domains.storage.finding import make_findable
from cellbank.domains.storage.layout import (
    Layout,
    Preset,
    layout_of,
    names_from,
)
from cellbank.domains.storage.models import (
    Condition,
    Container,
    ContainerKind,
    Inside,
    Room,
    code_kind,
)

MOST_AT_ONCE = 2000

explain("uq_container_barcode", "Another container already has this barcode.")
explain("uq_container_code", "This code is already in use. Try again.")
explain("uq_container_place_taken", "Another container already stands at this place.")
explain("uq_blocked_place_open", "This place is already blocked.")


class AddContainers(Command):
    """Add one container or many equal ones, each with others in it if wanted: 5 racks of 13 boxes."""

    records: ClassVar[str] = "storage.containers_added"
    permission: ClassVar[str] = "storage.manage"
    label: ClassVar[str] = "Add containers"

    room_id: UUID | None = Field(default=None, title="Room", json_schema_extra={"hidden": True})
    parent: str | None = Field(
        default=None, title="Into", description=Message("The code of the container that it stands in").id
    )
    kind: ContainerKind = Field(title="Kind")
    count: int = Field(default=1, title="How many", ge=1, le=200)
    names: str = Field(
        title="Name",
        description=Message("For many, the first number or letter in brackets: Box [01]").id,
        min_length=1,
        max_length=80,
    )
    names_fa: str | None = Field(default=None, title="Name in Persian", max_length=80)
    layout: Preset | None = Field(
        default=None,
        title="How its places lie",
        description=Message("Empty: a box has 9 × 9 places, anything else none").id,
    )
    rows: int | None = Field(default=None, title="Rows", ge=1, le=100)
    columns: int | None = Field(default=None, title="Columns", ge=1, le=100)
    capacity: int | None = Field(default=None, title="Levels, or how many it holds", ge=1, le=10_000)
    first_place: str | None = Field(
        default=None,
        title="First place",
        description=Message("Where the first one stands; else the next free one").id,
    )
    condition: Condition | None = Field(
        default=None, title="How cold", description=Message("Empty: as what it stands in").id
    )
    barcode: str | None = Field(
        default=None, title="Maker's barcode", description=Message("As rack readers read it").id
    )
    inner_kind: ContainerKind | None = Field(default=None, title="In each of them: kind")
    inner_count: int = Field(default=0, title="In each of them: how many", ge=0, le=200)
    inner_names: str | None = Field(default=None, title="In each of them: name", max_length=80)
    inner_layout: Preset = Field(default=Preset.GRID_9X9, title="In each of them: places")

    def run(self, db: Writing) -> None:
        """The rows, all under one event."""
        layout = self._layout()
        self._check_numbers()
        names = names_from(self.names, self.count)
        names_fa = names_from(self.names_fa, self.count) if self.names_fa else [None] * self.count
        home = self._home(db)
        made = []
        for name, name_fa in zip(names, names_fa, strict=True):
            one = _new(db, self.kind, name, name_fa, layout)
            one.barcode, one.condition = self.barcode, self.condition
            made.append(one)
        if isinstance(home, Room):
            for one in made:
                one.stand_in_room(home)
        elif isinstance(home, Container):
            _hang(
                home,
                queries.inside_of(db, home),
                made,
                home.layout.place(self.first_place) if self.first_place else None,
            )
        inner = [two for one in made for two in self._inner(db, one)]
        db.add_all([*made, *inner])
        db.flush()
        for one in [*made, *inner]:
            make_findable(db, one)

    def _layout(self) -> Layout:
        usual = Preset.GRID_9X9 if self.kind is ContainerKind.BOX else Preset.NONE
        preset = self.layout or (Preset.STACK if self.inner_count else usual)
        if preset is Preset.STACK and self.capacity is None and self.inner_count:
            return layout_of(Preset.STACK, capacity=self.inner_count)
        return layout_of(preset, rows=self.rows, columns=self.columns, capacity=self.capacity)

    def _check_numbers(self) -> None:
        if self.count * (1 + self.inner_count) > MOST_AT_ONCE:
            raise Invalid("At most {most} containers at once.", field="count", most=MOST_AT_ONCE)
        if self.barcode and self.count > 1:
            raise Invalid("A barcode belongs to one container.", field="barcode")
        if self.inner_count and not (self.inner_kind and self.inner_names):
            raise Invalid("Say what stands in each of them, and its name.", field="inner_names")

    def _home(self, db: Writing) -> Room | Container | None:
        if self.parent and self.room_id:
            raise Invalid("A container stands in a room or in a container, not in both.", field="parent")
        if self.parent:
            home = queries.container_by_code(db, self.parent)
            db.lock(Container, [home.id])
            return home
        if self.room_id:
            return queries.room_by_id(db, self.room_id)
        if self.kind in (ContainerKind.IN_TRANSIT, ContainerKind.CUSTOMER):
            return None
        raise Invalid("Say in which room or container it stands.", field="parent")

    def _inner(self, db: Writing, outer: Container) -> list[Container]:
        if not (self.inner_count and self.inner_kind and self.inner_names):
            return []
        layout = layout_of(self.inner_layout)
        made = [
            _new(db, self.inner_kind, name, None, layout)
            for name in names_from(self.inner_names, self.inner_count)
        ]
        _hang(outer, Inside({}, {}, 0, frozenset({outer.id})), made, None)
        return made


def _new(db: Writing, kind: ContainerKind, name: str, name_fa: str | None, layout: Layout) -> Container:
    code = ids.new_code(db.setting.bank_letter, code_kind(kind))
    made = Container(kind=kind, code=code, name=name, name_fa=name_fa, arrangement=layout.arrangement)
    made.lie_as(layout)
    return made


def _hang(home: Container, inside: Inside, made: list[Container], first: int | None) -> None:
    """Give each new container a place of ``home``, in fill order, from ``first`` on or where one is free."""
    layout = home.layout
    for one in made:
        place: int | None = None
        if layout.has_places:
            place = first if first is not None else layout.next_free(inside.closed)
            if place is None:
                raise Refused(
                    "{container} has no room for {count} more.",
                    container=home.name,
                    count=len(made),
                    about=[home],
                )
        one.move_to(home, place, inside)
        taken = {**inside.taken, place: one.name} if place is not None else inside.taken
        inside = replace(inside, taken=taken, count=inside.count + 1)
        if place is not None and first is not None and one is not made[-1]:
            first = layout.next_free(inside.closed, after=place)
            if first is None:
                raise Refused(
                    "{container} has no room for {count} more.",
                    container=home.name,
                    count=len(made),
                    about=[home],
                )
