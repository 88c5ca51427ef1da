"""The database writes the journal: triggers generated from the models, for both databases.

Inserting an event makes it *current* (by trigger, inside its transaction). Triggers on every recorded table write
each row's change, and what it is about, under the current event, and refuse a write without one. Nothing here runs
in Python when a row is written, so no code path can forget it.

``statements()`` gives the texts; ``install`` and ``drop`` apply them; ``differences`` compares a database with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from cellbank.core import triggers_postgresql, triggers_sqlite
from cellbank.core.model import Journal, Recorded, every_table


@dataclass(frozen=True)
class Text:
    """One schema object: its kind (table, trigger, function), its name, the table it hangs on, and its SQL."""

    kind: str
    name: str
    table: str
    sql: str


def recorded_tables() -> list[type[Recorded]]:
    """All models whose rows are facts of the bank."""
    return every_table(Recorded)


def journal_tables() -> list[sa.Table]:
    """The append-only tables."""
    return [model.__table__ for model in every_table(Journal)]


def statements(dialect: str) -> list[Text]:
    """Every text for one dialect (``sqlite`` or ``postgresql``), in the order in which to create them."""
    maker = triggers_sqlite if dialect == "sqlite" else triggers_postgresql
    return [Text(*row) for row in maker.statements(recorded_tables(), journal_tables())]


def install(connection: sa.Connection) -> None:
    """Create them all. The tables must exist."""
    for text in statements(connection.dialect.name):
        connection.exec_driver_sql(text.sql)


def drop(connection: sa.Connection) -> None:
    """Drop every trigger of ours that is there (before a migration's schema steps)."""
    for sql in list(_drops(connection)):
        connection.exec_driver_sql(sql)


def differences(connection: sa.Connection) -> list[str]:
    """Names of triggers that are missing, changed, disabled or unknown; empty when all is well."""
    maker = triggers_sqlite if connection.dialect.name == "sqlite" else triggers_postgresql
    expected = [(t.kind, t.name, t.table, t.sql) for t in statements(connection.dialect.name)]
    return list(maker.differences(connection, expected))


def _drops(connection: sa.Connection) -> Iterator[str]:
    maker = triggers_sqlite if connection.dialect.name == "sqlite" else triggers_postgresql
    yield from maker.drops(connection)
