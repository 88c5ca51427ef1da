"""Tables of quality's decisions, reviews and inspectors' scopes."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cellbank.core.model import (
    Annullable,
    OrganisationOwned,
    Recorded,
    by_event,
    refers_to,
    same_organisation,
)


class DecisionKind(enum.StrEnum):
    """What was decided about a bank."""

    RELEASED = "released"
    REJECTED = "rejected"


class BankDecision(OrganisationOwned, Annullable, Recorded):
    """A bank released or rejected after its dossier was read."""

    __tablename__ = "bank_decision"
    __table_args__ = (
        same_organisation("bank_id", "bank"),
        sa.CheckConstraint("(release_id IS NULL) <> (hold_id IS NULL)", name="release_or_hold"),
    )
    SUBJECTS = ("id", "bank_id")

    bank_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[DecisionKind]
    # Plain keys: written in the same act as this row, for the same bank.
    release_id: Mapped[UUID | None] = mapped_column(refers_to("release"), default=None)
    hold_id: Mapped[UUID | None] = mapped_column(refers_to("hold"), default=None)
    reason: Mapped[str | None] = mapped_column(default=None)
    specification: Mapped[str | None] = mapped_column(default=None)  # code and version
    dossier_sha256: Mapped[str | None] = mapped_column(default=None)  # of the dossier as it was read
    is_signed: Mapped[bool] = mapped_column(default=False)
    decided_by: Mapped[int] = mapped_column(by_event())


class Review(Recorded):
    """A span of the journal that somebody looked through; their own acts in it wait for another reviewer."""

    __tablename__ = "review"

    first_event: Mapped[int] = mapped_column(by_event())
    last_event: Mapped[int] = mapped_column(by_event())
    reviewer_id: Mapped[UUID] = mapped_column(refers_to("person"), index=True)
    has_own_acts: Mapped[bool] = mapped_column(default=False)  # the reviewer acted in the span
    note: Mapped[str | None] = mapped_column(default=None)
    is_signed: Mapped[bool] = mapped_column(default=False)


class InspectionScope(Recorded):
    """A bank or a line that an inspector's role lets them read; no row: everything."""

    __tablename__ = "inspection_scope"
    __table_args__ = (sa.CheckConstraint("(bank_id IS NULL) <> (line_id IS NULL)", name="one_scope"),)
    SUBJECTS = ("role_grant_id", "bank_id", "line_id")

    role_grant_id: Mapped[UUID] = mapped_column(refers_to("role_grant"), index=True)
    bank_id: Mapped[UUID | None] = mapped_column(refers_to("bank"), default=None)
    line_id: Mapped[UUID | None] = mapped_column(refers_to("line"), default=None)
    seen_from: Mapped[datetime | None] = mapped_column(default=None)  # no older acts than this
    ended_by: Mapped[int | None] = mapped_column(by_event(), default=None)
