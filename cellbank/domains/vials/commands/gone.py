"""Discarding, destroying, missing, found again, written off."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field

from cellbank.core.command import Command
from cellbank.core.errors import Refused
from cellbank.core.journal import Event
from cellbank.core.work import Writing, explain
from cellbank.domains.accounts.models import Person
from cellbank.domains.vials import facts, finding, placing
from cellbank.domains.vials.commands.moves import MOST_AT_ONCE
from cellbank.domains.vials.commands.thaw import taken_back
from cellbank.domains.vials.models import (
    Destruction,
    DestructionMethod,
    Disposition,
    ExceptionKind,
    HoldKind,
    Vial,
    VialState,
)

explain("uq_destruction_vial", "This vial was just discarded by somebody else")


class DiscardVials(Command):
    """Put vials into the destruction bin; they are destroyed later, with a method and a witness."""

    records: ClassVar[str] = "vials.discarded"
    permission: ClassVar[str] = "vials.take_out"
    label: ClassVar[str] = "Discard"
    is_undoable: ClassVar[bool] = True

    vials: tuple[str, ...] = Field(title="Vials", min_length=1, max_length=MOST_AT_ONCE)
    why: str = Field(title="Why", min_length=3, max_length=500)
    bin: str = Field(default="", title="Destruction bin", max_length=80)

    def run(self, db: Writing) -> None:
        """They leave their places for the bin."""
        into = finding.containers(db, [self.bin])[self.bin] if self.bin else None
        vials = list(finding.locked_vials(db, self.vials).values())
        waiting = _waiting(db, vials)
        for vial in vials:
            vial.refuse_unless_here()
            if vial.id in waiting:
                raise Refused("{vial} waits for its destruction", vial=vial.name, about=[vial])
            db.add(
                Destruction(
                    organisation_id=vial.organisation_id,
                    vial_id=vial.id,
                    bin_id=into.id if into else None,
                    reason=self.why,
                    discarded_by=db.event_seq,
                )
            )
            vial.leave_for(into.id if into else None, facts.moment(db))
        facts.end_exposures(db, vials)
        facts.end_reservations(db, vials)
        placing.leave_places(db, (vial.id for vial in vials))

    def inverse(self, event: Event) -> Command | None:
        """They were scanned by mistake: only just afterwards."""
        return taken_back(event, self.vials)


class ConfirmDestruction(Command):
    """Confirm that discarded vials were destroyed: how, and who saw it."""

    records: ClassVar[str] = "vials.destroyed"
    permission: ClassVar[str] = "vials.correct"
    label: ClassVar[str] = "Confirm the destruction"

    vials: tuple[str, ...] = Field(title="Vials", min_length=1, max_length=MOST_AT_ONCE)
    method: DestructionMethod = Field(title="Method")
    detail: str = Field(default="", title="Details", description="Cycle number, certificate", max_length=500)

    def run(self, db: Writing) -> None:
        """They are gone."""
        facts.require_witness(db)
        vials = list(finding.locked_vials(db, self.vials).values())
        waiting = _waiting(db, vials)
        people = set(
            db.scalars(
                sa.select(Person.id).where(Person.id.in_([db.actor.principal_id, db.event.witness_id]))
            )
        )
        for vial in vials:
            destruction = waiting.get(vial.id)
            if destruction is None or destruction.confirmed_by is not None:
                raise Refused("{vial} does not wait for its destruction", vial=vial.name, about=[vial])
            destruction.method, destruction.method_detail = self.method, self.detail or None
            destruction.confirmed_by = db.event_seq
            destruction.first_signer_id = db.actor.principal_id if db.actor.principal_id in people else None
            destruction.second_signer_id = db.event.witness_id if db.event.witness_id in people else None
            vial.end_as(Disposition.DESTROYED)


class MarkMissing(Command):
    """Say that vials are not where they should be: an investigation begins."""

    records: ClassVar[str] = "vials.missed"
    permission: ClassVar[str] = "vials.move"
    label: ClassVar[str] = "Mark as missing"

    vials: tuple[str, ...] = Field(title="Vials", min_length=1, max_length=MOST_AT_ONCE)
    detail: str = Field(title="What was looked at", min_length=3, max_length=500)

    def run(self, db: Writing) -> None:
        """Their places stay theirs, in case they are found."""
        for vial in finding.locked_vials(db, self.vials).values():
            vial.refuse_unless_here()
            vial.state = VialState.MISSING
            facts.note(db, vial, ExceptionKind.NOT_FOUND, self.detail)


class FoundAgain(Command):
    """A missing vial was found; it is on hold until quality has looked."""

    records: ClassVar[str] = "vial.found"
    permission: ClassVar[str] = "vials.move"
    label: ClassVar[str] = "Found again"

    vial: str = Field(title="Vial", min_length=1, max_length=80)
    container: str = Field(default="", title="Box", description="Empty: in its own place", max_length=80)
    place: str = Field(default="", title="Place", description="Empty: the next free place", max_length=8)
    detail: str = Field(title="Where and how it was found", min_length=3, max_length=500)

    def run(self, db: Writing) -> None:
        """It is stored again, in its own place or where it was put now."""
        boxes = finding.locked_containers(db, [self.container] if self.container else [])
        vial = finding.locked_vials(db, [self.vial])[self.vial]
        if vial.state is not VialState.MISSING:
            raise Refused("{vial} is not missing", vial=vial.name, about=[vial])
        if self.container:
            targets = placing.choose_places(db, [(vial, boxes[self.container], self.place)])
            placing.take_places(db, targets)
        elif vial.id not in placing.open_placements(db, [vial.id]):
            raise Refused("{vial} has no place reserved: say where to put it", vial=vial.name, about=[vial])
        facts.end_exposures(db, [vial])
        vial.come_home()
        facts.note(db, vial, ExceptionKind.OTHER, f"found again: {self.detail}", hold=HoldKind.INVESTIGATION)


class WriteOff(Command):
    """End the search for missing vials: they are written off."""

    records: ClassVar[str] = "vials.written_off"
    permission: ClassVar[str] = "vials.correct"
    label: ClassVar[str] = "Write off"
    needs_reason: ClassVar[bool] = True

    vials: tuple[str, ...] = Field(title="Vials", min_length=1, max_length=MOST_AT_ONCE)

    def run(self, db: Writing) -> None:
        """They are gone."""
        vials = list(finding.locked_vials(db, self.vials).values())
        for vial in vials:
            if vial.state is not VialState.MISSING:
                raise Refused("{vial} is not missing", vial=vial.name, about=[vial])
            vial.end_as(Disposition.WRITTEN_OFF)
        facts.end_exposures(db, vials)
        facts.end_reservations(db, vials)
        placing.leave_places(db, (vial.id for vial in vials))


def _waiting(db: Writing, vials: list[Vial]) -> dict[UUID, Destruction]:
    """Discards that stand, by vial."""
    rows = db.scalars(
        sa.select(Destruction).where(
            Destruction.vial_id.in_([vial.id for vial in vials]), Destruction.annulled_by.is_(None)
        )
    )
    return {row.vial_id: row for row in rows}
