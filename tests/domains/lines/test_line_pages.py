from __future__ import annotations

import json
from decimal import Decimal

import pytest
import sqlalchemy as sa

from cellbank.core import work
from cellbank.domains.lines.commands import HarvestCulture
from cellbank.domains.lines.models import Culture, CultureState, LimitingMeasure, Line, PassageRule
from tests.origin import culture, do, donation, donor, every, line, only, passaged
from tests.pages import Browser, application, words_of

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def app(database_url, cast):
    return application(database_url)


def test_an_empty_list_says_what_to_do_in_both_languages(app, cast):
    assert "No lines yet" in Browser(app, cast.carol).read("/lines")
    assert "هنوز رده‌ای ثبت نشده است" in Browser(app, cast.carol, "fa").read("/lines")


def test_a_line_is_registered_grown_and_harvested_with_its_forms(app, cast):
    carol, alice = Browser(app, cast.carol), Browser(app, cast.alice)
    donor(code="D-1")
    given = donation("D-1").code
    where = carol.done(
        "/lines/new", key="k1", name="TABi005-A", kind="ipsc", sex="female", donations=given, species="Homo sapiens",
        limiting_measure="population_doublings", soft_limit="35.5", hard_limit="۴۵", passage_rule="none",
    )  # fmt: skip
    made = only(Line)
    assert (where, made.soft_limit, made.hard_limit) == (f"/lines/{made.code}", 35500, 45000)
    where = alice.done(
        "/cultures/new",
        key="k2",
        line=made.code,
        donation=given,
        passage="p0",
        doublings="0",
        seeded_cells="1000000",
        vessels="1",
    )
    code = only(Culture).code
    assert where == f"/cultures/{code}"
    where = alice.done(
        "/passages/new",
        key="k3",
        parents=code,
        into="2",
        harvested_cells="8000000",
        split_ratio="1:2",
        vessels="1",
    )
    page = words_of(alice.read(where))
    assert "p1" in page
    assert "3.000" in page
    assert only(Culture, code=code).state is CultureState.HARVESTED
    assert [one.cpd_milli for one in every(Culture)] == [3000] * 3


def test_the_page_of_a_line_draws_its_family_and_growth_in_both_directions(app, cast):
    donor(code="D-1")
    given = donation("D-1").code
    of = line(
        "TABi005-A", donations=(given,), limiting_measure=LimitingMeasure.POPULATION_DOUBLINGS, hard_limit=30
    )
    first = culture(of, passage="p1", doublings=Decimal(0), seeded_cells=10**6)
    do(HarvestCulture(culture=first.code, cells=4 * 10**6))
    passaged(first)
    page = Browser(app, cast.carol).read(f"/lines/{of.code}")
    for link in ("/donors/D-1", f"/donations/{given}", f"/cultures/{first.code}"):
        assert f'href="{link}"' in page
    assert 'class="chart lineage"' in page
    assert "The same as a list" in page
    assert 'class="chart growth"' in page
    persian = Browser(app, cast.carol, "fa").read(f"/lines/{of.code}")
    assert 'dir="rtl"' in persian
    assert "Cumulative doublings" not in persian


def test_a_line_is_reached_by_its_name_and_found_by_any_of_its_names(app, cast):
    made = line("HEK 293T/17", other_names=("293tsA1609neo",))
    carol = Browser(app, cast.carol)
    answer = carol.get("/lines/HEK 293T/17")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/lines/{made.code}")
    assert f'href="/lines/{made.code}"' in carol.read("/scan?q=hek-293")
    assert f'href="/lines/{made.code}"' in carol.read("/scan?q=293TSA")
    donor(code="D-7", depositor_code="TUMS-19")
    assert 'href="/donors/D-7"' in carol.read("/scan?q=tums")
    line("HeLa"), line("HeLa", custodian="Celltech")
    assert carol.get("/lines/HeLa").headers["Location"] == "/lines?q=HeLa"
    assert Browser(app, cast.charlie).get("/lines/HEK 293T/17").status_code == 404


def test_a_limit_is_refused_with_what_was_typed_and_a_fact_is_taken(app, cast):
    of = line(hard_limit=5)
    first = culture(of, passage="p5")
    alice = Browser(app, cast.alice)
    answer = alice.post("/passages/new", parents=first.code, into="1", vessels="1", note="thick matrix")
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "past its limit" in page
    assert "thick matrix" in page
    where = alice.done("/passages/new", parents=first.code, into="1", vessels="1", has_happened="true")
    assert "Past the limit" in alice.read(where)


def test_a_line_is_corrected_and_limited_with_its_forms(app, cast):
    of = line(
        limiting_measure=LimitingMeasure.POPULATION_DOUBLINGS, soft_limit=Decimal("35.5"), derived="1392/03"
    )
    carol = Browser(app, cast.carol)
    shown = carol.read(f"/lines/{of.code}/limits")
    assert 'value="35.5"' in shown
    assert 'value="1392/03"' in Browser(app, cast.carol, "fa").read(f"/lines/{of.code}/correction").replace(
        "۱۳۹۲/۰۳", "1392/03"
    )
    refused = carol.post(
        f"/lines/{of.code}/limits", limiting_measure="passage", hard_limit="9", passage_rule="none"
    )
    assert refused.status_code == 422
    carol.done(
        f"/lines/{of.code}/limits",
        limiting_measure="passage",
        hard_limit="9",
        passage_rule="plus_one_at_thaw",
        reason="policy",
    )
    now = only(Line)
    assert (now.hard_limit, now.soft_limit, now.passage_rule) == (9, None, PassageRule.PLUS_ONE_AT_THAW)
    assert "the line can be opened again" in carol.read(f"/lines/{of.code}/closing")
    assert "opened again" not in carol.read(f"/lines/{of.code}/correction")
    carol.done(f"/lines/{of.code}/closing")
    assert "Closed" in carol.read("/lines")


def test_cultures_end_with_their_forms(app, cast):
    first, second = (culture(line(name)) for name in ("A", "B"))
    alice = Browser(app, cast.alice)
    alice.done(f"/cultures/{first.code}/harvest", cells="", viability="")
    alice.done(f"/cultures/{first.code}/resumption")
    alice.done(f"/cultures/{first.code}/discard", why="spare")
    alice.done(f"/cultures/{second.code}/contamination", found="fungi")
    assert "cannot be brought back" in alice.read(f"/cultures/{second.code}/annulment")
    alice.done(f"/cultures/{second.code}/count", count_of="seeded", cells="1000000", viability="94.2")
    assert [one.state for one in every(Culture)] == [CultureState.DISCARDED, CultureState.CONTAMINATED]
    assert every(Culture)[1].seeded_viability_permille == 942
    assert "94.2" in alice.read(f"/cultures/{second.code}")


def test_what_is_another_organisations_answers_like_what_does_not_exist(app, cast):
    mine = culture(line("A"))
    charlie = Browser(app, cast.charlie)
    none = words_of(charlie.get("/lines/L-9999").get_data(as_text=True))
    for path in ("/lines/L-0001", f"/cultures/{mine.code}"):
        answer = charlie.get(path)
        assert answer.status_code == 404
        assert words_of(answer.get_data(as_text=True)) == none
    theirs = line("C", custodian="Celltech")
    assert charlie.get(f"/lines/{theirs.code}").status_code == 200


def test_the_page_of_a_line_asks_the_database_few_times(app, cast):
    of = line()
    first = culture(of, passage="p1")
    for _ in range(5):
        first = passaged(first)
    asked: list[str] = []
    sa.event.listen(work.database().read, "before_cursor_execute", lambda *call: asked.append(call[2]))
    Browser(app, cast.carol).read(f"/lines/{of.code}")
    assert len([text for text in asked if text.startswith(("SELECT", "WITH"))]) <= 15, asked


def test_programs_read_lines_and_cultures(app, cast):
    of = line("HeLa", rrid="CVCL_0030")
    first = culture(of, passage="p12+3")
    second = passaged(first)
    carol = Browser(app, cast.carol)
    answer = json.loads(carol.read(f"/api/v1/lines/{of.code}"))
    assert (answer["name"], answer["rrid"], answer["cultures"]) == (
        "HeLa",
        "CVCL_0030",
        [first.code, second.code],
    )
    answer = json.loads(carol.read(f"/api/v1/cultures/{second.code}"))
    assert (answer["passage"], answer["parents"], answer["cpd_milli"]) == ("p12+4", [first.code], None)


def test_a_form_says_what_it_is_about_and_planning_a_bank_offers_what_is_grown(app, cast):
    carol = Browser(app, cast.carol)
    donor(code="D-1")
    donation("D-1")
    made, other = line(name="A-1"), line(name="A-2")
    grown, foreign = culture(made).code, culture(other).code
    assert made.code in carol.read(f"/lines/{made.code}/closing")
    offered = carol.read(f"/banks/new?line={made.code}")
    assert grown in offered
    assert foreign not in offered
    assert "Plan a bank" in carol.read(f"/lines/{made.code}")
    assert "Plan a bank" in carol.read(f"/cultures/{grown}")
