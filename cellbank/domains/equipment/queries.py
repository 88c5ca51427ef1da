"""What is known of instruments, their calibrations and programmes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.work import Reading, required
from cellbank.domains.equipment.models import Calibration, Equipment, EquipmentKind, Programme


def equipment(db: Reading) -> Sequence[Equipment]:
    """Every instrument in use, by kind and name."""
    return db.scalars(
        sa.select(Equipment).where(Equipment.is_retired.is_(False)).order_by(Equipment.kind, Equipment.name)
    ).all()


def choices(db: Reading, *kinds: EquipmentKind) -> list[tuple[str, str]]:
    """Code and name of the instruments of these kinds that may be used, for a form."""
    usable = sa.and_(Equipment.is_retired.is_(False), Equipment.is_out_of_service.is_(False))
    rows = db.execute(
        sa.select(Equipment.code, Equipment.name)
        .where(usable, Equipment.kind.in_(kinds))
        .order_by(Equipment.name)
    )
    return [(code, f"{name} · {code}") for code, name in rows]


def instrument(db: Reading, code: str) -> Equipment:
    """The instrument with this code. :raises NotFound: there is none."""
    return required(db.scalar(sa.select(Equipment).where(Equipment.code == code)), code)


def calibrations(db: Reading, equipment_id: UUID) -> Sequence[Calibration]:
    """Its calibrations, newest first."""
    return db.scalars(
        sa.select(Calibration)
        .where(Calibration.equipment_id == equipment_id, Calibration.annulled_by.is_(None))
        .order_by(Calibration.done_on.desc(), Calibration.id.desc())
    ).all()


def programmes(db: Reading) -> Sequence[Programme]:
    """The newest edition of each cooling programme, by name."""
    return db.scalars(
        sa.select(Programme).where(Programme.is_retired.is_(False)).order_by(Programme.name)
    ).all()
