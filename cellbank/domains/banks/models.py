"""Tables of banks, fill lots and freeze runs."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cellbank.core.errors import Refused
from cellbank.core.model import (
    Annullable,
    OrganisationOwned,
    Precision,
    Recorded,
    by_event,
    refers_to,
    same_organisation,
    unique_while,
)
from cellbank.domains.lines.models import PassageRule


class Tier(enum.StrEnum):
    """How far a bank is from the seed; a bank comes from the same tier's cultures or a higher tier's vial."""

    SEED = "seed"
    MASTER = "master"
    WORKING = "working"
    END_OF_PRODUCTION = "end_of_production"
    DISTRIBUTION = "distribution"
    UNKNOWN = "unknown"


class Grade(enum.StrEnum):
    """Under which rules a bank was made."""

    RESEARCH = "research"
    GMP = "gmp"


class BankState(enum.StrEnum):
    """How far the making of a bank is; whether it may be used is asked of releases and holds."""

    PLANNED = "planned"
    FILLING = "filling"
    FROZEN = "frozen"
    CLOSED = "closed"


class PutBackRule(enum.StrEnum):
    """Whether a vial that was taken out may be put back. A thawed vial never."""

    NEVER = "never"
    WITHIN_LIMIT = "within_limit"
    RETURNED_HOLD = "returned_hold"


class RequiredStatement(enum.StrEnum):
    """The sentence a label must carry."""

    NONE = "none"
    RESEARCH_ONLY = "research_only"
    AUTOLOGOUS = "autologous"
    BIOHAZARD = "biohazard"
    NOT_EVALUATED = "not_evaluated"


class Bank(OrganisationOwned, Annullable, Recorded):
    """One lot of one line at one tier; its organisation is the owner it was made for."""

    __tablename__ = "bank"
    __table_args__ = (
        sa.UniqueConstraint("code", name="uq_bank_code"),
        sa.CheckConstraint("floor_stock >= 0", name="floor_stock_not_negative"),
    )
    SUBJECTS = ("id", "line_id")

    # A plain key: a bank may be made for an owner who is not the line's custodian.
    line_id: Mapped[UUID] = mapped_column(refers_to("line"), index=True)
    code: Mapped[str]  # the lot number: MCB-0042
    tier: Mapped[Tier]
    grade: Mapped[Grade] = mapped_column(default=Grade.RESEARCH)
    state: Mapped[BankState] = mapped_column(default=BankState.PLANNED)
    title: Mapped[str | None] = mapped_column(default=None)
    made_on: Mapped[date | None] = mapped_column(default=None)
    made_precision: Mapped[Precision] = mapped_column(default=Precision.DAY)
    expires_on: Mapped[date | None] = mapped_column(default=None)
    retest_on: Mapped[date | None] = mapped_column(default=None)

    passage: Mapped[int | None] = mapped_column(default=None)  # at harvest; none: unknown
    passages_after_thaw: Mapped[int | None] = mapped_column(default=None)
    cpd_milli: Mapped[int | None] = mapped_column(default=None)  # at harvest, in thousandths; none: unknown
    passage_printed: Mapped[str | None] = mapped_column(default=None)  # p12+3, as labels say it for ever
    passage_rule: Mapped[PassageRule] = mapped_column(default=PassageRule.NONE)  # the rule then in force
    depositor_wording: Mapped[str | None] = mapped_column(
        default=None
    )  # another bank's lot, passage, statements
    is_legacy: Mapped[bool] = mapped_column(default=False)  # from before this system
    is_received: Mapped[bool] = mapped_column(default=False)  # made elsewhere

    put_back: Mapped[PutBackRule] = mapped_column(default=PutBackRule.WITHIN_LIMIT)
    exposure_limit_s: Mapped[int | None] = mapped_column(default=None)  # one event, seconds
    exposures_max: Mapped[int | None] = mapped_column(default=None)  # events in a vial's life
    minus_80_max_minutes: Mapped[int | None] = mapped_column(
        default=None
    )  # how long at −80 °C before nitrogen
    needs_read_back: Mapped[bool] = mapped_column(default=False)  # a second person reads picked vials back
    needs_request: Mapped[bool] = mapped_column(default=False)  # picking needs an approved request
    floor_stock: Mapped[int] = mapped_column(default=0)  # the last n vials need a manager
    statement: Mapped[RequiredStatement] = mapped_column(default=RequiredStatement.RESEARCH_ONLY)
    planned_tests: Mapped[str | None] = mapped_column(default=None)
    specification: Mapped[str | None] = mapped_column(default=None)  # code and version
    thaw_advice: Mapped[str | None] = mapped_column(default=None)  # "1 vial into 1 well of a 6-well plate"

    def refuse_if_closed(self) -> None:
        """Nothing more is made of a closed bank."""
        if self.state is BankState.CLOSED:
            raise Refused(
                "{bank} is closed: nothing more can be filled or frozen into it", bank=self.code, about=[self]
            )

    def filling_begins(self) -> None:
        """The first of its fillings turns a plan into a bank in the making."""
        if self.state is BankState.PLANNED:
            self.state = BankState.FILLING

    def frozen(self) -> None:
        """At least one of its freeze runs gave vials."""
        if self.state in (BankState.PLANNED, BankState.FILLING):
            self.state = BankState.FROZEN


class BankCulture(OrganisationOwned, Annullable, Recorded):
    """A culture that was harvested into a bank; several are a pool."""

    __tablename__ = "bank_culture"
    __table_args__ = (
        same_organisation("bank_id", "bank"),
        unique_while("annulled_by IS NULL", "uq_bank_culture_pair", "bank_id", "culture_id"),
    )
    SUBJECTS = ("bank_id", "culture_id")

    bank_id: Mapped[UUID]
    # A plain key: the custodian's culture may be banked for another owner.
    culture_id: Mapped[UUID] = mapped_column(refers_to("culture"), index=True)
    cells: Mapped[int | None] = mapped_column(default=None)  # harvested into the bank, a count
    viability_permille: Mapped[int | None] = mapped_column(default=None)


class FillLotState(enum.StrEnum):
    """How far a filling is."""

    PLANNED = "planned"
    FILLING = "filling"
    FILLED = "filled"
    CANCELLED = "cancelled"


class FillLot(OrganisationOwned, Annullable, Recorded):
    """One filling of a bank, planned for so many vials."""

    __tablename__ = "fill_lot"
    __table_args__ = (
        same_organisation("bank_id", "bank"),
        sa.UniqueConstraint("bank_id", "number", name="uq_fill_lot_number"),
        sa.UniqueConstraint("code", name="uq_fill_lot_code"),
        sa.CheckConstraint("planned > 0", name="planned_some"),
        sa.CheckConstraint("counted >= 0", name="counted_not_negative"),
    )
    SUBJECTS = ("id", "bank_id")

    bank_id: Mapped[UUID]
    code: Mapped[str]  # MCB-0042-F1
    number: Mapped[int]  # from 1 in its bank
    state: Mapped[FillLotState] = mapped_column(default=FillLotState.PLANNED)
    planned: Mapped[int]  # vials
    counted: Mapped[int | None] = mapped_column(default=None)  # tubes counted by hand at the end
    last_place: Mapped[str | None] = mapped_column(
        default=None
    )  # as the person read it: finds a shift by one
    volume_ul: Mapped[int | None] = mapped_column(default=None)  # in each vial
    cells: Mapped[int | None] = mapped_column(default=None)  # viable cells in each vial, a count
    viability_permille: Mapped[int | None] = mapped_column(default=None)
    cryoprotectant: Mapped[str | None] = mapped_column(default=None)  # "10 % DMSO in 90 % FBS"
    cryoprotectant_added_at: Mapped[datetime | None] = mapped_column(default=None)
    fill_container_id: Mapped[UUID | None] = mapped_column(
        refers_to("container"), default=None
    )  # the rack filled
    hood_id: Mapped[UUID | None] = mapped_column(refers_to("equipment"), default=None)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    note: Mapped[str | None] = mapped_column(default=None)

    def start(self, at: datetime) -> None:
        """Filling begins."""
        if self.state is not FillLotState.PLANNED:
            raise Refused("Filling of {lot} was already started or cancelled", lot=self.code, about=[self])
        self.state, self.started_at = FillLotState.FILLING, at

    def refuse_if_over(self) -> None:
        """A filling is finished or cancelled once."""
        if self.state in (FillLotState.FILLED, FillLotState.CANCELLED):
            raise Refused("Filling of {lot} is already finished or cancelled", lot=self.code, about=[self])

    def finish(self, counted: int, at: datetime, event_seq: int) -> None:
        """So many tubes were counted at the end."""
        self.refuse_if_over()
        self.state, self.counted = FillLotState.FILLED, counted
        self.ended_at, self.ended_by = at, event_seq


class FillLotMaterial(OrganisationOwned, Annullable, Recorded):
    """A material lot used in a filling: cryoprotectant, serum, tubes."""

    __tablename__ = "fill_lot_material"
    __table_args__ = (same_organisation("fill_lot_id", "fill_lot"),)
    SUBJECTS = ("fill_lot_id", "material_lot_id")

    fill_lot_id: Mapped[UUID] = mapped_column(index=True)
    material_lot_id: Mapped[UUID] = mapped_column(refers_to("material_lot"), index=True)
    used_for: Mapped[str | None] = mapped_column(default=None)


class FreezeOutcome(enum.StrEnum):
    """How a freeze run ended."""

    RUNNING = "running"
    GOOD = "good"
    DEVIATED = "deviated"
    FAILED = "failed"


class FreezeRun(OrganisationOwned, Annullable, Recorded):
    """One run of a controlled-rate freezer, or one isopropanol box at −80 °C."""

    __tablename__ = "freeze_run"
    __table_args__ = (
        sa.UniqueConstraint("code", name="uq_freeze_run_code"),
        same_organisation("bank_id", "bank"),
    )
    SUBJECTS = ("id", "bank_id")

    code: Mapped[str]  # FRZ-0019
    bank_id: Mapped[UUID] = mapped_column(index=True)
    device_id: Mapped[UUID | None] = mapped_column(refers_to("equipment"), index=True, default=None)
    container_id: Mapped[UUID | None] = mapped_column(
        refers_to("container"), default=None
    )  # chamber, isopropanol box
    programme_id: Mapped[UUID | None] = mapped_column(refers_to("programme"), default=None)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    outcome: Mapped[FreezeOutcome] = mapped_column(default=FreezeOutcome.RUNNING)
    deviation: Mapped[str | None] = mapped_column(default=None)
    lowest_centi_c: Mapped[int | None] = mapped_column(default=None)
    curve_name: Mapped[str | None] = mapped_column(default=None)  # file name
    curve_sha256: Mapped[str | None] = mapped_column(default=None)
    ended_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    note: Mapped[str | None] = mapped_column(default=None)

    def finish(self, outcome: FreezeOutcome, at: datetime, event_seq: int) -> None:
        """The run is over; it ends once."""
        if self.outcome is not FreezeOutcome.RUNNING:
            raise Refused("Freeze run {run} is already finished", run=self.code, about=[self])
        if at < self.started_at:
            raise Refused("Freeze run {run} cannot end before it started", run=self.code, about=[self])
        self.outcome, self.ended_at, self.ended_by = outcome, at, event_seq


class FreezeRunFillLot(OrganisationOwned, Annullable, Recorded):
    """A fill lot, or part of it, that went into a freeze run; which vials did is said by each vial."""

    __tablename__ = "freeze_run_fill_lot"
    __table_args__ = (
        same_organisation("freeze_run_id", "freeze_run"),
        same_organisation("fill_lot_id", "fill_lot"),
        unique_while("annulled_by IS NULL", "uq_freeze_run_fill_lot_pair", "freeze_run_id", "fill_lot_id"),
    )
    SUBJECTS = ("freeze_run_id", "fill_lot_id")

    freeze_run_id: Mapped[UUID]
    fill_lot_id: Mapped[UUID] = mapped_column(index=True)


class FreezeRunMaterial(OrganisationOwned, Annullable, Recorded):
    """A material lot used in a freeze run: isopropanol, nitrogen."""

    __tablename__ = "freeze_run_material"
    __table_args__ = (same_organisation("freeze_run_id", "freeze_run"),)
    SUBJECTS = ("freeze_run_id", "material_lot_id")

    freeze_run_id: Mapped[UUID] = mapped_column(index=True)
    material_lot_id: Mapped[UUID] = mapped_column(refers_to("material_lot"), index=True)
