"""A line's family and growth as the pages draw them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, cast
from uuid import UUID

from cellbank.core.actor import Actor
from cellbank.core.errors import Message
from cellbank.domains.lines.models import Culture, LimitingMeasure, Line
from cellbank.domains.lines.queries import Family, passage_text
from cellbank.toolkit.html import words
from cellbank.toolkit.html.charts import GrowthPoint
from cellbank.toolkit.html.lineage import Edge, Node

THOUSANDTHS = 1000
SECONDS_A_DAY = 86400

Kind = Literal["donor", "donation", "line", "passage", "bank", "vial"]

ADDRESSES: Mapping[str, str] = {
    "donor": "/donors/{}",
    "donation": "/donations/{}",
    "line": "/lines/{}",
    "passage": "/cultures/{}",
    "bank": "/banks/{}",
    "vial": "/vials/{}",
}
READ_WITH: Mapping[str, str] = {
    "donor": "donors.read",
    "donation": "donors.read",
    "line": "lines.read",
    "passage": "lines.read",
    "bank": "banks.read",
    "vial": "vials.read",
}


def family_drawing(
    family: Family, actor: Actor, counts: Mapping[UUID, Sequence[tuple[str, Message, int]]] | None = None
) -> tuple[list[Node], list[Edge]]:
    """The members as nodes, each linked where this person may open its page; a bank with its vials by state."""
    vials = {member.id for member in family.members if member.kind == "vial"}
    of_banks = counts or {}
    kept = _kept(family, of_banks)
    nodes = [
        Node(
            member.id.hex,
            cast(Kind, member.kind),
            member.label,
            url=ADDRESSES[member.kind].format(member.code) if actor.may(READ_WITH[member.kind]) else "",
            detail=_detail(of_banks.get(member.id, ())) or member.detail,
            vials=kept.get(member.id, 0),
            counts=tuple((state, count) for state, _, count in of_banks.get(member.id, ())),
        )
        for member in family.members
    ]
    edges = [
        Edge(one.start.hex, one.end.hex, is_vial=one.start in vials or one.end in vials)
        for one in family.descents
    ]
    return nodes, edges


def _detail(counts: Sequence[tuple[str, Message, int]]) -> str:
    """A bank's vials in words, for the list and for those who hear the drawing."""
    comma = "، " if words.locale() == "fa" else ", "
    return comma.join(f"{words.text_of(word.id)}: {count}" for _, word, count in counts)


def _kept(family: Family, counts: Mapping[UUID, Sequence[tuple[str, Message, int]]]) -> dict[UUID, int]:
    """How many vials of each culture are still in the bank: its dot is drawn as large."""
    kept: dict[UUID, int] = defaultdict(int)
    for one in family.descents:
        kept[one.start] += sum(count for state, _, count in counts.get(one.end, ()) if state == "stored")
    return kept


def growth_points(cultures: Iterable[Culture]) -> list[GrowthPoint]:
    """Each culture whose cumulative doublings are known, at the day of its harvest or of its beginning."""
    dated = [(c.harvested_at or c.started_at, c) for c in cultures if c.cpd_milli is not None]
    known = sorted(((at, c) for at, c in dated if at is not None), key=lambda pair: pair[0])
    if not known:
        return []
    first = (
        min(c.started_at for _, c in known if c.started_at is not None)
        if known[0][1].started_at
        else known[0][0]
    )
    return [
        GrowthPoint(
            (at - first).total_seconds() / SECONDS_A_DAY,
            (culture.cpd_milli or 0) / THOUSANDTHS,
            f"{culture.code} {passage_text(culture) or ''}".strip(),
        )
        for at, culture in known
    ]


def limit_values(line: Line) -> Sequence[float | None]:
    """The limits in doublings, where doublings are what limits the line."""
    if line.limiting_measure is not LimitingMeasure.POPULATION_DOUBLINGS:
        return None, None
    return tuple(
        None if value is None else value / THOUSANDTHS for value in (line.soft_limit, line.hard_limit)
    )
