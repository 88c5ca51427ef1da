"""The sign-in page: the way in, the way out, and what is still there afterwards."""

import json
import re

import pytest

from cellbank.core import work
from cellbank.core.actor import Organisation
from cellbank.domains.accounts.commands import DisablePerson
from tests.domains.accounts.people import PASSWORD, give_password
from tests.world import KEEPER, key

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def dora(cast):
    give_password(cast.dora)
    return cast.dora


def test_a_page_asked_for_by_nobody_is_the_sign_in_page(visitor):
    page = visitor.get("/people?q=ali")
    assert page.status_code == 401
    assert visitor.hidden(page)["next"] == ["/people?q=ali"]


def test_after_signing_in_the_asked_page_opens(visitor, dora):
    page = visitor.get("/people?q=ali")
    page = visitor.sign_in("dora", next=visitor.hidden(page)["next"][0])
    assert (page.status_code, page.location) == (303, "/people?q=ali")
    assert (
        "Alice Karimi" in visitor.get(page.location, headers={"Accept-Language": "en"}).text
        or "آلیس" in visitor.page.text
    )


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_it_never_leads_to_another_site(visitor, dora, elsewhere):
    assert visitor.sign_in("dora", next=elsewhere).location == "/"


def test_the_cookie_is_closed_to_scripts_and_other_sites(visitor, dora):
    cookie = next(
        c for c in visitor.sign_in("dora").headers.getlist("Set-Cookie") if c.startswith("cellbank=")
    )
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_signing_out_ends_the_session_and_the_cookie(visitor, dora):
    visitor.sign_in("dora")
    stolen = visitor.client.get_cookie("cellbank").value
    assert visitor.get("/people").status_code == 200
    assert visitor.post("/sign-out").location == "/sign-in"
    assert visitor.client.get_cookie("cellbank") is None
    visitor.client.set_cookie("cellbank", stolen)
    assert visitor.get("/people").status_code == 401


def test_pages_are_kept_by_no_cache(visitor, dora):
    visitor.sign_in("dora")
    assert visitor.get("/people").headers["Cache-Control"] == "no-store"


def test_known_unknown_and_disabled_names_get_the_same_answer(app, dora, cast):
    from tests.domains.accounts.browser import Browser

    give_password(cast.bob)
    work.perform(DisablePerson(person="bob"), cast.dora, key=key(), reason="left")
    answers = []
    for name, password in (
        ("dora", "not the right password"),
        ("mallory", "not the right password"),
        ("bob", PASSWORD),
    ):
        visitor = Browser(app)
        page = visitor.sign_in(name, password)
        body = page.text.replace(name, "NAME").replace(visitor.hidden(page)["csrf_token"][0], "")
        answers.append((page.status_code, _without_nonce(page, body)))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 401


def _without_nonce(page, body):
    return re.sub(r'nonce="[^"]*"', "", body)


def test_too_many_failures_have_to_wait(visitor, dora):
    for _ in range(4):
        assert visitor.sign_in("dora", "wrong").status_code == 401
    page = visitor.sign_in("dora")
    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) > 0
    assert visitor.get("/people").status_code == 401


def test_a_disabled_person_is_out_with_the_next_click(visitor, cast, dora):
    give_password(cast.carol)
    visitor.sign_in("carol")
    assert visitor.get("/people").status_code == 200
    work.perform(DisablePerson(person="carol"), cast.dora, key=key(), reason="left")
    assert visitor.get("/people").status_code == 401


# ---- forgery ------------------------------------------------------------------------------------------------


def test_a_form_without_the_word_against_forgery_is_refused(visitor, dora):
    visitor.sign_in("dora")
    assert visitor.post("/sign-out", with_token=False).status_code == 403
    assert visitor.post("/sign-out", {"csrf_token": "0" * 64}).status_code == 403
    assert visitor.get("/people").status_code == 200


def test_a_form_from_another_site_is_refused_even_with_the_word(visitor, dora):
    visitor.sign_in("dora")
    assert visitor.post("/sign-out", headers={"Origin": "https://evil.example"}).status_code == 403
    assert visitor.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_nobody_can_be_signed_in_by_another_site(visitor, dora):
    page = visitor.post("/sign-in", {"name": "dora", "password": PASSWORD}, with_token=False)
    assert page.status_code == 403


# ---- a form that outlives its session -------------------------------------------------------------------------


COMPANY = {"kind": "company", "name": "Pasteur", "name_fa": "پاستور", "short_name": "PAS", "key": "k-1"}


def companies():
    import sqlalchemy as sa

    with work.reading(KEEPER) as db:
        return sorted(db.scalars(sa.select(Organisation.short_name)))


@pytest.fixture
def expired(visitor, dora):
    """Dora's visitor after lunch: the form is filled in, the session has ended."""
    visitor.sign_in("dora")
    filled = {**COMPANY, "csrf_token": visitor.token(), "password_of_something": "hunter2"}
    _end_all_sessions()
    return visitor, visitor.client.post("/organisations/add", data=filled)


def _end_all_sessions():
    import sqlalchemy as sa

    from cellbank.core import clock
    from cellbank.domains.accounts.models import SignInSession

    with work.operating() as db:
        db.execute(sa.update(SignInSession).values(expires_at=clock.now()))


def test_a_form_posted_after_the_session_expired_is_kept(expired):
    visitor, page = expired
    assert page.status_code == 401
    kept = json.loads(visitor.hidden(page)["kept"][0])
    assert kept["path"] == "/organisations/add"
    assert {tuple(field) for field in kept["fields"]} == set(COMPANY.items())
    assert "hunter2" not in page.text


def test_after_signing_in_one_button_sends_it_again_with_the_same_key(expired):
    visitor, page = expired
    page = visitor.client.post(
        "/sign-in",
        data={"name": "dora", "password": PASSWORD, **{n: v[0] for n, v in visitor.hidden(page).items()}},
    )
    assert page.status_code == 200
    assert 'action="/organisations/add"' in page.text
    sent = {name: values[0] for name, values in visitor.hidden(page).items() if name != "next"}
    assert "PAS" not in companies(), "nothing is done before the button is pressed"
    assert sent["key"] == "k-1"
    assert visitor.client.post("/organisations/add", data=sent).status_code == 303
    assert "PAS" in companies()


def test_a_wrong_password_does_not_lose_the_form(expired):
    visitor, page = expired
    hidden = {n: v[0] for n, v in visitor.hidden(page).items()}
    page = visitor.client.post("/sign-in", data={"name": "dora", "password": "wrong", **hidden})
    assert page.status_code == 401
    assert visitor.hidden(page)["kept"] == [hidden["kept"]]


def test_what_one_person_typed_is_not_shown_to_another(expired, cast):
    visitor, page = expired
    give_password(cast.alice)
    hidden = {n: v[0] for n, v in visitor.hidden(page).items()}
    page = visitor.client.post("/sign-in", data={"name": "alice", "password": PASSWORD, **hidden})
    assert page.status_code == 303
    assert "Pasteur" not in page.text


def test_a_form_of_another_site_is_not_kept(visitor, dora):
    visitor.sign_in("dora")
    _end_all_sessions()
    page = visitor.client.post("/organisations/add", data={**COMPANY, "csrf_token": "guessed"})
    assert page.status_code == 401
    assert "kept" not in visitor.hidden(page)


def test_a_part_of_a_page_that_htmx_asked_for_reloads_the_page(visitor):
    page = visitor.get("/people", headers={"HX-Request": "true"})
    assert (page.status_code, page.headers["HX-Refresh"]) == (401, "true")


def test_a_form_that_htmx_sent_is_kept_too(visitor, dora):
    visitor.sign_in("dora")
    filled = {**COMPANY, "csrf_token": visitor.token()}
    _end_all_sessions()
    page = visitor.client.post("/organisations/add", data=filled, headers={"HX-Request": "true"})
    assert page.headers["HX-Retarget"] == "body"
    assert "Pasteur" in visitor.hidden(page)["kept"][0]


# ---- first password -----------------------------------------------------------------------------------------


def test_a_one_time_password_opens_nothing_but_the_page_to_choose_ones_own(visitor, cast):
    give_password(cast.bob, must_change=True)
    assert visitor.sign_in("bob").location == "/account/password"
    assert visitor.get("/people").location == "/account/password"
    word = visitor.hidden(visitor.get("/account/password"))["csrf_token"][0]
    chosen = {"password": "a dozen straws of yeast", "again": "a dozen straws of yeast", "csrf_token": word}
    assert visitor.post("/account/password", chosen).status_code == 303
    assert visitor.get("/people").status_code == 200
