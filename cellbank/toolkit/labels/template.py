"""Label templates: what is printed. Which fields, in which precedence, how large, beside which symbol."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, cast

from cellbank.core.errors import Message
from cellbank.toolkit.labels.codes import Symbology
from cellbank.toolkit.labels.problems import FileProblem
from cellbank.toolkit.labels.reading import Table, read_folders
from cellbank.toolkit.labels.stock import Part, Stock

Kind = Literal["vial_side", "cap", "box", "container", "badge", "action_card"]
Where = Literal["head", "beside", "foot"]
Align = Literal["start", "centre", "end"]
SymbolPlace = Literal["start", "centre"]
PersianLine = Literal["auto", "on", "off"]

KINDS: Final[tuple[Kind, ...]] = ("vial_side", "cap", "box", "container", "badge", "action_card")
VIAL_KINDS: Final = frozenset({"vial_side", "cap"})
SMALLEST_PT: Final = 6.0
PERSIAN_FROM_MM: Final = 13.0
# All that may stand on a vial. A status or a place would be wrong as soon as it changed, a donor code tells
# who gave the cells, and a count ("of 20") is false once a vial is gone.
VIAL_FIELDS: Final = (
    "code",
    "lot_number",
    "line",
    "passage",
    "frozen_on",
    "owner",
    "statement",
    "number",
    "lot_tail",
    "line_fa",
    "statement_fa",
)


@dataclass(frozen=True, slots=True)
class TextLine:
    """One printed line: its fields stand side by side; lines are written in their order of precedence.

    A field that is not among `required` is left out where there is no room for it.
    """

    fields: tuple[str, ...]
    size_pt: float
    bold: bool = False
    required: tuple[str, ...] = ()
    may_wrap: bool = False
    is_persian: bool = False
    where: Where = "beside"
    align: Align = "start"


@dataclass(frozen=True, slots=True)
class Symbol:
    """The code to be scanned: which field it holds, and how large one module may be (mm)."""

    symbology: Symbology
    field: str
    place: SymbolPlace
    module_mm_min: float
    module_mm_max: float


@dataclass(frozen=True, slots=True)
class Face:
    """What is drawn on one part of a label."""

    on: str
    symbol: Symbol | None
    lines: tuple[TextLine, ...]
    persian_line: PersianLine

    def prints_persian(self, part: Part) -> bool:
        """Whether Persian lines are drawn on this part: by default only from 13 mm height upwards."""
        return self.persian_line == "on" or (
            self.persian_line == "auto" and part.height_mm >= PERSIAN_FROM_MM
        )


@dataclass(frozen=True)
class Template:
    """What is printed on one kind of label, whatever the stock."""

    name: str
    title: str
    title_fa: str
    kind: Kind
    faces: tuple[Face, ...]
    width_mm_min: float
    width_mm_max: float
    height_mm_min: float
    height_mm_max: float

    @property
    def is_for_vials(self) -> bool:
        """Whether the label goes onto a vial and so into liquid nitrogen."""
        return self.kind in VIAL_KINDS

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """All fields that the template can print, each once, in order of precedence."""
        names: dict[str, None] = {}
        for face in self.faces:
            if face.symbol:
                names[face.symbol.field] = None
            names.update({field: None for line in face.lines for field in line.fields})
        return tuple(names)

    @cached_property
    def required_fields(self) -> tuple[str, ...]:
        """The fields without which no label is printed."""
        symbols = {face.symbol.field for face in self.faces if face.symbol}
        lines = {field for face in self.faces for line in face.lines for field in line.required}
        return tuple(field for field in self.fields if field in symbols | lines)

    def fits(self, stock: Stock) -> bool:
        """Whether the template is made for labels of this stock's size and parts."""
        return self.unfit_part(stock) is None

    def unfit_part(self, stock: Stock) -> str | None:
        """Return the first face that has no part of its size on the stock, or None if all have."""
        for face in self.faces:
            part = stock.part_for(face.on)
            if part is None or not self._suits(face, part):
                return face.on
        return None

    def _suits(self, face: Face, part: Part) -> bool:
        if part.shape == "dot":
            return face.on == "cap"
        if face.on == "cap" and len(self.faces) > 1:
            return False
        return (
            self.width_mm_min <= part.width_mm <= self.width_mm_max
            and self.height_mm_min <= part.height_mm <= self.height_mm_max
        )


def load_templates(folders: Iterable[Path]) -> tuple[dict[str, Template], tuple[FileProblem, ...]]:
    """Read the templates of some folders by name; files that are wrong are left out and told."""
    return read_folders(folders, read_template, lambda template: template.name)


def read_template(table: Table) -> Template:
    """Check one template file and return the template.

    :raises WrongField: naming the field that is missing, unknown, of the wrong kind or not allowed on a vial.
    """
    kind = cast("Kind", table.choice("kind", KINDS))
    faces = tuple(_read_face(face, kind) for face in table.tables("faces"))
    if not faces:
        raise table.refuse("faces", Message("This field is missing"))
    template = Template(
        name=table.text("name"),
        title=table.text("title"),
        title_fa=table.text("title_fa"),
        kind=kind,
        faces=faces,
        width_mm_min=table.number("width_mm_min", 3.0),
        width_mm_max=table.number("width_mm_max", 2000.0),
        height_mm_min=table.number("height_mm_min", 3.0),
        height_mm_max=table.number("height_mm_max", 2000.0),
    )
    table.done()
    return template


def _read_face(table: Table, kind: Kind) -> Face:
    symbol = _read_symbol(table.table("symbol")) if table.has("symbol") else None
    lines = tuple(_read_line(line, kind) for line in table.tables("lines"))
    if symbol is None and not lines:
        raise table.refuse("lines", Message("Nothing is printed: give a symbol or a line"))
    if symbol and symbol.place == "centre" and any(line.where == "beside" for line in lines):
        raise table.refuse(
            "lines", Message("No line can stand beside a symbol in the centre: use head or foot")
        )
    face = Face(
        on=table.text("on"),
        symbol=symbol,
        lines=lines,
        persian_line=cast("PersianLine", table.choice("persian_line", ("auto", "on", "off"), "auto")),
    )
    table.done()
    return face


def _read_symbol(table: Table) -> Symbol:
    symbol = Symbol(
        symbology=cast("Symbology", table.choice("symbology", ("qr", "data_matrix"))),
        field=table.text("field", "code"),
        place=cast("SymbolPlace", table.choice("place", ("start", "centre"), "start")),
        module_mm_min=table.number("module_mm_min", 0.25, least=0.15, most=5),
        module_mm_max=table.number("module_mm_max", 0.5, least=0.15, most=5),
    )
    if symbol.module_mm_max < symbol.module_mm_min:
        raise table.refuse("module_mm_max", Message("The largest module is smaller than the smallest"))
    table.done()
    return symbol


def _read_line(table: Table, kind: Kind) -> TextLine:
    fields = table.texts("fields")
    for field in fields:
        if kind in VIAL_KINDS and field not in VIAL_FIELDS:
            raise table.refuse(
                "fields",
                Message(
                    "{field} is never printed on a vial; allowed are {allowed}",
                    {"field": field, "allowed": ", ".join(VIAL_FIELDS)},
                ),
            )
    line = TextLine(
        fields=fields,
        size_pt=table.number("size_pt", SMALLEST_PT, least=SMALLEST_PT, most=200),
        bold=table.flag("bold", default=False),
        required=_required_of(table, fields),
        may_wrap=table.flag("wrap", default=False),
        is_persian=table.flag("persian", default=False),
        where=cast("Where", table.choice("where", ("head", "beside", "foot"), "beside")),
        align=cast("Align", table.choice("align", ("start", "centre", "end"), "start")),
    )
    table.done()
    return line


def _required_of(table: Table, fields: tuple[str, ...]) -> tuple[str, ...]:
    """Read `required`: true for the whole line, or the names of those of its fields that are."""
    if not table.holds_list("required"):
        return fields if table.flag("required", default=False) else ()
    required = table.texts("required")
    for field in required:
        if field not in fields:
            raise table.refuse("required", Message("{field} is not a field of this line", {"field": field}))
    return required
