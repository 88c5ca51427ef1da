from __future__ import annotations

import pytest
import sqlalchemy as sa

from cellbank.core import work
from cellbank.core.errors import Invalid, NotFound, Refused
from cellbank.core.ids import uuid7
from cellbank.domains.accounts.models import Calendar
from cellbank.domains.storage.commands import AddRoom, CorrectSite, RenameRoom
from cellbank.domains.storage.models import Room, Segregation, Site
from tests.domains.storage.building import KEEPER, a_room, do


def correction(**said):
    as_it_is = {
        "code": "tbz",
        "name": "Tabriz",
        "zone": "Asia/Tehran",
        "segregation": Segregation.DESIGNATION,
        "label_calendar": Calendar.JALALI,
        "weekend": "Friday",
        "works_from": "۷:۳۰",
        "works_until": "24:00",
        "late_after_minutes": 30,
        "context_minutes": 10,
    }
    return CorrectSite(**{**as_it_is, **said})


def test_a_site_is_corrected_with_its_hours(database):
    a_room()
    do(correction(name="Tabriz North"), reason="there are two now")
    with work.reading(KEEPER) as db:
        site = db.scalars(sa.select(Site)).one()
        assert (site.name, site.weekend, site.label_calendar) == ("Tabriz North", "friday", Calendar.JALALI)
        assert (site.works_from_minute, site.works_until_minute) == (450, 1440)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("zone", "Mars"),
        ("weekend", "freitag"),
        ("works_from", "8"),
        ("works_from", "24:01"),
        ("works_until", "8:60"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(database, field, value):
    a_room()
    with pytest.raises(Invalid) as caught:
        do(correction(**{field: value}), reason="?")
    assert caught.value.field == field


def test_a_room_is_renamed_but_not_to_another_rooms_name(database):
    room = a_room()
    do(AddRoom(site="TBZ", name="Cryo 2"))
    do(RenameRoom(room_id=room, name="Cryo 0", name_fa="سرداب"))
    with pytest.raises(Refused, match="already has a room of this name"):
        do(RenameRoom(room_id=room, name="Cryo 2"))
    with pytest.raises(NotFound):
        do(RenameRoom(room_id=uuid7(), name="Nowhere"))
    with work.reading(KEEPER) as db:
        assert sorted(db.scalars(sa.select(Room.name))) == ["Cryo 0", "Cryo 2"]
