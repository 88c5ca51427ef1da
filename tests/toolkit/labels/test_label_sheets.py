"""Printed labels: each is read back by a real decoder, in its place on the page."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from cellbank.core.errors import Invalid
from cellbank.toolkit.labels import (
    Calibration,
    Label,
    Stock,
    Template,
    arrange,
    bitmap,
    calibration_page,
    check,
    load_stocks,
    load_templates,
    page_count,
    picture,
    preview,
    sheet,
    width_em,
)
from tests.toolkit.labels.conftest import SHIPPED
from tests.toolkit.labels.reading_back import codes_in, cut_out, on_a_cylinder, with_frost

STOCKS = load_stocks([SHIPPED / "stocks"])[0]
TEMPLATES = load_templates([SHIPPED / "templates"])[0]
FITTING = sorted(
    (stock.name, template.name)
    for stock in STOCKS.values()
    for template in TEMPLATES.values()
    if template.fits(stock)
)
CODED = [pair for pair in FITTING if any(face.symbol for face in TEMPLATES[pair[1]].faces)]
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def run_of(label: Label, count: int) -> list[Label]:
    """Labels of one print run, each with a code and a number of its own."""
    chance = np.random.default_rng(count)
    return [
        Label(
            label,
            code="CV" + "".join(chance.choice(list(ALPHABET), 8)),
            lot_number=f"MCB-0042-{n:03}",
            number=f"{n:03}",
        )
        for n in range(1, count + 1)
    ]


def text_of(pdf: bytes, page: int = 0) -> str:
    return str(pypdfium2.PdfDocument(pdf)[page].get_textpage().get_text_bounded())


@pytest.fixture(scope="session")
def values(vial: Label, card: Label) -> Label:
    return Label({**vial, **card, "owner": "Royan"})


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize(("stock_name", "template_name"), CODED)
def test_every_label_of_a_sheet_is_read_back(
    values: Label, stock_name: str, template_name: str, dpi: int
) -> None:
    stock, template = STOCKS[stock_name], TEMPLATES[template_name]
    labels = run_of(values, stock.labels_per_page)
    symbols = sum(face.symbol is not None for face in template.faces)

    page = picture(sheet(labels, stock, template, dpi=dpi), dpi)

    for place, label in enumerate(labels):
        assert codes_in(cut_out(page, stock, place, dpi)) == [label["code"]] * symbols, place


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize(("stock_name", "template_name"), CODED)
def test_a_label_laid_out_for_another_printer_is_read_back_too(
    values: Label, stock_name: str, template_name: str, dpi: int
) -> None:
    stock, template = STOCKS[stock_name], TEMPLATES[template_name]
    (label,) = run_of(values, 1)

    page = bitmap(sheet([label], stock, template), dpi)

    assert set(codes_in(cut_out(page.convert("L"), stock, 0, dpi))) == {label["code"]}


def test_each_shipped_pair_prints_and_says_what_it_leaves_out(values: Label) -> None:
    left_out = {pair: arrange(values, STOCKS[pair[0]], TEMPLATES[pair[1]]).left_out for pair in FITTING}

    assert left_out["cryo-roll-1.28x0.5", "vial-side"] == ()
    assert left_out["tough-tags-ttlw-2016", "vial-side"] == ()
    assert "frozen_on" in left_out["avery-l4730", "vial-side-small"]


def test_nothing_is_set_smaller_than_six_points(values: Label) -> None:
    for stock_name, template_name in FITTING:
        layout = arrange(values, STOCKS[stock_name], TEMPLATES[template_name])
        assert all(text.size_pt >= 6 for text in layout.texts)


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_modules_are_whole_printer_dots(values: Label, dpi: int) -> None:
    for stock_name, template_name in CODED:
        for symbol in arrange(values, STOCKS[stock_name], TEMPLATES[template_name], dpi).symbols:
            dots = symbol.module / 72 * dpi
            assert dots == pytest.approx(round(dots))
            assert dots >= 2


def test_at_the_printers_resolution_no_module_is_blurred(
    stocks: dict[str, Stock], templates: dict[str, Template], vial: Label
) -> None:
    stock = stocks["cryo-roll-1.28x0.5-dot"]
    page = np.asarray(picture(sheet([vial], stock, templates["cap-code"]), 300))

    assert set(np.unique(page)) == {0, 255}


def test_printing_starts_at_any_label_of_a_used_sheet(
    stocks: dict[str, Stock], templates: dict[str, Template], vial: Label
) -> None:
    stock, labels = stocks["tough-tags-ttlw-2016"], run_of(vial, 5)

    pdf = sheet(labels, stock, templates["vial-side"], start_at=83)

    assert page_count(pdf) == 2
    first, second = picture(pdf, 300), picture(pdf, 300, page=1)
    assert codes_in(cut_out(first, stock, 81, 300)) == []
    assert [codes_in(cut_out(first, stock, place, 300)) for place in (82, 83, 84)] == [
        [label["code"]] for label in labels[:3]
    ]
    assert [codes_in(cut_out(second, stock, place, 300)) for place in (0, 1, 2)] == [
        [labels[3]["code"]],
        [labels[4]["code"]],
        [],
    ]


def test_a_full_sheet_leaves_no_empty_page_behind(
    stocks: dict[str, Stock], templates: dict[str, Template], vial: Label
) -> None:
    assert page_count(sheet(run_of(vial, 85), stocks["tough-tags-ttlw-2016"], templates["vial-side"])) == 1
    assert page_count(sheet(run_of(vial, 86), stocks["tough-tags-ttlw-2016"], templates["vial-side"])) == 2


@pytest.mark.parametrize("start_at", [0, 86, -1])
def test_a_sheet_has_no_such_label(
    stocks: dict[str, Stock], templates: dict[str, Template], vial: Label, start_at: int
) -> None:
    with pytest.raises(Invalid, match="has labels 1 to 85"):
        sheet([vial], stocks["tough-tags-ttlw-2016"], templates["vial-side"], start_at=start_at)


def test_a_roll_is_printed_one_label_a_page(
    stocks: dict[str, Stock], templates: dict[str, Template], vial: Label
) -> None:
    labels = run_of(vial, 3)
    pdf = sheet(labels, stocks["cryo-roll-1.28x0.5"], templates["vial-side"])

    assert page_count(pdf) == 3
    assert [codes_in(picture(pdf, 300, page)) for page in range(3)] == [[label["code"]] for label in labels]
    assert picture(pdf, 300).size == pytest.approx((32.51 / 25.4 * 300, 150), abs=1)


def test_the_same_labels_give_the_same_bytes(
    stocks: dict[str, Stock], templates: dict[str, Template], vial: Label
) -> None:
    one, two = (sheet([vial], stocks["avery-l4732"], templates["vial-side"]) for _ in range(2))
    assert one == two


def test_office_stock_says_not_for_cryo_on_every_vial_label_and_cryo_stock_does_not(
    stocks: dict[str, Stock], templates: dict[str, Template], values: Label
) -> None:
    for name, template in [("avery-l4732", "vial-side"), ("avery-l4731", "vial-side-small"),
                           ("avery-l4730", "vial-side-small")]:  # fmt: skip
        printed = text_of(sheet(run_of(values, 3), stocks[name], templates[template]))
        assert printed.count("NOT FOR CRYO") == 3
    assert "NOT FOR" not in text_of(sheet([values], stocks["tough-tags-ttlw-2016"], templates["vial-side"]))
    assert "NOT FOR" not in text_of(sheet([values], stocks["a4-cards-2x4"], templates["box"]))


def test_a_vial_label_prints_its_fields_in_order_of_precedence(
    stocks: dict[str, Stock], templates: dict[str, Template], vial: Label
) -> None:
    printed = text_of(sheet([vial], stocks["cryo-roll-1.28x0.5"], templates["vial-side"]))

    wanted = ["CV 7K3M 9QX 2", "MCB-0042-017", "RCB-iPSC-012", "p12+3", "2026-11-22", "Royan", "Research use"]
    places = [printed.find(text) for text in wanted]
    assert -1 not in places
    assert places == sorted(places)


def test_the_persian_line_is_left_off_under_13_mm_and_printed_above(
    stocks: dict[str, Stock], templates: dict[str, Template], vial: Label
) -> None:
    short = Label({name: text for name, text in vial.items() if name not in {"frozen_on", "owner"}})

    def persian_rows(stock: Stock) -> int:
        layout = arrange(short, stock, templates["vial-side"])
        return sum(any("\ufb50" <= sign <= "\ufefc" for sign in text.shaped) for text in layout.texts)

    assert persian_rows(stocks["cryo-roll-1.28x0.5"]) == 0
    taller = replace(stocks["a4-cards-2x4"], label_height_mm=25.0, rated_c_min=-196, margin_mm=0.6)
    part = replace(taller.parts[0], width_mm=35.0, height_mm=25.0)
    assert persian_rows(replace(taller, parts=(part,))) == 1


@pytest.mark.parametrize("field", ["lot_number", "line", "statement"])
def test_a_required_text_that_is_too_long_is_refused_by_name(
    stocks: dict[str, Stock], templates: dict[str, Template], vial: Label, field: str
) -> None:
    label = Label(vial, **{field: "A very long text that no vial label of this world can hold, " * 2})

    with pytest.raises(Invalid, match=r"is too long for this label|There is no room for") as refused:
        arrange(label, stocks["cryo-roll-1.28x0.5"], templates["vial-side"])

    assert refused.value.field == field


def test_an_optional_text_that_is_too_long_is_left_out(
    stocks: dict[str, Stock], templates: dict[str, Template], vial: Label
) -> None:
    label = Label(vial, owner="The Institute of Very Long Names and Longer Addresses")

    layout = arrange(label, stocks["cryo-roll-1.28x0.5"], templates["vial-side"])

    assert layout.left_out == ("owner",)
    assert any("Research use only" in text.shaped for text in layout.texts)


def test_a_long_statement_takes_two_rows_and_less_important_fields_give_way(
    stocks: dict[str, Stock], templates: dict[str, Template], vial: Label
) -> None:
    label = Label(vial, statement="Not evaluated for infectious substances")

    layout = arrange(label, stocks["cryo-roll-1.28x0.5"], templates["vial-side"])

    rows = [text.shaped for text in layout.texts]
    assert rows[-2:] == ["Not evaluated for", "infectious substances"]
    assert layout.left_out == ("owner", "frozen_on", "passage")


def test_nothing_is_drawn_outside_its_label_or_over_another_line(values: Label) -> None:
    for stock_name, template_name in FITTING:
        stock = STOCKS[stock_name]
        layout = arrange(values, stock, TEMPLATES[template_name])
        boxes = []
        for text in layout.texts:
            right = text.x + text.size_pt * width_em(text.shaped, bold=text.bold)
            boxes.append((text.x, text.baseline - 0.72 * text.size_pt, right, text.baseline))
        for symbol in layout.symbols:
            side = symbol.module * len(symbol.modules)
            boxes.append((symbol.x, symbol.y, symbol.x + side, symbol.y + side))
        width, height = (mm / 25.4 * 72 for mm in (stock.label_width_mm, stock.label_height_mm))
        for n, (left, top, right, bottom) in enumerate(boxes):
            assert left >= 0, (stock_name, template_name)
            assert top >= 0, (stock_name, template_name)
            assert right <= width, (stock_name, template_name)
            assert bottom <= height, (stock_name, template_name)
            for other in boxes[n + 1 :]:
                apart = right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
                assert apart, (stock_name, template_name)


def test_a_label_without_a_required_field_is_refused_by_name(
    stocks: dict[str, Stock], templates: dict[str, Template], vial: Label
) -> None:
    for field in ("code", "lot_number", "line"):
        with pytest.raises(Invalid, match="is missing") as refused:
            arrange(Label(vial, **{field: "  "}), stocks["cryo-roll-1.28x0.5"], templates["vial-side"])
        assert refused.value.field == field


@pytest.mark.parametrize("number", ["MCB-0042 17 of 20", "MCB-0042-017/20"])
def test_a_vial_is_never_numbered_of_so_many(
    stocks: dict[str, Stock], templates: dict[str, Template], vial: Label, number: str
) -> None:
    with pytest.raises(Invalid, match="print the number alone"):
        arrange(Label(vial, lot_number=number), stocks["cryo-roll-1.28x0.5"], templates["vial-side"])


def test_a_sign_that_the_typeface_lacks_is_refused(
    stocks: dict[str, Stock], templates: dict[str, Template], vial: Label
) -> None:
    with pytest.raises(Invalid, match=r"U\+4E2D"):
        arrange(Label(vial, line="中"), stocks["cryo-roll-1.28x0.5"], templates["vial-side"])


def test_a_template_is_refused_on_stock_it_is_not_made_for(
    stocks: dict[str, Stock], templates: dict[str, Template], values: Label
) -> None:
    for stock_name, template_name in [
        ("cryo-roll-1.28x0.5", "cap-code"),
        ("cryo-roll-1.28x0.5", "box"),
        ("cap-dots-9185-1000", "vial-side"),
        ("cryo-roll-1.28x0.5", "vial-side-and-cap"),
    ]:
        with pytest.raises(Invalid, match="is not made for"):
            sheet([values], stocks[stock_name], templates[template_name])


def test_a_run_is_checked_whole_before_paper_is_used(
    stocks: dict[str, Stock], templates: dict[str, Template], vial: Label
) -> None:
    labels = run_of(vial, 4)
    labels[2] = Label(labels[2], line="x" * 60)

    problems = check(labels, stocks["cryo-roll-1.28x0.5"], templates["vial-side"])

    assert [(problem.number, str(problem.message)[:15]) for problem in problems] == [(3, "Cell line is to")]


def test_the_calibration_page_shows_outlines_and_millimetres(stocks: dict[str, Stock]) -> None:
    stock = stocks["avery-l4732"]
    page = np.asarray(picture(calibration_page(stock), 300)) < 200
    mm = 300 / 25.4

    top_ruler = page[round(1.5 * mm), :]
    assert np.flatnonzero(np.diff(top_ruler.astype(int)) == 1).size == pytest.approx(210, abs=3)
    left_edge = page[round(15 * mm) : round(28 * mm), round(11 * mm) - 2 : round(11 * mm) + 3]
    assert left_edge.any(axis=1).mean() > 0.95


def test_a_printers_shift_moves_all_labels(
    stocks: dict[str, Stock], templates: dict[str, Template], vial: Label
) -> None:
    stock = stocks["tough-tags-ttlw-2016"]

    def first_ink(calibration: Calibration) -> tuple[float, float]:
        page = np.asarray(picture(sheet([vial], stock, templates["vial-side"], calibration=calibration), 300))
        rows, columns = np.nonzero(page < 128)
        return columns.min() / 300 * 25.4, rows.min() / 300 * 25.4

    x, y = first_ink(Calibration())
    moved_x, moved_y = first_ink(Calibration(shift_x_mm=2, shift_y_mm=1))
    assert (moved_x - x, moved_y - y) == pytest.approx((2, 1), abs=0.1)


def test_a_preview_shows_one_label_alone(
    stocks: dict[str, Stock], templates: dict[str, Template], vial: Label
) -> None:
    shown = Image.open(io.BytesIO(preview(vial, stocks["avery-l4732"], templates["vial-side"])))

    assert shown.size == pytest.approx((35.6 / 25.4 * 300, 16.9 / 25.4 * 300), abs=1)
    assert codes_in(shown) == ["CV7K3M9QX2"]


def test_a_label_cannot_be_changed_and_can_be_compared(vial: Label) -> None:
    assert vial == Label(dict(vial))
    assert hash(vial) == hash(Label(dict(vial)))
    with pytest.raises(TypeError):
        vial["code"] = "other"


@pytest.mark.parametrize("diameter_mm", [8, 10, 12.5])
@pytest.mark.parametrize(
    ("stock_name", "template_name"),
    [
        ("cryo-roll-1.28x0.5", "vial-side"),
        ("tough-tags-ttlw-2016", "vial-side"),
        ("avery-l4731", "vial-side-small"),
    ],
)
def test_a_side_label_is_read_around_a_vial(
    vial: Label, stock_name: str, template_name: str, diameter_mm: float
) -> None:
    stock, template = STOCKS[stock_name], TEMPLATES[template_name]
    for label in run_of(vial, 10):
        (symbol,) = arrange(label, stock, template, 600).symbols
        facing = (symbol.x + symbol.module * len(symbol.modules) / 2) / 72 * 25.4
        flat = cut_out(picture(sheet([label], stock, template, dpi=600), 600), stock, 0, 600)

        assert codes_in(on_a_cylinder(flat, diameter_mm, 600, facing)) == [label["code"]]


def test_a_cap_code_is_read_with_five_percent_under_frost(vial: Label) -> None:
    stock, template = STOCKS["cap-dots-9185-1000"], TEMPLATES["cap-code"]
    labels = run_of(vial, 192)
    page = picture(sheet(labels, stock, template), 600)
    read = 0
    for place, label in enumerate(labels):
        (symbol,) = arrange(label, stock, template).symbols
        side = symbol.module * len(symbol.modules)
        box = [edge / 72 * 600 for edge in (symbol.x, symbol.y, symbol.x + side, symbol.y + side)]
        frosted = with_frost(cut_out(page, stock, place, 600), (box[0], box[1], box[2], box[3]), 0.05, place)
        found = codes_in(frosted)
        assert found in ([], [label["code"]])  # unread, never wrong
        read += found != []
    assert read >= 0.95 * len(labels)


def test_label_files_are_found_by_their_folder_alone(tmp_path: Path) -> None:
    assert load_stocks([tmp_path]) == ({}, ())
    assert load_stocks([tmp_path / "absent"]) == ({}, ())
