"""Tables of label runs and the ledger of labels."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cellbank.core.model import OrganisationOwned, Recorded, by_event, refers_to, same_organisation


class OutputKind(enum.StrEnum):
    """What a run was printed through."""

    PDF = "pdf"
    ZPL = "zpl"
    PNG = "png"


class LabelRun(OrganisationOwned, Recorded):
    """One printing of labels, issued to a fill lot or made for boxes, racks and bags."""

    __tablename__ = "label_run"
    __table_args__ = (sa.UniqueConstraint("code", name="uq_label_run_code"),)
    SUBJECTS = ("id", "fill_lot_id", "bank_id")

    code: Mapped[str]  # LBL-0051
    # Plain keys: the run stays with whom it was printed for.
    bank_id: Mapped[UUID | None] = mapped_column(refers_to("bank"), index=True, default=None)
    fill_lot_id: Mapped[UUID | None] = mapped_column(refers_to("fill_lot"), index=True, default=None)
    stock: Mapped[str]  # the name of its file in labels/stocks
    stock_lot_id: Mapped[UUID | None] = mapped_column(refers_to("material_lot"), default=None)
    template: Mapped[str]
    template_version: Mapped[str]
    is_cryo_stock: Mapped[bool]  # otherwise each label says NOT FOR CRYO
    output: Mapped[OutputKind]
    printer_id: Mapped[UUID | None] = mapped_column(refers_to("equipment"), default=None)
    start_at: Mapped[int] = mapped_column(default=1)  # first label's place on the first sheet, from 1
    labels: Mapped[int]  # how many
    file_sha256: Mapped[str | None] = mapped_column(default=None)  # of the PDF, since it was first fetched
    downloads: Mapped[int] = mapped_column(
        default=0
    )  # how often the PDF was fetched; more than once is shown
    printed_by: Mapped[int] = mapped_column(by_event())
    first_read_back_at: Mapped[datetime | None] = mapped_column(default=None)
    last_read_back_at: Mapped[datetime | None] = mapped_column(default=None)
    read_back_by_id: Mapped[UUID | None] = mapped_column(
        refers_to("person"), default=None
    )  # the second person
    read_back_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    closed_by: Mapped[int | None] = mapped_column(by_event(), default=None)  # balance settled


class LabelPrintState(enum.StrEnum):
    """What became of one label."""

    PRINTED = "printed"
    USED = "used"
    SPOILED = "spoiled"
    VOID = "void"
    DESTROYED = "destroyed"


class LabelPrint(OrganisationOwned, Recorded):
    """One label in the ledger."""

    __tablename__ = "label_print"
    __table_args__ = (
        same_organisation("label_run_id", "label_run"),
        sa.UniqueConstraint("label_run_id", "position", name="uq_label_print_position"),
        sa.CheckConstraint("label_code_id IS NULL OR container_id IS NULL", name="one_thing"),
    )
    SUBJECTS = ("label_run_id", "vial_id", "container_id", "person_id")

    label_run_id: Mapped[UUID]
    position: Mapped[int]  # from 1 in its run
    # Plain keys: a sold vial's labels were printed for its first owner.
    label_code_id: Mapped[UUID | None] = mapped_column(refers_to("label_code"), index=True, default=None)
    vial_id: Mapped[UUID | None] = mapped_column(refers_to("vial"), index=True, default=None)
    container_id: Mapped[UUID | None] = mapped_column(refers_to("container"), index=True, default=None)
    person_id: Mapped[UUID | None] = mapped_column(
        refers_to("person"), index=True, default=None
    )  # of a badge
    wording: Mapped[str]  # what it says, one field a line: "lot_number: MCB-0042-017"
    state: Mapped[LabelPrintState] = mapped_column(default=LabelPrintState.PRINTED)
    settled_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    reprint_of_id: Mapped[UUID | None] = mapped_column(refers_to("label_print"), default=None)
    reason: Mapped[str | None] = mapped_column(default=None)  # for a reprint, a spoiled or a destroyed one

    @property
    def values(self) -> dict[str, str]:
        """What it says, by field, so that the same run can be drawn again."""
        return dict(line.split(": ", 1) for line in self.wording.split("\n") if ": " in line)

    @property
    def named(self) -> str:
        """What its code or, where it has none, its first field says."""
        return self.values.get("code") or next(iter(self.values.values()), "")


def wording_of(values: Mapping[str, str]) -> str:
    """The values of a label as one line of text a field; values hold no line breaks."""
    return "\n".join(f"{field}: {value}" for field, value in values.items())
