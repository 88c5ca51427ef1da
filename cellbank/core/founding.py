"""The first event of a bank: its own organisation, and the program as a principal that can act under its own name."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from cellbank.core.actor import (
    BANK_ID,
    SYSTEM_ID,
    Organisation,
    OrganisationKind,
    Principal,
    PrincipalKind,
    system_actor,
)
from cellbank.core.command import Command
from cellbank.core.journal import Event
from cellbank.core.work import Writing, perform


class FoundBank(Command):
    """Found the bank: the organisation that keeps the freezers, and the program's own principal."""

    records: ClassVar[str] = "bank.founded"
    permission: ClassVar[str] = "bank.found"
    label: ClassVar[str] = "Found the bank"
    is_open_to_api: ClassVar[bool] = False

    name: str = Field(title="Name", min_length=1)
    name_fa: str | None = Field(default=None, title="Name in Persian")
    short_name: str = Field(title="Short name", min_length=1, max_length=12)

    def run(self, db: Writing) -> None:
        """Write both rows, with their fixed keys."""
        db.add(
            Organisation(
                id=BANK_ID,
                kind=OrganisationKind.BANK,
                name=self.name,
                name_fa=self.name_fa,
                short_name=self.short_name,
            )
        )
        db.flush()
        db.add(
            Principal(
                id=SYSTEM_ID,
                kind=PrincipalKind.JOB,
                organisation_id=BANK_ID,
                name="cellbank",
                name_fa="سل‌بنک",
            )
        )


def found(
    name: str = "Cell City Bank", name_fa: str | None = "بانک سلول شهر سلول", short_name: str = "CCB"
) -> Event:
    """Found the bank once; a repeat answers from the first event."""
    command = FoundBank(name=name, name_fa=name_fa, short_name=short_name)
    return perform(command, system_actor("bank.found"), key="bank.founded")
