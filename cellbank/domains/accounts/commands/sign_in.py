"""Signing in and out as acts: what the journal keeps of them. The secrets themselves never come near a command."""

from __future__ import annotations

import enum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from cellbank.core.command import Command
from cellbank.core.errors import NotPermitted
from cellbank.core.work import Writing, required
from cellbank.domains.accounts.models import Person
from cellbank.domains.accounts.roles import SELF, SIGN_IN


class RecordSignIn(Command):
    """A person signed in with their password."""

    records: ClassVar[str] = "accounts.signed_in"
    permission: ClassVar[str] = SELF
    label: ClassVar[str] = "Sign in"
    is_open_to_api: ClassVar[bool] = False

    def run(self, db: Writing) -> None:
        """The event is about the person; which session it was stands in the event."""
        db.about("person", [db.actor.principal_id])


class SignOutReason(enum.StrEnum):
    """Why sessions ended."""

    ASKED = "asked"
    OTHERS = "others"
    PASSWORD = "password"  # noqa: S105 - a word, not a secret


class RecordSignOut(Command):
    """A person signed out, here or everywhere else."""

    records: ClassVar[str] = "accounts.signed_out"
    permission: ClassVar[str] = SELF
    label: ClassVar[str] = "Sign out"
    is_open_to_api: ClassVar[bool] = False

    why: SignOutReason = Field(default=SignOutReason.ASKED, title="Why")

    def run(self, db: Writing) -> None:
        """The event is about the person."""
        db.about("person", [db.actor.principal_id])


class RecordFailedSignIn(Command):
    """Somebody tried to sign in as a known person and failed; unknown names are only counted."""

    records: ClassVar[str] = "accounts.sign_in_failed"
    permission: ClassVar[str] = SIGN_IN
    label: ClassVar[str] = "Note a failed sign-in"
    is_open_to_api: ClassVar[bool] = False

    person_id: UUID = Field(title="Person")
    is_disabled: bool = Field(default=False, title="The person is disabled")

    def run(self, db: Writing) -> None:
        """The event is about the person."""
        db.about("person", [self.person_id])


class RecordPasswordSet(Command):
    """A person has a new password: set by themselves, or a one-time one by an administrator."""

    records: ClassVar[str] = "accounts.password_set"
    permission: ClassVar[str] = SELF
    label: ClassVar[str] = "Set a password"
    is_open_to_api: ClassVar[bool] = False

    person_id: UUID = Field(title="Person")

    def run(self, db: Writing) -> None:
        """Only the person themselves or an administrator; the hash is written beside, not here."""
        person = required(db.get(Person, self.person_id), "person")
        if person.id != db.actor.principal_id and not db.actor.may("accounts.manage"):
            raise NotPermitted("Only an administrator gives somebody else a new password.", about=[person])
        db.about("person", [person.id])
