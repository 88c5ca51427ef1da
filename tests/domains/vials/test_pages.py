"""Pages of vials: what a person sees and does with them."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from cellbank.core.engine import Database
from cellbank.core.ids import Kind, new_code
from cellbank.domains.banks.models import Bank, FillLot, FillLotState, FreezeOutcome, FreezeRun
from cellbank.domains.storage.models import ContainerKind
from cellbank.domains.vials.commands import DiscardVials, MarkMissing, TakeOut, ThawVials
from cellbank.domains.vials.models import HoldKind, ThawPurpose, VialState
from tests.domains.keeping import Lineage, change, hold
from tests.domains.vials.conftest import Hand
from tests.domains.vials.stock import MakeBox, charlie, do, some_box, some_stock, vial_of, where
from tests.world import Cast

pytestmark = pytest.mark.sqlite_only


def text(page: TestResponse) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True))))


def test_a_vials_page_says_where_whence_and_what_happened(database: Database, hand: Hand) -> None:
    stock = some_stock(2)
    page = hand.get(f"/vials/{stock.codes[0]}")
    assert page.status_code == 200
    shown = text(page)
    for part in (
        stock.vials[0],
        stock.bank,
        f"line of {stock.bank}",
        "In its slot",
        "A1",
        "Story",
        "Take out",
        "Thaw",
    ):
        assert part in shown, part
    assert page.get_data(as_text=True).count("data-slot=") == 81


def test_it_is_taken_out_and_put_back_from_its_page(database: Database, hand: Hand) -> None:
    stock = some_stock(1)
    done = hand.post(f"/vials/{stock.vials[0]}/take-outs", key="1")
    assert done.status_code == 303
    assert vial_of(database, stock.vials[0]).state is VialState.OUT
    assert "Put back" in text(hand.get(done.location))
    hand.post(f"/vials/{stock.vials[0]}/put-backs", key="2")
    assert vial_of(database, stock.vials[0]).state is VialState.STORED


def test_a_move_that_is_refused_keeps_what_was_typed(database: Database, hand: Hand) -> None:
    stock, other = some_stock(1), some_stock(1)
    assert hand.get(f"/vials/{stock.vials[0]}/moves").status_code == 200
    refused = hand.post(f"/vials/{stock.vials[0]}/moves", container=other.box, place="A1", key="1")
    assert refused.status_code == 409
    assert f"is taken by {other.vials[0]}" in text(refused)
    assert f'value="{other.box}"' in refused.get_data(as_text=True)
    moved = hand.post(f"/vials/{stock.vials[0]}/moves", container=other.box, place="b1", key="2")
    assert moved.status_code == 303
    assert where(database)[stock.vials[0]] == (other.box, 10)


def test_the_same_form_sent_twice_does_it_once(database: Database, hand: Hand) -> None:
    stock, other = some_stock(1), some_box()
    for _ in range(2):
        answer = hand.post(f"/vials/{stock.vials[0]}/moves", container=other, place="", key="same")
        assert answer.status_code == 303
    assert where(database)[stock.vials[0]] == (other, 1)


def test_thaw_and_its_outcome(database: Database, hand: Hand) -> None:
    stock = some_stock(1)
    hand.post(f"/vials/{stock.vials[0]}/thaws", purpose="culture", key="1")
    assert "Thawed" in text(hand.get(f"/vials/{stock.vials[0]}"))
    form = hand.get(f"/vials/{stock.vials[0]}/outcomes")
    assert "Low viability" in text(form)
    done = hand.post(f"/vials/{stock.vials[0]}/outcomes", outcome="good", viability="۹۴٫۲", key="2")
    assert done.status_code == 303, text(done)
    assert "94.2 %" in text(hand.get(f"/vials/{stock.vials[0]}"))


@pytest.mark.parametrize("locale", ["en", "fa"])
def test_every_act_has_a_form(database: Database, hand: Hand, locale: str) -> None:
    hand.locale = locale
    stock = some_stock(3)
    do(MarkMissing(vials=stock.codes[1:2], detail="counted twice"))
    do(DiscardVials(vials=stock.codes[2:3], why="label lost"))
    for vial, slugs in zip(
        stock.vials,
        (
            ("moves", "take-outs", "put-backs", "thaws", "discards", "losses", "outcomes"),
            ("findings", "write-offs"),
            ("destructions",),
        ),
        strict=True,
    ):
        for slug in slugs:
            assert hand.get(f"/vials/{vial}/{slug}").status_code == 200, slug


def test_a_scan_opens_the_thing(database: Database, hand: Hand) -> None:
    stock = some_stock(1)
    hand.actor = replace(hand.actor, permissions=hand.actor.permissions | {"storage.read", "banks.read"})
    assert hand.get(f"/scan?q={stock.codes[0]}").location.endswith(f"/vials/{stock.codes[0]}")
    assert hand.get(f"/scan?code={stock.box}").location.endswith(f"/containers/{stock.box}")
    assert hand.get(f"/scan?q={stock.bank}").location.endswith(f"/banks/{stock.bank}")
    listed = hand.get(f"/scan?q={stock.bank}-0")
    assert listed.status_code == 200
    assert stock.vials[0] in text(listed)


def test_anothers_vial_answers_as_an_unknown_code_does(database: Database, hand: Hand) -> None:
    stock = some_stock(1)
    hand.actor = charlie()
    for theirs, nothing in ((stock.codes[0], new_code("C", Kind.VIAL)),):
        for pattern in ("/vials/{}", "/vials/{}/moves", "/scan?q={}", "/api/v1/scan/{}"):
            one, two = hand.get(pattern.format(theirs)), hand.get(pattern.format(nothing))
            assert one.status_code == two.status_code == 404, pattern
            assert one.get_data(as_text=True).replace(theirs, "") == two.get_data(as_text=True).replace(
                nothing, ""
            ) or (text(one).replace(stock.codes[0], "") == text(two).replace(nothing, ""))


def test_the_api_says_what_a_code_is(database: Database, hand: Hand) -> None:
    stock = some_stock(1)
    answer = hand.get(f"/api/v1/scan/{stock.codes[0]}")
    assert answer.json == {
        "kind": "vial",
        "text": stock.codes[0],
        "code": stock.codes[0],
        "name": stock.vials[0],
    }


@pytest.mark.parametrize("locale", ["en", "fa"])
def test_home_says_what_needs_me_and_undoes_my_last_act(database: Database, hand: Hand, locale: str) -> None:
    stock = some_stock(3)
    do(ThawVials(vials=stock.codes[2:], purpose=ThawPurpose.QC))
    do(TakeOut(vials=stock.codes[:1]))
    hand.locale = locale
    page = hand.get("/")
    assert stock.vials[0] in text(page)  # out
    assert stock.vials[2] in text(page)  # waits for its outcome
    undo_url = re.search(r'action="(/acts/[^"]+/undo)"', page.get_data(as_text=True))
    assert undo_url is not None
    hand.post(undo_url[1], key="u")
    assert vial_of(database, stock.vials[0]).state is VialState.STORED
    assert hand.get("/out").status_code == 200


def test_a_freezer_without_a_thermometer_has_no_line_for_its_temperature(
    database: Database, hand: Hand
) -> None:
    do(MakeBox(code="K-1", name="Old blue", kind=ContainerKind.FREEZER, rows=2, columns=2))
    page = hand.get("/").get_data(as_text=True)
    assert "Old blue" in page
    assert "freezer-cold" not in page
    assert "freezer-age" not in page


def test_my_last_acts_name_what_they_were_about(database: Database, hand: Hand) -> None:
    do(MakeBox(code="K-1", name="Old blue", kind=ContainerKind.FREEZER, rows=2, columns=2))
    acts = hand.get("/").get_data(as_text=True).partition('id="acts"')[2].partition('id="freezers"')[0]
    assert "Old blue" in acts
    assert 'href="/containers/K-1"' in acts


def needs_of(hand: Hand) -> str:
    page: str = hand.get("/").get_data(as_text=True)
    part = page.partition('id="needs"')[2].partition('id="acts"')[0]
    return re.sub(r"</?bdi[^>]*>", "", part)


def test_what_waits_for_quality_needs_them_first(database: Database, hand: Hand, cast: Cast) -> None:
    ready, blocked = Lineage(), Lineage()
    hold("culture", blocked["culture"], reason="mycoplasma")
    hold("vial", ready.vials[0], kind=HoldKind.RETURNED, reason="put back late")
    hold("bank", Lineage()["bank"], kind=HoldKind.REJECTED, reason="decided long ago")
    hand.actor = cast.bob
    shown = needs_of(hand)
    assert f'href="/banks/{ready.lot}/release"' in shown
    assert f'href="/banks/{blocked.lot}/release"' not in shown
    assert "mycoplasma" in shown
    assert "put back late" in shown
    assert "decided long ago" not in shown
    assert 'href="/quality"' in shown
    page = hand.get("/").get_data(as_text=True)
    assert page.index('id="needs"') < page.index('id="out"')
    hand.actor = cast.alice
    assert f"/banks/{ready.lot}/release" not in needs_of(hand)
    page = hand.get("/").get_data(as_text=True)
    assert page.index('id="out"') < page.index('id="needs"')


def test_what_waits_for_the_manager(database: Database, hand: Hand, cast: Cast) -> None:
    lineage = Lineage(2)
    change(Bank, lineage["bank"], floor_stock=2)
    hand.actor = cast.carol
    assert "below its floor stock" not in needs_of(hand)
    change(Bank, lineage["bank"], floor_stock=3)
    change(FillLot, lineage["fill_lot"], state=FillLotState.PLANNED)
    change(FreezeRun, lineage["freeze_run"], outcome=FreezeOutcome.RUNNING)
    shown = needs_of(hand)
    assert "below its floor stock: 2 left of at least 3" in re.sub(r"<[^>]+>", "", shown)
    assert re.search(r'href="/fill-lots/[^"]+/start"', shown)
    assert re.search(r'href="/freeze-runs/[^"]+/finish"', shown)
    hand.actor = cast.alice
    assert "below its floor stock" not in needs_of(hand)
    assert not re.search(r'href="/fill-lots/[^"]+/start"', needs_of(hand))


@pytest.mark.parametrize(("who", "most"), [("alice", 12), ("carol", 16), ("bob", 20), ("charlie", 8)])
def test_home_asks_the_bank_a_bounded_number_of_times(
    database: Database, hand: Hand, cast: Cast, who: str, most: int
) -> None:
    for _ in range(3):
        hold("vial", Lineage()["vial"])
    hand.actor = getattr(cast, who)
    seen: list[str] = []
    bank = hand.client.application.extensions["cellbank.database"]
    sa.event.listen(bank.read, "before_cursor_execute", lambda *given: seen.append(given[2]))
    hand.get("/")
    asked = [s for s in seen if s.startswith(("SELECT", "WITH"))]
    assert 0 < len(asked) <= most, len(asked)


def test_a_vials_page_asks_the_bank_a_bounded_number_of_times(database: Database, hand: Hand) -> None:
    stock = some_stock(40)
    bank = hand.client.application.extensions["cellbank.database"]
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        seen.append(statement)

    sa.event.listen(bank.read, "before_cursor_execute", note)
    hand.get(f"/vials/{stock.codes[0]}")
    asked = [s for s in seen if s.startswith(("SELECT", "WITH"))]
    assert len(asked) <= 32, "\n".join(s[:90].replace("\n", " ") for s in asked)


def test_without_rights_the_page_offers_nothing(database: Database, hand: Hand) -> None:
    stock = some_stock(1)
    hand.actor = replace(hand.actor, permissions=frozenset({"vials.read"}))
    assert "Take out" not in text(hand.get(f"/vials/{stock.vials[0]}"))
    assert hand.post(f"/vials/{stock.vials[0]}/take-outs", key="1").status_code == 403


def test_who_may_not_read_a_kind_of_thing_does_not_find_it_either(database: Database, hand: Hand) -> None:
    stock = some_stock(1)
    hand.actor = replace(hand.actor, permissions=frozenset({"accounts.self"}))
    for asked in (stock.codes[0], stock.box, stock.bank, f"{stock.bank}-0", stock.bank[:3]):
        page = hand.get(f"/scan?q={asked}")
        assert page.status_code == 404, asked
        assert stock.vials[0] not in text(page)


def test_anothers_badge_answers_as_an_unknown_badge_does(database: Database, hand: Hand) -> None:
    from cellbank.core import work
    from cellbank.domains.accounts.models import Person
    from tests import world

    alice = world.add_person("alice")
    with work.reading(world.KEEPER) as db:
        badge = db.get_one(Person, alice.principal_id).staff_code
    stranger = charlie()
    hand.actor = replace(stranger, permissions=stranger.permissions | {"accounts.read"})
    for unknown in (badge, new_code("C", Kind.PERSON)):
        page = hand.get(f"/scan?q={unknown}")
        assert page.status_code == 404
        assert "alice" not in text(page)


def test_undo_leads_to_no_other_site(database: Database, hand: Hand) -> None:
    stock = some_stock(1)
    event = do(DiscardVials(vials=stock.codes, why="label lost"))
    answer = hand.post(f"/acts/{event.id}/undo", back="/\\evil.example")
    assert answer.location == "/"
