"""Runs migrations: all in one transaction, triggers dropped first and created again before any data step.

Foreign keys are switched off on the raw connection *before* BEGIN: SQLite's batch mode copies tables, and with
foreign keys on, ON DELETE actions would silently delete children.
"""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

from cellbank.core import plans, triggers
from cellbank.core.engine import connect
from cellbank.core.model import Model, Moment
from cellbank.domains.registry import load_models

load_models()
SCAFFOLD = {"never", "current_event"}


def include_object(thing: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:  # noqa: FBT001
    """Leave the journal's scaffold to the triggers."""
    del thing, reflected, compare_to
    return not (kind == "table" and name in SCAFFOLD)


def render_item(kind: str, thing: object, autogen_context: AutogenContext) -> str | Literal[False]:
    """Write our own types by name; a vocabulary is plain text here, so that a new word needs no migration."""
    if kind == "type" and isinstance(thing, Moment):
        autogen_context.imports.add("from cellbank.core.model import Moment")
        return "Moment()"
    if kind == "type" and isinstance(thing, sa.Enum):
        return f"sa.String(length={thing.length})"
    return False


def run() -> None:
    """Connect as the owner, and migrate."""
    database = connect(context.config.attributes["url"])
    sqlite = database.dialect == "sqlite"
    with database.write.connect() as connection:
        if sqlite:
            raw = connection.connection.dbapi_connection
            raw.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=Model.metadata,
            render_as_batch=sqlite,
            include_object=include_object,
            render_item=render_item,
            compare_type=True,
            transaction_per_migration=False,
            transactional_ddl=True,
        )
        with connection.begin():
            read_only = context.config.attributes.get("read_only", False)
            if not read_only:
                triggers.drop(connection)
            context.run_migrations()
            if not read_only and connection.dialect.has_table(connection, "event"):
                triggers.install(connection)
                plans.steady(connection)
            if sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise RuntimeError(f"the migration would break foreign keys: {broken[:3]}")
        if sqlite:
            raw.execute("PRAGMA foreign_keys=ON")
    database.close()


run()
