"""Isolates go around a text for showing and never into a file."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cellbank.toolkit.i18n import bidi

plain = st.text(alphabet=st.characters(exclude_characters="\u2066\u2067\u2068\u2069"))


@given(plain)
def test_isolates_come_off_again(text) -> None:
    assert bidi.ltr(text) == f"\u2066{text}\u2069"
    assert bidi.strip_isolates(bidi.ltr(text)) == text
    assert bidi.strip_isolates(bidi.isolated(f"a{bidi.ltr(text)}b")) == f"a{text}b"


def test_persian_is_told_from_latin() -> None:
    assert bidi.has_rtl("box جعبه")
    assert not bidi.has_rtl("A1 (−196 °C)")


def test_a_code_is_the_text_itself() -> None:
    assert bidi.Code("A1") == "A1"
    assert hash(bidi.Code("A1")) == hash("A1")
