"""What programs may read about people and organisations."""

from __future__ import annotations

from pydantic import BaseModel

from cellbank.core.actor import Actor
from cellbank.core.work import reading, required
from cellbank.domains.accounts import queries
from cellbank.domains.accounts.queries import PersonRow
from cellbank.toolkit.html.pages import page_number
from cellbank.toolkit.rest import Resources

resources = Resources("accounts")

A_PAGE = 200


class PersonOut(BaseModel):
    """Somebody who can sign in; how they are reached is not told."""

    user_name: str
    badge: str | None
    name: str
    name_fa: str | None
    organisation: str
    roles: list[str]
    is_disabled: bool


class PeopleOut(BaseModel):
    """People by name."""

    people: list[PersonOut]


class OrganisationOut(BaseModel):
    """The bank, or one whose material it keeps."""

    short_name: str
    kind: str
    name: str
    name_fa: str | None
    people: int


class OrganisationsOut(BaseModel):
    """Organisations, the bank first."""

    organisations: list[OrganisationOut]


def _out(row: PersonRow) -> PersonOut:
    return PersonOut(
        user_name=row.user_name,
        badge=row.staff_code,
        name=row.name,
        name_fa=row.name_fa,
        organisation=row.organisation,
        roles=[role.value for role in row.roles],
        is_disabled=row.is_disabled,
    )


@resources.resource("/people", permission="accounts.read", returns=PeopleOut)
def all_people(actor: Actor) -> PeopleOut:
    """Everybody the reader may see; a page of 200 by ``?page=``."""
    with reading(actor) as db:
        found = queries.people(db, limit=A_PAGE, offset=(page_number() - 1) * A_PAGE)
    return PeopleOut(people=[_out(row) for row in found])


@resources.resource("/people/<user_name>", permission="accounts.read", returns=PersonOut)
def one_person(actor: Actor, user_name: str) -> PersonOut:
    """One person."""
    with reading(actor) as db:
        return _out(required(queries.person_page(db, user_name), user_name).person)


@resources.resource("/organisations", permission="accounts.read", returns=OrganisationsOut)
def all_organisations(actor: Actor) -> OrganisationsOut:
    """Every organisation the reader may see."""
    with reading(actor) as db:
        found = queries.organisations(db)
    return OrganisationsOut(
        organisations=[
            OrganisationOut(
                short_name=one.short_name,
                kind=one.kind.value,
                name=one.name,
                name_fa=one.name_fa,
                people=number,
            )
            for one, number in found
        ]
    )
