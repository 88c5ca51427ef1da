"""How the places of a container lie, what is printed beside them, and in which order they fill.

A place is a whole number from 1. In a grid it counts along the rows: place 1 is the first row's first
place, however the grid is filled; in a stack it counts from the end named by ``counted_from``. What is
printed (C5, 17, B) follows from the label schemes alone, so that a renamed row never moves a vial.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property, lru_cache

from cellbank.core.errors import Invalid
from cellbank.domains.storage.words import Worded
from cellbank.toolkit.i18n.digits import to_latin

MOST_ROWS = 100
MOST_PLACES = 10_000

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LETTERS_NO_IO = "ABCDEFGHJKLMNPQRSTUVWXYZ"


class Arrangement(Worded):
    """How the places of a container lie: a grid, an ordered stack, a counted lot, or none at all."""

    GRID = "grid"
    STACK = "stack"
    LOT = "lot"
    NONE = "none"


class LabelScheme(Worded):
    """How rows, columns or levels are named; ``letters_no_io`` leaves out I and O, which read as 1 and 0.

    ``running_numbers`` on a grid's rows names each place by one number, along the fill order: 1 … 81.
    """

    LETTERS = "letters"
    LETTERS_NO_IO = "letters_no_io"
    NUMBERS = "numbers"
    RUNNING_NUMBERS = "running_numbers"


class FillOrder(Worded):
    """Whether a grid fills along its rows (A1, A2, …) or down its columns (A1, B1, …)."""

    ROW_FIRST = "row_first"
    COLUMN_FIRST = "column_first"


class CountedFrom(Worded):
    """Where place 1 of a stack or the first row of a grid is."""

    TOP = "top"
    BOTTOM = "bottom"


def letters(number: int, alphabet: str = LETTERS) -> str:
    """The letters of a number from 1, as a spreadsheet counts: 1 → A, 26 → Z, 27 → AA."""
    text = ""
    while number:
        number, rest = divmod(number - 1, len(alphabet))
        text = alphabet[rest] + text
    return text


def label(number: int, scheme: LabelScheme) -> str:
    """The printed name of the row, column or level with this number, from 1."""
    if scheme is LabelScheme.LETTERS:
        return letters(number)
    if scheme is LabelScheme.LETTERS_NO_IO:
        return letters(number, LETTERS_NO_IO)
    return str(number)


@dataclass(frozen=True)
class Layout:
    """The places of one container."""

    arrangement: Arrangement
    rows: int = 0
    columns: int = 0
    capacity: int | None = None
    row_labels: LabelScheme = LabelScheme.LETTERS
    column_labels: LabelScheme = LabelScheme.NUMBERS
    fill_order: FillOrder = FillOrder.ROW_FIRST
    counted_from: CountedFrom = CountedFrom.TOP

    def checked(self) -> Layout:
        """This layout, if it can be. :raises Invalid: naming the field that cannot."""
        if self.arrangement is Arrangement.GRID:
            for name, count in (("rows", self.rows), ("columns", self.columns)):
                if not 1 <= count <= MOST_ROWS:
                    raise Invalid(
                        "A grid has from 1 to {most} rows and as many columns.", field=name, most=MOST_ROWS
                    )
        if self.arrangement is Arrangement.STACK and not 1 <= (self.capacity or 0) <= MOST_ROWS:
            raise Invalid("A stack has from 1 to {most} levels.", field="capacity", most=MOST_ROWS)
        if self.arrangement is Arrangement.LOT and not 1 <= (self.capacity or 1) <= MOST_PLACES:
            raise Invalid("A lot holds from 1 to {most}.", field="capacity", most=MOST_PLACES)
        return self

    # ---- places and names ---------------------------------------------------------------------------------

    @property
    def has_places(self) -> bool:
        """Whether each thing in it has a place of its own."""
        return self.arrangement in (Arrangement.GRID, Arrangement.STACK)

    @property
    def size(self) -> int | None:
        """How many it holds; None where that is not said."""
        if self.arrangement is Arrangement.GRID:
            return self.rows * self.columns
        return None if self.arrangement is Arrangement.NONE else self.capacity

    @property
    def places(self) -> range:
        """Every place, as a number; empty where nothing has a place of its own."""
        return range(1, (self.size or 0) + 1) if self.has_places else range(0)

    @property
    def is_numbered_through(self) -> bool:
        """Whether the places of this grid are named by one running number."""
        return LabelScheme.RUNNING_NUMBERS in (self.row_labels, self.column_labels)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The printed name of each place, in the order of their numbers."""
        if self.arrangement is Arrangement.STACK:
            return tuple(label(n, self.row_labels) for n in self.places)
        if self.arrangement is not Arrangement.GRID:
            return ()
        if self.is_numbered_through:
            running = {place: n for n, place in enumerate(self.in_fill_order, start=1)}
            return tuple(str(running[place]) for place in self.places)
        between = "-" if self.row_names[0].isdigit() == self.column_names[0].isdigit() else ""
        return tuple(f"{row}{between}{column}" for row in self.row_names for column in self.column_names)

    @cached_property
    def row_names(self) -> tuple[str, ...]:
        """What stands beside the rows of a grid, first row first."""
        return tuple(label(n, self.row_labels) for n in range(1, self.rows + 1))

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """What stands over the columns of a grid."""
        return tuple(label(n, self.column_labels) for n in range(1, self.columns + 1))

    @property
    def rows_as_seen(self) -> tuple[int, ...]:
        """The numbers of rows or levels from the top down, as an eye meets them."""
        count = self.rows if self.arrangement is Arrangement.GRID else len(self.places)
        upwards = self.counted_from is CountedFrom.BOTTOM
        return tuple(range(count, 0, -1) if upwards else range(1, count + 1))

    def at(self, row: int, column: int) -> int:
        """The place at a row and a column of a grid, both from 1."""
        return (row - 1) * self.columns + column

    def name(self, place: int) -> str:
        """The printed name of a place. :raises Invalid: there is no such place here."""
        if place not in self.places:
            raise Invalid("There is no place {place} here.", field="position", place=str(place))
        return self.names[place - 1]

    # ---- reading names ------------------------------------------------------------------------------------

    @cached_property
    def _by_name(self) -> dict[str, int]:
        return {_bare(name): place for place, name in enumerate(self.names, start=1)}

    def place(self, text: str) -> int:
        """The place a person or a scanner names: C5, c05, C 05, ۵ or ``5-3``, as this container is labelled.

        :raises Invalid: no place of this container is called so
        """
        found = self._by_name.get(_bare(text))
        if found is None:
            raise Invalid("There is no place {place} here.", field="position", place=text.strip())
        return found

    def places_named(self, text: str) -> list[int]:
        """Places from a list such as ``A1, B3, C1–C5`` (a range runs along the fill order), each once.

        :raises Invalid: naming the first that is no place of this container
        """
        order = {place: index for index, place in enumerate(self.in_fill_order)}
        found: list[int] = []
        for part in re.split(r"[,;،؛\n]+", text):
            piece = part.strip()
            if not piece:
                continue
            first, last = self._ends(piece)
            low, high = sorted((order[first], order[last]))
            found += self.in_fill_order[low : high + 1]
        return list(dict.fromkeys(found))

    def _ends(self, piece: str) -> tuple[int, int]:
        """The first and the last place of ``C1–C5``, or twice that of ``C1``; ``3-5`` may be one place."""
        if _bare(piece) in self._by_name:
            return self.place(piece), self.place(piece)
        sides = re.split(r"\s*(?:–|—|\.\.\.?|…|:)\s*|\s+-\s+", piece)
        if len(sides) == 1 and piece.count("-") == 1:
            sides = piece.split("-")
        if len(sides) != 2:  # noqa: PLR2004 - a range has two ends
            return self.place(piece), self.place(piece)
        return self.place(sides[0]), self.place(sides[1])

    # ---- filling ------------------------------------------------------------------------------------------

    @cached_property
    def in_fill_order(self) -> tuple[int, ...]:
        """Every place in the order in which they are filled."""
        if self.arrangement is Arrangement.GRID and self.fill_order is FillOrder.COLUMN_FIRST:
            return tuple(
                self.at(row, column)
                for column in range(1, self.columns + 1)
                for row in range(1, self.rows + 1)
            )
        return tuple(self.places)

    def free(self, taken: AbstractSet[int]) -> list[int]:
        """The places that are not taken, in fill order."""
        return [place for place in self.in_fill_order if place not in taken]

    def next_free(self, taken: AbstractSet[int], after: int | None = None) -> int | None:
        """The next place to fill: the first free one, or the first free one after ``after``."""
        free = self.free(taken)
        if after is None:
            return free[0] if free else None
        order = {place: index for index, place in enumerate(self.in_fill_order)}
        return next((place for place in free if order[place] > order[after]), None)

    def runs(self, taken: AbstractSet[int]) -> list[list[int]]:
        """The free places as unbroken runs along the fill order."""
        runs: list[list[int]] = [[]]
        for place in self.in_fill_order:
            if place not in taken:
                runs[-1].append(place)
            elif runs[-1]:
                runs.append([])
        return [run for run in runs if run]

    def together(self, taken: AbstractSet[int], count: int) -> list[int] | None:
        """``count`` free places in one run, from the shortest run that holds them; None if there is none.

        The shortest, so that long runs stay whole for those who need them.
        """
        fitting = [run for run in self.runs(taken) if len(run) >= count]
        return min(fitting, key=len)[:count] if count > 0 and fitting else None


def _bare(text: str) -> str:
    """A place's name as it is compared: Latin digits, capitals, no spaces or marks, no leading zeros."""
    plain = to_latin(unicodedata.normalize("NFKC", text)).upper()
    plain = "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")
    plain = re.sub(r"[\u2010-\u2015_./\s-]+", "-", plain).strip("-")
    plain = re.sub(r"(?<!\d)0+(?=\d)", "", plain)
    # A hyphen tells 3-5 from 35 and A-A from AA; between a letter and a digit it says nothing: A-1 is A1.
    return re.sub(r"(?<=[^\W\d])-(?=\d)|(?<=\d)-(?=[^\W\d])", "", plain)


# ---- names of many ----------------------------------------------------------------------------------------

_EXAMPLE = re.compile(r"[\[{]([0-9۰-۹٠-٩]+|[A-Za-z]+)[\]}]")


def names_from(pattern: str, count: int) -> list[str]:
    """Names by example: ``Box [01]`` → Box 01, Box 02, …; ``Rack [C]`` → Rack C, …; Persian digits stay so.

    :raises Invalid: many are wanted and the pattern does not say where the number goes
    """
    examples = _EXAMPLE.findall(pattern)
    if count == 1 and not examples:
        return [pattern]
    if len(examples) != 1:
        raise Invalid(
            "Write the first number or letter in brackets, once: {example}", field="names", example="Box [1]"
        )
    before, after = _EXAMPLE.split(pattern)[0], _EXAMPLE.split(pattern)[2]
    return [f"{before}{following(examples[0], step)}{after}" for step in range(count)]


def following(example: str, step: int) -> str:
    """The number or letters ``step`` further on, written as the example: 01 → 02, ۹ → ۱۰, C → D, z → aa."""
    plain = to_latin(example)
    if plain.isdigit():
        text = str(int(plain) + step).zfill(len(plain))
        zero = ord(example[0]) - int(plain[0])
        return "".join(chr(zero + int(digit)) for digit in text)
    number = 0
    for letter in plain.upper():
        number = number * len(LETTERS) + LETTERS.index(letter) + 1
    text = letters(number + step)
    return text.lower() if example.islower() else text


def shown(layout: Layout, places: Iterable[int]) -> list[str]:
    """The printed names of places, in fill order."""
    wanted = set(places)
    return [layout.name(place) for place in layout.in_fill_order if place in wanted]


shared_layout = lru_cache(maxsize=1000)(Layout)
"""The one layout with these values: a page asks for the same few thousands of times, and their names take long."""


# ---- layouts that are bought ------------------------------------------------------------------------------


class Preset(Worded):
    """The usual layouts, and the free ones that ask for their numbers."""

    GRID_9X9 = "grid_9x9"
    GRID_10X10 = "grid_10x10"
    GRID_5X5 = "grid_5x5"
    GRID_8X12 = "grid_8x12"
    GRID_6X8 = "grid_6x8"
    GRID_4X6 = "grid_4x6"
    GRID = "grid"
    STACK = "stack"
    LOT = "lot"
    NONE = "none"


_BOUGHT: dict[Preset, tuple[int, int]] = {
    Preset.GRID_9X9: (9, 9),
    Preset.GRID_10X10: (10, 10),
    Preset.GRID_5X5: (5, 5),
    Preset.GRID_8X12: (8, 12),
    Preset.GRID_6X8: (6, 8),
    Preset.GRID_4X6: (4, 6),
}


def layout_of(
    preset: Preset, *, rows: int | None = None, columns: int | None = None, capacity: int | None = None
) -> Layout:
    """The layout a preset stands for; the free ones take their numbers from the arguments.

    :raises Invalid: a number is missing or cannot be
    """
    if preset in _BOUGHT:
        rows, columns = _BOUGHT[preset]
        return Layout(Arrangement.GRID, rows, columns)
    if preset is Preset.GRID:
        return Layout(Arrangement.GRID, rows or 0, columns or 0).checked()
    if preset is Preset.STACK:
        return Layout(Arrangement.STACK, capacity=capacity, row_labels=LabelScheme.NUMBERS).checked()
    if preset is Preset.LOT:
        return Layout(Arrangement.LOT, capacity=capacity).checked()
    return Layout(Arrangement.NONE)
