"""Roles: granted and ended, never edited."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pydantic import Field

from cellbank.core.actor import BANK_ID, Principal
from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Refused
from cellbank.core.work import Writing
from cellbank.domains.accounts.commands.names import UserName, person_called
from cellbank.domains.accounts.commands.organisations import organisation_called
from cellbank.domains.accounts.models import Person, Role, RoleGrant
from cellbank.domains.accounts.roles import ONLY_OF_THE_BANK, ROLE_NAMES, kept_apart


class GrantRole(Command):
    """Give a person a role, from now on or until a day."""

    records: ClassVar[str] = "accounts.role_granted"
    permission: ClassVar[str] = "accounts.manage"
    label: ClassVar[str] = "Grant a role"

    person: UserName = Field(title="Person")
    role: Role = Field(title="Role of the person")
    until: date | None = Field(
        default=None, title="Last day", description="An inspector's access always has an end."
    )
    scope: str | None = Field(
        default=None,
        title="Only the material of",
        description="For an inspector: the short name of one organisation. Empty: the whole bank.",
    )

    def run(self, db: Writing) -> None:
        """Check that the roles go together, and write the grant."""
        person, principal = person_called(db, self.person)
        if person.id == db.actor.principal_id:
            raise Refused("Nobody gives roles to themselves.", about=[person])
        scope = organisation_called(db, self.scope).id if self.scope else None
        give_role(db, person, principal, self.role, until=self.until, scope=scope)


class EndRole(Command):
    """Take a role away from a person, from now on."""

    records: ClassVar[str] = "accounts.role_ended"
    permission: ClassVar[str] = "accounts.manage"
    label: ClassVar[str] = "End a role"

    person: UserName = Field(title="Person")
    role: Role = Field(title="Role of the person")

    def run(self, db: Writing) -> None:
        """End the open grant."""
        person, principal = person_called(db, self.person)
        grant = next((g for g in _open_grants(db, person.id) if g.role == self.role), None)
        if grant is None:
            raise Refused(
                "{person} does not have this role: {role}",
                about=[person],
                person=principal.name,
                role=ROLE_NAMES[self.role],
            )
        if self.role is Role.ADMINISTRATOR:
            refuse_if_last_administrator(db, person)
        grant.ended_by = db.event_seq


def give_role(
    db: Writing,
    person: Person,
    principal: Principal,
    role: Role,
    *,
    until: date | None = None,
    scope: UUID | None = None,
) -> None:
    """Write one grant, where the bank's rules allow it.

    :raises Refused: the role does not go with the person's organisation or other roles, or is there already.
    :raises Invalid: the end or the scope does not fit the role.
    """
    if role in ONLY_OF_THE_BANK and principal.organisation_id != BANK_ID:
        raise Refused(
            "Only people of the bank can have this role: {role}", about=[person], role=ROLE_NAMES[role]
        )
    if role is Role.DEPOSITOR and principal.organisation_id == BANK_ID:
        raise Refused("A depositor belongs to an organisation other than the bank.", about=[person])
    if role is Role.INSPECTOR and until is None:
        raise Invalid("Say until when: an inspector's access always has an end.", field="until")
    if scope is not None and role is not Role.INSPECTOR:
        raise Invalid("Only an inspector's role can be limited to one organisation.", field="scope")
    ends_at = _end_of(until, db) if until else None
    if ends_at is not None and ends_at <= db.recorded_at:
        raise Invalid("The last day has passed already.", field="until")
    _refuse_clash(db, person, role)
    db.add(
        RoleGrant(
            person_id=person.id,
            role=role,
            starts_at=db.recorded_at,
            ends_at=ends_at,
            scope_organisation_id=scope,
            granted_by=db.event_seq,
        )
    )
    db.flush()


def _refuse_clash(db: Writing, person: Person, role: Role) -> None:
    """Refuse a second grant of the same role and roles that must be kept apart; close grants that ran out."""
    running = set()
    for grant in _open_grants(db, person.id):
        if grant.ends_at is not None and grant.ends_at <= db.recorded_at:
            if grant.role == role:
                grant.ended_by = db.event_seq
        else:
            running.add(grant.role)
    db.flush()  # a grant that ran out is closed before its successor comes: only one may be open
    if role in running:
        raise Refused("This person already has this role.", about=[person])
    other = kept_apart(role, running)
    if other is not None:
        raise Refused(
            "Nobody may be both {role} and {other}.",
            about=[person],
            role=ROLE_NAMES[role],
            other=ROLE_NAMES[other],
        )


def refuse_if_last_administrator(db: Writing, person: Person) -> None:
    """Refuse to leave the bank without anybody who can keep its accounts."""
    statement = (
        sa.select(RoleGrant.person_id)
        .join(Principal, Principal.id == RoleGrant.person_id)
        .where(
            RoleGrant.role == Role.ADMINISTRATOR,
            RoleGrant.ended_by.is_(None),
            sa.or_(RoleGrant.ends_at.is_(None), RoleGrant.ends_at > db.recorded_at),
            Principal.is_disabled.is_(False),
        )
        # Two administrators who remove each other at the same moment must not both succeed.
        .with_for_update()
    )
    administrators = set(db.scalars(statement))
    if administrators == {person.id}:
        raise Refused("The bank would be left without an administrator.", about=[person])


def _open_grants(db: Writing, person_id: UUID) -> list[RoleGrant]:
    statement = sa.select(RoleGrant).where(RoleGrant.person_id == person_id, RoleGrant.ended_by.is_(None))
    return list(db.scalars(statement))


def _end_of(day: date, db: Writing) -> datetime:
    """The moment at which a day ends on the site's clock."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(db.setting.site_zone))
