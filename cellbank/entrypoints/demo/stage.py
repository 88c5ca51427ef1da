"""Where the demonstration is played: its people, and one way to let them act, now or in the past."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from cellbank.core import clock, work
from cellbank.core.actor import Actor, system_actor
from cellbank.core.command import Command
from cellbank.core.journal import Basis, Event
from cellbank.core.model import Precision, Recorded
from cellbank.domains.accounts import queries as people

DIRECTOR = system_actor("accounts.manage", "accounts.self")
LAST = "demo:end"
"""The key of the last act: whether the story was played to its end."""

FROM_PAPER = "Entered from the paper records of the old bank"


@dataclass
class Stage:
    """The people of the demonstration by their login, and a counter that makes each act's key the same every time."""

    actors: dict[str, Actor] = field(default_factory=dict)
    zone: str = "Asia/Tehran"
    progress: Callable[[int], None] = lambda _: None
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def act(
        self,
        who: str,
        command: Command,
        *,
        days_ago: int | None = None,
        hour: int = 10,
        reason: str | None = None,
        witness: str | None = None,
        is_last: bool = False,
    ) -> Event:
        """Let somebody do something; ``days_ago`` says when it really happened, entered honestly today."""
        occurred = None
        if days_ago is not None:
            day = (clock.now() - timedelta(days=days_ago)).astimezone(ZoneInfo(self.zone)).date()
            at = datetime.combine(day, time(hour), ZoneInfo(self.zone))
            occurred = work.Occurred(at, Precision.HOUR, Basis.PAPER, f"LB-{day:%Y-%m}")
            reason = reason or FROM_PAPER
        number = next(self._numbers)
        self.progress(number)
        return work.perform(
            command,
            self.actors[who] if who else DIRECTOR,
            key=LAST if is_last else f"demo:{number:05d}",
            reason=reason,
            occurred=occurred,
            witness=self.actors[witness].principal_id if witness else None,
            station="Cryo 1",
        )

    def enter(self, login: str, person_id: UUID) -> None:
        """A person who was added can act from now on."""
        with work.reading(DIRECTOR) as db:
            found = people.actor_of_person(db, person_id, via="cli")
        self.actors[login] = work.required(found, login)

    def code(self, event: Event, model: type[Recorded], column: str = "code") -> str:
        """The code of the first row of ``model`` that an act made."""
        return self.codes(event, model, column)[0]

    def codes(self, event: Event, model: type[Any], column: str = "code") -> list[str]:
        """The codes of all rows of ``model`` that an act made, in order."""
        keys = work.created(event, model)
        with work.reading(DIRECTOR) as db:
            found: dict[UUID, str] = dict(
                db.execute(sa.select(model.id, getattr(model, column)).where(model.id.in_(keys))).all()
            )
        return [found[key] for key in keys]
