"""Quality releases, rejects and revokes; what forbids a use forbids its release."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from cellbank.core import clock, work
from cellbank.core.actor import BANK_ID
from cellbank.core.engine import Database
from cellbank.core.errors import Invalid, NotPermitted, Refused
from cellbank.core.journal import Event
from cellbank.core.work import Writing
from cellbank.domains.banks.models import Bank, BankState, FillLot
from cellbank.domains.donors.models import Donation, Eligibility
from cellbank.domains.quality.commands import (
    LiftExceptions,
    RejectBank,
    ReleaseBank,
    ReleaseVials,
    RevokeRelease,
)
from cellbank.domains.quality.models import BankDecision, DecisionKind
from cellbank.domains.vials.commands import LiftHold
from cellbank.domains.vials.models import (
    ExceptionKind,
    ExceptionNote,
    ExceptionOutcome,
    Hold,
    HoldKind,
    IntendedUse,
    Release,
    Vial,
)
from cellbank.domains.vials.verdicts import State
from tests.domains.keeping import Lineage, change, hold, keep, release, rows
from tests.domains.vials.test_may_it_be_used import allowed, verdict_on
from tests.world import Cast, key

RESEARCH, TRAINING = IntendedUse.RESEARCH, IntendedUse.TRAINING


def release_bank(cast: Cast, lineage: Lineage, who: str = "bob", **terms: Any) -> Event:
    command = ReleaseBank(bank=lineage.lot, **({"use": RESEARCH} | terms))
    return work.perform(command, getattr(cast, who), key=key())


def an_exception(lineage: Lineage, *, holds: bool = False) -> ExceptionNote:
    made: list[ExceptionNote] = []

    def act(db: Writing) -> None:
        held = None
        if holds:
            held = Hold(
                organisation_id=BANK_ID,
                vial_id=lineage["vial"],
                kind=HoldKind.RETURNED,
                reason="put back late",
                opened_by=db.event_seq,
            )
            db.add(held)
        note = ExceptionNote(
            organisation_id=BANK_ID,
            bank_id=lineage["bank"],
            vial_id=lineage["vial"],
            kind=ExceptionKind.EXPOSURE_LIMIT,
            detail="900 s",
            hold_id=held.id if held else None,
            about_event=db.event_seq,
        )
        db.add(note)
        made.append(note)

    keep(act)
    return made[-1]


def test_a_released_bank_leaves_quarantine_and_says_it_is_unsigned(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    hold("bank", lineage["bank"], kind=HoldKind.QUARANTINE)
    assert verdict_on(lineage["vial"]).state is State.QUARANTINE
    release_bank(cast, lineage, conditions="karyotype pending", specification="SPEC-7 v2")
    assert allowed(lineage["vial"]) == {RESEARCH, TRAINING}
    (made,) = rows(database, Release)
    assert (made.bank_id, made.is_signed, made.specification) == (lineage["bank"], False, "SPEC-7 v2")
    (decision,) = rows(database, BankDecision)
    assert (decision.kind, decision.release_id) == (DecisionKind.RELEASED, made.id)
    (quarantine,) = rows(database, Hold)
    assert quarantine.closing_reason == "released"


def test_only_the_responsible_person_releases_for_clinical_use(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    with pytest.raises(NotPermitted, match="responsible person"):
        release_bank(cast, lineage, use=IntendedUse.CLINICAL)
    with pytest.raises(NotPermitted):
        release_bank(cast, lineage, "carol", use=RESEARCH)
    release_bank(cast, lineage, "rana", use=IntendedUse.CLINICAL)
    assert IntendedUse.CLINICAL in allowed(lineage["vial"])


def test_what_forbids_a_use_forbids_its_release(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    change(Donation, lineage["donation"], eligibility=Eligibility.PENDING)
    with pytest.raises(Refused, match="eligibility of donation"):
        release_bank(cast, lineage, "rana", use=IntendedUse.CLINICAL)
    hold("culture", lineage["culture"], reason="mycoplasma")
    with pytest.raises(Refused, match=r"cannot be released: .* is on hold: mycoplasma"):
        release_bank(cast, lineage)


def test_a_balance_that_does_not_come_out_blocks_the_release(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    change(FillLot, lineage["fill_lot"], counted=3)
    with pytest.raises(Refused, match=r"balance of .* does not come out"):
        release_bank(cast, lineage)


def test_an_open_exception_blocks_the_release_until_it_ends(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    note = an_exception(lineage)
    with pytest.raises(Refused, match="has 1 open exceptions"):
        release_bank(cast, lineage)
    ended = LiftExceptions(exceptions=(note.id,), outcome=ExceptionOutcome.ACCEPTED)
    work.perform(ended, cast.bob, key=key())
    release_bank(cast, lineage)


def test_a_bank_is_released_once_for_a_use_and_only_when_it_is_frozen(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    change(Bank, lineage["bank"], state=BankState.FILLING)
    with pytest.raises(Refused, match="is not frozen yet"):
        release_bank(cast, lineage)
    change(Bank, lineage["bank"], state=BankState.FROZEN)
    release_bank(cast, lineage)
    with pytest.raises(Refused, match="is released for research already"):
        release_bank(cast, lineage)
    release_bank(cast, lineage, use=TRAINING)


def test_a_release_does_not_end_before_it_begins(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    with pytest.raises(Invalid, match="end before it begins"):
        release_bank(cast, lineage, valid_from=date(2026, 6, 2), valid_until=date(2026, 6, 1))
    with pytest.raises(Invalid, match="end before it begins"):
        release_bank(cast, lineage, valid_until=date(2026, 1, 1))
    tomorrow = clock.now().date() + timedelta(days=2)
    release_bank(cast, lineage, valid_from=tomorrow)
    assert allowed(lineage["vial"]) == set()


def test_single_vials_are_released_without_their_bank(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    hold("vial", lineage.vials[0], kind=HoldKind.QUARANTINE)
    command = ReleaseVials(vials=(lineage.codes[0],), use=RESEARCH)
    work.perform(command, cast.bob, key=key())
    assert allowed(lineage.vials[0]) == {RESEARCH, TRAINING}
    assert allowed(lineage.vials[1]) == set()


def test_a_vial_is_not_released_over_its_banks_quarantine_or_its_own_exception(
    database: Database, cast: Cast
) -> None:
    lineage = Lineage()
    an_exception(lineage)
    with pytest.raises(Refused, match="open exceptions"):
        work.perform(ReleaseVials(vials=(lineage.codes[0],), use=RESEARCH), cast.bob, key=key())
    hold("bank", lineage["bank"], kind=HoldKind.QUARANTINE, reason="new")
    with pytest.raises(Refused, match="is on hold: new"):
        work.perform(ReleaseVials(vials=(lineage.codes[1],), use=RESEARCH), cast.bob, key=key())


def test_a_rejected_bank_loses_its_releases_for_good(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    release(lineage)
    work.perform(RejectBank(bank=lineage.lot), cast.bob, key=key(), reason="contaminated")
    assert verdict_on(lineage["vial"]).state is State.REJECTED
    assert all(made.revocation_reason == "contaminated" for made in rows(database, Release))
    (decision,) = rows(database, BankDecision)
    (rejection,) = rows(database, Hold)
    assert (decision.kind, decision.hold_id) == (DecisionKind.REJECTED, rejection.id)
    with pytest.raises(Refused, match="rejected already"):
        work.perform(RejectBank(bank=lineage.lot), cast.bob, key=key(), reason="again")
    with pytest.raises(Refused, match="was rejected: contaminated"):
        release_bank(cast, lineage)
    work.perform(LiftHold(hold=rejection.id), cast.rana, key=key(), reason="the wrong bank was meant")
    assert verdict_on(lineage["vial"]).state is State.QUARANTINE


def test_a_release_is_revoked_with_a_reason(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    release_bank(cast, lineage)
    (made,) = rows(database, Release)
    with pytest.raises(Invalid, match="reason"):
        work.perform(RevokeRelease(release=made.id), cast.bob, key=key())
    work.perform(RevokeRelease(release=made.id), cast.bob, key=key(), reason="test failed")
    assert allowed(lineage["vial"]) == set()
    with pytest.raises(Refused, match="revoked already"):
        work.perform(RevokeRelease(release=made.id), cast.bob, key=key(), reason="again")
    release_bank(cast, lineage)


# ---- how exceptions end ----


def test_an_accepted_return_lifts_its_hold_where_quality_says_so(database: Database, cast: Cast) -> None:
    lineage = Lineage()
    release(lineage)
    note = an_exception(lineage, holds=True)
    assert allowed(lineage["vial"]) == set()
    command = LiftExceptions(
        exceptions=(note.id,), outcome=ExceptionOutcome.DEVIATION, deviation_number="DEV-9", lifts_holds=True
    )
    work.perform(command, cast.bob, key=key())
    assert allowed(lineage["vial"]) == set(IntendedUse)
    (ended,) = rows(database, ExceptionNote)
    assert (ended.outcome, ended.deviation_number) == (ExceptionOutcome.DEVIATION, "DEV-9")


@pytest.mark.parametrize("outcome", [ExceptionOutcome.DEVIATION, ExceptionOutcome.QUERY_ANSWERED])
def test_a_deviation_has_a_number_and_a_query_an_answer(
    database: Database, cast: Cast, outcome: ExceptionOutcome
) -> None:
    note = an_exception(Lineage())
    with pytest.raises(Invalid):
        work.perform(LiftExceptions(exceptions=(note.id,), outcome=outcome), cast.bob, key=key())


def test_nobody_judges_what_they_did_themselves(database: Database, cast: Cast) -> None:
    from cellbank.domains.vials.commands import CorrectVial

    lineage = Lineage()
    command = CorrectVial(vial=lineage.codes[0], cells=7)
    work.perform(command, cast.bob, key=key(), reason="a slip of the pen")
    (note,) = rows(database, ExceptionNote)
    ended = LiftExceptions(exceptions=(note.id,), outcome=ExceptionOutcome.ACCEPTED)
    with pytest.raises(Refused, match="somebody else judges it"):
        work.perform(ended, cast.bob, key=key())
    work.perform(ended, cast.rana, key=key())
    (vial,) = rows(database, Vial, Vial.id == lineage["vial"])
    assert vial.cells == 7
