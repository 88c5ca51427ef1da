"""The whole application, served over HTTP in a thread: what a browser on a desk or at a freezer talks to."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import waitress
from waitress import wasyncore

from cellbank.core import work
from cellbank.core.settings import Settings
from cellbank.domains.bench.commands import AddStation
from cellbank.domains.storage.commands import AddContainers, AddRoom, AddSite
from cellbank.domains.storage.layout import Preset
from cellbank.domains.storage.models import Condition, Container, ContainerKind, Room
from cellbank.entrypoints.web import create_app
from tests import world
from tests.domains.accounts.people import give_password
from tests.world import Cast, key


@dataclass(frozen=True)
class Places:
    """The codes of where vials may stand in these stories."""

    minus_80: str
    """A box of 9 × 9 in the −80 °C freezer."""
    nitrogen: str
    """A box of 9 × 9 in the nitrogen tank."""
    isopropanol: str
    vessel: str
    """The transfer vessel of the station."""


@dataclass(frozen=True)
class Bank:
    """A served bank: its address, its people, its places."""

    url: str
    cast: Cast
    places: Places


@contextmanager
def served(database_url: str, home: Path) -> Iterator[Bank]:
    """A founded bank with people, places and one station, at an address of this computer."""
    app = create_app(Settings(home=home, database_url=database_url, site_zone="Asia/Tehran"), check=False)
    cast = world.cast(app.extensions["cellbank.database"])
    for person in (cast.alice, cast.bob, cast.carol, cast.charlie):
        give_password(person)
    places = furnish(cast)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    sockets: dict[int, object] = {}
    server = waitress.create_server(app, map=sockets, host="127.0.0.1", port=0, threads=4)
    is_over = threading.Event()

    def serve() -> None:
        while not is_over.is_set():
            wasyncore.loop(timeout=0.1, map=sockets, count=1)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield Bank(f"http://127.0.0.1:{server.effective_port}", cast, places)
    is_over.set()
    thread.join()
    server.task_dispatcher.shutdown()
    wasyncore.close_all(sockets)
    app.extensions["cellbank.database"].close()


def furnish(cast: Cast) -> Places:
    """A site with a freezer, a nitrogen tank, an isopropanol box, a transfer vessel and a station."""
    manager = cast.carol
    work.perform(AddSite(code="TBZ", name="Tabriz", name_fa="تبریز"), manager, key=key())
    event = work.perform(AddRoom(site="TBZ", name="Cryo 1", name_fa="اتاق انجماد ۱"), manager, key=key())
    room = work.created(event, Room)[0]

    def add(kind: ContainerKind, name: str, name_fa: str, **more: object) -> str:
        made = work.perform(
            AddContainers(room_id=room, kind=kind, names=name, names_fa=name_fa, **more), manager, key=key()
        )
        with work.reading(manager) as db:
            return db.get_one(Container, work.created(made, Container)[-1]).code

    box = {"layout": Preset.STACK, "capacity": 4, "inner_kind": ContainerKind.BOX, "inner_count": 1}
    vessel = add(ContainerKind.TRANSFER_VESSEL, "Vessel 1", "ظرف انتقال ۱", layout=Preset.NONE)
    work.perform(
        AddStation(name="Station 2", name_fa="ایستگاه ۲", site="TBZ", vessel=vessel), manager, key=key()
    )
    return Places(
        minus_80=add(
            ContainerKind.FREEZER, "Freezer 3", "فریزر ۳", condition=Condition.MINUS_80,
            inner_names="Shelf box", inner_layout=Preset.GRID_9X9, **box,
        ),
        nitrogen=add(
            ContainerKind.TANK, "Tank 1", "تانک ۱", condition=Condition.VAPOUR,
            inner_names="Box 12", inner_layout=Preset.GRID_9X9, **box,
        ),
        isopropanol=add(ContainerKind.ISOPROPANOL_BOX, "Cooler 1", "جعبهٔ ایزوپروپانول ۱", layout=Preset.NONE),
        vessel=vessel,
    )  # fmt: skip
