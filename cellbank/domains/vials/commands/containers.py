"""Moving a container with everything in it."""

from __future__ import annotations

import json
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.orm import Session, aliased

from cellbank.core import work
from cellbank.core.command import Command
from cellbank.core.errors import Refused
from cellbank.core.journal import Change, Event
from cellbank.core.work import Writing
from cellbank.domains.storage.models import Container
from cellbank.domains.vials import finding, placing
from cellbank.domains.vials.models import Placement, Vial
from cellbank.domains.vials.places import in_fill_order, place_name, places, position_named

work.explain("uq_container_place_taken", "This place was just taken by another container: look again")


class MoveContainer(Command):
    """Move a box, a rack or any other container; every vial in it comes along and its story says so."""

    records: ClassVar[str] = "container.moved"
    permission: ClassVar[str] = "vials.move"
    label: ClassVar[str] = "Move the container"
    is_undoable: ClassVar[bool] = True

    container: str = Field(title="Container", min_length=1, max_length=80)
    into: str = Field(title="Into", min_length=1, max_length=80)
    place: str = Field(default="", title="Place", description="Empty: the next free place", max_length=8)

    def run(self, db: Writing) -> None:
        """One changed row; the vials inside are subjects of the event."""
        found = finding.locked_containers(db, [self.container, self.into])
        box, parent = found[self.container], found[self.into]
        if box.is_retired or parent.is_retired:
            retired = box if box.is_retired else parent
            raise Refused("{box} is retired: nothing can be put into it", box=retired.name, about=[retired])
        if parent.id in inside(db, box.id):
            raise Refused("{box} cannot be put into itself", box=box.name, about=[box])
        position = self._position(db, box, parent)
        if (box.parent_id, box.parent_position) == (parent.id, position):
            raise Refused("{box} is already there", box=box.name, about=[box])
        box.room_id, box.parent_id, box.parent_position = None, parent.id, position
        db.flush()
        db.about(
            "vial",
            sa.select(Vial.id, Vial.organisation_id)
            .join(Placement, Placement.vial_id == Vial.id)
            .where(Placement.container_id.in_(inside(db, box.id)), Placement.ended_by.is_(None)),
        )

    def inverse(self, event: Event) -> Command | None:
        """Back to where it stood; not into a room, which is storage's to say."""
        return _back(self.container, event)

    def _position(self, db: Writing, box: Container, parent: Container) -> int | None:
        if not places(parent) or self.place == placing.UNKNOWN_PLACE:
            return None
        taken = placing.what_is_taken(db, [parent.id], leaving=set())
        if box.parent_id == parent.id and box.parent_position is not None:
            taken.by_container.pop((parent.id, box.parent_position), None)
        if not self.place:
            free = (p for p in in_fill_order(parent) if taken.is_free(parent.id, p))
            position = next(free, None)
            if position is None:
                raise Refused("{box} is full: no free place is left", box=parent.name)
            return position
        position = position_named(parent, self.place)
        if position is None:
            raise Refused("{box} has no place {slot}", box=parent.name, slot=self.place)
        if not taken.is_free(parent.id, position):
            there = taken.by_container.get((parent.id, position), "")
            raise Refused(
                "Place {slot} of {box} is taken by {container}",
                slot=place_name(parent, position),
                box=parent.name,
                container=there,
                about=[box],
            )
        return position


def inside(db: Session, container_id: UUID) -> set[UUID]:
    """The container and everything that stands in it, however deep."""
    tree = sa.select(Container.id).where(Container.id == container_id).cte(recursive=True)
    child = aliased(Container)
    tree = tree.union(sa.select(child.id).join(tree, child.parent_id == tree.c.id))
    return set(db.scalars(sa.select(tree.c.id)))


def _back(container: str, event: Event) -> MoveContainer | None:

    with Session(work.database().read) as db:
        body = db.scalar(
            sa.select(Change.body).where(Change.event_seq == event.seq, Change.table_name == "container")
        )
        old = json.loads(body or "{}")
        box = db.scalar(sa.select(Container).where(Container.code == finding.as_code(container)))
        if box is None or "parent_id" not in old and "parent_position" not in old:
            return None
        parent_key = old["parent_id"]["old"] if "parent_id" in old else box.parent_id and box.parent_id.hex
        position = old["parent_position"]["old"] if "parent_position" in old else box.parent_position
        parent = db.get(Container, UUID(parent_key)) if parent_key else None
        if parent is None:
            return None
        place = place_name(parent, position) or placing.UNKNOWN_PLACE
        return MoveContainer(container=container, into=parent.code, place=place)
