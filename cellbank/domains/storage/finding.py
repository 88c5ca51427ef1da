"""The words by which a container is found, kept in step by every command that changes one."""

from __future__ import annotations

import re

import sqlalchemy as sa

from cellbank.core.search import SearchTerm
from cellbank.core.work import Writing
from cellbank.domains.storage.models import Container
from cellbank.toolkit.i18n.digits import fold

_BETWEEN = re.compile(r"[\s\-_./:]+")


def compact(text: str) -> str:
    """A word as it is looked up: folded, without spaces and hyphens, so that BOX-12 is found by "box 12"."""
    return _BETWEEN.sub("", fold(text))


def make_findable(db: Writing, container: Container) -> None:
    """Write the words of a container: its names, its code, its maker's barcode."""
    kind = Container.__tablename__
    words = [container.name, container.name_fa, container.code, container.barcode]
    wanted = {compact(word): word for word in words if word and compact(word)}
    db.execute(
        sa.delete(SearchTerm).where(SearchTerm.kind == kind, SearchTerm.subject_id == container.id),
        execution_options={"synchronize_session": False},
    )
    if container.is_retired:
        wanted = {folded: shown for folded, shown in wanted.items() if shown == container.code}
    db.add_all(
        SearchTerm(folded=folded, shown=shown, kind=kind, subject_id=container.id)
        for folded, shown in wanted.items()
    )
