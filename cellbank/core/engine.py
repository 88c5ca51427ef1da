"""connect(): the only place where an engine is made.

SQLite (measured): SQLAlchemy's default transaction mode loses acknowledged writes and the documented alternatives
fail with "locked"; ``isolation_level=None`` with BEGIN IMMEDIATE from the ``begin`` event loses nothing, and one fair
lock in the process keeps the worst wait short. SQLite 3.7.0 to 3.51.2 can corrupt a WAL database (fixed in 3.51.3,
3.50.7, 3.44.6), so the linked version is asked, never assumed.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import QueuePool

from cellbank.core.errors import StartUpError

NETWORK_FILE_SYSTEMS = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "fuse.sshfs",
    "afs",
    "glusterfs",
    "ceph",
}


class FairLock:
    """A lock that serves its waiters in the order they came: no writer starves."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._held = False

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Hold the lock."""
        with self._guard:
            turn = None
            if self._held:
                turn = threading.Event()
                self._waiting.append(turn)
            self._held = True
        if turn is not None:
            turn.wait()
        try:
            yield
        finally:
            with self._guard:
                if self._waiting:
                    self._waiting.popleft().set()
                else:
                    self._held = False


class NoLock:
    """PostgreSQL serialises by itself."""

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Hold nothing."""
        yield


@dataclass(frozen=True)
class Database:
    """A writing engine, a reading engine that physically cannot write, and the lock writers queue at."""

    url: sa.URL
    write: sa.Engine
    read: sa.Engine
    lock: FairLock | NoLock
    warnings: tuple[str, ...] = ()

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.write.dialect.name

    def close(self) -> None:
        """Close every pooled connection."""
        self.write.dispose()
        self.read.dispose()


def is_sound(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug (sqlite.org/wal.html#walresetbug)."""
    if version >= (3, 51, 3) or version < (3, 7, 0):
        return True
    return (version[:2] == (3, 50) and version >= (3, 50, 7)) or (
        version[:2] == (3, 44) and version >= (3, 44, 6)
    )


def sqlite_module() -> tuple[ModuleType, bool]:
    """The DBAPI module with a sound SQLite where there is one, and whether it is sound."""
    for name in ("sqlite3", "pysqlite3.dbapi2"):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        if is_sound(module.sqlite_version_info):
            return module, True
    return importlib.import_module("sqlite3"), False


def connect(url: str | sa.URL, *, threads: int = 8) -> Database:
    """Open the database that ``url`` names (``sqlite:///file`` or ``postgresql://…``)."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, threads)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed, threads)
    raise StartUpError(
        f"CELLBANK_DATABASE_URL: {parsed.get_backend_name()!r} is neither sqlite nor postgresql"
    )


def _sqlite(url: sa.URL, threads: int) -> Database:
    if not url.database or url.database == ":memory:":
        raise StartUpError("CELLBANK_DATABASE_URL: a database in memory would lose every vial; name a file")
    path = Path(url.database)
    if not path.parent.is_dir():
        raise StartUpError(f"the folder of the database does not exist: {path.parent}")
    kind = _file_system(path.parent)
    if kind in NETWORK_FILE_SYSTEMS:
        raise StartUpError(
            f"SQLite on a network file system ({kind}) corrupts data: use a local disk or PostgreSQL"
        )
    module, sound = sqlite_module()
    warnings: tuple[str, ...] = ()
    if not sound:
        warnings = (
            f"SQLite {module.sqlite_version} has the WAL-reset bug and runs slower without WAL: install pysqlite3.",
        )

    def engine(*, writes: bool) -> sa.Engine:
        made = sa.create_engine(
            url,
            module=module,
            poolclass=QueuePool,
            pool_size=threads + 1,
            max_overflow=threads,
            pool_timeout=5,
            isolation_level=None,
            hide_parameters=True,  # an error's text goes to the log; passwords' hashes and addresses must not
            connect_args={"check_same_thread": False, "isolation_level": None, "timeout": 10},
        )
        event.listen(made, "connect", _pragmas(writes=writes, sound=sound))
        event.listen(made, "begin", _begin("BEGIN IMMEDIATE" if writes else "BEGIN"))
        return made

    return Database(url, engine(writes=True), engine(writes=False), FairLock(), warnings)


def _pragmas(*, writes: bool, sound: bool) -> Any:
    def on_connect(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        # Rollback journal with EXTRA where WAL is unsafe: slower, and as durable.
        mode = ("WAL", "FULL") if sound else ("DELETE", "EXTRA")
        if writes:
            cursor.execute(f"PRAGMA journal_mode={mode[0]}")
            cursor.execute(f"PRAGMA synchronous={mode[1]}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA recursive_triggers=ON")
        cursor.execute("PRAGMA busy_timeout=10000")
        cursor.execute("PRAGMA cache_size=-16000")
        if not writes:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    return on_connect


def _begin(statement: str) -> Any:
    def on_begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(statement)

    return on_begin


def _postgresql(url: sa.URL, threads: int) -> Database:
    if url.drivername in ("postgresql", "postgresql+psycopg"):
        url = url.set(drivername="postgresql+psycopg")
    try:
        importlib.import_module("psycopg")
    except ImportError as error:
        raise StartUpError("PostgreSQL needs the extra: pip install 'cellbank[postgres]'") from error
    common: dict[str, Any] = {
        "pool_size": threads,
        "max_overflow": 2,
        "pool_timeout": 5,
        "pool_recycle": 1800,
        "pool_pre_ping": True,
        "pool_use_lifo": True,
        "hide_parameters": True,  # an error's text goes to the log; passwords' hashes and addresses must not
        "connect_args": {
            "connect_timeout": 5,
            "keepalives_idle": 30,
            "tcp_user_timeout": 10000,
            "options": "-c lock_timeout=3s -c statement_timeout=30s -c idle_in_transaction_session_timeout=30s",
        },
    }
    write = sa.create_engine(url, isolation_level="READ COMMITTED", **common)
    read = sa.create_engine(url, isolation_level="REPEATABLE READ", **common)

    @event.listens_for(read, "begin")
    def read_only(connection: sa.Connection) -> None:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    return Database(url, write, read, NoLock())


def _file_system(folder: Path) -> str:
    """The file system a folder lies on, where the system tells (Linux)."""
    if not sys.platform.startswith("linux"):
        return ""
    best, kind = "", ""
    for line in Path("/proc/mounts").read_text().splitlines():
        _, mount, this, *_ = line.split()
        mount = mount.replace("\\040", " ")
        inside = str(folder.resolve()) == mount or str(folder.resolve()).startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= len(best):
            best, kind = mount, this
    return kind
