"""The house rules of a bank, and what was recorded of it by mistake."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field

from cellbank.core.command import Command
from cellbank.core.errors import Message, Refused
from cellbank.core.work import Writing
from cellbank.domains.banks.finding import bank_named
from cellbank.domains.banks.models import Grade, PutBackRule, RequiredStatement
from cellbank.domains.vials.models import ExceptionKind, Hold, HoldKind, Release
from cellbank.domains.vials.noting import note_exception, place_hold


class HouseRules(Command):
    """What may be done with a bank's vials; a base of the commands that set it."""

    put_back: PutBackRule = Field(
        default=PutBackRule.WITHIN_LIMIT,
        title="Putting back",
        description=Message("Whether a vial taken out may go back").id,
    )
    exposure_limit_s: int | None = Field(
        default=None,
        ge=1,
        title="Longest exposure (s)",
        description=Message("Of one taking out, in seconds").id,
    )
    exposures_max: int | None = Field(default=None, ge=1, title="Most exposures in a vial's life")
    minus_80_max_minutes: int | None = Field(default=None, ge=1, title="Longest stay at −80 °C (minutes)")
    needs_read_back: bool = Field(default=False, title="A second person reads picked vials back")
    needs_request: bool = Field(default=False, title="Picking needs an approved request")
    floor_stock: int = Field(
        default=0,
        ge=0,
        title="Floor stock",
        description=Message("The last vials, which only a manager may give away").id,
    )

    def rules(self) -> dict[str, Any]:
        """The rules by column."""
        return {name: getattr(self, name) for name in HouseRules.model_fields}


class ChangeHouseRules(HouseRules):
    """Change a bank's house rules: say all as they shall be; what is loosened is noted for quality."""

    records: ClassVar[str] = "banks.rules_changed"
    permission: ClassVar[str] = "banks.plan"
    label: ClassVar[str] = "Change the house rules"
    needs_reason: ClassVar[bool] = True

    bank: str = Field(title="Bank", min_length=1, max_length=40, json_schema_extra={"kind": "code"})

    def run(self, db: Writing) -> None:
        """Set them, and note which were loosened."""
        bank = bank_named(db, self.bank)
        before = {name: getattr(bank, name) for name in self.rules()}
        after = self.rules()
        changed = [name for name in after if after[name] != before[name]]
        if not changed:
            raise Refused("Nothing of the rules of {bank} would change", bank=bank.code, about=[bank])
        for name in changed:
            setattr(bank, name, after[name])
        for name in changed:
            if is_looser(name, before[name], after[name]):
                note_exception(
                    db,
                    bank.organisation_id,
                    ExceptionKind.RULE_LOOSENED,
                    f"{name}: {before[name]} → {after[name]}",
                    bank_id=bank.id,
                )


class CorrectBank(Command):
    """Correct what was recorded of a bank by mistake: say all as it should be; the lot number never changes."""

    records: ClassVar[str] = "banks.corrected"
    permission: ClassVar[str] = "banks.plan"
    label: ClassVar[str] = "Correct the bank's record"
    needs_reason: ClassVar[bool] = True

    bank: str = Field(title="Bank", min_length=1, max_length=40, json_schema_extra={"kind": "code"})
    title: str | None = Field(default=None, title="Title", max_length=200)
    grade: Grade = Field(default=Grade.RESEARCH, title="Quality grade")
    made_on: date | None = Field(default=None, title="Day of freezing")
    expires_on: date | None = Field(default=None, title="Expiry")
    retest_on: date | None = Field(default=None, title="Retest")
    passage: int | None = Field(default=None, ge=0, le=1000, title="Passage at harvest")
    passages_after_thaw: int | None = Field(default=None, ge=0, le=1000, title="Passages since the last thaw")
    cpd_milli: int | None = Field(default=None, ge=0, title="Cumulative doublings (thousandths)")
    statement: RequiredStatement = Field(
        default=RequiredStatement.RESEARCH_ONLY, title="Statement on the label"
    )
    planned_tests: str | None = Field(
        default=None, title="Planned tests", max_length=2000, json_schema_extra={"kind": "multiline"}
    )
    specification: str | None = Field(default=None, title="Specification", max_length=120)
    thaw_advice: str | None = Field(default=None, title="Advice for thawing", max_length=500)

    def run(self, db: Writing) -> None:
        """Set what differs; on a released bank this opens a hold until quality has looked."""
        bank = bank_named(db, self.bank)
        changed = {name: getattr(self, name) for name in type(self).model_fields if name != "bank"}
        changed = {name: value for name, value in changed.items() if getattr(bank, name) != value}
        if not changed:
            raise Refused("Nothing of {bank} would change", bank=bank.code, about=[bank])
        for name, value in changed.items():
            setattr(bank, name, value)
        detail = ", ".join(sorted(changed))
        hold: Hold | None = None
        if _is_released(db, bank.id):
            hold = place_hold(
                db, bank.organisation_id, HoldKind.CORRECTION, db.event.reason or detail, bank_id=bank.id
            )
            hold.needs_signature = True
        note_exception(db, bank.organisation_id, ExceptionKind.CORRECTION, detail, bank_id=bank.id, hold=hold)


_STRICTEST_FIRST = (PutBackRule.NEVER, PutBackRule.RETURNED_HOLD, PutBackRule.WITHIN_LIMIT)


def is_looser(rule: str, before: Any, after: Any) -> bool:
    """Whether a change of a house rule forbids less than before."""
    if rule == "put_back":
        return _STRICTEST_FIRST.index(after) > _STRICTEST_FIRST.index(before)
    if rule in ("needs_read_back", "needs_request", "floor_stock"):
        return bool(after < before)
    return before is not None and (after is None or after > before)


def _is_released(db: Writing, bank_id: UUID) -> bool:
    return (
        db.scalar(
            sa.select(Release.id)
            .where(Release.bank_id == bank_id, Release.revoked_by.is_(None), Release.annulled_by.is_(None))
            .limit(1)
        )
        is not None
    )
