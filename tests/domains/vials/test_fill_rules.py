"""House rules and corrections of a bank."""

from __future__ import annotations

from datetime import date

import pytest

from cellbank.core.command import REGISTER, Command
from cellbank.core.engine import Database
from cellbank.core.errors import Invalid, Refused
from cellbank.core.work import Writing
from cellbank.domains.banks.models import PutBackRule, RequiredStatement
from cellbank.domains.vials.commands import ChangeHouseRules, CorrectBank
from cellbank.domains.vials.commands.bank_rules import is_looser
from cellbank.domains.vials.models import ExceptionKind, ExceptionNote, Hold, HoldKind, IntendedUse, Release
from tests.domains.vials.making import bank_of, do, planned_bank, rows


class ReleaseIt(Command):
    """Release a bank, as quality does elsewhere."""

    records = "test.released"
    permission = "test.write"
    label = "Release it"

    bank: str

    def run(self, db: Writing) -> None:
        bank = bank_of(self.bank)
        db.add(
            Release(
                organisation_id=bank.organisation_id,
                bank_id=bank.id,
                intended_use=IntendedUse.RESEARCH,
                valid_from=date(2026, 1, 1),
                given_by=db.event_seq,
            )
        )


REGISTER.pop("ReleaseIt")


def test_loosening_is_noted_and_tightening_is_not(database: Database) -> None:
    lot = planned_bank(exposure_limit_s=120, floor_stock=5)
    do(
        ChangeHouseRules(bank=lot, exposure_limit_s=60, floor_stock=5, put_back=PutBackRule.NEVER),
        reason="tighter",
    )
    assert rows(ExceptionNote) == []
    do(
        ChangeHouseRules(bank=lot, exposure_limit_s=90, floor_stock=2, put_back=PutBackRule.NEVER),
        reason="looser",
    )
    assert sorted(note.detail for note in rows(ExceptionNote)) == [
        "exposure_limit_s: 60 → 90",
        "floor_stock: 5 → 2",
    ]
    assert bank_of(lot).floor_stock == 2


@pytest.mark.sqlite_only
def test_a_change_needs_a_reason_and_must_change_something(database: Database) -> None:
    lot = planned_bank()
    with pytest.raises(Invalid, match="needs a reason"):
        do(ChangeHouseRules(bank=lot, floor_stock=1))
    with pytest.raises(Refused, match="Nothing of the rules of MCB-0001 would change"):
        do(ChangeHouseRules(bank=lot), reason="nothing")


@pytest.mark.parametrize(
    ("rule", "before", "after", "looser"),
    [
        ("put_back", PutBackRule.NEVER, PutBackRule.RETURNED_HOLD, True),
        ("put_back", PutBackRule.WITHIN_LIMIT, PutBackRule.RETURNED_HOLD, False),
        ("needs_read_back", True, False, True),
        ("needs_request", False, True, False),
        ("exposure_limit_s", None, 60, False),
        ("exposure_limit_s", 60, None, True),
        ("exposures_max", 3, 2, False),
    ],
)
def test_what_forbids_less_is_looser(rule: str, before: object, after: object, *, looser: bool) -> None:
    assert is_looser(rule, before, after) is looser


def test_a_correction_of_a_released_bank_holds_it_until_quality_signed(database: Database) -> None:
    lot = planned_bank(passage=3)
    do(CorrectBank(bank=lot, passage=4), reason="misread")
    assert rows(Hold) == []
    do(ReleaseIt(bank=lot))
    do(CorrectBank(bank=lot, passage=5, statement=RequiredStatement.BIOHAZARD), reason="misread again")
    hold = rows(Hold)[0]
    assert (hold.bank_id, hold.kind, hold.needs_signature) == (bank_of(lot).id, HoldKind.CORRECTION, True)
    notes = rows(ExceptionNote)
    assert [(note.kind, note.detail) for note in notes] == [
        (ExceptionKind.CORRECTION, "passage"),
        (ExceptionKind.CORRECTION, "passage, statement"),
    ]
    assert bank_of(lot).passage == 5
