"""Dates are read and shown in two calendars, and a day that does not exist is refused in both."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellbank.toolkit.i18n import calendars
from cellbank.toolkit.i18n.bidi import Code
from cellbank.toolkit.i18n.calendars import Calendar, DateFault, PartialDate, Precision, WrongDate

DATA = Path(__file__).parents[2] / "data"
JALALI, GREGORIAN = Calendar.JALALI, Calendar.GREGORIAN
INVALID = json.loads((DATA / "jalali_invalid.json").read_text(encoding="utf-8"))
THIRD_MONTH = PartialDate(date(2013, 5, 22), Precision.MONTH)


def rows(name):
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


# ---- against known answers


@pytest.mark.parametrize("row", rows("jalali_dates.csv"), ids=lambda row: row["jalali"])
def test_a_day_is_the_same_day_in_both_calendars(row) -> None:
    day = date.fromisoformat(row["gregorian"])
    assert calendars.parse_date(row["jalali"], JALALI) == PartialDate(day)
    assert calendars.parse_date(row["gregorian"], GREGORIAN) == PartialDate(day)
    assert calendars.format_date(day, "en", JALALI) == row["jalali"].replace("-", "/")


def test_every_jalali_year_from_1300_to_1500_begins_and_ends_on_the_right_day() -> None:
    years = rows("jalali_nowruz_1300_1500.csv")
    assert len(years) == 201
    for row in years:
        year = PartialDate(date.fromisoformat(row["nowruz_gregorian"]), Precision.YEAR)
        assert calendars.parse_date(row["jalali_year"], JALALI) == year
        assert (year.last - year.date).days + 1 == int(row["days"])
        esfand_30 = f"{row['jalali_year']}/12/30"
        if row["leap"] == "True":
            assert calendars.parse_date(esfand_30, JALALI).date == year.last
        else:
            with pytest.raises(WrongDate):
                calendars.parse_date(esfand_30, JALALI)


@pytest.mark.parametrize("text", INVALID["reject"])
def test_a_jalali_day_that_does_not_exist_is_refused(text) -> None:
    with pytest.raises(WrongDate) as refused:
        calendars.parse_date(text, JALALI)
    assert refused.value.reason is DateFault.NO_SUCH_DAY


@pytest.mark.parametrize("text", INVALID["accept"])
def test_the_last_days_of_jalali_months_are_accepted(text) -> None:
    assert calendars.format_date(calendars.parse_date(text, JALALI), "en", JALALI) == text.replace("-", "/")


@pytest.mark.parametrize("case", INVALID["digits"], ids=lambda case: case["input"])
def test_persian_and_arabic_digits_are_read(case) -> None:
    assert calendars.parse_date(case["input"], JALALI).date.isoformat() == case["gregorian"]


def test_the_months_have_their_names() -> None:
    assert list(calendars.MONTH_NAMES[JALALI, "fa"]) == INVALID["month_names"]


# ---- reading


@pytest.mark.parametrize(
    ("text", "calendar", "day", "precision"),
    [
        ("1405/03/12", JALALI, date(2026, 6, 2), Precision.DAY),
        (" 1405-3-12 ", JALALI, date(2026, 6, 2), Precision.DAY),
        ("۱۴۰۵.۰۳.۱۲", JALALI, date(2026, 6, 2), Precision.DAY),
        ("۱۲ خرداد ۱۴۰۵", JALALI, date(2026, 6, 2), Precision.DAY),
        ("12 Khordad 1405", JALALI, date(2026, 6, 2), Precision.DAY),
        ("خرداد ۱۳۹۲", JALALI, date(2013, 5, 22), Precision.MONTH),
        ("خرداد، 1392", JALALI, date(2013, 5, 22), Precision.MONTH),
        ("دي ۱۳۹۲", JALALI, date(2013, 12, 22), Precision.MONTH),
        ("1392/03", JALALI, date(2013, 5, 22), Precision.MONTH),
        ("۱۳۹۲", JALALI, date(2013, 3, 21), Precision.YEAR),
        ("2026-06-02", GREGORIAN, date(2026, 6, 2), Precision.DAY),
        ("۲۰۲۶-۰۶-۰۲", GREGORIAN, date(2026, 6, 2), Precision.DAY),
        ("2 June 2026", GREGORIAN, date(2026, 6, 2), Precision.DAY),
        ("2 ژوئن ۲۰۲۶", GREGORIAN, date(2026, 6, 2), Precision.DAY),
        ("Jun 2026", GREGORIAN, date(2026, 6, 1), Precision.MONTH),
        ("\u20662026-06\u2069", GREGORIAN, date(2026, 6, 1), Precision.MONTH),
        ("2026", GREGORIAN, date(2026, 1, 1), Precision.YEAR),
    ],
)
def test_dates_are_read_as_people_write_them(text, calendar, day, precision) -> None:
    assert calendars.parse_date(text, calendar) == PartialDate(day, precision)


@pytest.mark.parametrize(
    ("text", "calendar", "reason"),
    [
        ("", JALALI, DateFault.SHAPE),
        ("tomorrow", GREGORIAN, DateFault.SHAPE),
        ("1405/03-12", JALALI, DateFault.SHAPE),
        ("12/03/1405", JALALI, DateFault.SHAPE),
        ("Ju 2026", GREGORIAN, DateFault.SHAPE),
        ("خرداد ۱۳۹۲", GREGORIAN, DateFault.SHAPE),
        ("05/03/12", JALALI, DateFault.YEAR),
        ("2026-06-02", JALALI, DateFault.YEAR),
        ("1405/03/12", GREGORIAN, DateFault.YEAR),
        ("2026-02-29", GREGORIAN, DateFault.NO_SUCH_DAY),
        ("2026-00", GREGORIAN, DateFault.NO_SUCH_DAY),
        ("1405/00/01", JALALI, DateFault.NO_SUCH_DAY),
        ("31 مهر ۱۴۰۴", JALALI, DateFault.NO_SUCH_DAY),
    ],
)
def test_what_is_not_a_date_is_refused_with_the_reason(text, calendar, reason) -> None:
    with pytest.raises(WrongDate) as refused:
        calendars.parse_date(text, calendar)
    assert refused.value.reason is reason


days = st.dates(date(1900, 1, 1), date(2150, 12, 31))


@given(days, st.sampled_from(Calendar), st.sampled_from(["fa", "en"]))
def test_what_is_shown_can_be_typed_again(day, calendar, locale) -> None:
    shown = calendars.format_date(day, locale, calendar)
    in_words = calendars.format_date_long(day, locale, calendar)
    assert calendars.parse_date(shown, calendar).date == day
    assert calendars.parse_date(in_words, calendar).date == day


@given(days, st.sampled_from(Calendar), st.sampled_from([Precision.MONTH, Precision.YEAR]))
def test_a_partial_date_knows_its_calendar_and_comes_back(day, calendar, precision) -> None:
    year, month, _ = calendars.parts(day, calendar)
    text = f"{year}" if precision is Precision.YEAR else f"{year}/{month}"
    known = calendars.parse_date(text, calendar)
    assert (known.precision, known.calendar) == (precision, calendar)
    assert known.date <= day <= known.last
    after = known.last + timedelta(days=1)
    assert calendars.parts(after, calendar)[2] == 1
    for locale in ("fa", "en"):
        other = next(one for one in Calendar if one is not calendar)
        assert calendars.parse_date(calendars.format_date(known, locale, other), calendar) == known


def test_a_month_must_begin_on_its_first_day() -> None:
    with pytest.raises(ValueError, match="begin"):
        PartialDate(date(2013, 5, 23), Precision.MONTH)
    with pytest.raises(ValueError, match="begin"):
        PartialDate(date(2013, 5, 22), Precision.YEAR)


# ---- the week


def test_the_week_begins_on_saturday() -> None:
    saturday = date(2026, 11, 21)
    assert [calendars.weekday_index(saturday + timedelta(days=n)) for n in range(8)] == [*range(7), 0]
    assert {calendars.first_of_week(saturday + timedelta(days=n)) for n in range(7)} == {saturday}
    assert calendars.weekday_name(saturday, "fa") == "شنبه"
    assert calendars.weekday_name(saturday + timedelta(days=3), "fa") == "سه‌شنبه"
    assert calendars.weekday_name(saturday + timedelta(days=6), "en") == "Friday"


def test_a_month_has_its_days() -> None:
    khordad = calendars.month_days(1405, 3, JALALI)
    assert (len(khordad), khordad[0], khordad[-1]) == (31, date(2026, 5, 22), date(2026, 6, 21))
    assert len(calendars.month_days(1404, 12, JALALI)) == 29
    assert len(calendars.month_days(2024, 2, GREGORIAN)) == 29


# ---- showing

MOMENT = datetime(2026, 6, 2, 12, 0, 5, tzinfo=UTC)
TEHRAN = "Asia/Tehran"


def test_a_date_in_figures_and_in_words() -> None:
    day = date(2026, 6, 2)
    assert calendars.format_date(day, "fa", JALALI) == "۱۴۰۵/۰۳/۱۲"
    assert calendars.format_date(day, "en", JALALI) == "1405/03/12"
    assert calendars.format_date(day, "fa", GREGORIAN) == "2026-06-02"
    assert calendars.format_date_long(day, "fa", JALALI) == "۱۲ خرداد ۱۴۰۵"
    assert calendars.format_date_long(day, "fa", GREGORIAN) == "۲ ژوئن ۲۰۲۶"
    assert calendars.format_date_long(day, "en", JALALI) == "12 Khordad 1405"
    assert calendars.format_date_long(THIRD_MONTH, "fa", JALALI) == "خرداد ۱۳۹۲"


def test_a_month_of_the_other_calendar_is_shown_as_it_was_stated() -> None:
    assert calendars.format_date(THIRD_MONTH, "fa", GREGORIAN) == "۱۳۹۲/۰۳"
    assert calendars.format_date_long(THIRD_MONTH, "en", GREGORIAN) == "Khordad 1392"


def test_both_calendars_side_by_side() -> None:
    assert calendars.format_both(date(2026, 6, 2)) == "1405/03/12 (2026-06-02)"
    assert calendars.format_both(THIRD_MONTH) == "1392/03 (2013-05-22…2013-06-21)"
    june = PartialDate(date(2026, 6, 1), Precision.MONTH)
    assert calendars.format_both(june) == "2026-06 (1405/03/11…1405/04/09)"
    assert calendars.format_when_both(MOMENT, TEHRAN) == "1405/03/12 (2026-06-02) 15:30"


def test_a_moment_is_shown_on_the_sites_clock() -> None:
    assert calendars.format_when(MOMENT, "fa", JALALI, TEHRAN) == "۱۴۰۵/۰۳/۱۲ ۱۵:۳۰"
    assert calendars.format_when(MOMENT, "fa", GREGORIAN, TEHRAN) == "2026-06-02 15:30"
    assert calendars.format_when(MOMENT, "en", JALALI, TEHRAN, seconds=True) == "1405/03/12 15:30:05"
    late = datetime(2026, 6, 2, 21, 0, tzinfo=UTC)  # already the next day in Tehran
    assert calendars.format_when(late, "en", GREGORIAN, TEHRAN) == "2026-06-03 00:30"


def test_figures_keep_their_direction() -> None:
    for shown in (
        calendars.format_date(date(2026, 6, 2), "fa", GREGORIAN),
        calendars.format_both(date(2026, 6, 2)),
        calendars.format_when(MOMENT, "fa", JALALI, TEHRAN),
    ):
        assert isinstance(shown, Code)


def test_a_time_without_a_zone_is_never_shown() -> None:
    with pytest.raises(ValueError, match="zone"):
        calendars.format_when(datetime(2026, 6, 2, 12, 0), "en", GREGORIAN, TEHRAN)  # noqa: DTZ001


def test_a_time_at_a_site_is_read_into_utc() -> None:
    moment = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
    assert calendars.parse_when("۱۴۰۵/۰۳/۱۲ ۱۵:۳۰", JALALI, TEHRAN) == moment
    assert calendars.parse_when("2026-06-02 15:30:00", GREGORIAN, TEHRAN) == moment


@pytest.mark.parametrize(
    "text", ["1405/03/12", "1405/03 15:30", "1405/03/12 25:00", "15:30", "1405/03/12 3 pm"]
)
def test_what_is_not_a_time_is_refused(text) -> None:
    with pytest.raises(WrongDate):
        calendars.parse_when(text, JALALI, TEHRAN)


def test_an_hour_that_the_clocks_left_out_is_refused() -> None:
    """Berlin's clocks went from 02:00 to 03:00 on 29 March 2026."""
    with pytest.raises(WrongDate):
        calendars.parse_when("2026-03-29 02:30", GREGORIAN, "Europe/Berlin")
    assert calendars.parse_when("2026-03-29 03:30", GREGORIAN, "Europe/Berlin").hour == 1
