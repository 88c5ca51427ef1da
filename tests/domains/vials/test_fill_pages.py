"""Pages of banks, fillings and freeze runs: what a person sees and does, from the plan to the cold."""

from __future__ import annotations

import hashlib
import html
import io
import re
from typing import Any

import pytest
import sqlalchemy as sa

from cellbank.core.engine import Database
from cellbank.domains.banks.models import FreezeOutcome, FreezeRun, PutBackRule
from cellbank.domains.vials.models import Allocation, ConsignmentVial, Hold, VialState
from tests.domains.vials.conftest import Hand
from tests.domains.vials.making import (
    STAFF,
    MakeLine,
    MakeThings,
    bank_of,
    charlie,
    do,
    filled,
    freezing,
    frozen,
    planned_bank,
    planned_filling,
    rows,
    vials_of,
)

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def keeper(hand: Hand) -> Hand:
    """Somebody at a browser who may make banks."""
    hand.actor = STAFF
    return hand


def text(page: Any) -> str:
    """What stands on a page, without its marks."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True))))


def test_an_empty_list_teaches_the_first_step(database: Database, keeper: Hand) -> None:
    shown = text(keeper.get("/banks"))
    assert "No bank yet" in shown
    assert "Plan a bank" in shown


def test_a_bank_is_planned_filled_and_frozen_by_its_forms(database: Database, keeper: Hand) -> None:
    do(MakeLine(name="TABi001-A"))
    do(MakeThings())
    planned = keeper.post(
        "/banks/new", line="TABi001-A", tier="master", put_back="never", grade="gmp", key="1"
    )
    assert planned.location == "/banks/MCB-0001"
    assert bank_of("MCB-0001").put_back is PutBackRule.NEVER
    lot = keeper.post("/banks/MCB-0001/fill-lots", planned="3", presentation="vial_2_ml", key="2")
    assert lot.location == "/fill-lots/MCB-0001-F1"
    assert "Start filling" in text(keeper.get(lot.location))
    assert (
        keeper.post("/fill-lots/MCB-0001-F1/start", hood="HOOD1", materials="FBS7", key="3").status_code
        == 303
    )
    assert "Finish filling" in text(keeper.get(lot.location))
    done = keeper.post(
        "/fill-lots/MCB-0001-F1/finish", filled="2", last_number="2", volume_ul="1000", key="4"
    )
    assert done.status_code == 303
    run = keeper.post("/banks/MCB-0001/freeze-runs", device="CRF1", programme="slow", key="5")
    assert run.location == "/freeze-runs/FRZ-0001"
    curve = b"time;celsius\n0;4.0\n"
    ended = keeper.client.post(
        "/freeze-runs/FRZ-0001/finish",
        data={"csrf_token": "word", "outcome": "good", "key": "6", "curve": (io.BytesIO(curve), "run1.csv")},
    )
    assert ended.status_code == 303
    kept = rows(FreezeRun)[0]
    assert (kept.outcome, kept.curve_name, kept.curve_sha256) == (
        FreezeOutcome.GOOD,
        "run1.csv",
        hashlib.sha256(curve).hexdigest(),
    )
    assert "To the bench" in text(keeper.get("/fill-lots/MCB-0001-F1"))
    shown = text(keeper.get("/banks/MCB-0001"))
    assert "3 planned = 1 not filled + 2 filled" in shown
    assert "2 filled = 2 being made + 0 stored" in shown
    assert "Every vial is accounted for." in shown
    assert "Quarantine" in shown


def test_too_many_or_no_vials_are_refused_at_their_field(database: Database, keeper: Hand) -> None:
    lot = planned_bank()
    for typed, said in (
        ("0", "0 is too small; the least is 1"),
        ("10000", "10,000 vials are too many for one filling"),
    ):
        refused = keeper.post(f"/banks/{lot}/fill-lots", planned=typed, presentation="vial_2_ml", key=typed)
        assert refused.status_code == 422
        assert said in text(refused)
        assert f'value="{typed}"' in refused.get_data(as_text=True)


def test_a_difference_stands_on_the_page(database: Database, keeper: Hand) -> None:
    lot = planned_bank()
    code = planned_filling(lot, 2)
    keeper.post(f"/fill-lots/{code}/finish", filled="3", key="1")
    shown = text(keeper.get(f"/banks/{lot}"))
    assert "The vials do not add up." in shown
    assert "1 tube more was filled than planned" in shown
    assert "Waits for quality" in shown


def test_a_failed_run_says_that_its_vials_must_not_be_used(database: Database, keeper: Hand) -> None:
    lot = planned_bank()
    filled(lot, 2)
    code = freezing(lot)
    refused = keeper.post(f"/freeze-runs/{code}/finish", outcome="failed", key="1")
    assert refused.status_code == 422
    assert "Say what was out of the ordinary" in text(refused)
    keeper.post(f"/freeze-runs/{code}/finish", outcome="failed", deviation="no nitrogen", key="2")
    assert "the vials of this run must not be used" in text(keeper.get(f"/freeze-runs/{code}"))


def test_the_list_shows_each_bank_with_its_vials(database: Database, keeper: Hand) -> None:
    frozen("one", 2)
    planned_bank("two")
    page = keeper.get("/banks")
    assert "2 being frozen" in page.get_data(as_text=True)
    assert "MCB-0002" in text(page)
    found = text(keeper.get("/banks?q=0001"))
    assert "MCB-0001" in found
    assert "MCB-0002" not in found
    assert "No such bank" in text(keeper.get("/banks?q=nothing"))
    assert "No such bank" in text(keeper.get("/banks?tier=seed"))


def test_vials_are_kept_for_quality_control_from_their_page(database: Database, keeper: Hand) -> None:
    lot = frozen(vials=3)
    done = keeper.post(
        f"/banks/{lot}/allocations", vials=[f"{lot}-001", f"{lot}-003"], allocation="qc", key="1"
    )
    assert done.status_code == 303
    assert [vial.allocation for vial in vials_of(lot)] == [Allocation.QC, Allocation.STOCK, Allocation.QC]
    assert "Quality control" in text(keeper.get(f"/banks/{lot}/vials"))


def test_rules_are_shown_as_they_are_and_changed_with_a_reason(database: Database, keeper: Hand) -> None:
    lot = planned_bank(exposure_limit_s=90, floor_stock=4)
    form = keeper.get(f"/banks/{lot}/rules").get_data(as_text=True)
    assert 'value="90"' in form
    asked = {
        "put_back": "within_limit",
        "exposure_limit_s": "90",
        "floor_stock": "2",
        "needs_read_back": "true",
    }
    assert keeper.post(f"/banks/{lot}/rules", **asked, key="1").status_code == 422
    assert keeper.post(f"/banks/{lot}/rules", **asked, reason="stock is low", key="2").status_code == 303
    assert (bank_of(lot).floor_stock, bank_of(lot).needs_read_back) == (2, True)
    assert "it cannot be opened again" in text(keeper.get(f"/banks/{lot}/closing"))
    assert keeper.post(f"/banks/{lot}/closing", reason="over", key="3").location == f"/banks/{lot}"


def test_a_consignment_is_received_vial_by_vial(database: Database, keeper: Hand) -> None:
    do(MakeLine(name="HeLa"))
    lot = keeper.post("/banks/old", line="HeLa", tier="unknown", is_received="true", key="1").location.rsplit(
        "/", 1
    )[1]
    page = keeper.get(f"/banks/{lot}/consignments?list=A1%0AA2&unlisted=1").get_data(as_text=True)
    assert page.count('name="decision-') == 3
    said = {
        "decision-0": "accepted",
        "decision-1": "not_arrived",
        "decision-2": "rejected",
        "condition-2": "thawed",
    }
    done = keeper.post(
        f"/banks/{lot}/consignments", sender="ATCC", list="A1\nA2", unlisted="1", key="2", **said
    )
    assert done.status_code == 303
    assert [(row.listed_as, row.has_arrived) for row in rows(ConsignmentVial)] == [
        ("A1", True),
        ("A2", False),
        (None, True),
    ]
    assert len(rows(Hold)) == 1
    assert (
        keeper.post(f"/banks/{lot}/old-vials", count="2", presentation="vial_1_ml", key="3").status_code
        == 303
    )
    assert [vial.state for vial in vials_of(lot)] == [VialState.FILLED] * 2 + [VialState.STORED] * 2


def test_pages_speak_persian(database: Database, keeper: Hand) -> None:
    lot = frozen(vials=2)
    keeper.locale = "fa"
    shown = [
        "/banks",
        f"/banks/{lot}",
        f"/banks/{lot}/vials",
        f"/fill-lots/{lot}-F1",
        "/freeze-runs/FRZ-0001",
        "/banks/new",
        "/banks/old",
        f"/banks/{lot}/rules",
        f"/banks/{lot}/correction",
        f"/banks/{lot}/fill-lots",
        f"/banks/{lot}/freeze-runs",
        f"/banks/{lot}/allocations",
        f"/banks/{lot}/consignments",
        f"/banks/{lot}/consignments?unlisted=1",
        f"/banks/{lot}/closing",
        f"/banks/{lot}/old-vials",
    ]
    for url in shown:
        page = keeper.get(url)
        assert page.status_code == 200, url
        body = page.get_data(as_text=True)
        assert 'dir="rtl"' in body
        assert "style=" not in body, url
    assert "بانک" in text(keeper.get("/banks"))


def test_another_organisation_finds_nothing(database: Database, keeper: Hand) -> None:
    lot = frozen(vials=1)
    keeper.actor = charlie()
    for url in (
        f"/banks/{lot}",
        f"/banks/{lot}/vials",
        f"/fill-lots/{lot}-F1",
        "/freeze-runs/FRZ-0001",
        f"/banks/{lot}/rules",
    ):
        assert keeper.get(url).status_code == 404, url
    assert lot not in text(keeper.get("/banks"))


@pytest.mark.parametrize(
    ("url", "most"),
    [
        ("/banks", 4),
        ("/banks/MCB-0001", 23),
        ("/banks/MCB-0001/vials", 6),
        ("/fill-lots/MCB-0001-F1", 14),
        ("/freeze-runs/FRZ-0001", 11),
    ],
)
def test_a_page_asks_little_of_the_database(database: Database, keeper: Hand, url: str, most: int) -> None:
    frozen(vials=5)
    statements: list[str] = []
    engine = keeper.client.application.extensions["cellbank.database"].read

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    assert keeper.get(url).status_code == 200
    assert 0 < len(statements) <= most, len(statements)


def test_programs_read_banks_vials_and_fill_lots(database: Database, keeper: Hand) -> None:
    lot = frozen(vials=2)
    bank = keeper.get(f"/api/v1/banks/{lot}").get_json()
    assert (bank["lot"], bank["standing"], bank["vials"], bank["is_balanced"]) == (
        lot,
        "quarantine",
        {"freezing": 2},
        True,
    )
    vials = keeper.get(f"/api/v1/banks/{lot}/vials").get_json()["vials"]
    assert [vial["name"] for vial in vials] == [f"{lot}-001", f"{lot}-002"]
    fill_lot = keeper.get(f"/api/v1/fill-lots/{lot}-F1").get_json()
    assert (fill_lot["bank"], fill_lot["counted"], fill_lot["freeze_runs"]) == (lot, 2, ["FRZ-0001"])
