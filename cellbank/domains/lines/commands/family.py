"""Which line comes from which, and what a line itself carries."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import Field

from cellbank.core import work
from cellbank.core.command import Command
from cellbank.core.errors import Invalid
from cellbank.core.work import Writing
from cellbank.domains.donors.models import InfectiousStatus
from cellbank.domains.donors.words import agent_choices
from cellbank.domains.lines import finding
from cellbank.domains.lines.models import LineInfectiousResult, LineParent, LineParentKind
from cellbank.domains.storage.models import Agent

work.explain("uq_line_parent_pair", "This line is already known to come from that one.")


class AddLineParent(Command):
    """Say that a line comes from another line, which was not known when it was registered."""

    records: ClassVar[str] = "lines.parent_added"
    permission: ClassVar[str] = "lines.manage"
    label: ClassVar[str] = "Add a parent line"
    needs_reason: ClassVar[bool] = True

    line: str = Field(title="Line", min_length=1, max_length=80)
    parent: str = Field(title="Parent line", min_length=1, max_length=80)
    kind: LineParentKind = Field(title="How it comes from the parent")

    def run(self, db: Writing) -> None:
        """Link them; no line comes from itself, at any distance."""
        child, parent = finding.line_called(db, self.line), finding.line_called(db, self.parent)
        finding.refuse_circle(db, child, parent)
        db.add(
            LineParent(
                organisation_id=child.organisation_id,
                line_id=child.id,
                parent_line_id=parent.id,
                kind=self.kind,
            )
        )
        if child.is_donation_unknown:
            child.is_donation_unknown = False


class RecordLineResult(Command):
    """Record what a laboratory found of one agent in the line itself; not tested is not negative."""

    records: ClassVar[str] = "lines.result_recorded"
    permission: ClassVar[str] = "lines.manage"
    label: ClassVar[str] = "Record a result of the line"

    line: str = Field(title="Line", min_length=1, max_length=80)
    agent: Agent = Field(title="Agent", json_schema_extra={"choices": agent_choices()})  # type: ignore[dict-item]
    agent_other: str | None = Field(
        default=None, title="Which other agent", description="Where it is not in the list.", max_length=120
    )
    status: InfectiousStatus = Field(title="Result")
    assay: str | None = Field(default=None, title="Assay", max_length=200)
    laboratory: str | None = Field(default=None, title="Laboratory", max_length=200)
    sampled_on: date | None = Field(default=None, title="Sampled on")
    document: str | None = Field(default=None, title="Number of the report", max_length=120)

    def run(self, db: Writing) -> None:
        """Add the result."""
        if (self.agent is Agent.OTHER) != bool(self.agent_other):
            raise Invalid("Name the other agent, and only where it is not in the list.", field="agent_other")
        line = finding.line_called(db, self.line)
        db.add(
            LineInfectiousResult(
                organisation_id=line.organisation_id, line_id=line.id, **self.model_dump(exclude={"line"})
            )
        )
