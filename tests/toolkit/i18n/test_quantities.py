"""A minus stands before its digits, and what a person typed is read or refused, never bent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellbank.toolkit.i18n import bidi, quantities
from cellbank.toolkit.i18n.bidi import Code


@pytest.mark.parametrize(
    ("centi_c", "shown"),
    [
        (-19600, "−196 °C"),
        (-7850, "−78.5 °C"),
        (-5, "−0.05 °C"),
        (0, "0 °C"),
        (405, "4.05 °C"),
        (3700, "37 °C"),
        (1000, "10 °C"),
    ],
)
def test_a_temperature(centi_c, shown) -> None:
    temperature = quantities.temperature(centi_c)
    assert temperature == shown.replace(" ", "\u00a0")
    assert isinstance(temperature, Code)
    assert bidi.ltr(temperature) == f"\u2066{temperature}\u2069"


@given(st.integers(-30_000, 100_000))
def test_a_shown_temperature_reads_back(centi_c) -> None:
    shown = quantities.temperature(centi_c).removesuffix("\u00a0°C")
    assert quantities.read_decimal(shown) * 100 == centi_c


def test_numbers_have_the_readers_digits_and_quantities_the_instruments() -> None:
    assert quantities.number(1500, "fa") == "۱٬۵۰۰"
    assert quantities.number(1500, "en") == "1,500"
    assert quantities.number(-3, "fa") == "−۳"
    assert quantities.number(Decimal("1.5"), "fa") == "۱٫۵"
    assert quantities.quantity(Decimal("1.5"), "mL") == "1.5\u00a0mL"
    assert quantities.quantity(-80, "°C") == "−80\u00a0°C"


@pytest.mark.parametrize(
    ("typed", "value"),
    [("۱٫۵", "1.5"), ("1.5", "1.5"), ("−۱۹۶", "-196"), (" -80 ", "-80"), ("١٢", "12"), ("۱٬۵۰۰", "1500")],
)
def test_a_typed_number_is_read(typed, value) -> None:
    assert quantities.read_decimal(typed) == Decimal(value)


@pytest.mark.parametrize("typed", ["", "1,5", "twelve", "NaN", "Infinity", "1_000", "1.2.3", "۱ ۲"])
def test_what_is_not_one_number_is_refused(typed) -> None:
    with pytest.raises(ValueError, match="not a number"):
        quantities.read_decimal(typed)
