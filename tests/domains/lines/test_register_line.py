from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from cellbank.core import work
from cellbank.core.errors import Invalid, NotFound, NotPermitted, Refused
from cellbank.core.model import Precision
from cellbank.domains.lines import queries
from cellbank.domains.lines.commands import (
    AddLineParent,
    CloseLine,
    CorrectLine,
    RegisterLine,
    ReopenLine,
    SetLimits,
    StartCulture,
)
from cellbank.domains.lines.models import (
    LimitingMeasure,
    Line,
    LineDonation,
    LineKind,
    LineParent,
    LineParentKind,
    PassageRule,
)
from tests.origin import KEEPER, do, donation, donor, line, only


def test_a_line_comes_from_its_donations(database):
    donor(code="D-1")
    first, second = donation("D-1"), donation("D-1", din="G12341765432170")
    made = line("TABi005-A", donations=(first.code, "G12341765432170"), derived="خرداد ۱۳۹۲")
    assert (made.code, made.is_donation_unknown) == ("L-0001", False)
    assert (made.derived_on, made.derived_precision) == (date(2013, 5, 22), Precision.MONTH)
    with work.reading(KEEPER) as db:
        assert {one.code for one in queries.donations_of_line(db, made.id)} == {first.code, second.code}


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "donation_unknown_reason"),
        ({"donation_unknown_reason": "1951"}, "donation_unknown_source"),
        ({"donation_unknown_reason": "1951", "donations": ("DON-0001",)}, "donation_unknown_reason"),
        ({"parents": ("Vero",)}, "parent_kind"),
    ],
)
def test_an_unknown_origin_is_said_whole(database, said, field):
    donation()
    line("Vero")
    with pytest.raises(Invalid) as refused:
        do(RegisterLine(name="HeLa", kind=LineKind.CANCER, **said))
    assert refused.value.field == field


def test_a_name_is_given_once_in_an_organisation_but_by_each_organisation(database, cast):
    line("HeLa")
    with pytest.raises(Refused, match="L-0001"):
        line("hela")
    theirs = line("HeLa", custodian="Celltech")
    assert theirs.organisation_id == cast.celltech.id
    with pytest.raises(Invalid, match="Several lines are called HeLa"):
        do(CloseLine(line="HeLa"))
    with work.reading(cast.charlie) as db:
        assert [row.line.code for row in queries.lines(db)[0]] == [theirs.code]
        with pytest.raises(NotFound):
            queries.line(db, "L-0001")


@pytest.mark.sqlite_only
def test_names_of_registries_have_their_form(database):
    with pytest.raises(Invalid, match="hPSCreg"):
        line(hpscreg_name="UKBi5-A")
    with pytest.raises(Invalid, match="Cellosaurus"):
        line(rrid="CVCL-0030")
    assert line(rrid="RRID:CVCL_0030").rrid == "CVCL_0030"


def test_a_line_is_found_by_every_name_and_no_longer_by_one_that_was_corrected(database):
    line("BJ-5ta", other_names=("hTERT-BJ", "فیبروبلاست ۵"), rrid="CVCL_6573", kind=LineKind.CONTINUOUS)

    def found(text):
        with work.reading(KEEPER) as db:
            return [row.line.name for row in queries.lines(db, text=text)[0]]

    for text in ("bj-5", "HTERT", "cvcl_65", "rrid:cvcl", "فيبروبلاست", "l-0001"):
        assert found(text) == ["BJ-5ta"], text
    change = CorrectLine(line="L-0001", name="BJ-5ta", kind=LineKind.CONTINUOUS, rrid="CVCL_6573")
    do(change, reason="the other names are another line's")
    assert found("htert") == []
    assert found("bj-5") == ["BJ-5ta"]


def test_a_line_never_comes_from_itself(database):
    first = line("A")
    second = line("B", parents=("A",), parent_kind=LineParentKind.SUBCLONE)
    third = line("C", parents=(second.code,), parent_kind=LineParentKind.GENETICALLY_CHANGED)
    for parent in (third, second, first):
        with pytest.raises(Refused, match="its own ancestor"):
            do(AddLineParent(line="A", parent=parent.code, kind=LineParentKind.SUBCLONE), reason="a note")
    assert only(Line, name="A").is_donation_unknown
    do(AddLineParent(line="C", parent="A", kind=LineParentKind.FUSED), reason="a hybridoma has two")


def test_limits_are_whole_passages_or_thousandths_of_doublings(database):
    made = line(
        "M", limiting_measure=LimitingMeasure.POPULATION_DOUBLINGS, soft_limit=Decimal("25.5"), hard_limit=30
    )
    assert (made.soft_limit, made.hard_limit) == (25500, 30000)
    change = {"line": made.code, "limiting_measure": LimitingMeasure.PASSAGE}
    with pytest.raises(Invalid, match="too fine"):
        do(SetLimits(**change, hard_limit=Decimal("5.5")), reason="policy 7")
    with pytest.raises(Invalid, match="must come before"):
        do(SetLimits(**change, soft_limit=6, hard_limit=5), reason="policy 7")
    with pytest.raises(Invalid, match="needs a reason"):
        do(SetLimits(**change, hard_limit=5))
    do(SetLimits(**change, hard_limit=5, passage_rule=PassageRule.PLUS_ONE_AT_FREEZE), reason="policy 7")
    now = only(Line)
    assert (now.soft_limit, now.hard_limit, now.passage_rule) == (None, 5, PassageRule.PLUS_ONE_AT_FREEZE)


@pytest.mark.sqlite_only
def test_a_closed_line_begins_no_culture_until_it_is_opened_again(database):
    made = line("A")
    event = do(CloseLine(line=made.code))
    with pytest.raises(Refused, match="is closed"):
        do(StartCulture(line=made.code))
    do(CloseLine(line=made.code).inverse(event))
    assert not only(Line).is_closed
    with pytest.raises(Refused, match="is not closed"):
        do(ReopenLine(line=made.code))


def test_a_technician_grows_lines_but_registers_none(database, cast):
    with pytest.raises(NotPermitted):
        do(RegisterLine(name="A", kind=LineKind.MSC), cast.alice)
    do(StartCulture(line=line("A").code), cast.alice)


def test_a_pooled_line_names_each_donation_once(database):
    given = donation()
    line("A", donations=(given.code,))
    assert only(LineDonation).donation_id == given.id
    with work.reading(KEEPER) as db:
        assert db.query(LineParent).count() == 0
