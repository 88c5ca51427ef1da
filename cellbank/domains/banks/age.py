"""How old the cells of a bank are: the passage its labels say, and the limits of its line."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from cellbank.domains.lines.models import LimitingMeasure, PassageRule


@dataclass(frozen=True)
class Age:
    """The age of cells as far as it is known: p12+3 is banked at 12 and split 3 times since that thaw."""

    passage: int | None = None
    after_thaw: int | None = None
    cpd_milli: int | None = None  # cumulative population doublings, in thousandths

    @property
    def total(self) -> int | None:
        """All passages: 15 for p12+3; none where unknown."""
        return None if self.passage is None else self.passage + (self.after_thaw or 0)


class Limit(enum.StrEnum):
    """Where an age stands against its line's limits; an unknown age is within them."""

    WITHIN = "within"
    PAST_SOFT = "past_soft"
    PAST_HARD = "past_hard"


@dataclass(frozen=True)
class Limits:
    """By what a line's age is limited: passages, or doublings in thousandths."""

    measure: LimitingMeasure
    soft: int | None = None
    hard: int | None = None
    after_thaw_max: int | None = None


def of_pool(ages: Iterable[Age]) -> Age:
    """The age of a pool: the oldest of its parts, in passages and in doublings."""
    known = list(ages)
    by_passage = max((a for a in known if a.total is not None), key=lambda a: a.total or 0, default=Age())
    doublings = [a.cpd_milli for a in known if a.cpd_milli is not None]
    return Age(by_passage.passage, by_passage.after_thaw, max(doublings, default=None))


def printed(age: Age, rule: PassageRule) -> str | None:
    """The passage as labels say it for ever; with +1 at freeze the vial's number is the passage at its thaw."""
    if age.passage is None:
        return None
    more = 1 if rule is PassageRule.PLUS_ONE_AT_FREEZE else 0
    if age.after_thaw is None:
        return f"p{age.passage + more}"
    return f"p{age.passage}+{age.after_thaw + more}"


def measured(age: Age, limits: Limits) -> int | None:
    """The number that the limits are compared with; none where it is unknown or nothing limits."""
    if limits.measure is LimitingMeasure.POPULATION_DOUBLINGS:
        return age.cpd_milli
    return age.total if limits.measure is LimitingMeasure.PASSAGE else None


def against(age: Age, limits: Limits) -> Limit:
    """Whether an age is past a limit; reaching it is still within."""
    if limits.after_thaw_max is not None and (age.after_thaw or 0) > limits.after_thaw_max:
        return Limit.PAST_HARD
    value = measured(age, limits)
    if value is None:
        return Limit.WITHIN
    if limits.hard is not None and value > limits.hard:
        return Limit.PAST_HARD
    return Limit.PAST_SOFT if limits.soft is not None and value > limits.soft else Limit.WITHIN
