"""Freeze runs: a device or an isopropanol box, a programme, and the vials that were in it."""

from __future__ import annotations

from typing import ClassVar, Literal
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field

from cellbank.core import work
from cellbank.core.command import Command
from cellbank.core.errors import Conflict, Invalid, Message, Refused
from cellbank.core.numbering import next_number
from cellbank.core.work import Writing
from cellbank.domains.banks.finding import bank_named, freeze_run_named
from cellbank.domains.banks.models import (
    Bank,
    FillLot,
    FreezeOutcome,
    FreezeRun,
    FreezeRunFillLot,
    FreezeRunMaterial,
)
from cellbank.domains.equipment.models import Equipment, Programme
from cellbank.domains.storage.models import Container
from cellbank.domains.vials.commands.filling import IN_BULK, equipment_named, material_lots
from cellbank.domains.vials.facts import moment
from cellbank.domains.vials.finding import containers, vial_keys
from cellbank.domains.vials.making import day_of
from cellbank.domains.vials.models import ExceptionKind, HoldKind, Vial, VialState
from cellbank.domains.vials.noting import note_exception, place_hold


class StartFreezeRun(Command):
    """Start freezing filled vials in a device or an isopropanol box; a bank may need several runs."""

    records: ClassVar[str] = "freeze_runs.started"
    permission: ClassVar[str] = "banks.freeze"
    label: ClassVar[str] = "Start a freeze run"

    bank: str = Field(title="Bank", min_length=1, max_length=40, json_schema_extra={"kind": "code"})
    fill_lots: tuple[str, ...] = Field(
        default=(),
        title="Fill lots",
        description=Message("One code a line; empty: every filled vial of the bank").id,
        max_length=50,
    )
    vials: tuple[str, ...] = Field(
        default=(),
        title="Only these vials",
        description=Message("One code or lot-number a line; empty: all of the fill lots").id,
        max_length=1000,
    )
    device: str | None = Field(
        default=None, title="Device", max_length=40, json_schema_extra={"kind": "code"}
    )
    container: str | None = Field(
        default=None, title="Isopropanol box or chamber", max_length=40, json_schema_extra={"kind": "code"}
    )
    programme: str | None = Field(default=None, title="Programme", max_length=120)
    edition: int | None = Field(
        default=None, ge=1, title="Edition of the programme", description=Message("Empty: the newest").id
    )
    materials: tuple[str, ...] = Field(
        default=(), title="Material lots used", description=Message("Isopropanol, nitrogen").id, max_length=20
    )
    note: str | None = Field(
        default=None, title="Note", max_length=2000, json_schema_extra={"kind": "multiline"}
    )

    def run(self, db: Writing) -> None:
        """Write the run and put its vials into it."""
        if self.device is None and self.container is None:
            raise Invalid("Say in which device or isopropanol box the vials are frozen", field="device")
        bank = bank_named(db, self.bank)
        bank.refuse_if_closed()
        db.lock(Bank, [bank.id])
        device = equipment_named(db, self.device) if self.device else None
        container = self._container(db)
        programme = self._programme(db)
        chosen = self._vials(db, bank)
        run = FreezeRun(
            organisation_id=bank.organisation_id,
            bank_id=bank.id,
            code=f"FRZ-{next_number(db, 'FRZ'):04d}",
            device_id=device.id if device else None,
            container_id=container.id if container else None,
            programme_id=programme.id if programme else None,
            started_at=moment(db),
            note=self.note,
        )
        db.add(run)
        db.flush()
        _freeze(db, run, list(chosen))
        for fill_lot_id in sorted({lot for lot in chosen.values() if lot is not None}):
            db.add(
                FreezeRunFillLot(
                    organisation_id=run.organisation_id, freeze_run_id=run.id, fill_lot_id=fill_lot_id
                )
            )
        for material in material_lots(db, self.materials, bank):
            db.add(
                FreezeRunMaterial(
                    organisation_id=run.organisation_id, freeze_run_id=run.id, material_lot_id=material.id
                )
            )
        bank.filling_begins()
        if bank.made_on is None:
            bank.made_on, bank.made_precision = day_of(db)
        if device:
            _note_calibration(db, bank, device)

    def _container(self, db: Writing) -> Container | None:
        if self.container is None:
            return None
        return containers(db, [self.container])[self.container]

    def _programme(self, db: Writing) -> Programme | None:
        if self.programme is None:
            return None
        wanted = (
            sa.select(Programme)
            .where(Programme.name == self.programme)
            .order_by(Programme.edition.desc())
            .limit(1)
        )
        if self.edition is not None:
            wanted = wanted.where(Programme.edition == self.edition)
        return work.required(db.scalar(wanted), self.programme)

    def _vials(self, db: Writing, bank: Bank) -> dict[UUID, UUID | None]:
        """Each vial to be frozen, with its fill lot.

        :raises Refused: for the first that does not wait for freezing
        """
        asked = sa.select(Vial.id, Vial.fill_lot_id, Vial.name, Vial.state, Vial.bank_id)
        if self.vials:
            asked = asked.where(Vial.id.in_(set(vial_keys(db, self.vials).values())))
        else:
            asked = asked.where(Vial.bank_id == bank.id, Vial.state == VialState.FILLED)
        if self.fill_lots:
            codes = [code.strip().upper() for code in self.fill_lots]
            lots = {
                row.code: row.id
                for row in db.execute(sa.select(FillLot.code, FillLot.id).where(FillLot.code.in_(codes)))
            }
            asked = asked.where(Vial.fill_lot_id.in_([work.required(lots.get(code), code) for code in codes]))
        rows = db.execute(asked.order_by(Vial.id)).all()
        for row in rows:
            if row.bank_id != bank.id:
                raise Refused("{vial} is not of {bank}", vial=row.name, bank=bank.code)
            if row.state is not VialState.FILLED:
                raise Refused("{vial} does not wait to be frozen", vial=row.name)
        if not rows:
            raise Refused(
                "No filled vial of {bank} waits to be frozen: fill first", bank=bank.code, about=[bank]
            )
        return {row.id: row.fill_lot_id for row in rows}


class FinishFreezeRun(Command):
    """Finish a freeze run; a failed one forbids the use of its own vials only."""

    records: ClassVar[str] = "freeze_runs.finished"
    permission: ClassVar[str] = "banks.freeze"
    label: ClassVar[str] = "Finish the freeze run"

    freeze_run: str = Field(
        title="Freeze run", min_length=1, max_length=40, json_schema_extra={"kind": "code"}
    )
    outcome: Literal["good", "deviated", "failed"] = Field(title="How it ended")
    deviation: str | None = Field(
        default=None,
        title="What was out of the ordinary",
        max_length=2000,
        json_schema_extra={"kind": "multiline"},
    )
    lowest_centi_c: int | None = Field(
        default=None,
        ge=-27315,
        le=0,
        title="Lowest temperature (hundredths of °C)",
        description=Message("−80.00 °C is −8000").id,
    )
    curve_name: str | None = Field(default=None, title="Name of the curve's file", max_length=200)
    curve_sha256: str | None = Field(
        default=None,
        pattern="^[0-9a-f]{64}$",
        title="SHA-256 of the curve's file",
        description=Message("64 characters, 0-9 and a-f").id,
    )

    def run(self, db: Writing) -> None:
        """Write how it ended; what was not good opens an exception, a failure also a hold."""
        outcome = FreezeOutcome(self.outcome)
        if outcome is not FreezeOutcome.GOOD and not self.deviation:
            raise Invalid("Say what was out of the ordinary", field="deviation")
        run = freeze_run_named(db, self.freeze_run)
        run.finish(outcome, moment(db), db.event_seq)
        run.deviation, run.lowest_centi_c = self.deviation, self.lowest_centi_c
        run.curve_name, run.curve_sha256 = self.curve_name, self.curve_sha256
        bank = work.required(db.get(Bank, run.bank_id), self.freeze_run)
        if outcome is not FreezeOutcome.FAILED:
            bank.frozen()
        if outcome is FreezeOutcome.GOOD:
            return
        reason = f"{run.code}: {self.deviation}"
        hold = None
        if outcome is FreezeOutcome.FAILED:
            hold = place_hold(db, run.organisation_id, HoldKind.EXCEPTION, reason, freeze_run_id=run.id)
        note_exception(
            db, run.organisation_id, ExceptionKind.RUN_DEVIATION, reason, bank_id=run.bank_id, hold=hold
        )


def _freeze(db: Writing, run: FreezeRun, keys: list[UUID]) -> None:
    day, precision = day_of(db)
    frozen = db.execute(
        sa.update(Vial)
        .where(Vial.id.in_(keys), Vial.state == VialState.FILLED)
        .values(
            state=VialState.FREEZING,
            freeze_run_id=run.id,
            frozen_on=day,
            frozen_precision=precision,
            version=Vial.version + 1,
        ),
        execution_options=IN_BULK,
    )
    # Where somebody moved or froze one of them in the meantime, nothing of this run is written.
    if frozen.rowcount != len(keys):  # type: ignore[attr-defined]
        raise Conflict(work.STALE)


def _note_calibration(db: Writing, bank: Bank, device: Equipment) -> None:
    """Freezing in a device whose calibration is overdue is a fact that quality looks at."""
    due = device.calibration_due_on
    if due is not None and due < day_of(db)[0]:
        note_exception(
            db,
            bank.organisation_id,
            ExceptionKind.EXPIRED_CALIBRATION,
            f"{device.code}: {due}",
            bank_id=bank.id,
        )
