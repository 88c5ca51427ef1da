"""Tubes found where they should not be, tubes whose code cannot be read, and labels."""

from __future__ import annotations

from typing import ClassVar, Literal

import sqlalchemy as sa
from pydantic import Field

from cellbank.core.command import Command
from cellbank.core.errors import Refused
from cellbank.core.work import Writing, explain, required
from cellbank.domains.vials import facts, finding, placing
from cellbank.domains.vials.models import (
    ExceptionKind,
    HoldKind,
    LabelCode,
    LabelCodeKind,
    Placement,
    Seen,
    Vial,
    VialState,
)
from cellbank.domains.vials.places import place_name, position_named

explain("uq_label_code_code", "This code is already on another label")


class PlaceFoundTube(Command):
    """Record where a tube really is: a fact, accepted even where another vial should be, and looked at by quality."""

    records: ClassVar[str] = "vial.found_elsewhere"
    permission: ClassVar[str] = "vials.move"
    label: ClassVar[str] = "Record where it was found"

    vial: str = Field(title="Vial", min_length=1, max_length=80)
    container: str = Field(title="Box", min_length=1, max_length=80)
    place: str = Field(title="Place", min_length=1, max_length=8)

    def run(self, db: Writing) -> None:
        """The tube is where it was seen; whoever should have been there is missing."""
        box = finding.locked_containers(db, [self.container])[self.container]
        position = position_named(box, self.place)
        if position is None:
            raise Refused("{box} has no place {slot}", box=box.name, slot=self.place)
        keys = finding.vial_keys(db, [self.vial])
        there = db.scalar(
            sa.select(Placement.vial_id).where(
                Placement.container_id == box.id, Placement.position == position, Placement.ended_by.is_(None)
            ),
            execution_options=placing.OF_ANY_OWNER,
        )
        db.lock(Vial, {*keys.values(), *({there} if there else ())})
        vial = finding.locked_vials(db, [self.vial])[self.vial]
        where = f"{box.name} {place_name(box, position)}"
        if vial.state in (VialState.GONE, VialState.PLANNED):
            facts.note(db, vial, ExceptionKind.OTHER, f"found in {where} although it is {vial.state.value}")
            return
        if there is not None and there != vial.id:
            self._displace(db, db.get_one(Vial, there, execution_options=placing.OF_ANY_OWNER), where)
        facts.end_exposures(db, [vial])
        placing.take_places(db, [placing.Target(vial, box, position)])
        vial.come_home()
        vial.seen(Seen.CODE, facts.moment(db))
        facts.note(db, vial, ExceptionKind.OCCUPIED_PLACE, f"found in {where}", hold=HoldKind.EXCEPTION)

    def _displace(self, db: Writing, other: Vial, where: str) -> None:
        """Two tubes cannot be in one place: the one that was not seen is missing."""
        placing.leave_places(db, [other.id])
        if other.state is not VialState.OUT:
            other.state = VialState.MISSING
        facts.note(
            db,
            other,
            ExceptionKind.NOT_FOUND,
            f"another tube was found in its place {where}",
            hold=HoldKind.EXCEPTION,
        )


class IdentifyByPosition(Command):
    """Say which vial a tube is by its place, because its code cannot be read; flagged until the code is read again."""

    records: ClassVar[str] = "vial.identified_by_place"
    permission: ClassVar[str] = "vials.move"
    label: ClassVar[str] = "Identify by its place"

    container: str = Field(title="Box", min_length=1, max_length=80)
    place: str = Field(title="Place", min_length=1, max_length=8)

    def run(self, db: Writing) -> None:
        """A second person sees it too."""
        facts.require_witness(db)
        box = finding.locked_containers(db, [self.container])[self.container]
        position = position_named(box, self.place)
        vial = db.scalar(
            sa.select(Vial)
            .join(Placement, Placement.vial_id == Vial.id)
            .where(
                Placement.container_id == box.id, Placement.position == position, Placement.ended_by.is_(None)
            )
        )
        if vial is None:
            raise Refused("No vial is known in place {slot} of {box}", slot=self.place, box=box.name)
        vial.refuse_unless_here()
        vial.seen(Seen.PLACE, facts.moment(db))
        facts.note(
            db,
            vial,
            ExceptionKind.IDENTIFIED_BY_PLACE,
            f"by its place {box.name} {place_name(box, position)}",
        )


class VoidLabel(Command):
    """Declare a printed label void: whoever scans it is told."""

    records: ClassVar[str] = "label.voided"
    permission: ClassVar[str] = "vials.correct"
    label: ClassVar[str] = "Declare the label void"

    code: str = Field(title="Code on the label", min_length=1, max_length=80)
    why: str = Field(title="Why", min_length=3, max_length=500)

    def run(self, db: Writing) -> None:
        """It still names its vial, and says that it is void."""
        label = db.scalar(
            sa.select(LabelCode)
            .where(LabelCode.code == finding.as_code(self.code))
            .order_by(LabelCode.voided_by.is_not(None))
            .limit(1)
        )
        label = required(label, self.code)
        if label.voided_by is not None:
            raise Refused("The label {code} is void already", code=label.code)
        label.voided_by, label.void_reason = db.event_seq, self.why


class AttachBarcode(Command):
    """Let a vial also be known by a barcode that is on its tube: pre-coded, or another bank's."""

    records: ClassVar[str] = "barcode.attached"
    permission: ClassVar[str] = "vials.receive"
    label: ClassVar[str] = "Add a barcode"

    vial: str = Field(title="Vial", min_length=1, max_length=80)
    code: str = Field(title="Barcode", min_length=3, max_length=80)
    kind: Literal["precoded", "foreign"] = Field(default="precoded", title="Whose barcode")

    def run(self, db: Writing) -> None:
        """Unless another vial is known by it."""
        vial = finding.locked_vials(db, [self.vial])[self.vial]
        code = finding.as_code(self.code)
        others = db.execute(
            sa.select(Vial.name, Vial.organisation_id)
            .join(LabelCode, LabelCode.vial_id == Vial.id)
            .where(LabelCode.code == code, LabelCode.voided_by.is_(None)),
            execution_options={"tenant_ok": "a barcode names one vial, whoever owns it"},
        ).all()
        for name, owner in others:
            if db.actor.sees_all or owner == db.actor.organisation_id:
                raise Refused("The barcode {code} is already on {vial}", code=code, vial=name, about=[vial])
            raise Refused("The barcode {code} is already in use", code=code, about=[vial])
        db.add(
            LabelCode(
                organisation_id=vial.organisation_id,
                vial_id=vial.id,
                code=code,
                kind=LabelCodeKind(self.kind),
                given_by=db.event_seq,
            )
        )
