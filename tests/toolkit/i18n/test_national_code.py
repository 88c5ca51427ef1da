"""A national code is recognised however it is typed, so that it can be refused where it does not belong."""

from __future__ import annotations

import pytest

from cellbank.toolkit.i18n.national_code import find_iranian_national_code, is_iranian_national_code

# Made up: rows of digits with the check digit that the rule gives them.
RIGHT = ["0012345679", "9876543210", "1234567891", "5556667772"]


@pytest.mark.parametrize("code", RIGHT)
def test_right_codes_are_recognised_in_any_digits(code) -> None:
    assert is_iranian_national_code(code)
    assert is_iranian_national_code(code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")))
    assert is_iranian_national_code(code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")))
    assert is_iranian_national_code(f" {code[:3]}-{code[3:9]}-{code[9]} ")
    assert is_iranian_national_code(f"\u2066{code}\u2069")


@pytest.mark.parametrize("code", RIGHT)
def test_only_one_last_digit_fits(code) -> None:
    assert [digit for digit in "0123456789" if is_iranian_national_code(code[:9] + digit)] == [code[9]]


@pytest.mark.parametrize("text", ["", "123456789", "12345678911", "D-0042", "1111111111", "00123456a7"])
def test_other_texts_are_not(text) -> None:
    assert not is_iranian_national_code(text)


def test_a_code_in_a_note_is_found() -> None:
    assert find_iranian_national_code("کد ملی اهداکننده ۰۰۱۲۳۴۵۶۷۹ است") == "0012345679"
    assert find_iranian_national_code("tel 09120012345679, lot 1234567890") is None
    assert find_iranian_national_code("lot 1234567890, donor 9876543210.") == "9876543210"
