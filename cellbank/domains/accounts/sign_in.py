"""Signing in: the password is checked, a session begins, and the journal says so in the same transaction.

A session is a random token of 256 bits in a cookie; the database keeps its SHA-256 only, so that a copy of the
database opens no session. Reading one is a single statement, and nothing is written more than once a minute.
"""

from __future__ import annotations

import dataclasses
import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core import clock, ids, work
from cellbank.core.actor import Actor, Principal, system_actor
from cellbank.core.journal import Event
from cellbank.domains.accounts import passwords, queries, throttling
from cellbank.domains.accounts.commands import (
    RecordFailedSignIn,
    RecordPasswordSet,
    RecordSignIn,
    RecordSignOut,
)
from cellbank.domains.accounts.commands.names import plain_user_name
from cellbank.domains.accounts.commands.sign_in import SignOutReason
from cellbank.domains.accounts.models import Credential, Device, Person, SignInSession
from cellbank.domains.accounts.queries import SignedIn
from cellbank.domains.accounts.roles import SIGN_IN

DOORKEEPER = system_actor(SIGN_IN)
"""The program itself, which reads sessions and notes failures."""

SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Limits:
    """How long a session lasts: without a click, and in any case."""

    idle_minutes: int = 30
    hours: int = 12


@dataclass(frozen=True)
class Opened:
    """A session that has just begun; the token is in nobody's hands but the caller's."""

    token: str
    actor: Actor
    session_id: UUID
    must_change_password: bool


class Denied(Exception):
    """Nobody was signed in; which of name and password was wrong is not told.

    ``wait_s`` is above zero when the next try has to wait.
    """

    def __init__(self, wait_s: int = 0) -> None:
        super().__init__()
        self.wait_s = wait_s


@dataclass(frozen=True)
class _Known:
    person_id: UUID
    password_hash: str | None
    is_disabled: bool
    must_change: bool


# ---- signing in ---------------------------------------------------------------------------------------------


def sign_in(
    user_name: str,
    password: str,
    *,
    limits: Limits,
    address: str | None = None,
    user_agent: str | None = None,
    station: str | None = None,
    replaces: str | None = None,
) -> Opened:
    """Check the password and begin a session.

    :param station: the code of the device that stands at this browser.
    :param replaces: the token of a session that was open here; it ends, so that nobody can plant one.
    :raises Denied: unknown name, wrong password, disabled person (all alike), or too many tries.
    """
    name = str(plain_user_name(user_name))[:100]
    counted = throttling.keys(name, address)
    with work.reading(DOORKEEPER) as db:
        waiting = throttling.wait_s(db, counted)
        known = None if waiting else _known(db, name)
    if waiting:
        raise Denied(waiting)
    right = passwords.is_right(known.password_hash if known else None, password)
    if known is None or known.is_disabled or not right:
        _note_failure(known, counted)
        raise Denied
    opened = _open(known, limits, address=address, user_agent=user_agent, station=station)
    with work.operating() as db:
        throttling.succeeded(db, name)
        if replaces:
            _end(db, SignInSession.token_sha256 == token_hash(replaces))
        if known.password_hash and passwords.is_outdated(known.password_hash):
            db.get_one(Credential, known.person_id).password_hash = passwords.hashed(password)
    return opened


def _known(db: Session, user_name: str) -> _Known | None:
    statement = (
        sa.select(Person.id, Credential.password_hash, Principal.is_disabled, Credential.must_change_password)
        .join(Principal, Principal.id == Person.id)
        .outerjoin(Credential, Credential.person_id == Person.id)
        .where(Person.user_name == user_name)
    )
    row = db.execute(statement).one_or_none()
    return _Known(row[0], row[1], row[2], bool(row[3])) if row else None


def _note_failure(known: _Known | None, counted: dict[str, throttling.Patience]) -> None:
    """Count it; a failure of a known person is an event as well. Either way one transaction, so time tells nothing."""
    if known is None:
        with work.operating() as db:
            throttling.failed(db, counted)
        return
    work.perform(
        RecordFailedSignIn(person_id=known.person_id, is_disabled=known.is_disabled),
        DOORKEEPER,
        key=work.new_key(),
        claim=lambda db: throttling.failed(db, counted),
    )


def _open(
    known: _Known, limits: Limits, *, address: str | None, user_agent: str | None, station: str | None
) -> Opened:
    token, session_id, now = secrets.token_urlsafe(32), ids.uuid7(), clock.now()
    with work.reading(DOORKEEPER) as db:
        found = queries.actor_of_person(db, known.person_id)
        station_id = db.scalar(sa.select(Device.id).where(Device.code == station)) if station else None
    if found is None:
        raise Denied
    actor = dataclasses.replace(found, session_id=session_id)
    session = SignInSession(
        id=session_id,
        token_sha256=token_hash(token),
        person_id=known.person_id,
        created_at=now,
        last_seen_at=now,
        idle_minutes=limits.idle_minutes,
        expires_at=now + timedelta(hours=limits.hours),
        authenticated_at=now,
        station_id=station_id,
        address=address,
        user_agent=(user_agent or "")[:300] or None,
    )
    # The session and the event that tells of it are one transaction: neither exists without the other.
    work.perform(RecordSignIn(), actor, key=session_id.hex, claim=lambda db: db.add(session))
    return Opened(token, actor, session_id, known.must_change)


# ---- while signed in ----------------------------------------------------------------------------------------


def token_hash(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def read_session(token: str) -> SignedIn | None:
    """Who this token belongs to now: one statement; the time of the last click is written once a minute."""
    with work.reading(DOORKEEPER) as db:
        found = queries.signed_in(db, token_hash(token))
    now = clock.now()
    if found is not None and now - found.last_seen_at > SEEN_EVERY:
        with work.operating() as db:
            db.execute(
                sa.update(SignInSession).where(SignInSession.id == found.session_id).values(last_seen_at=now)
            )
    return found


def owner_of(token: str) -> UUID | None:
    """Whose session a token was, though it may have ended: a form that outlived it belongs to nobody else."""
    with work.reading(DOORKEEPER) as db:
        return db.scalar(
            sa.select(SignInSession.person_id).where(SignInSession.token_sha256 == token_hash(token))
        )


def check_password(person_id: UUID, password: str) -> bool:
    """Whether this is the person's password: asked again before something that counts."""
    with work.reading(DOORKEEPER) as db:
        credential = db.get(Credential, person_id)
    return passwords.is_right(credential.password_hash if credential else None, password)


# ---- ending -------------------------------------------------------------------------------------------------


def sign_out(actor: Actor) -> Event:
    """End the session the actor came with."""
    return work.perform(
        RecordSignOut(),
        actor,
        key=work.new_key(),
        claim=lambda db: _end(db, SignInSession.id == actor.session_id),
    )


def end_other_sessions(actor: Actor, *, key: str) -> Event:
    """End every session of this person but the one they are in."""
    return work.perform(
        RecordSignOut(why=SignOutReason.OTHERS),
        actor,
        key=key,
        claim=lambda db: _end(
            db, SignInSession.person_id == actor.principal_id, SignInSession.id != actor.session_id
        ),
    )


def _end(db: Session, *which: sa.ColumnElement[bool]) -> None:
    db.execute(
        sa.update(SignInSession).where(SignInSession.ended_at.is_(None), *which).values(ended_at=clock.now())
    )


# ---- passwords ----------------------------------------------------------------------------------------------


def set_password(
    person_id: UUID, password: str, actor: Actor, *, key: str, must_change: bool = False
) -> Event:
    """Give a person a new password and end their other sessions, in one transaction with its event.

    :raises Invalid: the password is too short or easy to guess.
    :raises NotPermitted: it is somebody else's, and the actor keeps no accounts.
    """
    with work.reading(DOORKEEPER) as db:
        person = work.required(db.get(Person, person_id), "person")
    passwords.check_policy(password, user_name=person.user_name)
    password_hash = passwords.hashed(password)  # slow on purpose, and so before the transaction

    def write(db: Session) -> None:
        credential = db.get(Credential, person_id)
        if credential is None:
            credential = Credential(person_id=person_id)
            db.add(credential)
        credential.password_hash = password_hash
        credential.password_set_at = clock.now()
        credential.must_change_password = must_change
        _end(db, SignInSession.person_id == person_id, SignInSession.id != (actor.session_id or person_id))

    return work.perform(RecordPasswordSet(person_id=person_id), actor, key=key, claim=write)
