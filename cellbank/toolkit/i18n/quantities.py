"""Numbers and quantities as people read them; the minus always stands before the digits."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from cellbank.core.errors import Invalid
from cellbank.toolkit.i18n.bidi import Code
from cellbank.toolkit.i18n.digits import to_latin, to_persian

_MINUS = "\u2212"
_NO_BREAK = "\u00a0"
_PERSIAN_MARKS = str.maketrans({",": "٬", ".": "٫"})
_LATIN_MARKS = str.maketrans({"٬": None, "٫": ".", "\u2212": "-", "\u2013": "-"})
_INVISIBLE = dict.fromkeys([0x200C, 0x200E, 0x200F, 0x2066, 0x2067, 0x2068, 0x2069, 0x00A0, 0x202F])


def number(value: int | Decimal, locale: str) -> Code:
    """A number for running text: grouped in thousands, in the locale's digits (fa: ۱٬۵۰۰)."""
    text = f"{abs(value):,}"
    if locale == "fa":
        text = to_persian(text.translate(_PERSIAN_MARKS))
    return Code(_MINUS + text if value < 0 else text)


def quantity(value: int | Decimal, unit: str) -> Code:
    """A number with its unit, in the Latin digits that labels and instruments show: 1.5 mL, −196 °C."""
    sign = _MINUS if value < 0 else ""
    return Code(f"{sign}{abs(value):,}{_NO_BREAK}{unit}")


def temperature(centi_c: int) -> Code:
    """A temperature from hundredths of a degree Celsius: −19600 → −196 °C, −7850 → −78.5 °C."""
    whole, rest = divmod(abs(centi_c), 100)
    text = str(whole) + (f".{rest:02d}".rstrip("0") if rest else "")
    return Code(f"{_MINUS if centi_c < 0 else ''}{text}{_NO_BREAK}°C")


def read_decimal(text: str) -> Decimal:
    """The number that a person typed, with Persian or Latin digits, decimal mark ٫ or . and either minus.

    A comma is refused, because it means thousands to one reader and decimals to another.

    :raises ValueError: not a number
    """
    plain = to_latin(text.translate(_INVISIBLE)).translate(_LATIN_MARKS).strip()
    try:
        value = Decimal(plain)
    except InvalidOperation:
        message = f"not a number: {text!r}"
        raise ValueError(message) from None
    if not value.is_finite() or "_" in plain:
        message = f"not a number: {text!r}"
        raise ValueError(message)
    return value


def permille(percent: Decimal | None, field: str) -> int | None:
    """A viability in whole tenths of a percent. :raises Invalid: finer than that."""
    if percent is None:
        return None
    if percent * 10 % 1:
        raise Invalid("{value} is finer than a tenth of a percent.", field=field, value=str(percent))
    return int(percent * 10)
