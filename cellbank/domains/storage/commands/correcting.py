"""Containers are renamed, corrected and retired."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from cellbank.core.command import Command
from cellbank.core.errors import Message, Refused
from cellbank.core.work import Writing
from cellbank.domains.storage import queries
from cellbank.domains.storage.finding import make_findable
from cellbank.domains.storage.layout import (
    CountedFrom,
    FillOrder,
    LabelScheme,
    Layout,
)
from cellbank.domains.storage.models import (
    Arrangement,
    Condition,
    Container,
)


class RenameContainer(Command):
    """Give a container another name; its code and its history stay."""

    records: ClassVar[str] = "storage.container_renamed"
    permission: ClassVar[str] = "storage.manage"
    label: ClassVar[str] = "Rename"

    code: str = Field(title="Container")
    name: str = Field(title="Name", min_length=1, max_length=80)
    name_fa: str | None = Field(default=None, title="Name in Persian", max_length=80)

    def run(self, db: Writing) -> None:
        """One changed row."""
        container = queries.container_in_use(db, self.code)
        container.name, container.name_fa = self.name, self.name_fa
        make_findable(db, container)


class CorrectContainer(Command):
    """Correct what was recorded of a container: how its places lie and are labelled, its barcode."""

    records: ClassVar[str] = "storage.container_corrected"
    permission: ClassVar[str] = "storage.manage"
    label: ClassVar[str] = "Correct the layout"
    needs_reason: ClassVar[bool] = True

    code: str = Field(title="Container")
    arrangement: Arrangement = Field(title="How its places lie")
    rows: int | None = Field(default=None, title="Rows", ge=1, le=100)
    columns: int | None = Field(default=None, title="Columns", ge=1, le=100)
    capacity: int | None = Field(default=None, title="Levels, or how many it holds", ge=1, le=10_000)
    row_labels: LabelScheme = Field(default=LabelScheme.LETTERS, title="Rows are named by")
    column_labels: LabelScheme = Field(default=LabelScheme.NUMBERS, title="Columns are named by")
    fill_order: FillOrder = Field(default=FillOrder.ROW_FIRST, title="Filled")
    counted_from: CountedFrom = Field(default=CountedFrom.TOP, title="First row or level")
    fits_diameter_tenths_mm: int | None = Field(
        default=None,
        title="Widest vial, in tenths of a millimetre",
        description=Message("125 is 12.5 mm").id,
        ge=10,
        le=2000,
    )
    barcode: str | None = Field(default=None, title="Maker's barcode", max_length=60)

    def run(self, db: Writing) -> None:
        """One changed row, as long as everything in it keeps its place."""
        container = queries.container_in_use(db, self.code)
        before = container.layout
        after = Layout(
            self.arrangement,
            self.rows or 0,
            self.columns or 0,
            self.capacity,
            self.row_labels,
            self.column_labels,
            self.fill_order,
            self.counted_from,
        ).checked()
        inside = queries.inside_of(db, container)
        is_same_shape = (before.arrangement, before.rows, before.columns) == (
            after.arrangement,
            after.rows,
            after.columns,
        )
        is_longer_stack = before.arrangement is after.arrangement is Arrangement.STACK
        lost = [place for place in inside.closed if place not in after.places]
        if inside.count and (
            not (is_same_shape or is_longer_stack) or lost or inside.count > (after.size or inside.count)
        ):
            raise Refused(
                "{container} holds {count}: places in use cannot be redrawn. Empty it first.",
                container=container.name,
                count=inside.count,
                about=[container],
            )
        container.lie_as(after)
        container.fits_diameter_tenths_mm, container.barcode = self.fits_diameter_tenths_mm, self.barcode
        make_findable(db, container)


class SetCondition(Command):
    """Say how cold it is in a container, and how long things may stay there."""

    records: ClassVar[str] = "storage.condition_set"
    permission: ClassVar[str] = "storage.manage"
    label: ClassVar[str] = "Set cold and longest stay"
    needs_reason: ClassVar[bool] = True

    code: str = Field(title="Container")
    condition: Condition | None = Field(
        default=None, title="How cold", description=Message("Empty: as what it stands in").id
    )
    max_stay_minutes: int | None = Field(
        default=None,
        title="Longest stay, in minutes",
        description=Message("A timer runs for what lies there").id,
        ge=1,
        le=5_256_000,
    )

    def run(self, db: Writing) -> None:
        """One changed row."""
        container = queries.container_in_use(db, self.code)
        container.condition, container.max_stay_minutes = self.condition, self.max_stay_minutes


class RetireContainer(Command):
    """Take an empty container out of use for good; its code and its history stay."""

    records: ClassVar[str] = "storage.container_retired"
    permission: ClassVar[str] = "storage.manage"
    label: ClassVar[str] = "Retire"
    needs_reason: ClassVar[bool] = True

    code: str = Field(title="Container")

    def run(self, db: Writing) -> None:
        """One changed row, if nothing is in it."""
        container = queries.container_by_code(db, self.code)
        db.lock(Container, [container.id])
        container.retire(queries.inside_of(db, container))
        make_findable(db, container)
