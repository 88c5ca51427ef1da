"""Label stocks: what is bought. A sheet or a roll, where its labels lie, and what cold its glue stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypedDict, cast

from cellbank.core.errors import Message
from cellbank.toolkit.labels.problems import FileProblem
from cellbank.toolkit.labels.reading import Table, read_folders

Medium = Literal["sheet", "roll"]
Shape = Literal["rectangle", "dot"]
Surface = Literal["dry", "frosted", "any"]

LIQUID_NITROGEN_C: Final = -196
# Printers place the first label up to this far from where the file says; a grid may not need more.
_ROUNDING_MM: Final = 0.05


@dataclass(frozen=True, slots=True)
class Part:
    """A separate piece of one label, such as its side or cap dot, placed from the label's top left corner."""

    name: str
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float
    shape: Shape


@dataclass(frozen=True, slots=True)
class Stock:
    """One kind of label as it is bought; lengths in millimetres, counted from the page's top left corner."""

    name: str
    title: str
    medium: Medium
    page_width_mm: float
    page_height_mm: float
    columns: int
    rows: int
    left_mm: float
    top_mm: float
    pitch_x_mm: float
    pitch_y_mm: float
    label_width_mm: float
    label_height_mm: float
    corner_mm: float
    margin_mm: float
    parts: tuple[Part, ...]
    dpi: int
    verified: bool
    rated_c_min: int | None
    apply_to: Surface
    fits_diameter_mm: tuple[float, ...]
    source: str

    @property
    def labels_per_page(self) -> int:
        """How many labels one page holds; 1 on a roll."""
        return self.columns * self.rows

    @property
    def is_cryo_rated(self) -> bool:
        """Whether the maker rates the label for liquid nitrogen (−196 °C)."""
        return self.rated_c_min is not None and self.rated_c_min <= LIQUID_NITROGEN_C

    def corner_of(self, place: int) -> tuple[float, float]:
        """Return the top left corner (mm) of the label at a place, counted from 0 along the rows."""
        row, column = divmod(place, self.columns)
        return self.left_mm + column * self.pitch_x_mm, self.top_mm + row * self.pitch_y_mm

    def part_for(self, name: str) -> Part | None:
        """Return the part a drawing is meant for; a label of one undivided part takes any drawing."""
        if len(self.parts) == 1 and self.parts[0].name == "whole":
            return self.parts[0]
        return next((part for part in self.parts if part.name == name), None)


def load_stocks(folders: Iterable[Path]) -> tuple[dict[str, Stock], tuple[FileProblem, ...]]:
    """Read the stocks of some folders by name; files that are wrong are left out and told."""
    return read_folders(folders, read_stock, lambda stock: stock.name)


def read_stock(table: Table) -> Stock:
    """Check one stock file and return the stock.

    :raises WrongField: naming the field that is missing, unknown, of the wrong kind or does not fit.
    """
    medium = cast("Medium", table.choice("medium", ("sheet", "roll")))
    label = table.table("label")
    width, height = label.number("width_mm", least=3), label.number("height_mm", least=3)
    parts = tuple(_read_part(part) for part in label.tables("parts"))
    shape = cast("Shape", label.choice("shape", ("rectangle", "dot"), "rectangle"))
    if shape == "dot" and width != height:
        raise label.refuse("height_mm", Message("A dot must be as high as it is wide"))
    corner_mm = label.number("corner_mm", 0.0, most=min(width, height) / 2)
    margin_mm = label.number("margin_mm", 0.6, most=min(width, height) / 4)
    page = _read_sheet(table) if medium == "sheet" else _roll_page(width, height)
    stock = Stock(
        name=table.text("name"),
        title=table.text("title"),
        medium=medium,
        **page,
        label_width_mm=width,
        label_height_mm=height,
        corner_mm=corner_mm,
        margin_mm=margin_mm,
        parts=parts or (Part("whole", 0.0, 0.0, width, height, shape),),
        dpi=table.whole("dpi", 300, least=150, most=2400),
        verified=table.flag("verified"),
        rated_c_min=table.whole("rated_c_min", least=-273, most=200) if table.has("rated_c_min") else None,
        apply_to=cast("Surface", table.choice("apply_to", ("dry", "frosted", "any"))),
        fits_diameter_mm=table.numbers("fits_diameter_mm", ()),
        source=table.text("source", ""),
    )
    label.done()
    table.done()
    _check_it_fits(stock, table, label)
    return stock


def _read_part(table: Table) -> Part:
    part = Part(
        name=table.text("name"),
        x_mm=table.number("x_mm"),
        y_mm=table.number("y_mm"),
        width_mm=table.number("width_mm", least=3),
        height_mm=table.number("height_mm", least=3),
        shape=cast("Shape", table.choice("shape", ("rectangle", "dot"), "rectangle")),
    )
    if part.shape == "dot" and part.width_mm != part.height_mm:
        raise table.refuse("height_mm", Message("A dot must be as high as it is wide"))
    table.done()
    return part


class _Page(TypedDict):
    """The page, and where labels lie on it."""

    page_width_mm: float
    page_height_mm: float
    columns: int
    rows: int
    left_mm: float
    top_mm: float
    pitch_x_mm: float
    pitch_y_mm: float


def _read_sheet(table: Table) -> _Page:
    page, grid = table.table("page"), table.table("grid")
    values: _Page = {
        "page_width_mm": page.number("width_mm", least=20),
        "page_height_mm": page.number("height_mm", least=20),
        "columns": grid.whole("columns", most=100),
        "rows": grid.whole("rows", most=100),
        "left_mm": grid.number("left_mm"),
        "top_mm": grid.number("top_mm"),
        "pitch_x_mm": grid.number("pitch_x_mm"),
        "pitch_y_mm": grid.number("pitch_y_mm"),
    }
    page.done()
    grid.done()
    return values


def _roll_page(width_mm: float, height_mm: float) -> _Page:
    """A roll is printed one label a page, and the page is the label."""
    return {
        "page_width_mm": width_mm,
        "page_height_mm": height_mm,
        "columns": 1,
        "rows": 1,
        "left_mm": 0.0,
        "top_mm": 0.0,
        "pitch_x_mm": width_mm,
        "pitch_y_mm": height_mm,
    }


def _check_it_fits(stock: Stock, table: Table, label: Table) -> None:
    """Refuse labels that overlap, leave the page, or have parts outside themselves."""
    right = stock.left_mm + (stock.columns - 1) * stock.pitch_x_mm + stock.label_width_mm
    bottom = stock.top_mm + (stock.rows - 1) * stock.pitch_y_mm + stock.label_height_mm
    if stock.columns > 1 and stock.pitch_x_mm < stock.label_width_mm - _ROUNDING_MM:
        raise table.refuse("grid.pitch_x_mm", _overlap(stock.pitch_x_mm, stock.label_width_mm))
    if stock.rows > 1 and stock.pitch_y_mm < stock.label_height_mm - _ROUNDING_MM:
        raise table.refuse("grid.pitch_y_mm", _overlap(stock.pitch_y_mm, stock.label_height_mm))
    if right > stock.page_width_mm + _ROUNDING_MM:
        raise table.refuse("grid.columns", _beyond(right, stock.page_width_mm))
    if bottom > stock.page_height_mm + _ROUNDING_MM:
        raise table.refuse("grid.rows", _beyond(bottom, stock.page_height_mm))
    names: set[str] = set()
    for n, part in enumerate(stock.parts, start=1):
        place = f"parts[{n}]"
        if part.name in names:
            raise label.refuse(
                f"{place}.name", Message("Two parts have the name {name}", {"name": part.name})
            )
        names.add(part.name)
        if (
            part.x_mm + part.width_mm > stock.label_width_mm + _ROUNDING_MM
            or part.y_mm + part.height_mm > stock.label_height_mm + _ROUNDING_MM
        ):
            raise label.refuse(place, Message("Part {name} lies outside its label", {"name": part.name}))


def _overlap(pitch: float, size: float) -> Message:
    values = {"pitch": pitch, "size": size}
    return Message("Labels overlap: the pitch {pitch} is smaller than the label's {size}", values)


def _beyond(needed: float, page: float) -> Message:
    return Message(
        "The labels need {needed} mm, the page has {page} mm", {"needed": round(needed, 2), "page": page}
    )
