from __future__ import annotations

from decimal import Decimal

import pytest

from cellbank.core import work
from cellbank.core.errors import Invalid, Refused
from cellbank.domains.lines import queries
from cellbank.domains.lines.commands import (
    AddCultureParent,
    AnnulCulture,
    DiscardCultures,
    HarvestCulture,
    MarkContaminated,
    PassageCulture,
    RecordCount,
    StartCulture,
)
from cellbank.domains.lines.commands.ends import CountOf
from cellbank.domains.lines.models import (
    Culture,
    CultureParent,
    CultureState,
    CultureVessel,
    LimitingMeasure,
    LineParentKind,
    VesselKind,
)
from tests.origin import KEEPER, culture, do, donation, every, line, made, only, passaged

MILLION = 1_000_000


def text_of(one):
    return queries.passage_text(one)


def again(one):
    return only(Culture, id=one.id)


def test_a_legacy_culture_keeps_the_depositors_words(database):
    first = culture(line(), passage="p12+3", passage_wording="پاساژ ۱۵ یا ۱۶")
    assert (first.code, text_of(first), first.passage_wording) == ("CUL-0001", "p12+3", "پاساژ ۱۵ یا ۱۶")


def test_an_unknown_passage_stays_unknown_and_is_never_nought(database):
    first = culture(line())
    child = passaged(first)
    for one in (first, child):
        assert (one.passage, one.is_passage_unknown, one.cpd_milli) == (None, True, None)


@pytest.mark.sqlite_only
def test_what_is_no_passage_is_refused_at_its_field(database):
    with pytest.raises(Invalid, match="is not a passage") as refused:
        culture(line(), passage="zwölf")
    assert refused.value.field == "passage"


def test_a_culture_begins_from_a_donation_of_its_line_only(database):
    given, other = donation(), donation()
    made_line = line("A", donations=(given.code,))
    assert culture(made_line, donation=given.code, passage="p0", doublings=Decimal(0)).donation_id == given.id
    with pytest.raises(Refused, match="does not come from DON-0002"):
        culture(made_line, donation=other.code)


def test_a_split_counts_one_more_and_harvests_the_parent(database):
    first = culture(
        line(), passage="p3", doublings=Decimal("14.2"), seeded_cells=2 * MILLION, seeded_viability=93
    )
    child = passaged(
        first, harvested_cells=12 * MILLION, harvested_viability=97, vessel=VesselKind.FLASK, vessels=3
    )
    parent = again(first)
    assert (parent.state, parent.cpd_milli) == (CultureState.HARVESTED, 16_846)
    assert (text_of(child), child.cpd_at_start_milli, child.cpd_milli) == ("p4", 16_846, 16_846)
    assert only(CultureVessel).vessels == 3


def test_an_uncounted_passage_makes_the_doublings_unknown(database):
    first = culture(line(), passage="p3", doublings=Decimal(10), seeded_cells=MILLION)
    assert passaged(first).cpd_milli is None


def test_one_becomes_several_and_since_the_thaw_is_counted_apart(database):
    first = culture(line(), passage="p12+0")
    event = do(PassageCulture(parents=(first.code,), into=3))
    assert [text_of(one) for one in every(Culture)[1:]] == ["p12+1"] * 3
    assert len(work.created(event, CultureParent)) == 3


def test_a_pool_is_as_old_as_its_oldest_part_and_keeps_amounts(database):
    of = line()
    a = culture(of, passage="p5", doublings=Decimal(10), seeded_cells=MILLION)
    b = culture(of, passage="p7", doublings=Decimal(12), seeded_cells=MILLION)
    for one in (a, b):
        do(HarvestCulture(culture=one.code, cells=2 * MILLION))
    pool = passaged(f"{a.code} 1500000", f"{b.code} ۵۰۰٬۰۰۰".replace("٬", ""))
    assert (text_of(pool), pool.cpd_milli, pool.cpd_mean_milli) == ("p8", 13_000, 12_000)
    assert {link.cells for link in every(CultureParent)} == {1_500_000, 500_000}


def test_the_old_culture_may_go_on(database):
    first = culture(line(), passage="p3")
    passaged(first, goes_on=True)
    assert again(first).state is CultureState.GROWING


def test_lines_are_not_pooled_unless_the_new_line_comes_from_both(database):
    a, b = line("A"), line("B")
    first, second = culture(a), culture(b)
    with pytest.raises(Refused, match="different lines"):
        passaged(first, second)
    with pytest.raises(Refused, match="does not come from"):
        passaged(first, second, line=a.code)
    fused = line("F", parents=(a.code, b.code), parent_kind=LineParentKind.FUSED)
    assert passaged(first, second, line=fused.code).line_id == fused.id


@pytest.mark.parametrize(
    ("limits", "begun"),
    [
        ({"hard_limit": 5}, {"passage": "p5"}),
        ({"passages_after_thaw_max": 2}, {"passage": "p3+2"}),
    ],
)
def test_an_intention_past_the_limit_is_refused_and_a_fact_is_recorded(database, limits, begun):
    first = culture(line(**limits), **begun)
    with pytest.raises(Refused, match="past its limit"):
        passaged(first)
    assert again(first).state is CultureState.GROWING
    beyond = passaged(first, has_happened=True)
    with work.reading(KEEPER) as db:
        assert [one.id for one, _ in queries.cultures_past_limit(db)] == [beyond.id]


def test_doublings_limit_where_they_are_the_measure(database):
    of = line(limiting_measure=LimitingMeasure.POPULATION_DOUBLINGS, soft_limit=11, hard_limit=12)
    first = culture(of, passage="p40", doublings=Decimal(10), seeded_cells=MILLION)
    with pytest.raises(Refused, match=r"cPD 13\.000"):
        passaged(first, harvested_cells=8 * MILLION)
    passaged(first, harvested_cells=4 * MILLION)
    with work.reading(KEEPER) as db:
        rows = queries.culture_rows(db, of, every(Culture))
    assert [(row.standing.value, row.doublings_milli) for row in rows] == [
        ("past_soft", 2000),
        ("past_soft", None),
    ]


def test_a_late_count_reaches_everything_that_was_passaged_from_it(database):
    first = culture(line(), passage="p1", doublings=Decimal(5), seeded_cells=MILLION)
    second = passaged(first, seeded_cells=MILLION)
    third = passaged(second, harvested_cells=2 * MILLION)
    assert again(third).cpd_milli is None
    do(RecordCount(culture=first.code, count_of=CountOf.HARVESTED, cells=4 * MILLION))
    assert [again(one).cpd_milli for one in (first, second, third)] == [7000, 8000, 8000]


def test_a_second_count_is_a_correction_and_needs_a_reason(database):
    first = culture(line(), doublings=Decimal(0), seeded_cells=MILLION)
    do(HarvestCulture(culture=first.code, cells=2 * MILLION))
    change = RecordCount(culture=first.code, count_of=CountOf.HARVESTED, cells=4 * MILLION)
    with pytest.raises(Invalid, match="already counted") as refused:
        do(change)
    assert refused.value.field == "reason"
    do(change, reason="the chamber was read twice")
    assert again(first).cpd_milli == 2000


def test_a_culture_never_comes_from_itself(database):
    first = culture(line())
    second = passaged(first)
    third = passaged(second)
    for parent in (third, second, first):
        with pytest.raises(Refused, match="its own ancestor"):
            do(AddCultureParent(culture=first.code, parent=parent.code), reason="a note")
    do(AddCultureParent(culture=third.code, parent=first.code), reason="the notebook says both")


def test_a_harvest_is_taken_back_and_a_discard_too(database):
    first = culture(line(), doublings=Decimal(1), seeded_cells=MILLION)
    for command in (
        HarvestCulture(culture=first.code, cells=2 * MILLION),
        DiscardCultures(cultures=(first.code,), why="spare"),
    ):
        event = do(command)
        assert again(first).state is not CultureState.GROWING
        do(command.inverse(event), undoes=event.id)
        now = again(first)
        assert (now.state, now.cpd_milli, now.harvested_cells, now.ended_at) == (
            CultureState.GROWING,
            1000,
            None,
            None,
        )


def test_contamination_is_a_fact_whatever_became_of_the_culture(database):
    first = culture(line())
    do(DiscardCultures(cultures=(first.code,), why="spare"))
    do(MarkContaminated(cultures=(first.code,), found="mycoplasma"))
    assert again(first).state is CultureState.CONTAMINATED
    with pytest.raises(Refused, match="no longer grown"):
        passaged(first)
    with pytest.raises(Refused, match="no longer growing"):
        do(HarvestCulture(culture=first.code))
    assert passaged(first, has_happened=True).code == "CUL-0002"


def test_a_culture_is_annulled_from_its_last_descendant_on(database):
    first = culture(line())
    child = passaged(first)
    with pytest.raises(Refused, match="annul that one first"):
        do(AnnulCulture(culture=first.code), reason="mistake")
    for one in (child, first):
        do(AnnulCulture(culture=one.code), reason="mistake")
    with work.reading(KEEPER) as db:
        assert queries.cultures_of_line(db, first.line_id) == []


@pytest.mark.sqlite_only
def test_the_same_culture_is_not_its_own_pool(database):
    first = culture(line())
    with pytest.raises(Invalid, match="named twice"):
        passaged(first, f"{first.code} 5")


def test_another_organisations_cultures_are_not_found(database, cast):
    first = culture(line("A"))
    theirs = culture(line("B", custodian="Celltech"))
    with work.reading(cast.charlie) as db:
        assert queries.cultures_of_line(db, first.line_id) == []
        assert [one.id for one in queries.cultures_of_line(db, theirs.line_id)] == [theirs.id]


def test_the_family_of_a_line_runs_from_its_donor_to_its_cultures(database):
    from tests.origin import donor

    donor(code="D-1")
    given = donation("D-1")
    parent = line("A", donations=(given.code,))
    child = line("B", parents=(parent.code,), parent_kind=LineParentKind.SUBCLONE)
    first = culture(parent, passage="p3")
    second = passaged(first, line=child.code)
    with work.reading(KEEPER) as db:
        family = queries.lineage_of_line(db, child.id)
    codes = {member.id: member.code for member in family.members}
    assert set(codes.values()) == {"D-1", given.code, parent.code, child.code, first.code, second.code}
    assert {(codes[d.start], codes[d.end]) for d in family.descents} == {
        ("D-1", given.code), (given.code, parent.code), (parent.code, child.code), (parent.code, first.code),
        (first.code, second.code),
    }  # fmt: skip


def test_a_started_culture_is_one_event_with_its_line_as_subject(database):
    event = do(StartCulture(line=line().code))
    assert event.name == "cultures.started"
    assert made(event, Culture).state is CultureState.GROWING
