"""API tokens: who they act for, and no more than that person may."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from cellbank.core import clock, work
from cellbank.core.errors import Invalid, NotFound, NotPermitted, Refused
from cellbank.domains.accounts import tokens
from cellbank.domains.accounts.commands import AddDevice, DisablePerson, EndRole, RevokeToken
from cellbank.domains.accounts.models import ApiToken, Device
from cellbank.domains.accounts.tokens import actor_of_token
from tests.domains.accounts.browser import Browser
from tests.world import KEEPER, key

READS = ("vials.read", "storage.read")


def issue(actor, permissions=READS, *, owner=None, days=90, request=None):
    return tokens.issue(
        actor,
        owner_id=(owner or actor).principal_id,
        name="inventory script",
        permissions=permissions,
        days=days,
        key=request or key(),
    )


def test_a_token_acts_for_its_owner_with_its_own_permissions_only(cast):
    text, _ = issue(cast.alice)
    found = actor_of_token(text)
    assert found.principal_id == cast.alice.principal_id
    assert found.permissions == set(READS)
    assert found.via == "api"
    assert found.sees_all


def test_a_depositors_token_sees_their_own_organisation_only(cast):
    text, _ = issue(cast.charlie, ("vials.read",))
    found = actor_of_token(text)
    assert found.organisation_id == cast.celltech.id
    assert not found.sees_all


def test_its_shape_is_fixed_and_a_mistyped_one_is_known_without_the_database(cast):
    text, token_id = issue(cast.alice)
    assert re.fullmatch(r"cb_[0-9a-f]{32}_[A-Z2-7]{52}_[0-9a-f]{8}", text)
    assert text.split("_")[1] == token_id.hex
    assert tokens.is_well_formed(text)
    for place in (5, 40, 60, len(text) - 1):
        wrong = text[:place] + ("B" if text[place] != "B" else "C") + text[place + 1 :]
        assert not tokens.is_well_formed(wrong)
        assert actor_of_token(wrong) is None


def test_neither_the_journal_nor_the_table_holds_the_secret(cast):
    text, _ = issue(cast.alice)
    secret = text.split("_")[2]
    with work.reading(KEEPER) as db:
        held = " ".join(
            str(row)
            for table in ("event", "change", "api_token")
            for row in db.execute(sa.text(f"SELECT * FROM {table}"))
        )
    assert "inventory script" in held
    assert secret not in held


def test_nobody_gets_a_token_that_may_more_than_they_do(cast):
    with pytest.raises(Invalid, match=r"quality\.release"):
        issue(cast.alice, ("vials.read", "quality.release"))
    with work.reading(KEEPER) as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(ApiToken)) == 0


def test_a_token_loses_what_its_owner_loses(cast):
    text, _ = issue(cast.alice)
    work.perform(EndRole(person="alice", role="technician"), cast.dora, key=key())
    assert actor_of_token(text).permissions == set()


def test_a_token_of_a_disabled_person_is_dead(cast):
    text, _ = issue(cast.alice)
    work.perform(DisablePerson(person="alice"), cast.dora, key=key(), reason="left")
    assert actor_of_token(text) is None


def test_a_token_ends_on_its_day(cast):
    text, _ = issue(cast.alice, days=1)
    with clock.shifted_by(timedelta(hours=23)):
        assert actor_of_token(text) is not None
    with clock.shifted_by(timedelta(hours=25)):
        assert actor_of_token(text) is None


def test_a_revoked_token_is_dead_and_stays_so(cast):
    text, token_id = issue(cast.alice)
    work.perform(RevokeToken(token_id=token_id), cast.alice, key=key())
    assert actor_of_token(text) is None
    with pytest.raises(Refused):
        work.perform(RevokeToken(token_id=token_id), cast.alice, key=key())


def test_only_the_owner_or_an_administrator_revokes(cast):
    _, token_id = issue(cast.alice)
    with pytest.raises(NotFound):
        work.perform(RevokeToken(token_id=token_id), cast.bob, key=key())
    work.perform(RevokeToken(token_id=token_id), cast.dora, key=key())


def test_only_an_administrator_makes_tokens_for_others(cast):
    with pytest.raises(NotPermitted):
        issue(cast.bob, ("vials.read",), owner=cast.alice)
    assert issue(cast.dora, ("vials.read",), owner=cast.alice)


def test_the_same_request_twice_makes_one_token_and_shows_it_once(cast):
    assert issue(cast.alice, request="same") is not None
    assert issue(cast.alice, request="same") is None
    with work.reading(KEEPER) as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(ApiToken)) == 1


def test_a_device_reads_and_prints_under_its_own_name_and_does_nothing_else(cast):
    made = work.perform(AddDevice(code="ST-2", name="Station 2"), cast.dora, key=key())
    (device_id,) = work.created(made, Device)

    def device_token(*permissions):
        return tokens.issue(
            cast.dora, owner_id=device_id, name="station", permissions=permissions, days=30, key=key()
        )

    found = actor_of_token(device_token("vials.read", "printing.print")[0])
    assert (found.name, found.roles) == ("Station 2", ("device",))
    assert found.permissions == {"vials.read", "printing.print"}
    with pytest.raises(Invalid):
        device_token("vials.move")


def test_when_it_was_last_used_is_written_at_most_once_a_minute(cast):
    text, token_id = issue(cast.alice)

    def last_used():
        with work.reading(KEEPER) as db:
            return db.get_one(ApiToken, token_id).last_used_at

    with clock.frozen_at(clock.now()) as hands:
        actor_of_token(text)
        first = last_used()
        hands.advance(timedelta(seconds=59))
        actor_of_token(text)
        assert last_used() == first
        hands.advance(timedelta(seconds=2))
        actor_of_token(text)
        assert last_used() > first


# ---- over HTTP ----------------------------------------------------------------------------------------------


@pytest.mark.sqlite_only
def test_a_request_with_a_token_acts_as_its_owner(app, cast):
    text, _ = issue(cast.dora, ("accounts.manage",))
    answer = app.test_client().post(
        "/api/v1/do/AddOrganisation",
        json={"command": {"name": "Pasteur", "short_name": "PAS"}},
        headers={"Authorization": f"Bearer {text}", "Idempotency-Key": "one"},
    )
    assert answer.status_code in (200, 201), answer.text
    with work.reading(KEEPER) as db:
        who = db.execute(sa.text("SELECT actor_id, via FROM event ORDER BY seq DESC LIMIT 1")).one()
    assert (str(who[0]).replace("-", ""), who[1]) == (cast.dora.principal_id.hex, "api")


@pytest.mark.sqlite_only
@pytest.mark.parametrize("bearer", ["", "cb_", "cb_" + "0" * 32 + "_" + "A" * 52 + "_00000000", "x" * 5000])
def test_a_request_with_a_wrong_token_is_nobodys(app, bearer):
    answer = app.test_client().post(
        "/api/v1/do/AddOrganisation",
        json={"command": {}},
        headers={"Authorization": f"Bearer {bearer}", "Idempotency-Key": "one"},
    )
    assert answer.status_code == 401


@pytest.mark.sqlite_only
def test_a_token_is_made_on_the_account_page_and_shown_once(app, cast):
    from tests.domains.accounts.people import give_password

    give_password(cast.alice)
    alice = Browser(app)
    alice.sign_in("alice")
    filled = {"name": "script", "permissions": ["vials.read"], "days": "۳۰", "key": "t-1"}
    page = alice.post("/account/tokens/add", filled)
    text = re.search(r"cb_[0-9a-f]{32}_[A-Z2-7]{52}_[0-9a-f]{8}", page.text)[0]
    assert actor_of_token(text).permissions == {"vials.read"}
    assert alice.post("/account/tokens/add", filled).status_code == 303
    assert text not in alice.get("/account").text
    assert (
        alice.post(
            "/account/tokens/add", {**filled, "permissions": ["quality.release"], "key": "t-2"}
        ).status_code
        == 422
    )
    alice.post("/account/tokens/revoke", {"token_id": text.split("_")[1]})
    assert actor_of_token(text) is None


@pytest.mark.sqlite_only
def test_a_depositors_program_reads_their_own_people_only(app, cast):
    text, _ = issue(cast.charlie, ("accounts.read",))
    reads = app.test_client()

    def ask(url):
        return reads.get(f"/api/v1{url}", headers={"Authorization": f"Bearer {text}"})

    assert [p["user_name"] for p in ask("/people").json["people"]] == ["charlie"]
    assert [o["short_name"] for o in ask("/organisations").json["organisations"]] == ["Celltech"]
    assert ask("/people/charlie").json["roles"] == ["depositor"]
    assert ask("/people/alice").status_code == 404
