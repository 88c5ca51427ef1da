"""Devices and tokens: how programs and machines act under their own name or a person's."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field

from cellbank.core.actor import BANK_ID, Principal, PrincipalKind
from cellbank.core.command import Command
from cellbank.core.errors import Invalid, NotFound, NotPermitted, Refused, Subject
from cellbank.core.work import Writing, required
from cellbank.domains.accounts.models import ApiToken, Device, RoleGrant
from cellbank.domains.accounts.roles import DEVICE_PERMISSIONS, SELF, permissions_of


class AddDevice(Command):
    """Add a machine that acts under its own name: a scan station, a rack reader, a printer agent."""

    records: ClassVar[str] = "accounts.device_added"
    permission: ClassVar[str] = "accounts.manage"
    label: ClassVar[str] = "Add a device"

    code: str = Field(title="Code", min_length=1, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    name: str = Field(title="Name", min_length=1, max_length=120)
    name_fa: str | None = Field(default=None, title="Name in Persian", max_length=120)
    description: str | None = Field(default=None, title="What it does", max_length=500)

    def run(self, db: Writing) -> None:
        """Write the principal and the device; devices are the bank's."""
        principal = Principal(
            kind=PrincipalKind.DEVICE, organisation_id=BANK_ID, name=self.name, name_fa=self.name_fa or None
        )
        db.add(principal)
        db.flush()
        db.add(Device(id=principal.id, code=self.code, description=self.description or None))


class IssueToken(Command):
    """Issue a token with which a program acts for a person or a device, with some of their permissions."""

    records: ClassVar[str] = "accounts.token_issued"
    permission: ClassVar[str] = SELF
    label: ClassVar[str] = "Make a token"
    is_open_to_api: ClassVar[bool] = False

    token_id: UUID = Field(title="Token")
    owner_id: UUID = Field(title="For")
    name: str = Field(title="What it is for", min_length=1, max_length=120)
    permissions: tuple[str, ...] = Field(title="Permissions", min_length=1)
    days: int = Field(default=90, title="Days until it ends", ge=1, le=730)

    def run(self, db: Writing) -> None:
        """Check that the token may do nothing its owner may not; the hash of its secret is written beside."""
        owner = required(db.get(Principal, self.owner_id), "owner")
        if owner.id != db.actor.principal_id and not db.actor.may("accounts.manage"):
            raise NotPermitted("Only an administrator makes tokens for others.")
        if owner.is_disabled:
            raise Refused("{person} is disabled.", about=[owner], person=owner.name)
        too_much = sorted(set(self.permissions) - _allowed(db, owner))
        if too_much:
            raise Invalid(
                "A token may do nothing that its owner may not: {permissions}",
                field="permissions",
                permissions=too_much,
            )
        db.about("api_token", [self.token_id], owner.organisation_id)
        db.about(owner.kind.value, [owner.id])


class RevokeToken(Command):
    """Revoke a token: from now on nobody can use it."""

    records: ClassVar[str] = "accounts.token_revoked"
    permission: ClassVar[str] = SELF
    label: ClassVar[str] = "Revoke a token"
    is_open_to_api: ClassVar[bool] = False

    token_id: UUID = Field(title="Token")

    def run(self, db: Writing) -> None:
        """Mark it; only its owner or an administrator may."""
        token = db.get(ApiToken, self.token_id)
        is_own = token is not None and token.principal_id == db.actor.principal_id
        if token is None or not (is_own or db.actor.may("accounts.manage")):
            raise NotFound(what="token")
        if token.revoked_at is not None:
            raise Refused("This token is revoked already.", about=[Subject("api_token", token.id)])
        token.revoked_at = db.recorded_at
        db.about("api_token", [token.id])
        db.about("principal", [token.principal_id])


def _allowed(db: Writing, owner: Principal) -> frozenset[str]:
    """The most that a token of this owner may do now."""
    if owner.kind is PrincipalKind.DEVICE:
        return DEVICE_PERMISSIONS
    running = sa.select(RoleGrant.role).where(
        RoleGrant.person_id == owner.id,
        RoleGrant.ended_by.is_(None),
        sa.or_(RoleGrant.ends_at.is_(None), RoleGrant.ends_at > db.recorded_at),
    )
    return permissions_of(db.scalars(running))
