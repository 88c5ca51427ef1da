"""Lots as people name them in an act: by the code on their label, or by the supplier's lot number."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from cellbank.core.errors import Invalid
from cellbank.core.work import Writing, required
from cellbank.domains.materials.models import MaterialLot


def lots_called(db: Writing, texts: Iterable[str]) -> list[MaterialLot]:
    """The lots, in the order they were named; a rejected lot is a fact too.

    :raises NotFound: unknown. :raises Invalid: two suppliers use the same lot number
    """
    names = list(dict.fromkeys(texts))
    if not names:
        return []
    found = db.scalars(
        sa.select(MaterialLot).where(sa.or_(MaterialLot.code.in_(names), MaterialLot.lot.in_(names)))
    )
    known: dict[str, MaterialLot] = {}
    for lot in found:
        if lot.lot in known and lot.lot in names:
            raise Invalid(
                "Several lots are called {lot}: scan the code of its label.", field="materials", lot=lot.lot
            )
        known[lot.lot] = known[lot.code] = lot
    return [required(known.get(name), name) for name in names]
