"""A moment as exactly as it is known: typed in either calendar, with or without the time of day."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from cellbank.core.errors import Invalid
from cellbank.core.model import Precision
from cellbank.toolkit.i18n.bidi import Code
from cellbank.toolkit.i18n.calendars import Calendar, WrongDate, parse_date, parse_when


def read_when(text: str | None, zone: str, field: str) -> tuple[datetime | None, Precision]:
    """The moment and its precision: 1392, 1392/03, 2013-06-02, 1405/03/12 09:14; nothing is unknown.

    A day, month or year is its first moment on the site's own clock. 1392 and 2013 cannot be confused.

    :raises Invalid: it cannot be read, or the calendar has no such day
    """
    if not text:
        return None, Precision.UNKNOWN
    for calendar in Calendar:
        try:
            return parse_when(text, calendar, zone), Precision.MINUTE
        except WrongDate:
            pass
    day, precision = read_day(text, field)
    return (datetime.combine(day, time(), ZoneInfo(zone)) if day else None), precision


def read_day(text: str | None, field: str) -> tuple[date | None, Precision]:
    """The day and its precision: 1392, خرداد ۱۳۹۲, 2013-06-02; nothing is unknown.

    :raises Invalid: it cannot be read, or the calendar has no such day
    """
    if not text:
        return None, Precision.UNKNOWN
    for calendar in Calendar:
        try:
            known = parse_date(text, calendar)
        except WrongDate:
            continue
        return known.date, Precision(known.precision.value)
    raise Invalid("“{value}” is neither a day nor a month nor a year.", field=field, value=Code(text))
