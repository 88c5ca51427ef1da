"""Whose something is: the organisation that an act names by its short name."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from cellbank.core.actor import Organisation
from cellbank.core.errors import NotPermitted
from cellbank.core.work import Writing, required


def owner_called(db: Writing, short_name: str | None) -> UUID:
    """The key of the organisation; without a name the actor's own.

    :raises NotFound: there is none. :raises NotPermitted: another one than one's own, by a depositor
    """
    if not short_name:
        return db.actor.organisation_id
    found = db.scalar(
        sa.select(Organisation).where(
            Organisation.short_name == short_name, Organisation.is_closed.is_(False)
        )
    )
    if not db.actor.sees_all and (found is None or found.id != db.actor.organisation_id):
        raise NotPermitted("You may act for your own organisation only.")
    return required(found, short_name).id
