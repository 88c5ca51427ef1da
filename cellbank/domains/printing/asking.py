"""What somebody is about to print: the first label as it will look, how many there are, and which already have one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from cellbank.core import ids
from cellbank.core.errors import CellbankError, Invalid, Message
from cellbank.core.work import Reading
from cellbank.domains.banks.finding import fill_lot_named
from cellbank.domains.printing import drawing
from cellbank.domains.printing.choosing import these_vials, vials_of_lot
from cellbank.domains.printing.models import LabelPrint
from cellbank.domains.printing.supplies import DEFAULT_TEMPLATES, Supplies
from cellbank.domains.vials.finding import containers
from cellbank.toolkit.labels import Label, Stock, Template, arrange, field_title
from cellbank.toolkit.scanning.actions import Action

KINDS: Final[dict[str, tuple[str, ...]]] = {
    "vial": ("vial_side", "cap"),
    "container": ("container", "box"),
    "person": ("badge",),
    "card": ("action_card",),
}


@dataclass(frozen=True)
class Asked:
    """What is to be printed, as an address or a form says it."""

    fill_lot: str = ""
    from_number: int | None = None
    to_number: int | None = None
    only_new: bool = False
    vials: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    frozen_on: date | None = None
    site: str | None = None

    @property
    def kind(self) -> str:
        """What sort of thing it is: vial, container, person or card."""
        if self.containers:
            return "container"
        if self.people:
            return "person"
        return "card" if self.cards else "vial"

    def default_template(self, supplies: Supplies) -> str:
        """The template that is offered first."""
        wanted = DEFAULT_TEMPLATES[self.kind]
        if self.kind == "container" and all(_is_box(code) for code in self.containers):
            wanted = DEFAULT_TEMPLATES["box"]
        return wanted if wanted in supplies.templates else ""


def _is_box(code: str) -> bool:
    try:
        return ids.kind_of(ids.parse_code(code)) is ids.Kind.BOX
    except ids.WrongCode:
        return False


@dataclass(frozen=True)
class Ahead:
    """What would be printed: how many labels, how many already have one, the first one's words, what is wrong."""

    labels: int = 0
    again: int = 0
    first: Mapping[str, str] = field(default_factory=dict)
    left_out: Sequence[Message] = ()
    problem: Message | None = None


def look_ahead(db: Reading, asked: Asked, stock: Stock, template: Template, letter: str) -> Ahead:
    """What the act would print, without doing it."""
    try:
        count, again, first = _things(db, asked, template, letter)
        if not first:
            return Ahead(first=drawing.printable(drawing.SAMPLES, template))
        values = drawing.printable(first, template)
        layout = arrange(Label(values), stock, template)
    except CellbankError as problem:
        return Ahead(problem=problem.message)
    left_out = [field_title(name) for name in layout.left_out]
    return Ahead(count, again, values, left_out)


def first_label(db: Reading, asked: Asked, template: Template, letter: str) -> Label:
    """The words of the first label, or an invented one where nothing is named yet."""
    _, _, first = _things(db, asked, template, letter)
    return Label(drawing.printable(first or drawing.SAMPLES, template))


def _things(db: Reading, asked: Asked, template: Template, letter: str) -> tuple[int, int, dict[str, str]]:
    if asked.kind == "vial" and template.is_for_vials:
        return _vials(db, asked, template)
    if asked.kind == "container" and template.kind in KINDS["container"]:
        found = list({one.id: one for one in containers(db, asked.containers).values()}.values())
        again = _with_label(db, LabelPrint.container_id, [one.id for one in found])
        return len(found), again, drawing.container_values(db, found[:1])[0]
    if asked.kind == "person" and template.kind == "badge":
        people = drawing.people_values(db, asked.people)
        if not people:
            raise Invalid(
                "Nobody who is in use here signs in as {name}", field="people", name=asked.people[0]
            )
        again = _with_label(db, LabelPrint.person_id, [key for key, _ in people.values()])
        return len(people), again, next(iter(people.values()))[1]
    if asked.kind == "card" and template.kind == "action_card" and asked.cards[0] in set(Action):
        return len(asked.cards), 0, drawing.card_values(Action(asked.cards[0]), letter)
    return 0, 0, {}


def _vials(db: Reading, asked: Asked, template: Template) -> tuple[int, int, dict[str, str]]:
    if not (asked.vials or asked.fill_lot):
        return 0, 0, {}
    if asked.vials:
        where = these_vials(db, asked.vials)
    else:
        lot = fill_lot_named(db, asked.fill_lot)
        where = vials_of_lot(lot, asked.from_number, asked.to_number, only_new=asked.only_new)
    rows = drawing.vial_rows(db, where)
    if not rows:
        return 0, 0, {}
    again = _with_label(db, LabelPrint.vial_id, [row.id for row in rows])
    codes = drawing.own_codes(db, [rows[0].id], is_cap=template.kind == "cap")
    is_reprint = _with_label(db, LabelPrint.vial_id, [rows[0].id]) > 0
    code = drawing.SAMPLE_CODE if is_reprint or rows[0].id not in codes else codes[rows[0].id][1]
    calendar = drawing.label_calendar(db, asked.site)
    return len(rows), again, drawing.vial_values(rows[0], code, calendar, asked.frozen_on)


def _with_label(db: Reading, column: Any, keys: Sequence[Any]) -> int:
    return db.scalar(sa.select(sa.func.count(column.distinct())).where(column.in_(keys))) or 0
