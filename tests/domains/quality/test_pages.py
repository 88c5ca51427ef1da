"""Pages of quality: what waits, what is decided there, and how far a withdrawal reaches."""

from __future__ import annotations

import html
import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from cellbank.core import work
from cellbank.core.engine import Database
from cellbank.core.work import Writing
from cellbank.domains.donors.models import Consent, WithdrawalEffect
from cellbank.domains.vials.commands import ThawVials
from cellbank.domains.vials.models import (
    ExceptionKind,
    ExceptionNote,
    Hold,
    HoldKind,
    IntendedUse,
    Release,
    ThawPurpose,
    Vial,
)
from tests.domains.keeping import Lineage, change, hold, keep, release, rows, working_bank
from tests.domains.vials.conftest import Hand
from tests.domains.vials.test_may_it_be_used import allowed
from tests.world import Cast, key

pytestmark = pytest.mark.sqlite_only


def text(page: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True))))


@pytest.fixture
def bob(hand: Hand, cast: Cast) -> Hand:
    """Bob of quality at a browser."""
    hand.actor = cast.bob
    return hand


def note(lineage: Lineage) -> ExceptionNote:
    made: list[ExceptionNote] = []

    def act(db: Writing) -> None:
        made.append(
            ExceptionNote(
                organisation_id=lineage.owner,
                bank_id=lineage["bank"],
                kind=ExceptionKind.RUN_DEVIATION,
                detail="two minutes late",
                about_event=db.event_seq,
            )
        )
        db.add(made[0])

    keep(act)
    return made[0]


def test_what_waits_for_quality(database: Database, bob: Hand) -> None:
    ready, blocked = Lineage(), Lineage()
    hold("culture", blocked["culture"], reason="mycoplasma")
    note(blocked)
    hold("vial", ready.vials[0], kind=HoldKind.RETURNED, reason="put back late")
    page = bob.get("/quality")
    assert page.status_code == 200
    shown = text(page)
    assert f"{ready.lot} {ready.line} · Research · Ready to be released" in shown
    assert "is on hold: mycoplasma" in shown
    assert "1 open exception" in shown
    assert "Freeze run deviated" in shown
    assert "put back late" in shown
    assert f"/banks/{ready.lot}/release" in page.get_data(as_text=True)


def test_an_empty_page_teaches(database: Database, bob: Hand) -> None:
    shown = text(bob.get("/quality"))
    assert "No bank waits for its release" in shown
    assert "Nothing is on hold" in shown


def test_what_waits_is_read_in_few_statements(database: Database, bob: Hand) -> None:
    for _ in range(4):
        hold("vial", Lineage()["vial"])
    asked: list[str] = []
    engine = bob.client.application.extensions["cellbank.database"].read
    sa.event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    bob.get("/quality")
    assert 0 < len([one for one in asked if one.lstrip().upper().startswith(("SELECT", "WITH"))]) <= 13


def test_a_bank_is_released_from_its_form(database: Database, bob: Hand) -> None:
    lineage = Lineage()
    form = bob.get(f"/banks/{lineage.lot}/release")
    assert form.status_code == 200
    assert 'value="research"' in form.get_data(as_text=True)
    assert 'value="clinical"' not in form.get_data(as_text=True)
    done = bob.post(f"/banks/{lineage.lot}/release", use="research", conditions="one protocol", key="1")
    assert done.status_code == 303
    (made,) = rows(database, Release)
    assert (made.intended_use, made.conditions) == (IntendedUse.RESEARCH, "one protocol")
    again = bob.post(f"/banks/{lineage.lot}/release", use="research", key="2")
    assert again.status_code == 409
    assert "is released for research already" in text(again)


def test_a_bank_is_rejected_and_a_release_revoked_from_their_forms(database: Database, bob: Hand) -> None:
    lineage = Lineage()
    release(lineage, IntendedUse.RESEARCH)
    (made,) = rows(database, Release)
    assert bob.post(f"/quality/releases/{made.id}/revocation", reason="a mistake", key="1").status_code == 303
    assert allowed(lineage["vial"]) == set()
    assert bob.get(f"/banks/{lineage.lot}/rejection").status_code == 200
    assert bob.post(f"/banks/{lineage.lot}/rejection", key="2").status_code == 422
    assert bob.post(f"/banks/{lineage.lot}/rejection", reason="contaminated", key="3").status_code == 303
    (rejection,) = rows(database, Hold)
    assert rejection.kind is HoldKind.REJECTED


def test_a_single_vial_is_released_from_its_form(database: Database, bob: Hand) -> None:
    lineage = Lineage()
    assert "It is not released for research" in text(bob.get(f"/vials/{lineage.codes[0]}/release"))
    assert bob.post(f"/vials/{lineage.codes[0]}/release", use="research", key="1").status_code == 303
    assert IntendedUse.RESEARCH in allowed(lineage["vial"])


def test_a_hold_is_placed_looked_at_and_lifted(database: Database, bob: Hand) -> None:
    lineage = Lineage()
    working_bank(lineage)
    assert bob.get("/quality/holds/new").status_code == 200
    placed = bob.post(
        "/quality/holds/new",
        scope="bank", thing=lineage.lot, kind="investigation", why="mycoplasma suspected", allows_qc="true", key="1",
    )  # fmt: skip
    assert placed.status_code == 303
    shown = text(bob.get(placed.location))
    assert "mycoplasma suspected" in shown
    assert "3 vials that are still here come from it." in shown  # its own two, and one of the working bank
    (made,) = rows(database, Hold)
    assert bob.get(f"/quality/holds/{made.id}/lifting").status_code == 200
    lifted = bob.post(f"/quality/holds/{made.id}/lifting", reason="tested negative", key="2")
    assert lifted.status_code == 303
    assert "tested negative" in text(bob.get(f"/quality/holds/{made.id}"))


def test_a_hold_on_a_tank_reaches_what_is_in_it(database: Database, bob: Hand) -> None:
    lineage = Lineage(5)
    hold("container", lineage["tank"], reason="alarm")
    (made,) = rows(database, Hold)
    assert "5 vials that are still here" in text(bob.get(f"/quality/holds/{made.id}"))


def test_an_exception_is_judged(database: Database, bob: Hand) -> None:
    made = note(Lineage())
    form = f"/quality/exceptions/{made.id}/ending"
    assert "two minutes late" in text(bob.get(form))
    assert bob.post(form, outcome="deviation", key="1").status_code == 422
    assert bob.post(form, outcome="deviation", deviation_number="DEV-1", key="2").status_code == 303
    assert bob.get(form).status_code == 404


# ---- corrections ----


def test_corrections_have_their_forms(database: Database, bob: Hand, cast: Cast) -> None:
    lineage, right = Lineage(), Lineage()
    form = f"/vials/{lineage.codes[0]}/correction"
    assert bob.get(form).status_code == 200
    sent = {"presentation": "vial_2_ml", "cells": "2000000", "reason": "read again"}
    assert bob.post(form, **sent, key="1").status_code == 303
    assert rows(database, Vial, Vial.id == lineage["vial"])[0].cells == 2_000_000
    assert bob.get("/quality/swaps/new").status_code == 200
    swap = {"first": lineage.codes[0], "second": lineage.codes[1], "reason": "exchanged"}
    assert bob.post("/quality/swaps/new", **swap, key="2").status_code == 303
    moved = f"/banks/{lineage.lot}/line-correction"
    assert bob.get(moved).status_code == 200
    assert bob.post(moved, line=right.line, reason="STR profile", key="3").status_code == 303
    bob.actor = cast.carol
    assert bob.get("/quality/transfers/new").status_code == 200
    sold = {"vials": lineage.codes[0], "to": "Celltech", "effective_from": "2026-06-01"}
    papers = {"giver_document": "CT-17", "taker_document": "CT-18"}
    assert bob.post("/quality/transfers/new", **sold, **papers, key="4").status_code == 303
    assert rows(database, Vial, Vial.id == lineage["vial"])[0].organisation_id == cast.celltech.id


def test_before_annulling_its_effect_is_shown(database: Database, bob: Hand, cast: Cast) -> None:
    lineage = Lineage()
    release(lineage)
    thaw = work.perform(
        ThawVials(vials=(lineage.codes[0],), purpose=ThawPurpose.CULTURE), cast.alice, key=key()
    )
    form = f"/quality/acts/{thaw.id}/annulment"
    shown = text(bob.get(form))
    assert lineage.name(0) in shown
    assert "Vials it was about 1" in shown
    assert bob.post(form, reason="the wrong vial", key="1").status_code == 303
    assert bob.get(f"/quality/acts/{uuid4()}/annulment").status_code == 404


# ---- a withdrawn donor ----


def test_a_withdrawal_reaches_everything_of_a_donor(database: Database, bob: Hand, cast: Cast) -> None:
    master = Lineage()
    working = working_bank(master)
    release(master)
    thaw = ThawVials(vials=(master.codes[0],), purpose=ThawPurpose.CULTURE, reference="ORDER-77")
    work.perform(thaw, cast.alice, key=key())
    (consent,) = rows(database, Consent)
    change(
        Consent,
        consent.id,
        withdrawn_on=date(2026, 6, 1),
        withdrawal_effect=WithdrawalEffect.DESTROY_REMAINING,
    )
    hold("donor", master["donor"], kind=HoldKind.WITHDRAWAL, reason="letter of 1 June")
    page = bob.get(f"/donors/{master.donor}/withdrawal-effects")
    assert page.status_code == 200
    shown = text(page)
    assert "what remains is destroyed" in shown
    for part in (master.line, master.lot, working.lot, "ORDER-77", master.name(1), working.name(0)):
        assert part in shown, part
    assert f"Tank {master.number} › Box {master.number} › A2" in shown
    assert "letter of 1 June" in shown


def test_another_organisations_donor_is_not_found(database: Database, bob: Hand, cast: Cast) -> None:
    lineage = Lineage()
    bob.actor = cast.charlie
    assert bob.get(f"/donors/{lineage.donor}/withdrawal-effects").status_code == 404
    hold("bank", lineage["bank"])
    (made,) = rows(database, Hold)
    assert bob.get(f"/quality/holds/{made.id}").status_code == 404
    assert lineage.lot not in text(bob.get("/quality"))


# ---- the verdict for programs ----


def test_the_verdict_is_a_resource(database: Database, bob: Hand) -> None:
    lineage = Lineage()
    release(lineage, IntendedUse.RESEARCH)
    answer = bob.get(f"/api/v1/vials/{lineage.codes[0]}/verdict").get_json()
    assert (answer["vial"], answer["state"], answer["allows_qc"]) == (lineage.name(0), "released", True)
    assert answer["uses"]["research"]["is_allowed"]
    clinical = answer["uses"]["clinical"]
    assert clinical["reasons"][0]["text"] == "It is not released for clinical use"
    assert clinical["todo"]["message"] == "Ask quality for the release"


def test_pages_speak_persian(database: Database, bob: Hand) -> None:
    lineage = Lineage()
    hold("bank", lineage["bank"], reason="آلودگی")
    bob.locale = "fa"
    shown = text(bob.get("/quality"))
    assert "کنترل و تضمین کیفیت" in shown or "کیفیت" in shown
    assert "Open holds" not in shown
    assert "قرنطینه" in shown
