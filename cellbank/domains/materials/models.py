"""Tables of materials and their lots."""

from __future__ import annotations

import enum
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cellbank.core.model import Recorded, refers_to


class MaterialKind(enum.StrEnum):
    """What a material is for."""

    MEDIUM = "medium"
    SERUM = "serum"
    SUPPLEMENT = "supplement"
    MATRIX = "matrix"
    FEEDER = "feeder"
    ENZYME = "enzyme"
    ANTICOAGULANT = "anticoagulant"
    CRYOPROTECTANT = "cryoprotectant"
    VECTOR = "vector"
    ANTIBIOTIC = "antibiotic"
    PLASTICWARE = "plasticware"
    CRYOVIAL = "cryovial"
    LABEL_STOCK = "label_stock"
    TEST_KIT = "test_kit"
    GAS = "gas"
    OTHER = "other"


class Material(Recorded):
    """Something a supplier sells under one catalogue number."""

    __tablename__ = "material"
    __table_args__ = (
        sa.UniqueConstraint("supplier", "catalogue_number", name="uq_material_catalogue_number"),
    )

    kind: Mapped[MaterialKind]
    name: Mapped[str]
    name_fa: Mapped[str | None] = mapped_column(default=None)
    supplier: Mapped[str]
    catalogue_number: Mapped[str | None] = mapped_column(default=None)
    biological_origin: Mapped[str | None] = mapped_column(
        default=None
    )  # species and country; Ph. Eur. 5.2.12
    is_gmp_grade: Mapped[bool] = mapped_column(default=False)
    storage_condition: Mapped[str | None] = mapped_column(default=None)  # as the supplier says it
    is_retired: Mapped[bool] = mapped_column(default=False)


class MaterialLotState(enum.StrEnum):
    """Whether a lot may be taken into use."""

    QUARANTINED = "quarantined"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    USED_UP = "used_up"


class MaterialLot(Recorded):
    """One lot of a material, with its expiry."""

    __tablename__ = "material_lot"
    __table_args__ = (
        sa.UniqueConstraint("code", name="uq_material_lot_code"),
        sa.UniqueConstraint("material_id", "lot", name="uq_material_lot_lot"),
    )
    SUBJECTS = ("id", "material_id")

    material_id: Mapped[UUID] = mapped_column(refers_to("material"))
    code: Mapped[str]  # the 10 characters of its own label
    lot: Mapped[str]  # as the supplier wrote it
    expires_on: Mapped[date | None] = mapped_column(default=None)
    received_on: Mapped[date | None] = mapped_column(default=None)
    state: Mapped[MaterialLotState] = mapped_column(default=MaterialLotState.ACCEPTED)
    virus_safety: Mapped[str | None] = mapped_column(
        default=None
    )  # what the certificate says, for animal products
    certificate_sha256: Mapped[str | None] = mapped_column(default=None)
    note: Mapped[str | None] = mapped_column(default=None)
