"""Moving a container with everything in it."""

from __future__ import annotations

import json
from typing import Any, ClassVar, cast
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.orm import Session

from cellbank.core import work
from cellbank.core.command import Command
from cellbank.core.errors import Refused
from cellbank.core.journal import Change, Event
from cellbank.core.work import Writing
from cellbank.domains.storage.models import Container, Inside
from cellbank.domains.storage.queries import descendants, inside_of
from cellbank.domains.vials import finding
from cellbank.domains.vials.models import Placement, Vial
from cellbank.domains.vials.places import place_name


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
        there = inside_of(db, parent, without=box.id)
        position = self._position(parent, there)
        if (box.parent_id, box.parent_position) == (parent.id, position):
            raise Refused("{box} is already there", box=box.name, about=[box])
        box.move_to(parent, position, there)
        db.flush()
        vials = (
            sa.select(Vial.id, Vial.organisation_id)
            .join(Placement, Placement.vial_id == Vial.id)
            .where(
                Placement.container_id.in_(sa.select(descendants(box.id).c.id)), Placement.ended_by.is_(None)
            )
        )
        db.about("vial", cast("sa.Select[Any]", vials))

    def inverse(self, event: Event) -> Command | None:
        """Back to where it stood; not into a room, which is storage's to say."""
        return _back(self.container, event)

    def _position(self, parent: Container, there: Inside) -> int | None:
        """The place named, or the next free one."""
        layout = parent.layout
        if not layout.has_places:
            return None
        if self.place:
            return layout.place(self.place)
        position = layout.next_free(there.closed)
        if position is None:
            raise Refused("{box} is full: no free place is left", box=parent.name)
        return position


def _back(container: str, event: Event) -> MoveContainer | None:

    with Session(work.database().read) as db:
        body = db.scalar(
            sa.select(Change.body).where(Change.event_seq == event.seq, Change.table_name == "container")
        )
        old = json.loads(body or "{}")
        box = db.scalar(sa.select(Container).where(Container.code == finding.as_code(container)))
        if box is None or not {"parent_id", "parent_position"} & old.keys():
            return None
        parent_key = old["parent_id"]["old"] if "parent_id" in old else box.parent_id and box.parent_id.hex
        position = old["parent_position"]["old"] if "parent_position" in old else box.parent_position
        parent = db.get(Container, UUID(parent_key)) if parent_key else None
        if parent is None:
            return None
        return MoveContainer(container=container, into=parent.code, place=place_name(parent, position))
