"""Passwords for the cast, and what the journal says about signing in."""

from __future__ import annotations

import sqlalchemy as sa

from cellbank.core import work
from cellbank.core.actor import system_actor
from cellbank.core.journal import Event
from cellbank.domains.accounts import sign_in
from cellbank.domains.accounts.sign_in import Limits, Opened
from tests.world import KEEPER, key

PASSWORD = "four green tanks in March"
DOORKEEPER = system_actor("accounts.manage", "accounts.self")
LIMITS = Limits(idle_minutes=30, hours=12)


def give_password(actor, password=PASSWORD, *, must_change=False):
    return sign_in.set_password(actor.principal_id, password, DOORKEEPER, key=key(), must_change=must_change)


def enter(user_name, password=PASSWORD, **how) -> Opened:
    return sign_in.sign_in(user_name, password, limits=LIMITS, **how)


def events(name):
    with work.reading(KEEPER) as db:
        return list(db.scalars(sa.select(Event).where(Event.name == name).order_by(Event.seq)))
