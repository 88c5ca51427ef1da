"""Where everything stands on a label: the largest symbol and text that fit, and nothing under 6 pt.

Lengths are in points (1/72 in), counted from the top left corner of the label.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from cellbank.core.errors import Invalid
from cellbank.toolkit.labels.codes import QUIET_MODULES, Matrix, matrix
from cellbank.toolkit.labels.fonts import width_em
from cellbank.toolkit.labels.problems import field_title
from cellbank.toolkit.labels.rows import rows_of, widest_em
from cellbank.toolkit.labels.stock import Part, Stock
from cellbank.toolkit.labels.template import SMALLEST_PT, Face, Symbol, Template, TextLine
from cellbank.toolkit.labels.text import is_right_to_left, shape

MM: Final = 72 / 25.4
NOT_FOR_CRYO: Final = "NOT FOR CRYO"
_CRYO_WARNING: Final = TextLine(
    fields=("not_for_cryo",), size_pt=6.5, bold=True, required=("not_for_cryo",), where="foot", align="centre"
)
_COUNT: Final = re.compile(r"\bof\s+\d+\b|\d\s*/\s*\d+\s*$", re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
_OWN_CODE: Final = re.compile(r"[0-9A-Z]{10}")
# A bank may require no statement; one that it does require is never left out.
_MAY_BE_EMPTY: Final = frozenset({"statement"})
_MOST_ROWS: Final = 3
# A cap dot is stuck on by hand, up to 0.75 mm beside the middle.
_DOT_REGISTRATION: Final = 0.75 * MM
# Height of a printed row, and of its baseline, in multiples of the type size.
_ROW_EM: Final = {False: (1.06, 0.83), True: (1.45, 0.95)}
# Free height opens the rows by up to a quarter of theirs.
_LOOSE: Final = 0.25
# First with every line at three quarters of its wished size or more, then down to the floor.
_TIDY: Final = (0.75, 0.0)


@dataclass(frozen=True, slots=True)
class PlacedText:
    """One row of text as it is drawn: shaped, with its left end and baseline."""

    shaped: str
    x: float
    baseline: float
    size_pt: float
    bold: bool


@dataclass(frozen=True, slots=True)
class PlacedSymbol:
    """One symbol: its dark square's top left corner and a module's side, a whole number of dots."""

    modules: Matrix
    x: float
    y: float
    module: float


@dataclass(frozen=True, slots=True)
class Layout:
    """A label ready to be drawn, and the optional fields that found no room."""

    texts: tuple[PlacedText, ...]
    symbols: tuple[PlacedSymbol, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Area:
    """The rectangle that may be printed: white reaches to the edge, ink only to the margin."""

    x: float
    y: float
    width: float
    height: float
    margin: float


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A line that is to be printed: its text, in how many rows."""

    line: TextLine
    fields: tuple[str, ...]
    values: tuple[str, ...]
    is_rtl: bool
    rows: int = 1

    @property
    def text(self) -> str:
        return "  ".join(self.values)

    @property
    def row_em(self) -> float:
        return _ROW_EM[self.is_rtl][0]


@dataclass(frozen=True, slots=True)
class _Room:
    """One way to divide an area: symbol, share of the wished type sizes, and the column beside."""

    module: float
    scale: float
    symbol_x: float
    symbol_y: float
    column_x: float
    column_width: float
    band_top: float
    band_height: float


def arrange(label: Mapping[str, str], stock: Stock, template: Template, dpi: int | None = None) -> Layout:
    """Place a label's fields on one label of a stock; `dpi` is the printer's, by default the stock's.

    :raises Invalid: naming the field that is missing, too long, or not allowed on a vial.
    """
    unfit = template.unfit_part(stock)
    if unfit is not None:
        raise Invalid(
            "Template {template} is not made for {stock}", template=template.title, stock=stock.title
        )
    _check_values(label, template)
    texts: list[PlacedText] = []
    symbols: list[PlacedSymbol] = []
    left_out: list[str] = []
    for n, face in enumerate(template.faces):
        part = stock.part_for(face.on)
        if part is None:  # refused above; this is for the type
            continue
        wanted = _wanted_lines(label, face, part)
        if n == 0 and template.is_for_vials and not stock.is_cryo_rated:
            wanted.append(_Wanted(_CRYO_WARNING, _CRYO_WARNING.fields, (NOT_FOR_CRYO,), is_rtl=False))
        modules = matrix(label[face.symbol.field], face.symbol.symbology) if face.symbol else None
        placed = _fill(_area(part, stock), face.symbol, modules, wanted, 72 / (dpi or stock.dpi))
        texts += placed.texts
        symbols += placed.symbols
        left_out += placed.left_out
    return Layout(tuple(texts), tuple(symbols), tuple(left_out))


def spaced_code(code: str) -> str:
    """Return a code as people read it: the bank's own as CV 7K3M 9QX 2, any other as it is."""
    return f"{code[:2]} {code[2:6]} {code[6:9]} {code[9]}" if _OWN_CODE.fullmatch(code) else code


def _check_values(label: Mapping[str, str], template: Template) -> None:
    for field in template.required_fields:
        if not label.get(field, "").strip() and field not in _MAY_BE_EMPTY:
            raise Invalid("{name} is missing", field=field, name=field_title(field))
    for field in template.fields:
        value = label.get(field, "")
        if _CONTROL.search(value):
            raise Invalid(
                "{name} has a line break or another invisible sign",
                field=field,
                name=field_title(field),
            )
        if template.is_for_vials and field in {"lot_number", "number", "lot_tail"} and _COUNT.search(value):
            raise Invalid(
                "{name} counts the vials of a lot: print the number alone",
                field=field,
                name=field_title(field),
            )


def _wanted(line: TextLine, fields: tuple[str, ...], values: tuple[str, ...]) -> _Wanted:
    return _Wanted(line, fields, values, line.is_persian or any(map(is_right_to_left, values)))


def _wanted_lines(label: Mapping[str, str], face: Face, part: Part) -> list[_Wanted]:
    wanted: list[_Wanted] = []
    for line in face.lines:
        if line.is_persian and not face.prints_persian(part):
            continue
        fields = tuple(field for field in line.fields if label.get(field, "").strip())
        if fields:
            values = tuple(label[field].strip() for field in fields)
            printed = tuple(
                spaced_code(value) if field == "code" else value
                for field, value in zip(fields, values, strict=True)
            )
            wanted.append(_wanted(line, fields, printed))
    return wanted


def _area(part: Part, stock: Stock) -> _Area:
    if part.shape == "rectangle":
        return _Area(
            part.x_mm * MM, part.y_mm * MM, part.width_mm * MM, part.height_mm * MM, stock.margin_mm * MM
        )
    usable = (part.width_mm * MM - 2 * _DOT_REGISTRATION) / math.sqrt(2)
    inset = (part.width_mm * MM - usable) / 2
    return _Area(part.x_mm * MM + inset, part.y_mm * MM + inset, usable, usable, 0.0)


def _fill(
    area: _Area, symbol: Symbol | None, modules: Matrix | None, wanted: list[_Wanted], dot: float
) -> Layout:
    """Try until it fits: smaller symbol and more rows first, then without the least important fields."""
    left_out: list[str] = []
    while True:
        tight: _Wanted | None = None
        for least_share in _TIDY:
            for module in _module_sizes(area, symbol, modules, dot):
                rooms_for = (area, symbol, len(modules) if modules else 0, module)
                placed, tight = _try(rooms_for, wanted, least_share)
                if placed is not None:
                    room, final = placed
                    return Layout(
                        tuple(_texts(area, room, final, least_share)),
                        (PlacedSymbol(modules, room.symbol_x, room.symbol_y, module),) if modules else (),
                        tuple(left_out),
                    )
        wanted, gone = _without_least_important(wanted, tight, symbol)
        left_out += gone


def _module_sizes(area: _Area, symbol: Symbol | None, modules: Matrix | None, dot: float) -> list[float]:
    """Module sides to try, largest first, each a whole number of printer dots; 0 where there is no symbol."""
    if symbol is None or modules is None:
        return [0.0]
    count = len(modules)
    quiet = QUIET_MODULES[symbol.symbology]
    side = min(area.width, area.height)
    most = min(symbol.module_mm_max * MM, side / (count + 2 * quiet), (side - 2 * area.margin) / count)
    # A dot of rounding: 0.25 mm is meant to be three dots of a 300 dpi printer (0.254), two of a 203 dpi one.
    least = max(1, math.ceil(symbol.module_mm_min * MM / dot - 0.02))
    sizes = [dots * dot for dots in range(math.floor(most / dot + 1e-6), least - 1, -1)]
    if not sizes:
        raise Invalid(
            "The symbol of {name} does not fit on this label",
            field=symbol.field,
            name=field_title(symbol.field),
        )
    return sizes


def _try(
    rooms_for: tuple[_Area, Symbol | None, int, float], wanted: list[_Wanted], least_share: float
) -> tuple[tuple[_Room, list[_Wanted]] | None, _Wanted | None]:
    """Try one symbol size, breaking lines into rows where that helps; else name the line that is too long."""
    lines = list(wanted)
    while True:
        key = tuple((want.line, want.rows, want.is_rtl) for want in lines)
        room = _room(*rooms_for, key, least_share)
        if room is None:
            return None, None
        tight = next(
            (n for n, want in enumerate(lines) if _size(rooms_for[0], room, want, least_share) is None), None
        )
        if tight is None:
            return (room, lines), None
        want = lines[tight]
        if not want.line.may_wrap or want.rows == min(_MOST_ROWS, len(want.text.split())):
            return None, want
        lines[tight] = replace(want, rows=want.rows + 1)


@lru_cache(maxsize=1024)
def _room(  # noqa: PLR0917 - all of them are the key of the cache
    area: _Area,
    symbol: Symbol | None,
    count: int,
    module: float,
    lines: tuple[tuple[TextLine, int, bool], ...],
    least_share: float,
) -> _Room | None:
    """Divide the area for one symbol size with the largest type that fits in height; None if none does."""
    quiet = QUIET_MODULES[symbol.symbology] * module if symbol else 0.0
    box = count * module + 2 * quiet
    inner = area.height - 2 * area.margin
    for percent in range(100, 9, -5):
        scale = percent / 100
        if any(_scaled(line, scale) < least_share * line.size_pt for line, _, _ in lines):
            return None
        heights = {"head": 0.0, "beside": 0.0, "foot": 0.0}
        for line, rows, is_rtl in lines:
            heights[line.where] += rows * _scaled(line, scale) * _ROW_EM[is_rtl][0]
        band_top = area.margin + heights["head"] if heights["head"] else 0.0
        band_end = area.height - (area.margin + heights["foot"] if heights["foot"] else 0.0)
        if heights["head"] + heights["foot"] + max(heights["beside"], count * module) > inner + 1e-6:
            continue
        if box > band_end - band_top + 1e-6:
            continue
        in_centre = symbol is not None and symbol.place == "centre"
        symbol_x = (area.width - count * module) / 2 if in_centre else max(area.margin, quiet)
        column_x = symbol_x + count * module + max(quiet, area.margin) if symbol else area.margin
        middle = (band_top + band_end) / 2
        symbol_y = min(
            max(middle - count * module / 2, area.margin), area.height - area.margin - count * module
        )
        top, end = max(band_top, area.margin), min(band_end, area.height - area.margin)
        return _Room(
            module=module,
            scale=scale,
            symbol_x=area.x + symbol_x,
            symbol_y=area.y + symbol_y,
            column_x=column_x,
            column_width=area.width - area.margin - column_x,
            band_top=top,
            band_height=end - top,
        )
    return None


def _scaled(line: TextLine, scale: float) -> float:
    return max(SMALLEST_PT, line.size_pt * scale)


def _size(area: _Area, room: _Room, want: _Wanted, least_share: float) -> float | None:
    """Return the type size at which all rows of a line fit in width, or None if that is too small."""
    width = room.column_width if want.line.where == "beside" else area.width - 2 * area.margin
    widest = widest_em(want.text, want.rows, bold=want.line.bold)
    size = min(_scaled(want.line, room.scale), width / widest if widest else math.inf)
    least = max(SMALLEST_PT, least_share * want.line.size_pt)
    return size if size >= least - 1e-6 else None


def _without_least_important(
    wanted: list[_Wanted], tight: _Wanted | None, symbol: Symbol | None
) -> tuple[list[_Wanted], list[str]]:
    """Leave out a field of the line that is too long, or else the last field that is not required.

    :raises Invalid: naming the field for which there is no room.
    """
    place = _place_of_line(wanted, tight)
    if place is None:
        field = wanted[-1].fields[-1] if wanted else (symbol.field if symbol else "")
        raise Invalid("There is no room for {name} on this label", field=field, name=field_title(field))
    long = wanted[place]
    optional = _optional_places(long)
    if not optional:
        raise Invalid(
            "{name} is too long for this label: {value}",
            field=long.fields[-1],
            name=field_title(long.fields[-1]),
            value=long.text,
        )
    gone = optional[-1]
    fields = long.fields[:gone] + long.fields[gone + 1 :]
    values = long.values[:gone] + long.values[gone + 1 :]
    shorter = [_wanted(long.line, fields, values)] if fields else []
    return [*wanted[:place], *shorter, *wanted[place + 1 :]], [long.fields[gone]]


def _place_of_line(wanted: list[_Wanted], tight: _Wanted | None) -> int | None:
    """Return which line has to give way: the too long one, or else the last with an optional field."""
    if tight is not None:
        return next(n for n, want in enumerate(wanted) if want.line == tight.line)
    return next((n for n in range(len(wanted) - 1, -1, -1) if _optional_places(wanted[n])), None)


def _optional_places(want: _Wanted) -> list[int]:
    return [n for n, field in enumerate(want.fields) if field not in want.line.required]


def _texts(area: _Area, room: _Room, wanted: list[_Wanted], least_share: float) -> Iterator[PlacedText]:
    """Give each row its place: head from above, foot from below, the others in the middle of the band."""
    sizes = {id(want): _size(area, room, want, least_share) or SMALLEST_PT for want in wanted}

    def height(where: str) -> float:
        return sum(want.rows * sizes[id(want)] * want.row_em for want in wanted if want.line.where == where)

    count = sum(want.rows for want in wanted if want.line.where == "beside")
    slack = room.band_height - height("beside")
    gap = min(slack / (count + 1), _LOOSE * height("beside") / count) if count else 0.0
    tops = {
        "head": area.margin,
        "beside": room.band_top + (slack - gap * (count - 1)) / 2,
        "foot": area.height - area.margin - height("foot"),
    }
    for want in wanted:
        size = sizes[id(want)]
        beside = want.line.where == "beside"
        left = room.column_x if beside else area.margin
        width = room.column_width if beside else area.width - 2 * area.margin
        align = "end" if want.line.is_persian and want.line.align == "start" else want.line.align
        for row in rows_of(want.text, want.rows, bold=want.line.bold):
            shaped = shape(row)
            free = width - size * width_em(shaped, bold=want.line.bold)
            x = left + free * {"start": 0.0, "centre": 0.5, "end": 1.0}[align]
            baseline = tops[want.line.where] + size * _ROW_EM[want.is_rtl][1]
            yield PlacedText(shaped, area.x + x, area.y + baseline, size, want.line.bold)
            tops[want.line.where] += size * want.row_em + (gap if beside else 0.0)
