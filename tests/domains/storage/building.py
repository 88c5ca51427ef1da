"""A small building, made by commands: one site, one room, one freezer with racks and boxes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cellbank.core import work
from cellbank.core.actor import system_actor
from cellbank.core.command import Command
from cellbank.core.journal import Event
from cellbank.domains.storage.commands import AddContainers, AddRoom, AddSite
from cellbank.domains.storage.layout import Preset
from cellbank.domains.storage.models import Container, ContainerKind, Room

KEEPER = system_actor("storage.manage", "storage.block", "storage.read")


def do(command: Command, **how: Any) -> Event:
    """Perform a command as the keeper of the freezers."""
    return work.perform(command, KEEPER, key=work.new_key(), **how)


def add(kind: ContainerKind, names: str, **said: Any) -> list[str]:
    """Add containers and return their codes, in order."""
    event = do(AddContainers(kind=kind, names=names, **said))
    with work.reading(KEEPER) as db:
        found = {c.id: c.code for c in db.scalars(sa.select(Container))}
    return [found[key] for key in work.created(event, Container)]


def a_room(name: str = "Cryo 1", site: str = "TBZ") -> UUID:
    """A site in Tabriz with a room."""
    do(AddSite(code=site, name="Tabriz", name_fa="تبریز"))
    event = do(AddRoom(site=site, name=name, name_fa="سرداب ۱"))
    return work.created(event, Room)[0]


def a_tank(room: UUID, name: str = "Tank 3", places: int = 6) -> str:
    """A nitrogen tank with places for racks."""
    return add(ContainerKind.TANK, name, room_id=room, layout=Preset.STACK, capacity=places)[0]


def a_box(parent: str, name: str = "Box 12", **said: Any) -> str:
    """A box of 81 places."""
    return add(ContainerKind.BOX, name, parent=parent, layout=Preset.GRID_9X9, **said)[0]


def container(code: str) -> Container:
    """The container as it is now."""
    with work.reading(KEEPER) as db:
        found = db.scalars(sa.select(Container).where(Container.code == code)).one()
        db.expunge_all()
        return found
