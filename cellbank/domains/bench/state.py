"""What goes on at a station, kept on the server: a reload or a second screen shows the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cellbank.core import clock, work
from cellbank.core.actor import Actor
from cellbank.core.errors import Message
from cellbank.domains.accounts.models import Person
from cellbank.domains.bench.models import StationState
from cellbank.domains.bench.queries import StationHere
from cellbank.domains.bench.steps import Context
from cellbank.toolkit.scanning.actions import Action

ONCE_SECONDS = 1.5
"""The same code twice within this time is one scan: a finger rests on the trigger."""
LOG_LENGTH = 12
MOST_UNDO = 20


@dataclass
class Going:
    """What goes on: the context, the last result, the lines of the list, and what can be undone."""

    context: Context = field(default_factory=Context)
    last_text: str = ""
    last_key: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    refusal: dict[str, Any] | None = None
    log: list[dict[str, Any]] = field(default_factory=list)
    done: int = 0
    undo: list[str] = field(default_factory=list)
    tone: str = ""

    def refuse(self, message: Message) -> None:
        """Show a refusal, and accept nothing until OK or CANCEL."""
        self.refusal = written(message)
        self.context = Context(**{**asdict(self.context), "is_blocked": True})
        self.tone = "error"

    def note(self, *, is_done: bool, what: Message, code: str = "", place: str = "") -> None:
        """One more line of the list, newest first."""
        at = clock.now().isoformat()
        line = {"at": at, "is_done": is_done, "what": written(what), "code": code, "place": place}
        self.log = [line, *self.log][:LOG_LENGTH]
        self.done += is_done


def written(message: Message) -> dict[str, Any]:
    """A message as it is kept."""
    return {"id": message.id, "values": {name: str(value) for name, value in message.values.items()}}


def message_of(kept: dict[str, Any] | None) -> Message | None:
    """The message that was kept."""
    return Message(kept["id"], dict(kept["values"])) if kept else None


def load(station: StationHere, actor: Actor) -> tuple[Going, datetime | None]:
    """What goes on at the station, and when something was scanned there last."""
    with work.reading(actor) as db:
        row = db.scalar(sa.select(StationState).where(StationState.station_id == station.id))
        return (_read(row.context), row.last_scan_at) if row is not None else (Going(), None)


@contextmanager
def changing(station: StationHere, actor: Actor) -> Iterator[tuple[Going, bool]]:
    """Change what goes on; the flag says that the station was idle too long and forgot its act."""
    going, last = load(station, actor)
    limit = timedelta(minutes=station.context_minutes)
    was_idle = last is not None and clock.now() - last > limit and going.context.mode is not Action.FIND
    if was_idle:
        going.context = Context()
    yield going, was_idle
    _save(station, actor, going, was_idle=was_idle)


def _save(station: StationHere, actor: Actor, going: Going, *, was_idle: bool) -> None:
    with work.operating(actor) as db:
        row = db.get(StationState, station.id)
        if row is None:
            row = StationState(station_id=station.id)
            db.add(row)
        is_person = db.get(Person, actor.principal_id) is not None
        row.person_id = actor.principal_id if is_person else None
        row.session_id = actor.session_id
        row.context = json.dumps(asdict(going), ensure_ascii=False)
        row.last_scan_at = clock.now()
        row.was_cleared = was_idle
        row.sequence += 1


def is_repeat(going: Going, text: str, key: str, last: datetime | None) -> bool:
    """Whether this is the scan before once more: the same request, or the same code within a moment."""
    if key and key == going.last_key:
        return True
    is_soon = last is not None and clock.now() - last < timedelta(seconds=ONCE_SECONDS)
    return is_soon and bool(text) and text == going.last_text


def last_undoable(going: Going) -> UUID | None:
    """The last act of this station that may be undone."""
    return UUID(going.undo[0]) if going.undo else None


def _read(text: str) -> Going:
    kept = json.loads(text or "{}")
    context = kept.pop("context", {})
    return Going(context=Context(**{**context, "mode": Action(context.get("mode", "find"))}), **kept)
