"""A browser at a scan station."""

from __future__ import annotations

from typing import Any

import pytest

from cellbank.core.engine import Database
from cellbank.domains.bench.commands import AddStation
from cellbank.domains.storage.commands import AddSite
from cellbank.domains.storage.models import ContainerKind
from tests.domains.vials.conftest import Hand, hand
from tests.domains.vials.stock import do, some_box

__all__ = ["hand"]


class Station:
    """Somebody who scans at a station."""

    def __init__(self, hand: Hand, vessel: str) -> None:
        self.hand, self.vessel = hand, vessel
        self.scans = 0

    def scan(self, *texts: str) -> Any:
        """Scan one after the other, slower than a resting finger."""
        page = None
        for text in texts:
            self.scans += 1
            page = self.send(scan=text, key=f"scan-{self.scans}")
        return page

    def press(self, action: str) -> Any:
        """Press a button."""
        self.scans += 1
        return self.send(action=action, key=f"scan-{self.scans}")

    def send(self, **form: str) -> Any:
        """Send a form, as the page does without JavaScript."""
        assert self.hand.post("/bench/scans", **form).status_code == 303
        return self.hand.get("/bench")


@pytest.fixture
def station(database: Database, hand: Hand) -> Station:
    """A station with a transfer vessel."""
    do(AddSite(code="TBZ", name="Tabriz"))
    vessel = some_box("Vessel 1", kind=ContainerKind.TRANSFER_VESSEL, rows=0)
    do(AddStation(name="Station 2", name_fa="ایستگاه ۲", site="TBZ", vessel=vessel))
    page = hand.get("/bench").get_data(as_text=True)
    code = page.split('name="station" value="')[1].split('"')[0]
    hand.post("/bench/station", station=code)
    return Station(hand, vessel)
