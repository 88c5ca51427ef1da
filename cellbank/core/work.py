"""The unit of work: READ THIS FIRST.

There is one way to change a fact of the bank: ``perform(command, actor, key=…)``. One command is one transaction and
one event. There is one way to read: ``reading(actor)``, a session that physically cannot write. ``operating()``
writes what is no fact of the bank (sign-in sessions, jobs, drafts).

What ``perform`` does, in order: permission; begin; has this key been done already? insert the event (by trigger it
becomes current); check the versions the person saw; run the command, while the database's triggers write every
change under the event; close the event; commit. What is refused rolls back and is then recorded as an event with
``outcome = 'refused'`` and no changes.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from cellbank.core import clock, ids
from cellbank.core.actor import BANK_ID, Actor, Principal, PrincipalKind
from cellbank.core.command import Command, canonical
from cellbank.core.constraints import explain, explained, is_passing
from cellbank.core.errors import (
    CellbankError,
    Conflict,
    Invalid,
    Message,
    NotFound,
    NotPermitted,
    Refused,
    Subject,
)
from cellbank.core.journal import Basis, Change, ChangeKind, Event, EventSubject, OutcomeKind
from cellbank.core.model import Model, Precision, Recorded
from cellbank.core.plain_text import refuse_nul
from cellbank.core.sessions import (
    Occurred,
    Reading,
    Settings,
    Writing,
    database,
    operating,
    reading,
    settings,
    use,
)

Found = TypeVar("Found")

TRIES = 5
LONGEST_KEY = 200
# Made once: every act sends these two.
BY_KEY = sa.select(Event).where(Event.actor_id == sa.bindparam("actor"), Event.key == sa.bindparam("key"))
CLOSE_EVENT = sa.text("DELETE FROM current_event")
STALE = "It was changed meanwhile. Look at it again and repeat."


def perform(
    command: Command,
    actor: Actor,
    *,
    key: str,
    seen: Mapping[str, int] | None = None,
    reason: str | None = None,
    station: str | None = None,
    occurred: Occurred | None = None,
    performers: Iterable[UUID] = (),
    witness: UUID | None = None,
    undoes: UUID | None = None,
    claim: Callable[[Session], None] | None = None,
) -> Event:
    """Do ``command`` for ``actor`` in one transaction under one event, and return the event.

    :param key: the caller's own id of this request; a repeat answers from the event it made.
    :param seen: ``"table:hex id"`` or ``"table:code"`` → the version the person saw.
    :param occurred: when it really happened, if not now.
    :param claim: commits a job's cursor in the same transaction.
    :raises Refused, NotPermitted: and records the attempt.
    :raises NotFound, Conflict, Invalid: nothing was changed.
    """
    request = _Request(
        command,
        actor,
        key,
        dict(seen or {}),
        _clean(reason),
        station,
        occurred,
        tuple(performers),
        witness,
        undoes,
    )
    _check_text(request)
    try:
        _check_permission(request)
        return _retried(request, claim)
    except (Refused, NotPermitted) as refusal:
        return _record_refusal(request, refusal)


@dataclass(frozen=True)
class _Request:
    command: Command
    actor: Actor
    key: str
    seen: dict[str, int]
    reason: str | None
    station: str | None
    occurred: Occurred | None
    performers: tuple[UUID, ...]
    witness: UUID | None
    undoes: UUID | None

    def event(self, outcome: OutcomeKind, refusal: str | None = None) -> Event:
        """The event row of this request."""
        now = clock.now()
        occurred = self.occurred or Occurred(now, Precision.SECOND, Basis.SYSTEM)
        return Event(
            name=type(self.command).records,
            outcome=outcome,
            actor_id=self.actor.principal_id,
            actor_name=self.actor.name,
            actor_name_fa=self.actor.name_fa,
            actor_role=",".join(self.actor.roles),
            organisation_id=self.actor.organisation_id,
            recorded_at=now,
            occurred_at=occurred.at,
            occurred_precision=occurred.precision,
            basis=occurred.basis,
            document=occurred.document,
            zone=settings().site_zone,
            via=self.actor.via,
            station=self.station,
            session_id=self.actor.session_id,
            performers=" ".join(p.hex for p in self.performers) or None,
            witness_id=self.witness,
            reason=self.reason,
            key=self.key,
            request_hash=self.command.fingerprint(),
            request=self.command.journalled(),
            refusal=refusal,
            # What was refused undid nothing: the act stays as it is and may still be undone.
            undoes=self.undoes if outcome is OutcomeKind.DONE else None,
        )


def _check_permission(request: _Request) -> None:
    if not request.actor.may(request.command.permission):
        raise NotPermitted("You may not do this: {act}", act=Message(request.command.label))


def _clean(text: str | None) -> str | None:
    return (text or "").strip() or None


def _check_time_and_reason(request: _Request) -> None:
    if type(request.command).needs_reason and request.reason is None:
        raise Invalid("Say why: this act needs a reason.", field="reason")
    occurred = request.occurred
    if occurred is None or occurred.at is None:
        return
    now = clock.now()
    if occurred.at > now + timedelta(minutes=2):
        raise Invalid("It cannot have happened in the future: {when}", field="occurred_at", when=occurred.at)
    late = now - occurred.at > timedelta(minutes=settings().late_entry_minutes)
    if late and request.reason is None:
        raise Invalid(
            "It happened more than {minutes} minutes ago: say why it is entered late.",
            field="reason",
            minutes=settings().late_entry_minutes,
        )


def _check_text(request: _Request) -> None:
    document = request.occurred.document if request.occurred else None
    command = request.command.model_dump(mode="json")
    refuse_nul((request.key, request.reason, request.station, document, command))
    if len(request.key) > LONGEST_KEY:
        raise Invalid("The request key is longer than {most} characters.", most=LONGEST_KEY)


def _check_people(db: Writing, request: _Request) -> None:
    """Whoever is named beside the actor must be a person who is here and may still act."""
    named = {*request.performers, *([request.witness] if request.witness else [])}
    named.discard(request.actor.principal_id)
    if not named:
        return
    known = sa.select(Principal.id).where(
        Principal.id.in_(named), Principal.kind == PrincipalKind.PERSON, Principal.is_disabled.is_(False)
    )
    if not db.actor.sees_all:
        known = known.where(Principal.organisation_id.in_([db.actor.organisation_id, BANK_ID]))
    missing = named.difference(db.scalars(known))
    if missing:
        field = "witness" if request.witness in missing else "performers"
        raise Invalid("A person named beside you is not known here, or has no access any more.", field=field)


def _retried(request: _Request, claim: Callable[[Session], None] | None) -> Event:
    for attempt in range(1, TRIES + 1):
        try:
            return _once(request, claim)
        except StaleDataError as error:
            raise Conflict(STALE) from error
        except IntegrityError as error:
            if _is_same_key(error) and attempt < TRIES:
                continue  # the same key came twice at once: the other made the event, answer from it
            raise explained(error) from error
        except DBAPIError as error:
            if not is_passing(error) or attempt == TRIES:
                raise explained(error) from error
            time.sleep(random.uniform(0.005, 0.05) * attempt)  # noqa: S311 - jitter, not a secret
    raise Conflict(STALE)


def _once(request: _Request, claim: Callable[[Session], None] | None) -> Event:
    here = database()
    with here.lock(), Writing(here.write, expire_on_commit=False, autoflush=True) as db:
        db.actor = request.actor
        done = _already_done(db, request)
        if done is not None:
            return done
        # After the look for an earlier answer: a repeat that comes late is still the same act, done in time.
        _check_time_and_reason(request)
        _check_people(db, request)
        db.event = request.event(OutcomeKind.DONE)
        db.recorded_at = db.event.recorded_at
        db.occurred_at = db.event.occurred_at
        db.setting = settings()
        db.add(db.event)
        db.flush()
        _check_seen(db, request.seen)
        request.command.run(db)
        db.flush()
        if claim is not None:
            claim(db)
        if here.dialect == "sqlite":
            db.execute(CLOSE_EVENT, execution_options={"tenant_ok": "closes the event"})
        db.commit()
        db.expunge(db.event)
        return db.event


def _already_done(db: Session, request: _Request) -> Event | None:
    """The event this key already made; raises what it was refused with, or Conflict for another body."""
    past = db.scalar(BY_KEY, {"actor": request.actor.principal_id, "key": request.key})
    if past is None:
        return None
    db.expunge(past)
    if past.request_hash != request.command.fingerprint() or past.name != type(request.command).records:
        raise Conflict("This request key was already used for something else: {key}", key=request.key)
    if past.refusal is not None:
        raise _Repeated(past)
    past.is_replay = True  # type: ignore[attr-defined]
    return past


class _Repeated(Refused):
    """A refused request sent again: the same answer, and no second event."""

    def __init__(self, past: Event) -> None:
        said = json.loads(past.refusal or "{}")
        super().__init__(said.get("id", ""), **said.get("values", {}))
        self.status = said.get("status", Refused.status)


def _check_seen(db: Writing, seen: Mapping[str, int]) -> None:
    for name, version in sorted(seen.items()):
        table_name, _, ref = name.partition(":")
        table = Model.metadata.tables.get(table_name)
        if table is None or "version" not in table.columns:
            raise Invalid("Unknown kind of thing: {kind}", field="seen", kind=table_name)
        is_key = re.fullmatch(r"[0-9a-f]{32}", ref) is not None
        column = table.c.id if is_key else table.c.get("code")
        if column is None:
            raise Invalid("Unknown kind of thing: {kind}", field="seen", kind=table_name)
        wanted = sa.select(table.c.version).where(column == (UUID(ref) if is_key else ref))
        if "organisation_id" in table.columns and not db.actor.sees_all:
            # Whether another organisation's code exists must not be learned by guessing its version.
            wanted = wanted.where(table.c.organisation_id == db.actor.organisation_id)
        found = db.scalar(
            wanted, execution_options={"tenant_ok": "filtered by owner; a version number is compared"}
        )
        if found != version:
            raise Conflict(STALE)


def _record_refusal(request: _Request, refusal: CellbankError) -> Event:
    """Record that it was tried and refused, then raise the refusal. A repeat is not recorded twice."""
    if isinstance(refusal, _Repeated):
        raise refusal
    said = canonical(
        {
            "id": refusal.message.id,
            "values": {k: str(v) for k, v in refusal.message.values.items()},
            "status": refusal.status,
        }
    )
    here = database()
    try:
        with here.lock(), Writing(here.write, expire_on_commit=False) as db:
            db.actor = request.actor
            past = db.scalar(
                sa.select(Event.seq).where(
                    Event.actor_id == request.actor.principal_id, Event.key == request.key
                )
            )
            if past is None:
                refused = request.event(OutcomeKind.REFUSED, said)
                if request.witness is not None and db.get(Principal, request.witness) is None:
                    refused.witness_id = (
                        None  # an invented witness must not keep the attempt out of the journal
                    )
                db.add(refused)
                db.flush()
                for subject in refusal.about:
                    kind, key, owner = _subject(subject)
                    db.add(
                        EventSubject(event_seq=refused.seq, kind=kind, subject_id=key, organisation_id=owner)
                    )
                db.commit()
    except IntegrityError as error:
        if not _is_same_key(error):
            raise
        # The same refused request came twice at once: one record is enough.
    raise refusal


def _is_same_key(error: IntegrityError) -> bool:
    """Whether another event has this actor's key already."""
    said = str(error.orig)
    return "uq_event_actor_id" in said or "event.actor_id, event.key" in said


def _subject(thing: Any) -> tuple[str, UUID, UUID | None]:
    if isinstance(thing, Subject):
        return thing.kind, thing.id, thing.organisation_id
    return thing.__tablename__, thing.id, getattr(thing, "organisation_id", None)


def created(event: Event, model: type[Recorded]) -> list[UUID]:
    """Keys of the rows of ``model`` that an event made, in order: what a view or a repeat needs to go on."""
    with Session(database().read) as session:
        return list(
            session.scalars(
                sa.select(Change.row_id)
                .where(
                    Change.event_seq == event.seq,
                    Change.table_name == model.__tablename__,
                    Change.kind == ChangeKind.INSERT,
                )
                .order_by(Change.seq)
            )
        )


def new_key() -> str:
    """A fresh request key, for a caller that has none of its own."""
    return ids.uuid7().hex


def required(found: Found | None, what: str) -> Found:
    """``found``, or NotFound naming ``what``."""
    if found is None:
        raise NotFound(what=what)
    return found


__all__ = [
    "Occurred",
    "Reading",
    "Settings",
    "Writing",
    "created",
    "database",
    "explain",
    "new_key",
    "operating",
    "perform",
    "reading",
    "required",
    "settings",
    "use",
]
