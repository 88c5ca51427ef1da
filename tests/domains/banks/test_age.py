"""How old the cells of a bank are, and what its labels say of it."""

from __future__ import annotations

import pytest

from cellbank.domains.banks.age import Age, Limit, Limits, against, of_pool, printed
from cellbank.domains.lines.models import LimitingMeasure, PassageRule

BY_PASSAGE = Limits(LimitingMeasure.PASSAGE, soft=10, hard=20)
BY_DOUBLINGS = Limits(LimitingMeasure.POPULATION_DOUBLINGS, soft=30_000, hard=45_000)


@pytest.mark.parametrize(
    ("age", "rule", "said"),
    [
        (Age(14), PassageRule.NONE, "p14"),
        (Age(14), PassageRule.PLUS_ONE_AT_FREEZE, "p15"),
        (Age(14), PassageRule.PLUS_ONE_AT_THAW, "p14"),
        (Age(10, 15), PassageRule.PLUS_ONE_AT_FREEZE, "p10+16"),
        (Age(12, 3), PassageRule.NONE, "p12+3"),
        (Age(0), PassageRule.NONE, "p0"),
        (Age(), PassageRule.PLUS_ONE_AT_FREEZE, None),
    ],
)
def test_labels_say_the_passage_by_the_house_rule(age: Age, rule: PassageRule, said: str | None) -> None:
    assert printed(age, rule) == said


@pytest.mark.parametrize(
    ("age", "limits", "limit"),
    [
        (Age(10), BY_PASSAGE, Limit.WITHIN),
        (Age(11), BY_PASSAGE, Limit.PAST_SOFT),
        (Age(12, 8), BY_PASSAGE, Limit.PAST_SOFT),
        (Age(12, 9), BY_PASSAGE, Limit.PAST_HARD),
        (Age(), BY_PASSAGE, Limit.WITHIN),
        (Age(50, cpd_milli=30_000), BY_DOUBLINGS, Limit.WITHIN),
        (Age(1, cpd_milli=45_001), BY_DOUBLINGS, Limit.PAST_HARD),
        (Age(50), BY_DOUBLINGS, Limit.WITHIN),
        (Age(500), Limits(LimitingMeasure.NONE, soft=1, hard=2), Limit.WITHIN),
        (Age(2, 6), Limits(LimitingMeasure.NONE, after_thaw_max=5), Limit.PAST_HARD),
    ],
)
def test_an_age_is_within_its_limits_up_to_them(age: Age, limits: Limits, limit: Limit) -> None:
    assert against(age, limits) is limit


def test_a_pool_is_as_old_as_its_oldest_part_in_each_measure() -> None:
    assert of_pool([Age(10, 4, 20_000), Age(13, None, 35_000), Age()]) == Age(10, 4, 35_000)
    assert of_pool([]) == Age()
