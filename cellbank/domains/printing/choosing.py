"""Which vials are meant by a fill lot, a range of numbers, or codes; used by the act and by its preview."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core.errors import Invalid
from cellbank.domains.banks.models import FillLot
from cellbank.domains.printing.models import LabelPrint
from cellbank.domains.vials.finding import vial_keys
from cellbank.domains.vials.models import Vial, VialState
from cellbank.toolkit.i18n.digits import to_latin

_SPAN: Final = re.compile(r"(?P<first>[0-9]{1,6})(?:\s*[-–…]\s*(?P<last>[0-9]{1,6}))?")


def vials_of_lot(
    lot: FillLot, first: int | None = None, last: int | None = None, *, only_new: bool = False
) -> list[sa.ColumnElement[bool]]:
    """The conditions of a fill lot's vials: all that are not gone, or numbers from … to …, or those never labelled.

    :raises Invalid: a range that ends before it begins
    """
    where = [Vial.fill_lot_id == lot.id, Vial.state != VialState.GONE]
    if first is not None and last is not None and last < first:
        raise Invalid("The last number is smaller than the first", field="to_number")
    if first is not None:
        where.append(Vial.number >= first)
    if last is not None:
        where.append(Vial.number <= last)
    if only_new:
        where.append(~sa.exists().where(LabelPrint.vial_id == Vial.id))
    return where


def these_vials(db: Session, texts: Sequence[str]) -> list[sa.ColumnElement[bool]]:
    """The condition of the vials that codes or lot-numbers name.

    :raises NotFound, Refused: unknown, or a void label
    """
    keys: list[UUID] = list(dict.fromkeys(vial_keys(db, texts).values()))
    return [Vial.id.in_(keys)]


def places_in(text: str, most: int) -> list[int]:
    """The numbers that "1-20, 23" means, each once, in order; all from 1 to ``most`` where nothing is said.

    :raises Invalid: no such text, or a number that is not among 1 … ``most``
    """
    if not text.strip():
        return list(range(1, most + 1))
    wanted: set[int] = set()
    for piece in re.split(r"[,،;؛\s]+(?![-–…])", to_latin(text.strip())):
        span = _SPAN.fullmatch(piece.strip())
        if span is None:
            raise Invalid("Write numbers and ranges: 1-20, 23", field="labels")
        first, last = int(span["first"]), int(span["last"] or span["first"])
        if not 1 <= first <= last <= most:
            raise Invalid("This run has labels 1 to {count}", field="labels", count=most)
        wanted.update(range(first, last + 1))
    return sorted(wanted)
