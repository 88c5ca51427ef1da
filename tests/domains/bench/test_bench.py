"""The bench page: scans at a station become acts, refusals fill the screen, and a reload shows the same."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from cellbank.core import clock
from cellbank.core.engine import Database
from cellbank.core.ids import Kind, new_code
from cellbank.core.journal import Event
from cellbank.domains.storage.models import ContainerKind
from cellbank.domains.vials.models import Thaw, ThawPurpose, VialState
from cellbank.toolkit.scanning.actions import Action, action_code, purpose_code
from tests.domains.bench.conftest import Station
from tests.domains.vials.stock import charlie, rows_of, some_box, some_stock, vial_of, where

pytestmark = pytest.mark.sqlite_only
MOVE, TAKE_OUT, PUT_BACK, THAW = (
    action_code(a) for a in (Action.MOVE, Action.TAKE_OUT, Action.PUT_BACK, Action.THAW)
)


def text(page: TestResponse) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True))))


def is_refused(page: TestResponse) -> bool:
    return "bench-panel is-refused" in page.get_data(as_text=True)


def test_a_scan_finds(database: Database, station: Station) -> None:
    stock = some_stock(1)
    page = station.scan(stock.codes[0])
    assert stock.vials[0] in text(page)
    assert '<p class="bench-slot"><bdi dir="ltr">A1</bdi></p>' in page.get_data(as_text=True)
    assert where(database)[stock.vials[0]] == (stock.box, 1)


def test_moving_by_scans_only(database: Database, station: Station) -> None:
    stock, box = some_stock(3), some_box()
    page = station.scan(MOVE, stock.codes[0], box, stock.codes[1], "C5", stock.codes[2], box)
    assert where(database) == {
        stock.vials[0]: (box, 1),
        stock.vials[1]: (stock.box, 23),
        stock.vials[2]: (box, 2),
    }
    assert "3 done" in text(page)
    with Session(database.read) as db:
        moved = db.scalars(sa.select(Event).where(Event.name == "vials.moved")).all()
    assert [bool(event.station) for event in moved] == [True] * 3


def test_moving_a_box_into_a_rack(database: Database, station: Station) -> None:
    stock, rack = some_stock(1), some_box("Rack B", kind=ContainerKind.RACK, rows=5, columns=1)
    page = station.scan(MOVE, stock.box, rack)
    assert not is_refused(page)
    assert "Rack B" in text(station.scan(action_code(Action.DONE), stock.codes[0]))


def test_take_out_goes_into_the_stations_vessel_and_back(database: Database, station: Station) -> None:
    stock = some_stock(1)
    page = station.scan(TAKE_OUT, stock.codes[0])
    vial = vial_of(database, stock.vials[0])
    assert (vial.state, vial.out_container_id is not None) == (VialState.OUT, True)
    assert "data-since=" in page.get_data(as_text=True)  # the timer runs
    station.scan(PUT_BACK, stock.codes[0])
    assert vial_of(database, stock.vials[0]).state is VialState.STORED


def test_thaw_with_a_purpose_card(database: Database, station: Station) -> None:
    stock = some_stock(1)
    assert is_refused(station.scan(THAW, stock.codes[0]))
    station.scan(action_code(Action.OK), purpose_code("qc"), stock.codes[0])
    (thaw,) = rows_of(database, Thaw)
    assert thaw.purpose is ThawPurpose.QC


def test_a_refusal_fills_the_screen_until_ok(database: Database, station: Station) -> None:
    stock, other = some_stock(2), some_stock(1)
    page = station.scan(MOVE, other.box, "A1", stock.codes[0])
    assert is_refused(page)
    assert f"is taken by {other.vials[0]}" in text(page)
    assert is_refused(station.hand.get("/bench"))  # a reload shows the same
    assert is_refused(station.scan(stock.codes[1]))  # nothing more is accepted
    assert where(database)[stock.vials[1]] == (stock.box, 2)
    assert not is_refused(station.scan(action_code(Action.OK)))
    station.scan(stock.codes[1])
    assert where(database)[stock.vials[1]] == (other.box, 2)


def test_the_same_code_within_a_moment_is_one_scan(database: Database, station: Station) -> None:
    stock = some_stock(1)
    with clock.frozen_at(clock.now()) as hands:
        station.scan(TAKE_OUT, stock.codes[0])
        hands.advance(timedelta(seconds=1.4))
        assert not is_refused(station.scan(stock.codes[0]))
        hands.advance(timedelta(seconds=1.6))
        assert is_refused(station.scan(stock.codes[0]))  # meant: it is out already


def test_the_same_request_twice_does_it_once(database: Database, station: Station) -> None:
    stock = some_stock(1)
    station.scan(TAKE_OUT)
    with clock.frozen_at(clock.now()) as hands:
        for _ in range(2):
            assert not is_refused(station.send(scan=stock.codes[0], key="same"))
            hands.advance(timedelta(seconds=5))
    with Session(database.read) as db:
        assert db.scalar(sa.select(sa.func.count()).where(Event.name == "vials.taken_out")) == 1


def test_undo_takes_back_the_last_scan(database: Database, station: Station) -> None:
    stock, box = some_stock(1), some_box()
    station.scan(MOVE, stock.codes[0], box)
    station.press("undo")
    assert where(database)[stock.vials[0]] == (stock.box, 1)
    page = station.press("undo")
    assert is_refused(page)
    assert "nothing to undo" in text(page)


def test_an_idle_station_forgets_its_act_and_says_so(database: Database, station: Station) -> None:
    stock = some_stock(1)
    with clock.frozen_at(clock.now()) as hands:
        station.scan(THAW, purpose_code("culture"))
        hands.advance(timedelta(minutes=16))
        page = station.scan(stock.codes[0])
    assert is_refused(page)
    assert "choose the act again" in text(page)
    assert vial_of(database, stock.vials[0]).state is VialState.STORED


def test_unknown_and_anothers_code_are_refused_alike(database: Database, station: Station) -> None:
    stock = some_stock(1)
    station.hand.actor = charlie()
    theirs = text(station.scan(stock.codes[0]))
    station.scan(action_code(Action.CANCEL))
    nothing = text(station.scan(new_code("C", Kind.VIAL)))
    assert "Unknown code" in theirs
    assert stock.vials[0] not in theirs
    assert "Unknown code" in nothing


def test_a_card_scanned_on_another_page_chooses_the_act(database: Database, station: Station) -> None:
    hand = station.hand
    assert "/bench?code=" in hand.get(f"/scan?q={MOVE}").location
    hand.get(f"/bench?code={MOVE}")
    assert "stays on until DONE" in text(hand.get("/bench"))


def test_htmx_gets_the_board_alone(database: Database, station: Station) -> None:
    stock = some_stock(1)
    answer = station.hand.post(
        "/bench/scans",
        scan=stock.codes[0],
        key="h",
        headers={"HX-Request": "true", "HX-Target": "bench-board"},
    )
    assert answer.status_code == 200
    assert "<html" not in answer.get_data(as_text=True)
    assert stock.vials[0] in text(answer)


@pytest.mark.parametrize("locale", ["en", "fa"])
def test_stations_are_chosen_corrected_and_retired(database: Database, station: Station, locale: str) -> None:
    hand = station.hand
    hand.locale = locale
    hand.post("/bench/station", station="")
    page = hand.get("/bench").get_data(as_text=True)
    code = page.split('name="station" value="')[1].split('"')[0]
    assert hand.get("/stations/new").status_code == 200
    assert hand.get(f"/stations/{code}").status_code == 200
    assert hand.post(f"/stations/{code}", name="Station 3", key="1").status_code == 303
    assert hand.post(f"/stations/{code}/retirement", key="2").status_code == 303
    assert code not in hand.get("/bench").get_data(as_text=True)
