"""What holds for every page of the program."""

from __future__ import annotations

import re

import pytest

from cellbank.domains import registry
from cellbank.domains.accounts.roles import every_permission
from cellbank.toolkit.html.pages import PUBLIC, SIGNED_IN
from cellbank.toolkit.i18n.catalogue import installed
from tests.domains.accounts.browser import Browser
from tests.domains.accounts.conftest import app as app  # noqa: PLC0414 - a fixture
from tests.domains.accounts.people import give_password
from tests.world import add_person

ROWS = [row for pages in registry.pages() for row in pages.rows]
CLOSED = [row for row in ROWS if row.permission != PUBLIC]
each = pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{'+'.join(row.methods)} {row.rule}")


def address(rule: str) -> str:
    """An address that fits a rule."""
    rule = re.sub(r"<int:\w+>", "1", rule)
    rule = re.sub(r"<uuid:\w+>", "00000000-0000-7000-8000-0000000000aa", rule)
    return re.sub(r"<(?:\w+:)?\w+>", "X1", rule)


def test_there_are_pages() -> None:
    assert len(ROWS) > 40


@each
def test_its_permission_is_one_that_a_role_gives(row) -> None:
    assert row.permission in every_permission() | {PUBLIC, SIGNED_IN}


@each
def test_its_view_says_what_it_shows(row) -> None:
    assert (row.view.__doc__ or "").strip()


def test_no_address_is_registered_twice() -> None:
    pairs = [(row.rule, method) for row in ROWS for method in row.methods]
    assert len(pairs) == len(set(pairs))


def test_the_menu_leads_to_pages_with_the_same_permission() -> None:
    pages = {row.endpoint: row for row in ROWS}
    for item in registry.menu():
        assert item.permission == pages[item.endpoint].permission, item.label
        assert "<" not in pages[item.endpoint].rule, f"{item.label}: a menu entry has a fixed address"
        assert installed().persian.get(item.label), f"no Persian for {item.label!r}"


@pytest.mark.sqlite_only
def test_nobody_gets_any_of_them(app) -> None:
    client = app.test_client()
    answered = {}
    for row in CLOSED:
        for method in row.methods:
            page = client.open(address(row.rule), method=method)
            answered[f"{method} {row.rule}"] = page.status_code
    assert {name: status for name, status in answered.items() if status != 401} == {}


@pytest.mark.sqlite_only
def test_whoever_has_no_role_gets_none_that_needs_a_permission(app, cast) -> None:
    nina = add_person("nina", roles=())
    give_password(nina)
    browser = Browser(app)
    assert browser.sign_in("nina").status_code == 303
    token = browser.token()
    answered = {}
    for row in CLOSED:
        if row.permission == SIGNED_IN:
            continue
        for method in row.methods:
            page = browser.client.open(
                address(row.rule), method=method, data={"csrf_token": token} if method == "POST" else None
            )
            answered[f"{method} {row.rule}"] = page.status_code
    assert {name: status for name, status in answered.items() if status != 403} == {}


@pytest.mark.sqlite_only
def test_no_form_of_another_site_is_taken(app, cast) -> None:
    """Without the word against forgery every writing page refuses, also whom it permits."""
    give_password(cast.carol)
    browser = Browser(app)
    browser.sign_in("carol")
    answered = {}
    for row in ROWS:
        if "POST" in row.methods:
            page = browser.client.post(
                address(row.rule), data={}, headers={"Origin": "https://elsewhere.example"}
            )
            answered[row.rule] = page.status_code
    assert {rule: status for rule, status in answered.items() if status != 403} == {}
