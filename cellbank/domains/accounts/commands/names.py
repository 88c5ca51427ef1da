"""How an act names people: the name they sign in with."""

from __future__ import annotations

import unicodedata
from typing import Annotated

import sqlalchemy as sa
from pydantic import BeforeValidator, Field

from cellbank.core.actor import Principal
from cellbank.core.work import Writing, required
from cellbank.domains.accounts.models import Person


def plain_user_name(text: object) -> object:
    """A user name as it is kept: compatible letters, lower case, no space around it."""
    return unicodedata.normalize("NFKC", text).strip().lower() if isinstance(text, str) else text


UserName = Annotated[
    str,
    BeforeValidator(plain_user_name),
    Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", min_length=2, max_length=40),
]


def person_called(db: Writing, user_name: str) -> tuple[Person, Principal]:
    """The person who signs in with this name.

    :raises NotFound: nobody does
    """
    statement = (
        sa.select(Person, Principal)
        .join(Principal, Principal.id == Person.id)
        .where(Person.user_name == user_name)
    )
    person, principal = required(db.execute(statement).one_or_none(), user_name)
    return person, principal
