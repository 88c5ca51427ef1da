"""The bank that is measured: migrated, seeded, with a technician who has a key for programs and an open session."""

from __future__ import annotations

import dataclasses
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks import seed
from cellbank.core import schema, work
from cellbank.core.actor import Actor
from cellbank.core.engine import connect
from cellbank.core.settings import Settings
from cellbank.domains import registry
from cellbank.domains.accounts import sign_in
from cellbank.domains.accounts.models import Role
from cellbank.domains.storage.models import Container, ContainerKind
from cellbank.domains.vials.models import LabelCode, Vial
from cellbank.entrypoints import admin
from tests import postgres

SAMPLE = 1_500
LOGIN = "tess.bench"
PASSWORD = "measured and not guessed 7"  # noqa: S105 - of a bank that lives for minutes


@dataclass(frozen=True)
class Subject:
    """What the measurements need to know of the bank."""

    database: str
    vials: int
    settings: Settings
    bare_url: str
    actor: Actor
    token: str
    session: str
    codes: tuple[str, ...]
    """Codes of vials from all over the bank."""
    names: tuple[str, ...]
    """Their lot-numbers."""
    empty_boxes: tuple[str, ...]


@contextmanager
def opened(database: str, vials: int) -> Iterator[Subject]:
    """A fresh bank on ``sqlite`` or ``postgresql``, with its data on a real disk; removed afterwards."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cellbank-bench-")))
        url, bare_url = f"sqlite:///{home / 'bank.db'}", str(home / "bare.db")
        if database == "postgresql":
            cluster = stack.enter_context(postgres.Cluster(durable=True))
            url, bare_url = cluster.create("bank"), cluster.create("bare")
        settings = Settings(database_url=url, home=home)
        schema.upgrade(settings.database)
        registry.load_commands()
        here = connect(settings.database)
        stack.callback(here.close)
        work.use(here)
        _fill(database, vials)
        yield _subject(database, vials, settings, bare_url)


def _fill(database: str, vials: int) -> None:
    began = time.perf_counter()
    for done in seed.seed(vials):
        sys.stderr.write(f"\r{database}: {done:,} of {vials:,} vials, {time.perf_counter() - began:.0f} s ")
        sys.stderr.flush()
    seed.empty_boxes(16)
    sys.stderr.write("\n")


def _subject(database: str, vials: int, settings: Settings, bare_url: str) -> Subject:
    here = work.database()
    admin.add_user(settings, login=LOGIN, name="Tess", roles=(Role.TECHNICIAN.value,), password=PASSWORD)
    token = admin.create_token(settings, login=LOGIN, label="bench", days=1)
    work.use(here)
    opened_session = sign_in.sign_in(LOGIN, PASSWORD, limits=sign_in.Limits())
    with work.reading(sign_in.DOORKEEPER) as db:
        step = max(1, vials // SAMPLE)
        rows = db.execute(
            sa.select(LabelCode.code, Vial.name)
            .join(Vial, Vial.id == LabelCode.vial_id)
            .where((Vial.number - 1) % step == 0)
            .limit(SAMPLE)
        ).all()
        boxes = db.scalars(
            sa.select(Container.code)
            .where(Container.kind == ContainerKind.BOX, Container.rows == seed.EMPTY_BOX[0])
            .order_by(Container.name)
        ).all()
    return Subject(
        database=database,
        vials=vials,
        settings=settings,
        bare_url=bare_url,
        actor=dataclasses.replace(opened_session.actor, via="api"),
        token=token,
        session=opened_session.token,
        codes=tuple(row.code for row in rows),
        names=tuple(row.name for row in rows),
        empty_boxes=tuple(boxes),
    )
