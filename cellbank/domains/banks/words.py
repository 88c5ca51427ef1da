"""The words by which a bank is found."""

from __future__ import annotations

from sqlalchemy.orm import Session

from cellbank.core.search import SearchTerm
from cellbank.domains.banks.models import Bank
from cellbank.toolkit.i18n.digits import fold


def remember_lot(db: Session, bank: Bank) -> None:
    """Let "find anything" know a lot number, as it is printed and without its separators."""
    for folded in {fold(bank.code), fold(bank.code).replace("-", "")}:
        db.add(
            SearchTerm(
                folded=folded,
                shown=bank.code,
                kind="bank",
                subject_id=bank.id,
                organisation_id=bank.organisation_id,
            )
        )
