"""Who acts: organisations, principals, and the Actor that every read and write is done by."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cellbank.core.model import Recorded


class OrganisationKind(enum.StrEnum):
    """What an organisation is to the bank."""

    BANK = "bank"
    COMPANY = "company"
    HOSPITAL = "hospital"
    RESEARCH = "research"


class Organisation(Recorded):
    """A company, hospital or institute of the park; exactly one is the bank itself."""

    __tablename__ = "organisation"

    kind: Mapped[OrganisationKind]
    name: Mapped[str] = mapped_column(sa.Text)
    name_fa: Mapped[str | None] = mapped_column(default=None)
    short_name: Mapped[str] = mapped_column(sa.Text, unique=True)
    is_closed: Mapped[bool] = mapped_column(default=False)


class PrincipalKind(enum.StrEnum):
    """What can act: a person, a device, or a job of the program under its own name."""

    PERSON = "person"
    DEVICE = "device"
    JOB = "job"


class Principal(Recorded):
    """Anything that can act and be named in the journal. Disabled, never deleted; ids are never reused."""

    __tablename__ = "principal"

    kind: Mapped[PrincipalKind]
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    name: Mapped[str]
    name_fa: Mapped[str | None] = mapped_column(default=None)
    is_disabled: Mapped[bool] = mapped_column(default=False)


@dataclass(frozen=True)
class Actor:
    """Who acts now, for whom, and what they may do.

    ``sees_all``: staff of the bank see every organisation's vials; others only their own organisation's.
    """

    principal_id: UUID
    organisation_id: UUID
    name: str
    permissions: frozenset[str] = field(default_factory=frozenset)
    sees_all: bool = False
    name_fa: str | None = None
    roles: tuple[str, ...] = ()
    via: str = "web"
    session_id: UUID | None = None

    def may(self, permission: str) -> bool:
        """Whether this actor has the permission."""
        return permission in self.permissions


# The bank and the program itself have fixed keys, so that the first event can name them before they exist.
BANK_ID = UUID("00000000-0000-7000-8000-000000000001")
SYSTEM_ID = UUID("00000000-0000-7000-8000-000000000002")


def system_actor(*permissions: str) -> Actor:
    """The program acting for itself (founding the bank, migrations), under its own name."""
    return Actor(
        principal_id=SYSTEM_ID,
        organisation_id=BANK_ID,
        name="cellbank",
        permissions=frozenset(permissions),
        sees_all=True,
        roles=("job",),
        via="system",
    )
