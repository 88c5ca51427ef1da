"""People: added, changed, disabled and enabled; never deleted, for the journal names them."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import sqlalchemy as sa
from pydantic import Field

from cellbank.core import ids
from cellbank.core.actor import BANK_ID, Organisation, Principal, PrincipalKind
from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Refused
from cellbank.core.work import Writing, required
from cellbank.domains.accounts.commands.names import UserName, person_called
from cellbank.domains.accounts.commands.organisations import organisation_called
from cellbank.domains.accounts.commands.role_grants import give_role, refuse_if_last_administrator
from cellbank.domains.accounts.models import (
    ApiToken,
    Calendar,
    Contact,
    Language,
    Person,
    Role,
    SignInSession,
)
from cellbank.domains.accounts.roles import SELF


class AddPerson(Command):
    """Add a person who can sign in, with their first roles; the badge's code is made."""

    records: ClassVar[str] = "accounts.person_added"
    permission: ClassVar[str] = "accounts.manage"
    label: ClassVar[str] = "Add a person"

    name: str = Field(title="Name in Latin letters", min_length=1, max_length=120)
    name_fa: str | None = Field(default=None, title="Name in Persian", max_length=120)
    user_name: UserName = Field(
        title="Name to sign in with", description="Latin letters, digits, dot, hyphen; for example s.karimi"
    )
    organisation: str | None = Field(
        default=None, title="Organisation", description="Empty: the bank itself."
    )
    roles: tuple[Role, ...] = Field(default=(), title="Roles")
    until: date | None = Field(
        default=None, title="Roles end on", description="An inspector's access always has an end."
    )
    job_title: str | None = Field(default=None, title="Job title", max_length=120)
    job_title_fa: str | None = Field(default=None, title="Job title in Persian", max_length=120)
    email: str | None = Field(
        default=None, title="E-mail address", max_length=200, json_schema_extra={"private": True}
    )
    telephone: str | None = Field(
        default=None, title="Telephone", max_length=40, json_schema_extra={"private": True}
    )
    language: Language = Field(default=Language.FA, title="Language")
    calendar: Calendar = Field(default=Calendar.JALALI, title="Calendar")

    def run(self, db: Writing) -> None:
        """Write the principal, the person with a badge code, how they are reached, and the roles."""
        owner = organisation_called(db, self.organisation) if self.organisation else _bank(db)
        principal = Principal(
            kind=PrincipalKind.PERSON,
            organisation_id=owner.id,
            name=self.name,
            name_fa=self.name_fa or None,
        )
        db.add(principal)
        db.flush()
        person = Person(
            id=principal.id,
            user_name=self.user_name,
            staff_code=ids.new_code(db.setting.bank_letter, ids.Kind.PERSON),
            job_title=self.job_title or None,
            job_title_fa=self.job_title_fa or None,
            language=self.language,
            calendar=self.calendar,
        )
        db.add(person)
        db.flush()
        db.add(Contact(person_id=person.id, email=_email(self.email), telephone=self.telephone or None))
        for role in dict.fromkeys(self.roles):
            give_role(db, person, principal, role, until=self.until)


class ChangePerson(Command):
    """Change a person's printed names, job title, or how they are reached."""

    records: ClassVar[str] = "accounts.person_changed"
    permission: ClassVar[str] = "accounts.manage"
    label: ClassVar[str] = "Change a person"

    person: UserName = Field(title="Person")
    name: str = Field(title="Name in Latin letters", min_length=1, max_length=120)
    name_fa: str | None = Field(default=None, title="Name in Persian", max_length=120)
    job_title: str | None = Field(default=None, title="Job title", max_length=120)
    job_title_fa: str | None = Field(default=None, title="Job title in Persian", max_length=120)
    email: str | None = Field(
        default=None, title="E-mail address", max_length=200, json_schema_extra={"private": True}
    )
    telephone: str | None = Field(
        default=None, title="Telephone", max_length=40, json_schema_extra={"private": True}
    )

    def run(self, db: Writing) -> None:
        """Change the rows; what the journal already says about the old name stays as it was."""
        person, principal = person_called(db, self.person)
        principal.name = self.name
        principal.name_fa = self.name_fa or None
        person.job_title = self.job_title or None
        person.job_title_fa = self.job_title_fa or None
        contact = db.get(Contact, person.id)
        if contact is None:
            contact = Contact(person_id=person.id)
            db.add(contact)
        contact.email = _email(self.email)
        contact.telephone = self.telephone or None
        db.about("person", [person.id])


class ChangePreferences(Command):
    """Choose the language and calendar in which one reads."""

    records: ClassVar[str] = "accounts.preferences_changed"
    permission: ClassVar[str] = SELF
    label: ClassVar[str] = "Change language or calendar"

    language: Language = Field(title="Language")
    calendar: Calendar = Field(title="Calendar")

    def run(self, db: Writing) -> None:
        """Keep the choice with the person who makes it."""
        person = required(db.get(Person, db.actor.principal_id), db.actor.name)
        person.language = self.language
        person.calendar = self.calendar


class DisablePerson(Command):
    """Take a person's access away at once: they are signed out everywhere and their tokens are revoked."""

    records: ClassVar[str] = "accounts.person_disabled"
    permission: ClassVar[str] = "accounts.manage"
    label: ClassVar[str] = "Disable a person"
    needs_reason: ClassVar[bool] = True

    person: UserName = Field(title="Person")

    def run(self, db: Writing) -> None:
        """Mark the principal, end the sessions, revoke the tokens: all in this one transaction."""
        person, principal = person_called(db, self.person)
        if person.id == db.actor.principal_id:
            raise Refused("Nobody takes their own access away.", about=[person])
        if principal.is_disabled:
            raise Refused("{person} is disabled already.", about=[person], person=principal.name)
        refuse_if_last_administrator(db, person)
        principal.is_disabled = True
        db.execute(
            sa.update(SignInSession)
            .where(SignInSession.person_id == person.id, SignInSession.ended_at.is_(None))
            .values(ended_at=db.recorded_at)
        )
        db.execute(
            sa.update(ApiToken)
            .where(ApiToken.principal_id == person.id, ApiToken.revoked_at.is_(None))
            .values(revoked_at=db.recorded_at)
        )
        db.about("person", [person.id])


class EnablePerson(Command):
    """Give a disabled person access again; sessions and tokens of before stay ended."""

    records: ClassVar[str] = "accounts.person_enabled"
    permission: ClassVar[str] = "accounts.manage"
    label: ClassVar[str] = "Enable a person"
    needs_reason: ClassVar[bool] = True

    person: UserName = Field(title="Person")

    def run(self, db: Writing) -> None:
        """Mark the principal."""
        person, principal = person_called(db, self.person)
        if not principal.is_disabled:
            raise Refused("{person} is not disabled.", about=[person], person=principal.name)
        principal.is_disabled = False
        db.about("person", [person.id])


def _bank(db: Writing) -> Organisation:
    return required(db.get(Organisation, BANK_ID), "bank")


def _email(text: str | None) -> str | None:
    """An address as it is kept: lower case, one @ with something on both sides."""
    if not text:
        return None
    before, _, after = text.lower().partition("@")
    if not before or "." not in after or "@" in after or any(letter.isspace() for letter in text):
        raise Invalid("This is not an e-mail address.", field="email")
    return f"{before}@{after}"
