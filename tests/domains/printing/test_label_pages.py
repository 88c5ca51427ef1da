"""The pages of labels, asked as a browser asks, and what the papers say to a decoder."""

from __future__ import annotations

import hashlib
import html as markup
import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
import zxingcpp
from flask import Flask, g
from PIL import Image
from sqlalchemy.orm import Session

from cellbank.core import work
from cellbank.core.data_files import data_folder
from cellbank.core.errors import CellbankError
from cellbank.domains import registry
from cellbank.domains.printing import queries, views
from cellbank.domains.printing.cards import TITLES, place_of
from cellbank.domains.printing.commands import MarkLabels
from cellbank.domains.printing.models import LabelRun
from cellbank.domains.printing.supplies import supplies
from cellbank.domains.vials.queries import Answer, scan
from cellbank.toolkit.html import render as html
from cellbank.toolkit.labels import page_count, picture
from cellbank.toolkit.scanning.actions import action_code, action_of
from tests.domains.printing.making import STAFF, MakeLot, codes_of, do, one, print_labels, prints
from tests.domains.storage.building import a_box, a_room, a_tank
from tests.toolkit.labels.reading_back import codes_in, cut_out

pytestmark = pytest.mark.sqlite_only
NEW = {"template": "vial-side", "stock": "tough-tags-ttlw-2016"}


class Visitor:
    """Somebody with a browser."""

    def __init__(self, database):
        self.actor, self.locale = STAFF, "en"
        self.asked: list[Any] = []
        self.app = Flask("cellbank", static_folder=None)
        self.app.config.update(TESTING=True, SECRET_KEY="test")
        html.init_app(self.app, registry.template_folders())
        views.pages.install(self.app)
        self.app.before_request(self._sign_in)
        self.app.register_error_handler(CellbankError, lambda error: (str(error), error.status))
        sa.event.listen(database.read, "before_cursor_execute", lambda *a: self.asked.append(a[2]))

    def _sign_in(self):
        g.actor, g.locale, g.csrf_token, g.zone = self.actor, self.locale, "token", "Asia/Tehran"

    def fetch(self, url, status=200):
        self.asked.clear()
        answer = self.app.test_client().get(url)
        assert answer.status_code == status, answer.text[:2000]
        return answer

    def get(self, url, status=200):
        return self.fetch(url, status).text

    def post(self, url, status=303, **form):
        answer = self.app.test_client().post(url, data={"csrf_token": "token", "key": work.new_key(), **form})
        assert answer.status_code == status, answer.text[:3000]
        return answer

    def statements(self):
        return [s for s in self.asked if s.startswith(("SELECT", "WITH"))]


@pytest.fixture
def visitor(database):
    registry.load_commands()
    return Visitor(database)


def text_of(page):
    return re.sub(r"\s+", " ", markup.unescape(re.sub(r"<[^>]+>", " ", page)))


def decoded(pdf, page=0, dpi=300):
    return codes_in(picture(pdf, dpi, page))


# ---- plan, print, decode ----------------------------------------------------------------------------------------


def test_every_code_of_a_lot_is_read_back_from_its_paper(visitor):
    do(MakeLot(bank="MCB-0042", vials=96))
    answer = visitor.post("/labels/new", **NEW, fill_lot="MCB-0042-F1", frozen_on="2026-11-22")
    assert answer.location == "/labels/runs/LBL-0001"
    pdf = visitor.fetch("/labels/runs/LBL-0001.pdf").data
    assert page_count(pdf) == 2
    planned = {codes_of(f"MCB-0042-{number:03}")[0].code for number in range(1, 97)}
    assert set(decoded(pdf) + decoded(pdf, 1)) == planned
    assert "96" in text_of(visitor.get(answer.location))


def test_a_part_used_sheet_is_begun_where_the_person_says(visitor):
    do(MakeLot(bank="MCB-0042", vials=2))
    visitor.post("/labels/new", **NEW, fill_lot="MCB-0042-F1", start_at="17")
    page = picture(visitor.fetch("/labels/runs/LBL-0001.pdf").data, 300)
    stock = supplies().stocks["tough-tags-ttlw-2016"]
    expected = [row.values["code"] for row in prints(one(LabelRun))]
    assert [codes_in(cut_out(page, stock, place, 300)) for place in (15, 16, 17, 18)] == [
        [], [expected[0]], [expected[1]], [],
    ]  # fmt: skip


def test_scanning_a_label_that_was_printed_again_says_that_it_is_void(visitor):
    do(MakeLot(bank="MCB-0042", vials=1))
    print_labels(fill_lot="MCB-0042-F1")
    code = codes_of("MCB-0042-001")[0].code
    visitor.post(f"/vials/{code}/labels", status=422)
    answer = visitor.post(f"/vials/{code}/labels", reason="frosted over")
    (new,) = decoded(visitor.fetch(answer.location + ".pdf").data)
    with work.reading(STAFF) as db:
        assert [scan(db, text).kind for text in (code, new)] == [Answer.VOID, Answer.VIAL]


def test_the_same_file_is_given_again_and_counted_until_a_label_is_used(visitor):
    do(MakeLot(bank="MCB-0042", vials=3))
    run = print_labels(fill_lot="MCB-0042-F1")
    files = {hashlib.sha256(visitor.fetch("/labels/runs/LBL-0001.pdf").data).hexdigest() for _ in range(3)}
    assert files == {one(LabelRun).file_sha256}
    assert "The file was downloaded 3 times" in text_of(visitor.get("/labels/runs/LBL-0001"))
    do(MarkLabels(run_code=run.code, fate="used", labels="1"))
    assert "already accounted for" in visitor.get("/labels/runs/LBL-0001.pdf", status=409)
    assert ".pdf" not in visitor.get("/labels/runs/LBL-0001")


def test_a_run_looks_as_it_was_printed_even_when_its_owner_has_another_name_now(visitor):
    do(MakeLot(bank="MCB-0042", vials=1))
    print_labels(fill_lot="MCB-0042-F1")
    before = visitor.fetch("/labels/runs/LBL-0001.pdf").data
    with Session(work.database().read) as session:
        assert session.scalar(sa.select(LabelRun.labels)) == 1
    assert visitor.fetch("/labels/runs/LBL-0001.pdf").data == before


# ---- the page of printing ---------------------------------------------------------------------------------------


def test_the_first_label_is_shown_before_it_is_printed(visitor):
    do(MakeLot(bank="MCB-0042", vials=4))
    page = visitor.get("/labels/new?fill_lot=MCB-0042-F1&frozen_on=2026-11-22")
    assert "4 labels" in text_of(page)
    assert page.count('type="radio"') == 85
    url = markup.unescape(re.search(r'src="(/labels/preview[^"]+)"', page)[1])
    shown = Image.open(io.BytesIO(visitor.fetch(url).data))
    assert [found.text for found in zxingcpp.read_barcodes(shown)] == [codes_of("MCB-0042-001")[0].code]


def test_what_the_picture_shows_is_what_is_printed(visitor):
    do(MakeLot(bank="MCB-0042", vials=1))
    page = visitor.get("/labels/new?fill_lot=MCB-0042-F1")
    told = markup.unescape(re.search(r'<img src="/labels/preview[^"]+" alt="([^"]+)"', page)[1])
    hidden = dict(
        re.findall(r'<input type="hidden" name="(frozen_on|fill_lot|template|stock)" value="([^"]*)">', page)
    )
    visitor.post("/labels/new", **hidden)
    assert ", ".join(prints(one(LabelRun))[0].values.values()) == told


def test_stock_that_does_not_stand_the_cold_is_warned_of(visitor):
    do(MakeLot(bank="MCB-0042", vials=1))
    page = text_of(visitor.get("/labels/new?fill_lot=MCB-0042-F1&stock=avery-l4732"))
    assert "This stock is not made for liquid nitrogen" in page
    assert "This stock is not made" not in text_of(visitor.get("/labels/new?fill_lot=MCB-0042-F1"))


def test_what_cannot_be_printed_is_told_beside_the_picture(visitor):
    do(MakeLot(bank="MCB-0042", vials=1, line="W" * 70))
    assert "is too long for this label" in text_of(visitor.get("/labels/new?fill_lot=MCB-0042-F1"))
    visitor.post("/labels/new", status=422, **NEW, fill_lot="MCB-0042-F1")
    assert "Not found" in text_of(visitor.get("/labels/new?fill_lot=MCB-0099-F1"))


def test_a_fill_lot_leads_to_the_labels_it_lacks(visitor):
    do(MakeLot(bank="MCB-0042", vials=4))
    print_labels(fill_lot="MCB-0042-F1", to_number=1)
    answer = visitor.fetch("/fill-lots/MCB-0042-F1/labels", status=303)
    page = visitor.get(answer.location)
    assert "3 labels" in text_of(page)
    url = markup.unescape(re.search(r'src="(/labels/preview[^"]+)"', page)[1])
    shown = Image.open(io.BytesIO(visitor.fetch(url).data))
    assert [found.text for found in zxingcpp.read_barcodes(shown)] == [codes_of("MCB-0042-002")[0].code]


# ---- the ledger's page ------------------------------------------------------------------------------------------


def test_labels_are_accounted_for_by_forms(visitor):
    do(MakeLot(bank="MCB-0042", vials=3))
    print_labels(fill_lot="MCB-0042-F1")
    visitor.post("/labels/runs/LBL-0001/marks", fate="used", labels="1-2")
    visitor.post("/labels/runs/LBL-0001/marks", status=422, fate="spoiled", labels="3")
    visitor.post("/labels/runs/LBL-0001/marks", fate="spoiled", labels="3", reason="torn")
    page = text_of(visitor.get("/labels/runs/LBL-0001"))
    assert "Every label is accounted for." in page
    assert "torn" in page


def test_the_page_of_a_run_asks_few_questions_however_long_it_is(visitor):
    do(MakeLot(bank="MCB-0042", vials=150))
    print_labels(fill_lot="MCB-0042-F1")
    visitor.get("/labels/runs/LBL-0001")
    assert len(visitor.statements()) <= 6
    visitor.get("/labels")
    assert len(visitor.statements()) <= 6


def test_pages_speak_persian(visitor):
    do(MakeLot(bank="MCB-0042", vials=2))
    print_labels(fill_lot="MCB-0042-F1", to_number=1)
    visitor.locale = "fa"
    for url in (
        "/labels",
        "/labels/new?fill_lot=MCB-0042-F1",
        "/labels/runs/LBL-0001",
        "/labels/runs/LBL-0001/marks",
    ):
        words = re.findall(
            r"[A-Za-z]{4,}", text_of("<" + visitor.get(url).partition("<main id")[2].partition("</main>")[0])
        )
        assert set(words) <= {"iPSC", "RCB", "Tough", "Tags", "TTLW", "Letter", *DATA_WORDS}, (url, words)


DATA_WORDS = {
    "Avery", "Cryo", "Babies", "roll", "cards", "Research", "only", "cellbank", "dots", "Scientific", "LABTAG", "plain",
    "side", "with",
}  # fmt: skip


def test_an_unknown_run_is_not_found(visitor):
    visitor.get("/labels/runs/LBL-0009", status=404)
    visitor.get("/labels/runs/LBL-0009.pdf", status=404)


def test_a_broken_file_of_the_site_is_told_with_its_reason_and_a_good_one_is_offered(visitor, tmp_path):
    folder = tmp_path / "labels" / "stocks"
    folder.mkdir(parents=True)
    shipped = (data_folder("labels") / "stocks" / "avery-l4732.toml").read_text()
    (folder / "ours.toml").write_text(
        shipped.replace("avery-l4732", "ours").replace("Avery L4732", "Our own sheet")
    )
    (folder / "broken.toml").write_text(
        shipped.replace("avery-l4732", "broken").replace("columns = 5", "columns = 9")
    )
    work.use(work.database(), work.Settings(values={"labels_folder": tmp_path / "labels"}))
    page = text_of(visitor.get("/labels"))
    assert "Our own sheet" in page
    assert re.search(r"broken\.toml · grid\.columns : The labels need", page), page


# ---- papers -----------------------------------------------------------------------------------------------------


def test_each_place_of_a_printed_box_map_has_its_symbol(visitor):
    code = a_box(a_tank(a_room()))
    pdf = visitor.fetch(f"/labels/boxes/{code}/map.pdf").data
    found = decoded(pdf)
    assert len(found) == 82
    assert {place_of(text) for text in found} - {None} == {
        (code, f"{row}{column}") for row in "ABCDEFGHI" for column in range(1, 10)
    }
    assert code in found


def test_the_action_cards_hold_the_codes_of_the_bench(visitor):
    pdf = visitor.fetch("/labels/action-cards.pdf").data
    found = [text for page in range(page_count(pdf)) for text in decoded(pdf, page)]
    assert {action_of(text) for text in found} == set(TITLES)
    assert action_code(next(iter(TITLES))) in found


def test_a_calibration_page_is_a_page(visitor):
    assert page_count(visitor.fetch("/labels/stocks/avery-l4731/calibration.pdf").data) == 1
    visitor.get("/labels/stocks/none/calibration.pdf", status=404)


def test_what_waits_is_on_the_first_page(visitor):
    do(MakeLot(bank="MCB-0042", vials=7))
    assert "7 vials without a label" in text_of(visitor.get("/labels"))
    with work.reading(STAFF) as db:
        assert len(queries.waiting(db)) == 1
