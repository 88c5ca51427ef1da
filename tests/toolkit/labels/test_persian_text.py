"""Persian on paper: letters joined, the order right, and nothing Latin turned round."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from cellbank.toolkit.labels import isolate, shape, width_em

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "persian_text.json").read_text(encoding="utf-8"))
PERSIAN = [pair[side] for pair in VECTORS["pairs"] for side in ("a", "b")]


def letters_of(shaped: str) -> str:
    """Turn presentation forms back into letters, still in drawing order."""
    return unicodedata.normalize("NFKC", shaped)


def test_letters_are_joined() -> None:
    # From the left: lam alone (waw joins nothing after it), waw final, lam medial, seen initial.
    assert shape("سلول") == "\u0644\ufeee\ufee0\ufeb3"
    assert shape("گچ پژ") == "\ufb8b\ufb58 \ufb7b\ufb94"


def test_lam_and_alef_become_one_sign() -> None:
    assert shape("لا") == "\ufefb"


def test_a_zero_width_non_joiner_parts_letters_and_is_not_drawn() -> None:
    assert shape("می‌شود") != shape("میشود")
    assert "\u200c" not in shape("می‌شود")
    assert letters_of(shape("می‌شود"))[::-1] == "میشود"
    assert "\ufbfd" in shape("می‌شود")  # ی in its final form, before the joiner
    assert "\ufbff" in shape("میشود")  # ی in its medial form


@pytest.mark.parametrize("text", [text for text in PERSIAN if not any(sign.isdigit() for sign in text)])
def test_purely_persian_text_is_drawn_from_its_end(text: str) -> None:
    assert letters_of(shape(text))[::-1] == text.replace("\u200c", "")


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ("فریز در 2026-11-22 انجام شد", "2026-11-22"),
        ("بانک Working Cell Bank است", "Working Cell Bank"),
        ("بانک Working Cell Bank (WCB) است", "Working Cell Bank (WCB)"),
        ("ویال در پاساژ p12+3 است", "p12+3"),
        ("کد CV 7K3M 9QX 2 نامعتبر است", "CV 7K3M 9QX 2"),
        ("دمای −196 °C ثبت شد", "−196 °C"),
        ("دمای -80°C ثبت شد", "-80°C"),
        ("دمای −۱۹۶ درجه", "−۱۹۶"),
        ("بیش از ≥ 90 % زنده", "≥ 90 %"),
        ("تاریخ ۱۴۰۵/۰۹/۰۱ ثبت شد", "۱۴۰۵/۰۹/۰۱"),
        ("تاریخ ۱۴۰۵-۰۹-۰۱ ثبت شد", "۱۴۰۵-۰۹-۰۱"),
        ("حجم 1.5 mL است", "1.5 mL"),
    ],
)
def test_latin_runs_codes_dates_and_signed_numbers_keep_their_order(text: str, run: str) -> None:
    assert run in shape(text)
    before, after = text.split(run)
    assert letters_of(shape(text)) == f"{after[::-1]}{run}{before[::-1]}"


def test_brackets_around_persian_are_mirrored() -> None:
    assert letters_of(shape("رده (سلولی) «انسان»")) == "«ناسنا» (یلولس) هدر"


def test_two_codes_in_a_persian_sentence_stay_in_reading_order() -> None:
    drawn = shape("از MCB-0042 به WCB-0007")

    assert drawn.index("WCB-0007") < drawn.index("MCB-0042")


def test_persian_numbers_side_by_side_are_read_from_the_right() -> None:
    assert shape("ویال‌های ۱۲ ۱۳").startswith("۱۳ ۱۲ ")


def test_a_line_that_begins_with_a_code_still_runs_from_the_right() -> None:
    assert shape("MCB-0042 بانک").endswith(" MCB-0042")
    assert shape("MCB-0042 بانک", "ltr").startswith("MCB-0042 ")


def test_latin_text_is_left_as_it_is() -> None:
    assert shape("Working Cell Bank (WCB), −196 °C") == "Working Cell Bank (WCB), −196 °C"
    assert shape("\u2066MCB-0042\u2069") == "MCB-0042"


def test_isolates_that_are_there_are_kept() -> None:
    assert isolate("کد \u2066A 1\u2069") == "کد \u2066A 1\u2069"
    assert isolate("کد A-1") == "کد \u2066A-1\u2069"


@pytest.mark.parametrize(
    "text", [*PERSIAN, "خانهٔ دوبارهٔ پژوهشگاه گچ لا، ٪؟ «(۱۲)» آب إسأ مؤسسه مسئول", "−196 °C ≥ 5 µg ±"]
)
def test_the_typeface_has_every_sign(text: str) -> None:
    assert width_em(shape(text)) > 1
    assert width_em(shape(text), bold=True) > 1
