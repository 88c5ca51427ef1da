"""A bank is planned: where it comes from, how old its cells are, what its labels say."""

from __future__ import annotations

import pytest

from cellbank.core.engine import Database
from cellbank.core.errors import NotFound, Refused
from cellbank.core.journal import Event, OutcomeKind
from cellbank.core.search import SearchTerm
from cellbank.domains.banks.models import BankCulture, PutBackRule, Tier
from cellbank.domains.lines.models import CultureState, LimitingMeasure, Line, PassageRule
from cellbank.domains.vials.commands import FinishFilling, PlanBank, RegisterBank
from cellbank.domains.vials.models import BankOrigin, ExceptionKind, ExceptionNote
from tests.domains.vials.making import (
    LONG_AGO,
    MakeCulture,
    MakeLine,
    bank_of,
    charlie,
    do,
    frozen,
    lot_of,
    planned_filling,
    rows,
)


def test_a_lot_number_counts_within_its_tier(database: Database) -> None:
    do(MakeLine(name="L"))
    lots = [lot_of(do(PlanBank(line="L", tier=tier))) for tier in (Tier.MASTER, Tier.SEED, Tier.MASTER)]
    assert lots == ["MCB-0001", "SDB-0001", "MCB-0002"]


def test_the_bank_is_as_old_as_the_oldest_of_its_pooled_cultures(database: Database) -> None:
    do(MakeLine(name="L"))
    do(MakeCulture(line="L", code="CUL-1", passage=10, after_thaw=1, cpd_milli=31_500))
    do(MakeCulture(line="L", code="CUL-2", passage=12, cpd_milli=30_000))
    bank = bank_of(lot_of(do(PlanBank(line="L", tier=Tier.MASTER, cultures=("CUL-1", "cul-2")))))
    assert (bank.passage, bank.passages_after_thaw, bank.cpd_milli, bank.passage_printed) == (
        12,
        None,
        31_500,
        "p12",
    )
    assert len(rows(BankCulture, BankCulture.bank_id == bank.id)) == 2


def test_an_unknown_passage_stays_unknown(database: Database) -> None:
    do(MakeLine(name="L", soft=3, hard=5))
    do(MakeCulture(line="L", code="CUL-1"))
    bank = bank_of(lot_of(do(PlanBank(line="L", tier=Tier.MASTER, cultures=("CUL-1",)))))
    assert (bank.passage, bank.passage_printed) == (None, None)
    assert rows(ExceptionNote) == []


def test_the_house_rule_in_force_is_kept_and_printed(database: Database) -> None:
    do(MakeLine(name="L", rule=PassageRule.PLUS_ONE_AT_FREEZE))
    bank = bank_of(lot_of(do(PlanBank(line="L", tier=Tier.MASTER, passage=10, passages_after_thaw=15))))
    assert (bank.passage, bank.passages_after_thaw) == (10, 15)
    assert (bank.passage_printed, bank.passage_rule) == ("p10+16", PassageRule.PLUS_ONE_AT_FREEZE)


def test_a_working_bank_comes_from_a_master_banks_vial(database: Database) -> None:
    master = frozen("L")
    lot = lot_of(do(PlanBank(line="L", tier=Tier.WORKING, origin_vials=(f"{master}-001",))))
    assert lot == "WCB-0001"
    assert len(rows(BankOrigin)) == 1


def test_a_working_bank_without_a_vial_is_refused(database: Database) -> None:
    do(MakeLine(name="L"))
    with pytest.raises(Refused, match="A working bank comes from a master bank's vial"):
        do(PlanBank(line="L", tier=Tier.WORKING))


def test_the_vial_behind_the_cultures_is_found_by_itself(database: Database) -> None:
    master = frozen("L")
    do(MakeCulture(line="L", code="CUL-1", passage=3, thawed_from=f"{master}-002"))
    do(MakeCulture(line="L", code="CUL-2", passage=4, parents=("CUL-1",)))
    do(MakeCulture(line="L", code="CUL-3", passage=5, parents=("CUL-1", "CUL-2")))
    do(PlanBank(line="L", tier=Tier.WORKING, cultures=("CUL-3",)))
    origins = rows(BankOrigin)
    assert len(origins) == 1


def test_a_working_bank_from_a_working_bank_is_refused_also_through_cultures(database: Database) -> None:
    master = frozen("L")
    working = lot_of(do(PlanBank(line="L", tier=Tier.WORKING, origin_vials=(f"{master}-001",))))
    do(FinishFilling(fill_lot=planned_filling(working, 2), filled=2))
    sentence = f"{working}-001 is of {working}, itself a working bank"
    with pytest.raises(Refused, match=sentence):
        do(PlanBank(line="L", tier=Tier.WORKING, origin_vials=(f"{working}-001",)))
    do(MakeCulture(line="L", code="CUL-9", passage=9, thawed_from=f"{working}-001"))
    with pytest.raises(Refused, match=sentence):
        do(PlanBank(line="L", tier=Tier.WORKING, cultures=("CUL-9",)))
    refused = rows(Event, Event.outcome == OutcomeKind.REFUSED)
    assert [event.name for event in refused] == ["banks.planned"] * 2


def test_tiers_never_go_up(database: Database) -> None:
    master = frozen("L")
    with pytest.raises(Refused, match="no seed bank is made from it, tiers never go up"):
        do(PlanBank(line="L", tier=Tier.SEED, origin_vials=(f"{master}-001",)))
    with pytest.raises(Refused, match="itself a master bank"):
        do(PlanBank(line="L", tier=Tier.MASTER, origin_vials=(f"{master}-001",)))


def test_a_bank_of_unknown_tier_is_registered_and_never_planned(database: Database) -> None:
    do(MakeLine(name="L"))
    with pytest.raises(Refused, match="Say of which tier"):
        do(PlanBank(line="L", tier=Tier.UNKNOWN))
    bank = bank_of(lot_of(do(RegisterBank(line="L", depositor_wording="HeLa, passage unknown, ATCC"))))
    assert (bank.code, bank.is_legacy, bank.passage) == ("BNK-0001", True, None)


def test_past_the_hard_limit_no_bank_is_planned(database: Database) -> None:
    do(MakeLine(name="L", soft=10, hard=20))
    do(MakeCulture(line="L", code="CUL-1", passage=18, after_thaw=3))
    with pytest.raises(Refused, match="at 21, past the hard limit of L, 20"):
        do(PlanBank(line="L", tier=Tier.MASTER, cultures=("CUL-1",)))
    do(PlanBank(line="L", tier=Tier.MASTER, passage=20))


def test_past_the_soft_limit_it_is_planned_and_quality_told(database: Database) -> None:
    do(MakeLine(name="L", measure=LimitingMeasure.POPULATION_DOUBLINGS, soft=30_000, hard=45_000))
    do(PlanBank(line="L", tier=Tier.MASTER, cpd_milli=30_000))
    assert rows(ExceptionNote) == []
    do(PlanBank(line="L", tier=Tier.MASTER, cpd_milli=30_001))
    assert [note.kind for note in rows(ExceptionNote)] == [ExceptionKind.PASSAGE_LIMIT]


def test_too_many_passages_since_the_thaw_are_refused(database: Database) -> None:
    do(MakeLine(name="L", after_thaw_max=5))
    with pytest.raises(Refused, match="split 6 times since their thaw; L allows 5"):
        do(PlanBank(line="L", tier=Tier.MASTER, passage=10, passages_after_thaw=6))


@pytest.mark.sqlite_only
def test_cultures_of_another_line_or_contaminated_ones_are_refused(database: Database) -> None:
    do(MakeLine(name="L"))
    do(MakeLine(name="M"))
    do(MakeCulture(line="M", code="CUL-1", passage=1))
    do(MakeCulture(line="L", code="CUL-2", passage=1, state=CultureState.CONTAMINATED))
    with pytest.raises(Refused, match="CUL-1 is not of line L"):
        do(PlanBank(line="L", tier=Tier.MASTER, cultures=("CUL-1",)))
    with pytest.raises(Refused, match="CUL-2 was discarded or is contaminated"):
        do(PlanBank(line="L", tier=Tier.MASTER, cultures=("CUL-2",)))
    with pytest.raises(NotFound):
        do(PlanBank(line="L", tier=Tier.MASTER, cultures=("CUL-77",)))


@pytest.mark.sqlite_only
def test_a_planned_vial_is_no_origin(database: Database) -> None:
    master = frozen("L")
    planned_filling(master, 2)
    with pytest.raises(Refused, match="MCB-0001-004 was never filled"):
        do(PlanBank(line="L", tier=Tier.WORKING, origin_vials=("MCB-0001-004",)))


@pytest.mark.sqlite_only
def test_nothing_new_is_made_of_a_closed_line(database: Database) -> None:
    do(MakeLine(name="L", is_closed=True))
    with pytest.raises(Refused, match="L is closed"):
        do(PlanBank(line="L", tier=Tier.MASTER))


def test_another_organisation_neither_sees_the_line_nor_gets_a_bank_planned(database: Database) -> None:
    do(MakeLine(name="L"))
    stranger = charlie()
    with pytest.raises(NotFound):
        do(PlanBank(line="L", tier=Tier.MASTER), stranger)
    do(MakeLine(name="own", organisation_id=stranger.organisation_id))
    assert lot_of(do(PlanBank(line="own", tier=Tier.MASTER), stranger)) == "MCB-0001"
    with pytest.raises(Refused, match="Only the bank's own staff"):
        do(PlanBank(line="own", tier=Tier.MASTER, owner="CCB"), stranger)


def test_a_bank_may_be_made_for_another_owner_and_long_ago(database: Database) -> None:
    stranger = charlie()
    do(MakeLine(name="L"))
    event = do(
        PlanBank(line="L", tier=Tier.MASTER, owner="ROYAN", put_back=PutBackRule.NEVER),
        occurred=LONG_AGO,
        reason="from paper",
    )
    bank = bank_of(lot_of(event))
    assert bank.organisation_id == stranger.organisation_id
    assert bank.put_back is PutBackRule.NEVER
    assert event.occurred_at == LONG_AGO.at


@pytest.mark.sqlite_only
def test_the_lot_number_is_found_with_and_without_its_hyphen(database: Database) -> None:
    do(MakeLine(name="L"))
    do(PlanBank(line="L", tier=Tier.MASTER))
    found = rows(SearchTerm, SearchTerm.kind == "bank", SearchTerm.subject_id == bank_of("MCB-0001").id)
    assert {term.folded for term in found} == {"mcb-0001", "mcb0001"}


@pytest.mark.sqlite_only
def test_a_line_is_named_by_its_code_where_its_name_is_used_twice(database: Database) -> None:
    stranger = charlie()
    do(MakeLine(name="L"))
    do(MakeLine(name="L", organisation_id=stranger.organisation_id))
    with pytest.raises(Refused, match="Several lines are called L"):
        do(PlanBank(line="L", tier=Tier.MASTER))
    theirs = rows(Line, Line.organisation_id == stranger.organisation_id)[0]
    assert bank_of(lot_of(do(PlanBank(line=theirs.code, tier=Tier.MASTER)))).line_id == theirs.id
