"""Registering donors by code, and correcting what is known of them."""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa
from pydantic import Field, field_validator

from cellbank.core import work
from cellbank.core.command import Command
from cellbank.core.errors import Refused
from cellbank.core.work import Writing
from cellbank.domains.donors import finding
from cellbank.domains.donors.models import Donor, DonorKind, Sex
from cellbank.domains.donors.owners import owner_called
from cellbank.domains.donors.pseudonyms import refuse_national_code

work.explain("uq_donor_code", "Another donor already has this code.")


class RegisterDonor(Command):
    """Register a person or animal that gave tissue, by a code that says nothing about who it is."""

    records: ClassVar[str] = "donors.registered"
    permission: ClassVar[str] = "donors.manage"
    label: ClassVar[str] = "Register a donor"

    code: str | None = Field(
        default=None,
        title="Donor code",
        description="Empty: the next number of the bank. Never a name, never a number of the person.",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        min_length=2,
        max_length=40,
        json_schema_extra={"kind": "code"},
    )
    kind: DonorKind = Field(title="Kind of donor")
    sex: Sex = Field(default=Sex.UNKNOWN, title="Sex")
    species: str = Field(default="Homo sapiens", title="Species", min_length=2, max_length=120)
    strain: str | None = Field(default=None, title="Strain", max_length=120)
    ethnicity: str | None = Field(
        default=None, title="Ethnicity", description="Only if the donor consented.", max_length=120
    )
    depositor_code: str | None = Field(
        default=None,
        title="The depositor's own code",
        description="A pseudonym of the hospital, as it stands on its papers.",
        max_length=80,
    )
    note: str | None = Field(
        default=None,
        title="Note",
        description="No names, addresses or numbers of the person.",
        max_length=2000,
        json_schema_extra={"kind": "multiline"},
    )
    organisation: str | None = Field(
        default=None, title="Whose", description="Empty: your own organisation.", max_length=12
    )

    _no_person = field_validator("code", "depositor_code", "note", "ethnicity", "strain", mode="before")(
        refuse_national_code
    )

    def run(self, db: Writing) -> None:
        """Write the donor, with the next free number unless a code was given."""
        if self.code is not None:
            taken = sa.select(Donor).where(sa.func.lower(Donor.code) == self.code.lower())
            if (other := db.scalar(taken)) is not None:
                raise Refused("Another donor already has the code {code}.", code=other.code, about=[other])
        donor = Donor(
            organisation_id=owner_called(db, self.organisation),
            code=self.code or finding.free_number(db, "D", Donor.code),
            **_facts(self),
        )
        db.add(donor)
        db.flush()
        _remember(db, donor)


class CorrectDonor(Command):
    """Correct what is recorded of a donor; every value is as given, what is left empty is emptied."""

    records: ClassVar[str] = "donors.corrected"
    permission: ClassVar[str] = "donors.manage"
    label: ClassVar[str] = "Correct a donor"
    needs_reason: ClassVar[bool] = True

    donor: str = Field(title="Donor", min_length=1, max_length=40)
    kind: DonorKind = Field(title="Kind of donor")
    sex: Sex = Field(default=Sex.UNKNOWN, title="Sex")
    species: str = Field(default="Homo sapiens", title="Species", min_length=2, max_length=120)
    strain: str | None = Field(default=None, title="Strain", max_length=120)
    ethnicity: str | None = Field(
        default=None, title="Ethnicity", description="Only if the donor consented.", max_length=120
    )
    depositor_code: str | None = Field(default=None, title="The depositor's own code", max_length=80)
    note: str | None = Field(
        default=None,
        title="Note",
        description="No names, addresses or numbers of the person.",
        max_length=2000,
        json_schema_extra={"kind": "multiline"},
    )

    _no_person = field_validator("depositor_code", "note", "ethnicity", "strain", mode="before")(
        refuse_national_code
    )

    def run(self, db: Writing) -> None:
        """Write the values; the code stays, it is on papers."""
        donor = finding.donors_called(db, [self.donor])[0]
        for name, value in _facts(self).items():
            setattr(donor, name, value)
        _remember(db, donor)


def _facts(command: RegisterDonor | CorrectDonor) -> dict[str, Any]:
    return command.model_dump(
        include={"kind", "sex", "species", "strain", "ethnicity", "depositor_code", "note"}
    )


def _remember(db: Writing, donor: Donor) -> None:
    finding.remember_words(db, "donor", donor.id, donor.organisation_id, [donor.code, donor.depositor_code])
