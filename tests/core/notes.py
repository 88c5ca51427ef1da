"""Small commands over the core's own tables, with which the spine is tested without any domain."""

from __future__ import annotations

from typing import ClassVar

import sqlalchemy as sa

from cellbank.core.actor import BANK_ID, Actor, Organisation, OrganisationKind, system_actor
from cellbank.core.command import REGISTER, Command
from cellbank.core.errors import Refused
from cellbank.core.work import Writing, required

KEEPER = system_actor("test.write")


def keeper(*, may: bool = True) -> Actor:
    """Somebody who may do the commands below, or may not."""
    return KEEPER if may else system_actor()


class AddCompany(Command):
    """Add a company."""

    records: ClassVar[str] = "test.company_added"
    permission: ClassVar[str] = "test.write"
    label: ClassVar[str] = "Add a company"

    name: str

    def run(self, db: Writing) -> None:
        db.add(Organisation(kind=OrganisationKind.COMPANY, name=self.name, short_name=self.name))


class Rename(Command):
    """Give a company another name."""

    records: ClassVar[str] = "test.company_renamed"
    permission: ClassVar[str] = "test.write"
    label: ClassVar[str] = "Rename a company"

    short_name: str
    name: str

    def run(self, db: Writing) -> None:
        found = db.scalar(sa.select(Organisation).where(Organisation.short_name == self.short_name))
        company = required(found, self.short_name)
        if self.name == "forbidden":
            raise Refused("The name {name} is taken", name=self.name, about=[company])
        company.name = self.name


class TouchBank(Command):
    """Run any statements a test wants, under one event."""

    records: ClassVar[str] = "test.touched"
    permission: ClassVar[str] = "test.write"
    label: ClassVar[str] = "Touch"

    statements: tuple[str, ...]

    def run(self, db: Writing) -> None:
        for statement in self.statements:
            db.execute(sa.text(statement), {"bank": BANK_ID.hex})


for _command in (AddCompany, Rename, TouchBank):
    REGISTER.pop(_command.__name__)
