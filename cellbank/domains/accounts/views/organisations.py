"""Organisations: the bank, and those whose material it keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request, url_for

from cellbank.core import work
from cellbank.core.actor import Actor, Organisation, OrganisationKind
from cellbank.core.journal import Event
from cellbank.domains.accounts import queries
from cellbank.domains.accounts.commands import AddOrganisation, CorrectOrganisation
from cellbank.domains.accounts.views.routes import KINDS, choices, pages, printed, role_words
from cellbank.toolkit.html.pages import form_page, seen
from cellbank.toolkit.html.render import render


@pages.page("/organisations", permission="accounts.read")
def organisations(actor: Actor) -> str:
    """Every organisation with the number of its people; a company sees itself."""
    with work.reading(actor) as db:
        found = queries.organisations(db)
    return render(
        "accounts/organisations.html",
        organisations=found,
        kinds=KINDS,
        printed=printed,
        may_manage=actor.may("accounts.manage"),
    )


@pages.page("/organisations/<short_name>", permission="accounts.read")
def organisation(actor: Actor, short_name: str) -> str:
    """One organisation and its people."""
    with work.reading(actor) as db:
        found = work.required(queries.organisation(db, short_name), short_name)
        members = queries.people(db, organisation_id=found.id)
    return render(
        "accounts/organisation.html",
        organisation=found,
        people=members,
        kinds=KINDS,
        printed=printed,
        role_words=role_words,
        may_manage=actor.may("accounts.manage"),
    )


def _kinds(actor: Actor) -> Mapping[str, Any]:
    kinds = choices({kind: name for kind, name in KINDS.items() if kind is not OrganisationKind.BANK})
    return {
        "choices": {"kind": kinds},
        "values": {"kind": OrganisationKind.COMPANY.value},
        "back": url_for("accounts.organisations"),
    }


def _correct(actor: Actor, short_name: str) -> Mapping[str, Any]:
    with work.reading(actor) as db:
        found = work.required(queries.organisation(db, short_name), short_name)
    return {
        "fixed": {"organisation": short_name},
        "values": {"name": found.name, "name_fa": found.name_fa, "short_name": found.short_name},
        "saw": seen(found),
        "back": url_for("accounts.organisation", short_name=short_name),
    }


def _to_new(actor: Actor, event: Event) -> str:
    (key,) = work.created(event, Organisation)
    with work.reading(actor) as db:
        return url_for("accounts.organisation", short_name=db.get_one(Organisation, key).short_name)


def _to_corrected(actor: Actor, event: Event) -> str:
    return url_for("accounts.organisation", short_name=request.form["short_name"].strip())


form_page(
    pages,
    "/organisations/add",
    AddOrganisation,
    then=_to_new,
    said="The organisation is added.",
    prepare=_kinds,
    endpoint="add_organisation",
)
form_page(
    pages,
    "/organisations/<short_name>/correct",
    CorrectOrganisation,
    then=_to_corrected,
    said="Corrected.",
    prepare=_correct,
    endpoint="correct_organisation",
)
