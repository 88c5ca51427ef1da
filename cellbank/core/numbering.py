"""Running numbers for lots and codes: MCB-0042, D-0031."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from cellbank.core.model import Operational


class NumberSeries(Operational):
    """The next number of one series."""

    __tablename__ = "number_series"
    WHY = "a counter; the numbers given are facts of the rows that carry them"

    series: Mapped[str] = mapped_column(primary_key=True)  # MCB, D, VIAL:<bank>
    next_number: Mapped[int]


# One statement on both databases: two writers never get the same number, and a refused act takes none.
TAKE: Final = sa.text(
    "INSERT INTO number_series (series, next_number) VALUES (:series, 1 + :count)"
    " ON CONFLICT (series) DO UPDATE SET next_number = number_series.next_number + :count"
    " RETURNING next_number"
)


def next_number(db: Session, series: str, count: int = 1) -> int:
    """The first of ``count`` numbers taken from a series, from 1; a rollback gives them back."""
    if count < 1:
        raise ValueError("at least one number is taken")
    counter = {"tenant_ok": "a counter belongs to no organisation"}
    after: int = db.execute(TAKE, {"series": series, "count": count}, execution_options=counter).scalar_one()
    return after - count
