"""Which thawed vials stand behind cultures."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.domains.lines.models import Culture, CultureParent
from cellbank.domains.vials.models import ThawCulture


def vials_behind(db: Session, culture_ids: Sequence[UUID]) -> set[UUID]:
    """The vials whose thaw these cultures, or the cultures they were split from, began with."""
    if not culture_ids:
        return set()
    back = sa.select(Culture.id).where(Culture.id.in_(culture_ids)).cte("back", recursive=True)
    # UNION, not UNION ALL: a pool reaches one ancestor by several ways.
    back = back.union(
        sa.select(CultureParent.parent_culture_id).where(
            CultureParent.culture_id == back.c.id, CultureParent.annulled_by.is_(None)
        )
    )
    found = db.scalars(
        sa.select(ThawCulture.vial_id).where(
            ThawCulture.culture_id.in_(sa.select(back.c.id)), ThawCulture.annulled_by.is_(None)
        ),
        execution_options={"tenant_ok": "descent may cross owners; only keys are read"},
    )
    return set(found)
