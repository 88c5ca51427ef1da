"""Placing and moving vials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from cellbank.core import work
from cellbank.core.command import Command
from cellbank.core.errors import Refused
from cellbank.core.journal import Event
from cellbank.core.work import Writing
from cellbank.domains.storage.models import Container
from cellbank.domains.vials import finding, placing
from cellbank.domains.vials.admission import refuse_what_is_not_admitted
from cellbank.domains.vials.models import Placement, Vial, VialState
from cellbank.domains.vials.places import place_name
from cellbank.domains.vials.placing import Target

MOST_AT_ONCE = 1000

work.explain("uq_placement_place_taken", "This place was just taken by another vial: look at the box again")
work.explain("uq_placement_vial_placed", "This vial was just placed by somebody else: look where it is now")


class To(BaseModel):
    """A vial, and where it goes."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    vial: str = Field(title="Vial", min_length=1, max_length=80)
    container: str = Field(title="Box", min_length=1, max_length=80)
    place: str = Field(default="", title="Place", description="Empty: the next free place", max_length=8)


class MoveVials(Command):
    """Move vials to other places, all of them or none; vials may swap places."""

    records: ClassVar[str] = "vials.moved"
    permission: ClassVar[str] = "vials.move"
    label: ClassVar[str] = "Move"
    is_undoable: ClassVar[bool] = True

    moves: tuple[To, ...] = Field(title="Moves", min_length=1, max_length=MOST_AT_ONCE)

    def run(self, db: Writing) -> None:
        """Move them."""
        targets = targets_of(db, self.moves)
        for target in targets:
            target.vial.refuse_unless_here()
            target.vial.refuse_if_out()
        placing.take_places(db, _really_moving(db, targets))

    def inverse(self, event: Event) -> Command | None:
        """Back to where each of them was; not where a vial had no known place before."""
        back = former_places(event)
        return MoveVials(moves=back) if len(back) == len(self.moves) else None


class PlaceVials(Command):
    """Put vials into their first place: frozen here, received, or known before this system without a slot."""

    records: ClassVar[str] = "vials.placed"
    permission: ClassVar[str] = "vials.move"
    label: ClassVar[str] = "Put in"
    is_undoable: ClassVar[bool] = True

    moves: tuple[To, ...] = Field(title="Vials and places", min_length=1, max_length=MOST_AT_ONCE)

    def run(self, db: Writing) -> None:
        """Place them, and call them stored."""
        targets = targets_of(db, self.moves)
        stays = placing.open_placements(db, (target.vial.id for target in targets))
        for target in targets:
            vial = target.vial
            vial.refuse_unless_here()
            vial.refuse_if_out()
            if vial.state is VialState.STORED and vial.id in stays:
                raise Refused("{vial} already has a place: move it instead", vial=vial.name, about=[vial])
            vial.state = VialState.STORED
        placing.take_places(db, targets)

    def inverse(self, event: Event) -> Command | None:
        """They have no place again; not for vials that came from another place."""
        if former_places(event):
            return None
        return UnplaceVials(vials=tuple(move.vial for move in self.moves))


class UnplaceVials(Command):
    """Take back a placing that was recorded by mistake: the vials have no place again."""

    records: ClassVar[str] = "vials.unplaced"
    permission: ClassVar[str] = "vials.move"
    label: ClassVar[str] = "Take the placing back"
    is_open_to_api: ClassVar[bool] = False

    vials: tuple[str, ...] = Field(title="Vials", min_length=1, max_length=MOST_AT_ONCE)

    def run(self, db: Writing) -> None:
        """End their stay."""
        found = finding.locked_vials(db, self.vials)
        for vial in found.values():
            vial.refuse_unless_here()
            vial.refuse_if_out()
            vial.state = _before_placing(vial)
        placing.leave_places(db, (vial.id for vial in found.values()))


def _before_placing(vial: Vial) -> VialState:
    """The state of a vial that was never put into the cold: old ones were stored, somewhere."""
    if vial.is_legacy:
        return VialState.STORED
    return VialState.FILLED if vial.freeze_run_id is None else VialState.FREEZING


def targets_of(db: Writing, moves: Sequence[To]) -> list[Target]:
    """Where each vial goes, all locked: containers first, in every command, so that none waits for another."""
    boxes = finding.locked_containers(db, {move.container for move in moves})
    vials = finding.locked_vials(db, [move.vial for move in moves])
    if len({vial.id for vial in vials.values()}) < len(moves):
        raise Refused("The same vial is named twice")
    wanted = [(vials[move.vial], boxes[move.container], move.place) for move in moves]
    targets = placing.choose_places(db, wanted)
    refuse_what_is_not_admitted(db, targets)
    return targets


def _really_moving(db: Writing, targets: Sequence[Target]) -> list[Target]:
    """Those that are not there already. :raises Refused: where that leaves none."""
    stays = placing.open_placements(db, (target.vial.id for target in targets))

    def is_there(target: Target) -> bool:
        stay = stays.get(target.vial.id)
        return stay is not None and (stay.container_id, stay.position) == (
            target.container.id,
            target.position,
        )

    moving = [target for target in targets if not is_there(target)]
    if not moving:
        first = targets[0]
        raise Refused(
            "{vial} is already in place {slot} of {box}",
            vial=first.vial.name,
            slot=place_name(first.container, first.position),
            box=first.container.name,
            about=[first.vial],
        )
    return moving


def former_places(event: Event) -> tuple[To, ...]:
    """Where the vials were whose stays this event ended."""
    with Session(work.database().read) as db:
        rows = db.execute(
            sa.select(Vial.name, Container, Placement.position)
            .select_from(Placement)
            .join(Vial, Vial.id == Placement.vial_id)
            .join(Container, Container.id == Placement.container_id)
            .where(Placement.ended_by == event.seq)
            .order_by(Placement.id)
        ).all()
    return tuple(
        To(vial=name, container=box.code, place=place_name(box, position) or placing.UNKNOWN_PLACE)
        for name, box, position in rows
    )
