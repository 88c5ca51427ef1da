"""Organisations: the companies, hospitals and institutes whose material the bank keeps."""

from __future__ import annotations

from typing import ClassVar

import sqlalchemy as sa
from pydantic import Field

from cellbank.core.actor import Organisation, OrganisationKind
from cellbank.core.command import Command
from cellbank.core.errors import Invalid
from cellbank.core.work import Writing, required


class AddOrganisation(Command):
    """Add a company, hospital or institute whose material the bank keeps."""

    records: ClassVar[str] = "accounts.organisation_added"
    permission: ClassVar[str] = "accounts.manage"
    label: ClassVar[str] = "Add an organisation"

    kind: OrganisationKind = Field(default=OrganisationKind.COMPANY, title="Kind of organisation")
    name: str = Field(title="Name", min_length=1, max_length=200)
    name_fa: str | None = Field(default=None, title="Name in Persian", max_length=200)
    short_name: str = Field(
        title="Short name",
        description="At most twelve characters; it stands in lists and on labels.",
        min_length=1,
        max_length=12,
    )

    def run(self, db: Writing) -> None:
        """Write the organisation; there is only one bank."""
        if self.kind is OrganisationKind.BANK:
            raise Invalid("There is one bank, and it exists already.", field="kind")
        db.add(
            Organisation(
                kind=self.kind, name=self.name, name_fa=self.name_fa or None, short_name=self.short_name
            )
        )


class CorrectOrganisation(Command):
    """Correct the names of an organisation."""

    records: ClassVar[str] = "accounts.organisation_corrected"
    permission: ClassVar[str] = "accounts.manage"
    label: ClassVar[str] = "Correct an organisation"
    needs_reason: ClassVar[bool] = True

    organisation: str = Field(title="Organisation", description="Its short name up to now.")
    name: str = Field(title="Name", min_length=1, max_length=200)
    name_fa: str | None = Field(default=None, title="Name in Persian", max_length=200)
    short_name: str = Field(title="Short name", min_length=1, max_length=12)

    def run(self, db: Writing) -> None:
        """Change the names; the key and everything that hangs on it stay."""
        found = organisation_called(db, self.organisation)
        found.name = self.name
        found.name_fa = self.name_fa or None
        found.short_name = self.short_name


def organisation_called(db: Writing, short_name: str) -> Organisation:
    """The organisation with this short name.

    :raises NotFound: none has it
    """
    found = db.scalar(sa.select(Organisation).where(Organisation.short_name == short_name))
    return required(found, short_name)
