"""What can be done with materials: name one, receive a lot of it, judge a lot."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import sqlalchemy as sa
from pydantic import Field

from cellbank.core import ids, work
from cellbank.core.command import Command
from cellbank.core.errors import Invalid
from cellbank.core.work import Writing, required
from cellbank.domains.materials.models import Material, MaterialKind, MaterialLot, MaterialLotState

work.explain("uq_material_catalogue_number", "This supplier's catalogue number is already in the list.")
work.explain("uq_material_lot_lot", "This lot was already received: look for it in the list.")


class AddMaterial(Command):
    """Add something that a supplier sells and that will touch cells."""

    records: ClassVar[str] = "materials.added"
    permission: ClassVar[str] = "materials.manage"
    label: ClassVar[str] = "Add a material"

    kind: MaterialKind = Field(title="Kind")
    name: str = Field(title="Name", min_length=1, max_length=200)
    name_fa: str | None = Field(default=None, title="Name in Persian", max_length=200)
    supplier: str = Field(title="Supplier", min_length=1, max_length=120)
    catalogue_number: str | None = Field(default=None, title="Catalogue number", max_length=80)
    biological_origin: str | None = Field(
        default=None,
        title="Biological origin",
        description="Species and country, for what comes from animals or people.",
        max_length=200,
    )
    is_gmp_grade: bool = Field(default=False, title="Made under GMP")
    storage_condition: str | None = Field(
        default=None, title="How it is kept", description="As the supplier says it.", max_length=120
    )

    def run(self, db: Writing) -> None:
        """Write it."""
        db.add(Material(**self.model_dump()))


class ReceiveMaterialLot(Command):
    """Receive a lot of a material, with the supplier's lot number and its expiry."""

    records: ClassVar[str] = "materials.lot_received"
    permission: ClassVar[str] = "materials.manage"
    label: ClassVar[str] = "Receive a lot"

    material: str = Field(
        title="Material", description="Its catalogue number or its name.", min_length=1, max_length=200
    )
    lot: str = Field(title="Lot", description="As the supplier wrote it.", min_length=1, max_length=80)
    expires_on: date | None = Field(default=None, title="Expires on")
    received_on: date | None = Field(default=None, title="Received on", description="Empty: today.")
    state: MaterialLotState = Field(default=MaterialLotState.ACCEPTED, title="State")
    virus_safety: str | None = Field(
        default=None,
        title="Virus safety",
        description="What the certificate says, for what comes from animals.",
        max_length=400,
    )
    note: str | None = Field(
        default=None, title="Note", max_length=2000, json_schema_extra={"kind": "multiline"}
    )

    def run(self, db: Writing) -> None:
        """Write the lot with a code for its own label."""
        received_on = self.received_on or db.recorded_at.date()
        if self.expires_on is not None and self.received_on is not None and self.expires_on < received_on:
            raise Invalid(
                "It expired on {expiry}, before it was received.", field="expires_on", expiry=self.expires_on
            )
        db.add(
            MaterialLot(
                material_id=_material_called(db, self.material).id,
                code=ids.new_code(db.setting.bank_letter, ids.Kind.MATERIAL),
                lot=self.lot,
                expires_on=self.expires_on,
                received_on=received_on,
                state=self.state,
                virus_safety=self.virus_safety,
                note=self.note,
            )
        )


class DecideMaterialLot(Command):
    """Say what a lot may be used for now: accepted, quarantined, rejected or used up."""

    records: ClassVar[str] = "materials.lot_decided"
    permission: ClassVar[str] = "materials.manage"
    label: ClassVar[str] = "Change the state of a lot"
    needs_reason: ClassVar[bool] = True

    code: str = Field(title="Code", min_length=1, max_length=20)
    state: MaterialLotState = Field(title="State")

    def run(self, db: Writing) -> None:
        """Write the state."""
        lot = required(db.scalar(sa.select(MaterialLot).where(MaterialLot.code == self.code)), self.code)
        lot.state = self.state


def _material_called(db: Writing, text: str) -> Material:
    """The material with this catalogue number or name. :raises Invalid: several have the name."""
    named = sa.or_(Material.catalogue_number == text, Material.name == text)
    found = list(db.scalars(sa.select(Material).where(named, Material.is_retired.is_(False)).limit(2)))
    if len(found) > 1:
        raise Invalid(
            "Several materials are called {name}: give the catalogue number.", field="material", name=text
        )
    return required(found[0] if found else None, text)
