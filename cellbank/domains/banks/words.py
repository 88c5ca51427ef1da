"""The words by which a bank is found, and those that its values are called by on a page."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from cellbank.core.errors import Message
from cellbank.core.search import SearchTerm
from cellbank.domains.banks.models import (
    Bank,
    BankState,
    FillLotState,
    FreezeOutcome,
    Grade,
    PutBackRule,
    RequiredStatement,
    Tier,
)
from cellbank.domains.lines.models import PassageRule
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


TIERS: Final = {
    Tier.SEED: Message("Seed bank"),
    Tier.MASTER: Message("Master bank"),
    Tier.WORKING: Message("Working bank"),
    Tier.END_OF_PRODUCTION: Message("End of production bank"),
    Tier.DISTRIBUTION: Message("Distribution bank"),
    Tier.UNKNOWN: Message("Tier unknown"),
}
GRADES: Final = {Grade.RESEARCH: Message("Research"), Grade.GMP: Message("GMP")}
STATES: Final = {
    BankState.PLANNED: Message("Planned"),
    BankState.FILLING: Message("Being made"),
    BankState.FROZEN: Message("Frozen"),
    BankState.CLOSED: Message("Closed"),
}
PUT_BACK: Final = {
    PutBackRule.NEVER: Message("Never"),
    PutBackRule.WITHIN_LIMIT: Message("Within the exposure limit"),
    PutBackRule.RETURNED_HOLD: Message("On hold until quality accepts"),
}
STATEMENTS: Final = {
    RequiredStatement.NONE: Message("None"),
    RequiredStatement.RESEARCH_ONLY: Message("Research use only"),
    RequiredStatement.AUTOLOGOUS: Message("Autologous use only"),
    RequiredStatement.BIOHAZARD: Message("Biohazard"),
    RequiredStatement.NOT_EVALUATED: Message("Not evaluated for infectious substances"),
}
FILL_LOT_STATES: Final = {
    FillLotState.PLANNED: Message("Planned"),
    FillLotState.FILLING: Message("Being filled"),
    FillLotState.FILLED: Message("Filled"),
    FillLotState.CANCELLED: Message("Cancelled"),
}
OUTCOMES: Final = {
    FreezeOutcome.RUNNING: Message("Running"),
    FreezeOutcome.GOOD: Message("Good"),
    FreezeOutcome.DEVIATED: Message("With a deviation"),
    FreezeOutcome.FAILED: Message("Failed"),
}
PASSAGE_RULES: Final = {
    PassageRule.PLUS_ONE_AT_FREEZE: Message("+1 at freezing"),
    PassageRule.PLUS_ONE_AT_THAW: Message("+1 at thawing"),
    PassageRule.NONE: Message("Only splits count"),
}
