"""How the age of cells follows from counts and passages, down through everything that was passaged from them."""

from __future__ import annotations

from collections import defaultdict, deque
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.work import Writing
from cellbank.domains.lines import doublings, finding
from cellbank.domains.lines.doublings import Count
from cellbank.domains.lines.models import Culture


def doublings_in(culture: Culture) -> int | None:
    """The doublings within one culture in thousandths, from seeding to harvest; None where it was not counted."""
    return doublings.doublings_milli(
        Count(culture.harvested_cells, culture.harvested_viability_permille),
        Count(culture.seeded_cells, culture.seeded_viability_permille),
    )


def recount(culture: Culture) -> None:
    """Let the cumulative doublings follow from the start and the counts; uncounted, they are those of the start.

    A culture that was harvested without a count has an unknown age: it grew, and nobody knows how much.
    """
    if culture.harvested_cells is None:
        culture.cpd_milli = None if culture.harvested_at is not None else culture.cpd_at_start_milli
    else:
        culture.cpd_milli = doublings.cumulated(culture.cpd_at_start_milli, doublings_in(culture))


def recount_below(db: Writing, culture: Culture) -> None:
    """Carry a changed age down to everything that was passaged from this culture."""
    db.flush()
    below = finding.descendants(culture.id)
    found = {c.id: c for c in db.scalars(sa.select(Culture).where(Culture.id.in_(sa.select(below.c.id))))}
    if not found:
        return
    parents: dict[UUID, list[UUID]] = defaultdict(list)
    children: dict[UUID, list[UUID]] = defaultdict(list)
    for link in finding.parents_of(db, list(found)):
        parents[link.culture_id].append(link.parent_culture_id)
        children[link.parent_culture_id].append(link.culture_id)
    others = {key for keys in parents.values() for key in keys} - set(found)
    known = found | {c.id: c for c in db.scalars(sa.select(Culture).where(Culture.id.in_(others)))}
    waiting = {key: sum(parent in found for parent in parents[key]) for key in found}
    ready = deque(key for key, count in waiting.items() if count == 0)
    while ready:
        key = ready.popleft()
        one = found[key]
        one.cpd_at_start_milli, mean = doublings.of_pool([known[parent].cpd_milli for parent in parents[key]])
        one.cpd_mean_milli = mean if len(parents[key]) > 1 else None
        recount(one)
        for child in children[key]:
            waiting[child] -= 1
            if waiting[child] == 0:
                ready.append(child)
