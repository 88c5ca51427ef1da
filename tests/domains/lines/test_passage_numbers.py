from __future__ import annotations

import json
from pathlib import Path

import pytest

from cellbank.domains.lines.models import PassageRule
from cellbank.domains.lines.passage import Passage, of_pool, parse

CASES = json.loads((Path(__file__).parents[2] / "data/line_names.json").read_text("utf-8"))["passage"]


@pytest.mark.parametrize(("text", "banked", "after", "total"), CASES)
def test_a_passage_is_read_and_written_alike(text, banked, after, total):
    read = parse(text)
    assert (read.banked, read.after_thaw or 0, read.total) == (banked, after, total)
    assert read.text == text


@pytest.mark.parametrize(
    ("text", "written"), [("P12", "p12"), ("۱۲+۳", "p12+3"), (" p5 + 0 ", "p5+0"), ("7", "p7")]
)
def test_other_ways_of_writing_are_understood(text, written):
    assert parse(text).text == written


@pytest.mark.parametrize("text", ["", "p", "p-1", "p12+", "+3", "p1.5", "p12+3+1", "XX", "p99999"])
def test_what_is_no_passage_is_refused(text):
    with pytest.raises(ValueError, match="not a passage"):
        parse(text)


def test_a_split_adds_one_where_the_count_runs():
    assert Passage(12).after_split() == Passage(13)
    assert Passage(12, 0).after_split() == Passage(12, 1)


@pytest.mark.parametrize(
    ("rule", "frozen", "thawed"),
    [
        (PassageRule.NONE, "p12", "p12+0"),
        (PassageRule.PLUS_ONE_AT_FREEZE, "p13", "p13+0"),
        (PassageRule.PLUS_ONE_AT_THAW, "p12", "p12+1"),
    ],
)
def test_the_house_rule_says_where_one_more_is_counted(rule, frozen, thawed):
    vial = Passage(12).at_freeze(rule)
    assert vial.text == frozen
    assert vial.at_thaw(rule).text == thawed


def test_a_pool_is_as_old_as_its_oldest_part_and_unknown_with_an_unknown_one():
    assert of_pool([Passage(12), Passage(10, 3), Passage(4)]) == Passage(10, 3)
    assert of_pool([Passage(12), None]) is None
    assert of_pool([]) is None
