"""Sessions: what a command writes with, what a page reads with, and what is no fact of the bank.

Only :mod:`cellbank.core.work` opens a writing session for commands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from cellbank.core.actor import Actor
from cellbank.core.engine import Database
from cellbank.core.journal import Basis, Event, EventSubject
from cellbank.core.model import Operational, Precision, Recorded
from cellbank.core.tenancy import fence


class Reading(Session):
    """A session of one actor."""

    actor: Actor


class Writing(Reading):
    """The session a command runs in: its actor, its event and the moment of recording."""

    event: Event
    recorded_at: datetime
    occurred_at: datetime | None
    setting: Settings

    @property
    def event_seq(self) -> int:
        """The number of the event all this is written under."""
        return self.event.seq

    def about(
        self, kind: str, subjects: Iterable[Any] | sa.Select[Any], organisation_id: UUID | None = None
    ) -> None:
        """Say that the event is also about these things: keys, or a SELECT of (id, organisation_id)."""
        if isinstance(subjects, sa.Select):
            found = subjects.subquery()
            source = sa.select(sa.literal(self.event_seq), sa.literal(kind), found.c[0], found.c[1])
            self.execute(
                sa.insert(EventSubject).from_select(
                    ["event_seq", "kind", "subject_id", "organisation_id"], source
                ),
                execution_options={"tenant_ok": "the subjects carry their own organisation"},
            )
            return
        rows = [
            {"event_seq": self.event_seq, "kind": kind, "subject_id": s, "organisation_id": organisation_id}
            for s in subjects
        ]
        if rows:
            self.execute(sa.insert(EventSubject), rows)

    def lock(self, model: type[Recorded], keys: Iterable[UUID]) -> None:
        """Lock rows in key order before touching more than one, so that two acts never wait for each other.

        Rows that were read before are read again: while this act waited, another may have changed them.
        """
        wanted = sorted(set(keys))
        if not wanted or self.get_bind().dialect.name != "postgresql":
            return
        self.execute(sa.select(model.id).where(model.id.in_(wanted)).order_by(model.id).with_for_update())
        held = [key for key in wanted if identity_key(model, key) in self.identity_map]
        if held:
            again = sa.select(model).where(model.id.in_(held))
            self.scalars(again, execution_options={"populate_existing": True}).all()


fence(Reading)


@dataclass(frozen=True)
class Settings:
    """The few settings the unit of work itself obeys, and those that commands ask for by name."""

    site_zone: str = "Asia/Tehran"
    late_entry_minutes: int = 60
    bank_letter: str = "C"
    max_vials_per_lot: int = 500
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Occurred:
    """When the act really happened, how exactly that is known, and how we know."""

    at: datetime | None
    precision: Precision = Precision.SECOND
    basis: Basis = Basis.STATED
    document: str | None = None


class _Here:
    database: Database | None = None
    settings: Settings = Settings()


def use(database: Database, settings: Settings | None = None) -> None:
    """Say which database this process works on (once, at start-up)."""
    _Here.database = database
    _Here.settings = settings or Settings()


def database() -> Database:
    """The database this process works on."""
    if _Here.database is None:
        raise RuntimeError("no database yet: call work.use() first")
    return _Here.database


def settings() -> Settings:
    """The settings in force."""
    return _Here.settings


@contextmanager
def reading(actor: Actor) -> Iterator[Reading]:
    """A session of ``actor`` that physically cannot write."""
    with Reading(database().read, expire_on_commit=False) as session:
        session.actor = actor
        # Closing ends the transaction; a rollback would expire every row, and pages are drawn after this.
        yield session


@contextmanager
def operating(actor: Actor | None = None) -> Iterator[Session]:
    """A session that writes operational tables only; commits at the end."""
    here = database()
    with here.lock(), Session(here.write, expire_on_commit=False) as session:
        sa.event.listen(session, "before_flush", _operational_only)
        yield session
        session.commit()


def _operational_only(session: Session, *_: Any) -> None:
    for row in [*session.new, *session.dirty, *session.deleted]:
        if not isinstance(row, Operational):
            raise TypeError(f"{type(row).__name__} is a fact of the bank: it is written by a command")
