"""Population doublings, in whole thousandths: PD = log2(viable cells harvested / viable cells seeded)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

THOUSANDTHS = 1000


@dataclass(frozen=True)
class Count:
    """A cell count, and which part of it lives in thousandths (None: it was not looked at)."""

    cells: int | None
    viability_permille: int | None = None


def doublings_milli(harvested: Count, seeded: Count, attached_permille: int = THOUSANDTHS) -> int | None:
    """The doublings between two counts, negative for a loss; None where they cannot be known.

    Both counts keep one convention: with viability on both sides or on neither. ``attached_permille`` is the part
    of the seeded cells that settled.
    """
    if not harvested.cells or not seeded.cells or attached_permille <= 0:
        return None
    if (harvested.viability_permille is None) != (seeded.viability_permille is None):
        return None
    living = _living(harvested)
    begun = _living(seeded) * attached_permille
    if not living or not begun:
        return None
    return round(THOUSANDTHS * log2(living * THOUSANDTHS / begun))


def _living(count: Count) -> int:
    """Living cells times a thousand, so that no fraction is lost."""
    part = THOUSANDTHS if count.viability_permille is None else count.viability_permille
    return (count.cells or 0) * part


def cumulated(before_milli: int | None, doublings: int | None) -> int | None:
    """The cumulative doublings after a culture; unknown stays unknown."""
    return None if before_milli is None or doublings is None else before_milli + doublings


def of_pool(parts: Sequence[int | None]) -> tuple[int | None, int | None]:
    """The highest and the mean of a pool's parts; unknown as soon as one part's is."""
    known = [part for part in parts if part is not None]
    if not parts or len(known) < len(parts):
        return None, None
    return max(known), round(sum(known) / len(known))


def doubling_time_minutes(minutes: int, doublings: int | None) -> int | None:
    """How long one doubling took; None without growth."""
    return round(minutes * THOUSANDTHS / doublings) if doublings and doublings > 0 else None
