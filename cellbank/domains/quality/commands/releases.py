"""Releasing and rejecting banks and vials."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field

from cellbank.core.command import Command
from cellbank.core.errors import Invalid, NotPermitted, Refused
from cellbank.core.work import Writing, required
from cellbank.domains.banks.finding import bank_named
from cellbank.domains.banks.models import Bank, BankState
from cellbank.domains.quality.models import BankDecision, DecisionKind
from cellbank.domains.vials import finding
from cellbank.domains.vials.models import (
    ExceptionNote,
    Hold,
    HoldKind,
    IntendedUse,
    Release,
    Vial,
)
from cellbank.domains.vials.queries import mass_balance
from cellbank.domains.vials.verdicts import bank_obstacles, vial_obstacles
from cellbank.domains.vials.verdicts.answer import USE_NAMES
from cellbank.domains.vials.verdicts.asking import today

MOST_AT_ONCE = 500


class _Terms(Command):
    """For what, under which conditions, and how long something is released."""

    use: IntendedUse = Field(title="Released for")
    conditions: str | None = Field(
        default=None,
        title="Conditions",
        description="Tests still pending, one protocol only, countries",
        max_length=1000,
        json_schema_extra={"kind": "multiline"},
    )
    valid_from: date | None = Field(default=None, title="From the day", description="Empty: today")
    valid_until: date | None = Field(
        default=None, title="Until the day", description="Empty: until it is revoked"
    )
    specification: str | None = Field(
        default=None, title="Specification", description="Code and version it was judged by", max_length=120
    )

    def terms(self, db: Writing) -> dict[str, Any]:
        """The columns of a release that these terms fill. :raises NotPermitted: clinical use needs more."""
        if self.use is IntendedUse.CLINICAL and not db.actor.may("quality.release_clinical"):
            raise NotPermitted("Only the responsible person releases for clinical use")
        first = self.valid_from or today()
        if self.valid_until is not None and self.valid_until < first:
            raise Invalid("The release would end before it begins", field="valid_until")
        return {
            "intended_use": self.use,
            "conditions": self.conditions,
            "valid_from": first,
            "valid_until": self.valid_until,
            "specification": self.specification,
            "given_by": db.event_seq,
        }


class ReleaseBank(_Terms):
    """Release a bank for one use, after its dossier was read. The release is not signed and says so."""

    records: ClassVar[str] = "bank.released"
    permission: ClassVar[str] = "quality.release"
    label: ClassVar[str] = "Release the bank"

    bank: str = Field(title="Bank", min_length=1, max_length=40, json_schema_extra={"kind": "code"})

    def run(self, db: Writing) -> None:
        """Refused while something forbids the use, an exception is open or the balance does not come out."""
        terms = self.terms(db)
        bank = bank_named(db, self.bank)
        db.lock(Bank, [bank.id])
        self._refuse_unless_ready(db, bank)
        release = Release(organisation_id=bank.organisation_id, bank_id=bank.id, **terms)
        db.add(release)
        db.add(
            BankDecision(
                organisation_id=bank.organisation_id,
                bank_id=bank.id,
                kind=DecisionKind.RELEASED,
                release_id=release.id,
                reason=db.event.reason,
                specification=self.specification or bank.specification,
                decided_by=db.event_seq,
            )
        )
        end_quarantine(db, Hold.bank_id == bank.id)

    def _refuse_unless_ready(self, db: Writing, bank: Bank) -> None:
        if bank.state not in (BankState.FROZEN, BankState.CLOSED):
            raise Refused("{bank} is not frozen yet", bank=bank.code, about=[bank])
        if _in_force(db, Release.bank_id == bank.id, self.use):
            raise Refused(
                "{bank} is released for {use} already", bank=bank.code, use=USE_NAMES[self.use], about=[bank]
            )
        for obstacle in bank_obstacles(db, [bank.id], self.use)[bank.id]:
            raise Refused("{what} cannot be released: {why}", what=bank.code, why=obstacle, about=[bank])
        balance = mass_balance(db, [bank.id])[bank.id]
        if not balance.is_even:
            raise Refused(
                "The balance of {bank} does not come out: {planned} numbers and {filled} vials are unaccounted for",
                bank=bank.code,
                planned=balance.planning_difference,
                filled=balance.vial_difference,
                about=[bank],
            )
        count = open_exceptions(db, ExceptionNote.bank_id == bank.id)
        if count:
            raise Refused(
                "{what} has {count} open exceptions: end them first",
                what=bank.code,
                count=count,
                about=[bank],
            )


class ReleaseVials(_Terms):
    """Release single vials for one use; the rest of their bank stays as it is."""

    records: ClassVar[str] = "vials.released"
    permission: ClassVar[str] = "quality.release"
    label: ClassVar[str] = "Release the vials"

    vials: tuple[str, ...] = Field(title="Vials", min_length=1, max_length=MOST_AT_ONCE)

    def run(self, db: Writing) -> None:
        """All of them or none; the quarantine of each vial ends, that of its bank does not."""
        terms = self.terms(db)
        vials = list(finding.locked_vials(db, self.vials).values())
        keys = [vial.id for vial in vials]
        obstacles = vial_obstacles(db, keys, self.use)
        for vial in vials:
            for obstacle in obstacles[vial.id]:
                raise Refused("{what} cannot be released: {why}", what=vial.name, why=obstacle, about=[vial])
            count = open_exceptions(db, ExceptionNote.vial_id == vial.id)
            if count:
                raise Refused(
                    "{what} has {count} open exceptions: end them first",
                    what=vial.name,
                    count=count,
                    about=[vial],
                )
            db.add(Release(organisation_id=vial.organisation_id, vial_id=vial.id, **terms))
        end_quarantine(db, Hold.vial_id.in_(keys))


class RejectBank(Command):
    """Reject a bank: neither it nor anything made from it may be used any more."""

    records: ClassVar[str] = "bank.rejected"
    permission: ClassVar[str] = "quality.reject"
    label: ClassVar[str] = "Reject the bank"
    needs_reason: ClassVar[bool] = True

    bank: str = Field(title="Bank", min_length=1, max_length=40, json_schema_extra={"kind": "code"})
    specification: str | None = Field(
        default=None, title="Specification", description="Code and version it was judged by", max_length=120
    )

    def run(self, db: Writing) -> None:
        """A hold that only who rejects can lift; its releases, and those of its vials, are revoked."""
        bank = bank_named(db, self.bank)
        db.lock(Bank, [bank.id])
        is_rejected = db.scalar(
            sa.select(Hold.id).where(
                Hold.bank_id == bank.id, Hold.kind == HoldKind.REJECTED, Hold.closed_by.is_(None)
            )
        )
        if is_rejected is not None:
            raise Refused("{bank} is rejected already", bank=bank.code, about=[bank])
        why = db.event.reason or ""
        hold = Hold(
            organisation_id=bank.organisation_id,
            bank_id=bank.id,
            kind=HoldKind.REJECTED,
            reason=why,
            needs_signature=True,
            opened_by=db.event_seq,
        )
        db.add(hold)
        db.add(
            BankDecision(
                organisation_id=bank.organisation_id,
                bank_id=bank.id,
                kind=DecisionKind.REJECTED,
                hold_id=hold.id,
                reason=why,
                specification=self.specification or bank.specification,
                decided_by=db.event_seq,
            )
        )
        vials = sa.select(Vial.id).where(Vial.bank_id == bank.id)
        _revoke(db, sa.or_(Release.bank_id == bank.id, Release.vial_id.in_(vials)), why)


class RevokeRelease(Command):
    """Take a release back from now on; what was used under it was used rightly."""

    records: ClassVar[str] = "release.revoked"
    permission: ClassVar[str] = "quality.release"
    label: ClassVar[str] = "Revoke the release"
    needs_reason: ClassVar[bool] = True

    release: UUID = Field(title="Release")

    def run(self, db: Writing) -> None:
        """It ends at once."""
        release = required(db.scalar(sa.select(Release).where(Release.id == self.release)), str(self.release))
        db.lock(Release, [release.id])
        if release.revoked_by is not None or release.annulled_by is not None:
            raise Refused("This release is revoked already", about=[release])
        release.revoked_by, release.revocation_reason = db.event_seq, db.event.reason


# ---- what they share ----


def end_quarantine(db: Writing, whose: sa.ColumnElement[bool]) -> None:
    """A release is the end of the quarantine of just that thing; every other hold stays."""
    open_holds = db.scalars(
        sa.select(Hold).where(
            whose, Hold.kind == HoldKind.QUARANTINE, Hold.closed_by.is_(None), Hold.annulled_by.is_(None)
        )
    )
    for hold in open_holds:
        hold.closed_by, hold.closing_reason = db.event_seq, "released"


def open_exceptions(db: Writing, whose: sa.ColumnElement[bool]) -> int:
    """How many exceptions still wait for quality."""
    count = (
        sa.select(sa.func.count()).select_from(ExceptionNote).where(whose, ExceptionNote.closed_by.is_(None))
    )
    return db.scalar(count) or 0


def _in_force(db: Writing, whose: sa.ColumnElement[bool], use: IntendedUse) -> bool:
    found = sa.select(Release.id).where(
        whose,
        Release.intended_use == use,
        Release.revoked_by.is_(None),
        Release.annulled_by.is_(None),
        sa.or_(Release.valid_until.is_(None), Release.valid_until >= today()),
    )
    return db.scalar(found.limit(1)) is not None


def _revoke(db: Writing, whose: sa.ColumnElement[bool], why: str) -> None:
    releases: Iterable[Release] = db.scalars(
        sa.select(Release).where(whose, Release.revoked_by.is_(None), Release.annulled_by.is_(None))
    )
    for release in releases:
        release.revoked_by, release.revocation_reason = db.event_seq, why
