"""What is shipped for labels, and believable values to print."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellbank.toolkit.labels import Label, Stock, Template, load_stocks, load_templates
from cellbank.toolkit.labels.fonts import FONT_FOLDER

SHIPPED = Path(__file__).parents[3] / "labels"


@pytest.fixture(scope="session")
def stocks() -> dict[str, Stock]:
    """The shipped stocks, none of them broken."""
    found, problems = load_stocks([SHIPPED / "stocks"])
    assert problems == ()
    return found


@pytest.fixture(scope="session")
def templates() -> dict[str, Template]:
    """The shipped templates, none of them broken."""
    found, problems = load_templates([SHIPPED / "templates"])
    assert problems == ()
    return found


@pytest.fixture(scope="session")
def vial() -> Label:
    """A vial of a master bank."""
    return Label(
        code="CV7K3M9QX2",
        lot_number="MCB-0042-017",
        line="RCB-iPSC-012",
        passage="p12+3",
        frozen_on="2026-11-22",
        owner="Royan",
        statement="Research use only",
        number="017",
        lot_tail="0042",
        line_fa="سلول‌های بنیادی",
    )


@pytest.fixture(scope="session")
def card() -> Label:
    """Values for every kind of card."""
    return Label(
        code="CB0000000Z",
        name="Rack 3, shelf B",
        name_fa="رک ۳، طبقهٔ دوم",
        grid="9 × 9",
        owner="Royan Stem Cell Bank",
        note="Filled 2026-11-22",
        condition="Vapour, −196 °C",
        role="Technician",
        organisation="Royan Stem Cell Bank",
        title="TAKE OUT",
        title_fa="بیرون آوردن",
    )


@pytest.fixture(scope="session", autouse=True)
def built_typeface() -> None:
    """Labels are set in the typeface that the build copies from the npm lock."""
    if not (FONT_FOLDER / "Vazirmatn-Regular.ttf").is_file():
        pytest.fail(f"Build the front-end files first: {FONT_FOLDER} has no Vazirmatn.", pytrace=False)
