"""Stories at a station with a scanner: what is refused, what is not lost, and what nobody learns."""

from __future__ import annotations

import re

import pytest

from cellbank.toolkit.scanning.actions import Action, action_code
from tests.domains.vials.stock import Stock, some_box, some_stock
from tests.journeys.conftest import Person
from tests.journeys.hands import Hands
from tests.journeys.served import Bank

pytestmark = pytest.mark.browser
MOVE, THAW, DONE, OK = (action_code(one) for one in (Action.MOVE, Action.THAW, Action.DONE, Action.OK))


@pytest.fixture
def stock(bank: Bank) -> Stock:
    """Four vials of a released bank in a box of their own."""
    return some_stock(4)


@pytest.fixture
def technician(person: Person) -> Hands:
    """Alice at her station, under a Persian keyboard layout."""
    hands = person("alice", "fa")
    hands.go("/bench")
    if hands.page.locator("#bench-board").count() == 0:
        hands.press("I am here")
    for action in ("Cancel", "Done"):
        with hands.board_changes():
            hands.named("button", action).click()
    return hands


def place_of(hands: Hands, vial: str) -> str:
    hands.go(f"/vials/{vial}")
    return hands.page.locator("#where .breadcrumb [aria-current]").inner_text().strip("\u2066\u2069")


def test_scans_move_a_vial_wherever_the_focus_is(technician: Hands, stock: Stock) -> None:
    technician.scan(MOVE)
    technician.page.locator("h1").first.evaluate("() => document.activeElement.blur()")
    technician.scan(stock.box, "C5", stock.codes[0])
    assert "C5" in technician.board
    assert place_of(technician, stock.vials[0]) == "C5"


def test_scans_faster_than_the_answers_are_all_done(technician: Hands, stock: Stock) -> None:
    empty = some_box("Box 40")
    done = technician.page.locator(".bench-log .is-done")
    before = done.count()
    technician.scan(MOVE, empty)
    technician.scan_at_once(*stock.codes)
    done.nth(before + len(stock.codes) - 1).wait_for()
    assert technician.page.locator(".bench-panel.is-refused").count() == 0, technician.board
    assert [place_of(technician, vial) for vial in stock.vials] == ["A1", "A2", "A3", "A4"]
    assert "Box 40" in technician.read("#where")


def test_an_occupied_place_is_refused_in_red_until_ok(technician: Hands, stock: Stock) -> None:
    technician.scan(MOVE, stock.box, "A2", stock.codes[0])
    panel = technician.page.locator(".bench-panel.is-refused")
    assert stock.vials[1] in panel.inner_text()
    colour = "one => getComputedStyle(one).backgroundColor"
    red, ground = panel.evaluate(colour), technician.page.locator("html").evaluate(colour)
    assert red != ground
    technician.scan(stock.codes[2])
    assert panel.count() == 1, "nothing more is taken until OK"
    technician.page.reload()
    assert panel.count() == 1
    technician.scan(OK)
    assert panel.count() == 0
    assert place_of(technician, stock.vials[0]) == "A1"
    assert place_of(technician, stock.vials[2]) == "A3"


def test_a_thawed_vial_cannot_be_moved(technician: Hands, stock: Stock) -> None:
    technician.scan(THAW)
    with technician.board_changes():
        technician.named("button", "Culture").click()
    technician.scan(stock.codes[0], DONE)
    technician.scan(MOVE, stock.codes[0], stock.box)
    assert technician.page.locator(".bench-panel.is-refused").count() == 1
    assert technician.page.locator(".bench-log .is-refused").count() >= 1


def test_another_companys_vial_is_as_unknown_as_one_that_never_was(person: Person, stock: Stock) -> None:
    stranger = person("charlie")
    real, invented = (answer(stranger, code) for code in (stock.codes[0], "CV0000000G"))
    assert real == invented
    assert real[0] == 404
    by_name, by_invented_name = (answer(stranger, code) for code in (stock.vials[0], "MCB-9999-001"))
    assert by_name == by_invented_name == real


def answer(hands: Hands, code: str) -> tuple[int, str]:
    """Status and whole body, without what is new in every answer and the address that was asked."""
    got = hands.page.request.get(f"{hands.url}/vials/{code}")
    body = re.sub(r'nonce="[^"]*"|name="key" value="[^"]*"', "", got.text())
    return got.status, body.replace(code, "")


def test_a_form_outlives_its_session(person: Person, stock: Stock) -> None:
    here, elsewhere = person("carol", "fa"), person("carol", "en")
    here.go(f"/vials/{stock.vials[0]}/correction")
    here.fill(volume_ul=750, reason="Filled with the small pipette")
    elsewhere.go("/account")
    elsewhere.press("End all others")
    with here.page.expect_navigation():
        here.page.locator("main form.form button.is-primary").click()
    assert here.page.locator("[name=password]").count() == 1
    here.fill(name="carol", password="four green tanks in March")
    with here.page.expect_navigation():
        here.page.locator("main button").click()
    if here.page.locator("main form input[name=volume_ul]").count():
        with here.page.expect_navigation():
            here.page.locator("main form button.is-primary").click()
    here.go(f"/vials/{stock.vials[0]}")
    assert "750" in here.read("#whence")
    assert "Filled with the small pipette" in here.read("#story")


def test_a_doubled_click_is_one_act(person: Person, stock: Stock) -> None:
    hands = person("alice")
    hands.go(f"/vials/{stock.vials[1]}")
    with hands.page.expect_navigation():
        hands.named("button", "Take out", "main").dblclick()
    hands.go(f"/vials/{stock.vials[1]}")
    assert hands.page.locator("#story .act").count() == 2, hands.read("#story")
    assert hands.page.locator("#story .act.is-refused").count() == 0


def test_a_page_that_is_out_of_date_says_so(person: Person, stock: Stock) -> None:
    alice, carol = person("alice"), person("carol")
    alice.go(f"/vials/{stock.vials[2]}")
    carol.go(f"/vials/{stock.vials[2]}/moves")
    carol.record(container=stock.box, place="E1")
    alice.press("Take out")
    told = alice.page.get_by_role("alert")
    assert told.count() == 1, alice.read()
    assert place_of(alice, stock.vials[2]) == "E1"
