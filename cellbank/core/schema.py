"""The schema of a database: bring it up to date, and refuse to work on one that is not."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from cellbank.core import plans, triggers
from cellbank.core.data_files import data_folder
from cellbank.core.engine import Database, connect
from cellbank.core.errors import StartUpError
from cellbank.core.model import Journal, Model, Operational, Recorded, every_table

A_FEW = 5
"""So many triggers are named in a start-up message."""


def config(url: str | sa.URL) -> Config:
    """Alembic's configuration for one database; there is no ini file."""
    made = Config()
    made.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    made.attributes["url"] = sa.make_url(url)
    return made


def migrations_folder() -> Path:
    """Where the migrations lie: inside the wheel, or at the top of a checkout."""
    return data_folder("migrations")


def upgrade(url: str | sa.URL, revision: str = "head") -> None:
    """Migrate the database (as its owner) to a revision, the newest by default."""
    command.upgrade(config(url), revision)


def let_in(owner_url: str | sa.URL, role: str) -> None:
    """Give the serving role what it needs and no more (PostgreSQL, where it is not the owner).

    It may add to and read the journal, add to and change recorded rows, and do as it likes with operational ones. It
    owns nothing: it can neither drop nor switch off a trigger, nor delete or truncate a fact.
    """
    database = connect(owner_url)
    try:
        if database.dialect != "postgresql":
            return
        with database.write.begin() as connection:
            quoted = connection.dialect.identifier_preparer.quote(role)
            for kind, rights in (
                (Journal, "SELECT, INSERT"),
                (Recorded, "SELECT, INSERT, UPDATE"),
                (Operational, "SELECT, INSERT, UPDATE, DELETE"),
            ):
                tables = ", ".join(model.__tablename__ for model in every_table(kind))
                connection.exec_driver_sql(f"GRANT {rights} ON {tables} TO {quoted}")
            connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {quoted}")
            connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted}")
    finally:
        database.close()


def downgrade(url: str | sa.URL, revision: str) -> None:
    """Migrate the database back (development and tests)."""
    command.downgrade(config(url), revision)


def heads() -> tuple[set[str], ScriptDirectory]:
    """The newest revisions this program knows."""
    script = ScriptDirectory(str(migrations_folder()))
    return set(script.get_heads()), script


def faults(database: Database) -> list[str]:
    """What is wrong with the schema, one line each; empty when the program may start."""
    newest, script = heads()
    with database.write.connect() as connection:
        present = set(MigrationContext.configure(connection).get_current_heads())
        if not present:
            return ["the database has no schema: run `cellbank init`"]
        if present != newest:
            known = {revision.revision for revision in script.walk_revisions()}
            if present - known:
                return ["the database is newer than this program: install the newer cellbank"]
            return ["the database's schema is behind this program: run `cellbank db upgrade`"]
        wrong = triggers.differences(connection)
    if wrong:
        named = ", ".join(wrong[:A_FEW]) + (" …" if len(wrong) > A_FEW else "")
        return [
            f"{len(wrong)} journal triggers are missing, changed or foreign ({named}): nothing may be written"
        ]
    return []


def check(database: Database) -> None:
    """Refuse to start on a database whose schema or triggers are not ours."""
    wrong = faults(database)
    if wrong:
        raise StartUpError(wrong[0])


def create_from_models(url: str | sa.URL) -> None:
    """Make an empty database straight from the models, with triggers (benchmarks and model development)."""
    database = connect(url)
    try:
        with database.write.begin() as connection:
            Model.metadata.create_all(connection)
            triggers.install(connection)
            plans.steady(connection)
    finally:
        database.close()
