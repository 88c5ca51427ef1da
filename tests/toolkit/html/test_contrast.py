"""The colours are measured, in both themes: text 7 to 1, marks 3 to 1 (WCAG 2.2, 1.4.6 and 1.4.11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cellbank.toolkit.html import render

CSS = Path(render.__file__).parent / "static" / "css"
TOKENS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", (CSS / "tokens.css").read_text()
    )
}
TONES = ("green", "amber", "red", "blue", "grey", "violet")
TEXT = [
    *[(ink, ground) for ink in ("ink", "muted", "accent", "accent-strong", "code") for ground in ("ground", "surface")],
    ("muted", "sunken"), ("ink", "sunken"), ("ink", "wash"), ("accent-strong", "wash"), ("on-accent", "accent"),
    *[(tone, f"{tone}-wash") for tone in TONES],
    *[("ink", f"hue-{number}") for number in range(8)],
]  # fmt: skip
MARKS = [
    *[(f"{tone}-mark", ground) for tone in TONES for ground in (f"{tone}-wash", "surface")],
    *[(f"hue-{number}-mark", ground) for number in range(8) for ground in (f"hue-{number}", "surface")],
    ("edge", "surface"), ("focus", "surface"), ("focus", "ground"), ("accent", "sunken"),
]  # fmt: skip


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_stands_out_seven_to_one(ink, ground, theme):
    assert contrast(TOKENS[ink][theme], TOKENS[ground][theme]) >= 7


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_marks_stand_out_three_to_one(mark, ground, theme):
    assert contrast(TOKENS[mark][theme], TOKENS[ground][theme]) >= 3


@pytest.mark.parametrize("sheet", sorted(CSS.glob("*.css")), ids=lambda sheet: sheet.name)
def test_styles_know_no_left_and_right_and_every_rule_has_its_layer(sheet):
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    assert not re.search(
        r"(?<![\w-])(left|right)(?![\w-])|(margin|padding|border)-(left|right|top|bottom)", text
    )
    assert "@layer" in text


def test_every_icon_a_template_names_is_drawn():
    sprite = (CSS.parent / "icons.svg").read_text()
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    templates = "".join(path.read_text() for path in (CSS.parents[1] / "templates").glob("*.html"))
    named = set(re.findall(r'icon\("([\w-]+)"\)|icon="([\w-]+)"', templates))
    assert {one or other for one, other in named} <= drawn
    states = re.search(r"set words = \{(.*?)\}", templates, re.DOTALL)
    assert states is not None
    assert {f"state-{name}" for name in re.findall(r'"(\w+)": _', states[1])} <= drawn
