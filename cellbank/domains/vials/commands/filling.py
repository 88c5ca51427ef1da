"""Planning, starting and finishing a filling."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field

from cellbank.core import work
from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Message
from cellbank.core.work import Writing
from cellbank.domains.banks.finding import bank_named, fill_lot_named
from cellbank.domains.banks.models import Bank, FillLot, FillLotMaterial, FillLotState
from cellbank.domains.equipment.models import Equipment
from cellbank.domains.materials.models import MaterialLot, MaterialLotState
from cellbank.domains.vials.facts import moment
from cellbank.domains.vials.filling import what_was_filled
from cellbank.domains.vials.finding import as_code, containers
from cellbank.domains.vials.making import day_of, make_vials, void_labels
from cellbank.domains.vials.models import Disposition, ExceptionKind, Presentation, Vial, VialState
from cellbank.domains.vials.noting import note_exception
from cellbank.toolkit.i18n.quantities import permille

work.explain("uq_fill_lot_number", "Another filling of this bank was just planned: look at the bank again")

NOT_FILLED = "not filled"
IN_BULK = {"synchronize_session": False}


class PlanFillLot(Command):
    """Plan a filling: its vials get their numbers and label codes before anything is filled."""

    records: ClassVar[str] = "fill_lots.planned"
    permission: ClassVar[str] = "banks.fill"
    label: ClassVar[str] = "Plan a filling"

    bank: str = Field(title="Bank", min_length=1, max_length=40, json_schema_extra={"kind": "code"})
    planned: int = Field(
        ge=1, title="Vials planned", description=Message("How many tubes get a number and a label").id
    )
    presentation: Presentation = Field(default=Presentation.VIAL_2_ML, title="Filled into")
    note: str | None = Field(
        default=None, title="Note", max_length=2000, json_schema_extra={"kind": "multiline"}
    )

    def run(self, db: Writing) -> None:
        """Write the fill lot and its vials."""
        if self.planned > db.setting.max_vials_per_lot:
            raise Invalid(
                "{planned} vials are too many for one filling; the most is {most}",
                field="planned",
                planned=self.planned,
                most=db.setting.max_vials_per_lot,
            )
        bank = bank_named(db, self.bank)
        bank.refuse_if_closed()
        db.lock(Bank, [bank.id])
        last = db.scalar(sa.select(sa.func.max(FillLot.number)).where(FillLot.bank_id == bank.id)) or 0
        lot = FillLot(
            organisation_id=bank.organisation_id,
            bank_id=bank.id,
            code=f"{bank.code}-F{last + 1}",
            number=last + 1,
            planned=self.planned,
            note=self.note,
        )
        db.add(lot)
        make_vials(db, bank, self.planned, fill_lot_id=lot.id, presentation=self.presentation)


class StartFilling(Command):
    """Start filling: what is filled with, where, and from which lots."""

    records: ClassVar[str] = "fill_lots.started"
    permission: ClassVar[str] = "banks.fill"
    label: ClassVar[str] = "Start filling"

    fill_lot: str = Field(title="Fill lot", min_length=1, max_length=60, json_schema_extra={"kind": "code"})
    cryoprotectant: str | None = Field(
        default=None,
        title="Cryoprotectant",
        description=Message("As it is mixed: 10 % DMSO in 90 % FBS").id,
        max_length=200,
    )
    hood: str | None = Field(default=None, title="Hood", max_length=40, json_schema_extra={"kind": "code"})
    fill_container: str | None = Field(
        default=None, title="Rack or box that is filled", max_length=40, json_schema_extra={"kind": "code"}
    )
    materials: tuple[str, ...] = Field(
        default=(),
        title="Material lots used",
        description=Message("One code a line: cryoprotectant, serum, tubes").id,
        max_length=50,
    )

    def run(self, db: Writing) -> None:
        """Write the start; a lot past its expiry is accepted as a fact and noted for quality."""
        lot = fill_lot_named(db, self.fill_lot)
        bank = work.required(db.get(Bank, lot.bank_id), self.fill_lot)
        bank.refuse_if_closed()
        lot.start(moment(db))
        lot.cryoprotectant = self.cryoprotectant
        lot.cryoprotectant_added_at = moment(db) if self.cryoprotectant else None
        lot.hood_id = equipment_named(db, self.hood).id if self.hood else None
        if self.fill_container:
            lot.fill_container_id = containers(db, [self.fill_container])[self.fill_container].id
        bank.filling_begins()
        for material in material_lots(db, self.materials, bank):
            db.add(
                FillLotMaterial(
                    organisation_id=lot.organisation_id, fill_lot_id=lot.id, material_lot_id=material.id
                )
            )


class FinishFilling(Command):
    """Finish filling: how many tubes were counted, the last number, and what is in each."""

    records: ClassVar[str] = "fill_lots.finished"
    permission: ClassVar[str] = "banks.fill"
    label: ClassVar[str] = "Finish filling"

    fill_lot: str = Field(title="Fill lot", min_length=1, max_length=60, json_schema_extra={"kind": "code"})
    filled: int = Field(ge=0, title="Tubes filled", description=Message("Count the tubes, not the labels").id)
    last_number: int | None = Field(
        default=None,
        ge=1,
        title="Number on the last tube",
        description=Message("Finds out whether one was left out on the way").id,
    )
    not_filled: tuple[int, ...] = Field(
        default=(),
        title="Numbers left out",
        description=Message("Broken or missed before the last one; one number a line").id,
    )
    last_place: str | None = Field(default=None, title="Place of the last tube", max_length=8)
    volume_ul: int | None = Field(default=None, ge=1, le=1_000_000, title="Volume in each (µL)")
    cells: int | None = Field(default=None, ge=0, title="Viable cells in each")
    viability: Decimal | None = Field(
        default=None, title="Viability", description="In percent: 94.2.", ge=0, le=100
    )

    def run(self, db: Writing) -> None:
        """Fill the vials counted; the rest was never filled and its labels are void."""
        lot = fill_lot_named(db, self.fill_lot)
        lot.refuse_if_over()
        bank = work.required(db.get(Bank, lot.bank_id), self.fill_lot)
        rows = db.execute(
            sa.select(Vial.number, Vial.id)
            .where(Vial.fill_lot_id == lot.id, Vial.state == VialState.PLANNED)
            .order_by(Vial.number)
        ).all()
        if self.filled - len(rows) > db.setting.max_vials_per_lot:
            raise Invalid(
                "{planned} vials are too many for one filling; the most is {most}",
                field="filled",
                planned=self.filled,
                most=db.setting.max_vials_per_lot,
            )
        by_number = {row.number: row.id for row in rows}
        was = what_was_filled(by_number, self.filled, self.last_number, self.not_filled)
        if was.beyond:
            by_number |= self._beyond_the_plan(db, bank, lot, was.beyond)
        planned_first = sorted(by_number)
        empty = [by_number[n] for n in was.empty]
        self._fill(
            db,
            [by_number[n] for n in planned_first if n not in set(was.empty)],
            planned_first[0] if planned_first else 1,
        )
        self._leave_empty(db, empty)
        lot.started_at = lot.started_at or moment(db)
        lot.finish(self.filled, moment(db), db.event_seq)
        lot.volume_ul, lot.cells = self.volume_ul, self.cells
        lot.viability_permille, lot.last_place = permille(self.viability, "viability"), self.last_place
        bank.filling_begins()

    def _fill(self, db: Writing, keys: list[UUID], first: int) -> None:
        if not keys:
            return
        db.execute(
            sa.update(Vial)
            .where(Vial.id.in_(keys))
            .values(
                state=VialState.FILLED,
                filled_at=moment(db),
                fill_position=Vial.number - first + 1,
                volume_ul=self.volume_ul,
                cells=self.cells,
                viability_permille=permille(self.viability, "viability"),
                version=Vial.version + 1,
            ),
            execution_options=IN_BULK,
        )

    def _leave_empty(self, db: Writing, keys: list[UUID]) -> None:
        if not keys:
            return
        db.execute(
            sa.update(Vial)
            .where(Vial.id.in_(keys))
            .values(state=VialState.GONE, disposition=Disposition.NOT_FILLED, version=Vial.version + 1),
            execution_options=IN_BULK,
        )
        void_labels(db, keys, NOT_FILLED)

    def _beyond_the_plan(self, db: Writing, bank: Bank, lot: FillLot, count: int) -> dict[int, UUID]:
        """More tubes than planned are a fact: they get numbers and codes now, and quality looks at it."""
        note_exception(
            db,
            bank.organisation_id,
            ExceptionKind.BALANCE,
            f"{lot.code}: {self.filled} / {lot.planned}",
            bank_id=bank.id,
        )
        return {vial.number: vial.id for vial in make_vials(db, bank, count, fill_lot_id=lot.id)}


class CancelFillLot(Command):
    """Cancel a filling that did not take place; its numbers are never used again."""

    records: ClassVar[str] = "fill_lots.cancelled"
    permission: ClassVar[str] = "banks.fill"
    label: ClassVar[str] = "Cancel the filling"
    needs_reason: ClassVar[bool] = True

    fill_lot: str = Field(title="Fill lot", min_length=1, max_length=60, json_schema_extra={"kind": "code"})

    def run(self, db: Writing) -> None:
        """Every planned vial ends as not filled, every label is void."""
        lot = fill_lot_named(db, self.fill_lot)
        lot.refuse_if_over()
        lot.state, lot.counted, lot.ended_by = FillLotState.CANCELLED, 0, db.event_seq
        keys = list(
            db.scalars(sa.select(Vial.id).where(Vial.fill_lot_id == lot.id, Vial.state == VialState.PLANNED))
        )
        db.execute(
            sa.update(Vial)
            .where(Vial.id.in_(keys))
            .values(state=VialState.GONE, disposition=Disposition.NOT_FILLED, version=Vial.version + 1),
            execution_options=IN_BULK,
        )
        void_labels(db, keys, NOT_FILLED)


# ---- what was used -----------------------------------------------------------------------------------------


def equipment_named(db: Writing, code: str) -> Equipment:
    """The instrument with this code.

    :raises NotFound:
    """
    return work.required(db.scalar(sa.select(Equipment).where(Equipment.code == as_code(code))), code)


def material_lots(db: Writing, codes: tuple[str, ...], bank: Bank) -> list[MaterialLot]:
    """The material lots with these codes; using one that is expired or not accepted is noted for quality."""
    wanted = list(dict.fromkeys(as_code(code) for code in codes))
    found = {row.code: row for row in db.scalars(sa.select(MaterialLot).where(MaterialLot.code.in_(wanted)))}
    lots = [work.required(found.get(code), code) for code in wanted]
    today = day_of(db)[0]
    for lot in lots:
        is_expired = lot.expires_on is not None and lot.expires_on < today
        if is_expired or lot.state in (MaterialLotState.REJECTED, MaterialLotState.QUARANTINED):
            note_exception(
                db,
                bank.organisation_id,
                ExceptionKind.EXPIRED_LOT,
                f"{lot.code} ({lot.lot}): {lot.expires_on if is_expired else lot.state.value}",
                bank_id=bank.id,
            )
    return lots


__all__ = ["CancelFillLot", "FinishFilling", "PlanFillLot", "StartFilling"]
