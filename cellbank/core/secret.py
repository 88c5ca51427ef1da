"""The installation's own secret, with which small cookies are signed: one for all nodes, made at first need."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from cellbank.core.engine import Database
from cellbank.core.model import Operational


class InstallationSecret(Operational):
    """A random secret of this installation."""

    __tablename__ = "installation_secret"
    WHY = "a secret must never enter a journal that is shown to inspectors and kept for decades"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(repr=False)


def secret(database: Database, name: str) -> str:
    """The secret of that name; made once, also when two nodes ask at the same moment."""
    with Session(database.read) as session:
        found = session.get(InstallationSecret, name)
        if found is not None:
            return found.value
    table = InstallationSecret.__table__
    with database.lock(), database.write.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO installation_secret (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING"
            ),
            {"name": name, "value": secrets.token_urlsafe(32)},
        )
        return str(connection.execute(sa.select(table.c.value).where(table.c.name == name)).scalar_one())
