"""How vials go: thaws and what came of them, issue, destruction."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

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


class ThawPurpose(enum.StrEnum):
    """What a vial is thawed for."""

    CULTURE = "culture"
    NEW_BANK = "new_bank"
    MANUFACTURE = "manufacture"
    QC = "qc"
    STABILITY = "stability"
    CLINICAL = "clinical"
    TRAINING = "training"
    OTHER = "other"


class ThawOutcome(enum.StrEnum):
    """What was found at the hood, later."""

    GOOD = "good"
    LOW_VIABILITY = "low_viability"
    CONTAMINATED = "contaminated"
    NO_GROWTH = "no_growth"
    CRACKED = "cracked"
    EMPTY = "empty"
    WRONG_CONTENT = "wrong_content"


class Thaw(OrganisationOwned, Annullable, Recorded):
    """A vial taken for good: removed at once, its thaw confirmed at the hood, its outcome known later."""

    __tablename__ = "thaw"
    __table_args__ = (
        same_organisation("vial_id", "vial"),
        unique_while("annulled_by IS NULL", "uq_thaw_vial_thawed", "vial_id"),
    )
    SUBJECTS = ("id", "vial_id")

    vial_id: Mapped[UUID]
    purpose: Mapped[ThawPurpose]
    request_id: Mapped[UUID | None] = mapped_column(refers_to("request"), index=True, default=None)
    reference: Mapped[str | None] = mapped_column(
        default=None
    )  # request or recipient's pseudonym, never a name
    removed_at: Mapped[datetime]
    thawed_at: Mapped[datetime | None] = mapped_column(
        default=None
    )  # none: removed, not yet confirmed at the hood
    confirmed_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    approved_by_id: Mapped[UUID | None] = mapped_column(
        refers_to("person"), default=None
    )  # manager, for the last vials
    outcome: Mapped[ThawOutcome | None] = mapped_column(default=None)
    outcome_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    viability_permille: Mapped[int | None] = mapped_column(default=None)
    cells: Mapped[int | None] = mapped_column(default=None)  # viable cells recovered, a count
    remainder_ul: Mapped[int | None] = mapped_column(default=None)  # what was not used
    remainder_fate: Mapped[str | None] = mapped_column(default=None)
    note: Mapped[str | None] = mapped_column(default=None)


class ThawCulture(OrganisationOwned, Annullable, Recorded):
    """A culture made from a thaw; several thaws may make one culture, one thaw several."""

    __tablename__ = "thaw_culture"
    __table_args__ = (
        same_organisation("thaw_id", "thaw"),
        unique_while("annulled_by IS NULL", "uq_thaw_culture_pair", "thaw_id", "culture_id"),
    )
    SUBJECTS = ("thaw_id", "vial_id", "culture_id")

    thaw_id: Mapped[UUID]
    # Plain keys: a bought vial's culture may be kept under the line's custodian.
    vial_id: Mapped[UUID] = mapped_column(refers_to("vial"), index=True)
    culture_id: Mapped[UUID] = mapped_column(refers_to("culture"), index=True)
    cells: Mapped[int | None] = mapped_column(default=None)  # seeded from this vial, a count
    volume_ul: Mapped[int | None] = mapped_column(default=None)


class BankOrigin(OrganisationOwned, Annullable, Recorded):
    """A vial from which a bank came: a working bank comes from a master bank's vial, never the other way."""

    __tablename__ = "bank_origin"
    __table_args__ = (
        same_organisation("bank_id", "bank"),
        unique_while("annulled_by IS NULL", "uq_bank_origin_pair", "bank_id", "vial_id"),
    )
    SUBJECTS = ("bank_id", "vial_id")

    bank_id: Mapped[UUID]
    # A plain key: a company banks from a vial of another organisation's master bank.
    vial_id: Mapped[UUID] = mapped_column(refers_to("vial"), index=True)


class DestructionMethod(enum.StrEnum):
    """How a vial is destroyed."""

    AUTOCLAVE = "autoclave"
    INCINERATION = "incineration"
    CHEMICAL = "chemical"
    RETURNED_TO_OWNER = "returned_to_owner"
    OTHER = "other"


class Destruction(OrganisationOwned, Annullable, Recorded):
    """A vial put into the destruction bin, pending until its destruction is confirmed by two signatures."""

    __tablename__ = "destruction"
    __table_args__ = (
        same_organisation("vial_id", "vial"),
        unique_while("annulled_by IS NULL", "uq_destruction_vial", "vial_id"),
    )
    SUBJECTS = ("vial_id",)

    vial_id: Mapped[UUID]
    bin_id: Mapped[UUID | None] = mapped_column(refers_to("container"), default=None)
    reason: Mapped[str]
    discarded_by: Mapped[int] = mapped_column(by_event())
    method: Mapped[DestructionMethod | None] = mapped_column(default=None)
    method_detail: Mapped[str | None] = mapped_column(default=None)  # cycle number, certificate
    confirmed_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    first_signer_id: Mapped[UUID | None] = mapped_column(refers_to("person"), default=None)
    second_signer_id: Mapped[UUID | None] = mapped_column(refers_to("person"), default=None)
