"""Tables of instruments, their calibrations and their programmes."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cellbank.core.choices import Worded
from cellbank.core.errors import Message
from cellbank.core.model import Annullable, Recorded, refers_to


class EquipmentKind(Worded):
    """What an instrument is."""

    INCUBATOR = "incubator", Message("Incubator")
    HOOD = "hood", Message("Hood")
    FREEZER = "freezer", Message("Freezer")
    TANK = "tank", Message("Nitrogen tank")
    CONTROLLED_RATE_FREEZER = "controlled_rate_freezer", Message("Controlled rate freezer")
    ISOPROPANOL_BOX = "isopropanol_box", Message("Isopropanol box")
    DRY_SHIPPER = "dry_shipper", Message("Dry shipper")
    CENTRIFUGE = "centrifuge", Message("Centrifuge")
    CELL_COUNTER = "cell_counter", Message("Cell counter")
    WATER_BATH = "water_bath", Message("Water bath")
    DRY_THAWER = "dry_thawer", Message("Dry thawer")
    FILLER = "filler", Message("Filler")
    RACK_READER = "rack_reader", Message("Rack reader")
    SCANNER = "scanner", Message("Scanner")
    PRINTER = "printer", Message("Printer")
    PROBE = "probe", Message("Probe")
    OTHER = "other", Message("Other")


class Equipment(Recorded):
    """One instrument of the bank."""

    __tablename__ = "equipment"
    __table_args__ = (sa.UniqueConstraint("code", name="uq_equipment_code"),)

    code: Mapped[str]  # on its label
    kind: Mapped[EquipmentKind]
    name: Mapped[str]
    name_fa: Mapped[str | None] = mapped_column(default=None)
    maker: Mapped[str | None] = mapped_column(default=None)
    model: Mapped[str | None] = mapped_column(default=None)
    serial_number: Mapped[str | None] = mapped_column(default=None)
    place: Mapped[str | None] = mapped_column(default=None)  # in words; a freezer's room is its container's
    calibration_due_on: Mapped[date | None] = mapped_column(default=None)  # none: needs no calibration
    is_out_of_service: Mapped[bool] = mapped_column(default=False)
    is_retired: Mapped[bool] = mapped_column(default=False)


class Calibration(Annullable, Recorded):
    """One calibration of an instrument, good until a day."""

    __tablename__ = "calibration"
    SUBJECTS = ("equipment_id",)

    equipment_id: Mapped[UUID] = mapped_column(refers_to("equipment"), index=True)
    done_on: Mapped[date]
    due_on: Mapped[date]
    has_passed: Mapped[bool]
    laboratory: Mapped[str | None] = mapped_column(default=None)
    certificate_number: Mapped[str | None] = mapped_column(default=None)
    certificate_sha256: Mapped[str | None] = mapped_column(default=None)


class Programme(Recorded):
    """One version of a cooling curve."""

    __tablename__ = "programme"
    __table_args__ = (sa.UniqueConstraint("name", "edition", name="uq_programme_edition"),)

    name: Mapped[str]
    edition: Mapped[int] = mapped_column(default=1)  # the curve's own version; a new curve is a new edition
    rate_centi_c_per_minute: Mapped[int | None] = mapped_column(default=None)  # −1 °C a minute is −100
    steps: Mapped[str | None] = mapped_column(default=None)  # the curve in words, as the device prints it
    end_centi_c: Mapped[int | None] = mapped_column(default=None)  # temperature at which it ends
    is_retired: Mapped[bool] = mapped_column(default=False)
