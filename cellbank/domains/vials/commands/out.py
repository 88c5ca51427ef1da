"""Taking vials out of the cold and putting them back."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field

from cellbank.core.command import Command
from cellbank.core.errors import Refused
from cellbank.core.journal import Event
from cellbank.core.work import Writing
from cellbank.domains.banks.models import Bank, PutBackRule
from cellbank.domains.storage.models import Container, LiftCause
from cellbank.domains.vials import facts, finding, placing, verdict
from cellbank.domains.vials.admission import refuse_what_is_not_admitted
from cellbank.domains.vials.commands.moves import MOST_AT_ONCE
from cellbank.domains.vials.models import (
    Destruction,
    ExceptionKind,
    HoldKind,
    Seen,
    ThawPurpose,
    Vial,
    VialExposure,
    VialState,
)

MISTAKE_MINUTES = 15
"""How long a scan counts as a slip that can be taken back; later it is corrected, with a reason."""


class TakeOut(Command):
    """Take vials out of the cold; their places stay reserved, and the time they are out is counted."""

    records: ClassVar[str] = "vials.taken_out"
    permission: ClassVar[str] = "vials.take_out"
    label: ClassVar[str] = "Take out"
    is_undoable: ClassVar[bool] = True

    vials: tuple[str, ...] = Field(title="Vials", min_length=1, max_length=MOST_AT_ONCE)
    destination: str = Field(
        default="", title="Into", description="Transfer vessel or bench; empty: in the hand"
    )
    purpose: ThawPurpose | None = Field(default=None, title="Purpose")
    request: str = Field(default="", title="Request", max_length=40)

    def run(self, db: Writing) -> None:
        """Take them out."""
        into = _destination(db, self.destination)
        vials = list(finding.locked_vials(db, self.vials).values())
        for vial in vials:
            vial.refuse_unless_here()
            if vial.state is VialState.OUT:
                raise Refused(
                    "{vial} is out since {when}: it was taken already",
                    vial=vial.name,
                    when=vial.out_at,
                    about=[vial],
                )
            if vial.state is not VialState.STORED:
                raise Refused("{vial} is not stored yet", vial=vial.name, about=[vial])
        banks, request = verdict.banks_of(db, vials), verdict.request_named(db, self.request)
        facts.judge(
            db, vials, lambda some: verdict.refuse_unless_allowed(db, some, banks, self.purpose, request)
        )
        at = facts.moment(db)
        for vial in vials:
            vial.seen(Seen.CODE, at)
            vial.leave_for(into.id if into else None, at)
            db.add(
                VialExposure(
                    organisation_id=vial.organisation_id,
                    vial_id=vial.id,
                    cause=LiftCause.TAKE_OUT,
                    started_at=at,
                    at_container_id=into.id if into else None,
                )
            )

    def inverse(self, event: Event) -> Command | None:
        """They were never out: only for a slip just made."""
        return CancelTakeOut(vials=self.vials)


class CancelTakeOut(Command):
    """Take back a scan made by mistake: the vials never left their places."""

    records: ClassVar[str] = "vials.take_out_cancelled"
    permission: ClassVar[str] = "vials.take_out"
    label: ClassVar[str] = "They were not taken out"
    is_open_to_api: ClassVar[bool] = False

    vials: tuple[str, ...] = Field(title="Vials", min_length=1, max_length=MOST_AT_ONCE)

    def run(self, db: Writing) -> None:
        """Their state is as before; the time out is annulled, not forgotten."""
        vials = list(finding.locked_vials(db, self.vials).values())
        for vial in vials:
            if vial.state is not VialState.OUT or vial.out_at is None:
                raise Refused("{vial} is not out", vial=vial.name, about=[vial])
            refuse_if_long_ago(db, vial, (db.recorded_at - vial.out_at).total_seconds())
            vial.come_home()
        for exposure in facts.end_exposures(db, vials).values():
            exposure.annulled_by = db.event_seq


class Back(BaseModel):
    """A vial that comes back: into its own place, or into another."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    vial: str = Field(title="Vial", min_length=1, max_length=80)
    container: str = Field(default="", title="Box", description="Empty: its own place", max_length=80)
    place: str = Field(default="", title="Place", description="Empty: the next free place", max_length=8)


class PutBack(Command):
    """Put vials back into the cold, where their bank allows it."""

    records: ClassVar[str] = "vials.put_back"
    permission: ClassVar[str] = "vials.take_out"
    label: ClassVar[str] = "Put back"
    is_undoable: ClassVar[bool] = True

    vials: tuple[Back, ...] = Field(title="Vials", min_length=1, max_length=MOST_AT_ONCE)

    def run(self, db: Writing) -> None:
        """Put them back; what was out too long waits for quality."""
        boxes = finding.locked_containers(db, {back.container for back in self.vials if back.container})
        found = finding.locked_vials(db, [back.vial for back in self.vials])
        vials = list(found.values())
        self._refuse_what_cannot_return(db, vials)
        banks = verdict.banks_of(db, vials)
        self._into_other_places(db, found, boxes)
        self._into_their_own(db, [found[back.vial] for back in self.vials if not back.container])
        lifted = facts.end_exposures(db, vials)
        lives = _times_out(db, vials)
        at = facts.moment(db)
        for vial in vials:
            vial.come_home()
            vial.seen(Seen.CODE, at)
            exposure = lifted.get(vial.id)
            seconds = int((at - exposure.started_at).total_seconds()) if exposure is not None else 0
            _hold_if_bank_says_so(db, vial, banks[vial.bank_id], seconds, lives.get(vial.id, 0))

    def inverse(self, event: Event) -> Command | None:
        """They are out again; what they were held for stays for quality to see."""
        return TakeOut(vials=tuple(back.vial for back in self.vials), purpose=ThawPurpose.QC)

    def _refuse_what_cannot_return(self, db: Writing, vials: list[Vial]) -> None:
        waiting = set(
            db.scalars(
                sa.select(Destruction.vial_id).where(
                    Destruction.vial_id.in_([vial.id for vial in vials]), Destruction.annulled_by.is_(None)
                )
            )
        )
        banks = verdict.banks_of(db, vials)
        for vial in vials:
            vial.refuse_unless_here()
            if vial.state is not VialState.OUT:
                raise Refused("{vial} is not out", vial=vial.name, about=[vial])
            if vial.id in waiting:
                raise Refused("{vial} waits for its destruction", vial=vial.name, about=[vial])
            if banks[vial.bank_id].put_back is PutBackRule.NEVER:
                raise Refused(
                    "A vial of {bank} is never put back: thaw it or discard it",
                    bank=banks[vial.bank_id].code,
                    about=[vial],
                )

    def _into_other_places(self, db: Writing, found: dict[str, Vial], boxes: dict[str, Container]) -> None:
        wanted = [
            (found[back.vial], boxes[back.container], back.place) for back in self.vials if back.container
        ]
        if wanted:
            targets = placing.choose_places(db, wanted)
            refuse_what_is_not_admitted(db, targets)
            placing.take_places(db, targets)

    def _into_their_own(self, db: Writing, vials: list[Vial]) -> None:
        homes = placing.open_placements(db, (vial.id for vial in vials))
        for vial in vials:
            if vial.id not in homes:
                raise Refused(
                    "{vial} has no place reserved: say where to put it", vial=vial.name, about=[vial]
                )


def refuse_if_long_ago(db: Writing, vial: Vial, seconds: float) -> None:
    """Only a slip just made can be taken back."""
    if seconds > MISTAKE_MINUTES * 60:
        raise Refused(
            "{vial}: this is more than {minutes} minutes ago and is corrected with a reason, not undone",
            vial=vial.name,
            minutes=MISTAKE_MINUTES,
            about=[vial],
        )


def _destination(db: Writing, code: str) -> Container | None:
    """Where they go, if that is said."""
    if not code:
        return None
    into = finding.containers(db, [code])[code]
    if into.is_retired:
        raise Refused("{box} is retired: nothing can be put into it", box=into.name)
    return into


def _times_out(db: Writing, vials: list[Vial]) -> dict[UUID, int]:
    """How often each vial was out of the cold in its life."""
    db.flush()
    rows = db.execute(
        sa.select(VialExposure.vial_id, sa.func.count())
        .where(VialExposure.vial_id.in_([vial.id for vial in vials]), VialExposure.annulled_by.is_(None))
        .group_by(VialExposure.vial_id)
    )
    return {row[0]: row[1] for row in rows}


def _hold_if_bank_says_so(db: Writing, vial: Vial, bank: Bank, seconds: int, times: int) -> None:
    """The tube must go somewhere cold whatever happened: it is put back, and may have to wait for quality."""
    if bank.exposure_limit_s is not None and seconds > bank.exposure_limit_s:
        detail = f"out of the cold for {seconds} s, the limit is {bank.exposure_limit_s} s"
        facts.note(db, vial, ExceptionKind.EXPOSURE_LIMIT, detail, hold=HoldKind.RETURNED)
    elif bank.exposures_max is not None and times > bank.exposures_max:
        detail = f"out of the cold for the {times}th time, the limit is {bank.exposures_max}"
        facts.note(db, vial, ExceptionKind.EXPOSURE_LIMIT, detail, hold=HoldKind.RETURNED)
    elif bank.put_back is PutBackRule.RETURNED_HOLD:
        facts.note(db, vial, ExceptionKind.PUT_BACK, f"put back after {seconds} s", hold=HoldKind.RETURNED)


__all__ = ["Back", "CancelTakeOut", "PutBack", "TakeOut", "refuse_if_long_ago"]
