"""What can be done with instruments: name one, record a calibration, keep a cooling programme."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

import sqlalchemy as sa
from pydantic import Field

from cellbank.core import ids, work
from cellbank.core.command import Command
from cellbank.core.errors import Invalid
from cellbank.core.work import Writing
from cellbank.domains.equipment.finding import equipment_called
from cellbank.domains.equipment.models import Calibration, Equipment, EquipmentKind, Programme

work.explain("uq_equipment_code", "Another instrument already has this code.")
work.explain("uq_programme_edition", "This programme was just changed by somebody else: look at it again.")


class AddEquipment(Command):
    """Add an instrument that touches the cells or keeps them."""

    records: ClassVar[str] = "equipment.added"
    permission: ClassVar[str] = "equipment.manage"
    label: ClassVar[str] = "Add an instrument"

    kind: EquipmentKind = Field(title="Kind")
    name: str = Field(title="Name", min_length=1, max_length=200)
    name_fa: str | None = Field(default=None, title="Name in Persian", max_length=200)
    code: str | None = Field(
        default=None,
        title="Code",
        description="Of the label it carries; empty: a new one.",
        max_length=40,
        json_schema_extra={"kind": "code"},
    )
    maker: str | None = Field(default=None, title="Maker", max_length=120)
    model: str | None = Field(default=None, title="Model", max_length=120)
    serial_number: str | None = Field(default=None, title="Serial number", max_length=120)
    place: str | None = Field(default=None, title="Where it stands", max_length=200)
    calibration_due_on: date | None = Field(
        default=None, title="Calibration due on", description="Empty where it needs none."
    )

    def run(self, db: Writing) -> None:
        """Write it, with a code for its label."""
        values = self.model_dump() | {
            "code": self.code or ids.new_code(db.setting.bank_letter, ids.Kind.EQUIPMENT)
        }
        db.add(Equipment(**values))


class RecordCalibration(Command):
    """Record that an instrument was calibrated, whether it passed, and when it is due again."""

    records: ClassVar[str] = "equipment.calibrated"
    permission: ClassVar[str] = "equipment.manage"
    label: ClassVar[str] = "Record a calibration"

    equipment: str = Field(title="Instrument", min_length=1, max_length=40)
    done_on: date = Field(title="Done on")
    due_on: date = Field(title="Due again on")
    has_passed: bool = Field(default=False, title="It passed")
    laboratory: str | None = Field(default=None, title="Laboratory", max_length=200)
    certificate_number: str | None = Field(default=None, title="Certificate number", max_length=120)

    def run(self, db: Writing) -> None:
        """Add the row; the newest passed one says when the next is due."""
        if self.due_on <= self.done_on:
            raise Invalid("It cannot be due again on or before {day}.", field="due_on", day=self.done_on)
        if self.done_on > db.recorded_at.date():
            raise Invalid("It cannot have been done in the future: {day}", field="done_on", day=self.done_on)
        found = equipment_called(db, self.equipment)
        newer = sa.select(Calibration.id).where(
            Calibration.equipment_id == found.id,
            Calibration.done_on > self.done_on,
            Calibration.has_passed,
            Calibration.annulled_by.is_(None),
        )
        if self.has_passed and db.scalar(newer.limit(1)) is None:
            found.calibration_due_on = self.due_on
        db.add(
            Calibration(
                equipment_id=found.id,
                done_on=self.done_on,
                due_on=self.due_on,
                has_passed=self.has_passed,
                laboratory=self.laboratory,
                certificate_number=self.certificate_number,
            )
        )


class AddProgramme(Command):
    """Add a cooling programme; a changed curve under the same name is its next edition."""

    records: ClassVar[str] = "equipment.programme_added"
    permission: ClassVar[str] = "equipment.manage"
    label: ClassVar[str] = "Add a cooling programme"

    name: str = Field(title="Name", min_length=1, max_length=120)
    rate_c_per_minute: Decimal | None = Field(
        default=None, title="Rate", description="In °C a minute; cooling is negative: −1.", ge=-200, le=200
    )
    end_c: Decimal | None = Field(default=None, title="Ends at", description="In °C.", ge=-200, le=50)
    steps: str | None = Field(
        default=None,
        title="Steps",
        description="The curve in words, as the device prints it.",
        max_length=4000,
        json_schema_extra={"kind": "multiline"},
    )

    def run(self, db: Writing) -> None:
        """Write the next edition; older ones are no longer offered."""
        older = list(db.scalars(sa.select(Programme).where(Programme.name == self.name)))
        for one in older:
            if not one.is_retired:
                one.is_retired = True
        db.add(
            Programme(
                name=self.name,
                edition=1 + max((one.edition for one in older), default=0),
                rate_centi_c_per_minute=_hundredths(self.rate_c_per_minute, "rate_c_per_minute"),
                steps=self.steps,
                end_centi_c=_hundredths(self.end_c, "end_c"),
            )
        )


def _hundredths(value: Decimal | None, field: str) -> int | None:
    """Whole hundredths of a degree. :raises Invalid: finer than that."""
    if value is None:
        return None
    if value * 100 % 1:
        raise Invalid("{value} is finer than a hundredth of a degree.", field=field, value=str(value))
    return int(value * 100)
