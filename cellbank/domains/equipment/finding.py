"""Instruments as people name them in an act: by the code on their label."""

from __future__ import annotations

import sqlalchemy as sa

from cellbank.core.work import Writing, required
from cellbank.domains.equipment.models import Equipment


def equipment_called(db: Writing, code: str) -> Equipment:
    """The instrument with this code. :raises NotFound: there is none."""
    return required(db.scalar(sa.select(Equipment).where(Equipment.code == code)), code)
