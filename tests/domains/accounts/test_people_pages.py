"""The pages of people and organisations."""

import re

import pytest
import sqlalchemy as sa

from cellbank.core import work
from cellbank.core.actor import Organisation, Principal
from cellbank.domains.accounts.models import Contact, Person, RoleGrant
from tests.domains.accounts.browser import Browser
from tests.domains.accounts.people import events, give_password
from tests.world import KEEPER

pytestmark = pytest.mark.sqlite_only

SARA = {
    "name": "Sara Azizi",
    "name_fa": "سارا عزیزی",
    "user_name": "S.Azizi",
    "roles": ["technician"],
    "email": "Sara@Example.org",
    "telephone": "+98 21 0000 0000",
    "language": "en",
    "calendar": "gregorian",
}


@pytest.fixture
def dora(app, cast):
    """Dora's browser; she reads English."""
    return signed_in(app, cast.dora, "dora")


def signed_in(app, actor, user_name, locale="en"):
    give_password(actor)
    browser = Browser(app)
    browser.sign_in(user_name)
    browser.post("/preferences", {"locale": locale})
    return browser


def count(model, *which):
    with work.reading(KEEPER) as db:
        return db.scalar(sa.select(sa.func.count()).select_from(model).where(*which))


def test_the_list_shows_everybody_with_roles_and_organisation(dora):
    page = dora.get("/people").text
    for words in ("Alice Karimi", "Technician", "Charlie Naderi", "Depositor", "Celltech"):
        assert words in page


@pytest.mark.parametrize(
    "url",
    [
        "/people",
        "/people/alice",
        "/people/add",
        "/organisations",
        "/organisations/Celltech",
        "/organisations/add",
        "/devices",
        "/devices/add",
        "/account",
        "/account/password",
        "/account/tokens/add",
        "/people/alice/change",
        "/people/alice/roles/grant",
        "/people/alice/disable",
        "/organisations/Celltech/correct",
    ],
)
@pytest.mark.parametrize("locale", ["en", "fa"])
def test_every_page_is_drawn_in_both_languages(app, cast, url, locale):
    page = signed_in(app, cast.dora, "dora", locale).get(url)
    assert page.status_code == 200
    assert f'lang="{locale}"' in page.text
    if locale == "fa":
        main = re.sub(r"<[^>]*>", " ", page.text.partition("<main")[2].partition("</main")[0])
        assert re.search("[آ-ی]{3}", main)
        assert not re.search(r"\b(Name|Roles|Add|Change|Password|Reason|Organisation)\b", main)


def test_adding_a_person_shows_the_password_once_and_it_opens_the_way_in(app, dora):
    page = dora.post("/people/add", {**SARA, "key": "add-sara"})
    assert page.status_code == 200
    password = re.search(r'data-copy="((?:[a-z0-9]{4}-){4}[a-z0-9]{4})"', page.text)[1]
    again = dora.post("/people/add", {**SARA, "key": "add-sara"})
    assert again.status_code == 303
    assert count(Principal, Principal.name == "Sara Azizi") == 1
    sara = Browser(app)
    assert sara.sign_in("s.azizi", password).location == "/account/password"


def test_a_new_person_gets_a_badge_code_and_contact_details_stay_out_of_the_journal(dora):
    dora.post("/people/add", SARA)
    with work.reading(KEEPER) as db:
        person = db.scalar(sa.select(Person).where(Person.user_name == "s.azizi"))
        contact = db.get(Contact, person.id)
        journal = " ".join(
            str(row) for table in ("event", "change") for row in db.execute(sa.text(f"SELECT * FROM {table}"))
        )
    assert re.fullmatch("CP[0-9A-Z]{8}", person.staff_code or "")
    assert contact.email == "sara@example.org"
    assert "example.org" not in journal
    assert "0000 0000" not in journal


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"user_name": "alice"}, "Somebody already signs in with this name."),
        ({"user_name": "سارا"}, "Name to sign in with"),
        ({"roles": ["technician", "quality"]}, "Nobody may be both"),
        ({"roles": ["inspector"]}, "Say until when"),
        ({"roles": ["depositor"]}, "A depositor belongs to"),
        ({"roles": ["technician"], "organisation": "Celltech"}, "Only people of the bank"),
        ({"email": "sara at home"}, "This is not an e-mail address."),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(dora, change, says):
    page = dora.post("/people/add", {**SARA, **change})
    assert page.status_code in (409, 422)
    assert says in page.text
    assert 'value="Sara Azizi"' in page.text
    assert count(Principal, Principal.name == "Sara Azizi") == 0


def test_a_role_is_granted_and_ended(dora):
    assert dora.post("/people/carol/roles/grant", {"role": "technician"}).status_code == 303
    assert "Technician" in dora.get("/people/carol").text.partition("<main")[2].partition("</header>")[0]
    dora.post("/people/carol/roles/end", {"role": "technician"})
    assert count(RoleGrant, RoleGrant.role == "technician", RoleGrant.ended_by.is_not(None)) == 1
    assert len(events("accounts.role_ended")) == 1


def test_a_role_ended_on_one_page_is_gone_with_the_next_click_on_another(app, cast, dora):
    bob = signed_in(app, cast.bob, "bob")
    assert bob.get("/people").status_code == 200
    dora.post("/people/bob/roles/end", {"role": "quality"})
    assert bob.get("/people").status_code == 403


def test_disabling_needs_a_reason_and_signs_the_person_out(app, cast, dora):
    bob = signed_in(app, cast.bob, "bob")
    assert dora.post("/people/bob/disable", {}).status_code == 422
    assert bob.get("/account").status_code == 200
    assert dora.post("/people/bob/disable", {"reason": "left the bank"}).status_code == 303
    assert bob.get("/account").status_code == 401


def test_a_forgotten_password_is_replaced_by_a_one_time_one(app, cast, dora):
    bob = signed_in(app, cast.bob, "bob")
    page = dora.post("/people/bob/password", {"key": "forgot"})
    password = re.search(r'data-copy="([a-z0-9-]{24})"', page.text)[1]
    assert bob.get("/account").status_code == 401
    assert dora.post("/people/bob/password", {"key": "forgot"}).status_code == 303
    assert Browser(app).sign_in("bob", password).location == "/account/password"


def test_a_technician_neither_sees_nor_changes_people(app, cast):
    alice = signed_in(app, cast.alice, "alice")
    assert alice.get("/people").status_code == 403
    assert alice.post("/people/bob/disable", {"reason": "because"}).status_code == 403
    assert alice.get("/account").status_code == 200


# ---- another organisation -------------------------------------------------------------------------------------


def test_charlie_sees_the_people_of_celltech_only(app, cast):
    charlie = signed_in(app, cast.charlie, "charlie")
    page = charlie.get("/people").text
    assert "Charlie Naderi" in page
    assert "Alice" not in page
    assert "آلیس" not in page


def test_for_charlie_people_of_the_bank_do_not_exist(app, cast):
    charlie = signed_in(app, cast.charlie, "charlie")
    bank, nobody = charlie.get("/people/alice"), charlie.get("/people/nobody")
    assert bank.status_code == nobody.status_code == 404
    assert _bare(bank.text, "alice") == _bare(nobody.text, "nobody")
    assert charlie.get("/organisations/CCB").status_code == 404
    assert charlie.get("/organisations/Celltech").status_code == 200


def _bare(text, name):
    return re.sub(r'nonce="[^"]*"|value="[0-9a-f]{32,64}"', "", text.replace(name, ""))


def test_charlie_adds_nobody(app, cast):
    charlie = signed_in(app, cast.charlie, "charlie")
    assert charlie.post("/people/add", SARA).status_code == 403
    assert (
        charlie.post("/organisations/add", {"name": "X", "short_name": "X", "kind": "company"}).status_code
        == 403
    )


# ---- organisations ------------------------------------------------------------------------------------------


def test_an_organisation_is_added_and_corrected_with_a_reason(dora):
    page = dora.post(
        "/organisations/add", {"kind": "hospital", "name": "Shafa", "name_fa": "شفا", "short_name": "SHF"}
    )
    assert page.location == "/organisations/SHF"
    filled = {"name": "Shafa Hospital", "name_fa": "بیمارستان شفا", "short_name": "SHAFA"}
    assert dora.post("/organisations/SHF/correct", filled).status_code == 422
    page = dora.post("/organisations/SHF/correct", {**filled, "reason": "the full name"})
    assert page.location == "/organisations/SHAFA"
    assert count(Organisation, Organisation.name == "Shafa Hospital") == 1


def test_a_second_bank_and_a_taken_short_name_are_refused(dora):
    assert (
        dora.post("/organisations/add", {"kind": "bank", "name": "B", "short_name": "B"}).status_code == 422
    )
    page = dora.post("/organisations/add", {"kind": "company", "name": "Other", "short_name": "Celltech"})
    assert page.status_code == 409
    assert "Another organisation already has this short name." in page.text


# ---- preferences --------------------------------------------------------------------------------------------


def test_nobody_can_choose_a_language_and_the_browser_remembers(app):
    browser = Browser(app)
    assert 'lang="fa"' in browser.get("/sign-in").text
    page = browser.post("/preferences", {"locale": "en", "theme": "dark", "next": "/sign-in"})
    assert page.location == "/sign-in"
    page = browser.get("/sign-in").text
    assert 'lang="en" dir="ltr" data-theme="dark"' in page


def test_a_browser_that_asks_for_english_gets_it(app):
    assert 'lang="en"' in Browser(app).get("/sign-in", headers={"Accept-Language": "en-GB,en;q=0.9"}).text


def test_the_choice_stays_with_the_person_on_every_browser(app, cast):
    give_password(cast.alice)
    one, other = Browser(app), Browser(app)
    one.sign_in("alice")
    assert 'lang="fa"' in one.get("/account").text
    one.post("/preferences", {"locale": "en", "calendar": "gregorian"})
    other.sign_in("alice")
    assert 'lang="en"' in other.get("/account").text
    assert 'data-calendar="gregorian"' in other.page.text


def test_an_unknown_choice_changes_nothing(app):
    page = Browser(app).post(
        "/preferences", {"locale": "de", "theme": "<script>", "next": "https://evil.example"}
    )
    assert page.location == "/"
    assert not any("cellbank_locale" in cookie for cookie in page.headers.getlist("Set-Cookie"))


# ---- one's own account --------------------------------------------------------------------------------------


def test_a_password_is_changed_with_the_old_one(app, cast):
    from tests.domains.accounts.people import PASSWORD

    bob = signed_in(app, cast.bob, "bob")
    new = {"password": "a dozen straws of yeast", "again": "a dozen straws of yeast"}
    for wrong in (
        {**new, "old_password": "wrong"},
        {**new, "old_password": PASSWORD, "again": "different"},
        {"old_password": PASSWORD, "password": "short", "again": "short"},
        {"old_password": PASSWORD, "password": PASSWORD, "again": PASSWORD},
        {"old_password": PASSWORD, "password": "aaaaaaaaaaaaaaaaaa", "again": "aaaaaaaaaaaaaaaaaa"},
        {"old_password": PASSWORD, "password": "123456789012345", "again": "123456789012345"},
    ):
        assert bob.post("/account/password", wrong).status_code == 422
    assert bob.post("/account/password", {**new, "old_password": PASSWORD}).status_code == 303
    assert Browser(app).sign_in("bob", PASSWORD).status_code == 401
    assert Browser(app).sign_in("bob", new["password"]).status_code == 303


def test_other_sessions_can_be_ended_from_the_account(app, cast):
    here, there = signed_in(app, cast.bob, "bob"), Browser(app)
    there.sign_in("bob")
    assert here.post("/account/sessions/end").status_code == 303
    assert here.get("/account").status_code == 200
    assert there.get("/account").status_code == 401
