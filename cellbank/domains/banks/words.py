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
EXCEPTIONS: Final = {
    "passage_limit": Message("Past the line's limit"),
    "exposure_limit": Message("Exposed longer than allowed"),
    "long_stay": Message("Too long at −80 °C"),
    "balance": Message("Vials do not add up"),
    "label_balance": Message("Labels do not add up"),
    "identified_by_place": Message("Recognised by its place only"),
    "typed_code": Message("Code was typed"),
    "occupied_place": Message("Found in a taken place"),
    "empty_tube": Message("Empty tube"),
    "not_found": Message("Not found"),
    "wrong_place_for_status": Message("Place does not fit the status"),
    "run_deviation": Message("Freeze run with a deviation"),
    "expired_lot": Message("Expired or not accepted lot used"),
    "expired_calibration": Message("Calibration was overdue"),
    "not_received": Message("Listed but not received"),
    "put_back": Message("Put back after being out"),
    "substitution": Message("Another vial was taken instead"),
    "override": Message("A rule was overridden"),
    "evacuation": Message("Evacuated"),
    "annulment": Message("An act was annulled"),
    "correction": Message("The record was corrected"),
    "rule_loosened": Message("A rule was loosened"),
    "late_entry": Message("Entered late"),
    "other": Message("Out of the ordinary"),
}
