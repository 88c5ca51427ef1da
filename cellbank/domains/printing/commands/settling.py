"""What became of printed labels: used, spoiled, destroyed, void, read back, fetched again."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import ClassVar, Final

import sqlalchemy as sa
from pydantic import Field

from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Message, Refused
from cellbank.core.journal import Event
from cellbank.core.work import Writing
from cellbank.domains.printing.choosing import places_in
from cellbank.domains.printing.models import LabelPrint, LabelPrintState, LabelRun
from cellbank.domains.printing.queries import run_by_code
from cellbank.domains.vials.facts import require_witness
from cellbank.domains.vials.finding import as_code
from cellbank.domains.vials.models import LabelCode

IN_BULK: Final = {"synchronize_session": False}


class Fate(enum.StrEnum):
    """What a person says became of labels."""

    USED = "used"
    SPOILED = "spoiled"
    DESTROYED = "destroyed"


FATES: Final = {
    LabelPrintState.PRINTED: Message("in hand"),
    LabelPrintState.USED: Message("used"),
    LabelPrintState.SPOILED: Message("spoiled"),
    LabelPrintState.VOID: Message("void"),
    LabelPrintState.DESTROYED: Message("destroyed"),
}
FATE_CHOICES: Final = [(fate.value, FATES[LabelPrintState(fate.value)].id) for fate in Fate]


class MarkLabels(Command):
    """Say what became of labels that are still in hand."""

    records: ClassVar[str] = "labels.marked"
    permission: ClassVar[str] = "printing.print"
    label: ClassVar[str] = "Account for labels"

    run_code: str = Field(title="Print run", min_length=1, max_length=20, json_schema_extra={"hidden": True})
    fate: Fate = Field(title="What became of them", json_schema_extra={"choices": FATE_CHOICES})  # type: ignore[dict-item]
    labels: str = Field(
        default="", title="Which labels", max_length=400,
        description="Numbers in the run: 1-20, 23. Empty: all that are in hand",
    )  # fmt: skip
    codes: tuple[str, ...] = Field(
        default=(), title="Or scan them", description="One code a line", max_length=500
    )

    def run(self, db: Writing) -> None:
        """Settle them; a spoiled or destroyed label's code is void at once."""
        if self.fate is not Fate.USED and db.event.reason is None:
            raise Invalid("Say why: a label that was printed for nothing needs a reason", field="reason")
        if self.fate is Fate.DESTROYED:
            require_witness(db)
        run = run_by_code(db, self.run_code)
        db.lock(LabelRun, [run.id])
        chosen = self._chosen(db, run)
        _settle(db, run, chosen, LabelPrintState(self.fate.value))

    def _chosen(self, db: Writing, run: LabelRun) -> list[LabelPrint]:
        everything = _ledger(db, run)
        if self.codes:
            by_code = {as_code(one.named): one for one in everything}
            unknown = next((text for text in self.codes if as_code(text) not in by_code), None)
            if unknown is not None:
                raise Invalid(
                    "{code} is not among the labels of {run}", field="codes", code=unknown, run=run.code
                )
            chosen = list({one.id: one for one in (by_code[as_code(text)] for text in self.codes)}.values())
        elif self.labels.strip():
            wanted = set(places_in(self.labels, run.labels))
            chosen = [one for one in everything if one.position in wanted]
        else:
            chosen = [one for one in everything if one.state is LabelPrintState.PRINTED]
        settled = next((one for one in chosen if one.state is not LabelPrintState.PRINTED), None)
        if settled is not None:
            raise Refused(
                "Label {number} of {run} is already accounted for: {state}",
                number=settled.position, run=run.code, state=FATES[settled.state], about=[run],
            )  # fmt: skip
        if not chosen:
            raise Refused("No label of {run} is in hand any more", run=run.code, about=[run])
        return chosen


class VoidRun(Command):
    """Declare a whole print run void: the printer jammed, the stock was wrong."""

    records: ClassVar[str] = "labels.run_voided"
    permission: ClassVar[str] = "printing.print"
    label: ClassVar[str] = "Declare the run void"
    needs_reason: ClassVar[bool] = True

    run_code: str = Field(title="Print run", min_length=1, max_length=20, json_schema_extra={"hidden": True})

    def run(self, db: Writing) -> None:
        """All its labels in hand become void, unless one was already used."""
        run = run_by_code(db, self.run_code)
        db.lock(LabelRun, [run.id])
        everything = _ledger(db, run)
        if any(one.state is LabelPrintState.USED for one in everything):
            raise Refused(
                "Labels of {run} are already on vials: account for each of the others",
                run=run.code,
                about=[run],
            )
        open_ones = [one for one in everything if one.state is LabelPrintState.PRINTED]
        if not open_ones:
            raise Refused("No label of {run} is in hand any more", run=run.code, about=[run])
        _settle(db, run, open_ones, LabelPrintState.VOID)


class ReadBackRun(Command):
    """Read the first and the last label of a run back, as a second person."""

    records: ClassVar[str] = "labels.read_back"
    permission: ClassVar[str] = "printing.print"
    label: ClassVar[str] = "Read labels back"

    run_code: str = Field(title="Print run", min_length=1, max_length=20, json_schema_extra={"hidden": True})
    first: str = Field(
        title="First label", description="Scan it", max_length=80, json_schema_extra={"kind": "code"}
    )
    last: str = Field(
        title="Last label", description="Scan it", max_length=80, json_schema_extra={"kind": "code"}
    )

    def run(self, db: Writing) -> None:
        """Compare what was scanned with the ledger."""
        run = run_by_code(db, self.run_code)
        if run.read_back_by is not None:
            raise Refused("{run} was already read back", run=run.code, about=[run])
        printed_by = db.scalar(sa.select(Event.actor_id).where(Event.seq == run.printed_by))
        if printed_by == db.actor.principal_id:
            raise Refused("A second person reads labels back, not whoever printed them", about=[run])
        ends = db.scalars(
            sa.select(LabelPrint)
            .where(LabelPrint.label_run_id == run.id, LabelPrint.position.in_((1, run.labels)))
            .order_by(LabelPrint.position)
        ).all()
        if as_code(self.first) != as_code(ends[0].named):
            raise Refused(
                "{code} is not the first label of {run}", code=self.first, run=run.code, about=[run]
            )
        if as_code(self.last) != as_code(ends[-1].named):
            raise Refused("{code} is not the last label of {run}", code=self.last, run=run.code, about=[run])
        run.first_read_back_at = run.last_read_back_at = db.occurred_at or db.recorded_at
        run.read_back_by_id, run.read_back_by = db.actor.principal_id, db.event_seq


class FetchRun(Command):
    """Fetch the file of a run; more than once is counted and shown."""

    records: ClassVar[str] = "labels.run_fetched"
    permission: ClassVar[str] = "printing.print"
    label: ClassVar[str] = "Download the labels"
    is_open_to_api: ClassVar[bool] = False

    run_code: str = Field(title="Print run", min_length=1, max_length=20)
    sha256: str = Field(title="Fingerprint of the file", min_length=64, max_length=64)

    def run(self, db: Writing) -> None:
        """Count it. The same run is always the same file, and only while all its labels are in hand."""
        run = run_by_code(db, self.run_code)
        settled = db.scalar(
            sa.select(LabelPrint.id)
            .where(LabelPrint.label_run_id == run.id, LabelPrint.state != LabelPrintState.PRINTED)
            .limit(1)
        )
        if settled is not None:
            raise Refused(
                "Labels of {run} are already accounted for: print those you need again, with a reason",
                run=run.code, about=[run],
            )  # fmt: skip
        if run.file_sha256 not in (None, self.sha256):
            raise Refused("{run} would be drawn differently now: print it again", run=run.code, about=[run])
        run.file_sha256 = self.sha256
        run.downloads += 1


def _ledger(db: Writing, run: LabelRun) -> list[LabelPrint]:
    query = sa.select(LabelPrint).where(LabelPrint.label_run_id == run.id).order_by(LabelPrint.position)
    return list(db.scalars(query, execution_options={"populate_existing": True}))


def _settle(db: Writing, run: LabelRun, chosen: Sequence[LabelPrint], state: LabelPrintState) -> None:
    """Write what became of labels; the run is closed when none is in hand any more."""
    keys = [one.id for one in chosen]
    db.execute(
        sa.update(LabelPrint)
        .where(LabelPrint.id.in_(keys))
        .values(state=state, settled_by=db.event_seq, reason=db.event.reason or LabelPrint.reason,
                version=LabelPrint.version + 1),
        execution_options=IN_BULK,
    )  # fmt: skip
    codes = [one.label_code_id for one in chosen if one.label_code_id is not None]
    if state is not LabelPrintState.USED and codes:
        db.execute(
            sa.update(LabelCode)
            .where(LabelCode.id.in_(codes), LabelCode.voided_by.is_(None))
            .values(voided_by=db.event_seq, void_reason=db.event.reason, version=LabelCode.version + 1),
            execution_options=IN_BULK,
        )
    left = db.scalar(
        sa.select(LabelPrint.id)
        .where(LabelPrint.label_run_id == run.id, LabelPrint.state == LabelPrintState.PRINTED)
        .limit(1)
    )
    if left is None:
        run.closed_by = db.event_seq
