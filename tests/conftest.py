"""Databases for tests: each test that asks for ``database`` runs on SQLite and on PostgreSQL, on a fresh bank."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cellbank.core import founding, schema, work
from cellbank.core.engine import Database, connect
from cellbank.domains.registry import load_models
from tests import postgres, world
from tests.world import Cast

pytest_plugins = ["tests.no_skips"]
load_models()
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A founded bank in an SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "bank.db"
    _founded(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    """One PostgreSQL server for the whole run."""
    try:
        made = postgres.Cluster()
    except postgres.NoServer as error:
        pytest.skip(str(error))
    with made:
        yield made


@pytest.fixture(scope="session")
def postgresql_template(cluster: postgres.Cluster) -> str:
    """A founded bank in PostgreSQL, to be cloned."""
    _founded(cluster.create("template_bank"))
    return "template_bank"


def _founded(url: str) -> None:
    schema.upgrade(url)
    database = connect(url)
    work.use(database)
    founding.found()
    if database.dialect == "sqlite":
        with database.write.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
            connection.rollback()
            connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever touches the database runs on both, unless it is marked ``sqlite_only``."""
    if "dialect" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("sqlite_only")
        metafunc.parametrize("dialect", ["sqlite"] if only else ["sqlite", "postgresql"], scope="function")


@pytest.fixture
def database_url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a fresh founded bank."""
    if dialect == "sqlite":
        path = tmp_path / "bank.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    template = request.getfixturevalue("postgresql_template")
    cluster = request.getfixturevalue("cluster")
    name = f"bank_{os.getpid()}_{next(_numbers)}"
    yield cluster.create(name, template=template)
    cluster.drop(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh founded bank, in use by the unit of work."""
    made = connect(database_url)
    work.use(made)
    yield made
    made.close()


@pytest.fixture
def cast(database: Database) -> Cast:
    """Alice, Bob, Carol, Dora, Rana, Ines and Charlie of Celltech."""
    return world.cast(database)
