"""The shapes in which the pages take a story and a difference."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """One value before and after an act; ``None`` means there was, or is, none."""

    label: str
    before: str | None
    after: str | None
    is_code: bool = False


@dataclass(frozen=True)
class Entry:
    """One act in the life of something: what was done, when, by whom, where, why, and whether it is sealed."""

    at: dt.datetime
    what: str
    who: str
    role: str = ""
    station: str = ""
    text: str = ""
    reason: str = ""
    leaf: int | None = None
    refused: bool = False
    signed: str = ""
    url: str = ""
    changes: tuple[Difference, ...] = ()
