"""May it be used? For what? Releases, holds, exceptions and relocation tasks."""

from __future__ import annotations

import enum
from datetime import date
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
    unique_while,
)


class IntendedUse(enum.StrEnum):
    """What something is to be used for; a release is always for one of these."""

    RESEARCH = "research"
    GMP_MANUFACTURE = "gmp_manufacture"
    CLINICAL = "clinical"
    TRAINING = "training"


class Release(OrganisationOwned, Annullable, Recorded):
    """A bank or a vial may be used for something, under conditions, from a day until a day."""

    __tablename__ = "release"
    __table_args__ = (
        same_organisation("bank_id", "bank"),
        same_organisation("vial_id", "vial"),
        sa.CheckConstraint("(bank_id IS NULL) <> (vial_id IS NULL)", name="one_scope"),
    )
    SUBJECTS = ("id", "bank_id", "vial_id")

    bank_id: Mapped[UUID | None] = mapped_column(index=True, default=None)
    vial_id: Mapped[UUID | None] = mapped_column(index=True, default=None)
    intended_use: Mapped[IntendedUse]
    conditions: Mapped[str | None] = mapped_column(
        default=None
    )  # tests pending, countries, one protocol only
    valid_from: Mapped[date]
    valid_until: Mapped[date | None] = mapped_column(default=None)
    specification: Mapped[str | None] = mapped_column(default=None)  # code and version that it was judged by
    is_signed: Mapped[bool] = mapped_column(default=False)
    given_by: Mapped[int] = mapped_column(by_event())
    revoked_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    revocation_reason: Mapped[str | None] = mapped_column(default=None)


class HoldKind(enum.StrEnum):
    """Why something is on hold."""

    QUARANTINE = "quarantine"
    RETURNED = "returned"
    EXCEPTION = "exception"
    CORRECTION = "correction"
    WITHDRAWAL = "withdrawal"
    TEST_FAILED = "test_failed"
    REJECTED = "rejected"
    INVESTIGATION = "investigation"
    ADMINISTRATIVE = "administrative"


HOLD_SCOPES = (
    "donor_id",
    "donation_id",
    "line_id",
    "culture_id",
    "fill_lot_id",
    "freeze_run_id",
    "bank_id",
    "vial_id",
    "container_id",
    "material_lot_id",
)
"""The columns of which a hold fills exactly one: what it holds, with all that comes from it."""


class Hold(OrganisationOwned, Annullable, Recorded):
    """Something and all that comes from it must not be used until this hold, and every other, is lifted.

    A verdict asks for holds of every organisation: a hold on the seller's line holds a bought vial too, and
    one on the bank's freezer or on a material lot holds anybody's.
    """

    __tablename__ = "hold"
    __table_args__ = (
        same_organisation("donor_id", "donor"),
        same_organisation("donation_id", "donation"),
        same_organisation("line_id", "line"),
        same_organisation("culture_id", "culture"),
        same_organisation("fill_lot_id", "fill_lot"),
        same_organisation("freeze_run_id", "freeze_run"),
        same_organisation("bank_id", "bank"),
        same_organisation("vial_id", "vial"),
        sa.CheckConstraint(
            " + ".join(f"CASE WHEN {column} IS NULL THEN 0 ELSE 1 END" for column in HOLD_SCOPES) + " = 1",
            name="one_scope",
        ),
        sa.Index(
            "ix_hold_open",
            "organisation_id",
            sqlite_where=sa.text("closed_by IS NULL"),
            postgresql_where=sa.text("closed_by IS NULL"),
        ),
    )
    SUBJECTS = ("id", *HOLD_SCOPES)

    donor_id: Mapped[UUID | None] = mapped_column(index=True, default=None)
    donation_id: Mapped[UUID | None] = mapped_column(index=True, default=None)
    line_id: Mapped[UUID | None] = mapped_column(index=True, default=None)
    culture_id: Mapped[UUID | None] = mapped_column(index=True, default=None)
    fill_lot_id: Mapped[UUID | None] = mapped_column(index=True, default=None)
    freeze_run_id: Mapped[UUID | None] = mapped_column(index=True, default=None)
    bank_id: Mapped[UUID | None] = mapped_column(index=True, default=None)
    vial_id: Mapped[UUID | None] = mapped_column(index=True, default=None)
    # Plain keys: containers and material lots are the bank's own.
    container_id: Mapped[UUID | None] = mapped_column(refers_to("container"), index=True, default=None)
    material_lot_id: Mapped[UUID | None] = mapped_column(refers_to("material_lot"), index=True, default=None)

    kind: Mapped[HoldKind]
    reason: Mapped[str]
    allows_qc: Mapped[bool] = mapped_column(default=True)  # quarantine is no wall: taking out for QC works
    needs_signature: Mapped[bool] = mapped_column(default=False)  # only quality's signature lifts it
    opened_by: Mapped[int] = mapped_column(by_event())
    closed_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    closing_reason: Mapped[str | None] = mapped_column(default=None)


class ExceptionKind(enum.StrEnum):
    """What was out of the ordinary, so that quality looks at it."""

    PASSAGE_LIMIT = "passage_limit"
    EXPOSURE_LIMIT = "exposure_limit"
    LONG_STAY = "long_stay"
    BALANCE = "balance"
    LABEL_BALANCE = "label_balance"
    IDENTIFIED_BY_PLACE = "identified_by_place"
    TYPED_CODE = "typed_code"
    OCCUPIED_PLACE = "occupied_place"
    EMPTY_TUBE = "empty_tube"
    NOT_FOUND = "not_found"
    WRONG_PLACE_FOR_STATUS = "wrong_place_for_status"
    RUN_DEVIATION = "run_deviation"
    EXPIRED_LOT = "expired_lot"
    EXPIRED_CALIBRATION = "expired_calibration"
    NOT_RECEIVED = "not_received"
    PUT_BACK = "put_back"
    SUBSTITUTION = "substitution"
    OVERRIDE = "override"
    EVACUATION = "evacuation"
    ANNULMENT = "annulment"
    CORRECTION = "correction"
    RULE_LOOSENED = "rule_loosened"
    LATE_ENTRY = "late_entry"
    OTHER = "other"


class ExceptionOutcome(enum.StrEnum):
    """How an exception ends."""

    ACCEPTED = "accepted"
    QUERY_ANSWERED = "query_answered"
    DEVIATION = "deviation"


class ExceptionNote(OrganisationOwned, Recorded):
    """A fact accepted although it should not have happened; it waits for quality, and may open a hold."""

    __tablename__ = "exception_note"
    __table_args__ = (
        sa.Index(
            "ix_exception_note_open",
            "organisation_id",
            sqlite_where=sa.text("closed_by IS NULL"),
            postgresql_where=sa.text("closed_by IS NULL"),
        ),
    )
    SUBJECTS = ("id", "vial_id", "bank_id", "culture_id", "container_id")

    kind: Mapped[ExceptionKind]
    detail: Mapped[str]
    # Plain keys: the note stays with whose it was when the vial is sold.
    vial_id: Mapped[UUID | None] = mapped_column(refers_to("vial"), index=True, default=None)
    bank_id: Mapped[UUID | None] = mapped_column(refers_to("bank"), index=True, default=None)
    culture_id: Mapped[UUID | None] = mapped_column(refers_to("culture"), index=True, default=None)
    container_id: Mapped[UUID | None] = mapped_column(refers_to("container"), index=True, default=None)
    hold_id: Mapped[UUID | None] = mapped_column(refers_to("hold"), default=None)
    about_event: Mapped[int] = mapped_column(by_event())  # the act that it is about
    closed_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    outcome: Mapped[ExceptionOutcome | None] = mapped_column(default=None)
    deviation_number: Mapped[str | None] = mapped_column(default=None)
    answer: Mapped[str | None] = mapped_column(default=None)


class RelocationTask(OrganisationOwned, Recorded):
    """A vial whose status no longer agrees with its place: somebody is to move it."""

    __tablename__ = "relocation_task"
    __table_args__ = (
        same_organisation("vial_id", "vial"),
        unique_while("closed_by IS NULL", "uq_relocation_task_open", "vial_id"),
    )
    SUBJECTS = ("vial_id",)

    vial_id: Mapped[UUID]
    rule_id: Mapped[UUID | None] = mapped_column(refers_to("admission_rule"), default=None)
    reason: Mapped[str]
    opened_by: Mapped[int] = mapped_column(by_event())
    closed_by: Mapped[int | None] = mapped_column(by_event(), default=None)
