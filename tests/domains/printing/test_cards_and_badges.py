"""Labels of boxes and freezers, badges and action cards."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from cellbank.core import ids, work
from cellbank.core.errors import Invalid, NotFound
from cellbank.domains.printing import drawing, supplies
from cellbank.domains.printing.cards import TITLES, place_of, place_text
from cellbank.domains.printing.models import LabelPrintState
from cellbank.domains.storage.commands import SetAdmissionRule
from cellbank.domains.storage.models import AdmissionRuleKind, ContainerKind
from cellbank.domains.vials.models import Vial
from cellbank.toolkit.labels import Label, picture, sheet
from cellbank.toolkit.scanning.actions import Action
from tests.domains.printing.making import STAFF, MakeLot, do, print_labels, prints
from tests.domains.storage import building
from tests.domains.storage.building import a_box, a_room, a_tank
from tests.toolkit.labels.reading_back import codes_in

CARDS = "a4-cards-2x4"


def test_a_box_card_says_its_name_grid_and_owner_in_persian_too(cast):
    code = a_box(a_tank(a_room()), names_fa="جعبهٔ ۱۲")
    building.do(SetAdmissionRule(code=code, kind=AdmissionRuleKind.OWNER, admits="Celltech"), reason="bought")
    (row,) = prints(print_labels(template="box", stock=CARDS, containers=(code,)))
    assert row.values == {
        "code": code,
        "name": "Box 12",
        "name_fa": "جعبهٔ ۱۲",
        "grid": "9 × 9",
        "owner": "Celltech (سلتک تبریز)",
    }
    here = supplies.supplies()
    pdf = sheet([Label(row.values)], here.stocks[CARDS], here.templates["box"])
    assert codes_in(picture(pdf, 300)) == [code]


def test_a_freezers_card_says_how_cold_it_is(database):
    tank = a_tank(a_room())
    (row,) = prints(print_labels(template="container", stock=CARDS, containers=(tank,)))
    assert row.values["name"] == "Tank 3"
    assert row.values["code"] == tank


def test_a_second_card_for_a_box_needs_a_reason_and_keeps_the_boxs_code(database):
    code = a_box(a_tank(a_room()))
    first = print_labels(template="box", stock=CARDS, containers=(code,))
    with pytest.raises(Invalid, match="say why"):
        print_labels(template="box", stock=CARDS, containers=(code,))
    second = print_labels(template="box", stock=CARDS, containers=(code,), reason="torn off")
    assert [prints(run)[0].state for run in (first, second)] == [
        LabelPrintState.VOID,
        LabelPrintState.PRINTED,
    ]
    assert prints(second)[0].values["code"] == code


def test_an_unknown_box_is_unknown(database):
    with pytest.raises(NotFound):
        print_labels(template="box", stock=CARDS, containers=("CB00000000",))


def test_a_badge_says_who_it_is_in_both_languages(cast):
    run = print_labels(template="badge", stock="a4-cards-3x5", people=("alice", "bob"))
    rows = [row.values for row in prints(run)]
    assert [(row["name"], row["name_fa"], row["role"]) for row in rows] == [
        ("Alice Karimi", "آلیس کریمی", "Technician"),
        ("Bob Ahmadi", "باب احمدی", "Quality"),
    ]
    assert [ids.kind_of(row["code"]) for row in rows] == [ids.Kind.PERSON] * 2
    assert prints(run)[0].person_id == cast.alice.principal_id


def test_action_cards_are_printed_as_often_as_wanted(database):
    for _ in range(2):
        run = print_labels(template="action-card", stock=CARDS, cards=(Action.TAKE_OUT, Action.DONE))
        assert [(row.values["title"], row.values["title_fa"]) for row in prints(run)] == [
            ("TAKE OUT", "بیرون آوردن"),
            ("DONE", "پایان"),
        ]


def test_there_is_a_card_for_every_action():
    assert set(TITLES) == set(Action)


@pytest.mark.parametrize("place", ["A1", "I9", "AA12", "3-5", "81"])
def test_a_place_of_a_map_is_read_back(place):
    box = ids.new_code("C", ids.Kind.BOX)
    assert place_of(place_text(box, place)) == (box, place)
    assert place_of(place_text(ids.new_code("C", ids.Kind.VIAL), place)) is None


@pytest.mark.parametrize("text", ["", "A1", "MCB-0042-017", "CB00000001-A1", "CB00000000"])
def test_no_other_text_is_a_place(text):
    assert place_of(text) is None


@pytest.mark.sqlite_only
def test_the_words_of_many_labels_take_at_most_five_statements(database):
    do(MakeLot(bank="MCB-0042", vials=300))
    asked = []
    sa.event.listen(database.read, "before_cursor_execute", lambda *a: asked.append(a[2]))
    with work.reading(STAFF) as db:
        rows = drawing.vial_rows(db, [Vial.bank_id.is_not(None)])
        calendar = drawing.label_calendar(db, None)
        codes = drawing.own_codes(db, [row.id for row in rows], is_cap=False)
        labels = [drawing.vial_values(row, codes[row.id][1], calendar) for row in rows]
    assert len(labels) == 300
    assert len([one for one in asked if one.startswith("SELECT")]) <= 5


def test_containers_of_any_kind_take_a_label(database):
    code = building.add(ContainerKind.BENCH, "Bench 1", room_id=a_room())[0]
    assert (
        prints(print_labels(template="container", stock=CARDS, containers=(code,)))[0].container_id
        is not None
    )
