"""The shapes in which the pages take a story and a difference."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cellbank.core.command import REGISTER
from cellbank.core.errors import Message
from cellbank.core.journal import OutcomeKind
from cellbank.core.story import Act
from cellbank.toolkit.html import words


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


def entries(acts: Iterable[Act]) -> list[Entry]:
    """Acts as a page tells them: what was done in the words of its button, what was before and after."""
    return [_entry(act) for act in acts]


def _entry(act: Act) -> Entry:
    event = act.event
    labels, titles = _vocabulary()
    refused = event.outcome is OutcomeKind.REFUSED
    changes = tuple(
        Difference(words.text_of(titles[column]), _shown(before), _shown(after), is_code=True)
        for column, before, after in act.changes
        if column in titles
    )
    return Entry(
        at=event.recorded_at,
        what=words.text_of(labels.get(event.name, event.name)),
        who=event.actor_name,
        station=event.station or "",
        text=_why_refused(event.refusal) if refused else "",
        reason=event.reason or "",
        refused=refused,
        changes=changes,
    )


def _why_refused(refusal: str | None) -> str:
    said = json.loads(refusal or "{}")
    return words.said(Message(said.get("id", ""), said.get("values", {})))


def _shown(value: Any) -> str | None:
    if isinstance(value, bool):
        return words.text_of("Yes") if value else words.text_of("No")
    return None if value is None else str(value)


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[dict[str, str], dict[str, str]]:
    """Labels of acts by the event's name, and titles of values by their column: both from the register."""
    labels, titles = {}, {}
    for command in REGISTER.values():
        labels[command.records] = command.label
        for name, info in command.model_fields.items():
            if info.title:
                titles.setdefault(name, info.title)
    return labels, titles
