"""Lines and cultures as people name them in an act, what descends from what, and whether a circle would close."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.errors import Invalid, Refused
from cellbank.core.work import Reading, Writing, required
from cellbank.domains.lines.models import Culture, CultureParent, CultureState, Line, LineParent
from cellbank.domains.lines.passage import of_row

MOST_CHOICES = 40


def line_called(db: Writing, text: str) -> Line:
    """The line with this code or name, locked.

    :raises NotFound: there is none. :raises Invalid: two organisations use the name. :raises Refused: annulled
    """
    named = sa.or_(Line.code == text, Line.name == text)
    found = list(db.scalars(sa.select(Line).where(named).limit(3)))
    exact = [line for line in found if line.code == text]
    if len(found) > 1 and not exact:
        raise Invalid("Several lines are called {name}: give the line's code.", field="line", name=text)
    line = required(next(iter(exact or found), None), text)
    db.lock(Line, [line.id])
    db.refresh(line)
    if line.annulled_by is not None:
        raise Refused("{line} was annulled: it was registered by mistake.", line=line.name, about=[line])
    return line


def cultures_called(db: Writing, codes: Iterable[str]) -> list[Culture]:
    """The cultures in the order named, locked. :raises NotFound: unknown. :raises Refused: annulled."""
    names = list(dict.fromkeys(codes))
    keys = list(db.scalars(sa.select(Culture.id).where(Culture.code.in_(names))))
    db.lock(Culture, keys)
    rows = db.scalars(
        sa.select(Culture).where(Culture.id.in_(keys)).execution_options(populate_existing=True)
    )
    found = {culture.code: culture for culture in rows}
    cultures = [required(found.get(name), name) for name in names]
    for culture in cultures:
        if culture.annulled_by is not None:
            raise Refused(
                "{culture} was annulled: it was recorded by mistake.", culture=culture.code, about=[culture]
            )
    return cultures


def lines_of(db: Writing, cultures: Iterable[Culture]) -> dict[UUID, Line]:
    """The lines that these cultures are of."""
    keys = {culture.line_id for culture in cultures}
    return {line.id: line for line in db.scalars(sa.select(Line).where(Line.id.in_(keys)))}


def refuse_circle(db: Writing, child: Line, parent: Line) -> None:
    """A line may not come from itself. :raises Refused: the parent comes from the child."""
    above = sa.select(sa.literal(parent.id, sa.Uuid()).label("id")).cte("above", recursive=True)
    above = above.union(
        sa.select(LineParent.parent_line_id).where(
            LineParent.line_id == above.c.id, LineParent.annulled_by.is_(None)
        )
    )
    if (
        db.scalar(sa.select(above.c.id).where(above.c.id == child.id), execution_options=_WHOLE_FAMILY)
        is not None
    ):
        raise Refused(
            "{parent} comes from {child} itself: a line cannot be its own ancestor.",
            parent=parent.name,
            child=child.name,
            about=[child, parent],
        )


def refuse_culture_circle(db: Writing, child: Culture, parents: Iterable[Culture]) -> None:
    """A culture may not come from itself. :raises Refused: a parent comes from the child."""
    below = descendants(child.id)
    keys = set(db.scalars(sa.select(below.c.id), execution_options=_WHOLE_FAMILY))
    for parent in parents:
        if parent.id in keys or parent.id == child.id:
            raise Refused(
                "{parent} comes from {child} itself: a culture cannot be its own ancestor.",
                parent=parent.code,
                child=child.code,
                about=[child, parent],
            )


def descendants(culture_id: UUID) -> sa.CTE:
    """Keys of everything that was passaged from a culture, at any depth, without itself."""
    below = (
        sa.select(CultureParent.culture_id.label("id"))
        .where(CultureParent.parent_culture_id == culture_id, CultureParent.annulled_by.is_(None))
        .cte("below", recursive=True)
    )
    return below.union(
        sa.select(CultureParent.culture_id).where(
            CultureParent.parent_culture_id == below.c.id, CultureParent.annulled_by.is_(None)
        )
    )


def parents_of(db: Writing, culture_ids: Sequence[UUID]) -> list[CultureParent]:
    """The links of these cultures to what they came from."""
    return list(
        db.scalars(
            sa.select(CultureParent).where(
                CultureParent.culture_id.in_(culture_ids), CultureParent.annulled_by.is_(None)
            )
        )
    )


_WHOLE_FAMILY = {"tenant_ok": "only whether a circle would close is learned"}


def culture_choices(db: Reading, line_code: str) -> list[tuple[str, str]]:
    """Code and passage of every culture of a line that may be banked, newest first, for a form."""
    rows = db.execute(
        sa.select(Culture.code, Culture.passage, Culture.passages_after_thaw)
        .join(Line, Line.id == Culture.line_id)
        .where(
            Line.code == line_code,
            Culture.annulled_by.is_(None),
            Culture.state.in_((CultureState.GROWING, CultureState.HARVESTED)),
        )
        .order_by(Culture.id.desc())
        .limit(MOST_CHOICES)
    )
    known = [(code, of_row(number, after)) for code, number, after in rows]
    return [(code, f"{code} · {passage.text}" if passage else code) for code, passage in known]
