"""Places and their names."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellbank.core.errors import Invalid
from cellbank.domains.storage.layout import (
    Arrangement,
    CountedFrom,
    FillOrder,
    LabelScheme,
    Layout,
    Preset,
    following,
    layout_of,
    letters,
    names_from,
    shown,
)

NINE = layout_of(Preset.GRID_9X9)
schemes = st.sampled_from(LabelScheme)
grids = st.builds(
    Layout,
    st.just(Arrangement.GRID),
    rows=st.integers(1, 32),
    columns=st.integers(1, 32),
    row_labels=schemes,
    column_labels=schemes,
    fill_order=st.sampled_from(FillOrder),
    counted_from=st.sampled_from(CountedFrom),
)
stacks = st.builds(
    Layout,
    st.just(Arrangement.STACK),
    capacity=st.integers(1, 60),
    row_labels=schemes,
    counted_from=st.sampled_from(CountedFrom),
)
layouts = grids | stacks


@given(layouts)
def test_every_name_is_read_back_as_its_place(layout):
    assert [layout.place(name) for name in layout.names] == list(layout.places)


@given(layouts)
def test_no_two_places_are_called_the_same(layout):
    assert len(set(layout.names)) == len(layout.names) == layout.size


@given(grids)
def test_a_name_is_read_in_small_letters_persian_digits_and_with_a_leading_zero(layout):
    persian = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    name = layout.names[-1]
    assert layout.place(f"  {name.lower().translate(persian)} ") == layout.size
    if name[0].isalpha() and name[-1].isdigit():
        head = name.rstrip("0123456789")
        assert layout.place(f"{head}0{name[len(head) :]}") == layout.size


@given(layouts)
def test_the_fill_order_meets_every_place_once(layout):
    assert sorted(layout.in_fill_order) == list(layout.places)


@given(layouts, st.data())
def test_next_free_places_fill_a_layout_to_the_last(layout, data):
    taken = set(data.draw(st.lists(st.sampled_from(list(layout.places)))))
    free = layout.free(taken)
    filled = []
    while (place := layout.next_free(taken)) is not None:
        filled.append(place)
        taken.add(place)
    assert filled == free
    assert taken == set(layout.places)


@given(layouts, st.data())
def test_runs_are_the_free_places_cut_where_one_is_taken(layout, data):
    taken = set(data.draw(st.lists(st.sampled_from(list(layout.places)))))
    runs = layout.runs(taken)
    assert [place for run in runs for place in run] == layout.free(taken)
    order = list(layout.in_fill_order)
    for run in runs:
        start = order.index(run[0])
        assert run == order[start : start + len(run)]
    for run, after in itertools.pairwise(runs):
        assert order.index(after[0]) > order.index(run[-1]) + 1


@given(layouts, st.integers(1, 40), st.data())
def test_places_together_come_from_the_shortest_run_that_holds_them(layout, count, data):
    taken = set(data.draw(st.lists(st.sampled_from(list(layout.places)))))
    found = layout.together(taken, count)
    longest = max((len(run) for run in layout.runs(taken)), default=0)
    if longest < count:
        assert found is None
    else:
        assert len(found) == count
        assert not set(found) & taken
        home = next(run for run in layout.runs(taken) if found[0] in run)
        assert len(home) == min(len(run) for run in layout.runs(taken) if len(run) >= count)


@given(st.integers(1, 20_000))
def test_letters_count_as_a_spreadsheet_does(number):
    value = 0
    for letter in letters(number):
        value = value * 26 + ord(letter) - 64
    assert value == number


def test_a_nine_by_nine_box_runs_from_a1_to_i9():
    assert (NINE.names[0], NINE.names[9], NINE.names[-1]) == ("A1", "B1", "I9")
    assert NINE.place("C5") == 23
    assert [NINE.place(text) for text in ("c5", "C05", " C 5 ", "C-5", "c۰۵", "ج5"[:0] + "Ｃ５")] == [23] * 6


@pytest.mark.parametrize("text", ["", "J1", "A0", "A10", "5C", "C", "5", "خانه", "A1A"])
def test_what_is_no_place_is_refused(text):
    with pytest.raises(Invalid) as caught:
        NINE.place(text)
    assert caught.value.field == "position"


def test_letters_without_i_and_o_reach_the_ninth_row_with_j():
    layout = Layout(Arrangement.GRID, 9, 9, row_labels=LabelScheme.LETTERS_NO_IO)
    assert layout.row_names[-1] == "J"
    assert layout.place("J9") == 81
    with pytest.raises(Invalid):
        layout.place("I9")


def test_running_numbers_follow_the_fill_order():
    down = Layout(
        Arrangement.GRID, 3, 4, row_labels=LabelScheme.RUNNING_NUMBERS, fill_order=FillOrder.COLUMN_FIRST
    )
    assert down.names == ("1", "4", "7", "10", "2", "5", "8", "11", "3", "6", "9", "12")


def test_rows_and_columns_that_are_both_numbers_are_told_apart_by_a_hyphen():
    layout = Layout(Arrangement.GRID, 12, 12, row_labels=LabelScheme.NUMBERS)
    assert layout.name(layout.place("1-11")) == "1-11"
    assert layout.name(layout.place("11-1")) == "11-1"
    assert layout.places_named("1-11") == [11]


def test_a_column_first_box_fills_downwards_and_keeps_its_numbers():
    down = Layout(Arrangement.GRID, 9, 9, fill_order=FillOrder.COLUMN_FIRST)
    assert shown(down, range(1, 82))[:3] == ["A1", "B1", "C1"]
    assert down.place("A2") == NINE.place("A2")


def test_a_stack_counted_from_the_bottom_shows_its_first_level_last():
    rack = Layout(
        Arrangement.STACK, capacity=4, row_labels=LabelScheme.NUMBERS, counted_from=CountedFrom.BOTTOM
    )
    assert rack.rows_as_seen == (4, 3, 2, 1)


def test_lists_and_ranges_of_places_are_read():
    assert shown(NINE, NINE.places_named("A1, b3، C1–C3; i9")) == ["A1", "B3", "C1", "C2", "C3", "I9"]
    assert shown(NINE, NINE.places_named("A9-B1")) == ["A9", "B1"]
    with pytest.raises(Invalid):
        NINE.places_named("A1, K4")


def test_after_a_row_is_full_the_next_row_begins():
    assert NINE.next_free(set(range(1, 10)), after=NINE.place("A9")) == NINE.place("B1")
    assert NINE.next_free(set(NINE.places)) is None


@pytest.mark.parametrize("preset", [p for p in Preset if p.value.startswith("grid_")])
def test_a_bought_layout_is_what_its_name_says(preset):
    rows, columns = map(int, preset.value.removeprefix("grid_").split("x"))
    assert layout_of(preset).size == rows * columns


@pytest.mark.parametrize(("preset", "field"), [(Preset.GRID, "rows"), (Preset.STACK, "capacity")])
def test_a_free_layout_needs_its_numbers(preset, field):
    with pytest.raises(Invalid) as caught:
        layout_of(preset)
    assert caught.value.field == field


def test_a_lot_has_no_places_but_a_count():
    lot = layout_of(Preset.LOT, capacity=30)
    assert (lot.names, list(lot.places), lot.size) == ((), [], 30)


def test_names_follow_an_example():
    assert names_from("Box [09]", 3) == ["Box 09", "Box 10", "Box 11"]
    assert names_from("Rack [Y]", 3) == ["Rack Y", "Rack Z", "Rack AA"]
    assert names_from("جعبهٔ [۹]", 2) == ["جعبهٔ ۹", "جعبهٔ ۱۰"]
    assert names_from("Cryo 1", 1) == ["Cryo 1"]
    with pytest.raises(Invalid):
        names_from("Box", 2)


@given(st.integers(0, 500), st.integers(0, 500))
def test_following_adds_to_a_number(start, step):
    assert int(following(str(start), step)) == start + step
