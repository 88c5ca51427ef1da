"""Several processes write one SQLite bank at once with the real engine: nothing is lost, nobody is told "locked"."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from cellbank.core.actor import Organisation
from cellbank.core.engine import Database, is_sound

WRITER = """
import sys
from cellbank.core import work
from cellbank.core.engine import connect
from cellbank.domains.registry import load_models
from tests.core.notes import AddCompany, keeper
load_models()
work.use(connect(sys.argv[1]))
for n in range(int(sys.argv[3])):
    work.perform(AddCompany(name=f"{sys.argv[2]}-{n}"), keeper(), key=f"{sys.argv[2]}-{n}")
"""


@pytest.mark.sqlite_only
def test_no_acknowledged_write_is_lost_between_processes(
    database: Database, database_url: str, dialect: str
) -> None:
    root = Path(__file__).parents[2]
    each = 25
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, database_url, str(number), str(each)],
            cwd=root,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(6)
    ]
    faults = [writer.communicate(timeout=120)[1] for writer in writers]
    assert [w.returncode for w in writers] == [0] * 6, faults
    with Session(database.read) as session:
        assert session.query(Organisation).count() == 1 + 6 * each


@pytest.mark.sqlite_only
def test_a_killed_writer_leaves_every_acknowledged_write(
    database: Database, database_url: str, dialect: str
) -> None:
    root = Path(__file__).parents[2]
    told = WRITER.replace('key=f"{sys.argv[2]}-{n}")', 'key=f"{sys.argv[2]}-{n}"); print(n, flush=True)')
    writer = subprocess.Popen(
        [sys.executable, "-c", told, database_url, "k", "100000"], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    acknowledged = [int(writer.stdout.readline()) for _ in range(40)]
    writer.kill()
    acknowledged += [int(line) for line in writer.stdout.read().split()]
    writer.wait()
    with Session(database.read) as session:
        names = {name for (name,) in session.query(Organisation.name)}
    assert {f"k-{n}" for n in acknowledged} <= names
    assert len(names) - 1 <= len(acknowledged) + 1  # at most one was committed and not told
    with database.read.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("SELECT count(*) FROM current_event").scalar() == 0


@pytest.mark.parametrize(
    ("version", "sound"),
    [((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 4), False),
     ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 53, 4), True), ((3, 6, 0), True)],
)  # fmt: skip
def test_which_sqlite_may_keep_a_write_ahead_log(version: tuple[int, ...], *, sound: bool) -> None:
    assert is_sound(version) is sound
