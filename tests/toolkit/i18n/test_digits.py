"""Persian and Arabic writing of the same word is found by one search."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellbank.toolkit.i18n import digits

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "persian_text.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("pair", VECTORS["pairs"], ids=lambda pair: pair["a"])
def test_two_writings_of_one_word_fold_to_the_same(pair) -> None:
    a, b = digits.fold(pair["a"]), digits.fold(pair["b"])
    if pair["equal_after"] is True:
        assert a == b
    else:  # a space is not a half-space
        assert a != b
        assert a.replace(" ", "") == b.replace(" ", "")


@pytest.mark.parametrize(
    ("written", "searched"),
    [
        ("CV7K", "cv7k"),
        ("کتـــاب", "كتاب"),
        ("مُجَوِّز", "مجوز"),
        ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"),
        ("۴۲", "42"),
        ("آزمایش", "ازمايش"),
        ("  two   words ", "two words"),
        ("ﭘﺎﺳﺎژ", "پاساژ"),
        ("HeLa‑S3", "hela‑s3"),
        ("Müller", "muller"),
        ("\u2066A1\u2069", "a1"),
    ],
)
def test_folding(written, searched) -> None:
    assert digits.fold(written) == digits.fold(searched)


def test_folding_keeps_different_words_apart() -> None:
    assert digits.fold("بانک") != digits.fold("بانگ")
    assert digits.fold("پاساژ ۳") != digits.fold("پاساژ ۴")


@given(st.text())
def test_folding_twice_changes_nothing_more(text) -> None:
    assert digits.fold(digits.fold(text)) == digits.fold(text)


def test_digits_change_and_letters_stay() -> None:
    assert digits.to_persian("P12 ٣") == "P۱۲ ۳"
    assert digits.to_latin("پاساژ ۱۲ و ٣") == "پاساژ 12 و 3"


@given(st.text(alphabet="0123456789 ABCآب"))
def test_digits_come_back(text) -> None:
    assert digits.to_latin(digits.to_persian(text)) == text
