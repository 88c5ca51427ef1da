"""What is known of lines and cultures, and the family that a line belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.search import beginning_with
from cellbank.core.work import Reading, required
from cellbank.domains.donors.models import Donation, DonationDonor, Donor
from cellbank.domains.equipment.models import Equipment
from cellbank.domains.lines import passage
from cellbank.domains.lines.ageing import doublings_in
from cellbank.domains.lines.limits import Standing, standing_of
from cellbank.domains.lines.models import (
    Culture,
    CultureMaterial,
    CultureParent,
    CultureState,
    CultureVessel,
    Line,
    LineDonation,
    LineInfectiousResult,
    LineKind,
    LineParent,
)
from cellbank.domains.materials.models import Material, MaterialLot
from cellbank.domains.storage.finding import compact

A_PAGE = 50


@dataclass(frozen=True)
class LineRow:
    """A line in the list, with how many of its cultures grow and how many there were."""

    line: Line
    growing: int
    cultures: int


@dataclass(frozen=True)
class CultureRow:
    """A culture with what follows from it: its passage as written, where it stands, what it came from."""

    culture: Culture
    passage: str | None
    standing: Standing
    doublings_milli: int | None
    parents: tuple[str, ...]


@dataclass(frozen=True)
class Member:
    """One member of a family: donor, donation, line or culture."""

    id: UUID
    kind: str
    label: str
    code: str
    detail: str = ""


@dataclass(frozen=True)
class Descent:
    """From one member of a family to what came of it."""

    start: UUID
    end: UUID


@dataclass(frozen=True)
class Family:
    """Everything a line descends from and what grew of it, without banks and vials: those are added above."""

    members: tuple[Member, ...]
    descents: tuple[Descent, ...]


def lines(
    db: Reading, *, text: str = "", kind: LineKind | None = None, page: int = 1
) -> tuple[list[LineRow], int]:
    """One page of the lines by name, and how many there are in all."""
    wanted = sa.select(Line).where(Line.annulled_by.is_(None))
    if folded := compact(text):
        wanted = wanted.where(Line.id.in_(beginning_with("line", folded)))
    if kind is not None:
        wanted = wanted.where(Line.kind == kind)
    total = db.scalar(wanted.with_only_columns(sa.func.count(Line.id)))
    rows = list(db.scalars(wanted.order_by(Line.name, Line.id).limit(A_PAGE).offset((page - 1) * A_PAGE)))
    counts = {
        line_id: (growing, every)
        for line_id, growing, every in db.execute(
            sa.select(
                Culture.line_id,
                sa.func.count().filter(Culture.state == CultureState.GROWING),
                sa.func.count(),
            )
            .where(Culture.line_id.in_([line.id for line in rows]), Culture.annulled_by.is_(None))
            .group_by(Culture.line_id)
        )
    }
    return [LineRow(line, *counts.get(line.id, (0, 0))) for line in rows], total or 0


def line(db: Reading, code: str) -> Line:
    """The line with this code. :raises NotFound: there is none, or it is another organisation's."""
    return required(db.scalar(sa.select(Line).where(Line.code == code)), code)


def line_with_code(db: Reading, code: str) -> Line | None:
    """The line with this code, if the actor may see one."""
    return db.scalar(sa.select(Line).where(Line.code == code))


def lines_named(db: Reading, name: str) -> list[Line]:
    """The lines of this name; several organisations may have one."""
    named = sa.select(Line).where(Line.name == name, Line.annulled_by.is_(None))
    return list(db.scalars(named.order_by(Line.code)))


def line_choices(db: Reading) -> list[tuple[str, str]]:
    """Code and name of every line that may be grown, for a form."""
    rows = db.execute(
        sa.select(Line.code, Line.name)
        .where(Line.annulled_by.is_(None), Line.is_closed.is_(False))
        .order_by(Line.name)
    )
    return [(code, f"{name} · {code}") for code, name in rows]


def lines_of_donation(db: Reading, donation_id: UUID) -> list[Line]:
    """The lines derived from a donation, and what was made of those."""
    return _lines_from(
        db, sa.select(LineDonation.line_id).where(LineDonation.donation_id == donation_id, _STANDS)
    )


def lines_of_donor(db: Reading, donor_id: UUID) -> list[Line]:
    """The lines that came from a donor, and what was made of those."""
    given = sa.select(DonationDonor.donation_id).where(
        DonationDonor.donor_id == donor_id, DonationDonor.annulled_by.is_(None)
    )
    return _lines_from(
        db, sa.select(LineDonation.line_id).where(LineDonation.donation_id.in_(given), _STANDS)
    )


_STANDS = LineDonation.annulled_by.is_(None)


def _lines_from(db: Reading, first: sa.Select[UUID]) -> list[Line]:
    below = first.with_only_columns(LineDonation.line_id.label("id")).cte("from_here", recursive=True)
    below = below.union(
        sa.select(LineParent.line_id).where(
            LineParent.parent_line_id == below.c.id, LineParent.annulled_by.is_(None)
        )
    )
    wanted = sa.select(Line).where(Line.id.in_(sa.select(below.c.id)), Line.annulled_by.is_(None))
    return list(db.scalars(wanted.order_by(Line.name)))


def parents_of_line(db: Reading, line_id: UUID) -> list[tuple[Line, str]]:
    """The lines a line comes from, each with how (a message id)."""
    rows = db.execute(
        sa.select(Line, LineParent.kind)
        .join(LineParent, LineParent.parent_line_id == Line.id)
        .where(LineParent.line_id == line_id, LineParent.annulled_by.is_(None))
        .order_by(Line.name)
    )
    return [(parent, kind.label) for parent, kind in rows]


def donations_of_line(db: Reading, line_id: UUID) -> Sequence[Donation]:
    """The donations a line was derived from."""
    return db.scalars(
        sa.select(Donation)
        .join(LineDonation, LineDonation.donation_id == Donation.id)
        .where(LineDonation.line_id == line_id, _STANDS)
        .order_by(Donation.code)
    ).all()


def results_of_line(db: Reading, line_id: UUID) -> Sequence[LineInfectiousResult]:
    """What is known of the line itself, by agent."""
    return db.scalars(
        sa.select(LineInfectiousResult)
        .where(LineInfectiousResult.line_id == line_id, LineInfectiousResult.annulled_by.is_(None))
        .order_by(LineInfectiousResult.agent, LineInfectiousResult.id.desc())
    ).all()


# ---- cultures -----------------------------------------------------------------------------------------------


def cultures_of_line(db: Reading, line_id: UUID) -> list[Culture]:
    """The cultures of a line and everything they were passaged from, in one recursive query, oldest first."""
    family = (
        sa.select(Culture.id.label("id"))
        .where(Culture.line_id == line_id, Culture.annulled_by.is_(None))
        .cte("family", recursive=True)
    )
    family = family.union(
        sa.select(CultureParent.parent_culture_id).where(
            CultureParent.culture_id == family.c.id, CultureParent.annulled_by.is_(None)
        )
    )
    wanted = (
        sa.select(Culture)
        .where(Culture.id.in_(sa.select(family.c.id)))
        .order_by(Culture.started_at, Culture.id)
    )
    return list(db.scalars(wanted))


def culture(db: Reading, code: str) -> Culture:
    """The culture with this code. :raises NotFound: there is none, or it is another organisation's."""
    return required(db.scalar(sa.select(Culture).where(Culture.code == code)), code)


def culture_rows(db: Reading, line: Line, cultures: Iterable[Culture]) -> list[CultureRow]:
    """Cultures of one line with what follows from them."""
    found = list(cultures)
    names: dict[UUID, list[str]] = {one.id: [] for one in found}
    for child, parent in db.execute(
        sa.select(CultureParent.culture_id, Culture.code)
        .join(Culture, Culture.id == CultureParent.parent_culture_id)
        .where(CultureParent.culture_id.in_(names), CultureParent.annulled_by.is_(None))
        .order_by(Culture.code)
    ):
        names[child].append(parent)
    return [
        CultureRow(one, passage_text(one), standing_of(line, one), doublings_in(one), tuple(names[one.id]))
        for one in found
    ]


def passage_text(culture: Culture) -> str | None:
    """The passage as written, p12+3; None where it is unknown."""
    known = passage.of_row(culture.passage, culture.passages_after_thaw)
    return known.text if known else None


def children_of(db: Reading, culture_id: UUID) -> Sequence[Culture]:
    """The cultures that were passaged from this one."""
    return db.scalars(
        sa.select(Culture)
        .join(CultureParent, CultureParent.culture_id == Culture.id)
        .where(CultureParent.parent_culture_id == culture_id, CultureParent.annulled_by.is_(None))
        .order_by(Culture.code)
    ).all()


def parent_links(db: Reading, culture_id: UUID) -> list[tuple[Culture, int | None]]:
    """The cultures that went into this one, each with the cells seeded from it."""
    rows = db.execute(
        sa.select(Culture, CultureParent.cells)
        .join(CultureParent, CultureParent.parent_culture_id == Culture.id)
        .where(CultureParent.culture_id == culture_id, CultureParent.annulled_by.is_(None))
        .order_by(Culture.code)
    )
    return [(parent, cells) for parent, cells in rows]


def vessels_of(db: Reading, culture_id: UUID) -> Sequence[CultureVessel]:
    """What a culture grows in."""
    return db.scalars(
        sa.select(CultureVessel).where(
            CultureVessel.culture_id == culture_id, CultureVessel.annulled_by.is_(None)
        )
    ).all()


def lots_of(db: Reading, culture_id: UUID) -> list[tuple[str, str]]:
    """The material lots a culture saw: name and lot."""
    rows = db.execute(
        sa.select(Material.name, MaterialLot.lot)
        .join(MaterialLot, MaterialLot.material_id == Material.id)
        .join(CultureMaterial, CultureMaterial.material_lot_id == MaterialLot.id)
        .where(CultureMaterial.culture_id == culture_id, CultureMaterial.annulled_by.is_(None))
    )
    return [(name, lot) for name, lot in rows]


def instruments_of(db: Reading, culture: Culture) -> dict[UUID, Equipment]:
    """The incubator and hood of a culture."""
    keys = [key for key in (culture.incubator_id, culture.hood_id) if key]
    return (
        {one.id: one for one in db.scalars(sa.select(Equipment).where(Equipment.id.in_(keys)))}
        if keys
        else {}
    )


def cultures_past_limit(db: Reading, line_ids: Iterable[UUID] | None = None) -> list[tuple[Culture, Line]]:
    """Living cultures that are past the hard limit of their line: recorded as facts, a matter for quality."""
    wanted = (
        sa.select(Culture, Line)
        .join(Line, Line.id == Culture.line_id)
        .where(
            Culture.annulled_by.is_(None),
            Culture.state.in_([CultureState.GROWING, CultureState.HARVESTED, CultureState.FROZEN]),
            sa.or_(Line.hard_limit.is_not(None), Line.passages_after_thaw_max.is_not(None)),
        )
        .order_by(Culture.id)
    )
    if line_ids is not None:
        wanted = wanted.where(Line.id.in_(list(line_ids)))
    return [(one, its) for one, its in db.execute(wanted) if standing_of(its, one) is Standing.PAST_HARD]


# ---- the family -----------------------------------------------------------------------------------------------


def lineage_of_line(db: Reading, line_id: UUID, cultures: Sequence[Culture] | None = None) -> Family:
    """Donors → donations → parent lines → the line → its cultures, as far as the actor may see them."""
    above = sa.select(sa.literal(line_id, sa.Uuid()).label("id")).cte("above", recursive=True)
    above = above.union(
        sa.select(LineParent.parent_line_id).where(
            LineParent.line_id == above.c.id, LineParent.annulled_by.is_(None)
        )
    )
    found = list(db.scalars(sa.select(Line).where(Line.id.in_(sa.select(above.c.id))).order_by(Line.id)))
    keys = [one.id for one in found]
    descents = [
        Descent(start, end)
        for start, end in db.execute(
            sa.select(LineParent.parent_line_id, LineParent.line_id).where(
                LineParent.line_id.in_(keys), LineParent.annulled_by.is_(None)
            )
        )
    ]
    members, given = _origin(db, keys)
    members += [Member(one.id, "line", one.name, one.code) for one in found]
    grown, passaged = _growth(db, cultures_of_line(db, line_id) if cultures is None else cultures)
    seen = {member.id for member in [*members, *grown]}
    kept = [d for d in [*given, *descents, *passaged] if d.start in seen and d.end in seen]
    return Family((*members, *grown), tuple(kept))


def _origin(db: Reading, line_ids: list[UUID]) -> tuple[list[Member], list[Descent]]:
    """The donations and donors of these lines."""
    members: dict[UUID, Member] = {}
    descents: dict[Descent, None] = {}
    rows = db.execute(
        sa.select(LineDonation.line_id, Donation, Donor)
        .join(Donation, Donation.id == LineDonation.donation_id)
        .outerjoin(
            DonationDonor,
            sa.and_(DonationDonor.donation_id == Donation.id, DonationDonor.annulled_by.is_(None)),
        )
        .outerjoin(Donor, Donor.id == DonationDonor.donor_id)
        .where(LineDonation.line_id.in_(line_ids), _STANDS)
        .order_by(Donation.code)
    )
    for line_id, donation, donor in rows:
        if donor is not None:
            members[donor.id] = Member(donor.id, "donor", donor.code, donor.code)
            descents[Descent(donor.id, donation.id)] = None
        members[donation.id] = Member(donation.id, "donation", donation.code, donation.code, donation.tissue)
        descents[Descent(donation.id, line_id)] = None
    return list(members.values()), list(descents)


def _growth(db: Reading, cultures: Sequence[Culture]) -> tuple[list[Member], list[Descent]]:
    """The cultures of the line, and of other lines what they came from."""
    keys = [one.id for one in cultures]
    links = [
        Descent(start, end)
        for start, end in db.execute(
            sa.select(CultureParent.parent_culture_id, CultureParent.culture_id).where(
                CultureParent.culture_id.in_(keys), CultureParent.annulled_by.is_(None)
            )
        )
    ]
    children = {link.end for link in links}
    first = [Descent(one.line_id, one.id) for one in cultures if one.id not in children]
    members = [Member(one.id, "passage", passage_text(one) or "p?", one.code, one.code) for one in cultures]
    return members, [*first, *links]


def line_of(db: Reading, culture: Culture) -> Line:
    """The line a culture is of. :raises NotFound: it is another organisation's."""
    return required(db.scalar(sa.select(Line).where(Line.id == culture.line_id)), culture.code)


def donation_of(db: Reading, culture: Culture) -> Donation | None:
    """The donation a culture was begun from, where there is one that the actor may see."""
    return (
        db.scalar(sa.select(Donation).where(Donation.id == culture.donation_id))
        if culture.donation_id
        else None
    )
