"""The table that "find anything" looks in. It knows no domain: those write their words here."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from cellbank.core import ids
from cellbank.core.model import Operational

# "C" order on PostgreSQL, so that a prefix is a range of the index there too.
FOLDED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


class SearchTerm(Operational):
    """One word by which a thing is found, folded (case, digits, Persian letter forms, separators)."""

    __tablename__ = "search_term"
    __table_args__ = (
        sa.UniqueConstraint("kind", "subject_id", "folded", name="uq_search_term_word"),
        sa.Index("ix_search_term_folded", "folded", "kind"),
    )
    WHY = "derived from recorded rows; rebuilt by command"

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.uuid7)
    folded: Mapped[str] = mapped_column(FOLDED)
    shown: Mapped[str]  # the word as it is written
    kind: Mapped[str]  # the table of the thing
    subject_id: Mapped[UUID]
    organisation_id: Mapped[UUID | None] = mapped_column(
        default=None, index=True
    )  # none: the bank's, for everyone


def remember(
    db: Session,
    kind: str,
    subject_id: UUID,
    organisation_id: UUID | None,
    words: Iterable[tuple[str, str]],
) -> None:
    """Let a thing be found by these words, (as written, folded), and by no others any more."""
    db.execute(
        sa.delete(SearchTerm).where(SearchTerm.kind == kind, SearchTerm.subject_id == subject_id),
        execution_options={"synchronize_session": False},
    )
    shown = {folded: written for written, folded in words if folded}
    rows = [
        {
            "id": ids.uuid7(),
            "folded": folded,
            "shown": written,
            "kind": kind,
            "subject_id": subject_id,
            "organisation_id": organisation_id,
        }
        for folded, written in shown.items()
    ]
    if rows:
        db.execute(sa.insert(SearchTerm), rows)


def beginning_with(kind: str, folded: str) -> sa.Select[UUID]:
    """Keys of the things of a kind that have a word beginning so; a range of the index, on both databases."""
    after = folded[:-1] + chr(ord(folded[-1]) + 1) if folded else ""
    begins = sa.and_(SearchTerm.folded >= folded, SearchTerm.folded < after) if folded else sa.true()
    return sa.select(SearchTerm.subject_id).where(SearchTerm.kind == kind, begins)
