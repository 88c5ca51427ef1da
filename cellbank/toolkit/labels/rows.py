"""Breaking a text into printed rows, before it is shaped."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

from cellbank.toolkit.labels.fonts import width_em
from cellbank.toolkit.labels.text import shape

_SPACE_EM: Final = 0.25


@lru_cache(maxsize=2048)
def rows_of(text: str, count: int, *, bold: bool) -> tuple[str, ...]:
    """Break a text at its spaces into rows as even as can be."""
    if count == 1:
        return (text,)
    words = text.split()
    em = [width_em(shape(word), bold=bold) for word in words]
    limits = sorted(
        {sum(em[i:j]) + _SPACE_EM * (j - i - 1) for i in range(len(em)) for j in range(i + 1, len(em) + 1)}
    )
    for limit in limits:
        rows = _broken(words, em, limit)
        if len(rows) <= count and max(em) <= limit:
            return rows
    return (text,)


@lru_cache(maxsize=4096)
def widest_em(text: str, count: int, *, bold: bool) -> float:
    """Return the width of the widest row of a text, in multiples of its type size."""
    return max(width_em(shape(row), bold=bold) for row in rows_of(text, count, bold=bold))


def _broken(words: list[str], em: list[float], limit: float) -> tuple[str, ...]:
    rows: list[list[str]] = []
    used = math.inf
    for word, width in zip(words, em, strict=True):
        if used + _SPACE_EM + width > limit + 1e-9:
            rows.append([word])
            used = width
        else:
            rows[-1].append(word)
            used += _SPACE_EM + width
    return tuple(" ".join(row) for row in rows)
