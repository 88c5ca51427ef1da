"""Cultures are passaged: split, pooled, or both."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, model_validator

from cellbank.core import work
from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Refused
from cellbank.core.work import Writing
from cellbank.domains.donors import finding as donors
from cellbank.domains.lines import ageing, doublings, finding, passage
from cellbank.domains.lines.commands.beginning import (
    Begun,
    passage_columns,
    refuse_closed,
    refuse_past_limit,
    remember_culture,
)
from cellbank.domains.lines.models import Culture, CultureParent, CultureState, Line, LineParent, SplitMethod
from cellbank.toolkit.i18n.bidi import Code
from cellbank.toolkit.i18n.digits import to_latin
from cellbank.toolkit.i18n.quantities import permille

work.explain("uq_culture_parent_pair", "This culture is already known to come from that one.")

MOST_AT_ONCE = 24


class Parent(BaseModel):
    """A culture that goes into a new one, and how many cells of it; a text is read as "CUL-0107 1500000"."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    culture: str = Field(title="Culture", min_length=1, max_length=40)
    cells: int | None = Field(default=None, title="Cells", ge=1, le=10**15)

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        code, _, cells = to_latin(value).strip().partition(" ")
        amount = cells.replace(" ", "").replace(",", "")
        if amount and not amount.isdigit():
            raise Invalid(
                "“{value}”: write the culture, then how many cells.", field="parents", value=Code(value)
            )
        return {"culture": code, "cells": int(amount) if amount else None}


class Harvest(Command):
    """What is passaged, and what was found at its harvest; asked before how the new cultures begin."""

    permission: ClassVar[str] = "lines.culture"

    parents: tuple[Parent, ...] = Field(
        title="From cultures",
        description="One a line; behind it, if known, how many of its cells. Several make a pool.",
        min_length=1,
        max_length=20,
        json_schema_extra={"kind": "codes"},
    )
    into: int = Field(default=1, title="Number of new cultures", ge=1, le=MOST_AT_ONCE)
    line: str | None = Field(
        default=None,
        title="New line",
        description="Only where a clone or changed line begins here.",
        max_length=80,
    )
    harvested_cells: int | None = Field(
        default=None, title="Cells harvested", description="Of the old culture, all of them.", ge=1, le=10**15
    )
    harvested_viability: Decimal | None = Field(
        default=None, title="Viability when harvested", description="In percent: 94.2.", ge=0, le=100
    )
    split_method: SplitMethod | None = Field(default=None, title="Taken off with")
    split_ratio: str | None = Field(default=None, title="Split", description="1:3", max_length=20)
    confluence_percent: int | None = Field(default=None, title="Confluence, in percent", ge=0, le=100)


class PassageCulture(Begun, Harvest):
    """Passage cultures: split one, pool several, or both; the passage number rises by one."""

    records: ClassVar[str] = "cultures.passaged"
    label: ClassVar[str] = "Passage"

    goes_on: bool = Field(default=False, title="The old culture goes on growing")
    has_happened: bool = Field(
        default=False,
        title="It has already been done",
        description="What has been done is recorded even past a limit, and quality looks at it.",
    )

    def run(self, db: Writing) -> None:
        """Harvest the parents, and write the new cultures with their age."""
        parents = finding.cultures_called(db, [one.culture for one in self.parents])
        if len(parents) < len(self.parents):
            raise Invalid("The same culture is named twice.", field="parents")
        line = self._line(db, parents)
        self._refuse_ended(parents)
        self._harvest(db, parents)
        age = passage.of_pool([passage.of_row(p.passage, p.passages_after_thaw) for p in parents])
        known = age.after_split() if age else None
        cpd, mean = doublings.of_pool([parent.cpd_milli for parent in parents])
        if not self.has_happened:
            refuse_past_limit(line, known, cpd, parents)
        cultures = [
            Culture(
                organisation_id=parents[0].organisation_id,
                line_id=line.id,
                code=donors.free_number(db, "CUL", Culture.code),
                cpd_at_start_milli=cpd,
                cpd_milli=cpd,
                cpd_mean_milli=mean if len(parents) > 1 else None,
                **passage_columns(known),
                **self.begun(db),
            )
            for _ in range(self.into)
        ]
        db.add_all(cultures)
        db.flush()
        self._link(db, cultures, parents)
        self.put_into_vessels(db, cultures)
        for culture in cultures:
            remember_culture(db, culture)

    def _line(self, db: Writing, parents: list[Culture]) -> Line:
        """The line of the new cultures: the parents' own, or one that comes from it."""
        lines = finding.lines_of(db, parents)
        if len({parent.organisation_id for parent in parents}) > 1:
            raise Refused("Cultures of different organisations are not pooled.", about=parents)
        if not self.line:
            if len(lines) > 1:
                raise Refused(
                    "These are cultures of different lines: a pool of them is a new line, so name it.",
                    about=parents,
                )
            line = next(iter(lines.values()))
        else:
            line = finding.line_called(db, self.line)
            above = db.scalars(
                sa.select(LineParent.parent_line_id).where(
                    LineParent.line_id == line.id, LineParent.annulled_by.is_(None)
                )
            )
            strange = set(lines) - {line.id, *above}
            if strange:
                raise Refused(
                    "{line} does not come from {other}: add the parent line first.",
                    line=line.name,
                    other=lines[strange.pop()].name,
                    about=[line],
                )
        if not self.has_happened:
            refuse_closed(line)
        return line

    def _refuse_ended(self, parents: list[Culture]) -> None:
        for parent in parents:
            is_gone = parent.state in (CultureState.DISCARDED, CultureState.CONTAMINATED)
            if is_gone and not self.has_happened:
                raise Refused(
                    "{culture} is no longer grown: it was discarded or contaminated.",
                    culture=parent.code,
                    about=[parent],
                )

    def _harvest(self, db: Writing, parents: list[Culture]) -> None:
        if self.harvested_cells is not None and len(parents) > 1:
            raise Invalid("Record the harvest of each culture of a pool first.", field="harvested_cells")
        if self.harvested_viability is not None and self.harvested_cells is None:
            raise Invalid("A viability needs its count.", field="harvested_cells")
        for parent in parents:
            if self.split_method is not None:
                parent.split_method = self.split_method
            parent.split_ratio = self.split_ratio or parent.split_ratio
            if self.confluence_percent is not None:
                parent.confluence_percent = self.confluence_percent
            if self.harvested_cells is not None:
                parent.harvested_cells = self.harvested_cells
                parent.harvested_viability_permille = permille(
                    self.harvested_viability, "harvested_viability"
                )
            if parent.state is CultureState.GROWING and not self.goes_on:
                parent.state = CultureState.HARVESTED
                parent.harvested_at, parent.harvested_by = db.occurred_at or db.recorded_at, db.event_seq
                parent.ended_at = parent.harvested_at
            ageing.recount(parent)

    def _link(self, db: Writing, cultures: list[Culture], parents: list[Culture]) -> None:
        cells = {one.culture: one.cells for one in self.parents}
        for culture in cultures:
            for parent in parents:
                db.add(
                    CultureParent(
                        organisation_id=culture.organisation_id,
                        culture_id=culture.id,
                        parent_culture_id=parent.id,
                        cells=cells[parent.code],
                    )
                )


class AddCultureParent(Command):
    """Say that a culture came from another one, which was not recorded when it began."""

    records: ClassVar[str] = "cultures.parent_added"
    permission: ClassVar[str] = "lines.culture"
    label: ClassVar[str] = "Add a parent culture"
    needs_reason: ClassVar[bool] = True

    culture: str = Field(title="Culture", min_length=1, max_length=40)
    parent: Parent = Field(title="Came from", json_schema_extra={"kind": "code"})

    def run(self, db: Writing) -> None:
        """Link them; no culture comes from itself, at any distance."""
        pair = finding.cultures_called(db, [self.culture, self.parent.culture])
        child, parent = pair[0], pair[-1]
        finding.refuse_culture_circle(db, child, [parent])
        db.add(
            CultureParent(
                organisation_id=child.organisation_id,
                culture_id=child.id,
                parent_culture_id=parent.id,
                cells=self.parent.cells,
            )
        )
