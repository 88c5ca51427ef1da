"""Every label is accounted for: printed = used + spoiled + void + destroyed, and what is still in hand."""

from __future__ import annotations

import pytest

from cellbank.core import work
from cellbank.core.errors import Invalid, NotFound, Refused
from cellbank.domains.printing import queries
from cellbank.domains.printing.commands import FetchRun, MarkLabels, ReadBackRun, VoidRun
from cellbank.domains.printing.models import LabelPrintState, LabelRun
from cellbank.domains.vials.finding import vial_keys
from tests.domains.printing.making import STAFF, MakeLot, codes_of, do, one, print_labels, prints


@pytest.fixture
def run(database):
    do(MakeLot(bank="MCB-0042", vials=6))
    return print_labels(fill_lot="MCB-0042-F1")


def balance(run):
    with work.reading(STAFF) as db:
        return queries.run_balances(db, [run.id])[run.id]


def again(run):
    return one(LabelRun, LabelRun.id == run.id)


def test_labels_are_used_spoiled_and_destroyed_until_none_is_in_hand(run, cast):
    do(MarkLabels(run_code=run.code, fate="used", labels="1-3"))
    do(MarkLabels(run_code=run.code, fate="spoiled", labels="۴"), reason="ribbon torn")
    found = balance(run)
    assert (found.printed, found.used, found.spoiled, found.open, found.is_settled) == (6, 3, 1, 2, False)
    assert again(run).closed_by is None
    do(
        MarkLabels(run_code=run.code, fate="destroyed"),
        cast.alice,
        reason="not filled",
        witness=cast.bob.principal_id,
    )
    found = balance(run)
    assert (found.used + found.spoiled + found.destroyed, found.open, found.is_settled) == (6, 0, True)
    assert again(run).closed_by is not None


def test_a_spoiled_label_is_void_when_it_is_scanned(run):
    code = prints(run)[3].values["code"]
    do(MarkLabels(run_code=run.code, fate="spoiled", codes=(code,)), reason="ribbon torn")
    assert codes_of("MCB-0042-004")[0].void_reason == "ribbon torn"
    with work.reading(STAFF) as db, pytest.raises(Refused, match="is void"):
        vial_keys(db, [code])
    with pytest.raises(Invalid, match="say why"):
        print_labels(vials=("MCB-0042-004",))
    print_labels(vials=("MCB-0042-004",), reason="spoiled")
    assert prints(run)[3].state is LabelPrintState.SPOILED


def test_spoiling_and_destroying_need_a_reason_and_destroying_a_witness(run, cast):
    for fate in ("spoiled", "destroyed"):
        with pytest.raises(Invalid) as wrong:
            do(MarkLabels(run_code=run.code, fate=fate))
        assert wrong.value.field == "reason"
    for witness in (None, cast.alice.principal_id):
        with pytest.raises(Invalid) as wrong:
            do(MarkLabels(run_code=run.code, fate="destroyed"), cast.alice, reason="x", witness=witness)
        assert wrong.value.field == "witness"
    assert balance(run).open == 6


def test_a_label_is_accounted_for_once(run):
    do(MarkLabels(run_code=run.code, fate="used", labels="2"))
    with pytest.raises(Refused, match="Label 2 of LBL-0001 is already accounted for"):
        do(MarkLabels(run_code=run.code, fate="spoiled", labels="1-3"), reason="torn")
    assert balance(run).open == 5


@pytest.mark.parametrize("labels", ["0", "7", "3-2", "one", "1-9", "-"])
def test_only_labels_of_the_run_can_be_named(run, labels):
    with pytest.raises(Invalid) as wrong:
        do(MarkLabels(run_code=run.code, fate="used", labels=labels))
    assert wrong.value.field == "labels"


def test_a_code_of_another_run_is_not_taken(run):
    with pytest.raises(Invalid) as wrong:
        do(MarkLabels(run_code=run.code, fate="used", codes=("CV00000000",)))
    assert wrong.value.field == "codes"
    with pytest.raises(NotFound):
        do(MarkLabels(run_code="LBL-0099", fate="used"))


def test_a_run_that_jammed_is_void_and_its_vials_get_new_codes(run):
    do(VoidRun(run_code=run.code), reason="printed on the wrong side")
    assert (balance(run).void, balance(run).is_settled) == (6, True)
    assert all(codes_of(row.values["lot_number"])[0].voided_by for row in prints(run))
    second = print_labels(fill_lot="MCB-0042-F1", reason="the first run was void")
    assert {row.values["code"] for row in prints(run)}.isdisjoint(
        row.values["code"] for row in prints(second)
    )
    with pytest.raises(Refused, match="in hand any more"):
        do(VoidRun(run_code=run.code), reason="again")


def test_a_run_of_which_labels_are_on_vials_is_not_void_as_a_whole(run):
    do(MarkLabels(run_code=run.code, fate="used", labels="1"))
    with pytest.raises(Refused, match="already on vials"):
        do(VoidRun(run_code=run.code), reason="jam")


def test_a_second_person_reads_the_first_and_the_last_label_back(cast):
    do(MakeLot(bank="MCB-0042", vials=3))
    run = print_labels(cast.alice, fill_lot="MCB-0042-F1")
    first, _, last = (row.values["code"] for row in prints(run))
    with pytest.raises(Refused, match="second person"):
        do(ReadBackRun(run_code=run.code, first=first, last=last), cast.alice)
    with pytest.raises(Refused, match="is not the first label"):
        do(ReadBackRun(run_code=run.code, first=last, last=first), cast.bob)
    with pytest.raises(Refused, match="is not the last label"):
        do(ReadBackRun(run_code=run.code, first=first, last=first), cast.bob)
    do(ReadBackRun(run_code=run.code, first=first.lower(), last=f"{last[:2]} {last[2:]}"), cast.bob)
    read = again(run)
    assert read.read_back_by_id == cast.bob.principal_id
    assert read.first_read_back_at is not None is not read.last_read_back_at
    with pytest.raises(Refused, match="already read back"):
        do(ReadBackRun(run_code=run.code, first=first, last=last), cast.carol)


def test_fetching_the_file_again_is_counted_until_a_label_is_used(run):
    fetch = FetchRun(run_code=run.code, sha256="a" * 64)
    do(fetch)
    do(fetch)
    assert (again(run).downloads, again(run).file_sha256) == (2, "a" * 64)
    with pytest.raises(Refused, match="drawn differently"):
        do(FetchRun(run_code=run.code, sha256="b" * 64))
    do(MarkLabels(run_code=run.code, fate="used", labels="1"))
    with pytest.raises(Refused, match="already accounted for"):
        do(fetch)


def test_what_waits_is_told_until_every_vial_has_a_label(database):
    do(MakeLot(bank="MCB-0042", vials=5))

    def waiting():
        with work.reading(STAFF) as db:
            return [(one.lot, one.vials, one.first, one.last) for one in queries.waiting(db)]

    assert waiting() == [("MCB-0042-F1", 5, 1, 5)]
    print_labels(fill_lot="MCB-0042-F1", to_number=2)
    assert waiting() == [("MCB-0042-F1", 3, 3, 5)]
    print_labels(fill_lot="MCB-0042-F1", only_new=True)
    assert waiting() == []


def test_the_labels_of_a_bank_and_of_a_vial_are_told(run):
    print_labels(vials=("MCB-0042-002",), reason="torn")
    vial = codes_of("MCB-0042-002")[0].vial_id
    with work.reading(STAFF) as db:
        found = queries.label_balances(db, [run.bank_id])[run.bank_id]
        assert (found.printed, found.void, found.open) == (7, 1, 6)
        assert [(label.state, of.code) for label, of in queries.labels_of_vial(db, vial)] == [
            (LabelPrintState.PRINTED, "LBL-0002"),
            (LabelPrintState.VOID, "LBL-0001"),
        ]
        lines = queries.runs(db)
        assert [(line.run.code, line.lot, line.balance.printed) for line in lines] == [
            ("LBL-0002", "MCB-0042-F1", 1),
            ("LBL-0001", "MCB-0042-F1", 6),
        ]
