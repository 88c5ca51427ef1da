from __future__ import annotations

import pytest

from cellbank.core import work
from cellbank.core.errors import Invalid, Refused
from cellbank.domains.storage.commands import CorrectContainer, RenameContainer, RetireContainer, SetCondition
from cellbank.domains.storage.models import Arrangement, Condition, ContainerKind, FillOrder, LabelScheme
from cellbank.domains.storage.queries import find_containers, path_of, tree
from tests.domains.storage.building import KEEPER, a_box, a_room, a_tank, add, container, do


def test_an_empty_container_is_retired_and_gives_its_place_free(database):
    tank = a_tank(a_room(), places=1)
    box = a_box(tank)
    do(RetireContainer(code=box), reason="lid broken")
    assert container(box).is_retired
    assert container(a_box(tank, "Box 13")).parent_position == 1
    with work.reading(KEEPER) as db:
        assert [node.container.name for node in tree(db, container(tank).id).inner] == ["Box 13"]
        assert find_containers(db, "Box 12") == []


def test_a_container_with_something_in_it_is_not_retired(database):
    tank = a_tank(a_room())
    a_box(tank)
    with pytest.raises(Refused, match=r"Tank 3 still holds 1\. Empty it first"):
        do(RetireContainer(code=tank), reason="old")


def test_retiring_needs_a_reason(database):
    with pytest.raises(Invalid, match="needs a reason"):
        do(RetireContainer(code=a_tank(a_room())))


def test_a_retired_container_is_neither_renamed_nor_filled_nor_retired_again(database):
    tank = a_tank(a_room())
    do(RetireContainer(code=tank), reason="old")
    with pytest.raises(Refused, match="Tank 3 is retired"):
        do(RenameContainer(code=tank, name="Tank 4"))
    with pytest.raises(Refused, match="Tank 3 is retired"):
        a_box(tank)
    with pytest.raises(Refused, match="Tank 3 is retired"):
        do(RetireContainer(code=tank), reason="old")


def test_a_renamed_container_is_found_by_its_new_name_only(database):
    box = a_box(a_tank(a_room()))
    do(RenameContainer(code=box, name="MCB 7", name_fa="جعبهٔ مادر"))
    with work.reading(KEEPER) as db:
        assert [found.code for found in find_containers(db, "mcb7")] == [box]
        assert [found.code for found in find_containers(db, "جعبه مادر")] == [box]
        assert find_containers(db, "Box 12") == []
        assert path_of(db, container(box).id).text("fa") == "تبریز › سرداب ۱ › Tank 3 › جعبهٔ مادر"


def correction(code, **said):
    shape = {"arrangement": Arrangement.GRID, "rows": 9, "columns": 9}
    return CorrectContainer(code=code, **{**shape, **said})


def test_an_empty_box_is_redrawn_and_relabelled(database):
    box = a_box(a_tank(a_room()))
    do(correction(box, rows=10, columns=10, row_labels=LabelScheme.LETTERS_NO_IO), reason="it is a 10 × 10")
    layout = container(box).layout
    assert (layout.size, layout.names[-1]) == (100, "K10")
    do(correction(box, fill_order=FillOrder.COLUMN_FIRST), reason="filled downwards")
    assert container(box).layout.in_fill_order[1] == 10


def test_places_in_use_are_not_redrawn_but_may_be_relabelled(database):
    rack = add(ContainerKind.RACK, "Rack", parent=a_tank(a_room()), layout="grid", rows=4, columns=5)[0]
    a_box(rack)
    with pytest.raises(Refused, match="Rack holds 1: places in use cannot be redrawn"):
        do(correction(rack, rows=5, columns=5), reason="it has five")
    do(correction(rack, rows=4, columns=5, row_labels=LabelScheme.LETTERS_NO_IO), reason="labels read anew")
    assert container(rack).row_labels is LabelScheme.LETTERS_NO_IO


def test_a_stack_in_use_may_grow_but_not_lose_a_level_in_use(database):
    tank = a_tank(a_room(), places=6)
    add(ContainerKind.RACK, "Rack", parent=tank, first_place="5")
    stack = {
        "arrangement": Arrangement.STACK,
        "rows": None,
        "columns": None,
        "row_labels": LabelScheme.NUMBERS,
    }
    do(correction(tank, **stack, capacity=8), reason="there are eight hooks")
    assert container(tank).capacity == 8
    with pytest.raises(Refused, match="places in use cannot be redrawn"):
        do(correction(tank, **stack, capacity=4), reason="there are four")


def test_cold_and_longest_stay_are_inherited_from_the_nearest(database):
    tank = a_tank(a_room())
    rack = add(ContainerKind.RACK, "Rack", parent=tank, layout="stack", capacity=3)[0]
    box = a_box(rack)
    do(SetCondition(code=tank, condition=Condition.VAPOUR), reason="commissioned")
    do(SetCondition(code=rack, max_stay_minutes=30), reason="transfer rack")
    with work.reading(KEEPER) as db:
        path = path_of(db, container(box).id)
        assert (path.condition, path.max_stay_minutes) == (Condition.VAPOUR, 30)
    do(SetCondition(code=box, condition=Condition.LIQUID_NITROGEN), reason="hangs low")
    with work.reading(KEEPER) as db:
        assert path_of(db, container(box).id).condition is Condition.LIQUID_NITROGEN
