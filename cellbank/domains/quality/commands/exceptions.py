"""How exceptions end: accepted, a query answered, or a deviation opened."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field

from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Refused
from cellbank.core.journal import Event
from cellbank.core.work import Writing, required
from cellbank.domains.vials.models import ExceptionNote, ExceptionOutcome, Hold


class LiftExceptions(Command):
    """End exceptions after looking at them; each keeps how it ended."""

    records: ClassVar[str] = "exceptions.ended"
    permission: ClassVar[str] = "quality.hold"
    label: ClassVar[str] = "End the exception"

    exceptions: tuple[UUID, ...] = Field(title="Exceptions", min_length=1, max_length=500)
    outcome: ExceptionOutcome = Field(title="It ends as")
    deviation_number: str | None = Field(default=None, title="Deviation no.", max_length=60)
    answer: str | None = Field(
        default=None, title="Answer", max_length=2000, json_schema_extra={"kind": "multiline"}
    )
    lifts_holds: bool = Field(default=False, title="Also lift the hold it opened")

    def run(self, db: Writing) -> None:
        """Nobody judges what they did themselves."""
        if self.outcome is ExceptionOutcome.DEVIATION and not self.deviation_number:
            raise Invalid("A deviation has its number", field="deviation_number")
        if self.outcome is ExceptionOutcome.QUERY_ANSWERED and not self.answer:
            raise Invalid("Write the answer to the query", field="answer")
        rows = db.execute(
            sa.select(ExceptionNote, Event.actor_id)
            .join(Event, Event.seq == ExceptionNote.about_event)
            .where(ExceptionNote.id.in_(self.exceptions)),
            execution_options={"populate_existing": True},
        ).all()
        known = {note.id for note, _ in rows}
        for wanted in self.exceptions:
            required(wanted if wanted in known else None, str(wanted))
        for note, did_it in rows:
            self._end(db, note, did_it)
        if self.lifts_holds:
            _lift(db, [note.hold_id for note, _ in rows if note.hold_id is not None])

    def _end(self, db: Writing, note: ExceptionNote, did_it: UUID) -> None:
        if note.closed_by is not None:
            raise Refused("This exception has ended already", about=[note])
        if did_it == db.actor.principal_id:
            raise Refused("You did this yourself: somebody else judges it", about=[note])
        note.closed_by, note.outcome = db.event_seq, self.outcome
        note.deviation_number, note.answer = self.deviation_number, self.answer


def _lift(db: Writing, holds: list[UUID]) -> None:
    for hold in db.scalars(sa.select(Hold).where(Hold.id.in_(holds), Hold.closed_by.is_(None))):
        hold.closed_by, hold.closing_reason = db.event_seq, db.event.reason or "exception ended"
