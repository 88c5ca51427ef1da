"""The table that "find anything" looks in. It knows no domain: those write their words here."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

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
