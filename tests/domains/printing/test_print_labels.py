"""Plan, print, read every code back; print again."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from cellbank.core import ids, work
from cellbank.core.errors import Invalid, NotFound, NotPermitted, Refused
from cellbank.domains.accounts.models import Calendar
from cellbank.domains.banks.models import RequiredStatement
from cellbank.domains.printing.models import LabelPrintState
from cellbank.domains.vials.finding import vial_keys
from cellbank.domains.vials.models import Vial, VialState
from tests.domains.printing.making import (
    STAFF,
    MakeLot,
    MakeSite,
    codes_of,
    do,
    every,
    one,
    print_labels,
    prints,
)


def test_each_label_carries_the_code_its_vial_has_since_planning(database):
    do(MakeLot(bank="MCB-0042", vials=5))
    run = print_labels(fill_lot="MCB-0042-F1", frozen_on=date(2026, 11, 22))
    rows = prints(run)
    assert (run.code, run.labels, run.start_at, run.is_cryo_stock) == ("LBL-0001", 5, 1, True)
    assert [row.position for row in rows] == [1, 2, 3, 4, 5]
    planned = [codes_of(f"MCB-0042-{number:03}") for number in range(1, 6)]
    assert [[code.code for code in codes] for codes in planned] == [[row.values["code"]] for row in rows]
    assert rows[1].values == {
        "code": planned[1][0].code,
        "lot_number": "MCB-0042-002",
        "line": "RCB-iPSC-012",
        "passage": "p12+3",
        "frozen_on": "2026-11-22",
        "statement": "Research use only",
        **({"owner": rows[1].values["owner"]} if "owner" in rows[1].values else {}),
    }


def test_the_labels_of_a_range_are_printed(database):
    do(MakeLot(bank="MCB-0042", vials=9))
    run = print_labels(fill_lot="mcb-0042-f1", from_number=3, to_number=5)
    assert [row.values["lot_number"] for row in prints(run)] == [
        "MCB-0042-003",
        "MCB-0042-004",
        "MCB-0042-005",
    ]


def test_only_vials_without_a_label_are_printed_where_that_is_asked(database):
    do(MakeLot(bank="MCB-0042", vials=4))
    print_labels(fill_lot="MCB-0042-F1", to_number=2)
    run = print_labels(fill_lot="MCB-0042-F1", only_new=True)
    assert [row.values["lot_number"] for row in prints(run)] == ["MCB-0042-003", "MCB-0042-004"]
    with pytest.raises(Refused, match="needs a label"):
        print_labels(fill_lot="MCB-0042-F1", only_new=True)


def test_a_second_label_needs_a_reason(database):
    do(MakeLot(bank="MCB-0042", vials=2))
    print_labels(fill_lot="MCB-0042-F1")
    with pytest.raises(Invalid, match="say why") as refused:
        print_labels(vials=("MCB-0042-002",))
    assert refused.value.field == "reason"
    assert [code.voided_by for code in codes_of("MCB-0042-002")] == [None]


def test_a_reprint_has_a_new_code_and_makes_the_old_one_void(database):
    do(MakeLot(bank="MCB-0042", vials=2))
    first = print_labels(fill_lot="MCB-0042-F1")
    second = print_labels(vials=("MCB-0042-002",), reason="the first one came off")
    old, new = codes_of("MCB-0042-002")
    assert ids.parse_code(new.code) == new.code != old.code
    assert (old.voided_by, new.voided_by) == (second.printed_by, None)
    (row,) = prints(second)
    assert row.values["code"] == new.code
    assert (row.reprint_of_id, row.reason) == (prints(first)[1].id, "the first one came off")
    assert [row.state for row in prints(first)] == [LabelPrintState.PRINTED, LabelPrintState.VOID]
    with work.reading(STAFF) as db:
        assert vial_keys(db, [new.code])[new.code] == one(Vial, Vial.name == "MCB-0042-002").id
        with pytest.raises(Refused, match="is void"):
            vial_keys(db, [old.code])


def test_a_cap_label_has_a_code_of_its_own_beside_the_side(database):
    do(MakeLot(bank="MCB-0042", vials=1))
    side = print_labels(fill_lot="MCB-0042-F1")
    cap = print_labels(fill_lot="MCB-0042-F1", template="cap-code", stock="cap-dots-9185-1000")
    codes = codes_of("MCB-0042-001")
    assert [(code.is_cap, code.voided_by) for code in codes] == [(False, None), (True, None)]
    assert [prints(run)[0].values["code"] for run in (side, cap)] == [code.code for code in codes]
    again = print_labels(
        vials=(codes[1].code,), template="cap-code", stock="cap-dots-9185-1000", reason="fell into the tank"
    )
    assert [code.voided_by for code in codes_of("MCB-0042-001")] == [None, again.printed_by, None]


def test_a_dot_with_a_number_alone_has_no_code_and_voids_none(database):
    do(MakeLot(bank="MCB-0042", vials=1))
    print_labels(fill_lot="MCB-0042-F1")
    run = print_labels(fill_lot="MCB-0042-F1", template="cap-number", stock="cap-dots-9185-1000")
    assert prints(run)[0].values == {"number": "001", "lot_tail": "0042"}
    assert [code.voided_by for code in codes_of("MCB-0042-001")] == [None]


def test_the_next_run_begins_where_the_persons_last_one_ended(cast):
    do(MakeLot(bank="MCB-0042", vials=90))
    assert print_labels(cast.alice, fill_lot="MCB-0042-F1", to_number=5).start_at == 1
    assert print_labels(cast.alice, fill_lot="MCB-0042-F1", from_number=6).start_at == 6
    assert print_labels(cast.alice, vials=("MCB-0042-001",), reason="smudged").start_at == 6
    assert print_labels(cast.bob, vials=("MCB-0042-002",), reason="smudged").start_at == 1
    with pytest.raises(Invalid, match="has labels 1 to") as wrong:
        print_labels(cast.alice, fill_lot="MCB-0042-F1", start_at=86, reason="again")
    assert wrong.value.field == "start_at"


@pytest.mark.parametrize(
    ("calendar", "frozen_on", "precision", "printed"),
    [
        (Calendar.JALALI, date(2026, 6, 2), "day", "1405/03/12"),
        (Calendar.GREGORIAN, date(2026, 6, 2), "day", "2026-06-02"),
    ],
)
def test_dates_are_printed_in_the_sites_own_calendar(database, calendar, frozen_on, precision, printed):
    do(MakeSite(code="TBZ", calendar=calendar))
    do(MakeLot(bank="MCB-0042", vials=1, frozen_on=frozen_on, state=VialState.STORED))
    assert prints(print_labels(fill_lot="MCB-0042-F1"))[0].values["frozen_on"] == printed


def test_where_sites_print_differently_the_site_is_asked(database):
    do(MakeSite(code="TBZ", calendar=Calendar.JALALI))
    do(MakeSite(code="BER", calendar=Calendar.GREGORIAN))
    do(MakeLot(bank="MCB-0042", vials=1))
    with pytest.raises(Invalid, match="which site") as wrong:
        print_labels(fill_lot="MCB-0042-F1")
    assert wrong.value.field == "site"
    run = print_labels(fill_lot="MCB-0042-F1", site="tbz", frozen_on=date(2026, 6, 2))
    assert prints(run)[0].values["frozen_on"] == "1405/03/12"


def test_stock_that_does_not_stand_the_cold_says_so_on_each_vial(database):
    do(MakeLot(bank="MCB-0042", vials=1))
    run = print_labels(fill_lot="MCB-0042-F1", stock="avery-l4732")
    assert not run.is_cryo_stock
    assert prints(run)[0].values["not_for_cryo"] == "NOT FOR CRYO"


def test_a_name_too_long_for_the_label_is_refused_by_name(database):
    do(MakeLot(bank="MCB-0042", vials=1, line="RCB-iPSC-" + "W" * 60))
    with pytest.raises(Invalid) as wrong:
        print_labels(fill_lot="MCB-0042-F1")
    assert wrong.value.message.values["label"] == "MCB-0042-001"
    assert wrong.value.message.values["problem"].id.startswith("{name} is too long for this label")
    assert prints_in_all() == 0


def prints_in_all():
    from cellbank.domains.printing.models import LabelPrint

    return len(every(LabelPrint))


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"stock": "none"}, "stock", "no label stock"),
        ({"template": "none"}, "template", "no label template"),
        ({"stock": "avery-l4730"}, "stock", "is not made for"),
        ({"stock": "avery-l4730", "template": "vial-side-small"}, "template", "must carry"),
        ({"fill_lot": None}, "template", "needs"),
        ({"from_number": 4, "to_number": 2}, "to_number", "smaller"),
        ({"vials": ("MCB-0042-001",)}, "vials", "not both"),
        ({"template": "box", "stock": "a4-cards-2x4"}, "template", "needs"),
        ({"template": "badge", "stock": "a4-cards-3x5", "people": ("nobody",)}, "people", "Nobody"),
    ],
)
def test_what_cannot_be_printed_names_its_field(database, fields, field, sentence):
    do(MakeLot(bank="MCB-0042", vials=1))
    with pytest.raises(Invalid, match=sentence) as wrong:
        print_labels(**{"fill_lot": "MCB-0042-F1"} | fields)
    assert wrong.value.field == field


def test_unknown_lots_and_vials_are_unknown(database):
    do(MakeLot(bank="MCB-0042", vials=1))
    for fields in ({"fill_lot": "MCB-0042-F2"}, {"fill_lot": "nonsense"}, {"vials": ("MCB-0042-002",)}):
        with pytest.raises(NotFound):
            print_labels(**fields)


def test_a_depositor_prints_nothing(cast):
    do(MakeLot(bank="MCB-0042", vials=1))
    with pytest.raises(NotPermitted):
        print_labels(cast.charlie, fill_lot="MCB-0042-F1")


def test_vials_of_two_owners_are_printed_apart(cast):
    do(MakeLot(bank="MCB-0042", vials=1))
    do(MakeLot(bank="MCB-0043", vials=1, line="other", organisation_id=cast.celltech.id))
    with pytest.raises(Refused, match="several owners"):
        print_labels(vials=("MCB-0042-001", "MCB-0043-001"))
    run = print_labels(vials=("MCB-0043-001",))
    assert run.organisation_id == cast.celltech.id
    assert prints(run)[0].organisation_id == cast.celltech.id


def test_the_required_statement_is_printed(database):
    do(MakeLot(bank="MCB-0042", vials=1, statement=RequiredStatement.BIOHAZARD))
    assert prints(print_labels(fill_lot="MCB-0042-F1"))[0].values["statement"] == "Biohazard"
    do(MakeLot(bank="MCB-0043", vials=1, line="other", statement=RequiredStatement.NONE))
    assert "statement" not in prints(print_labels(fill_lot="MCB-0043-F1"))[0].values


def test_the_same_request_twice_prints_once(database):
    from cellbank.domains.printing.commands import PrintLabels
    from cellbank.domains.printing.models import LabelRun

    do(MakeLot(bank="MCB-0042", vials=1))
    command = PrintLabels(template="vial-side", stock="tough-tags-ttlw-2016", fill_lot="MCB-0042-F1")
    events = [work.perform(command, STAFF, key="once") for _ in range(2)]
    assert events[0].seq == events[1].seq
    assert len(every(LabelRun)) == 1


@pytest.mark.sqlite_only
def test_200_labels_take_as_many_statements_as_three(database):
    do(MakeLot(bank="MCB-0042", vials=3))
    do(MakeLot(bank="MCB-0043", vials=200, line="other"))
    asked = []
    sa.event.listen(database.write, "before_cursor_execute", lambda *a: asked.append(a[2]))
    counts = []
    for lot in ("MCB-0042-F1", "MCB-0043-F1"):
        asked.clear()
        print_labels(fill_lot=lot)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 16, asked
