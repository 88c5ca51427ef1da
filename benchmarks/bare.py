"""What the machine can do without us: the bare look-up, the bare durable commit, a bare page of Flask.

As a program it serves the bare page: ``python -m benchmarks.bare /path/to/bare.db`` (or a PostgreSQL address).
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import flask
import psycopg

from cellbank.core.engine import sqlite_module
from cellbank.entrypoints.serve import ThreadedServer

ROWS = 10_000
PAGE = """{% macro field(name, value) %}<div><dt>{{ name }}</dt><dd>{{ value }}</dd></div>{% endmacro %}<!doctype html>
<html lang="en"><head><title>{{ title }}</title></head><body><nav><ul>{% for place in menu %}
<li><a href="/{{ place }}">{{ place }}</a></li>{% endfor %}</ul></nav><main><h1>{{ title }}</h1>
<dl>{% for name, value in facts %}{{ field(name, value) }}{% endfor %}</dl>
<table>{% for row in rows %}<tr>{% for cell in row %}
<td><a href="/vials/{{ cell }}" title="{{ cell }}">{{ cell }}</a></td>
{% endfor %}</tr>{% endfor %}</table></main></body></html>"""


class Bare:
    """A table of codes in a database of its own, asked through the driver alone."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_postgresql = url.startswith("postgresql")
        self.mark = "%s" if self.is_postgresql else "?"
        self._own = threading.local()

    @property
    def connection(self) -> Any:
        """The connection of this thread."""
        made = getattr(self._own, "connection", None)
        if made is None:
            made = self._own.connection = self._connect()
        return made

    def _connect(self) -> Any:
        if self.is_postgresql:
            return psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True)
        made = sqlite_module()[0].connect(self.url, isolation_level=None, timeout=30)
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("PRAGMA synchronous=FULL")
        return made

    def fill(self) -> None:
        """Make the tables."""
        run = self.connection.execute
        run("CREATE TABLE code (id INTEGER PRIMARY KEY, code VARCHAR(40) UNIQUE NOT NULL)")
        run("CREATE TABLE act (body TEXT NOT NULL)")
        run("BEGIN")
        for number in range(ROWS):
            run(f"INSERT INTO code VALUES ({self.mark}, {self.mark})", (number, code(number)))  # noqa: S608
        run("COMMIT")

    def look_up(self, number: int) -> Any:
        """One row by its unique code."""
        found = self.connection.execute(f"SELECT id FROM code WHERE code = {self.mark}", (code(number),))  # noqa: S608
        return found.fetchone()

    def commit(self, number: int) -> None:
        """One row, on the disk when this returns."""
        self.connection.execute(f"INSERT INTO act VALUES ({self.mark})", (f"act {number} " * 20,))  # noqa: S608


def code(number: int) -> str:
    """A made-up code; those above the number of rows begin again."""
    return f"CV{number % ROWS:08d}"


def application(bare: Bare) -> flask.Flask:
    """Flask with one page and one answer, as small as they can honestly be."""
    app = flask.Flask("bare")
    template = app.jinja_env.from_string(PAGE)

    @app.get("/page/<int:number>")
    def page(number: int) -> str:
        (key,) = bare.look_up(number)
        return template.render(
            title=code(number),
            menu=[f"place-{n}" for n in range(12)],
            facts=[(f"fact {n}", f"value {key}") for n in range(16)],
            rows=[[f"{chr(65 + row)}{column}" for column in range(1, 10)] for row in range(9)],
        )

    @app.get("/answer/<int:number>")
    def answer(number: int) -> flask.Response:
        (key,) = bare.look_up(number)
        return flask.jsonify(kind="vial", code=code(number), key=key)

    return app


if __name__ == "__main__":
    server = ThreadedServer(application(Bare(sys.argv[1])), "127.0.0.1", 0, threads=8)
    server.run()
