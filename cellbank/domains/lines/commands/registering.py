"""Registering lines, correcting what is known of them, and setting the limits of their age."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import sqlalchemy as sa
from pydantic import Field

from cellbank.core import work
from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Refused
from cellbank.core.journal import Event
from cellbank.core.work import Writing
from cellbank.domains.donors import finding as donors
from cellbank.domains.donors.owners import owner_called
from cellbank.domains.lines import finding
from cellbank.domains.lines.commands.facts import LineFacts, limit, remember_line
from cellbank.domains.lines.models import (
    LimitingMeasure,
    Line,
    LineDonation,
    LineParent,
    LineParentKind,
    PassageRule,
)

work.explain("uq_line_name", "This organisation already has a line of this name.")
work.explain("uq_line_code", "This number of a line was just given: try again.")


class RegisterLine(LineFacts):
    """Register a line: what the cells are, where they come from, and who keeps the records."""

    records: ClassVar[str] = "lines.registered"
    label: ClassVar[str] = "Register a line"

    donations: tuple[str, ...] = Field(
        default=(),
        title="Donations",
        description="One code or DIN a line; several for a pooled line.",
        max_length=50,
        json_schema_extra={"kind": "codes"},
    )
    parents: tuple[str, ...] = Field(
        default=(),
        title="Parent lines",
        description="One code or name a line; a hybridoma has two.",
        max_length=10,
        json_schema_extra={"kind": "codes"},
    )
    parent_kind: LineParentKind | None = Field(default=None, title="How it comes from the parent")
    donation_unknown_reason: str | None = Field(
        default=None,
        title="Why the donation is not known",
        description="As for HeLa, Vero, deposits.",
        max_length=400,
    )
    donation_unknown_source: str | None = Field(
        default=None,
        title="Who or what says so",
        description="A paper, a catalogue, a person.",
        max_length=400,
    )
    limiting_measure: LimitingMeasure = Field(default=LimitingMeasure.PASSAGE, title="Its age is limited by")
    soft_limit: Decimal | None = Field(default=None, title="Limit to look again", ge=0, le=100000)
    hard_limit: Decimal | None = Field(default=None, title="Limit not to pass", ge=0, le=100000)
    passages_after_thaw_max: int | None = Field(
        default=None, title="Most passages after a thaw", ge=0, le=1000
    )
    passage_rule: PassageRule = Field(default=PassageRule.NONE, title="The passage number rises")
    custodian: str | None = Field(
        default=None,
        title="Custodian",
        description="Who keeps the records; empty: your own organisation.",
        max_length=12,
    )

    def run(self, db: Writing) -> None:
        """Write the line and what it comes from."""
        self._refuse_half_known()
        owner = owner_called(db, self.custodian)
        _refuse_same_name(db, self.name, owner)
        soft, hard = _limits(self.soft_limit, self.hard_limit, self.limiting_measure)
        line = Line(
            organisation_id=owner,
            code=donors.free_number(db, "L", Line.code),
            is_donation_unknown=not self.donations and not self.parents,
            donation_unknown_reason=self.donation_unknown_reason,
            donation_unknown_source=self.donation_unknown_source,
            limiting_measure=self.limiting_measure,
            soft_limit=soft,
            hard_limit=hard,
            passages_after_thaw_max=self.passages_after_thaw_max,
            passage_rule=self.passage_rule,
            **self.facts(),
        )
        db.add(line)
        db.flush()
        for text in self.donations:
            donation = donors.donation_called(db, text)
            db.add(LineDonation(organisation_id=owner, line_id=line.id, donation_id=donation.id))
        for text in self.parents:
            parent = finding.line_called(db, text)
            kind = self.parent_kind or LineParentKind.SUBCLONE
            db.add(LineParent(organisation_id=owner, line_id=line.id, parent_line_id=parent.id, kind=kind))
        remember_line(db, line)

    def _refuse_half_known(self) -> None:
        is_known = bool(self.donations or self.parents)
        if is_known and (self.donation_unknown_reason or self.donation_unknown_source):
            raise Invalid(
                "Either name what the line comes from or say why it is not known, not both.",
                field="donation_unknown_reason",
            )
        if not is_known and not self.donation_unknown_reason:
            raise Invalid(
                "Name the donation or the parent line, or say why it is not known.",
                field="donation_unknown_reason",
            )
        if not is_known and not self.donation_unknown_source:
            raise Invalid(
                "Say who or what says that the donation is not known.", field="donation_unknown_source"
            )
        if self.parents and self.parent_kind is None:
            raise Invalid("Say how the line comes from its parent.", field="parent_kind")


class CorrectLine(LineFacts):
    """Correct what is recorded of a line; every value is as given, what is left empty is emptied."""

    records: ClassVar[str] = "lines.corrected"
    label: ClassVar[str] = "Correct a line"
    needs_reason: ClassVar[bool] = True

    line: str = Field(title="Line", min_length=1, max_length=80)

    def run(self, db: Writing) -> None:
        """Write the values."""
        line = finding.line_called(db, self.line)
        if self.name != line.name:
            _refuse_same_name(db, self.name, line.organisation_id)
        for name, value in self.facts().items():
            setattr(line, name, value)
        remember_line(db, line)


class SetLimits(Command):
    """Set by what the age of a line is limited, and its house rule for counting passages."""

    records: ClassVar[str] = "lines.limits_set"
    permission: ClassVar[str] = "lines.manage"
    label: ClassVar[str] = "Set the limits"
    needs_reason: ClassVar[bool] = True

    line: str = Field(title="Line", min_length=1, max_length=80)
    limiting_measure: LimitingMeasure = Field(title="Its age is limited by")
    soft_limit: Decimal | None = Field(
        default=None,
        title="Limit to look again",
        description="Passages, or doublings such as 35.5.",
        ge=0,
        le=100000,
    )
    hard_limit: Decimal | None = Field(
        default=None,
        title="Limit not to pass",
        description="Beyond it nothing is banked or issued.",
        ge=0,
        le=100000,
    )
    passages_after_thaw_max: int | None = Field(
        default=None, title="Most passages after a thaw", ge=0, le=1000
    )
    passage_rule: PassageRule = Field(
        default=PassageRule.NONE,
        title="The passage number rises",
        description="What is printed already does not change.",
    )

    def run(self, db: Writing) -> None:
        """Write the limits; what stands beyond them now is shown, not changed."""
        line = finding.line_called(db, self.line)
        soft, hard = _limits(self.soft_limit, self.hard_limit, self.limiting_measure)
        line.limiting_measure, line.soft_limit, line.hard_limit = self.limiting_measure, soft, hard
        line.passages_after_thaw_max, line.passage_rule = self.passages_after_thaw_max, self.passage_rule


class CloseLine(Command):
    """Close a line: no new culture of it is begun; what exists stays as it is."""

    records: ClassVar[str] = "lines.closed"
    permission: ClassVar[str] = "lines.manage"
    label: ClassVar[str] = "Close the line"
    is_undoable: ClassVar[bool] = True

    line: str = Field(title="Line", min_length=1, max_length=80)

    def run(self, db: Writing) -> None:
        """Close it."""
        line = finding.line_called(db, self.line)
        if line.is_closed:
            raise Refused("{line} is already closed.", line=line.name, about=[line])
        line.is_closed = True

    def inverse(self, event: Event) -> Command | None:
        """Open it again."""
        return ReopenLine(line=self.line)


class ReopenLine(Command):
    """Open a closed line again."""

    records: ClassVar[str] = "lines.reopened"
    permission: ClassVar[str] = "lines.manage"
    label: ClassVar[str] = "Open the line again"
    is_undoable: ClassVar[bool] = True

    line: str = Field(title="Line", min_length=1, max_length=80)

    def run(self, db: Writing) -> None:
        """Open it."""
        line = finding.line_called(db, self.line)
        if not line.is_closed:
            raise Refused("{line} is not closed.", line=line.name, about=[line])
        line.is_closed = False

    def inverse(self, event: Event) -> Command | None:
        """Close it again."""
        return CloseLine(line=self.line)


def _refuse_same_name(db: Writing, name: str, owner: object) -> None:
    other = db.scalar(
        sa.select(Line).where(sa.func.lower(Line.name) == name.lower(), Line.organisation_id == owner)
    )
    if other is not None:
        raise Refused(
            "The line {line} exists already: {code}.", line=other.name, code=other.code, about=[other]
        )


def _limits(
    soft: Decimal | None, hard: Decimal | None, measure: LimitingMeasure
) -> tuple[int | None, int | None]:
    """Both limits as they are kept. :raises Invalid: the limit to look again lies beyond the other."""
    kept = limit(soft, measure, "soft_limit"), limit(hard, measure, "hard_limit")
    if kept[0] is not None and kept[1] is not None and kept[0] > kept[1]:
        raise Invalid("The limit to look again must come before the limit not to pass.", field="soft_limit")
    return kept
