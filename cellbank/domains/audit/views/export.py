"""The filtered trail as a table for a spreadsheet: one act a line, both times in UTC and on the site's clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cellbank.core import work
from cellbank.core.actor import Actor
from cellbank.domains.audit import queries
from cellbank.domains.audit.queries import Filter, Row, Story
from cellbank.domains.audit.words import word
from cellbank.toolkit.html import words
from cellbank.toolkit.html.story import Entry
from cellbank.toolkit.html.words import text_of as _
from cellbank.toolkit.i18n.bidi import strip_isolates

AT_ONCE = 500


def table(actor: Actor, wanted: Filter) -> Iterator[list[Any]]:
    """The head of the table, then every act of the filtered trail, newest first."""
    yield head()
    before: int | None = None
    while True:
        with work.reading(actor) as db:
            story = queries.trail(db, wanted, before=before, limit=AT_ONCE)
        yield from (line(entry, row) for entry, row in _pairs(story))
        if story.older is None:
            return
        before = story.older


def _pairs(story: Story) -> Iterator[tuple[Entry, Row]]:
    return zip(story.entries, story.rows, strict=True)


def head() -> list[str]:
    """What the columns are called, in the reader's language."""
    return [
        _("Act number"),
        _("Act"),
        _("Kind of act"),
        _("Outcome"),
        _("Recorded (UTC)"),
        _("Recorded (local)"),
        _("Happened (UTC)"),
        _("Happened (local)"),
        _("How exactly it is known"),
        _("Basis"),
        _("Document"),
        _("Who"),
        _("Role"),
        _("Station"),
        _("By way of"),
        _("Reason"),
        _("What happened"),
        _("About"),
        _("Changes"),
        _("Undoes"),
        _("Undone by"),
    ]


def line(entry: Entry, row: Row) -> list[Any]:
    """One act as a line of the table."""
    event = row.event
    return [
        event.seq,
        text(entry.what),
        event.name,
        text(word(event.outcome)),
        utc(event.recorded_at),
        local(event.recorded_at, event.zone),
        utc(event.occurred_at),
        local(event.occurred_at, event.zone),
        text(word(event.occurred_precision)),
        text(word(event.basis)),
        event.document,
        entry.who,
        text(entry.role),
        entry.station,
        event.via,
        entry.reason,
        text(entry.text),
        "; ".join(text(name) for name, _url in entry.about),
        "; ".join(f"{text(d.label)}: {text(d.before)} → {text(d.after)}" for d in entry.changes),
        row.known.undoes,
        row.known.undone_by,
    ]


def text(value: Any) -> str:
    """A told value as plain text."""
    return "" if value is None else strip_isolates(words.plain(words.told(value)))


def utc(moment: datetime | None) -> str:
    """A moment in UTC as ISO 8601 with microseconds."""
    return "" if moment is None else moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def local(moment: datetime | None, zone: str) -> str:
    """A moment on the site's clock as ISO 8601 with its offset."""
    return "" if moment is None else moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


__all__ = ["head", "line", "table"]
