from __future__ import annotations

import pytest

from cellbank.core import work
from cellbank.core.errors import Invalid, Refused
from cellbank.domains.storage.commands import BlockPlaces, UnblockPlaces
from cellbank.domains.storage.models import ContainerKind
from cellbank.domains.storage.queries import container_by_code, free_places, inside_of
from tests.domains.storage.building import KEEPER, a_box, a_room, a_tank, add, do


def free(code):
    with work.reading(KEEPER) as db:
        return free_places(db, container_by_code(db, code))


def test_a_blocked_place_is_not_free_until_it_is_opened_again(database):
    box = a_box(a_tank(a_room()))
    do(BlockPlaces(code=box, places="A1, A3–A5", because="cracked"))
    assert free(box)[:2] == [2, 6]
    do(UnblockPlaces(code=box, places="A1"))
    assert free(box)[:3] == [1, 2, 6]
    do(BlockPlaces(code=box, places="a1", because="cracked again"))
    assert free(box)[0] == 2


def test_a_blocked_place_takes_nothing_and_says_why(database):
    tank = a_tank(a_room())
    do(BlockPlaces(code=tank, places="2", because="iced up"))
    with pytest.raises(Refused) as caught:
        add(ContainerKind.RACK, "Rack B", parent=tank, first_place="2")
    assert str(caught.value) == "Place 2 of Tank 3 is blocked: iced up"
    codes = add(ContainerKind.RACK, "Rack [A]", count=2, parent=tank)
    with work.reading(KEEPER) as db:
        assert sorted(inside_of(db, container_by_code(db, tank)).taken) == [1, 3]
    assert len(codes) == 2


def test_a_place_is_blocked_once(database):
    box = a_box(a_tank(a_room()))
    do(BlockPlaces(code=box, places="A1", because="cracked"))
    with pytest.raises(Refused, match="A1 of Box 12 is blocked: cracked"):
        do(BlockPlaces(code=box, places="A1", because="cracked"))


def test_a_taken_place_is_not_blocked(database):
    tank = a_tank(a_room())
    add(ContainerKind.RACK, "Rack A", parent=tank)
    with pytest.raises(Refused, match="is taken by Rack A"):
        do(BlockPlaces(code=tank, places="1", because="iced up"))


def test_an_open_place_cannot_be_opened(database):
    with pytest.raises(Refused, match="Place A1 of Box 12 is not blocked"):
        do(UnblockPlaces(code=a_box(a_tank(a_room())), places="A1"))


def test_only_places_of_the_box_are_blocked(database):
    box = a_box(a_tank(a_room()))
    for places in ("J1", "A1-K9", " , "):
        with pytest.raises(Invalid):
            do(BlockPlaces(code=box, places=places, because="cracked"))
