"""Tables of people, devices and roles, and the operational tables of signing in."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cellbank.core.model import Operational, Recorded, by_event, refers_to, unique_while


class Language(enum.StrEnum):
    """The languages that the program speaks."""

    FA = "fa"
    EN = "en"


class Calendar(enum.StrEnum):
    """The calendars that dates are drawn in; they are always stored Gregorian."""

    JALALI = "jalali"
    GREGORIAN = "gregorian"


class Person(Recorded):
    """Somebody who can sign in; the Latin and Persian printed names are those of the principal."""

    __tablename__ = "person"
    __table_args__ = (
        sa.UniqueConstraint("staff_code", name="uq_person_staff_code"),
        sa.UniqueConstraint("user_name", name="uq_person_user_name"),
    )

    id: Mapped[UUID] = mapped_column(refers_to("principal"), primary_key=True)  # the principal's own key
    user_name: Mapped[str]  # what is typed to sign in, lower case
    staff_code: Mapped[str | None] = mapped_column(default=None)  # the code on the badge
    job_title: Mapped[str | None] = mapped_column(default=None)
    job_title_fa: Mapped[str | None] = mapped_column(default=None)
    language: Mapped[Language] = mapped_column(default=Language.FA)
    calendar: Mapped[Calendar] = mapped_column(default=Calendar.JALALI)


class Contact(Operational):
    """Where a person can be reached: e-mail address and telephone."""

    __tablename__ = "contact"
    __table_args__ = (sa.UniqueConstraint("email", name="uq_contact_email"),)
    WHY = "must be erasable on request, and nothing can be erased from a journal kept for thirty years"

    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    email: Mapped[str | None] = mapped_column(default=None)  # lower case
    telephone: Mapped[str | None] = mapped_column(default=None)


class Device(Recorded):
    """A machine that acts under its own name: a scan station, a rack reader, a printer agent."""

    __tablename__ = "device"
    __table_args__ = (sa.UniqueConstraint("code", name="uq_device_code"),)

    id: Mapped[UUID] = mapped_column(refers_to("principal"), primary_key=True)  # the principal's own key
    code: Mapped[str]
    description: Mapped[str | None] = mapped_column(default=None)


class Role(enum.StrEnum):
    """What a person is in the bank. An administrator is never a GMP actor."""

    TECHNICIAN = "technician"
    QUALITY = "quality"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"
    RESPONSIBLE_PERSON = "responsible_person"
    INSPECTOR = "inspector"
    DEPOSITOR = "depositor"
    VIEWER = "viewer"


class RoleGrant(Recorded):
    """A role given to a person, from one moment until another."""

    __tablename__ = "role_grant"
    __table_args__ = (unique_while("ended_by IS NULL", "uq_role_grant_open", "person_id", "role"),)
    SUBJECTS = ("person_id",)

    person_id: Mapped[UUID] = mapped_column(refers_to("person"))
    role: Mapped[Role]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None] = mapped_column(default=None)  # an inspector always has an end
    # Whose material it is about; none: the whole bank. An inspector's narrower scope is quality's.
    scope_organisation_id: Mapped[UUID | None] = mapped_column(refers_to("organisation"), default=None)
    granted_by: Mapped[int] = mapped_column(by_event())
    ended_by: Mapped[int | None] = mapped_column(by_event(), default=None)


class Credential(Operational):
    """What a person knows: password and PIN, as Argon2 hashes."""

    __tablename__ = "credential"
    WHY = "hashes of secrets must never enter a journal that is kept for thirty years and shown to inspectors"

    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    password_hash: Mapped[str | None] = mapped_column(default=None, repr=False)
    password_set_at: Mapped[datetime | None] = mapped_column(default=None)
    must_change_password: Mapped[bool] = mapped_column(default=False)
    pin_hash: Mapped[str | None] = mapped_column(
        default=None, repr=False
    )  # with the badge: witness, quick sign-in
    pin_set_at: Mapped[datetime | None] = mapped_column(default=None)


class SignInSession(Operational):
    """A person signed in at a browser or station."""

    __tablename__ = "sign_in_session"
    WHY = "changes with every click; signing in and out are journalled as events"

    id: Mapped[UUID] = mapped_column(primary_key=True)  # what events name; says nothing about the token
    token_sha256: Mapped[str] = mapped_column(unique=True, repr=False)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    idle_minutes: Mapped[int]
    expires_at: Mapped[datetime]
    authenticated_at: Mapped[datetime]  # when the password was last given: a signature asks for it anew
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    station_id: Mapped[UUID | None] = mapped_column(default=None)
    address: Mapped[str | None] = mapped_column(default=None)
    user_agent: Mapped[str | None] = mapped_column(default=None)


class Throttle(Operational):
    """How often signing in failed lately, by person and by network address."""

    __tablename__ = "throttle"
    WHY = "counts anonymous failures; a flood of them must not fill the journal"

    key: Mapped[str] = mapped_column(primary_key=True)  # "person:…" or "address:…"
    failures: Mapped[int] = mapped_column(default=0)
    first_failed_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None] = mapped_column(default=None)


class ApiToken(Operational):
    """A token with which a program acts for a person or a device."""

    __tablename__ = "api_token"
    WHY = "holds the hash of a secret; issuing and revoking one are journalled as events"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(unique=True, repr=False)
    principal_id: Mapped[UUID] = mapped_column(sa.ForeignKey("principal.id"), index=True)
    name: Mapped[str]
    permissions: Mapped[str]  # space-separated; never more than the principal has
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    last_used_at: Mapped[datetime | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)


class RecoveryCode(Operational):
    """A one-time code to set a new password, issued by an administrator or sent by mail."""

    __tablename__ = "recovery_code"
    WHY = "holds the hash of a secret and lives for an hour; issuing one is journalled as an event"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"), index=True)
    code_sha256: Mapped[str] = mapped_column(unique=True, repr=False)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)
