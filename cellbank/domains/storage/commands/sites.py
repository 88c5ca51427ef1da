"""Sites and their rooms are added and corrected."""

from __future__ import annotations

import re
from typing import ClassVar
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import Field

from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Message
from cellbank.core.work import Writing, explain
from cellbank.domains.accounts.models import Calendar
from cellbank.domains.storage import queries
from cellbank.domains.storage.models import Room, Segregation, Site
from cellbank.toolkit.i18n.digits import to_latin

explain("uq_site_code", "Another site already has this code.")
explain("uq_room_name", "This site already has a room of this name.")

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class AddSite(Command):
    """Add a building of the bank."""

    records: ClassVar[str] = "storage.site_added"
    permission: ClassVar[str] = "storage.manage"
    label: ClassVar[str] = "Add a site"

    code: str = Field(
        title="Short code",
        description=Message("Two to six letters, printed on papers: TBZ").id,
        pattern=r"^[A-Za-z0-9]{2,6}$",
    )
    name: str = Field(title="Name", min_length=1, max_length=80)
    name_fa: str | None = Field(default=None, title="Name in Persian", max_length=80)
    address: str | None = Field(default=None, title="Address", max_length=300)
    zone: str = Field(
        default="Asia/Tehran", title="Time zone", description=Message("An IANA name: Asia/Tehran").id
    )
    segregation: Segregation = Field(
        default=Segregation.PHYSICAL, title="How unsuitable material is kept apart"
    )

    def run(self, db: Writing) -> None:
        """One row."""
        _check_zone(self.zone)
        site = Site(code=self.code.upper(), name=self.name, name_fa=self.name_fa, address=self.address)
        site.zone, site.segregation = self.zone, self.segregation
        db.add(site)


class AddRoom(Command):
    """Add a room to a site."""

    records: ClassVar[str] = "storage.room_added"
    permission: ClassVar[str] = "storage.manage"
    label: ClassVar[str] = "Add a room"

    site: str = Field(title="Site", description=Message("Its short code").id)
    name: str = Field(title="Name", min_length=1, max_length=80)
    name_fa: str | None = Field(default=None, title="Name in Persian", max_length=80)

    def run(self, db: Writing) -> None:
        """One row."""
        site = queries.site_by_code(db, self.site)
        db.add(Room(site_id=site.id, name=self.name, name_fa=self.name_fa))


class CorrectSite(Command):
    """Correct what was recorded of a site: its names, its zone and hours, how it keeps material apart."""

    records: ClassVar[str] = "storage.site_corrected"
    permission: ClassVar[str] = "storage.manage"
    label: ClassVar[str] = "Correct the site"
    needs_reason: ClassVar[bool] = True

    code: str = Field(title="Site")
    name: str = Field(title="Name", min_length=1, max_length=80)
    name_fa: str | None = Field(default=None, title="Name in Persian", max_length=80)
    address: str | None = Field(default=None, title="Address", max_length=300)
    zone: str = Field(title="Time zone", description=Message("An IANA name: Asia/Tehran").id)
    segregation: Segregation = Field(title="How unsuitable material is kept apart")
    label_calendar: Calendar = Field(title="Calendar on labels")
    weekend: str = Field(title="Weekend", description=Message("English day names: thursday friday").id)
    works_from: str = Field(title="Work begins", description=Message("Local time: 08:00").id)
    works_until: str = Field(title="Work ends", description=Message("Local time: 16:00").id)
    late_after_minutes: int = Field(title="A reason is asked after, in minutes", ge=1, le=10_080)
    context_minutes: int = Field(title="A scan station keeps its act for, in minutes", ge=1, le=240)

    def run(self, db: Writing) -> None:
        """One changed row."""
        _check_zone(self.zone)
        site = queries.site_by_code(db, self.code)
        site.name, site.name_fa, site.address = self.name, self.name_fa, self.address
        site.zone, site.segregation, site.label_calendar = self.zone, self.segregation, self.label_calendar
        site.weekend = _weekend(self.weekend)
        site.works_from_minute = _minute(self.works_from, "works_from")
        site.works_until_minute = _minute(self.works_until, "works_until")
        site.late_after_minutes, site.context_minutes = self.late_after_minutes, self.context_minutes


class RenameRoom(Command):
    """Give a room another name."""

    records: ClassVar[str] = "storage.room_renamed"
    permission: ClassVar[str] = "storage.manage"
    label: ClassVar[str] = "Rename the room"

    room_id: UUID = Field(title="Room")
    name: str = Field(title="Name", min_length=1, max_length=80)
    name_fa: str | None = Field(default=None, title="Name in Persian", max_length=80)

    def run(self, db: Writing) -> None:
        """One changed row."""
        room = queries.room_by_id(db, self.room_id)
        room.name, room.name_fa = self.name, self.name_fa


def _check_zone(zone: str) -> None:
    if zone not in available_timezones():
        raise Invalid("Unknown time zone: {zone}", field="zone", zone=zone)


def _weekend(text: str) -> str:
    days = text.lower().replace(",", " ").split()
    for day in days:
        if day not in DAYS:
            raise Invalid("Not a day of the week: {day}", field="weekend", day=day)
    return " ".join(days)


def _minute(text: str, field: str) -> int:
    """Minutes after midnight of a local time such as 08:00 or ۸:۳۰."""
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", to_latin(text))
    if found is None or not (int(found[1]) * 60 + int(found[2]) <= MIDNIGHT and int(found[2]) < HOUR):
        raise Invalid("Not a time of day: {time}", field=field, time=text)
    return int(found[1]) * HOUR + int(found[2])


HOUR = 60
MIDNIGHT = 24 * HOUR


def clock_text(minute: int) -> str:
    """A minute of the day as it is written: 480 → 08:00."""
    return f"{minute // HOUR:02d}:{minute % HOUR:02d}"
