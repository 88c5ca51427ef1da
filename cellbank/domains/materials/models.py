"""Tables of materials and their lots."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cellbank.core.choices import Worded
from cellbank.core.errors import Message
from cellbank.core.model import Recorded, refers_to


class MaterialKind(Worded):
    """What a material is for."""

    MEDIUM = "medium", Message("Medium")
    SERUM = "serum", Message("Serum")
    SUPPLEMENT = "supplement", Message("Supplement")
    MATRIX = "matrix", Message("Matrix")
    FEEDER = "feeder", Message("Feeder cells")
    ENZYME = "enzyme", Message("Enzyme")
    ANTICOAGULANT = "anticoagulant", Message("Anticoagulant")
    CRYOPROTECTANT = "cryoprotectant", Message("Cryoprotectant")
    VECTOR = "vector", Message("Vector")
    ANTIBIOTIC = "antibiotic", Message("Antibiotic")
    PLASTICWARE = "plasticware", Message("Plasticware")
    CRYOVIAL = "cryovial", Message("Cryovial")
    LABEL_STOCK = "label_stock", Message("Labels")
    TEST_KIT = "test_kit", Message("Test kit")
    GAS = "gas", Message("Gas")
    OTHER = "other", Message("Other")


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


class MaterialLotState(Worded):
    """Whether a lot may be taken into use."""

    QUARANTINED = "quarantined", Message("Quarantined")
    ACCEPTED = "accepted", Message("Accepted")
    REJECTED = "rejected", Message("Rejected")
    USED_UP = "used_up", Message("Used up")


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
