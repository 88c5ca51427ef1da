"""Stations: where there is a screen and a scanner."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field

from cellbank.core import ids
from cellbank.core.command import Command
from cellbank.core.work import Writing, explain, required
from cellbank.domains.bench.models import Station
from cellbank.domains.storage.models import Container, Site
from cellbank.domains.storage.queries import container_in_use, site_by_code

explain("uq_station_code", "This code is already in use. Try again.")


class AddStation(Command):
    """Add a scan station: a screen with a scanner, and the vessel that vials taken out there go into."""

    records: ClassVar[str] = "station.added"
    permission: ClassVar[str] = "storage.manage"
    label: ClassVar[str] = "Add a station"

    name: str = Field(title="Name", description="Station 2, by tank 3", min_length=1, max_length=80)
    name_fa: str | None = Field(default=None, title="Name in Persian", max_length=80)
    site: str = Field(title="Site", description="Its short code", min_length=1, max_length=20)
    vessel: str = Field(
        default="", title="Transfer vessel", description="What is taken out here goes into it", max_length=80
    )

    def run(self, db: Writing) -> None:
        """Write it, with a code for its label."""
        site: Site = site_by_code(db, self.site)
        db.add(
            Station(
                code=ids.new_code(db.setting.bank_letter, ids.Kind.EQUIPMENT),
                name=self.name,
                name_fa=self.name_fa,
                site_id=site.id,
                transfer_vessel_id=_vessel(db, self.vessel),
            )
        )


class CorrectStation(Command):
    """Correct a station's names or its transfer vessel."""

    records: ClassVar[str] = "station.corrected"
    permission: ClassVar[str] = "storage.manage"
    label: ClassVar[str] = "Correct the station"

    station: str = Field(title="Station", min_length=1, max_length=20)
    name: str = Field(title="Name", min_length=1, max_length=80)
    name_fa: str | None = Field(default=None, title="Name in Persian", max_length=80)
    vessel: str = Field(default="", title="Transfer vessel", max_length=80)

    def run(self, db: Writing) -> None:
        """Write what changed."""
        found = _station(db, self.station)
        found.name, found.name_fa = self.name, self.name_fa
        found.transfer_vessel_id = _vessel(db, self.vessel)


class RetireStation(Command):
    """Take a station out of use; what was done there keeps naming it."""

    records: ClassVar[str] = "station.retired"
    permission: ClassVar[str] = "storage.manage"
    label: ClassVar[str] = "Retire the station"

    station: str = Field(title="Station", min_length=1, max_length=20)

    def run(self, db: Writing) -> None:
        """It is offered no more."""
        _station(db, self.station).is_retired = True


def _station(db: Writing, code: str) -> Station:
    return required(db.scalar(sa.select(Station).where(Station.code == code)), code)


def _vessel(db: Writing, code: str) -> UUID | None:
    found: Container | None = container_in_use(db, code) if code else None
    return found.id if found is not None else None
