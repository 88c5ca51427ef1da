"""A line, cultures and thaws for tests of banks, and the short ways in which such tests speak."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core import work
from cellbank.core.actor import (
    BANK_ID,
    Actor,
    Organisation,
    OrganisationKind,
    Principal,
    PrincipalKind,
    system_actor,
)
from cellbank.core.command import REGISTER, Command
from cellbank.core.journal import Event
from cellbank.core.work import Occurred, Writing
from cellbank.domains.banks.models import Bank, FillLot, FreezeRun, Tier
from cellbank.domains.equipment.models import Equipment, EquipmentKind, Programme
from cellbank.domains.lines.models import (
    Culture,
    CultureParent,
    CultureState,
    LimitingMeasure,
    Line,
    LineKind,
    PassageRule,
)
from cellbank.domains.materials.models import Material, MaterialKind, MaterialLot
from cellbank.domains.vials.commands import (
    FinishFilling,
    FinishFreezeRun,
    PlanBank,
    PlanFillLot,
    StartFilling,
    StartFreezeRun,
)
from cellbank.domains.vials.models import Disposition, Thaw, ThawCulture, ThawPurpose, Vial

STAFF = system_actor(
    "test.write",
    "banks.read",
    "banks.plan",
    "banks.fill",
    "banks.freeze",
    "vials.read",
    "vials.receive",
    "vials.move",
)
LONG_AGO = Occurred(datetime(2024, 6, 2, 8, 30, tzinfo=UTC))


class MakeLine(Command):
    """Make a line."""

    records: ClassVar[str] = "test.line_made"
    permission: ClassVar[str] = "test.write"
    label: ClassVar[str] = "Make a line"

    name: str
    measure: LimitingMeasure = LimitingMeasure.PASSAGE
    soft: int | None = None
    hard: int | None = None
    after_thaw_max: int | None = None
    rule: PassageRule = PassageRule.NONE
    is_closed: bool = False
    organisation_id: UUID = BANK_ID

    def run(self, db: Writing) -> None:
        db.add(
            Line(
                organisation_id=self.organisation_id,
                name=self.name,
                kind=LineKind.IPSC,
                is_donation_unknown=True,
                donation_unknown_reason="a test",
                limiting_measure=self.measure,
                soft_limit=self.soft,
                hard_limit=self.hard,
                passages_after_thaw_max=self.after_thaw_max,
                passage_rule=self.rule,
                is_closed=self.is_closed,
            )
        )


class MakeCulture(Command):
    """Make a culture of a line."""

    records: ClassVar[str] = "test.culture_made"
    permission: ClassVar[str] = "test.write"
    label: ClassVar[str] = "Make a culture"

    line: str
    code: str
    passage: int | None = None
    after_thaw: int | None = None
    cpd_milli: int | None = None
    state: CultureState = CultureState.HARVESTED
    parents: tuple[str, ...] = ()
    thawed_from: str | None = None

    def run(self, db: Writing) -> None:
        line = db.scalars(sa.select(Line).where(Line.name == self.line)).one()
        owner = line.organisation_id
        culture = Culture(
            organisation_id=owner,
            line_id=line.id,
            code=self.code,
            state=self.state,
            passage=self.passage,
            passages_after_thaw=self.after_thaw,
            is_passage_unknown=self.passage is None,
            cpd_milli=self.cpd_milli,
            harvested_cells=20_000_000,
            harvested_viability_permille=945,
        )
        db.add(culture)
        for code in self.parents:
            parent = db.scalars(sa.select(Culture).where(Culture.code == code)).one()
            db.add(CultureParent(organisation_id=owner, culture_id=culture.id, parent_culture_id=parent.id))
        if self.thawed_from:
            vial = db.scalars(sa.select(Vial).where(Vial.name == self.thawed_from)).one()
            thaw = Thaw(
                organisation_id=owner,
                vial_id=vial.id,
                purpose=ThawPurpose.NEW_BANK,
                removed_at=db.recorded_at,
            )
            vial.end_as(Disposition.THAWED)
            db.add_all(
                [
                    thaw,
                    ThawCulture(
                        organisation_id=owner, thaw_id=thaw.id, vial_id=vial.id, culture_id=culture.id
                    ),
                ]
            )


class MakeThings(Command):
    """Make a device, a programme and a material lot."""

    records: ClassVar[str] = "test.things_made"
    permission: ClassVar[str] = "test.write"
    label: ClassVar[str] = "Make things"

    calibration_due_on: date | None = None
    expires_on: date | None = None

    def run(self, db: Writing) -> None:
        serum = Material(kind=MaterialKind.SERUM, name="FBS", supplier="Gibco", catalogue_number="10270")
        db.add_all(
            [
                Equipment(
                    code="CRF1",
                    kind=EquipmentKind.CONTROLLED_RATE_FREEZER,
                    name="Controlled-rate freezer 1",
                    calibration_due_on=self.calibration_due_on,
                ),
                Equipment(code="HOOD1", kind=EquipmentKind.HOOD, name="Hood 1"),
                Programme(name="slow", edition=1, rate_centi_c_per_minute=-100),
                Programme(name="slow", edition=2, rate_centi_c_per_minute=-100),
                serum,
                MaterialLot(material_id=serum.id, code="FBS7", lot="A-77", expires_on=self.expires_on),
            ]
        )


class SetVial(Command):
    """Set a vial's columns, as the acts of other tests would."""

    records: ClassVar[str] = "test.vial_set"
    permission: ClassVar[str] = "test.write"
    label: ClassVar[str] = "Set a vial"

    vial: str
    values: dict[str, str]

    def run(self, db: Writing) -> None:
        vial = db.scalars(sa.select(Vial).where(Vial.name == self.vial)).one()
        for name, value in self.values.items():
            kind = type(getattr(vial, name)) if getattr(vial, name) is not None else Disposition
            setattr(vial, name, kind(value))


class MakeCompany(Command):
    """Make another organisation and somebody who works there."""

    records: ClassVar[str] = "test.company_made"
    permission: ClassVar[str] = "test.write"
    label: ClassVar[str] = "Make a company"

    def run(self, db: Writing) -> None:
        company = Organisation(kind=OrganisationKind.COMPANY, name="Royan Cells", short_name="ROYAN")
        db.add(company)
        db.flush()
        db.add(Principal(kind=PrincipalKind.PERSON, organisation_id=company.id, name="Charlie"))


for _command in (MakeLine, MakeCulture, MakeThings, SetVial, MakeCompany):
    REGISTER.pop(_command.__name__)


def do(command: Command, actor: Actor = STAFF, **said: Any) -> Event:
    """Perform it."""
    return work.perform(command, actor, key=work.new_key(), **said)


def charlie() -> Actor:
    """Somebody of another organisation, who may plan and fill."""
    do(MakeCompany())
    with Session(work.database().read) as db:
        person = db.scalars(sa.select(Principal).where(Principal.name == "Charlie")).one()
    return Actor(
        principal_id=person.id,
        organisation_id=person.organisation_id,
        name="Charlie",
        permissions=STAFF.permissions,
    )


def rows(model: type[Any], *where: Any) -> list[Any]:
    """What is in a table now, oldest first."""
    with Session(work.database().read, expire_on_commit=False) as db:
        found = db.scalars(sa.select(model).where(*where).order_by(model.id)).all()
        db.expunge_all()
    return list(found)


def lot_of(event: Event) -> str:
    """The lot number that an event gave."""
    return str(rows(Bank, Bank.id.in_(work.created(event, Bank)))[0].code)


def bank_of(lot: str) -> Bank:
    """The bank as it is now."""
    found: Bank = rows(Bank, Bank.code == lot)[0]
    return found


def vials_of(lot: str) -> list[Vial]:
    """Its vials, by number."""
    return sorted(rows(Vial, Vial.bank_id == bank_of(lot).id), key=lambda vial: vial.number)


def planned_bank(line: str = "TABi001-A", *, tier: Tier = Tier.MASTER, **said: Any) -> str:
    """A new line and a planned bank of it; the lot number."""
    do(MakeLine(name=line))
    return lot_of(do(PlanBank(line=line, tier=tier, **said)))


def planned_filling(lot: str, vials: int = 20) -> str:
    """A planned filling of a bank; its code."""
    event = do(PlanFillLot(bank=lot, planned=vials))
    return str(rows(FillLot, FillLot.id.in_(work.created(event, FillLot)))[0].code)


def filled(lot: str, vials: int = 20) -> str:
    """A filling with every tube filled; its code."""
    fill_lot = planned_filling(lot, vials)
    do(StartFilling(fill_lot=fill_lot))
    do(FinishFilling(fill_lot=fill_lot, filled=vials, volume_ul=1000, cells=2_000_000))
    return fill_lot


def freezing(lot: str, **said: Any) -> str:
    """A running freeze run of the bank's filled vials; its code."""
    if not rows(Equipment, Equipment.code == "CRF1"):
        do(MakeThings())
    event = do(StartFreezeRun(bank=lot, device="CRF1", programme="slow", **said))
    return str(rows(FreezeRun, FreezeRun.id.in_(work.created(event, FreezeRun)))[0].code)


def frozen(line: str = "TABi001-A", vials: int = 3, **said: Any) -> str:
    """A bank with frozen vials; its lot number."""
    lot = planned_bank(line, **said)
    filled(lot, vials)
    do(FinishFreezeRun(freeze_run=freezing(lot), outcome="good"))
    return lot
