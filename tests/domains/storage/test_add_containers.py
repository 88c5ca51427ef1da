from __future__ import annotations

import pytest
import sqlalchemy as sa

from cellbank.core import ids, work
from cellbank.core.actor import system_actor
from cellbank.core.errors import Invalid, NotFound, NotPermitted, Refused
from cellbank.core.journal import Event, EventSubject
from cellbank.domains.storage.commands import AddContainers, AddRoom, AddSite
from cellbank.domains.storage.layout import Preset
from cellbank.domains.storage.models import Arrangement, Container, ContainerKind
from cellbank.domains.storage.queries import find_containers, tree
from tests.domains.storage.building import KEEPER, a_box, a_room, a_tank, add, container, do


def test_five_racks_of_thirteen_boxes_are_one_act(database):
    tank = a_tank(a_room())
    event = do(
        AddContainers(
            parent=tank,
            kind=ContainerKind.RACK,
            count=5,
            names="Rack [A]",
            layout=Preset.STACK,
            inner_kind=ContainerKind.BOX,
            inner_count=13,
            inner_names="Box [01]",
        )
    )
    made = work.created(event, Container)
    assert len(made) == 5 + 5 * 13
    with work.reading(KEEPER) as db:
        top = tree(db, container(tank).id)
        about = db.scalar(sa.select(sa.func.count()).where(EventSubject.event_seq == event.seq))
        codes = list(db.scalars(sa.select(Container.code)))
        db.expunge_all()
    assert about == len(made)
    assert [node.container.name for node in top.inner] == ["Rack A", "Rack B", "Rack C", "Rack D", "Rack E"]
    assert [node.container.parent_position for node in top.inner] == [1, 2, 3, 4, 5]
    boxes = top.inner[4].inner
    assert [box.container.name for box in boxes][::12] == ["Box 01", "Box 13"]
    assert [box.container.parent_position for box in boxes] == list(range(1, 14))
    assert top.total == 5 * 13 * 81
    assert all(ids.parse_code(code) == code for code in codes)
    assert {ids.kind_of(box.container.code) for box in boxes} == {ids.Kind.BOX}
    assert ids.kind_of(top.inner[0].container.code) is ids.Kind.RACK


def test_new_containers_take_the_next_free_places(database):
    tank = a_tank(a_room(), places=4)
    add(ContainerKind.RACK, "Rack B", parent=tank, first_place="2")
    codes = add(ContainerKind.RACK, "Rack [1]", count=3, parent=tank)
    assert [container(code).parent_position for code in codes] == [1, 3, 4]


def test_a_full_container_takes_no_more(database):
    tank = a_tank(a_room(), places=2)
    with pytest.raises(Refused, match="Tank 3 has no room for 3 more"):
        add(ContainerKind.RACK, "Rack [A]", count=3, parent=tank)
    with work.reading(KEEPER) as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(Container)) == 1


def test_a_taken_place_is_refused_with_what_is_there_and_the_attempt_is_in_its_story(database):
    tank = a_tank(a_room())
    add(ContainerKind.RACK, "Rack B", parent=tank, first_place="2")
    with pytest.raises(Refused) as caught:
        add(ContainerKind.RACK, "Rack C", parent=tank, first_place="2")
    assert str(caught.value) == "Place 2 of Tank 3 is taken by Rack B."
    with work.reading(KEEPER) as db:
        refused = db.scalars(sa.select(Event).where(Event.refusal.is_not(None))).one()
        about = db.scalars(sa.select(EventSubject.subject_id).where(EventSubject.event_seq == refused.seq))
        assert container(tank).id in set(about)


def test_a_place_that_is_not_there_is_refused(database):
    with pytest.raises(Invalid, match="There is no place 9 here"):
        add(ContainerKind.RACK, "Rack C", parent=a_tank(a_room()), first_place="9")


def test_a_lot_takes_as_many_as_it_holds(database):
    bin_ = add(ContainerKind.TRANSFER_VESSEL, "Vessel", room_id=a_room(), layout=Preset.LOT, capacity=2)[0]
    a_box(bin_, "Box 1")
    a_box(bin_, "Box 2")
    with pytest.raises(Refused, match="Vessel is full: it holds 2"):
        a_box(bin_, "Box 3")


def test_a_container_stands_somewhere(database):
    with pytest.raises(Invalid, match="Say in which room or container it stands"):
        add(ContainerKind.FREEZER, "Freezer 1")
    with pytest.raises(NotFound):
        a_box("CBAAAAAAAA")
    assert container(add(ContainerKind.CUSTOMER, "Customers")[0]).room_id is None


def test_many_need_an_example_of_their_number(database):
    with pytest.raises(Invalid) as caught:
        add(ContainerKind.TANK, "Tank", count=2, room_id=a_room())
    assert caught.value.field == "names"


def test_two_containers_never_share_a_barcode(database):
    tank = a_tank(a_room())
    a_box(tank, "Box 1", barcode="TS01552899")
    with pytest.raises(Refused, match="Another container already has this barcode"):
        a_box(tank, "Box 2", barcode="TS01552899")


def test_a_site_code_is_unique_and_its_zone_is_known(database):
    a_room(site="TBZ")
    with pytest.raises(Refused, match="Another site already has this code"):
        do(AddSite(code="tbz", name="Other"))
    with pytest.raises(Invalid, match="Unknown time zone"):
        do(AddSite(code="QOM", name="Qom", zone="Asia/Qom"))
    with pytest.raises(Refused, match="already has a room of this name"):
        do(AddRoom(site="TBZ", name="Cryo 1"))


def test_without_the_permission_nothing_is_added(database):
    with pytest.raises(NotPermitted):
        work.perform(AddSite(code="TBZ", name="Tabriz"), system_actor("storage.read"), key=work.new_key())


def test_a_container_is_found_by_name_code_and_barcode(database):
    tank = a_tank(a_room())
    code = a_box(tank, "Box 12", names_fa="جعبهٔ ۱۲", barcode="TS01552899")
    with work.reading(KEEPER) as db:
        for text in ("box 12", "BOX-1", "جعبه ۱۲", "ts0155", ids.show_code(code), code.lower()):
            assert [found.code for found in find_containers(db, text)] == [code], text
        assert find_containers(db, "box 12", under=container(code).id)
        assert [found.name for found in find_containers(db, "tan", under=container(code).id)] == []
        assert find_containers(db, " ") == []


def test_a_box_without_a_layout_is_nine_by_nine_and_a_rack_has_a_level_for_each_box_in_it(database):
    tank = a_tank(a_room())
    assert container(add(ContainerKind.BOX, "Box 1", parent=tank)[0]).layout.size == 81
    rack = add(
        ContainerKind.RACK,
        "Rack A",
        parent=tank,
        inner_kind=ContainerKind.BOX,
        inner_count=7,
        inner_names="Box [1]",
    )[0]
    assert (container(rack).arrangement, container(rack).capacity) == (Arrangement.STACK, 7)
    assert container(add(ContainerKind.SHELF, "Shelf", parent=tank)[0]).arrangement is Arrangement.NONE


def test_a_free_layout_is_kept_as_it_was_said(database):
    tank = add(ContainerKind.FREEZER, "Freezer 1", room_id=a_room(), layout=Preset.GRID, rows=4, columns=5)[0]
    made = container(tank)
    assert (made.arrangement, made.rows, made.columns, made.capacity) == (Arrangement.GRID, 4, 5, 20)
