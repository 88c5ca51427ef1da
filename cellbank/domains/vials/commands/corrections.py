"""Corrections: what was recorded by mistake is superseded, with its reason; nothing is overwritten unseen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field

from cellbank.core.command import Command
from cellbank.core.errors import Refused
from cellbank.core.journal import Event, OutcomeKind
from cellbank.core.work import Writing, required
from cellbank.domains.banks.finding import bank_named, line_named
from cellbank.domains.banks.models import Bank
from cellbank.domains.lines.models import Line
from cellbank.domains.vials import finding
from cellbank.domains.vials.annulling import take_back
from cellbank.domains.vials.correcting import note_on_banks, note_on_vials
from cellbank.domains.vials.models import (
    Destruction,
    ExceptionKind,
    ExceptionNote,
    Placement,
    Presentation,
    Thaw,
    ThawCulture,
    Vial,
    VialExposure,
)
from cellbank.toolkit.i18n.quantities import permille

FATES = ("state", "disposition", "out_container_id", "out_at", "home_until", "last_seen_at", "last_seen")
"""What is known of a vial's whereabouts on its own row."""


class CorrectVial(Command):
    """Correct what was recorded of a vial by mistake: say all as it should be; its number never changes."""

    records: ClassVar[str] = "vial.corrected"
    permission: ClassVar[str] = "vials.correct"
    label: ClassVar[str] = "Correct the vial's record"
    needs_reason: ClassVar[bool] = True

    vial: str = Field(title="Vial", min_length=1, max_length=80, json_schema_extra={"kind": "code"})
    presentation: Presentation = Field(default=Presentation.VIAL_2_ML, title="Presentation")
    volume_ul: int | None = Field(default=None, ge=1, le=1_000_000, title="Volume (µL)")
    cells: int | None = Field(default=None, ge=0, title="Viable cells")
    viability: Decimal | None = Field(
        default=None, title="Viability", description="In percent: 94.2.", ge=0, le=100
    )
    fill_position: int | None = Field(default=None, ge=1, title="Filled as the nth")
    frozen_on: date | None = Field(default=None, title="Day of freezing")
    depositor_wording: str | None = Field(default=None, title="The depositor's own words", max_length=500)

    def run(self, db: Writing) -> None:
        """Set what differs; on a released vial this opens a hold until quality decides."""
        vial = finding.locked_vials(db, [self.vial])[self.vial]
        wanted = {
            name: getattr(self, name) for name in type(self).model_fields if name not in {"vial", "viability"}
        }
        wanted["viability_permille"] = permille(self.viability, "viability")
        changed = {name: value for name, value in wanted.items() if getattr(vial, name) != value}
        if not changed:
            raise Refused("Nothing of {vial} would change", vial=vial.name, about=[vial])
        for name, value in changed.items():
            setattr(vial, name, value)
        note_on_vials(db, [vial], ", ".join(sorted(changed)))


class SwapVials(Command):
    """Two vials were taken for each other: what was recorded of the one's whereabouts was the other's."""

    records: ClassVar[str] = "vials.swapped"
    permission: ClassVar[str] = "vials.correct"
    label: ClassVar[str] = "Two vials were swapped"
    needs_reason: ClassVar[bool] = True

    first: str = Field(title="One vial", min_length=1, max_length=80, json_schema_extra={"kind": "code"})
    second: str = Field(
        title="The other vial", min_length=1, max_length=80, json_schema_extra={"kind": "code"}
    )

    def run(self, db: Writing) -> None:
        """Their places, their time out and what became of them change hands; the old rows stay in the story."""
        found = finding.locked_vials(db, [self.first, self.second])
        one, other = found[self.first], found[self.second]
        if one.id == other.id:
            raise Refused("These are one and the same vial: {vial}", vial=one.name, about=[one])
        for name in FATES:
            kept = getattr(one, name)
            setattr(one, name, getattr(other, name))
            setattr(other, name, kept)
        _swap_rows(db, one, other)
        note_on_vials(db, [one], f"swapped with {other.name}")
        note_on_vials(db, [other], f"swapped with {one.name}")


def _swap_rows(db: Writing, one: Vial, other: Vial) -> None:
    """End or annul the rows of both, then write the same for the other: a fact is superseded, never edited."""
    both = {one.id: other, other.id: one}
    places = _open(db, Placement, Placement.ended_by.is_(None), both)
    lifts = _open(db, VialExposure, VialExposure.ended_at.is_(None), both)
    thaws = _open(db, Thaw, Thaw.annulled_by.is_(None), both)
    grown = _open(db, ThawCulture, ThawCulture.annulled_by.is_(None), both)
    bins = _open(db, Destruction, Destruction.annulled_by.is_(None), both)
    for row in places:
        row.ended_by = db.event_seq
    for row in lifts:
        row.ended_at, row.annulled_by = max(row.started_at, db.recorded_at), db.event_seq
    for row in (*thaws, *grown, *bins):
        row.annulled_by = db.event_seq
    db.flush()
    for row in places:
        _again(db, row, both[row.vial_id], started_by=db.event_seq, ended_by=None)
    for row in lifts:
        _again(db, row, both[row.vial_id], ended_at=None, annulled_by=None)
    renewed = {row.id: _again(db, row, both[row.vial_id], annulled_by=None) for row in thaws}
    for row in grown:
        new = renewed.get(row.thaw_id)
        if new is not None:
            _again(db, row, both[row.vial_id], annulled_by=None, thaw_id=new.id)
    for row in bins:
        _again(db, row, both[row.vial_id], annulled_by=None)


def _open(db: Writing, model: type[Any], is_open: Any, vials: dict[UUID, Vial]) -> list[Any]:
    return list(db.scalars(sa.select(model).where(model.vial_id.in_(vials), is_open).order_by(model.id)))


def _again(db: Writing, row: Any, vial: Vial, **changed: Any) -> Any:
    """The same row for another vial, with what differs."""
    model = type(row)
    names = {attribute.key for attribute in sa.inspect(model).column_attrs} - {"id", "version"}
    values = {name: getattr(row, name) for name in names}
    values |= {"vial_id": vial.id, "organisation_id": vial.organisation_id, **changed}
    made = model(**values)
    db.add(made)
    return made


class AssignLotToLine(Command):
    """A whole lot was recorded under the wrong line: say which line it is of."""

    records: ClassVar[str] = "bank.assigned_to_line"
    permission: ClassVar[str] = "vials.correct"
    label: ClassVar[str] = "The lot is of another line"
    needs_reason: ClassVar[bool] = True

    bank: str = Field(title="Bank", min_length=1, max_length=40, json_schema_extra={"kind": "code"})
    line: str = Field(title="Right line", min_length=1, max_length=80, json_schema_extra={"kind": "code"})

    def run(self, db: Writing) -> None:
        """The bank is of the other line from now on; banks made from it are told to quality, and keep theirs."""
        bank, line = bank_named(db, self.bank), line_named(db, self.line)
        db.lock(Bank, [bank.id])
        if bank.line_id == line.id:
            raise Refused("{bank} is of {line} already", bank=bank.code, line=line.name, about=[bank])
        former = db.scalar(sa.select(Line).where(Line.id == bank.line_id))
        if former is not None:
            db.about("line", [former.id], former.organisation_id)
        bank.line_id = line.id
        note_on_banks(db, [bank], f"was recorded under {former.name if former else '…'}, is of {line.name}")


class AnnulAct(Command):
    """An act was recorded by mistake: take back what it wrote; the act itself stays in the trail."""

    records: ClassVar[str] = "act.annulled"
    permission: ClassVar[str] = "vials.correct"
    label: ClassVar[str] = "Annul the act"
    needs_reason: ClassVar[bool] = True

    act: UUID = Field(title="Act")

    def run(self, db: Writing) -> None:
        """Annul its rows and restore what it changed; on released material a hold opens until quality decides."""
        event = required(db.scalar(sa.select(Event).where(Event.id == self.act)), str(self.act))
        if not db.actor.sees_all and event.organisation_id != db.actor.organisation_id:
            required(None, str(self.act))
        _refuse_what_cannot_be_annulled(db, event)
        rows = take_back(db, event)
        vials = {row.id for row in rows if isinstance(row, Vial)}
        vials |= {row.vial_id for row in rows if getattr(row, "vial_id", None) is not None}
        banks = {row.id for row in rows if isinstance(row, Bank)}
        banks |= {row.bank_id for row in rows if getattr(row, "bank_id", None) is not None}
        detail = f"annulled: {event.name}"
        found = list(db.scalars(sa.select(Vial).where(Vial.id.in_(vials))))
        note_on_vials(db, found, detail, ExceptionKind.ANNULMENT)
        # What is said of its vials is not said of their bank again.
        told = {vial.bank_id for vial in found}
        of_banks = db.scalars(sa.select(Bank).where(Bank.id.in_(banks - told)))
        note_on_banks(db, of_banks, detail, ExceptionKind.ANNULMENT)
        _link(db, event)


def _refuse_what_cannot_be_annulled(db: Writing, event: Event) -> None:
    if event.outcome is not OutcomeKind.DONE:
        raise Refused("This act was refused: it changed nothing")
    if db.scalar(sa.select(Event.id).where(Event.undoes == event.id)) is not None:
        raise Refused("This was already undone")
    if event.name in (TRANSFERRED, AnnulAct.records):
        raise Refused("This act is not annulled: do the opposite of it, with its reason")
    again = db.scalar(
        sa.select(Event.seq)
        .where(
            Event.name == AnnulAct.records,
            Event.outcome == OutcomeKind.DONE,
            Event.seq != db.event_seq,
            Event.request.contains(str(event.id)),
        )
        .limit(1)
    )
    if again is not None:
        raise Refused("This act was annulled already")


TRANSFERRED = "vials.transferred"
"""A sale is taken back by another sale, to which both parties agree again."""


def _link(db: Writing, event: Event) -> None:
    """The notes of an annulment are about the act that was annulled, so that its reader finds them."""
    db.flush()
    for note in db.scalars(
        sa.select(ExceptionNote).where(
            ExceptionNote.about_event == db.event_seq, ExceptionNote.kind == ExceptionKind.ANNULMENT
        )
    ):
        note.about_event = event.seq
