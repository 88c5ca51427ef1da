"""Stock and template files: what is shipped, and what is said about a broken one."""

from __future__ import annotations

from pathlib import Path

import pytest

from cellbank.toolkit.labels import Stock, Template, load_stocks, load_templates
from tests.toolkit.labels.conftest import SHIPPED

ROLL = (SHIPPED / "stocks" / "cryo-roll-1.28x0.5.toml").read_text(encoding="utf-8")
SHEET = (SHIPPED / "stocks" / "avery-l4732.toml").read_text(encoding="utf-8")
SIDE = (SHIPPED / "templates" / "vial-side.toml").read_text(encoding="utf-8")


def stock_problem(folder: Path, text: str) -> str:
    (folder / "own.toml").write_text(text, encoding="utf-8")
    found, problems = load_stocks([folder])
    assert found == {}
    assert len(problems) == 1
    return str(problems[0])


def template_problem(folder: Path, text: str) -> str:
    (folder / "own.toml").write_text(text, encoding="utf-8")
    found, problems = load_templates([folder])
    assert found == {}
    assert len(problems) == 1
    return str(problems[0])


def test_the_shipped_stocks_are_what_the_makers_publish(stocks: dict[str, Stock]) -> None:
    l4732, tags = stocks["avery-l4732"], stocks["tough-tags-ttlw-2016"]

    assert l4732.labels_per_page == 80
    assert l4732.corner_of(0) == (11, 13)
    assert l4732.corner_of(6) == pytest.approx((11 + 38.1, 13 + 16.9))
    assert tags.labels_per_page == 85
    assert tags.corner_of(0) == pytest.approx((68 / 72 * 25.4, 4.17 / 72 * 25.4), abs=0.001)
    assert tags.pitch_x_mm == pytest.approx(100.8 / 72 * 25.4, abs=0.001)
    assert stocks["avery-l4730"].labels_per_page == 270
    assert stocks["avery-l4731"].labels_per_page == 189


def test_only_cryo_stocks_are_rated_for_liquid_nitrogen(stocks: dict[str, Stock]) -> None:
    assert {name for name, stock in stocks.items() if stock.is_cryo_rated} == {
        "cap-dots-9185-1000",
        "cryo-roll-1.28x0.5",
        "cryo-roll-1.28x0.5-dot",
        "tough-tags-ttlw-2016",
    }


def test_every_shipped_template_has_a_shipped_stock(
    stocks: dict[str, Stock], templates: dict[str, Template]
) -> None:
    for template in templates.values():
        assert any(template.fits(stock) for stock in stocks.values()), template.name


def test_a_vial_template_prints_code_and_lot_number_first(templates: dict[str, Template]) -> None:
    assert templates["vial-side"].fields[:3] == ("code", "lot_number", "line")
    assert {"code", "lot_number", "statement"} <= set(templates["vial-side"].required_fields)
    assert "owner" not in templates["vial-side"].required_fields


def test_one_broken_file_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("name == 1", encoding="utf-8")
    (tmp_path / "b.toml").write_text(ROLL, encoding="utf-8")
    (tmp_path / "c.toml").write_bytes(b"name = '\xff'")

    found, problems = load_stocks([tmp_path])

    assert list(found) == ["cryo-roll-1.28x0.5"]
    assert [problem.file.name for problem in problems] == ["a.toml", "c.toml"]
    assert "line 1" in str(problems[0])


def test_a_site_replaces_a_shipped_stock_by_its_own(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(ROLL.replace("width_mm = 32.51", "width_mm = 33"), encoding="utf-8")

    found, problems = load_stocks([SHIPPED / "stocks", tmp_path])

    assert problems == ()
    assert found["cryo-roll-1.28x0.5"].label_width_mm == 33


def test_two_files_of_one_folder_cannot_have_one_name(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(ROLL, encoding="utf-8")
    (tmp_path / "b.toml").write_text(ROLL, encoding="utf-8")

    assert str(load_stocks([tmp_path])[1][0]) == (
        "b.toml, name: a.toml already has the name cryo-roll-1.28x0.5"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("verified = true\n", "", "verified: This field is missing"),
        ("verified = true", 'verified = "yes"', "verified: 'yes' is neither true nor false"),
        ("columns = 5", "columns = 0", "grid.columns: 0 is not between 1 and 100"),
        ("columns = 5", "columns = 5.5", "grid.columns: 5.5 is not a whole number"),
        ("columns = 5", "columns = 6", "grid.columns: The labels need 237.1 mm, the page has 210.0 mm"),
        ("rows = 16", "rows = 17", "grid.rows: The labels need 300.3 mm, the page has 297.0 mm"),
        ("pitch_x_mm = 38.1", "pitch_x_mm = 30", "grid.pitch_x_mm: Labels overlap"),
        ("pitch_y_mm = 16.9", "pitch_y_mm = 16", "grid.pitch_y_mm: Labels overlap"),
        ("width_mm = 35.6", "width_mm = true", "label.width_mm: True is not a number"),
        ("corner_mm", "korner_mm", "label.korner_mm: This field is not known here"),
        ('medium = "sheet"', 'medium = "disc"', "medium: 'disc' is not one of: sheet, roll"),
        ('title = "', 'title = ""\ntitle2 = "', "title: '' is not a text"),
        ("margin_mm = 0.8", "margin_mm = 9", "label.margin_mm: 9 is not between 0.0 and 4.225"),
    ],
)
def test_what_is_wrong_in_a_stock_is_said_with_its_place(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in SHEET
    assert stock_problem(tmp_path, SHEET.replace(old, new)).startswith(f"own.toml, {said}")


def test_a_part_must_lie_on_its_label(tmp_path: Path) -> None:
    part = (
        '\n[[label.parts]]\nname = "cap"\nx_mm = 30\ny_mm = 0\nwidth_mm = 9\nheight_mm = 9\nshape = "dot"\n'
    )

    said = stock_problem(tmp_path, ROLL + part)

    assert said == "own.toml, label.parts[1]: Part cap lies outside its label"


@pytest.mark.parametrize("field", ["status", "slot", "donor_code", "count", "box"])
def test_what_changes_or_tells_the_donor_is_never_printed_on_a_vial(tmp_path: Path, field: str) -> None:
    said = template_problem(tmp_path, SIDE.replace('fields = ["line"]', f'fields = ["{field}"]'))

    assert said.startswith(f"own.toml, faces[1].lines[3].fields: {field} is never printed on a vial")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("size_pt = 8", "size_pt = 5.5", "faces[1].lines[1].size_pt: 5.5 is not between 6.0 and 200"),
        ('symbology = "qr"', 'symbology = "micro_qr"', "faces[1].symbol.symbology: 'micro_qr' is not one of"),
        ("module_mm_max = 0.43", "module_mm_max = 0.2", "faces[1].symbol.module_mm_max: The largest module"),
        (
            'required = ["statement"]',
            'required = ["line"]',
            "faces[1].lines[5].required: line is not a field",
        ),
        ('fields = ["line"]', "fields = []", "faces[1].lines[3].fields: [] is not a list of texts"),
        ('field = "code"', 'field = "code"\nplace = "centre"', "faces[1].lines: No line can stand beside"),
        ('kind = "vial_side"', "", "kind: This field is missing"),
    ],
)
def test_what_is_wrong_in_a_template_is_said_with_its_place(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in SIDE
    assert template_problem(tmp_path, SIDE.replace(old, new, 1)).startswith(f"own.toml, {said}")
