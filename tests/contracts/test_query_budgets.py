"""Each page and each answer has a budget of SQL statements, signed in and all: none asks a question in a loop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from cellbank.core import work
from cellbank.core.engine import Database
from cellbank.core.settings import Settings
from cellbank.domains.accounts import tokens
from cellbank.domains.accounts.models import Role
from cellbank.domains.accounts.roles import SELF
from cellbank.entrypoints.admin import TERMINAL
from cellbank.entrypoints.web import create_app
from tests import world
from tests.domains.vials.stock import some_box, some_stock

FRAME = ("BEGIN", "SET TRANSACTION")

# What a person or a program looks at most, with the statements it may take. A vial's page also answers "may it be
# used?" for each use, and that answer alone asks a dozen questions, whatever there is to find.
BUDGETS = [
    ("/api/v1/scan/{code}", 5),
    ("/api/v1/scan/{name}", 5),
    ("/api/v1/scan/{box}", 5),
    ("/", 12),
    ("/out", 4),
    ("/vials/{code}", 30),
    ("/vials/{code}/moves", 6),
    ("/containers/{box}", 12),
    ("/storage", 8),
    ("/banks", 8),
    ("/banks/{bank}/vials", 10),
    ("/lines", 8),
    ("/donors", 8),
    ("/bench", 6),
    ("/scan?q=nothing", 8),
    ("/history/vial/{name}", 12),
]


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        if not statement.startswith(FRAME):
            seen.append(statement)

    engines = (database.read, database.write)
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("vials", [2, 9])
@pytest.mark.sqlite_only
def test_pages_and_answers_stay_inside_their_budgets(
    database: Database, database_url: str, vials: int
) -> None:
    box = some_box()
    stock = some_stock(vials, box=box)
    technician = world.add_person("tess", roles=(Role.TECHNICIAN,))
    issued = tokens.issue(
        TERMINAL,
        owner_id=technician.principal_id,
        name="budgets",
        permissions=tuple(sorted(technician.permissions - {SELF})),
        days=1,
        key=work.new_key(),
    )
    app = create_app(Settings(database_url=database_url), check=False)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {issued[0] if issued else ''}"
    places = {"code": stock.codes[0], "name": stock.vials[0], "box": box, "bank": stock.bank}
    over = {}
    with statements(app.extensions["cellbank.database"]) as seen:
        client.get("/")  # the first answer of a minute also notes that the token was used
        for address, most in BUDGETS:
            seen.clear()
            answer = client.get(address.format(**places))
            assert answer.status_code == 200 or (answer.status_code, address) == (404, "/scan?q=nothing"), (
                address
            )
            if len(seen) > most or not seen:
                over[address] = (len(seen), most)
    app.extensions["cellbank.database"].close()
    assert not over, "\n".join(
        f"{address}: {count} statements, {most} allowed" for address, (count, most) in over.items()
    )
