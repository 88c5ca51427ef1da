"""API tokens: ``cb_<id>_<secret>_<crc>``, shown once; the database keeps their SHA-256 only.

The prefix lets scanners of leaked secrets find one, the id says which to revoke, and the checksum tells a mistyped
token without asking the database.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import zlib
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid5

import sqlalchemy as sa

from cellbank.core import clock, work
from cellbank.core.actor import Actor
from cellbank.core.journal import Event
from cellbank.domains.accounts import queries
from cellbank.domains.accounts.commands import IssueToken
from cellbank.domains.accounts.models import ApiToken
from cellbank.domains.accounts.sign_in import DOORKEEPER, SEEN_EVERY

_SHAPE: Final = re.compile(r"cb_([0-9a-f]{32})_([A-Za-z0-9]{40,64})_([0-9a-f]{8})")


def issue(
    actor: Actor, *, owner_id: UUID, name: str, permissions: tuple[str, ...], days: int, key: str
) -> tuple[str, UUID] | None:
    """Make a token and return its text, which is never seen again, and its key.

    :returns: None when the same request came before: the text was shown then.
    :raises Invalid: it would be allowed more than its owner.
    """
    token_id = uuid5(actor.principal_id, key)  # the same request again asks for the same token
    text = _text(token_id)
    command = IssueToken(
        token_id=token_id,
        owner_id=owner_id,
        name=name,
        permissions=tuple(sorted(set(permissions))),
        days=days,
    )
    row = ApiToken(
        id=token_id,
        token_sha256=_hash(text),
        principal_id=owner_id,
        name=name,
        permissions=" ".join(command.permissions),
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=days),
    )
    event = work.perform(command, actor, key=key, claim=lambda db: db.add(row))
    return None if is_repeat(event) else (text, token_id)


def is_repeat(event: Event) -> bool:
    """Whether an event answers a request that came before."""
    return bool(getattr(event, "is_replay", False))


def actor_of_token(text: str) -> Actor | None:
    """Who a token acts for; None when it is malformed, unknown, revoked, expired, or its owner is disabled."""
    if not is_well_formed(text):
        return None
    with work.reading(DOORKEEPER) as db:
        found = queries.actor_of_token_hash(db, _hash(text))
    if found is None:
        return None
    actor, token_id, last_used_at = found
    now = clock.now()
    if last_used_at is None or now - last_used_at > SEEN_EVERY:
        with work.operating() as db:
            db.execute(sa.update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now))
    return actor


def is_well_formed(text: str) -> bool:
    """Whether the text has the shape of a token and its checksum fits."""
    shape = _SHAPE.fullmatch(text)
    return shape is not None and _checksum(f"{shape[1]}_{shape[2]}") == shape[3]


def _text(token_id: UUID) -> str:
    secret = base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=")
    body = f"{token_id.hex}_{secret}"
    return f"cb_{body}_{_checksum(body)}"


def _checksum(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
