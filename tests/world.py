"""A small believable bank, built through commands only: first of all its people."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import timedelta

from cellbank.core import clock, work
from cellbank.core.actor import Actor, Organisation, OrganisationKind, system_actor
from cellbank.core.engine import Database
from cellbank.domains.accounts import queries
from cellbank.domains.accounts.commands import AddOrganisation, AddPerson
from cellbank.domains.accounts.models import Person, Role

KEEPER = system_actor("accounts.manage")
_keys = itertools.count(1)


def key() -> str:
    """A request key that no other call of this run has."""
    return f"world-{next(_keys)}"


@dataclass(frozen=True)
class Cast:
    """Who plays: the people of the bank, one depositor of the company Celltech, and their organisation."""

    alice: Actor
    """Technician."""
    bob: Actor
    """Quality."""
    carol: Actor
    """Bank manager."""
    dora: Actor
    """Administrator."""
    rana: Actor
    """Responsible person."""
    ines: Actor
    """Inspector of the whole bank, for a month."""
    charlie: Actor
    """Depositor of Celltech, another organisation."""
    celltech: Organisation


PEOPLE = {
    "alice": ("Alice Karimi", "آلیس کریمی", Role.TECHNICIAN),
    "bob": ("Bob Ahmadi", "باب احمدی", Role.QUALITY),
    "carol": ("Carol Hosseini", "کارول حسینی", Role.MANAGER),
    "dora": ("Dora Rahimi", "دورا رحیمی", Role.ADMINISTRATOR),
    "rana": ("Rana Moradi", "رعنا مرادی", Role.RESPONSIBLE_PERSON),
    "ines": ("Ines Sadeghi", "اینس صادقی", Role.INSPECTOR),
    "charlie": ("Charlie Naderi", "چارلی نادری", Role.DEPOSITOR),
}


def cast(database: Database) -> Cast:
    """Add Celltech and everybody of the cast; each comes back as an actor with their roles' permissions."""
    made = work.perform(
        AddOrganisation(
            kind=OrganisationKind.COMPANY, name="Celltech Tabriz", name_fa="سلتک تبریز", short_name="Celltech"
        ),
        KEEPER,
        key=key(),
    )
    actors = {}
    for user_name, (name, name_fa, role) in PEOPLE.items():
        actors[user_name] = add_person(
            user_name,
            name=name,
            name_fa=name_fa,
            roles=(role,),
            organisation="Celltech" if role is Role.DEPOSITOR else None,
        )
    with work.reading(KEEPER) as db:
        celltech = db.get_one(Organisation, work.created(made, Organisation)[0])
    return Cast(**actors, celltech=celltech)


def add_person(
    user_name: str,
    *,
    name: str | None = None,
    name_fa: str | None = None,
    roles: tuple[Role, ...] = (),
    organisation: str | None = None,
) -> Actor:
    """Add somebody; an inspector for a month."""
    until = (clock.now() + timedelta(days=30)).date() if Role.INSPECTOR in roles else None
    event = work.perform(
        AddPerson(
            name=name or user_name.title(),
            name_fa=name_fa,
            user_name=user_name,
            organisation=organisation,
            roles=roles,
            until=until,
        ),
        KEEPER,
        key=key(),
    )
    return actor(work.created(event, Person)[0])


def actor(person_id: object) -> Actor:
    """The person as an actor, as the roles are now."""
    with work.reading(KEEPER) as db:
        found = queries.actor_of_person(db, person_id)  # type: ignore[arg-type]
    assert found is not None
    return found
