"""Tables of stations, and of what goes on at them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cellbank.core.model import Operational, Recorded, refers_to


class Station(Recorded):
    """A place with a screen and a scanner, and the vessel that vials taken out there go into."""

    __tablename__ = "station"
    __table_args__ = (sa.UniqueConstraint("code", name="uq_station_code"),)

    code: Mapped[str]  # on its label; what events name
    name: Mapped[str]
    name_fa: Mapped[str | None] = mapped_column(default=None)
    device_id: Mapped[UUID | None] = mapped_column(refers_to("device"), default=None)
    site_id: Mapped[UUID] = mapped_column(refers_to("site"), index=True)
    room_id: Mapped[UUID | None] = mapped_column(refers_to("room"), default=None)
    transfer_vessel_id: Mapped[UUID | None] = mapped_column(refers_to("container"), default=None)
    hood_id: Mapped[UUID | None] = mapped_column(refers_to("equipment"), default=None)
    is_retired: Mapped[bool] = mapped_column(default=False)


class StationState(Operational):
    """What is going on at a station now: who, which act, where."""

    __tablename__ = "station_state"
    WHY = "changes with every scan and is lost without harm; the acts themselves are events"

    station_id: Mapped[UUID] = mapped_column(sa.ForeignKey("station.id"), primary_key=True)
    person_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("person.id"), default=None)
    session_id: Mapped[UUID | None] = mapped_column(default=None)
    context: Mapped[str] = mapped_column(default="{}")  # JSON: the act, its container, its bank
    last_scan_at: Mapped[datetime | None] = mapped_column(default=None)
    was_cleared: Mapped[bool] = mapped_column(default=False)  # by idling: the next scan is refused loudly
    sequence: Mapped[int] = mapped_column(default=0)  # counts scans, so that a late one is noticed


class Draft(Operational):
    """What was scanned for an act that is not done yet; kept until it is done or thrown away by a person."""

    __tablename__ = "draft"
    WHY = "not yet a fact; it becomes one as the event that its key names"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    station_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("station.id"), index=True, default=None)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"))
    act: Mapped[str]  # the command's name
    body: Mapped[str]  # JSON: what was filled in so far
    key: Mapped[str] = mapped_column(unique=True)  # the event's idempotency key
    unconfirmed: Mapped[int] = mapped_column(
        default=0
    )  # vials scanned, not yet confirmed: "n vials unconfirmed"
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
