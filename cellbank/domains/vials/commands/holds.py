"""Holds: forbidding the use of something and of all that comes from it, and allowing it again."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.orm import Session

from cellbank.core.actor import BANK_ID
from cellbank.core.command import Command
from cellbank.core.errors import NotPermitted, Refused
from cellbank.core.work import Writing, required
from cellbank.domains.banks.finding import bank_named, fill_lot_named, freeze_run_named, line_named
from cellbank.domains.donors.models import Donation, Donor
from cellbank.domains.lines.models import Culture
from cellbank.domains.materials.models import MaterialLot
from cellbank.domains.vials import finding
from cellbank.domains.vials.models import Hold, HoldKind, Vial

QUALITY_LIFTS = frozenset(
    {HoldKind.REJECTED, HoldKind.WITHDRAWAL, HoldKind.CORRECTION, HoldKind.RETURNED, HoldKind.TEST_FAILED}
)


class HoldScope(enum.StrEnum):
    """What a hold is on; all that comes from it is held too."""

    VIAL = "vial"
    BANK = "bank"
    FILL_LOT = "fill_lot"
    FREEZE_RUN = "freeze_run"
    CULTURE = "culture"
    LINE = "line"
    DONATION = "donation"
    DONOR = "donor"
    CONTAINER = "container"
    MATERIAL_LOT = "material_lot"


class PlaceHold(Command):
    """Forbid the use of something and of all that comes from it, until this hold is lifted."""

    records: ClassVar[str] = "hold.placed"
    permission: ClassVar[str] = "quality.hold"
    label: ClassVar[str] = "Place a hold"

    scope: HoldScope = Field(title="What is held")
    thing: str = Field(
        title="Its code or name",
        description="All that comes from it is held too",
        min_length=1,
        max_length=80,
        json_schema_extra={"kind": "code"},
    )
    kind: HoldKind = Field(title="Kind of hold")
    why: str = Field(title="Why", min_length=3, max_length=500, json_schema_extra={"kind": "multiline"})
    allows_qc: bool = Field(default=True, title="Tests may still take vials")

    def run(self, db: Writing) -> None:
        """Place it; a rejection is quality's own act."""
        if self.kind is HoldKind.REJECTED and not db.actor.may("quality.reject"):
            raise NotPermitted("Only quality rejects: place an investigation hold instead")
        found = FINDERS[self.scope](db, self.thing)
        hold = Hold(
            organisation_id=getattr(found, "organisation_id", BANK_ID),
            kind=self.kind,
            reason=self.why,
            allows_qc=self.allows_qc,
            needs_signature=self.kind in QUALITY_LIFTS,
            opened_by=db.event_seq,
        )
        setattr(hold, f"{self.scope}_id", found.id)
        db.add(hold)


class LiftHold(Command):
    """Lift one hold; every other one stays."""

    records: ClassVar[str] = "hold.lifted"
    permission: ClassVar[str] = "quality.hold"
    label: ClassVar[str] = "Lift the hold"
    needs_reason: ClassVar[bool] = True

    hold: UUID = Field(title="Hold")

    def run(self, db: Writing) -> None:
        """It ends; what was rejected stays so unless somebody may reject."""
        hold = required(db.scalar(sa.select(Hold).where(Hold.id == self.hold)), str(self.hold))
        db.lock(Hold, [hold.id])
        if hold.closed_by is not None or hold.annulled_by is not None:
            raise Refused("This hold is lifted already", about=[hold])
        if hold.kind is HoldKind.REJECTED and not db.actor.may("quality.reject"):
            raise NotPermitted("Only who may reject may take a rejection back", about=[hold])
        hold.closed_by, hold.closing_reason = db.event_seq, db.event.reason


# ---- what a hold can be on ----


def _vial(db: Session, text: str) -> Vial:
    key = finding.vial_keys(db, [text])[text]
    return required(db.scalar(sa.select(Vial).where(Vial.id == key)), text)


def _by_code(model: type[Any]) -> Callable[[Session, str], Any]:
    def find(db: Session, text: str) -> Any:
        wanted = model.code == text.strip().upper()
        return required(db.scalar(sa.select(model).where(wanted)), text)

    return find


def _material_lot(db: Session, text: str) -> MaterialLot:
    code = finding.as_code(text)
    found = db.scalars(
        sa.select(MaterialLot).where(sa.or_(MaterialLot.code == code, MaterialLot.lot == text.strip()))
    ).all()
    if len(found) > 1:
        raise Refused("Several materials have a lot {lot}: scan its own label", lot=text)
    return required(found[0] if found else None, text)


FINDERS: dict[HoldScope, Callable[[Session, str], Any]] = {
    HoldScope.VIAL: _vial,
    HoldScope.BANK: bank_named,
    HoldScope.FILL_LOT: fill_lot_named,
    HoldScope.FREEZE_RUN: freeze_run_named,
    HoldScope.CULTURE: _by_code(Culture),
    HoldScope.LINE: line_named,
    HoldScope.DONATION: _by_code(Donation),
    HoldScope.DONOR: _by_code(Donor),
    HoldScope.CONTAINER: lambda db, text: finding.containers(db, [text])[text],
    HoldScope.MATERIAL_LOT: _material_lot,
}
"""How the thing of each scope is found from what was scanned or typed."""
