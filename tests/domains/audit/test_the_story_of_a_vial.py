"""The story of a thing tells all that happened to it, in words, and never what belongs to others."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from cellbank.core import clock, work
from cellbank.core.engine import Database
from cellbank.core.errors import NotPermitted, Refused
from cellbank.core.model import Precision
from cellbank.core.undo import undo
from cellbank.core.work import Occurred
from tests.domains.audit.reading import (
    AUDITOR,
    act,
    changes,
    english,
    move,
    reader_of,
    statements,
    story,
    trail,
)
from tests.domains.vials.stock import STAFF, charlie, do, some_box, some_stock


def test_a_move_is_told_from_place_to_place(database: Database) -> None:
    stock, box = some_stock(2), some_box("Box 12")
    event = do(move((stock.codes[0], box, "C5")), reason="box re-packed", station="Station 2")
    told = story(AUDITOR, "vial", stock.vials[0])
    newest = told.entries[0]
    assert english(newest.text).endswith("› A1 → Box 12 › C5")
    assert (newest.reason, newest.station, newest.seq) == ("box re-packed", "Station 2", event.seq)
    before, after = changes(newest)[stock.vials[0]]
    assert before.endswith("› A1")
    assert after == "Box 12 › C5"
    assert newest.more == 0
    numbers = [row.event.seq for row in told.rows]
    assert numbers == sorted(numbers, reverse=True) != []


def test_the_story_of_a_vial_tells_only_of_that_vial(database: Database) -> None:
    stock, box = some_stock(2), some_box()
    do(move((stock.codes[0], box, "A1"), (stock.codes[1], box, "A2")))
    newest = story(AUDITOR, "vial", stock.vials[0]).entries[0]
    assert stock.vials[0] in changes(newest)
    assert stock.vials[1] not in changes(newest)


def test_the_first_act_tells_the_row_in_words(database: Database) -> None:
    stock = some_stock(1)
    made = changes(story(AUDITOR, "vial", stock.vials[0]).entries[-1])
    assert made["Name"] == ("", stock.vials[0])
    assert made["State"] == ("", "Stored")
    assert made["Bank"] == ("", stock.bank)
    assert not {"Id", "Version", "Started", "Owner"} & set(made)


def test_what_was_refused_is_in_the_story_as_a_message(database: Database) -> None:
    stock, other = some_stock(1), some_stock(1)
    with pytest.raises(Refused):
        do(move((stock.codes[0], other.box, "A1")))
    newest = story(AUDITOR, "vial", stock.vials[0]).entries[0]
    assert newest.refused
    assert newest.changes == ()
    assert newest.text.id.startswith("Place {")
    assert other.vials[0] in newest.text.values.values()


def test_both_times_are_told_where_they_differ(database: Database) -> None:
    stock, box = some_stock(1), some_box()
    yesterday = clock.now() - timedelta(days=1)
    do(move((stock.codes[0], box, "A1")), occurred=Occurred(yesterday, Precision.DAY), reason="entered late")
    late, first = story(AUDITOR, "vial", stock.vials[0]).entries
    assert (late.at, late.precision) == (yesterday, "day")
    assert late.recorded_at is not None
    assert late.recorded_at - late.at > timedelta(hours=23)
    assert first.recorded_at is None


def test_an_unknown_time_is_not_told_as_known(database: Database) -> None:
    stock, box = some_stock(1), some_box()
    do(move((stock.codes[0], box, "A1")), occurred=Occurred(None, Precision.UNKNOWN), reason="found moved")
    newest = story(AUDITOR, "vial", stock.vials[0]).entries[0]
    assert newest.precision == "unknown"
    assert newest.recorded_at is not None


def test_what_was_undone_says_so_in_both_acts(database: Database) -> None:
    stock, box = some_stock(1), some_box()
    event = do(move((stock.codes[0], box, "A1")))
    undoing = undo(event.id, STAFF, key=work.new_key())
    newest, moved, *_ = story(AUDITOR, "vial", stock.vials[0]).entries
    assert (newest.undone, moved.undone) == (False, True)
    undone, done = act(AUDITOR, event.seq), act(AUDITOR, undoing.seq)
    assert undone is not None
    assert done is not None
    assert (undone.known.undone_by, done.known.undoes) == (undoing.seq, event.seq)


def test_a_story_goes_on_page_by_page_without_loss(database: Database) -> None:
    stock, box = some_stock(1), some_box()
    made = [do(move((stock.codes[0], box, place))).seq for place in ("A1", "A2", "A3", "A4")]
    seen: list[int | None] = []
    before = None
    while True:
        page = story(AUDITOR, "vial", stock.vials[0], before=before, limit=2)
        seen += [entry.seq for entry in page.entries]
        before = page.older
        if before is None:
            break
    assert seen[:4] == made[::-1]
    assert len(seen) == len(set(seen)) == 5


def test_a_big_act_is_counted_whole_and_told_in_part(database: Database) -> None:
    stock, box = some_stock(60), some_box("Box 9")
    event = do(move(*((code, box, "") for code in stock.codes)))
    with statements(database) as seen:
        newest = story(AUDITOR, "container", box).entries[0]
    assert english(newest.text) == "60 vials moved"
    assert len(newest.changes) < 60
    assert newest.more > 0
    assert len(seen) <= 8  # finding the box, and seven for its story
    whole = act(AUDITOR, event.seq)
    assert whole is not None
    assert {english(d.label) for d in whole.entry.changes} >= set(stock.vials)


def test_a_story_needs_few_statements(database: Database) -> None:
    stock, box = some_stock(12), some_box()
    for place in ("A1", "B2", "C3"):
        do(move((stock.codes[0], box, place)))
    with work.reading(AUDITOR), statements(database) as seen:
        story(AUDITOR, "vial", stock.vials[0])
    assert len(seen) <= 8


# ---- other organisations ------------------------------------------------------------------------------------


def company_and_bank(database: Database):
    """A vial of a company and one of the bank, moved by the bank's staff in one act."""
    mallory = charlie("Celltech", "vials.read", "audit.read")
    theirs = some_stock(1, organisation_id=mallory.organisation_id)
    banks, box = some_stock(1), some_box("Box 77")
    event = do(
        move((theirs.codes[0], box, "A1"), (banks.codes[0], box, "A2")), reason=f"beside {banks.vials[0]}"
    )
    return reader_of(mallory), theirs, banks, event


def everything_in(told) -> str:
    """All that a story, a trail or an act says, as one text."""
    return repr(told)


def test_a_company_sees_its_own_changes_of_a_shared_act_and_no_free_text(database: Database) -> None:
    mallory, theirs, banks, event = company_and_bank(database)
    newest = story(mallory, "vial", theirs.vials[0]).entries[0]
    assert newest.seq == event.seq
    assert newest.who == STAFF.name
    assert newest.reason == ""
    assert set(changes(newest)) == {theirs.vials[0]}
    for told in (newest, trail(mallory).entries):
        assert banks.vials[0] not in everything_in(told)
        assert banks.bank not in everything_in(told)


def test_a_company_opens_an_act_about_its_vial_without_the_request(database: Database) -> None:
    mallory, theirs, banks, event = company_and_bank(database)
    opened = act(mallory, event.seq)
    assert opened is not None
    assert opened.request is None
    assert (opened.entry.reason, banks.vials[0] in everything_in((opened.entry, opened.subjects))) == (
        "",
        False,
    )
    assert theirs.vials[0] in everything_in(opened.subjects)
    assert len(opened.known.changes) < len(act(AUDITOR, event.seq).known.changes)


def test_a_company_knows_nothing_of_what_is_not_its_own(database: Database) -> None:
    mallory, _theirs, banks, _event = company_and_bank(database)
    only_banks = do(move((banks.codes[0], banks.box, "D4")))
    assert act(mallory, only_banks.seq) is None
    assert only_banks.seq not in [entry.seq for entry in trail(mallory).entries]
    with work.reading(mallory) as db:
        from cellbank.domains.audit import queries

        assert queries.find(db, "vial", banks.vials[0]) is None
        assert queries.find_any(db, {banks.vials[0], banks.codes[0], banks.bank}) == set()


def test_who_is_named_in_a_refusal_of_the_banks_staff_is_not_told_to_a_company(database: Database) -> None:
    mallory, theirs, banks, _event = company_and_bank(database)
    with pytest.raises(Refused):
        do(move((theirs.codes[0], banks.box, "A1"), (banks.codes[0], banks.box, "A1")))
    with pytest.raises(Refused):
        stays = some_stock(1)
        do(move((theirs.codes[0], stays.box, "A1")))
    newest = story(mallory, "vial", theirs.vials[0]).entries[0]
    assert newest.refused
    assert stays.vials[0] not in everything_in(newest)


def test_a_company_may_be_refused_and_reads_why(database: Database) -> None:
    mallory, theirs, _banks, _event = company_and_bank(database)
    with pytest.raises(NotPermitted):
        do(move((theirs.codes[0], theirs.box, "A5")), mallory)
    newest = trail(mallory).entries[0]
    assert newest.refused
    assert newest.text.id == "You may not do this: {act}"
    assert newest.text.values["act"].id == "Move"  # said in the reader's language


def test_a_moment_in_a_refusal_is_one_again(database: Database) -> None:
    stock, other = some_stock(1), some_stock(1)
    with pytest.raises(Refused):
        do(move((stock.codes[0], other.box, "A1")))
    told = story(AUDITOR, "vial", stock.vials[0]).entries[0].text.values
    assert any(isinstance(value, datetime) and value.tzinfo for value in told.values())


# ---- the trail ------------------------------------------------------------------------------------------------


def test_the_trail_of_staff_without_the_wide_permission_is_their_own_acts(database: Database, cast) -> None:
    stock = some_stock(1)
    mine = do(move((stock.codes[0], stock.box, "B7")), cast.alice)
    assert {entry.seq for entry in trail(cast.alice).entries} == {mine.seq}
    assert len(trail(cast.bob).entries) > 1  # quality reads all
    told = story(cast.alice, "vial", stock.vials[0])
    assert len(told.entries) == 2  # but the story of a vial has everybody's acts
    assert act(cast.alice, told.rows[-1].event.seq) is not None


def test_the_trail_is_narrowed_by_person_act_thing_time_and_outcome(database: Database, cast) -> None:
    stock, box = some_stock(2), some_box()
    first = do(move((stock.codes[0], box, "A1")), cast.alice)
    second = do(move((stock.codes[1], box, "A2")), cast.carol)
    with pytest.raises(Refused):
        do(move((stock.codes[0], box, "A2")), cast.alice)
    refused = trail(AUDITOR).entries[0].seq

    def numbers(**wanted) -> list[int | None]:
        return [entry.seq for entry in trail(AUDITOR, **wanted).entries]

    assert numbers(actor_id=cast.alice.principal_id) == [refused, first.seq]
    assert numbers(name="vials.moved") == [refused, second.seq, first.seq]
    assert numbers(subjects=frozenset({stock.keys[1]}), actor_id=cast.carol.principal_id) == [second.seq]
    assert first.seq in numbers(since=first.recorded_at, until=second.recorded_at)
    assert second.seq not in numbers(since=first.recorded_at, until=second.recorded_at)
    assert numbers(since=second.recorded_at + timedelta(hours=1)) == []
    assert numbers(outcome=trail(AUDITOR).rows[0].event.outcome, name="vials.moved") == [refused]
    assert numbers(subjects=frozenset()) == []


def test_pages_of_a_trail_narrowed_by_time_lose_nothing(database: Database) -> None:
    stock, box = some_stock(1), some_box()
    since = clock.now()
    with clock.frozen_at(since + timedelta(seconds=5)):  # all at one moment: the number decides
        made = [do(move((stock.codes[0], box, place))).seq for place in ("A1", "A2", "A3")]
    seen: list[int | None] = []
    before = None
    for _ in range(3):
        page = trail(AUDITOR, since=since + timedelta(seconds=1), before=before, limit=1)
        seen += [entry.seq for entry in page.entries]
        before = page.older
    assert seen == made[::-1]
    assert before is None


def test_the_trail_needs_few_statements_however_long_it_is(database: Database) -> None:
    stock, box = some_stock(30), some_box()
    for number, code in enumerate(stock.codes[:20]):
        do(move((code, box, f"A{number % 9 + 1}" if number < 9 else "")))
    with statements(database) as seen:
        assert len(trail(AUDITOR).entries) > 20
    assert len(seen) <= 6
