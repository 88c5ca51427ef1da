"""What an attacker tries at the door, and who must not be shut out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from cellbank.core import clock, work
from cellbank.domains.accounts import throttling
from cellbank.domains.accounts.commands import GrantRole
from cellbank.domains.accounts.models import Throttle
from tests import world
from tests.domains.accounts.people import PASSWORD, give_password
from tests.world import key


@pytest.mark.sqlite_only
@pytest.mark.parametrize("path", ["//[", "/\\[", "//[evil", "http://[", "/a\tb"])
def test_no_address_to_go_on_to_breaks_the_sign_in_page(visitor, path):
    assert visitor.get("/sign-in", query_string={"next": path}).status_code == 200


@pytest.mark.sqlite_only
def test_a_broken_origin_or_word_against_forgery_is_refused_and_no_fault(visitor):
    form = {"name": "alice", "password": "x"}
    assert visitor.post("/sign-in", form, headers={"Origin": "http://["}).status_code == 403
    assert visitor.post("/sign-in", form, headers={"Origin": "https://evil.example"}).status_code == 403
    assert visitor.post("/sign-in", {**form, "csrf_token": "پول"}).status_code == 403


@pytest.mark.sqlite_only
@pytest.mark.parametrize("number", ["²", "9" * 5000, "9" * 19])
def test_an_odd_page_number_is_no_fault(visitor, cast, number):
    give_password(cast.dora)
    visitor.sign_in("dora")
    assert visitor.get("/people", query_string={"page": number}).status_code == 200


@pytest.mark.sqlite_only
def test_under_a_one_time_password_nothing_is_done_by_the_api_either(visitor, cast):
    give_password(cast.bob, must_change=True)
    visitor.sign_in("bob")
    answer = visitor.client.post(
        "/api/v1/do/ChangePreferences",
        json={"command": {"language": "en", "calendar": "gregorian"}},
        headers={"Idempotency-Key": "k", "X-CSRF-Token": visitor.token()},
    )
    assert (answer.status_code, answer.json["message"]) == (403, "Choose a password of your own first.")
    assert visitor.client.get("/api/v1/people").status_code == 403


@pytest.mark.sqlite_only
def test_an_inspector_of_one_company_has_an_account_and_can_change_its_password(visitor, cast):
    omid = world.add_person("omid")
    until = (clock.now() + timedelta(days=5)).date()
    grant = GrantRole(person="omid", role="inspector", until=until, scope="Celltech")
    work.perform(grant, world.KEEPER, key=key())
    give_password(omid, must_change=True)
    visitor.sign_in("omid")
    new = "seven blue tanks in April"
    assert visitor.post("/account/password", {"password": new, "again": new}).status_code == 303
    assert visitor.get("/account").status_code == 200
    assert "Alice" not in visitor.get("/people", headers={"Accept-Language": "en"}).text


@pytest.mark.sqlite_only
def test_a_password_form_sent_twice_never_says_that_another_password_was_set(visitor, cast):
    give_password(cast.dora)
    visitor.sign_in("dora")

    def change(old, new):
        said = {"old_password": old, "password": new, "again": new, "key": "one form"}
        return visitor.post("/account/password", said).status_code

    assert change(PASSWORD, "seven blue tanks in April") == 303
    assert change("seven blue tanks in April", "eight grey tanks in August") == 422
    assert (
        visitor.post("/sign-in", {"name": "dora", "password": "seven blue tanks in April"}).status_code == 303
    )


def test_first_failures_that_come_at_once_are_all_counted(database):
    at_once = 4
    together = Barrier(at_once)

    def fail(wanted):
        together.wait()
        with work.operating() as db:
            throttling.failed(db, wanted)

    with ThreadPoolExecutor(at_once) as threads:
        for number in range(5):
            wanted = throttling.keys(f"ghost{number}", f"198.51.100.{number}")
            list(threads.map(fail, [wanted] * at_once))
    with work.operating() as db:
        assert set(db.scalars(sa.select(Throttle.failures))) == {at_once}
