"""The statements that each request begins with: whose session or token is it? They are made once and kept."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from cellbank.core.actor import Principal
from cellbank.core.model import Moment
from cellbank.domains.accounts.models import ApiToken, Credential, Person, RoleGrant, SignInSession


def running(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """Whether a grant is in force."""
    return sa.and_(
        RoleGrant.ended_by.is_(None),
        RoleGrant.starts_at <= now,
        sa.or_(RoleGrant.ends_at.is_(None), RoleGrant.ends_at > now),
    )


@lru_cache(maxsize=1)
def session_with_token() -> sa.Select[*tuple[Any, ...]]:
    """The open session with a token (``token_sha256``, ``now``): its person, one row a role."""
    now, station = sa.bindparam("now", type_=Moment()), aliased(Principal)
    return (
        sa.select(
            SignInSession.id.label("session_id"),
            SignInSession.person_id,
            SignInSession.last_seen_at,
            SignInSession.idle_minutes,
            SignInSession.expires_at,
            SignInSession.authenticated_at,
            Person.language,
            Person.calendar,
            Principal.organisation_id,
            Principal.name,
            Principal.name_fa,
            Credential.must_change_password,
            station.name.label("station"),
            RoleGrant.role,
            RoleGrant.scope_organisation_id,
        )
        .join(Person, Person.id == SignInSession.person_id)
        .join(Principal, Principal.id == Person.id)
        .outerjoin(Credential, Credential.person_id == Person.id)
        .outerjoin(station, station.id == SignInSession.station_id)
        .outerjoin(RoleGrant, sa.and_(RoleGrant.person_id == Person.id, running(now)))
        .where(
            SignInSession.token_sha256 == sa.bindparam("token_sha256"),
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > now,
            Principal.is_disabled.is_(False),
        )
    )


@lru_cache(maxsize=1)
def owner_of_token() -> sa.Select[*tuple[Any, ...]]:
    """The owner of an API token (``token_sha256``, ``now``), one row a role."""
    now = sa.bindparam("now", type_=Moment())
    return (
        sa.select(
            ApiToken.id,
            ApiToken.permissions,
            ApiToken.last_used_at,
            Principal.id.label("principal_id"),
            Principal.kind,
            Principal.organisation_id,
            Principal.name,
            Principal.name_fa,
            RoleGrant.role,
            RoleGrant.scope_organisation_id,
        )
        .join(Principal, Principal.id == ApiToken.principal_id)
        .outerjoin(RoleGrant, sa.and_(RoleGrant.person_id == Principal.id, running(now)))
        .where(
            ApiToken.token_sha256 == sa.bindparam("token_sha256"),
            ApiToken.revoked_at.is_(None),
            sa.or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now),
            Principal.is_disabled.is_(False),
        )
    )
