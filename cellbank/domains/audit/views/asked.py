"""What a reader asks of the trail, out of the address: anyone or somebody, on what, between when and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from cellbank.core.errors import Message
from cellbank.core.journal import OutcomeKind
from cellbank.core.work import Reading
from cellbank.domains.audit import queries
from cellbank.domains.audit.queries import Filter
from cellbank.toolkit.html import words
from cellbank.toolkit.i18n.bidi import Code
from cellbank.toolkit.i18n.calendars import Calendar, PartialDate, WrongDate, parse_date
from cellbank.toolkit.i18n.digits import to_latin
from cellbank.toolkit.i18n.sentences import why_not_a_date

NAMES = ("who", "on", "act", "from", "to", "organisation", "refused")


@dataclass(frozen=True)
class Asked:
    """A filter, and what could not be understood of what was typed."""

    wanted: Filter
    problems: tuple[Message, ...]
    typed: dict[str, str]


def read_filter(db: Reading, arguments: Mapping[str, str]) -> Asked:
    """The filter in an address; what cannot be read is told and left out."""
    typed = {name: arguments.get(name, "").strip() for name in NAMES}
    problems: list[Message] = []
    subjects = None
    if typed["on"]:
        subjects = frozenset(queries.find_any(db, written(typed["on"])))
        if not subjects:
            problems.append(
                Message("Nothing here has this code or name: {text}", {"text": Code(typed["on"])})
            )
    first, last = (_day(typed[name], problems) for name in ("from", "to"))
    wanted = Filter(
        actor_id=_key(typed["who"]),
        name=typed["act"] or None,
        subjects=subjects,
        organisation_id=_key(typed["organisation"]),
        since=_midnight(first.date) if first else None,
        until=_midnight(last.last + dt.timedelta(days=1)) if last else None,
        outcome=OutcomeKind.REFUSED if typed["refused"] else None,
    )
    return Asked(wanted, tuple(problems), typed)


def written(text: str) -> set[str]:
    """The ways in which a typed code may be kept: as typed, and without spaces in capitals."""
    plain = to_latin(text).strip()
    return {text.strip(), plain, plain.replace(" ", "").upper()}


def _key(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _day(text: str, problems: list[Message]) -> PartialDate | None:
    if not text:
        return None
    own = words.calendar()
    (other,) = (calendar for calendar in Calendar if calendar is not own)
    try:
        return parse_date(text, own)
    except WrongDate as wrong:
        try:
            return parse_date(text, other)
        except WrongDate:
            problems.append(why_not_a_date(wrong))
            return None


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), ZoneInfo(words.zone())).astimezone(dt.UTC)


__all__ = ["Asked", "read_filter", "written"]
