"""What tests of the audit use: counting statements, and telling values as plain English."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from cellbank.core import work
from cellbank.core.actor import Actor
from cellbank.core.engine import Database
from cellbank.core.errors import Message
from cellbank.domains.audit import queries
from cellbank.domains.vials.commands import MoveVials
from cellbank.domains.vials.commands.moves import To
from cellbank.toolkit.i18n.bidi import strip_isolates
from cellbank.toolkit.i18n.catalogue import Reader
from tests.domains.vials.stock import STAFF

READS = frozenset(
    {"audit.read", "storage.read", "vials.read", "banks.read", "lines.read", "donors.read", "quality.read"}
)
AUDITOR = replace(STAFF, permissions=STAFF.permissions | READS | {"audit.read_all", "accounts.read"})


def reader_of(actor: Actor) -> Actor:
    """The same person, who may read but not the whole trail."""
    return replace(actor, permissions=READS)


def move(*moves: tuple[str, str, str]) -> MoveVials:
    return MoveVials(moves=tuple(To(vial=v, container=c, place=p) for v, c, p in moves))


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements that are read with, while this lasts."""
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            seen.append(statement)

    sa.event.listen(database.read, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(database.read, "before_cursor_execute", note)


def english(value: Any) -> str:
    """A told value as an English reader reads it."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(english(one) for one in value)
    return strip_isolates(Reader("en").say(value)) if isinstance(value, Message) else str(value)


def lines(story: queries.Story) -> list[str]:
    """Each entry of a story as ``what: text``."""
    return [f"{english(e.what)}: {english(e.text)}" for e in story.entries]


def changes(entry: Any) -> dict[str, tuple[str, str]]:
    """What an entry changed: label → (before, after)."""
    return {english(d.label): (english(d.before), english(d.after)) for d in entry.changes}


def story(actor: Actor, kind: str, ref: str, **how: Any) -> queries.Story:
    """The story of a thing as somebody reads it."""
    with work.reading(actor) as db:
        key = queries.find(db, kind, ref)
        assert key is not None, f"{actor.name} knows no {kind} {ref}"
        return queries.story_of(db, kind, key, **how)


def trail(actor: Actor, *, before: int | None = None, limit: int = 50, **wanted: Any) -> queries.Story:
    """The trail as somebody reads it."""
    with work.reading(actor) as db:
        return queries.trail(db, queries.Filter(**wanted), before=before, limit=limit)


def act(actor: Actor, seq: int) -> queries.Act | None:
    """One act as somebody reads it."""
    with work.reading(actor) as db:
        return queries.act_of(db, seq)
