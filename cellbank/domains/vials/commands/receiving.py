"""Vials from elsewhere and from before: a consignment with each vial listed against what arrived; old stock."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Message, Refused
from cellbank.core.model import Precision
from cellbank.core.numbering import next_number
from cellbank.core.work import Writing
from cellbank.domains.banks.finding import bank_named
from cellbank.domains.banks.models import Bank
from cellbank.domains.vials.facts import moment
from cellbank.domains.vials.finding import as_code, containers
from cellbank.domains.vials.making import make_vials
from cellbank.domains.vials.models import (
    ArrivalCondition,
    ArrivalDecision,
    Consignment,
    ConsignmentVial,
    ExceptionKind,
    HoldKind,
    LabelCode,
    LabelCodeKind,
    Placement,
    Presentation,
    Vial,
    VialState,
)
from cellbank.domains.vials.noting import note_exception, place_hold

MOST_AT_ONCE = 1000


class ListedVial(BaseModel):
    """One vial of a consignment: as the sender listed it, whether it came, and what was decided."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    listed_as: str | None = Field(default=None, title="Listed as", max_length=200)
    has_arrived: bool = Field(default=True, title="Arrived")
    condition: ArrivalCondition | None = Field(default=None, title="Condition")
    decision: ArrivalDecision | None = Field(default=None, title="Decision")
    barcode: str | None = Field(default=None, title="Barcode on the tube", max_length=120)
    note: str | None = Field(default=None, title="Note", max_length=500)


class ReceiveVials(Command):
    """Receive vials from outside: each is accepted, rejected or put into quarantine by itself."""

    records: ClassVar[str] = "vials.received"
    permission: ClassVar[str] = "vials.receive"
    label: ClassVar[str] = "Receive vials"

    bank: str = Field(
        title="Bank",
        description=Message("Register it first as made elsewhere").id,
        min_length=1,
        max_length=40,
        json_schema_extra={"kind": "code"},
    )
    sender: str = Field(title="Sender", min_length=1, max_length=200)
    sender_reference: str | None = Field(default=None, title="Sender's reference", max_length=120)
    received_in: str | None = Field(
        default=None,
        title="Arrived in",
        description=Message("Dry shipper or dry ice box").id,
        max_length=40,
        json_schema_extra={"kind": "code"},
    )
    temperature_centi_c: int | None = Field(
        default=None, ge=-27315, le=10000, title="Temperature on arrival (hundredths of °C)"
    )
    logger_sha256: str | None = Field(
        default=None, pattern="^[0-9a-f]{64}$", title="SHA-256 of the logger's file"
    )
    note: str | None = Field(default=None, title="Note", max_length=2000)
    vials: tuple[ListedVial, ...] = Field(
        title="Vials", min_length=1, max_length=MOST_AT_ONCE, json_schema_extra={"hidden": True}
    )

    def run(self, db: Writing) -> None:
        """Write the consignment, its list, and the vials that came."""
        for place, one in enumerate(self.vials, 1):
            _refuse_contradiction(place, one)
        bank = bank_named(db, self.bank)
        bank.refuse_if_closed()
        parcel = Consignment(
            organisation_id=bank.organisation_id,
            code=f"RCV-{next_number(db, 'RCV'):04d}",
            sender=self.sender,
            sender_reference=self.sender_reference,
            arrived_at=moment(db),
            temperature_centi_c=self.temperature_centi_c,
            received_in_id=_container(db, self.received_in),
            logger_sha256=self.logger_sha256,
            note=self.note,
        )
        db.add(parcel)
        arrived = [one for one in self.vials if one.has_arrived]
        made = iter(self._vials(db, bank, arrived))
        for one in self.vials:
            vial = next(made) if one.has_arrived else None
            db.add(_on_the_list(db, parcel, one, vial))
            if vial is not None and one.decision is not None:
                _hold_if_needed(db, vial, one)
        missing = sum(1 for one in self.vials if not one.has_arrived)
        if missing:
            note_exception(
                db,
                bank.organisation_id,
                ExceptionKind.NOT_RECEIVED,
                f"{parcel.code}: {missing} / {len(self.vials)}",
                bank_id=bank.id,
            )

    def _vials(self, db: Writing, bank: Bank, arrived: list[ListedVial]) -> list[Vial]:
        if not arrived:
            return []
        vials = make_vials(
            db,
            bank,
            len(arrived),
            state=VialState.FILLED,
            frozen_on=bank.made_on,
            frozen_precision=bank.made_precision,
        )
        for vial, one in zip(vials, arrived, strict=True):
            vial.depositor_wording = one.listed_as
        give_barcodes(db, vials, [one.barcode for one in arrived])
        return vials


class RegisterLegacyVials(Command):
    """Register vials from before this system: their slot or date may be unknown, and they wait to be seen."""

    records: ClassVar[str] = "vials.registered"
    permission: ClassVar[str] = "vials.receive"
    label: ClassVar[str] = "Register old vials"

    bank: str = Field(title="Bank", min_length=1, max_length=40, json_schema_extra={"kind": "code"})
    count: int = Field(ge=1, title="Vials", description=Message("How many there should be").id)
    container: str | None = Field(
        default=None,
        title="In which container",
        description=Message("The smallest that is known: box, rack or freezer").id,
        max_length=40,
        json_schema_extra={"kind": "code"},
    )
    frozen_on: date | None = Field(
        default=None, title="Day of freezing", description=Message("Empty: the bank's, or unknown").id
    )
    frozen_precision: Precision = Field(default=Precision.DAY, title="How exactly the day is known")
    presentation: Presentation = Field(default=Presentation.VIAL_2_ML, title="Frozen in")
    volume_ul: int | None = Field(default=None, ge=1, le=1_000_000, title="Volume in each (µL)")
    cells: int | None = Field(default=None, ge=0, title="Viable cells in each")
    wording: str | None = Field(
        default=None,
        title="What stands on them",
        description=Message("As it is written on tubes or lists").id,
        max_length=500,
    )
    barcodes: tuple[str, ...] = Field(
        default=(),
        title="Barcodes on the tubes",
        description=Message("One a line; as many as vials, or none").id,
    )

    def run(self, db: Writing) -> None:
        """Make them stored and unverified, in their container without a place where one is known."""
        if self.count > db.setting.max_vials_per_lot:
            raise Invalid(
                "{count} vials are too many at once; the most is {most}",
                field="count",
                count=self.count,
                most=db.setting.max_vials_per_lot,
            )
        if self.barcodes and len(self.barcodes) != self.count:
            raise Invalid(
                "{barcodes} barcodes were given for {count} vials",
                field="barcodes",
                barcodes=len(self.barcodes),
                count=self.count,
            )
        bank = bank_named(db, self.bank)
        bank.refuse_if_closed()
        container_id = _container(db, self.container)
        day = self.frozen_on or bank.made_on
        precision = self.frozen_precision if self.frozen_on else bank.made_precision
        vials = make_vials(
            db,
            bank,
            self.count,
            state=VialState.STORED,
            is_legacy=True,
            is_verified=False,
            frozen_on=day,
            frozen_precision=precision if day else Precision.UNKNOWN,
            presentation=self.presentation,
            volume_ul=self.volume_ul,
            cells=self.cells,
            depositor_wording=self.wording,
        )
        give_barcodes(db, vials, list(self.barcodes) or [None] * self.count)
        if container_id is not None:
            db.add_all(
                Placement(
                    organisation_id=v.organisation_id,
                    vial_id=v.id,
                    container_id=container_id,
                    started_by=db.event_seq,
                )
                for v in vials
            )


def give_barcodes(db: Writing, vials: list[Vial], barcodes: list[str | None]) -> None:
    """Let vials be found by the barcodes that another bank or a maker printed on their tubes."""
    db.add_all(
        LabelCode(
            organisation_id=vial.organisation_id,
            vial_id=vial.id,
            code=as_code(barcode),
            kind=LabelCodeKind.FOREIGN,
            given_by=db.event_seq,
        )
        for vial, barcode in zip(vials, barcodes, strict=True)
        if barcode and barcode.strip()
    )


def _refuse_contradiction(place: int, one: ListedVial) -> None:
    """A vial that did not come has no condition; one that came needs a decision; something must be said of each."""
    if one.has_arrived and one.decision is None:
        raise Invalid("Vial {place} of the list: accept, reject or quarantine it", field="vials", place=place)
    if not one.has_arrived and (one.decision is not None or one.condition is not None):
        raise Invalid(
            "Vial {place} of the list did not arrive: it has no condition and no decision",
            field="vials",
            place=place,
        )
    if not one.has_arrived and not one.listed_as:
        raise Refused("Vial {place} is neither listed nor arrived", place=place)


def _container(db: Writing, code: str | None) -> UUID | None:
    if code is None:
        return None
    return containers(db, [code])[code].id


def _on_the_list(db: Writing, parcel: Consignment, one: ListedVial, vial: Vial | None) -> ConsignmentVial:
    return ConsignmentVial(
        organisation_id=parcel.organisation_id,
        consignment_id=parcel.id,
        vial_id=vial.id if vial else None,
        listed_as=one.listed_as,
        has_arrived=one.has_arrived,
        condition=one.condition,
        decision=one.decision,
        decided_by=db.event_seq if one.decision else None,
        note=one.note,
    )


def _hold_if_needed(db: Writing, vial: Vial, one: ListedVial) -> None:
    """Rejected and quarantined vials are kept apart by a hold of their own."""
    if one.decision is ArrivalDecision.ACCEPTED:
        return
    kind = HoldKind.REJECTED if one.decision is ArrivalDecision.REJECTED else HoldKind.QUARANTINE
    words = [str(part) for part in (one.condition, one.note) if part]
    place_hold(db, vial.organisation_id, kind, ", ".join(words) or str(one.decision), vial_id=vial.id)
