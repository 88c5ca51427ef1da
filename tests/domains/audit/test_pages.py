"""The trail, an act and a story as pages, as JSON and as a table; in both languages; each to whom it belongs."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from cellbank.core import clock
from cellbank.core.errors import Refused
from cellbank.core.model import Precision
from cellbank.core.work import Occurred
from tests.domains.audit.reading import move, statements
from tests.domains.vials.stock import do, some_box, some_stock

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def moved(cast):
    """One vial that alice moved, a day late, with a reason that looks like a formula."""
    stock, box = some_stock(1), some_box("Box 12")
    yesterday = clock.now() - timedelta(days=1)
    event = do(
        move((stock.codes[0], box, "C5")),
        cast.alice,
        reason="=HYPERLINK(1)",
        occurred=Occurred(yesterday, Precision.DAY),
    )
    with pytest.raises(Refused):
        do(move((stock.codes[0], some_stock(1).box, "A1")), cast.alice)
    return stock, event


def test_the_trail_shows_acts_with_before_and_after_and_both_times(moved, browse) -> None:
    stock, event = moved
    bob = browse("bob")
    page = bob.get("/trail", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    text = page.text
    assert f'href="/events/{event.seq}"' in text
    assert stock.vials[0] in text
    assert "C5" in text
    assert text.count("data-walk") == 1
    assert "is-refused" in text


@pytest.mark.parametrize("locale", ["en", "fa"])
def test_every_page_is_drawn_in_both_languages(moved, browse, locale) -> None:
    stock, event = moved
    bob = browse("bob")
    bob.post("/preferences", {"locale": locale, "next": "/"})
    for url in (
        "/trail",
        f"/events/{event.seq}",
        f"/events/{event.seq + 1}",
        f"/history/vial/{stock.vials[0]}",
        f"/history/vial/{stock.codes[0]}",
        f"/history/container/{stock.box}",
        f"/history/bank/{stock.bank}",
        "/history/person/alice",
        "/history/organisation/Celltech",
        "/trail?refused=1",
        "/trail?from=1300/50/50",
        "/trail?on=nothing+of+the+kind",
    ):
        page = bob.get(url)
        assert page.status_code == 200, url
        assert f'lang="{locale}"' in page.text
        assert "{" not in page.text.partition("<main")[2].partition("</main")[0], url
    if locale == "fa":
        assert "سوابق تغییرات" in bob.get("/trail").text


def test_a_reason_and_a_name_are_never_markup(cast, browse) -> None:
    stock, box = some_stock(1), some_box("<b>Box</b>")
    event = do(move((stock.codes[0], box, "A1")), cast.alice, reason="<script>alert(1)</script>")
    bob = browse("bob")
    for url in ("/trail", f"/events/{event.seq}", f"/history/vial/{stock.vials[0]}"):
        text = bob.get(url).text
        assert "<script>alert(1)" not in text
        assert "<b>Box" not in text


def test_an_act_in_full_tells_what_was_asked_and_both_calendars(moved, browse) -> None:
    stock, event = moved
    text = browse("bob").get(f"/events/{event.seq}").text
    for part in (stock.codes[0], "=HYPERLINK(1)", "C5", event.id.hex, "آلیس کریمی"):
        assert part in text
    jalali_and_gregorian = event.recorded_at.strftime("%Y-%m-%d")
    assert jalali_and_gregorian in text
    assert "140" in text  # a year of the Jalali calendar beside it


def test_htmx_gets_the_story_alone(moved, browse) -> None:
    stock, _event = moved
    page = browse("bob").get(
        f"/history/vial/{stock.vials[0]}", headers={"HX-Request": "true", "HX-Target": "story"}
    )
    assert page.text.lstrip().startswith('<div class="story" id="story">')
    assert "<main" not in page.text


def test_the_trail_is_narrowed_in_the_address(moved, cast, browse) -> None:
    stock, event = moved
    bob = browse("bob")

    def shown(query: str) -> bool:
        return f'id="act-{event.seq}"' in bob.get(f"/trail?{query}").text

    today = clock.now().strftime("%Y-%m-%d")
    assert shown(f"on={stock.codes[0]}&act=vials.moved&who={cast.alice.principal_id.hex}")
    assert shown(f"from={today}&to={today}")
    assert not shown("to=2020")
    assert not shown(f"who={cast.carol.principal_id.hex}")
    assert not shown("refused=1")
    assert not shown("on=" + some_stock(1).codes[0])


def test_the_table_tells_both_times_and_holds_no_formula(moved, browse) -> None:
    _stock, event = moved
    page = browse("bob").get("/trail.csv?act=vials.moved", headers={"Accept-Language": "en"})
    assert page.mimetype == "text/csv"
    assert "attachment" in page.headers["Content-Disposition"]
    browser_rows = csv.reader(io.StringIO(page.data.decode("utf-8-sig")))
    cells = {row[0]: row for row in browser_rows}
    told = cells[str(event.seq)]
    assert "'=HYPERLINK(1)" in told
    assert event.recorded_at.isoformat(timespec="microseconds").replace("+00:00", "Z") in told
    assert any(cell.endswith("+03:30") for cell in told)
    assert not [cell for row in cells.values() for cell in row if cell[:1] in "=+-@\t\r" and cell]


def test_a_long_table_comes_whole(cast, browse, monkeypatch) -> None:
    from cellbank.domains.audit.views import export

    monkeypatch.setattr(export, "AT_ONCE", 3)
    stock = some_stock(1)
    made = [do(move((stock.codes[0], stock.box, f"B{n}")), cast.alice).seq for n in range(1, 9)]
    page = browse("bob").get("/trail.csv?act=vials.moved")
    numbers = [row[0] for row in csv.reader(io.StringIO(page.data.decode("utf-8-sig")))][1:]
    assert numbers == [str(seq) for seq in reversed(made)]


def test_whoever_may_not_sees_nothing(moved, visitor, browse, app) -> None:
    stock, event = moved
    assert visitor.get("/trail").status_code in (303, 401)
    charlie = browse("charlie")
    assert charlie.get(f"/events/{event.seq}").status_code == 404
    assert charlie.get(f"/history/vial/{stock.vials[0]}").status_code == 404
    assert charlie.get("/history/vial/NOTHING-1").status_code == 404
    assert charlie.get(f"/history/container/{stock.box}").status_code == 403
    assert stock.vials[0] not in charlie.get("/trail").text
    dora = browse("dora")
    assert dora.get(f"/history/vial/{stock.vials[0]}").status_code == 403
    assert dora.get(f"/events/{event.seq}").status_code == 404


def test_pages_stay_inside_their_budget(moved, browse, database, app) -> None:
    stock, event = moved
    bob = browse("bob")
    database_of_app = app.extensions["cellbank.database"]
    for url, most in (
        ("/trail", 12),
        (f"/trail?on={stock.codes[0]}", 12),
        (f"/events/{event.seq}", 10),
        (f"/history/vial/{stock.vials[0]}", 12),
    ):
        bob.get(url)
        with statements(database_of_app) as seen:
            bob.get(url)
        assert len(seen) <= most, (url, len(seen))


def test_programs_read_the_same(moved, browse) -> None:
    stock, event = moved
    bob = browse("bob")
    page = bob.get(f"/api/v1/events?on={stock.codes[0]}&limit=2").json
    assert [one["name"] for one in page["events"]] == ["vials.moved", "vials.moved"]
    assert page["events"][0]["outcome"] == "refused"
    assert page["events"][0]["refusal"].startswith("Place {")
    older = bob.get(f"/api/v1/events?on={stock.codes[0]}&cursor={page['next_cursor']}").json
    assert older["next_cursor"] is None
    assert {one["number"] for one in older["events"]}.isdisjoint({one["number"] for one in page["events"]})
    whole = bob.get(f"/api/v1/events/{event.seq}").json
    assert whole["request"]["moves"][0]["place"] == "C5"
    assert whole["occurred_precision"] == "day"
    assert {change["table"] for change in whole["changes"]} >= {"placement"}
    story = bob.get(f"/api/v1/history/vial/{stock.vials[0]}").json
    assert event.seq in [one["number"] for one in story["events"]]
    assert bob.get("/api/v1/events?limit=200").status_code == 200
    assert bob.get("/api/v1/events?since=yesterday").status_code == 422
    assert bob.get("/api/v1/events/999999").status_code == 404
    assert browse("charlie").get(f"/api/v1/events/{event.seq}").status_code == 404


def test_a_number_that_no_database_holds_is_no_fault(moved, browse) -> None:
    bob = browse("bob")
    too_large = 10**30
    assert bob.get(f"/api/v1/events?cursor={too_large}").status_code == 422
    assert bob.get(f"/api/v1/events/{too_large}").status_code == 404
    assert bob.get(f"/events/{too_large}").status_code == 404
