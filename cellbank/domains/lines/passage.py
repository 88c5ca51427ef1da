"""Passage numbers: p12+3 is banked at passage 12 and split three times since that thaw (15 in all)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from cellbank.domains.lines.models import PassageRule
from cellbank.toolkit.i18n.digits import to_latin

_NOTATION = re.compile(r"[pP]?(\d{1,4})(?:\s*\+\s*(\d{1,4}))?")


@dataclass(frozen=True)
class Passage:
    """A passage number as far as it is known; ``after_thaw`` is None where it is not counted apart."""

    banked: int
    after_thaw: int | None = None

    @property
    def total(self) -> int:
        """All passages: 15 for p12+3."""
        return self.banked + (self.after_thaw or 0)

    @property
    def text(self) -> str:
        """As it is written: p12 or p12+3."""
        return f"p{self.banked}" if self.after_thaw is None else f"p{self.banked}+{self.after_thaw}"

    def after_split(self) -> Passage:
        """One more, counted since the thaw where there was one."""
        if self.after_thaw is None:
            return Passage(self.banked + 1)
        return Passage(self.banked, self.after_thaw + 1)

    def at_freeze(self, rule: PassageRule) -> Passage:
        """What a vial says that is frozen from here."""
        return self.after_split() if rule is PassageRule.PLUS_ONE_AT_FREEZE else self

    def at_thaw(self, rule: PassageRule) -> Passage:
        """What a culture has that is thawed from a vial which says this."""
        return Passage(self.total, 1 if rule is PassageRule.PLUS_ONE_AT_THAW else 0)


def parse(text: str) -> Passage:
    """A passage as written: p12, P12, p12+3, ۱۲+۳.

    :raises ValueError: not a passage
    """
    found = _NOTATION.fullmatch(to_latin(text).strip())
    if found is None:
        message = f"not a passage: {text!r}"
        raise ValueError(message)
    return Passage(int(found[1]), None if found[2] is None else int(found[2]))


def of_row(passage: int | None, after_thaw: int | None) -> Passage | None:
    """The passage as a row keeps it; None where it is unknown."""
    return None if passage is None else Passage(passage, after_thaw)


def of_pool(parts: Iterable[Passage | None]) -> Passage | None:
    """The passage of a pool: its oldest part's, and unknown as soon as one part's is."""
    known: list[Passage] = []
    for part in parts:
        if part is None:
            return None
        known.append(part)
    return max(known, key=lambda part: part.total, default=None)
