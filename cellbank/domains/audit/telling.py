"""From events and changes to entries of a story: placements as places, keys as names, columns in words."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from cellbank.core.command import REGISTER, Command
from cellbank.core.errors import Message
from cellbank.core.journal import Change, ChangeKind, Event, OutcomeKind
from cellbank.core.model import Precision
from cellbank.domains.audit.names import Names
from cellbank.domains.audit.words import (
    HIDDEN,
    THIS_ACT,
    WHEN_CHANGED,
    label_of,
    points_at,
    roles_told,
    table_label,
    value_of,
)
from cellbank.toolkit.html.story import Difference, Entry
from cellbank.toolkit.i18n.bidi import Code

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")

LATE = dt.timedelta(minutes=1)
"""An act written down later than this after it happened shows both times."""


@dataclass(frozen=True)
class Known:
    """What the reader may know of an event beside its header."""

    changes: tuple[Change, ...] = ()
    total: int = 0
    """How many changes the event made that the reader may see; ``changes`` may be the first of them."""
    moved: int = 0
    """How many vials came to a place."""
    is_shared: bool = False
    """The event is also about another organisation's things: its free texts are not told."""
    is_own: bool = True
    """The reader's own organisation did it, or the reader belongs to the bank."""
    undone_by: int | None = None
    undoes: int | None = None
    about: tuple[tuple[str, UUID], ...] = ()
    """The first things the event is about: (kind, key)."""


def entry_of(event: Event, known: Known, names: Names) -> Entry:
    """One event as a line of a story."""
    command = command_of(event.name)
    at = event.occurred_at or event.recorded_at
    is_late = event.occurred_at is None or abs(event.recorded_at - event.occurred_at) > LATE
    return Entry(
        at=at,
        what=Message(command.label) if command else Code(event.name),
        who=event.actor_name,
        who_fa=event.actor_name_fa,
        role=roles_told(event.actor_role),
        station=event.station or "",
        text=sentence_of(event, known, names),
        reason="" if known.is_shared else event.reason or "",
        refused=event.outcome is OutcomeKind.REFUSED,
        url=f"/events/{event.seq}",
        changes=changes_told(event.seq, known.changes, names),
        precision=Precision.UNKNOWN.value if event.occurred_at is None else event.occurred_precision.value,
        recorded_at=event.recorded_at if is_late else None,
        seq=event.seq,
        undone=known.undone_by is not None,
        about=tuple((names.told(kind, key), names.url(kind, key)) for kind, key in known.about),
        more=max(0, known.total - len(known.changes)),
    )


def command_of(name: str) -> type[Command] | None:
    """The command that records events of this name; None for one that no longer exists."""
    return next((command for command in REGISTER.values() if command.records == name), None)


def refusal_of(event: Event, known: Known) -> Message | None:
    """Why an act was refused, as a sentence to be said in the reader's language."""
    if event.refusal is None or not known.is_own:
        return None  # the sentence may name what belongs to others; whoever was refused has read it
    said = json.loads(event.refusal)
    return Message(said["id"], {name: _said(value) for name, value in said.get("values", {}).items()})


def _said(value: str) -> Any:
    """A value of a refusal as it was meant: the journal keeps it as text."""
    if _MOMENT.fullmatch(value):
        return dt.datetime.fromisoformat(value)
    is_label = any(command.label == value for command in REGISTER.values())
    return Message(value) if is_label else Code(value)


def sentence_of(event: Event, known: Known, names: Names) -> Any:
    """The shortest true words about an act: why it was refused, or from where to where things went."""
    refusal = refusal_of(event, known)
    if refusal is not None:
        return refusal
    left, come = _ends(known.changes, names)
    gone = set(left) | set(come)
    if len(gone) == 1 and known.moved <= 1:
        (vial,) = gone
        return Code(" → ".join(" › ".join(filter(None, side[vial])) for side in (left, come) if vial in side))
    where = {place for place, _ in come.values()}
    if known.moved > 1 and len(where) == 1 and known.moved == len(come):
        return Message("{n} vials into {place}", {"n": known.moved, "place": Code(where.pop())})
    return Message("{n} vials moved", {"n": known.moved}) if known.moved > 1 else ""


Ends = dict[Any, tuple[str, str]]


def _ends(changes: Sequence[Change], names: Names) -> tuple[Ends, Ends]:
    """Where vials were and where they came to: vial → (container, place)."""
    left: Ends = {}
    come: Ends = {}
    for change in changes:
        if change.table_name == "placement" and change.row_id in names.places:
            vial, container, place = names.places[change.row_id]
            (come if change.kind is ChangeKind.INSERT else left)[vial] = (container, place)
    return left, come


# ---- changes ----------------------------------------------------------------------------------------------


def changes_told(seq: int, changes: Sequence[Change], names: Names) -> tuple[Difference, ...]:
    """What an act changed, a line a value, under the name of the row where it changed several."""
    left, come = _ends(changes, names)
    told: list[Difference] = []
    placed: set[Any] = set()
    for change in changes:
        if change.table_name == "placement" and change.row_id in names.places:
            vial = names.places[change.row_id][0]
            if vial not in placed:  # the end of one place and the beginning of the next are one move
                placed.add(vial)
                told.append(_moved(names.told("vial", vial), left.get(vial), come.get(vial)))
            continue
        row = _row(change, names)
        told.extend(replace(one, row=row) for one in _values(seq, change, names))
    rows = {str(one.row) for one in told if one.row is not None}
    return tuple(told) if len(rows) > 1 else tuple(replace(one, row=None) for one in told)


def _moved(vial: Any, before: tuple[str, str] | None, after: tuple[str, str] | None) -> Difference:
    left, come = (Code(" › ".join(filter(None, side))) if side else None for side in (before, after))
    return Difference(vial, left, come, is_code=True, row=table_label("placement"))


def _row(change: Change, names: Names) -> tuple[Any, ...]:
    """The kind and, where it has one, the name of the row that changed."""
    name = names.names.get((change.table_name, change.row_id))
    return (table_label(change.table_name), Code(name)) if name else (table_label(change.table_name),)


def _values(seq: int, change: Change, names: Names) -> Iterator[Difference]:
    is_new = change.kind is ChangeKind.INSERT
    for column, value in json.loads(change.body).items():
        if column in HIDDEN or (is_new and column in WHEN_CHANGED):
            continue
        before, after = (None, value) if is_new else (value["old"], value["new"])
        if is_new and (
            after is None or after is False or after == "" or _is_this_act(seq, change, column, after)
        ):
            continue  # nothing was said, or only that this act began it
        old, new = (_shown(seq, change.table_name, column, side, names) for side in (before, after))
        is_code = isinstance(old if new is None else new, Code)
        yield Difference(label_of(change.table_name, column), old, new, is_code=is_code)


def _is_this_act(seq: int, change: Change, column: str, value: Any) -> bool:
    return value == seq and points_at(change.table_name, column) == "event"


def _shown(seq: int, table: str, column: str, value: Any, names: Names) -> Any:
    kind = points_at(table, column)
    if value is None or kind is None:
        return value_of(table, column, value)
    if kind == "event":
        return THIS_ACT if value == seq else Message("by act {number}", {"number": Code(value)})
    return names.told(kind, UUID(str(value)))


def request_told(body: Mapping[str, Any], command: type[Command] | None) -> list[tuple[Any, Any]]:
    """The request as it was sent: (label, value) of each thing that was said."""
    titles = {name: info.title for name, info in command.model_fields.items()} if command else {}
    told = []
    for name, value in body.items():
        if value in (None, "", [], {}):
            continue
        title = titles.get(name)
        told.append((Message(title) if title else label_of("", name), _sent(name, value)))
    return told


def _sent(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_sent(name, one) for one in value)
    if isinstance(value, dict):
        return tuple(Code(f"{key}: {one}") for key, one in value.items() if one is not None)
    if isinstance(value, (bool, int)) or value is None:
        return value_of("", name, value)
    return Code(value)


__all__ = ["Known", "changes_told", "command_of", "entry_of", "refusal_of", "request_told", "sentence_of"]
