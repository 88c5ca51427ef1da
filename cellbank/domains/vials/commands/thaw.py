"""Thawing, and what was found at the hood."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.orm import Session

from cellbank.core import work
from cellbank.core.command import Command
from cellbank.core.errors import Refused
from cellbank.core.journal import Change, ChangeKind, Event
from cellbank.core.work import Writing, required
from cellbank.domains.banks.models import Bank
from cellbank.domains.lines.models import Culture
from cellbank.domains.vials import facts, finding, placing, verdict
from cellbank.domains.vials.commands.moves import MOST_AT_ONCE, To, former_places
from cellbank.domains.vials.commands.out import refuse_if_long_ago
from cellbank.domains.vials.models import (
    Destruction,
    Disposition,
    ExceptionKind,
    Hold,
    HoldKind,
    Seen,
    Thaw,
    ThawCulture,
    ThawOutcome,
    ThawPurpose,
    Vial,
    VialExposure,
    VialState,
)
from cellbank.toolkit.i18n.quantities import permille

work.explain("uq_thaw_vial_thawed", "This vial was just thawed by somebody else")


class ThawVials(Command):
    """Thaw vials: they are gone from the bank at once, and cannot be frozen again."""

    records: ClassVar[str] = "vials.thawed"
    permission: ClassVar[str] = "vials.thaw"
    label: ClassVar[str] = "Thaw"
    is_undoable: ClassVar[bool] = True

    vials: tuple[str, ...] = Field(title="Vials", min_length=1, max_length=MOST_AT_ONCE)
    purpose: ThawPurpose = Field(title="Purpose")
    request: str = Field(default="", title="Request", max_length=40)
    reference: str = Field(
        default="",
        title="Reference",
        description="Order or recipient's pseudonym, never a name",
        max_length=120,
    )

    def run(self, db: Writing) -> None:
        """Remove them, and wait for the outcome from the hood."""
        _lock_scarce_banks(db, self.vials)
        vials = list(finding.locked_vials(db, self.vials).values())
        for vial in vials:
            vial.refuse_unless_here()
            if vial.state not in (VialState.STORED, VialState.OUT):
                raise Refused("{vial} is not stored yet", vial=vial.name, about=[vial])
        banks = verdict.banks_of(db, vials)
        request = verdict.request_named(db, self.request)
        facts.judge(
            db, vials, lambda some: verdict.refuse_unless_allowed(db, some, banks, self.purpose, request)
        )
        facts.judge(db, vials, lambda some: _refuse_last_ones(db, some, banks))
        at = facts.moment(db)
        facts.end_exposures(db, vials)
        facts.end_reservations(db, vials)
        placing.leave_places(db, (vial.id for vial in vials))
        for vial in vials:
            vial.seen(Seen.CODE, at)
            vial.end_as(Disposition.THAWED)
            db.add(
                Thaw(
                    organisation_id=vial.organisation_id,
                    vial_id=vial.id,
                    purpose=self.purpose,
                    request_id=request.id if request is not None else None,
                    reference=self.reference or None,
                    removed_at=at,
                )
            )

    def inverse(self, event: Event) -> Command | None:
        """They were scanned by mistake and are still frozen: only just afterwards."""
        return taken_back(event, self.vials)


class TakeBackRemoval(Command):
    """Take back a scan made by mistake: the vials were neither thawed nor discarded."""

    records: ClassVar[str] = "vials.removal_taken_back"
    permission: ClassVar[str] = "vials.thaw"
    label: ClassVar[str] = "They were not removed"
    is_open_to_api: ClassVar[bool] = False

    vials: tuple[str, ...] = Field(title="Vials", min_length=1, max_length=MOST_AT_ONCE)
    homes: tuple[To, ...] = Field(default=(), title="Places before", max_length=MOST_AT_ONCE)
    were_out: tuple[str, ...] = Field(default=(), title="Out before", max_length=MOST_AT_ONCE)

    def run(self, db: Writing) -> None:
        """Annul the thaw or discard, and restore state and place."""
        boxes = finding.locked_containers(db, {home.container for home in self.homes})
        found = finding.locked_vials(db, self.vials)
        lifted = _last_exposures(db, set(finding.vial_keys(db, self.were_out).values()))
        keys = [vial.id for vial in found.values()]
        acts: list[Thaw | Destruction] = [
            *db.scalars(sa.select(Thaw).where(Thaw.vial_id.in_(keys), Thaw.annulled_by.is_(None))),
            *db.scalars(
                sa.select(Destruction).where(Destruction.vial_id.in_(keys), Destruction.annulled_by.is_(None))
            ),
        ]
        by_key = {vial.id: vial for vial in found.values()}
        for act in acts:
            vial = by_key[act.vial_id]
            removed_at = act.removed_at if isinstance(act, Thaw) else vial.out_at or db.recorded_at
            refuse_if_long_ago(db, vial, (db.recorded_at - removed_at).total_seconds())
            if act.confirmed_by is not None:
                raise Refused("{vial}: it was confirmed already", vial=vial.name, about=[vial])
            act.annulled_by = db.event_seq
            _restore(db, vial, lifted.get(vial.id))
        db.flush()
        targets = placing.choose_places(
            db,
            [
                (found[h.vial] if h.vial in found else _named(found, h.vial), boxes[h.container], h.place)
                for h in self.homes
            ],
        )
        placing.take_places(db, targets)


def _restore(db: Writing, vial: Vial, lifted: VialExposure | None) -> None:
    """Stored again, or out since it was lifted, as before the removal."""
    vial.disposition = None
    vial.come_home()
    if lifted is not None:
        vial.leave_for(lifted.at_container_id, lifted.started_at)
        lifted.ended_at = None


def _last_exposures(db: Writing, vial_ids: set[UUID]) -> dict[UUID, VialExposure]:
    """The last time out of each vial."""
    rows = db.scalars(
        sa.select(VialExposure)
        .where(VialExposure.vial_id.in_(vial_ids))
        .order_by(VialExposure.started_at, VialExposure.id)
    )
    return {row.vial_id: row for row in rows}


def taken_back(event: Event, vials: tuple[str, ...]) -> TakeBackRemoval:
    """The command that takes back a removal: where the vials were, and which of them were out."""
    with Session(work.database().read) as db:
        changes = db.execute(
            sa.select(Change.row_id, Change.body).where(
                Change.event_seq == event.seq,
                Change.table_name == Vial.__tablename__,
                Change.kind == ChangeKind.UPDATE,
            )
        ).all()
        # Whoever was out had a moment of leaving, which the removal wrote over.
        outside = [
            key for key, body in changes if (json.loads(body).get("out_at") or {}).get("old") is not None
        ]
        names = db.scalars(sa.select(Vial.name).where(Vial.id.in_(outside)).order_by(Vial.name)).all()
    return TakeBackRemoval(vials=vials, homes=former_places(event), were_out=tuple(names))


def _named(found: dict[str, Vial], name: str) -> Vial:
    return next(vial for vial in found.values() if vial.name == name)


def _lock_scarce_banks(db: Writing, texts: tuple[str, ...]) -> None:
    """Two people thawing the last vials of a bank at once must see each other."""
    keys = finding.vial_keys(db, texts).values()
    banks = db.scalars(
        sa.select(Bank.id)
        .where(Bank.floor_stock > 0, Bank.id.in_(sa.select(Vial.bank_id).where(Vial.id.in_(set(keys)))))
        .order_by(Bank.id),
        execution_options=verdict.OF_ANY_OWNER,
    )
    db.lock(Bank, banks)


def _refuse_last_ones(db: Writing, vials: Sequence[Vial], banks: dict[UUID, Bank]) -> None:
    """The last vials of a bank, as many as its floor says, are for a manager to give."""
    scarce = [bank for bank in banks.values() if bank.floor_stock > 0]
    if not scarce or db.actor.may("vials.thaw_last"):
        return
    rows = db.execute(
        sa.select(Vial.bank_id, sa.func.count())
        .where(
            Vial.bank_id.in_([bank.id for bank in scarce]), Vial.state.in_([VialState.STORED, VialState.OUT])
        )
        .group_by(Vial.bank_id),
        execution_options={"tenant_ok": "the floor counts every vial of the bank, whoever owns it"},
    )
    left = {row[0]: row[1] for row in rows}
    for bank in scarce:
        going = sum(vial.bank_id == bank.id for vial in vials)
        if left.get(bank.id, 0) - going < bank.floor_stock:
            raise Refused(
                "These are of the last {count} vials of {bank}: a manager thaws them",
                count=bank.floor_stock,
                bank=bank.code,
                about=vials,
            )


BAD = {
    ThawOutcome.CONTAMINATED: ExceptionKind.OTHER,
    ThawOutcome.WRONG_CONTENT: ExceptionKind.OTHER,
    ThawOutcome.CRACKED: ExceptionKind.OTHER,
    ThawOutcome.EMPTY: ExceptionKind.EMPTY_TUBE,
}
CONDEMNS_THE_BANK = (ThawOutcome.CONTAMINATED, ThawOutcome.WRONG_CONTENT)


class RecordThawOutcome(Command):
    """Record at the hood what was found: how the cells are, what was left over, which cultures were begun."""

    records: ClassVar[str] = "thaw.outcome_recorded"
    permission: ClassVar[str] = "vials.thaw"
    label: ClassVar[str] = "Record the outcome"

    vial: str = Field(title="Vial", min_length=1, max_length=80)
    outcome: ThawOutcome = Field(title="Outcome")
    viability: Decimal | None = Field(
        default=None, title="Viability", description="In percent: 94.2.", ge=0, le=100
    )
    cells: int | None = Field(default=None, title="Viable cells recovered", ge=0)
    remainder_ul: int | None = Field(default=None, title="Left over", description="in µL", ge=0)
    remainder_fate: str = Field(default="", title="What became of the rest", max_length=200)
    note: str = Field(default="", title="Note", max_length=2000)
    cultures: tuple[str, ...] = Field(default=(), title="Cultures begun", max_length=50)

    def run(self, db: Writing) -> None:
        """Write it once; a later change is a correction."""
        vial = finding.locked_vials(db, [self.vial])[self.vial]
        thaw = db.scalar(sa.select(Thaw).where(Thaw.vial_id == vial.id, Thaw.annulled_by.is_(None)))
        if thaw is None:
            raise Refused("{vial} was not thawed", vial=vial.name, about=[vial])
        if thaw.outcome is not None:
            raise Refused(
                "The outcome for {vial} is recorded already: correct it", vial=vial.name, about=[vial]
            )
        thaw.outcome, thaw.outcome_by = self.outcome, db.event_seq
        if thaw.thawed_at is None:
            thaw.thawed_at, thaw.confirmed_by = facts.moment(db), db.event_seq
        thaw.viability_permille, thaw.cells = permille(self.viability, "viability"), self.cells
        thaw.remainder_ul, thaw.remainder_fate = self.remainder_ul, self.remainder_fate or None
        thaw.note = self.note or None
        self._link_cultures(db, thaw)
        if self.outcome in BAD:
            self._note(db, vial)

    def _link_cultures(self, db: Writing, thaw: Thaw) -> None:
        found = {
            culture.code: culture
            for culture in db.scalars(sa.select(Culture).where(Culture.code.in_(self.cultures)))
        }
        for code in self.cultures:
            culture = required(found.get(code), code)
            db.add(
                ThawCulture(
                    organisation_id=thaw.organisation_id,
                    thaw_id=thaw.id,
                    vial_id=thaw.vial_id,
                    culture_id=culture.id,
                )
            )

    def _note(self, db: Writing, vial: Vial) -> None:
        """What should not have been in the tube concerns the whole bank until quality has looked."""
        noted = facts.note(db, vial, BAD[self.outcome], f"thaw outcome: {self.outcome.value}")
        if self.outcome not in CONDEMNS_THE_BANK:
            return
        bank = verdict.banks_of(db, [vial])[vial.bank_id]
        if db.actor.sees_all or bank.organisation_id == db.actor.organisation_id:
            hold = Hold(
                organisation_id=bank.organisation_id,
                bank_id=bank.id,
                kind=HoldKind.INVESTIGATION,
                reason=f"{vial.name}: {self.outcome.value}",
                needs_signature=True,
                opened_by=db.event_seq,
            )
            db.add(hold)
            noted.hold_id = hold.id
