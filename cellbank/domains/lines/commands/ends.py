"""Cultures are counted and end: harvested, discarded, contaminated, or recorded by mistake."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import sqlalchemy as sa
from pydantic import Field

from cellbank.core.choices import Worded
from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Message, Refused
from cellbank.core.journal import Event
from cellbank.core.work import Writing
from cellbank.domains.lines import ageing, finding
from cellbank.domains.lines.models import Culture, CultureParent, CultureState, SplitMethod
from cellbank.toolkit.i18n.quantities import permille

MOST_AT_ONCE = 200


class CountOf(Worded):
    """Which cells were counted."""

    SEEDED = "seeded", Message("What was seeded")
    HARVESTED = "harvested", Message("What was harvested")


class RecordCount(Command):
    """Record a cell count; the population doublings follow from the counts at seeding and at harvest."""

    records: ClassVar[str] = "cultures.counted"
    permission: ClassVar[str] = "lines.culture"
    label: ClassVar[str] = "Record a count"

    culture: str = Field(title="Culture", min_length=1, max_length=40)
    count_of: CountOf = Field(title="Which cells")
    cells: int = Field(title="Cells", description="All of them, living and dead.", ge=1, le=10**15)
    viability: Decimal | None = Field(
        default=None, title="Viability", description="In percent: 94.2.", ge=0, le=100
    )
    count_method: str | None = Field(default=None, title="Counted with", max_length=120)

    def run(self, db: Writing) -> None:
        """Write the count; a second count of the same cells is a correction and needs a reason."""
        culture = finding.cultures_called(db, [self.culture])[0]
        viability = permille(self.viability, "viability")
        is_seeded = self.count_of is CountOf.SEEDED
        before = culture.seeded_cells if is_seeded else culture.harvested_cells
        if before is not None and before != self.cells and db.event.reason is None:
            raise Invalid(
                "{culture} was already counted: {count}. Say why the count changes.",
                field="reason",
                culture=culture.code,
                count=before,
            )
        if is_seeded:
            culture.seeded_cells, culture.seeded_viability_permille = self.cells, viability
        else:
            culture.harvested_cells, culture.harvested_viability_permille = self.cells, viability
        culture.count_method = self.count_method or culture.count_method
        ageing.recount(culture)
        ageing.recount_below(db, culture)


class HarvestCulture(Command):
    """Harvest a culture: its cells are taken for a passage or a freeze."""

    records: ClassVar[str] = "cultures.harvested"
    permission: ClassVar[str] = "lines.culture"
    label: ClassVar[str] = "Harvest"
    is_undoable: ClassVar[bool] = True

    culture: str = Field(title="Culture", min_length=1, max_length=40)
    cells: int | None = Field(
        default=None, title="Cells harvested", description="All of them; empty: not counted.", ge=1, le=10**15
    )
    viability: Decimal | None = Field(
        default=None, title="Viability", description="In percent: 94.2.", ge=0, le=100
    )
    count_method: str | None = Field(default=None, title="Counted with", max_length=120)
    split_method: SplitMethod | None = Field(default=None, title="Taken off with")
    confluence_percent: int | None = Field(default=None, title="Confluence, in percent", ge=0, le=100)

    def run(self, db: Writing) -> None:
        """End it as harvested, and let its age follow from the count."""
        culture = finding.cultures_called(db, [self.culture])[0]
        _refuse_unless_growing([culture])
        if self.viability is not None and self.cells is None:
            raise Invalid("A viability needs its count.", field="cells")
        culture.state = CultureState.HARVESTED
        culture.harvested_at = culture.ended_at = db.occurred_at or db.recorded_at
        culture.harvested_by = db.event_seq
        if self.cells is not None:
            culture.harvested_cells = self.cells
            culture.harvested_viability_permille = permille(self.viability, "viability")
        culture.count_method = self.count_method or culture.count_method
        culture.split_method = self.split_method or culture.split_method
        if self.confluence_percent is not None:
            culture.confluence_percent = self.confluence_percent
        ageing.recount(culture)
        ageing.recount_below(db, culture)

    def inverse(self, event: Event) -> Command | None:
        """It goes on growing."""
        return ResumeCultures(cultures=(self.culture,))


class DiscardCultures(Command):
    """Discard cultures that are not needed any more."""

    records: ClassVar[str] = "cultures.discarded"
    permission: ClassVar[str] = "lines.culture"
    label: ClassVar[str] = "Discard"
    is_undoable: ClassVar[bool] = True

    cultures: tuple[str, ...] = Field(title="Cultures", min_length=1, max_length=MOST_AT_ONCE)
    why: str = Field(title="Why", min_length=1, max_length=400)

    def run(self, db: Writing) -> None:
        """End them."""
        cultures = finding.cultures_called(db, self.cultures)
        _refuse_unless_growing(cultures)
        for culture in cultures:
            _end(db, culture, CultureState.DISCARDED, self.why)

    def inverse(self, event: Event) -> Command | None:
        """They go on growing."""
        return ResumeCultures(cultures=self.cultures)


class MarkContaminated(Command):
    """Record that cultures are contaminated; a fact, whatever became of them before."""

    records: ClassVar[str] = "cultures.contaminated"
    permission: ClassVar[str] = "lines.culture"
    label: ClassVar[str] = "Mark as contaminated"

    cultures: tuple[str, ...] = Field(title="Cultures", min_length=1, max_length=MOST_AT_ONCE)
    found: str = Field(
        title="What was found",
        description="Bacteria, fungi, mycoplasma, other cells …",
        min_length=1,
        max_length=400,
    )

    def run(self, db: Writing) -> None:
        """Write it; what was made of them shows it by descent."""
        for culture in finding.cultures_called(db, self.cultures):
            _end(db, culture, CultureState.CONTAMINATED, self.found)


class ResumeCultures(Command):
    """Take back a harvest or discard that was recorded by mistake: the cultures go on growing."""

    records: ClassVar[str] = "cultures.resumed"
    permission: ClassVar[str] = "lines.culture"
    label: ClassVar[str] = "They go on growing"

    cultures: tuple[str, ...] = Field(title="Cultures", min_length=1, max_length=MOST_AT_ONCE)

    def run(self, db: Writing) -> None:
        """Open them again; not where something was already made of the harvest."""
        cultures = finding.cultures_called(db, self.cultures)
        for culture in cultures:
            if culture.state not in (CultureState.HARVESTED, CultureState.DISCARDED):
                raise Refused(
                    "{culture} was neither harvested nor discarded.", culture=culture.code, about=[culture]
                )
            was_harvested = culture.state is CultureState.HARVESTED
            culture.state, culture.ended_at, culture.end_reason = CultureState.GROWING, None, None
            if was_harvested:
                culture.harvested_at = culture.harvested_by = None
                culture.harvested_cells = culture.harvested_viability_permille = None
                ageing.recount(culture)
                ageing.recount_below(db, culture)


class AnnulCulture(Command):
    """Annul a culture that was recorded by mistake; it stays to be seen."""

    records: ClassVar[str] = "cultures.annulled"
    permission: ClassVar[str] = "lines.culture"
    label: ClassVar[str] = "Annul a culture"
    needs_reason: ClassVar[bool] = True

    culture: str = Field(title="Culture", min_length=1, max_length=40)

    def run(self, db: Writing) -> None:
        """Mark it and its links with this event; not while others descend from it."""
        culture = finding.cultures_called(db, [self.culture])[0]
        below = finding.descendants(culture.id)
        child = db.scalar(
            sa.select(Culture).where(Culture.id.in_(sa.select(below.c.id)), Culture.annulled_by.is_(None))
        )
        if child is not None:
            raise Refused(
                "{child} was passaged from {culture}: annul that one first.",
                child=child.code,
                culture=culture.code,
                about=[culture],
            )
        culture.annulled_by = db.event_seq
        links = sa.select(CultureParent).where(
            CultureParent.culture_id == culture.id, CultureParent.annulled_by.is_(None)
        )
        for link in db.scalars(links):
            link.annulled_by = db.event_seq


def _refuse_unless_growing(cultures: list[Culture]) -> None:
    for culture in cultures:
        if culture.state is not CultureState.GROWING:
            raise Refused("{culture} is no longer growing.", culture=culture.code, about=[culture])


def _end(db: Writing, culture: Culture, state: CultureState, why: str) -> None:
    culture.state, culture.end_reason = state, why
    culture.ended_at = culture.ended_at or db.occurred_at or db.recorded_at
