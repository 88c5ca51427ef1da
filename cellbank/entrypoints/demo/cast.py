"""The people and organisations of the demonstration: one login a role, each with a password made at this moment."""

from __future__ import annotations

from dataclasses import dataclass

from cellbank.core import work
from cellbank.core.actor import OrganisationKind
from cellbank.domains.accounts import passwords, sign_in
from cellbank.domains.accounts.commands import AddOrganisation, AddPerson
from cellbank.domains.accounts.models import Person, Role
from cellbank.entrypoints.demo.stage import DIRECTOR, Stage


@dataclass(frozen=True)
class Login:
    """What is printed for whoever tries the demonstration."""

    login: str
    password: str
    role: str
    name: str


BANK = "CCB"
COMPANY = "CELLTECH"

# login, name, Persian name, role, organisation
PEOPLE: tuple[tuple[str, str, str, Role, str | None], ...] = (
    ("sara", "Sara Mohammadi", "سارا محمدی", Role.TECHNICIAN, None),
    ("amir", "Amir Tabatabaei", "امیر طباطبایی", Role.TECHNICIAN, None),
    ("bahar", "Bahar Karimi", "بهار کریمی", Role.QUALITY, None),
    ("omid", "Omid Rezaei", "امید رضایی", Role.MANAGER, None),
    ("dariush", "Dariush Amini", "داریوش امینی", Role.ADMINISTRATOR, None),
    ("leila", "Leila Nouri", "لیلا نوری", Role.RESPONSIBLE_PERSON, None),
    ("nima", "Nima Sharifi", "نیما شریفی", Role.VIEWER, None),
    ("kian", "Kian Azari", "کیان آذری", Role.DEPOSITOR, COMPANY),
)


def logins() -> list[Login]:
    """Everybody's login, with passwords made now."""
    return [
        Login(login, passwords.one_time_password(), role.value, name) for login, name, _, role, _ in PEOPLE
    ]


def enter(stage: Stage, known: list[Login]) -> None:
    """Add the company and everybody, let them act, and give each their password."""
    password_of = {one.login: one.password for one in known}
    stage.act(
        "",
        AddOrganisation(
            kind=OrganisationKind.COMPANY,
            name="Celltech Tabriz",
            name_fa="سل‌تک تبریز",
            short_name=COMPANY,
        ),
    )
    for login, name, name_fa, role, organisation in PEOPLE:
        command = AddPerson(
            user_name=login, name=name, name_fa=name_fa, roles=(role,), organisation=organisation
        )
        event = stage.act("", command)
        (person,) = work.created(event, Person)
        sign_in.set_password(
            person, password_of[login], DIRECTOR, key=f"demo:password:{login}", must_change=False
        )
        stage.enter(login, person)
