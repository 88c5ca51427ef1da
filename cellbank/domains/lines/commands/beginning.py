"""Cultures begin from a donation, or are recorded from papers; and what the beginnings of cultures share."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field

from cellbank.core import work
from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Refused
from cellbank.core.work import Writing
from cellbank.domains.donors import finding as donors
from cellbank.domains.equipment.finding import equipment_called
from cellbank.domains.lines import doublings, finding, passage
from cellbank.domains.lines.limits import Standing, standing
from cellbank.domains.lines.models import (
    Culture,
    CultureMaterial,
    CultureVessel,
    LimitingMeasure,
    Line,
    LineDonation,
    VesselKind,
)
from cellbank.domains.lines.passage import Passage
from cellbank.domains.materials.finding import lots_called
from cellbank.toolkit.i18n.bidi import Code
from cellbank.toolkit.i18n.quantities import permille

work.explain("uq_culture_code", "This number of a culture was just given: try again.")


class Begun(Command):
    """How a culture begins: in what, where, with how many cells."""

    permission: ClassVar[str] = "lines.culture"

    seeded_cells: int | None = Field(
        default=None, title="Cells seeded", description="All of them, living and dead.", ge=1, le=10**15
    )
    seeded_viability: Decimal | None = Field(
        default=None, title="Viability when seeded", description="In percent: 94.2.", ge=0, le=100
    )
    vessel: VesselKind | None = Field(default=None, title="Grows in")
    vessels: int = Field(default=1, title="Number of vessels", ge=1, le=1000)
    vessel_name: str | None = Field(default=None, title="Vessel", description="T75, 6-well …", max_length=80)
    incubator: str | None = Field(default=None, title="Incubator", max_length=40)
    hood: str | None = Field(default=None, title="Hood", max_length=40)
    materials: tuple[str, ...] = Field(
        default=(),
        title="Material lots used",
        description="Medium, serum, enzyme, matrix: one lot a line.",
        max_length=50,
        json_schema_extra={"kind": "codes"},
    )
    note: str | None = Field(
        default=None, title="Note", max_length=2000, json_schema_extra={"kind": "multiline"}
    )

    def begun(self, db: Writing) -> dict[str, Any]:
        """The columns these fields fill."""
        return {
            "started_at": db.occurred_at,
            "started_precision": db.event.occurred_precision,
            "incubator_id": equipment_called(db, self.incubator).id if self.incubator else None,
            "hood_id": equipment_called(db, self.hood).id if self.hood else None,
            "seeded_cells": self.seeded_cells,
            "seeded_viability_permille": permille(self.seeded_viability, "seeded_viability"),
            "note": self.note,
        }

    def put_into_vessels(self, db: Writing, cultures: Sequence[Culture]) -> None:
        """Write vessels and lots of each new culture."""
        lots = lots_called(db, self.materials)
        for culture in cultures:
            own: dict[str, Any] = {"organisation_id": culture.organisation_id, "culture_id": culture.id}
            if self.vessel is not None:
                db.add(CultureVessel(kind=self.vessel, name=self.vessel_name, vessels=self.vessels, **own))
            for lot in lots:
                db.add(CultureMaterial(material_lot_id=lot.id, **own))


class Known(Command):
    """What is known of a culture that no other one stands before; asked before how it begins."""

    permission: ClassVar[str] = "lines.culture"

    line: str = Field(title="Line", min_length=1, max_length=80)
    donation: str | None = Field(
        default=None, title="Donation", description="For the first culture from tissue.", max_length=40
    )
    passage: str | None = Field(
        default=None, title="Passage", description="p12 or p12+3; empty: not known.", max_length=12
    )
    passage_wording: str | None = Field(
        default=None,
        title="Passage in the depositor's own words",
        description="Verbatim, as on the paper or the vial.",
        max_length=200,
    )
    doublings: Decimal | None = Field(
        default=None,
        title="Population doublings so far",
        description="Empty: not known. Tissue begins at 0.",
        ge=0,
        le=10000,
    )


class StartCulture(Begun, Known):
    """Start a culture from a donation, or record one whose passage is known from papers or not at all."""

    records: ClassVar[str] = "cultures.started"
    label: ClassVar[str] = "Start a culture"

    def run(self, db: Writing) -> None:
        """Write the culture; what is unknown stays unknown."""
        line = finding.line_called(db, self.line)
        refuse_closed(line)
        known = _passage(self.passage)
        cpd = _thousandths(self.doublings)
        culture = Culture(
            organisation_id=line.organisation_id,
            line_id=line.id,
            donation_id=self._donation_id(db, line),
            code=donors.free_number(db, "CUL", Culture.code),
            passage_wording=self.passage_wording,
            cpd_at_start_milli=cpd,
            cpd_milli=cpd,
            **passage_columns(known),
            **self.begun(db),
        )
        db.add(culture)
        db.flush()
        self.put_into_vessels(db, [culture])
        remember_culture(db, culture)

    def _donation_id(self, db: Writing, line: Line) -> UUID | None:
        if not self.donation:
            return None
        donation = donors.donation_called(db, self.donation)
        linked = sa.select(LineDonation.id).where(
            LineDonation.line_id == line.id,
            LineDonation.donation_id == donation.id,
            LineDonation.annulled_by.is_(None),
        )
        if db.scalar(linked) is None:
            raise Refused(
                "{line} does not come from {donation}: correct the line first.",
                line=line.name,
                donation=donation.code,
                about=[line],
            )
        return donation.id


# ---- what the acts share ------------------------------------------------------------------------------------


def passage_columns(known: Passage | None) -> dict[str, Any]:
    """A passage as a row keeps it."""
    return {
        "passage": known.banked if known else None,
        "passages_after_thaw": known.after_thaw if known else None,
        "is_passage_unknown": known is None,
    }


def refuse_past_limit(
    line: Line, known: Passage | None, cpd_milli: int | None, about: Sequence[Culture]
) -> None:
    """An intention past the hard limit is refused. :raises Refused: it would be past it."""
    if standing(line, known, cpd_milli) is Standing.PAST_HARD:
        by_doublings = line.limiting_measure is LimitingMeasure.POPULATION_DOUBLINGS and cpd_milli is not None
        age = (
            f"cPD {(cpd_milli or 0) / doublings.THOUSANDTHS:.3f}"
            if by_doublings or known is None
            else known.text
        )
        raise Refused(
            "{line} would be past its limit at {passage}. Choose younger cells; if it has already been done, say so.",
            line=line.name,
            passage=Code(age),
            about=about,
        )


def refuse_closed(line: Line) -> None:
    """A closed line begins no culture. :raises Refused: it is closed."""
    if line.is_closed:
        raise Refused("{line} is closed: no new culture of it is begun.", line=line.name, about=[line])


def remember_culture(db: Writing, culture: Culture) -> None:
    """Let a culture be found by its code."""
    donors.remember_words(db, "culture", culture.id, culture.organisation_id, [culture.code])


def _passage(text: str | None) -> Passage | None:
    try:
        return passage.parse(text) if text else None
    except ValueError:
        raise Invalid(
            "“{value}” is not a passage: write p12 or p12+3, or leave it empty.",
            field="passage",
            value=Code(text or ""),
        ) from None


def _thousandths(value: Decimal | None) -> int | None:
    return None if value is None else round(value * doublings.THOUSANDTHS)
