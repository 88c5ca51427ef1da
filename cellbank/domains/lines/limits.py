"""Where a culture stands against the limits of its line."""

from __future__ import annotations

from cellbank.core.choices import Worded
from cellbank.core.errors import Message
from cellbank.domains.lines.models import Culture, LimitingMeasure, Line
from cellbank.domains.lines.passage import Passage, of_row


class Standing(Worded):
    """Reaching a limit is still within it; an unknown age is within."""

    WITHIN = "within", Message("Within the limits")
    PAST_SOFT = "past_soft", Message("Look again: near the limit")
    PAST_HARD = "past_hard", Message("Past the limit")


def standing(line: Line, passage: Passage | None, cpd_milli: int | None) -> Standing:
    """Where cells of this age stand against the limits of their line."""
    most_after = line.passages_after_thaw_max
    if most_after is not None and passage is not None and (passage.after_thaw or 0) > most_after:
        return Standing.PAST_HARD
    value = _measured(line, passage, cpd_milli)
    if value is None:
        return Standing.WITHIN
    if line.hard_limit is not None and value > line.hard_limit:
        return Standing.PAST_HARD
    return Standing.PAST_SOFT if line.soft_limit is not None and value > line.soft_limit else Standing.WITHIN


def standing_of(line: Line, culture: Culture) -> Standing:
    """Where a culture stands against the limits of its line."""
    return standing(line, of_row(culture.passage, culture.passages_after_thaw), culture.cpd_milli)


def _measured(line: Line, passage: Passage | None, cpd_milli: int | None) -> int | None:
    if line.limiting_measure is LimitingMeasure.POPULATION_DOUBLINGS:
        return cpd_milli
    return passage.total if line.limiting_measure is LimitingMeasure.PASSAGE and passage is not None else None
