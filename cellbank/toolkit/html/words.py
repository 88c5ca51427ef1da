"""The reader's language, calendar, digits and time zone, as the pages ask for them.

Everything is read from ``flask.g``, where whoever answers the request put it: ``g.locale`` (fa or en),
``g.calendar`` (jalali or gregorian), ``g.digits`` (latin or persian), ``g.zone`` (an IANA name such as Asia/Tehran).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from flask import current_app, g
from markupsafe import Markup

from cellbank.core.errors import Message
from cellbank.toolkit.i18n import calendars, quantities
from cellbank.toolkit.i18n.bidi import Code
from cellbank.toolkit.i18n.calendars import Calendar, PartialDate, Precision
from cellbank.toolkit.i18n.catalogue import Catalogue, Reader, installed
from cellbank.toolkit.i18n.digits import to_latin, to_persian


def locale() -> str:
    """The reader's language: fa or en."""
    return str(g.get("locale", "en"))


def direction() -> str:
    """The direction the reader's language is written in: rtl or ltr."""
    return "rtl" if locale() == "fa" else "ltr"


def calendar() -> Calendar:
    """The reader's calendar."""
    return Calendar(g.get("calendar", Calendar.JALALI if locale() == "fa" else Calendar.GREGORIAN))


def digits() -> str:
    """The digits of running text: latin or persian. Codes, slots and quantities in forms stay latin."""
    return str(g.get("digits", "persian" if locale() == "fa" else "latin"))


def zone() -> str:
    """The time zone of the reader's wall clock."""
    return str(g.get("zone", "UTC"))


def _catalogue() -> Catalogue:
    own: Catalogue | None = current_app.extensions.get("cellbank.catalogue")
    return own or installed()


def _reader() -> Reader:
    return Reader(locale(), calendar(), zone(), html=True, catalogue=_catalogue())


def text_of(msgid: str, **values: object) -> str:
    """The sentence in the reader's language; values are escaped for HTML and keep their own direction."""
    return _reader().say(Message(msgid, values)) if values else _catalogue().gettext(msgid, locale())


def said(message: Message) -> str:
    """A message of the program (an error's, a result's) as the reader's sentence."""
    return _reader().say(message)


def sentences(told: object) -> list[str]:
    """Messages or finished sentences, one or many, as a list of sentences for the reader."""
    if isinstance(told, Message):
        return [said(told)]
    if isinstance(told, str):
        return [told]
    return [sentence for one in told for sentence in sentences(one)] if isinstance(told, Iterable) else []


def counted(singular: str, plural: str, n: int, **values: object) -> str:
    """The sentence for ``n`` things; ``{n}`` stands for the number."""
    return _reader().fill(_catalogue().ngettext(singular, plural, n, locale()), {"n": n, **values})


def plain(sentence: str) -> str:
    """A sentence for an attribute or a title, where no markup can stand."""
    return sentence.striptags() if isinstance(sentence, Markup) else sentence


def comma() -> Markup:
    """What stands between the members of a list: ، in Persian."""
    return Markup("، ") if locale() == "fa" else Markup(", ")


def told(value: object) -> str:
    """Whatever a story holds, as the reader reads it: a message, a code, a number, a day, a moment, or several."""
    if isinstance(value, Message):
        return said(value)
    if isinstance(value, Code):
        return Markup('<bdi dir="ltr">{}</bdi>').format(value)
    if isinstance(value, dt.datetime):
        return Markup('<bdi dir="ltr">{}</bdi>').format(moment_text(value, seconds=True))
    if isinstance(value, dt.date):
        return Markup('<bdi dir="ltr">{}</bdi>').format(date_text(value))
    if isinstance(value, (list, tuple)):
        return comma().join(told(one) for one in value)
    return number_text(value) if isinstance(value, int) else str(value)


def known_moment(moment: dt.datetime, precision: str) -> str:
    """A moment as exactly as it is known: with its time of day, or only the day, month or year in the site's zone."""
    if precision in {"day", "month", "year"}:
        return date_text(calendars.local(moment, zone()).date(), precision)
    return moment_text(moment, seconds=False)


def reader_digits(text: str) -> str:
    """The same text in the digits the reader chose for running text."""
    return to_persian(text) if digits() == "persian" else to_latin(text)


def number_text(value: object) -> str:
    """A number for running text, grouped in thousands."""
    return (
        quantities.number(value, "fa" if digits() == "persian" else "en")
        if isinstance(value, int)
        else reader_digits(str(value))
    )


def date_text(day: dt.date | PartialDate, precision: Precision | str = Precision.DAY, of: str = "") -> Code:
    """A day, month or year in figures: ۱۴۰۵/۰۳/۱۲ or 1405/03/12 in the Jalali calendar, 2026-06-02 in the Gregorian."""
    known = day if isinstance(day, PartialDate) else _known(day, Precision(precision))
    shown = calendars.format_date(known, locale(), Calendar(of) if of else calendar())
    return Code(to_latin(shown)) if digits() == "latin" else shown


def in_field(value: object) -> object:
    """What stands in a field of a form: days and moments in the reader's calendar and in 0-9, all else as it is."""
    if isinstance(value, dt.datetime):
        return to_latin(moment_text(value))
    return to_latin(date_text(value)) if isinstance(value, dt.date) else value


def site_day(moment: dt.datetime) -> dt.date:
    """The day that it was on the reader's wall clock."""
    return moment.astimezone(ZoneInfo(zone())).date()


def _known(day: dt.date, precision: Precision) -> PartialDate:
    try:
        return PartialDate(day, precision)
    except ValueError:  # a day inside the month or year that is meant
        first = day.replace(day=1) if precision is Precision.MONTH else day.replace(month=1, day=1)
        return PartialDate(first, precision)


def other_calendar() -> str:
    """The calendar the reader did not choose."""
    return (Calendar.GREGORIAN if calendar() is Calendar.JALALI else Calendar.JALALI).value


def moment_text(moment: dt.datetime, *, seconds: bool = False) -> str:
    """A moment in the reader's zone and calendar: 1405/03/12 09:14."""
    shown = calendars.format_when(moment, locale(), calendar(), zone(), seconds=seconds)
    return to_latin(shown) if digits() == "latin" else shown


def clock_text(moment: dt.datetime) -> str:
    """The time of day on the reader's wall clock."""
    return to_latin(calendars.format_time(moment, locale(), zone()))


def both_calendars(moment: dt.datetime) -> str:
    """The moment in both calendars, to the second, with the zone's name, for whoever must be exact."""
    return f"{calendars.format_when_both(moment, zone(), seconds=True)} {zone()}"
