"""Stations, and what a vial at the bench needs to be handled."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.work import Reading
from cellbank.domains.bench.models import Station
from cellbank.domains.storage.models import Container, Site


@dataclass(frozen=True)
class StationHere:
    """A station as a page needs it."""

    id: UUID
    code: str
    name: str
    name_fa: str | None
    vessel: str
    """The code of its transfer vessel; empty where it has none."""
    context_minutes: int
    """How long it keeps the act that goes on, when nothing is scanned."""

    def called(self, locale: str) -> str:
        """Its name in the reader's language."""
        return (self.name_fa or self.name) if locale == "fa" else self.name


def stations(db: Reading) -> list[StationHere]:
    """The stations in use, by name."""
    return [
        StationHere(one.id, one.code, one.name, one.name_fa, vessel or "", minutes)
        for one, vessel, minutes in db.execute(
            sa.select(Station, Container.code, Site.context_minutes)
            .join(Site, Site.id == Station.site_id)
            .outerjoin(Container, Container.id == Station.transfer_vessel_id)
            .where(Station.is_retired.is_(False))
            .order_by(Station.name)
        )
    ]


def station(db: Reading, code: str) -> StationHere | None:
    """The station in use with this code."""
    return next((one for one in stations(db) if one.code == code), None)
