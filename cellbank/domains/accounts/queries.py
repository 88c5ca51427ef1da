"""Who is who: actors from sessions and tokens, people, organisations, devices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core import clock
from cellbank.core.actor import BANK_ID, Actor, Organisation, Principal, PrincipalKind
from cellbank.core.work import Reading
from cellbank.domains.accounts.arriving import owner_of_token, running, session_with_token
from cellbank.domains.accounts.models import (
    ApiToken,
    Calendar,
    Contact,
    Device,
    Language,
    Person,
    Role,
    RoleGrant,
    SignInSession,
)
from cellbank.domains.accounts.roles import DEVICE_PERMISSIONS, permissions_of


@dataclass(frozen=True)
class SignedIn:
    """An open session: who it is, how they read, and what the session allows."""

    actor: Actor
    person_id: UUID
    session_id: UUID
    last_seen_at: datetime
    authenticated_at: datetime
    language: Language
    calendar: Calendar
    must_change_password: bool
    station: str | None


def signed_in(db: Session, token_sha256: str) -> SignedIn | None:
    """The session with this token, in one statement; None when it ended, ran out, or the person is disabled."""
    now = clock.now()
    rows = db.execute(session_with_token(), {"token_sha256": token_sha256, "now": now}).all()
    if not rows or (now - rows[0].last_seen_at).total_seconds() > rows[0].idle_minutes * 60:
        return None
    first = rows[0]
    return SignedIn(
        actor=_actor(first, first.person_id, rows, session_id=first.session_id),
        person_id=first.person_id,
        session_id=first.session_id,
        last_seen_at=first.last_seen_at,
        authenticated_at=first.authenticated_at,
        language=first.language,
        calendar=first.calendar,
        must_change_password=bool(first.must_change_password),
        station=first.station,
    )


def actor_of_person(db: Session, person_id: UUID, *, via: str = "web") -> Actor | None:
    """The person as an actor with the roles in force now; None when unknown or disabled."""
    now = clock.now()
    rows = db.execute(
        sa.select(
            Principal.organisation_id,
            Principal.name,
            Principal.name_fa,
            RoleGrant.role,
            RoleGrant.scope_organisation_id,
        )
        .join(Person, Person.id == Principal.id)
        .outerjoin(RoleGrant, sa.and_(RoleGrant.person_id == Person.id, running(now)))
        .where(Principal.id == person_id, Principal.is_disabled.is_(False))
    ).all()
    return _actor(rows[0], person_id, rows, via=via) if rows else None


def actor_of_token_hash(db: Session, token_sha256: str) -> tuple[Actor, UUID, datetime | None] | None:
    """Who a token acts for, with no more than the token and its owner may; its key and when it was last used."""
    rows = db.execute(owner_of_token(), {"token_sha256": token_sha256, "now": clock.now()}).all()
    if not rows:
        return None
    first = rows[0]
    most = DEVICE_PERMISSIONS if first.kind is PrincipalKind.DEVICE else None
    actor = _actor(first, first.principal_id, rows, via="api", most=most, only=first.permissions.split())
    return actor, first.id, first.last_used_at


def _actor(
    row: Any,
    principal_id: UUID,
    rows: Iterable[Any],
    *,
    via: str = "web",
    session_id: UUID | None = None,
    most: frozenset[str] | None = None,
    only: Iterable[str] | None = None,
) -> Actor:
    """The actor that rows of (organisation, name, role, scope) tell of, one row a role."""
    roles = [r.role for r in rows if r.role is not None]
    scope = next((r.scope_organisation_id for r in rows if r.scope_organisation_id is not None), None)
    permissions = permissions_of(roles) if most is None else most
    return Actor(
        principal_id=principal_id,
        # An inspector of one company's material sees what that company sees, and no more.
        organisation_id=scope or row.organisation_id,
        name=row.name,
        name_fa=row.name_fa,
        permissions=permissions if only is None else permissions & frozenset(only),
        sees_all=row.organisation_id == BANK_ID and scope is None,
        roles=tuple(sorted(role.value for role in roles)) if most is None else ("device",),
        via=via,
        session_id=session_id,
    )


@dataclass(frozen=True)
class PersonRow:
    """A person in a list."""

    id: UUID
    user_name: str
    staff_code: str | None
    name: str
    name_fa: str | None
    job_title: str | None
    job_title_fa: str | None
    organisation: str
    organisation_name: str
    organisation_name_fa: str | None
    is_disabled: bool
    roles: tuple[Role, ...] = ()


def _mine(actor: Actor) -> sa.ColumnElement[bool]:
    """People whom this actor may see: all, or those of the own organisation; and always oneself."""
    if actor.sees_all:
        return sa.true()
    # An inspector of one company's material belongs to the bank, and has an account of their own all the same.
    return sa.or_(Principal.organisation_id == actor.organisation_id, Principal.id == actor.principal_id)


def _people(actor: Actor) -> Any:
    return (
        sa.select(
            Person.id,
            Person.user_name,
            Person.staff_code,
            Principal.name,
            Principal.name_fa,
            Person.job_title,
            Person.job_title_fa,
            Organisation.short_name.label("organisation"),
            Organisation.name.label("organisation_name"),
            Organisation.name_fa.label("organisation_name_fa"),
            Principal.is_disabled,
        )
        .join(Principal, Principal.id == Person.id)
        .join(Organisation, Organisation.id == Principal.organisation_id)
        .where(_mine(actor))
    )


def people(
    db: Reading, *, text: str = "", organisation_id: UUID | None = None, limit: int = 200, offset: int = 0
) -> list[PersonRow]:
    """People by name, with their roles in force; ``text`` looks in names, sign-in names and badge codes."""
    statement = _people(db.actor)
    if organisation_id is not None:
        statement = statement.where(Principal.organisation_id == organisation_id)
    if text:
        like = f"%{text.lower()}%"
        statement = statement.where(
            sa.or_(
                sa.func.lower(Principal.name).like(like),
                Principal.name_fa.like(f"%{text}%"),
                Person.user_name.like(like),
                Person.staff_code == text.upper().replace(" ", ""),
            )
        )
    statement = (
        statement.order_by(Principal.is_disabled, Principal.name, Person.id).limit(limit).offset(offset)
    )
    rows = db.execute(statement).all()
    roles = _roles_of(db, [row.id for row in rows])
    return [PersonRow(**row._asdict(), roles=roles.get(row.id, ())) for row in rows]


def _roles_of(db: Session, person_ids: list[UUID]) -> dict[UUID, tuple[Role, ...]]:
    found: dict[UUID, tuple[Role, ...]] = {}
    statement = sa.select(RoleGrant.person_id, RoleGrant.role).where(
        RoleGrant.person_id.in_(person_ids), running(clock.now())
    )
    for person_id, role in db.execute(statement.order_by(RoleGrant.role)):
        found[person_id] = (*found.get(person_id, ()), role)
    return found


@dataclass(frozen=True)
class PersonPage:
    """All that a person's page shows."""

    person: PersonRow
    row: Person
    email: str | None
    telephone: str | None
    grants: list[RoleGrant]
    scopes: dict[UUID, str]


def person_page(db: Reading, user_name: str) -> PersonPage | None:
    """One person with every grant, newest first; None when unknown or of another organisation."""
    row = db.execute(_people(db.actor).where(Person.user_name == user_name)).one_or_none()
    if row is None:
        return None
    person = db.get_one(Person, row.id)
    contact = db.get(Contact, row.id)
    grants = list(
        db.scalars(
            sa.select(RoleGrant).where(RoleGrant.person_id == row.id).order_by(RoleGrant.starts_at.desc())
        )
    )
    wanted = {grant.scope_organisation_id for grant in grants if grant.scope_organisation_id}
    scopes = (
        dict(
            db.execute(
                sa.select(Organisation.id, Organisation.short_name).where(Organisation.id.in_(wanted))
            ).all()
        )
        if wanted
        else {}
    )
    now = clock.now()
    roles = tuple(g.role for g in grants if g.ended_by is None and (g.ends_at is None or g.ends_at > now))
    return PersonPage(
        person=PersonRow(**row._asdict(), roles=roles),
        row=person,
        email=contact.email if contact else None,
        telephone=contact.telephone if contact else None,
        grants=grants,
        scopes=scopes,
    )


def person_of_badge(db: Reading, staff_code: str) -> PersonRow | None:
    """The person whose badge carries this code (ten characters, upper case)."""
    return _one_person(db, Person.staff_code == staff_code)


def person_by_id(db: Reading, person_id: UUID) -> PersonRow | None:
    """The person with this key."""
    return _one_person(db, Person.id == person_id)


def _one_person(db: Reading, which: sa.ColumnElement[bool]) -> PersonRow | None:
    row = db.execute(_people(db.actor).where(which)).one_or_none()
    return PersonRow(**row._asdict(), roles=_roles_of(db, [row.id]).get(row.id, ())) if row else None


def organisations(db: Reading) -> list[tuple[Organisation, int]]:
    """Organisations with the number of people who can sign in, the bank first; a company sees itself."""
    count = (
        sa.select(sa.func.count())
        .select_from(Principal)
        .where(
            Principal.organisation_id == Organisation.id,
            Principal.kind == PrincipalKind.PERSON,
            Principal.is_disabled.is_(False),
        )
        .scalar_subquery()
    )
    statement = sa.select(Organisation, count).order_by(Organisation.id != BANK_ID, Organisation.name)
    if not db.actor.sees_all:
        statement = statement.where(Organisation.id == db.actor.organisation_id)
    return [(organisation, number) for organisation, number in db.execute(statement)]


def organisation(db: Reading, short_name: str) -> Organisation | None:
    """One organisation; None when unknown or another's."""
    found = db.scalar(sa.select(Organisation).where(Organisation.short_name == short_name))
    if found is None or not (db.actor.sees_all or found.id == db.actor.organisation_id):
        return None
    return found


def bank(db: Session) -> Organisation | None:
    """The bank itself; None before it is founded."""
    return db.get(Organisation, BANK_ID)


def devices(db: Reading) -> list[tuple[Device, Principal]]:
    """The bank's machines, by name."""
    statement = (
        sa.select(Device, Principal).join(Principal, Principal.id == Device.id).order_by(Principal.name)
    )
    return [(device, principal) for device, principal in db.execute(statement)]


def open_sessions(db: Session, person_id: UUID) -> list[SignInSession]:
    """Where a person is signed in now, the latest click first."""
    now = clock.now()
    statement = (
        sa.select(SignInSession)
        .where(
            SignInSession.person_id == person_id,
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > now,
        )
        .order_by(SignInSession.last_seen_at.desc())
    )
    return [s for s in db.scalars(statement) if (now - s.last_seen_at).total_seconds() <= s.idle_minutes * 60]


def tokens_of(db: Session, principal_id: UUID) -> list[ApiToken]:
    """A principal's tokens that are not revoked, newest first."""
    return list(
        db.scalars(
            sa.select(ApiToken)
            .where(ApiToken.principal_id == principal_id, ApiToken.revoked_at.is_(None))
            .order_by(ApiToken.created_at.desc())
        )
    )


def device(db: Reading, code: str) -> tuple[Device, Principal] | None:
    """One machine by its code."""
    statement = (
        sa.select(Device, Principal).join(Principal, Principal.id == Device.id).where(Device.code == code)
    )
    row = db.execute(statement).one_or_none()
    return (row[0], row[1]) if row else None
