"""The shapes in which the pages take a story and a difference.

Whatever they show may be a finished text or something that is said in the reader's own way when it is drawn: a
``Message``, a ``Code``, a number, a day, a moment, or several of them (see ``words.told``).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    """One value before and after an act; ``None`` means there was, or is, none."""

    label: Any
    before: Any
    after: Any
    is_code: bool = False
    row: Any = None
    """The thing this is a value of, where an act changed several."""


@dataclass(frozen=True)
class Entry:
    """One act in the life of something: what was done, when, by whom, where, why, and whether it is sealed."""

    at: dt.datetime
    what: Any
    who: str
    role: Any = ""
    station: str = ""
    text: Any = ""
    reason: str = ""
    leaf: int | None = None
    refused: bool = False
    signed: str = ""
    url: str = ""
    changes: tuple[Difference, ...] = ()
    precision: str = "second"
    """How exactly ``at`` is known: second, minute, hour, day, month, year or unknown."""
    recorded_at: dt.datetime | None = None
    """When it was written down, where that is another time than ``at``."""
    seq: int | None = None
    undone: bool = False
    who_fa: str | None = None
    """The person's Persian name, for readers of Persian."""
    about: tuple[tuple[Any, str], ...] = ()
    """The first things it is about: (name, address)."""
    more: int = 0
    """How many changes are not among ``changes``; the act's own page has all."""
