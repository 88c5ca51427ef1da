"""Rows of one donor's cells down to vials in a box, written under events by a command that only tests know."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core import clock, ids, work
from cellbank.core.actor import BANK_ID, system_actor
from cellbank.core.command import REGISTER, Command
from cellbank.core.engine import Database
from cellbank.core.ids import uuid7
from cellbank.core.journal import Event
from cellbank.core.work import Writing
from cellbank.domains.banks.models import (
    Bank,
    BankCulture,
    BankState,
    FillLot,
    FillLotMaterial,
    FillLotState,
    FreezeRun,
    FreezeRunFillLot,
    Tier,
)
from cellbank.domains.donors.models import (
    Acceptance,
    Consent,
    Donation,
    DonationDonor,
    Donor,
    DonorKind,
    Eligibility,
)
from cellbank.domains.lines.models import (
    Culture,
    CultureMaterial,
    CultureParent,
    Line,
    LineDonation,
    LineKind,
)
from cellbank.domains.materials.models import Material, MaterialKind, MaterialLot
from cellbank.domains.storage.models import Arrangement, Container, ContainerKind
from cellbank.domains.vials.models import (
    BankOrigin,
    Hold,
    HoldKind,
    IntendedUse,
    LabelCode,
    Placement,
    Release,
    Thaw,
    ThawCulture,
    ThawPurpose,
    Vial,
    VialOwnership,
    VialState,
)

STARTED = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
WRITER = system_actor("test.write")
_numbers = itertools.count(1)


class Keep(Command):
    """Write whatever a test wants to keep."""

    records: ClassVar[str] = "test.kept"
    permission: ClassVar[str] = "test.write"
    label: ClassVar[str] = "Keep"
    work: ClassVar[Callable[[Writing], None]]

    def run(self, db: Writing) -> None:
        type(self).work(db)


REGISTER.pop("Keep")


def keep(act: Callable[[Writing], None]) -> Event:
    """Do ``act`` under one event."""
    Keep.work = staticmethod(act)
    return work.perform(Keep(), WRITER, key=work.new_key())


def change(model: type[Any], key: UUID, **values: Any) -> None:
    """Give one row other values."""

    def act(db: Writing) -> None:
        row = db.get_one(model, key)
        for name, value in values.items():
            setattr(row, name, value)

    keep(act)


def rows(database: Database, model: type[Any], *where: Any) -> list[Any]:
    """The rows of a table as they are now, oldest first."""
    with Session(database.read) as db:
        order = model.id if hasattr(model, "id") else model.seq
        return list(db.scalars(sa.select(model).where(*where).order_by(order)))


class Lineage:
    """donor → donation → line → culture → its daughter → bank of n vials, stored in a box in a tank.

    The donor allowed everything and is eligible, so that nothing but a release is missing.
    """

    def __init__(self, vials: int = 2, *, owner: UUID = BANK_ID, line: UUID | None = None) -> None:
        number = next(_numbers)
        self.owner = owner
        self.number = number
        names = (
            "donor donation line first_culture culture bank fill_lot freeze_run tank box serum cryoprotectant"
        )
        self.keys: dict[str, UUID] = {name: uuid7() for name in names.split()}
        self.vials = tuple(uuid7() for _ in range(vials))
        self.codes = tuple(ids.new_code("C", ids.Kind.VIAL) for _ in range(vials))
        self.keys["vial"] = self.vials[0]
        self.has_own_line = line is None
        self.keys["line"] = line or self.keys["line"]
        self.lot = f"MCB-{number:04}"
        self.donor = f"D-{number:04}"
        self.line = f"TABi{number:03}-A"
        keep(self._write)

    def __getitem__(self, name: str) -> UUID:
        return self.keys[name]

    def name(self, index: int = 0) -> str:
        """The lot and number of a vial."""
        return f"{self.lot}-{index + 1:03}"

    def _write(self, db: Writing) -> None:
        if self.has_own_line:
            self._origin(db)
        self._materials(db)
        self._cultures(db)
        self._bank(db)
        self._places(db)
        for index in range(len(self.vials)):
            self._vial(db, index)

    def _origin(self, db: Writing) -> None:
        own = self.owner
        db.add(Donor(id=self["donor"], organisation_id=own, code=self.donor, kind=DonorKind.ALLOGENEIC))
        db.add(
            Donation(
                id=self["donation"],
                organisation_id=own,
                code=f"DON-{self.number:04}",
                tissue="umbilical cord",
                acceptance=Acceptance.ACCEPTED,
                eligibility=Eligibility.ELIGIBLE,
            )
        )
        db.add(DonationDonor(organisation_id=own, donation_id=self["donation"], donor_id=self["donor"]))
        scopes: dict[str, Any] = {
            f"allows_{scope}": True for scope in ("bank_storage", "research_in_country", "clinical_use")
        }
        db.add(
            Consent(
                organisation_id=own,
                donor_id=self["donor"],
                form="cord",
                form_version="3",
                language="fa",
                given_on=date(2026, 1, 5),
                **scopes,
            )
        )
        db.add(Line(id=self["line"], organisation_id=own, name=self.line, kind=LineKind.MSC, hard_limit=20))
        db.add(LineDonation(organisation_id=own, line_id=self["line"], donation_id=self["donation"]))

    def _materials(self, db: Writing) -> None:
        for name in ("serum", "cryoprotectant"):
            material = Material(kind=MaterialKind.SERUM, name=name, supplier=f"Supplier {self.number}")
            db.add(material)
            db.add(
                MaterialLot(
                    id=self[name],
                    material_id=material.id,
                    code=ids.new_code("C", ids.Kind.MATERIAL),
                    lot=f"{name}-{self.number}",
                )
            )

    def _cultures(self, db: Writing) -> None:
        own = self.owner
        for name, letter in (("first_culture", "A"), ("culture", "B")):
            code = f"CUL-{self.number:04}{letter}"
            db.add(Culture(id=self[name], organisation_id=own, line_id=self["line"], code=code))
        db.add(
            CultureParent(
                organisation_id=own, culture_id=self["culture"], parent_culture_id=self["first_culture"]
            )
        )
        db.add(
            CultureMaterial(
                organisation_id=own, culture_id=self["first_culture"], material_lot_id=self["serum"]
            )
        )

    def _bank(self, db: Writing) -> None:
        own = self.owner
        db.add(
            Bank(
                id=self["bank"],
                organisation_id=own,
                line_id=self["line"],
                code=self.lot,
                tier=Tier.MASTER,
                state=BankState.FROZEN,
                passage=12,
            )
        )
        db.add(BankCulture(organisation_id=own, bank_id=self["bank"], culture_id=self["culture"]))
        db.add(
            FillLot(
                id=self["fill_lot"],
                organisation_id=own,
                bank_id=self["bank"],
                number=1,
                code=f"{self.lot}-F1",
                counted=len(self.vials),
                planned=len(self.vials),
                state=FillLotState.FILLED,
            )
        )
        db.add(
            FillLotMaterial(
                organisation_id=own, fill_lot_id=self["fill_lot"], material_lot_id=self["cryoprotectant"]
            )
        )
        run = FreezeRun(
            id=self["freeze_run"],
            organisation_id=own,
            code=f"FRZ-{self.number:04}",
            bank_id=self["bank"],
            started_at=STARTED,
        )
        db.add(run)
        db.add(FreezeRunFillLot(organisation_id=own, freeze_run_id=run.id, fill_lot_id=self["fill_lot"]))

    def _places(self, db: Writing) -> None:
        db.add(
            Container(
                id=self["tank"],
                kind=ContainerKind.TANK,
                code=ids.new_code("C", ids.Kind.FREEZER),
                name=f"Tank {self.number}",
                arrangement=Arrangement.NONE,
            )
        )
        db.add(
            Container(
                id=self["box"],
                kind=ContainerKind.BOX,
                code=ids.new_code("C", ids.Kind.BOX),
                name=f"Box {self.number}",
                arrangement=Arrangement.GRID,
                rows=9,
                columns=9,
                capacity=81,
                parent_id=self["tank"],
            )
        )

    def _vial(self, db: Writing, index: int) -> None:
        own, key = self.owner, self.vials[index]
        db.add(
            Vial(
                id=key,
                organisation_id=own,
                bank_id=self["bank"],
                fill_lot_id=self["fill_lot"],
                freeze_run_id=self["freeze_run"],
                name=self.name(index),
                number=index + 1,
                state=VialState.STORED,
            )
        )
        db.add(LabelCode(organisation_id=own, vial_id=key, code=self.codes[index], given_by=db.event_seq))
        db.add(
            Placement(
                organisation_id=own,
                vial_id=key,
                container_id=self["box"],
                position=index + 1,
                started_by=db.event_seq,
            )
        )
        db.add(VialOwnership(organisation_id=own, vial_id=key, effective_from=date(2026, 3, 1)))


def release(lineage: Lineage, *uses: IntendedUse, vial: UUID | None = None, **values: Any) -> None:
    """Release a bank, or one of its vials, for some uses."""

    def act(db: Writing) -> None:
        for use in uses or tuple(IntendedUse):
            db.add(
                Release(
                    organisation_id=values.pop("owner", lineage.owner),
                    bank_id=None if vial else lineage["bank"],
                    vial_id=vial,
                    intended_use=use,
                    given_by=db.event_seq,
                    valid_from=values.get("valid_from", date(2026, 3, 1)),
                    valid_until=values.get("valid_until"),
                    conditions=values.get("conditions"),
                )
            )

    keep(act)


def hold(
    scope: str, key: UUID, *, owner: UUID = BANK_ID, kind: HoldKind = HoldKind.INVESTIGATION, **values: Any
) -> None:
    """Put one thing on hold."""

    def act(db: Writing) -> None:
        what: dict[str, Any] = {f"{scope}_id": key}
        reason = values.pop("reason", "something was seen")
        db.add(
            Hold(organisation_id=owner, kind=kind, reason=reason, opened_by=db.event_seq, **what, **values)
        )

    keep(act)


def working_bank(lineage: Lineage) -> Lineage:
    """A bank of the same line made from a thawed vial of ``lineage``."""
    made = Lineage(1, owner=lineage.owner, line=lineage["line"])

    def act(db: Writing) -> None:
        own, vial = lineage.owner, lineage.vials[-1]
        thaw = Thaw(organisation_id=own, vial_id=vial, purpose=ThawPurpose.NEW_BANK, removed_at=clock.now())
        db.add(thaw)
        db.add(
            ThawCulture(organisation_id=own, thaw_id=thaw.id, vial_id=vial, culture_id=made["first_culture"])
        )
        db.add(BankOrigin(organisation_id=own, bank_id=made["bank"], vial_id=vial))

    keep(act)
    return made
