"""The journal: events, what they are about, and every change they made.

Nobody calls the journal. The unit of work inserts one ``Event``; the database's triggers (see
:mod:`cellbank.core.triggers`) write the subjects and changes of every recorded row under it.
"""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cellbank.core import ids
from cellbank.core.model import Journal, Precision

BANK_ID_TEXT = "00000000000070008000000000000001"
"""The bank's own key (``actor.BANK_ID``) in the digits both databases understand."""

Serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")


class OutcomeKind(enum.StrEnum):
    """Whether the act was done or refused."""

    DONE = "done"
    REFUSED = "refused"


class Basis(enum.StrEnum):
    """Where the time of an act comes from."""

    SYSTEM = "system"
    STATED = "stated"
    PAPER = "paper"


class Event(Journal):
    """One act: who, what, when, why, from where; done or refused."""

    __tablename__ = "event"
    __table_args__ = (
        sa.UniqueConstraint("actor_id", "key"),
        sa.Index("ix_event_name_seq", "name", "seq"),
        sa.Index("ix_event_organisation_seq", "organisation_id", "seq"),
        sa.Index("ix_event_recorded_at", "recorded_at"),
        sa.Index("ix_event_actor_seq", "actor_id", "seq"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(Serial, primary_key=True, init=False)
    id: Mapped[UUID] = mapped_column(unique=True, default_factory=ids.uuid7)
    name: Mapped[str]
    outcome: Mapped[OutcomeKind]
    actor_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("principal.id", deferrable=True, initially="DEFERRED")
    )
    actor_name: Mapped[str]  # as printed at the time; a person's later name does not rewrite history
    actor_name_fa: Mapped[str | None] = mapped_column(default=None)
    actor_role: Mapped[str]
    organisation_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("organisation.id", deferrable=True, initially="DEFERRED")
    )
    recorded_at: Mapped[datetime]
    occurred_at: Mapped[datetime | None]
    occurred_precision: Mapped[Precision]
    basis: Mapped[Basis]
    document: Mapped[str | None] = mapped_column(default=None)
    zone: Mapped[str]
    via: Mapped[str]
    station: Mapped[str | None] = mapped_column(default=None)
    session_id: Mapped[UUID | None] = mapped_column(default=None)
    performers: Mapped[str | None] = mapped_column(default=None)
    witness_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("principal.id"), default=None)
    reason: Mapped[str | None] = mapped_column(default=None)
    key: Mapped[str]
    request_hash: Mapped[str] = mapped_column(sa.String(64))
    request: Mapped[str]
    refusal: Mapped[str | None] = mapped_column(default=None)
    undoes: Mapped[UUID | None] = mapped_column(sa.ForeignKey("event.id"), default=None, unique=True)


def not_the_banks() -> sa.TextClause:
    """The condition of the index of other organisations' subjects; a query that repeats it can use that index."""
    return sa.text(f"event_subject.organisation_id <> '{BANK_ID_TEXT}'")


class EventSubject(Journal):
    """What an event is about. ``organisation_id`` is the row's owner; NULL is the bank."""

    __tablename__ = "event_subject"
    __table_args__ = (
        sa.Index("ix_event_subject_story", "subject_id", "event_seq"),
        sa.Index("ix_event_subject_event", "event_seq", "subject_id"),
        # Most subjects are the bank's own; the few of other organisations are found without an index over all.
        sa.Index(
            "ix_event_subject_company",
            "organisation_id",
            "event_seq",
            sqlite_where=sa.text(f"organisation_id <> '{BANK_ID_TEXT}'"),
            postgresql_where=sa.text(f"organisation_id <> '{BANK_ID_TEXT}'"),
        ),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(Serial, primary_key=True, init=False)
    event_seq: Mapped[int] = mapped_column(sa.ForeignKey("event.seq"))
    kind: Mapped[str] = mapped_column(sa.String(63))
    subject_id: Mapped[UUID]
    organisation_id: Mapped[UUID | None] = mapped_column(default=None)


class ChangeKind(enum.StrEnum):
    """What happened to a row. Recorded rows are never deleted."""

    INSERT = "insert"
    UPDATE = "update"


class Change(Journal):
    """One recorded row's change, as canonical JSON text that the database wrote.

    An insert holds the whole row, an update only what changed: ``{"column":{"new":…,"old":…}}``; keys sorted, UUID as
    32 hex digits, moments as ``YYYY-MM-DDTHH:MM:SS.ffffffZ``; the same bytes on both databases.
    """

    __tablename__ = "change"
    __table_args__ = (
        sa.Index("ix_change_event", "event_seq", "seq"),
        sa.Index("ix_change_row", "row_id", "seq"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(Serial, primary_key=True, init=False)
    event_seq: Mapped[int] = mapped_column(sa.ForeignKey("event.seq"))
    table_name: Mapped[str] = mapped_column(sa.String(63))
    row_id: Mapped[UUID]
    organisation_id: Mapped[UUID | None] = mapped_column(default=None)
    kind: Mapped[ChangeKind]
    body: Mapped[str]
    salt: Mapped[str] = mapped_column(sa.String(32))
