"""Paths, moves, levels and free room."""

from __future__ import annotations

from typing import ClassVar

import pytest
import sqlalchemy as sa

from cellbank.core import work
from cellbank.core.command import REGISTER, Command
from cellbank.core.errors import Invalid, Message, Refused
from cellbank.core.work import Writing
from cellbank.domains.storage import occupants
from cellbank.domains.storage.commands import BlockPlaces, RetireContainer
from cellbank.domains.storage.models import MOST_DEEP, Container, ContainerKind
from cellbank.domains.storage.queries import (
    container_by_code,
    free_places,
    free_together,
    inside_of,
    levels,
    path_of,
    paths_of,
    sites_and_rooms,
    tree,
)
from tests.domains.storage.building import KEEPER, a_box, a_room, a_tank, add, container, do


class Carry(Command):
    """Move a container, as the vials' own command does, without any vial."""

    records: ClassVar[str] = "test.container_carried"
    permission: ClassVar[str] = "storage.manage"
    label: ClassVar[str] = "Carry"

    code: str
    to: str
    place: str | None = None

    def run(self, db: Writing) -> None:
        moved, parent = container_by_code(db, self.code), container_by_code(db, self.to)
        place = parent.layout.place(self.place) if self.place else None
        moved.move_to(parent, place, inside_of(db, parent, without=moved.id))


REGISTER.pop("Carry")


@pytest.fixture
def counted(database):
    """Statements that the database was asked since."""
    asked = []

    def note(connection, cursor, statement, *_):
        asked.append(statement)

    sa.event.listen(database.read, "before_cursor_execute", note)
    yield asked
    sa.event.remove(database.read, "before_cursor_execute", note)


def test_a_path_is_read_from_site_to_box(database, counted):
    box = a_box(add(ContainerKind.RACK, "Rack B", parent=a_tank(a_room()), layout="stack", capacity=5)[0])
    key = container(box).id
    with work.reading(KEEPER) as db:
        counted.clear()
        path = path_of(db, key)
        assert str(path) == "Tabriz › Cryo 1 › Tank 3 › Rack B › Box 12"
        assert len([one for one in counted if one.startswith(("SELECT", "WITH"))]) == 1
        assert path.text("fa") == "تبریز › سرداب ۱ › Tank 3 › Rack B › Box 12"
        assert path.text(place="C5").endswith("Box 12 › C5")
        assert [step.place for step in path.steps] == ["", "", "", "1", "1"]
        assert (path.site.code, path.room.name) == ("TBZ", "Cryo 1")


def test_many_paths_are_one_query(database, counted):
    tank = a_tank(a_room())
    codes = add(ContainerKind.BOX, "Box [1]", count=6, parent=tank)
    keys = [container(code).id for code in codes]
    with work.reading(KEEPER) as db:
        counted.clear()
        paths = paths_of(db, keys)
        assert len([one for one in counted if one.startswith(("SELECT", "WITH"))]) == 1
        assert min(str(path) for path in paths.values()) == "Tabriz › Cryo 1 › Tank 3 › Box 1"
        assert paths_of(db, []) == {}


def test_a_carried_rack_takes_its_boxes_along_by_one_changed_row(database):
    room = a_room()
    tanks = [a_tank(room, f"Tank {n}") for n in (1, 2)]
    rack = add(ContainerKind.RACK, "Rack B", parent=tanks[0], layout="stack", capacity=5)[0]
    box = a_box(rack)
    do(Carry(code=rack, to=tanks[1], place="4"))
    with work.reading(KEEPER) as db:
        assert str(path_of(db, container(box).id)) == "Tabriz › Cryo 1 › Tank 2 › Rack B › Box 12"
    do(Carry(code=rack, to=tanks[1], place="4"))
    assert container(rack).parent_position == 4


def test_a_container_never_stands_in_itself(database):
    tank = a_tank(a_room())
    rack = add(ContainerKind.RACK, "Rack B", parent=tank, layout="stack", capacity=5)[0]
    for outer in (rack, tank):
        with pytest.raises(Refused, match="cannot stand in itself"):
            do(Carry(code=outer, to=rack, place="1"))


def test_a_carried_container_needs_a_free_place(database):
    tank = a_tank(a_room())
    boxes = add(ContainerKind.BOX, "Box [1]", count=2, parent=tank)
    with pytest.raises(Refused, match="Place 2 of Tank 3 is taken by Box 2"):
        do(Carry(code=boxes[0], to=tank, place="2"))
    with pytest.raises(Invalid, match="Say at which place of Tank 3"):
        do(Carry(code=boxes[0], to=tank))


def test_containers_stand_in_each_other_only_so_deep(database):
    outer = a_tank(a_room())
    for n in range(MOST_DEEP - 1):
        outer = add(ContainerKind.DRAWER, f"Drawer {n}", parent=outer, layout="stack", capacity=2)[0]
    with pytest.raises(Refused, match="8 deep at most"):
        a_box(outer)


def test_levels_count_places_for_vials_without_blocked_ones(database):
    tank = a_tank(a_room())
    boxes = add(ContainerKind.BOX, "Box [1]", count=2, parent=tank, layout="grid_9x9")
    do(BlockPlaces(code=boxes[0], places="A1-A9", because="cracked"))
    do(RetireContainer(code=a_box(tank, "Box 3")), reason="lost")
    with work.reading(KEEPER) as db:
        (level,) = levels(db)
        assert (level.container.name, level.used, level.total) == ("Tank 3", 0, 153)
        top = tree(db, container(tank).id)
        assert (top.used, top.total, top.free) == (0, 153, 153)
        assert [site.code for site, _ in sites_and_rooms(db)] == ["TBZ"]


@pytest.fixture
def tubes(database):
    """Tubes at places, as a domain above would say them: here, boxes named "tube" count as tubes."""
    occupants.stands_at_places(
        "tube",
        Message("a tube"),
        lambda: sa.select(Container.parent_id, Container.parent_position).where(
            Container.kind == ContainerKind.VISOTUBE
        ),
    )
    yield
    occupants._KINDS.pop("tube")


def test_what_domains_above_put_there_is_counted_and_keeps_its_place(database, tubes):
    tank = a_tank(a_room())
    box = a_box(tank)
    add(ContainerKind.VISOTUBE, "Tube [1]", count=5, parent=box)
    with work.reading(KEEPER) as db:
        one = container_by_code(db, box)
        assert free_places(db, one)[0] == 6
        assert str(inside_of(db, one).taken[1]) == "a tube"
        assert levels(db)[0].used == 5
        assert tree(db, container(tank).id).used == 5
    with pytest.raises(Refused, match="Place A1 of Box 12 is taken by a tube"):
        do(BlockPlaces(code=box, places="A1", because="cracked"))
    with pytest.raises(Refused, match="still holds"):
        do(RetireContainer(code=box), reason="old")


def test_room_for_many_together_is_found_in_the_box_that_fills_up_best(database, counted):
    tank = a_tank(a_room())
    wide, tight, broken = add(ContainerKind.BOX, "Box [1]", count=3, parent=tank, layout="grid_9x9")
    do(BlockPlaces(code=tight, places="A1-F9", because="taped"))
    do(BlockPlaces(code=broken, places="A5,B5,C5,D5,E5,F5,G5,H5,I5", because="taped"))
    with work.reading(KEEPER) as db:
        counted.clear()
        found = free_together(db, 20)
        assert [run.container.code for run in found] == [tight, wide]
        assert (found[0].names[0], found[0].names[-1]) == ("G1", "I2")
        assert str(found[0].path).endswith("Tank 3 › Box 2")
        assert len([one for one in counted if one.startswith(("SELECT", "WITH"))]) == 3
        assert [run.container.code for run in free_together(db, 8, under=container(broken).id)] == [broken]
        assert free_together(db, 82) == []
