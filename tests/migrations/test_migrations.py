"""Migrations: their head is the models; triggers survive them; a database that is not ours stops the start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from cellbank.core import founding, schema, triggers, work
from cellbank.core.engine import Database, connect
from cellbank.core.errors import StartUpError
from cellbank.core.model import Model
from tests.postgres import Cluster


@pytest.fixture
def empty_url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database with nothing in it."""
    if dialect == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.create(f"empty_{request.node.name.replace('[', '_').replace(']', '')[:40].lower()}")


def on(url: str, look: Callable[[sa.Connection], Any]) -> Any:
    database = connect(url)
    try:
        with database.write.connect() as connection:
            return look(connection)
    finally:
        database.close()


def test_the_head_is_what_the_models_say(empty_url: str) -> None:
    schema.upgrade(empty_url)
    config = schema.config(empty_url)
    config.attributes["read_only"] = True
    command.check(config)


def test_up_down_and_up_again_leaves_every_trigger(empty_url: str) -> None:
    schema.upgrade(empty_url)
    schema.downgrade(empty_url, "base")
    tables = on(empty_url, lambda c: set(sa.inspect(c).get_table_names()))
    assert tables <= {"alembic_version", "never", "current_event"}
    schema.upgrade(empty_url)
    assert on(empty_url, triggers.differences) == []
    database = connect(empty_url)
    work.use(database)
    assert founding.found().name == "bank.founded"
    database.close()


def test_migrating_a_bank_in_use_keeps_its_rows_and_triggers(database: Database, database_url: str) -> None:
    before = on(database_url, lambda c: c.execute(sa.text("SELECT count(*) FROM change")).scalar())
    schema.upgrade(database_url)
    assert on(database_url, triggers.differences) == []
    assert on(database_url, lambda c: c.execute(sa.text("SELECT count(*) FROM change")).scalar()) == before
    schema.check(database)


def test_an_empty_database_is_told_apart_from_an_old_one(empty_url: str) -> None:
    database = connect(empty_url)
    with pytest.raises(StartUpError, match="cellbank init"):
        schema.check(database)
    database.close()
    schema.upgrade(empty_url)
    database = connect(empty_url)
    with database.write.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'from the future'")
    with pytest.raises(StartUpError, match="newer than this program"):
        schema.check(database)
    database.close()


def test_a_bank_whose_trigger_was_changed_does_not_start(database: Database, dialect: str) -> None:
    where = "" if dialect == "sqlite" else " ON vial"
    with database.write.begin() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER journal_vial_update{where}")
    with pytest.raises(StartUpError, match="journal_vial_update"):
        schema.check(database)


@pytest.mark.sqlite_only
def test_every_index_of_an_sqlite_bank_has_its_statistics(database: Database, dialect: str) -> None:
    """Without them the planner would walk all rows of a company to find one vial."""
    with database.read.connect() as connection:
        known = set(connection.exec_driver_sql("SELECT tbl || '.' || idx FROM sqlite_stat1").scalars())
        assert {f"{table}.ix_placement_vial_id" for table in ("placement",)} <= known
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT 1 FROM placement WHERE organisation_id = 'x' AND vial_id = 'y'"
        ).all()
    assert "ix_placement_vial_id" in str(plan)
    assert len({name.split(".")[0] for name in known}) > len(Model.metadata.tables) // 2
