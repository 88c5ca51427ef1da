"""Throttling: each failure makes the next try wait longer. Nobody is ever locked out for good.

Counted in the database, so that several processes count together; by the name that was typed (known or not, so that
waiting tells nothing about which names exist) and by network address.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core import clock
from cellbank.core.model import Moment
from cellbank.domains.accounts.models import Throttle


@dataclass(frozen=True)
class Patience:
    """How many failures are free, and the longest wait that follows (seconds)."""

    free: int
    longest_s: int


# A whole laboratory may share one address, so an address has more free tries than a name.
BY_NAME: Final = Patience(free=3, longest_s=60)
BY_ADDRESS: Final = Patience(free=20, longest_s=60)
FORGOTTEN_AFTER: Final = timedelta(minutes=30)
SWEPT_AFTER: Final = timedelta(days=1)
_SWEEP_EVERY: Final = 100
BEGIN_COUNT: Final = sa.text(
    "INSERT INTO throttle (key, failures, first_failed_at) VALUES (:key, 0, :now) ON CONFLICT (key) DO NOTHING"
).bindparams(sa.bindparam("now", type_=Moment()))
OF_NOBODY: Final = {"tenant_ok": "a count of failures belongs to no organisation"}


def keys(user_name: str, address: str | None) -> dict[str, Patience]:
    """What a try counts against."""
    name = hashlib.sha256(user_name.encode()).hexdigest()[:32]
    found = {f"person:{name}": BY_NAME}
    if address:
        found[f"address:{address}"] = BY_ADDRESS
    return found


def wait_s(db: Session, wanted: dict[str, Patience]) -> int:
    """How many whole seconds the next try has to wait; 0 when it may come now."""
    now = clock.now()
    blocked = db.scalars(sa.select(Throttle.blocked_until).where(Throttle.key.in_(wanted)))
    return max(
        (math.ceil((until - now).total_seconds()) for until in blocked if until and until > now), default=0
    )


def failed(db: Session, wanted: dict[str, Patience]) -> None:
    """Count one failure against each key: after the free ones the wait doubles, up to the longest."""
    now = clock.now()
    # Two first failures at once: whoever comes second waits for the row and counts on, instead of failing.
    for key in sorted(wanted):
        db.execute(BEGIN_COUNT, {"key": key, "now": now}, execution_options=OF_NOBODY)
    counted = sa.select(Throttle).where(Throttle.key.in_(wanted)).order_by(Throttle.key)
    known = {
        row.key: row
        for row in db.scalars(counted.with_for_update(), execution_options={"populate_existing": True})
    }
    for key, patience in sorted(wanted.items()):
        row = known[key]
        if now - (row.blocked_until or row.first_failed_at) > FORGOTTEN_AFTER:
            row.failures, row.first_failed_at, row.blocked_until = 0, now, None
        row.failures += 1
        row.blocked_until = _blocked_until(now, row.failures, patience) or row.blocked_until
    db.flush()
    if secrets.randbelow(_SWEEP_EVERY) == 0:  # a flood of invented names must not stay for ever
        sweep(db)


def sweep(db: Session) -> None:
    """Forget counts that began more than a day ago and hold nobody back now."""
    now = clock.now()
    db.execute(
        sa.delete(Throttle).where(
            Throttle.first_failed_at < now - SWEPT_AFTER,
            sa.or_(Throttle.blocked_until.is_(None), Throttle.blocked_until < now),
        )
    )


def succeeded(db: Session, user_name: str) -> None:
    """Forget the failures of a name; those of the address stay, or one known password would free it for guessing."""
    db.execute(sa.delete(Throttle).where(Throttle.key.in_(keys(user_name, None))))


def _blocked_until(now: datetime, failures: int, patience: Patience) -> datetime | None:
    over = failures - patience.free
    if over <= 0:
        return None
    return now + timedelta(seconds=min(2 ** min(over, 10), patience.longest_s))
