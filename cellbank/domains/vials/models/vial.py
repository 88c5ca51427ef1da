"""The vial itself, its printed codes and its owners."""

from __future__ import annotations

import enum
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cellbank.core.errors import Message, Refused
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


class VialState(enum.StrEnum):
    """Where a vial is in its life. Missing is under investigation, apart from gone and written off."""

    PLANNED = "planned"
    FILLED = "filled"
    FREEZING = "freezing"
    STORED = "stored"
    OUT = "out"
    IN_TRANSIT = "in_transit"
    MISSING = "missing"
    GONE = "gone"


class Disposition(enum.StrEnum):
    """How a vial ended."""

    THAWED = "thawed"
    ISSUED = "issued"
    DESTROYED = "destroyed"
    NOT_FILLED = "not_filled"
    WRITTEN_OFF = "written_off"


class Presentation(enum.StrEnum):
    """What the cells are frozen in."""

    VIAL_0_5_ML = "vial_0_5_ml"
    VIAL_1_ML = "vial_1_ml"
    VIAL_2_ML = "vial_2_ml"
    VIAL_5_ML = "vial_5_ml"
    STRAW = "straw"
    CRYOBAG = "cryobag"


class Allocation(enum.StrEnum):
    """What a vial is kept for."""

    STOCK = "stock"
    QC = "qc"
    RETENTION = "retention"
    SAFETY_RESERVE = "safety_reserve"
    STABILITY = "stability"


class Seen(enum.StrEnum):
    """How a vial was last recognised; from "place" on, its code was not read."""

    CODE = "code"
    RACK_READER = "rack_reader"
    PHOTOGRAPH = "photograph"
    TYPED = "typed"
    PLACE = "place"
    COUNTED = "counted"


class Vial(OrganisationOwned, Recorded):
    """One frozen vial, straw or bag. Its organisation is its owner now."""

    __tablename__ = "vial"
    __table_args__ = (
        sa.UniqueConstraint("name", name="uq_vial_name"),
        sa.UniqueConstraint("bank_id", "number", name="uq_vial_number"),
        sa.CheckConstraint("(state = 'gone') = (disposition IS NOT NULL)", name="gone_has_disposition"),
        sa.CheckConstraint("number > 0", name="number_from_one"),
        sa.Index("ix_vial_bank_state", "bank_id", "state", "allocation"),
        sa.Index("ix_vial_fill_lot_id", "fill_lot_id", "number"),
        sa.Index(
            "ix_vial_out",
            "out_container_id",
            sqlite_where=sa.text("out_container_id IS NOT NULL"),
            postgresql_where=sa.text("out_container_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_vial_missing",
            "name",
            sqlite_where=sa.text("state = 'missing'"),
            postgresql_where=sa.text("state = 'missing'"),
        ),
    )

    # Plain keys: a company may own vials of another organisation's bank, so owners may differ along these.
    bank_id: Mapped[UUID] = mapped_column(refers_to("bank"))
    fill_lot_id: Mapped[UUID | None] = mapped_column(
        refers_to("fill_lot"), default=None
    )  # none: received, legacy
    freeze_run_id: Mapped[UUID | None] = mapped_column(refers_to("freeze_run"), index=True, default=None)
    segment_of_id: Mapped[UUID | None] = mapped_column(refers_to("vial"), default=None)  # a cryobag's segment

    name: Mapped[str]  # lot and number as printed, MCB-0042-017; never changes
    number: Mapped[int]  # from 1 in its bank; fixed once printed
    state: Mapped[VialState] = mapped_column(default=VialState.PLANNED)
    disposition: Mapped[Disposition | None] = mapped_column(default=None)
    presentation: Mapped[Presentation] = mapped_column(default=Presentation.VIAL_2_ML)
    allocation: Mapped[Allocation] = mapped_column(default=Allocation.STOCK)

    fill_position: Mapped[int | None] = mapped_column(default=None)  # the how-manieth filled, from 1
    volume_ul: Mapped[int | None] = mapped_column(default=None)
    cells: Mapped[int | None] = mapped_column(default=None)  # viable cells in it, a count
    viability_permille: Mapped[int | None] = mapped_column(default=None)  # before freezing
    filled_at: Mapped[datetime | None] = mapped_column(default=None)
    frozen_on: Mapped[date | None] = mapped_column(default=None)
    frozen_precision: Mapped[Precision] = mapped_column(default=Precision.DAY)
    passage_printed: Mapped[str | None] = mapped_column(
        default=None
    )  # the label's own words, if not the bank's

    # Out is a state: the open placement stays as the home, reserved until put back, gone or home_until.
    out_container_id: Mapped[UUID | None] = mapped_column(refers_to("container"), default=None)
    out_at: Mapped[datetime | None] = mapped_column(default=None)
    home_until: Mapped[datetime | None] = mapped_column(default=None)

    is_legacy: Mapped[bool] = mapped_column(default=False)  # from before this system
    is_verified: Mapped[bool] = mapped_column(default=True)  # false for legacy until first seen
    must_be_read: Mapped[bool] = mapped_column(default=False)  # last recognised by its place; code to be read
    last_seen_at: Mapped[datetime | None] = mapped_column(default=None)
    last_seen: Mapped[Seen | None] = mapped_column(default=None)
    depositor_wording: Mapped[str | None] = mapped_column(
        default=None
    )  # what stood on it or on its list, verbatim

    def refuse_unless_here(self) -> None:
        """A vial that is gone, missing, planned or on its way cannot be handled as if it were in its place."""
        if self.state is VialState.GONE and self.disposition is not None:
            how = HOW_GONE[self.disposition]
            raise Refused(
                "{vial} is gone: {how}. It cannot be handled any more", vial=self.name, how=how, about=[self]
            )
        if self.state in CANNOT_BE_HANDLED:
            raise Refused(CANNOT_BE_HANDLED[self.state].id, vial=self.name, about=[self])

    def refuse_if_out(self) -> None:
        """A vial that is out is put back, not moved or taken again."""
        if self.state is VialState.OUT:
            raise Refused("{vial} is out: put it back first", vial=self.name, about=[self])

    def seen(self, how: Seen, at: datetime) -> None:
        """It was recognised: a code that was read settles what its place had stood for."""
        self.last_seen, self.last_seen_at = how, at
        self.must_be_read = how is Seen.PLACE
        self.is_verified = True

    def leave_for(self, container_id: UUID | None, at: datetime) -> None:
        """It left its slot, which stays reserved for it."""
        self.state = VialState.OUT
        self.out_container_id, self.out_at = container_id, at

    def come_home(self) -> None:
        """It is in its slot again."""
        self.state = VialState.STORED
        self.out_container_id = self.out_at = self.home_until = None

    def end_as(self, disposition: Disposition) -> None:
        """It is gone for good."""
        self.state, self.disposition = VialState.GONE, disposition
        self.out_container_id = self.out_at = self.home_until = None


HOW_GONE = {
    Disposition.THAWED: Message("thawed"),
    Disposition.ISSUED: Message("issued"),
    Disposition.DESTROYED: Message("destroyed"),
    Disposition.NOT_FILLED: Message("not filled"),
    Disposition.WRITTEN_OFF: Message("written off"),
}

CANNOT_BE_HANDLED = {
    VialState.PLANNED: Message("{vial} is only planned: it was not filled yet"),
    VialState.IN_TRANSIT: Message("{vial} is on its way: receive it first"),
    VialState.MISSING: Message("{vial} is marked missing: say first that it was found"),
}


class LabelCodeKind(enum.StrEnum):
    """Whose code it is: printed here, on a pre-coded tube, or from another bank."""

    OWN = "own"
    PRECODED = "precoded"
    FOREIGN = "foreign"


class LabelCode(OrganisationOwned, Recorded):
    """One code on one label; a void one still resolves, so that a scan can say "this label is void"."""

    __tablename__ = "label_code"
    __table_args__ = (
        same_organisation("vial_id", "vial"),
        # Another bank's barcodes may collide; ours and those of pre-coded tubes never do.
        unique_while("kind <> 'foreign'", "uq_label_code_code", "code"),
        sa.Index("ix_label_code_code", "code"),
        sa.Index("ix_label_code_vial_id", "vial_id"),
    )
    SUBJECTS = ("vial_id",)

    vial_id: Mapped[UUID]
    code: Mapped[str]  # upper case, without separators
    kind: Mapped[LabelCodeKind] = mapped_column(default=LabelCodeKind.OWN)
    is_cap: Mapped[bool] = mapped_column(default=False)
    given_by: Mapped[int] = mapped_column(by_event())
    voided_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    void_reason: Mapped[str | None] = mapped_column(default=None)


class VialOwnership(OrganisationOwned, Annullable, Recorded):
    """Who owned a vial from which day; the open row is the owner now. Its organisation is that owner."""

    __tablename__ = "vial_ownership"
    __table_args__ = (
        unique_while("effective_until IS NULL AND annulled_by IS NULL", "uq_vial_ownership_open", "vial_id"),
        sa.Index("ix_vial_ownership_vial_id", "vial_id", "effective_from"),
    )
    SUBJECTS = ("vial_id",)

    # A plain key: an earlier owner's row keeps its owner when the vial has another one.
    vial_id: Mapped[UUID] = mapped_column(refers_to("vial"))
    effective_from: Mapped[date]
    effective_until: Mapped[date | None] = mapped_column(default=None)
    transfer_document: Mapped[str | None] = mapped_column(default=None)
    giver_agreed_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    taker_agreed_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    taker_sees_history: Mapped[bool] = mapped_column(default=True)  # what came before the transfer
    giver_sees_future: Mapped[bool] = mapped_column(default=False)  # what comes after it
