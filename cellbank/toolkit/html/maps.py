"""The shapes in which the pages take a box and a freezer; templates/maps.html draws them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from string import ascii_uppercase


@dataclass(frozen=True)
class Cell:
    """One slot of a box map.

    ``state`` is free, blocked, occupied (another organisation's: grey, nothing more is said) or a vial's state:
    stored, out, quarantine, released, hold, rejected, planned, missing, gone.
    """

    slot: str
    state: str = "free"
    bank: str = ""
    code: str = ""
    title: str = ""
    short: str = ""
    url: str = ""
    is_next: bool = False


@dataclass(frozen=True)
class FreezerFill:
    """One freezer as a column: how full, how cold, and how old that temperature is."""

    name: str
    url: str
    used: int
    total: int
    temperature_centi_c: int | None = None
    measured_at: dt.datetime | None = None
    is_late: bool = False
    is_warm: bool = False


def row_names(count: int) -> list[str]:
    """A … Z, AA, AB …: the names of a box's rows."""
    names = []
    for index in range(count):
        text, rest = "", index + 1
        while rest:
            rest, letter = divmod(rest - 1, 26)
            text = ascii_uppercase[letter] + text
        names.append(text)
    return names


def column_names(count: int) -> list[str]:
    """1, 2, 3 …: the names of a box's columns."""
    return [str(number) for number in range(1, count + 1)]
