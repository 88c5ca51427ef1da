"""Direction of text: codes, dates and signed numbers keep their left-to-right order inside Persian."""

from __future__ import annotations

import re
import unicodedata

_LRI, _FSI, _PDI = "\u2066", "\u2068", "\u2069"
_ISOLATES = re.compile("[\u2066-\u2069]")


class Code(str):
    """A text that is always read left to right: a code, lot, line name, slot, unit, ISO date, temperature.

    It holds no marks itself: ``ltr`` isolates it in plain text, ``<bdi dir="ltr">`` on a page.
    """

    __slots__ = ()


def ltr(text: str) -> str:
    """The text isolated as left-to-right for plain text (U+2066 … U+2069)."""
    return f"{_LRI}{text}{_PDI}"


def isolated(text: str) -> str:
    """The text isolated for plain text, in the direction of its own first letter (U+2068 … U+2069)."""
    return f"{_FSI}{text}{_PDI}"


def strip_isolates(text: str) -> str:
    """The text without isolates, as it goes into files and databases."""
    return _ISOLATES.sub("", text)


def has_rtl(text: str) -> bool:
    """Whether a text holds a letter that is written from right to left."""
    return any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in text)
