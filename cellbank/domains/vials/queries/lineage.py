"""The family of a line down to its vials: cultures, the banks made of them, thawed vials, what grew of those."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.errors import Message
from cellbank.core.work import Reading
from cellbank.domains.banks.models import Bank, BankCulture
from cellbank.domains.lines.models import Culture
from cellbank.domains.lines.queries import Descent, Family, Member, lineage_of_line
from cellbank.domains.vials.models import BankOrigin, ThawCulture, Vial
from cellbank.domains.vials.queries.whereabouts import counts_by_state

Count = tuple[str, Message, int]
"""A state as it is drawn, its word, and how many vials are in it."""

WORDS: Final = {
    "stored": Message("in the bank"),
    "out": Message("out"),
    "missing": Message("missing"),
    "waiting": Message("being made"),
    "gone": Message("gone"),
}
_DRAWN_AS: Final = {
    "stored": "stored",
    "out": "out",
    "in_transit": "out",
    "missing": "missing",
    "planned": "waiting",
    "filled": "waiting",
    "freezing": "waiting",
}


@dataclass(frozen=True)
class Banked:
    """The banks of some lines, with the thawed vials and cultures that they came from or that came of them."""

    banks: tuple[Bank, ...]
    counts: Mapping[UUID, tuple[Count, ...]]
    """Of each bank: its vials by state."""
    vials: Mapping[UUID, tuple[str, UUID]]
    """Of each thawed vial that went on: its name and its bank."""
    harvests: tuple[Descent, ...]
    """From a culture to the bank it was harvested into."""
    thaws: tuple[Descent, ...]
    """From a thawed vial to the culture made of it."""
    origins: tuple[Descent, ...]
    """From a vial to the bank that was made from it."""


def banks_in_lineage(db: Reading, line_ids: Iterable[UUID]) -> Banked:
    """Banks of these lines, as far as the reader may see them, in five statements however many there are."""
    banks = tuple(
        db.scalars(
            sa.select(Bank)
            .where(Bank.line_id.in_(list(line_ids)), Bank.annulled_by.is_(None))
            .order_by(Bank.id)
        )
    )
    keys = [bank.id for bank in banks]
    if not keys:
        return Banked((), {}, {}, (), (), ())
    harvests = db.execute(
        sa.select(BankCulture.culture_id, BankCulture.bank_id).where(
            BankCulture.bank_id.in_(keys), BankCulture.annulled_by.is_(None)
        )
    )
    thawed = db.execute(
        sa.select(Vial.id, Vial.name, Vial.bank_id, ThawCulture.culture_id)
        .join(ThawCulture, ThawCulture.vial_id == Vial.id)
        .where(Vial.bank_id.in_(keys), ThawCulture.annulled_by.is_(None))
        .order_by(Vial.name)
    ).all()
    origins = db.execute(
        sa.select(Vial.id, Vial.name, Vial.bank_id, BankOrigin.bank_id)
        .join(BankOrigin, BankOrigin.vial_id == Vial.id)
        .where(BankOrigin.bank_id.in_(keys), BankOrigin.annulled_by.is_(None))
        .order_by(Vial.name)
    ).all()
    return Banked(
        banks,
        {key: _counts(by_state) for key, by_state in counts_by_state(db, keys).items()},
        {key: (name, bank) for key, name, bank, _ in [*thawed, *origins]},
        tuple(Descent(culture, bank) for culture, bank in harvests),
        tuple(Descent(vial, culture) for vial, _, _, culture in thawed),
        tuple(Descent(vial, bank) for vial, _, _, bank in origins),
    )


def _counts(by_state: Mapping[str, int]) -> tuple[Count, ...]:
    """In the order in which they are drawn; numbers that were never filled are no vials."""
    drawn: dict[str, int] = defaultdict(int)
    for state, count in by_state.items():
        if state != "not_filled":
            drawn[_DRAWN_AS.get(state, "gone")] += count
    return tuple((state, word, drawn[state]) for state, word in WORDS.items() if drawn[state])


def family_with_banks(
    db: Reading, line_id: UUID, cultures: Sequence[Culture] | None = None
) -> tuple[Family, Mapping[UUID, tuple[Count, ...]]]:
    """Donors → donations → lines → cultures → banks → thawed vials → cultures → banks; each bank's vials by state.

    Ten statements. Of the lines above only those banks are told from whose vials this line's cultures or banks came.
    """
    grown = lineage_of_line(db, line_id, cultures)
    shown = {member.id for member in grown.members}
    found = banks_in_lineage(db, {line_id} | {member.id for member in grown.members if member.kind == "line"})
    banks = _told(found, line_id, shown)
    descents = [*_without_thawed(grown, found), *_links(found, shown, banks)]
    descents += [
        one for one in found.origins if one.end in banks and not _leads(descents, one.start, one.end)
    ]
    vials = [vial for vial in found.vials if vial in {descent.start for descent in descents}]
    descents += [Descent(found.vials[vial][1], vial) for vial in vials if found.vials[vial][1] in banks]
    begun = {descent.end for descent in descents}
    descents += [
        Descent(bank.line_id, key)
        for key, bank in banks.items()
        if key not in begun and bank.line_id in shown
    ]
    named = [Member(key, "bank", bank.code, bank.code) for key, bank in banks.items()]
    named += [Member(key, "vial", found.vials[key][0], found.vials[key][0]) for key in vials]
    return Family((*grown.members, *named), tuple(dict.fromkeys(descents))), found.counts


def _told(found: Banked, line_id: UUID, cultures: Collection[UUID]) -> dict[UUID, Bank]:
    """The line's own banks, and of the lines above those from whose vials something shown was made."""
    own = {bank.id for bank in found.banks if bank.line_id == line_id}
    used = {found.vials[one.start][1] for one in found.thaws if one.end in cultures}
    used |= {found.vials[one.start][1] for one in found.origins if one.end in own}
    return {bank.id: bank for bank in found.banks if bank.id in own | used}


def _without_thawed(grown: Family, found: Banked) -> list[Descent]:
    """What grew, except that a culture made of a thawed vial descends from the vial, not from its line."""
    lines = {member.id for member in grown.members if member.kind == "line"}
    thawed = {one.end for one in found.thaws}
    return [one for one in grown.descents if not (one.start in lines and one.end in thawed)]


def _links(found: Banked, shown: Collection[UUID], banks: Collection[UUID]) -> list[Descent]:
    """Harvests of cultures that are shown, and thaws that they began with."""
    return [
        *(one for one in found.harvests if one.start in shown and one.end in banks),
        *(one for one in found.thaws if one.end in shown),
    ]


def _leads(descents: Iterable[Descent], start: UUID, end: UUID) -> bool:
    """Whether there is a way from ``start`` down to ``end``."""
    children: dict[UUID, list[UUID]] = defaultdict(list)
    for one in descents:
        children[one.start].append(one.end)
    seen, waiting = {start}, [start]
    while waiting:
        below = [child for child in children[waiting.pop()] if child not in seen]
        seen.update(below)
        waiting += below
    return end in seen


__all__ = ["Banked", "Count", "banks_in_lineage", "family_with_banks"]
