"""A line's family and growth as the pages draw them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, cast

from cellbank.domains.lines.models import Culture, LimitingMeasure, Line
from cellbank.domains.lines.queries import Family, passage_text
from cellbank.toolkit.html.charts import GrowthPoint
from cellbank.toolkit.html.lineage import Edge, Node

THOUSANDTHS = 1000
SECONDS_A_DAY = 86400

Kind = Literal["donor", "donation", "line", "passage", "bank"]


def family_drawing(
    family: Family, urls: Mapping[str, str], may_see: frozenset[str]
) -> tuple[list[Node], list[Edge]]:
    """The members as nodes with their addresses; ``urls`` gives each kind's address with {code} in it."""
    nodes = [
        Node(
            member.id.hex,
            cast(Kind, member.kind),
            member.label,
            url=urls[member.kind].replace("CODE", member.code) if member.kind in may_see else "",
            detail=member.detail,
        )
        for member in family.members
    ]
    return nodes, [Edge(descent.start.hex, descent.end.hex) for descent in family.descents]


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
