"""Our ordering of mixed text agrees with Unicode's own cases."""

from __future__ import annotations

from pathlib import Path

from cellbank.toolkit.labels import bidi

CASES = Path(__file__).parents[2] / "data" / "bidi_character_test_subset.txt"
DIRECTIONS: dict[str, bidi.Direction | None] = {"0": "ltr", "1": "rtl", "2": None}


def test_levels_and_order_are_those_of_unicodes_bidi_character_test() -> None:
    lines = [line for line in CASES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert len(lines) == 629
    for line in lines:
        points, direction, paragraph, levels, order = line.split(";")
        text = "".join(chr(int(point, 16)) for point in points.split())

        got, level = bidi.embedding_levels(text, DIRECTIONS[direction])

        assert level == int(paragraph), line
        assert got == [None if one == "x" else int(one) for one in levels.split()], line
        assert bidi.visual_order(got) == [int(one) for one in order.split()], line


def test_brackets_are_mirrored_in_right_to_left_text_only() -> None:
    assert bidi.visual("אב (גד) ab") == "ab (דג) בא"
    assert bidi.visual("ab (cd)") == "ab (cd)"
    assert bidi.visual("«א»") == "«א»"


def test_an_empty_line_stays_empty() -> None:
    assert bidi.visual("") == ""
