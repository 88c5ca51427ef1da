"""Dates and times as people write them: the Jalali and the Gregorian calendar, whole and partial dates."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

from cellbank.toolkit.i18n.bidi import Code
from cellbank.toolkit.i18n.digits import fold, to_latin, to_persian


class Calendar(StrEnum):
    """The calendar in which a person reads and writes dates."""

    JALALI = "jalali"
    GREGORIAN = "gregorian"


class Precision(StrEnum):
    """How exactly a date is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class DateFault(StrEnum):
    """Why a text is not a date."""

    SHAPE = "shape"
    NO_SUCH_DAY = "no such day"
    YEAR = "year"
    """A year of the other calendar, or with two digits: nobody may have to guess which was meant."""


class WrongDate(ValueError):
    """A text that is not a date of the calendar, and the reason why."""

    def __init__(self, text: str, reason: DateFault) -> None:
        super().__init__(f"{text!r} is not a date: {reason.value}")
        self.text = text
        self.reason = reason


@dataclass(frozen=True, order=True)
class PartialDate:
    """A date as exactly as it is known; ``date`` is the first day of the month or year that is meant.

    The calendar need not be kept: a Jalali month or year never begins on the first of a Gregorian month.
    """

    date: dt.date
    precision: Precision = Precision.DAY

    def __post_init__(self) -> None:
        _, month, day = parts(self.date, self.calendar)
        starts = {
            Precision.DAY: True,
            Precision.MONTH: day == 1,
            Precision.YEAR: (month, day) == (1, 1),
        }
        if not starts[self.precision]:
            message = f"{self.date} does not begin a {self.precision.value}"
            raise ValueError(message)

    @property
    def calendar(self) -> Calendar:
        """The calendar in which this month or year was stated (a day belongs to both)."""
        partial = self.precision is not Precision.DAY
        return Calendar.JALALI if partial and self.date.day != 1 else Calendar.GREGORIAN

    @property
    def last(self) -> dt.date:
        """The last day that may be meant."""
        year, month, _ = parts(self.date, self.calendar)
        if self.precision is Precision.DAY:
            return self.date
        if self.precision is Precision.YEAR:
            return day_of(year + 1, 1, 1, self.calendar) - timedelta(days=1)
        following = (year, month + 1) if month < _MONTHS else (year + 1, 1)
        return day_of(*following, 1, self.calendar) - timedelta(days=1)


_MONTHS: Final = 12
_YEARS: Final = {Calendar.JALALI: range(1250, 1551), Calendar.GREGORIAN: range(1870, 2171)}

MONTH_NAMES: Final[dict[tuple[Calendar, str], tuple[str, ...]]] = {
    (Calendar.JALALI, "fa"): (
        *("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور"),
        *("مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
    ),
    (Calendar.JALALI, "en"): (
        *("Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar"),
        *("Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand"),
    ),
    (Calendar.GREGORIAN, "fa"): (
        *("ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن"),
        *("ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر"),
    ),
    (Calendar.GREGORIAN, "en"): (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}

WEEKDAY_NAMES: Final = {
    "fa": ("شنبه", "یکشنبه", "دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه"),
    "en": ("Saturday", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
}
"""Days of the week in the order of an Iranian week, which begins on Saturday."""


# ---- days and their parts -----------------------------------------------------------------------------


def parts(day: date, calendar: Calendar) -> tuple[int, int, int]:
    """Year, month and day of a day in a calendar."""
    if calendar is Calendar.JALALI:
        jalali = JalaliDate(day)  # type: ignore[no-untyped-call]
        return jalali.year, jalali.month, jalali.day
    return day.year, day.month, day.day


def day_of(year: int, month: int, day: int, calendar: Calendar) -> date:
    """The day of a calendar's year, month and day; raises ValueError when there is no such day."""
    if calendar is Calendar.JALALI:
        gregorian = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]
        return date(gregorian.year, gregorian.month, gregorian.day)
    return date(year, month, day)


def weekday_index(day: date) -> int:
    """The place of a day in its week, 0 for Saturday to 6 for Friday."""
    return (day.weekday() + 2) % 7


def first_of_week(day: date) -> date:
    """The Saturday on which the week of a day begins."""
    return day - timedelta(days=weekday_index(day))


def weekday_name(day: date, locale: str) -> str:
    """The name of the day of the week."""
    return WEEKDAY_NAMES[locale][weekday_index(day)]


def month_days(year: int, month: int, calendar: Calendar) -> list[date]:
    """Every day of a month, in order."""
    span = PartialDate(day_of(year, month, 1, calendar), Precision.MONTH)
    return [span.date + timedelta(days=n) for n in range((span.last - span.date).days + 1)]


# ---- reading --------------------------------------------------------------------------------------------

_NUMERIC = re.compile(r"(\d+)(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?)?")
_NAMED = re.compile(r"(?:(\d{1,2}) )?([^\W\d]+)[ ,،]+(\d+)")
_SHORTEST_NAME = 3


def parse_date(text: str, calendar: Calendar) -> PartialDate:
    """A day, month or year as typed: 1405/03/12, ۱۲ خرداد ۱۴۰۵, خرداد ۱۳۹۲, 2026-06, June 2026, 1392.

    :raises WrongDate: not a date, no such day, or a year that this calendar does not have in living memory
    """
    plain = fold(text)
    if match := _NUMERIC.fullmatch(plain):
        year, month, day = match[1], match[3], match[4]
    elif match := _NAMED.fullmatch(plain):
        year, month, day = match[3], str(_month_named(match[2], calendar, text)), match[1]
    else:
        raise WrongDate(text, DateFault.SHAPE)
    if int(year) not in _YEARS[calendar]:
        raise WrongDate(text, DateFault.YEAR)
    precision = Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
    try:
        first = day_of(int(year), int(month or 1), int(day or 1), calendar)
    except ValueError:
        raise WrongDate(text, DateFault.NO_SUCH_DAY) from None
    return PartialDate(first, precision)


def _month_named(name: str, calendar: Calendar, text: str) -> int:
    """The number of the month with this folded name; English names may be cut to three letters or more."""
    for locale in ("fa", "en"):
        for number, full in enumerate(MONTH_NAMES[calendar, locale], start=1):
            folded = fold(full)
            cut = locale == "en" and len(name) >= _SHORTEST_NAME and folded.startswith(name)
            if name == folded or cut:
                return number
    raise WrongDate(text, DateFault.SHAPE)


_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


def parse_when(text: str, calendar: Calendar, zone: str) -> datetime:
    """A day and a time of day at a site as typed (1405/03/12 15:30), as a UTC moment.

    :raises WrongDate: not a day and a time, or a time that the site's clocks left out
    """
    day_text, _, time_text = to_latin(text).strip().rpartition(" ")
    match = _TIME.fullmatch(time_text)
    if not match:
        raise WrongDate(text, DateFault.SHAPE)
    day = parse_date(day_text, calendar)
    if day.precision is not Precision.DAY:
        raise WrongDate(text, DateFault.SHAPE)
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    try:
        local = datetime(
            day.date.year, day.date.month, day.date.day, hour, minute, second, tzinfo=ZoneInfo(zone)
        )
    except ValueError:
        raise WrongDate(text, DateFault.NO_SUCH_DAY) from None
    moment = local.astimezone(UTC)
    if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise WrongDate(text, DateFault.NO_SUCH_DAY)
    return moment


# ---- showing --------------------------------------------------------------------------------------------


def _numeric(day: date, precision: Precision, calendar: Calendar) -> str:
    """Year, month and day in Latin digits: 1405/03/12 or 2026-06-02, cut at the precision."""
    year, month, number = parts(day, calendar)
    pieces = [f"{year:04d}", f"{month:02d}", f"{number:02d}"]
    known = {Precision.YEAR: 1, Precision.MONTH: 2, Precision.DAY: 3}[precision]
    return ("/" if calendar is Calendar.JALALI else "-").join(pieces[:known])


def _as_partial(day: date | PartialDate) -> PartialDate:
    return day if isinstance(day, PartialDate) else PartialDate(day)


def format_date(day: date | PartialDate, locale: str, calendar: Calendar) -> Code:
    """A date in figures: ۱۴۰۵/۰۳/۱۲ in Persian text, 1405/03/12, or 2026-06-02 (always Latin digits).

    A month or year of the other calendar covers parts of two, so it is shown as it was stated.
    """
    known = _as_partial(day)
    shown_in = calendar if known.precision is Precision.DAY else known.calendar
    text = _numeric(known.date, known.precision, shown_in)
    return Code(to_persian(text) if locale == "fa" and shown_in is Calendar.JALALI else text)


def format_date_long(day: date | PartialDate, locale: str, calendar: Calendar) -> str:
    """A date in words: ۱۲ خرداد ۱۴۰۵, خرداد ۱۳۹۲, 2 June 2026."""
    known = _as_partial(day)
    shown_in = calendar if known.precision is Precision.DAY else known.calendar
    year, month, number = parts(known.date, shown_in)
    pieces = [str(number), MONTH_NAMES[shown_in, locale][month - 1], str(year)]
    hidden = {Precision.DAY: 0, Precision.MONTH: 1, Precision.YEAR: 2}[known.precision]
    text = " ".join(pieces[hidden:])
    return to_persian(text) if locale == "fa" else text


def format_both(day: date | PartialDate) -> Code:
    """A date in both calendars, for certificates, exports and audit pages: 1405/03/12 (2026-06-02).

    A Jalali month shows the Gregorian days it covers: 1392/03 (2013-05-22…2013-06-21), and the reverse.
    """
    known = _as_partial(day)
    if known.precision is Precision.DAY:
        jalali, gregorian = (_numeric(known.date, Precision.DAY, calendar) for calendar in Calendar)
        return Code(f"{jalali} ({gregorian})")
    other = Calendar.GREGORIAN if known.calendar is Calendar.JALALI else Calendar.JALALI
    first, last = (_numeric(day, Precision.DAY, other) for day in (known.date, known.last))
    return Code(f"{_numeric(known.date, known.precision, known.calendar)} ({first}…{last})")


def local(moment: datetime, zone: str) -> datetime:
    """A recorded moment on a site's clock; raises ValueError for a time without a zone."""
    if moment.utcoffset() is None:
        message = "a moment needs a time zone"
        raise ValueError(message)
    return moment.astimezone(ZoneInfo(zone))


def format_time(moment: datetime, locale: str, zone: str, *, seconds: bool = False) -> Code:
    """The time of day on a site's clock: 15:30 or ۱۵:۳۰."""
    text = local(moment, zone).strftime("%H:%M:%S" if seconds else "%H:%M")
    return Code(to_persian(text) if locale == "fa" else text)


def format_when(
    moment: datetime, locale: str, calendar: Calendar, zone: str, *, seconds: bool = False
) -> Code:
    """A moment on a site's clock: ۱۴۰۵/۰۳/۱۲ ۱۵:۳۰ or 2026-06-02 15:30."""
    there = local(moment, zone)
    digits = locale if calendar is Calendar.JALALI else "en"
    time = format_time(moment, digits, zone, seconds=seconds)
    return Code(f"{format_date(there.date(), locale, calendar)} {time}")


def format_when_both(moment: datetime, zone: str, *, seconds: bool = False) -> Code:
    """A moment on a site's clock in both calendars: 1405/03/12 (2026-06-02) 15:30."""
    there = local(moment, zone)
    return Code(f"{format_both(there.date())} {format_time(moment, 'en', zone, seconds=seconds)}")
