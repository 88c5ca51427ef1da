"""What is known of materials and their lots."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from cellbank.core.work import Reading
from cellbank.domains.materials.models import Material, MaterialLot

MOST_LOTS = 500


@dataclass(frozen=True)
class Stocked:
    """A material with its lots, newest first."""

    material: Material
    lots: tuple[MaterialLot, ...]


def materials(db: Reading) -> list[Stocked]:
    """Every material in use, by name, with its newest lots."""
    found = list(
        db.scalars(sa.select(Material).where(Material.is_retired.is_(False)).order_by(Material.name))
    )
    lots = list(
        db.scalars(
            sa.select(MaterialLot)
            .order_by(MaterialLot.received_on.desc(), MaterialLot.id.desc())
            .limit(MOST_LOTS)
        )
    )
    return [Stocked(one, tuple(lot for lot in lots if lot.material_id == one.id)) for one in found]
