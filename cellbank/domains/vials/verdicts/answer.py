"""What is answered: for each intended use yes or no, with the reasons and the one thing to do."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from cellbank.core.errors import Message
from cellbank.domains.banks.models import Grade
from cellbank.domains.vials.models import IntendedUse, ThawPurpose


class State(enum.StrEnum):
    """The state of a vial or bank in one word, as its pill says it."""

    RELEASED = "released"
    QUARANTINE = "quarantine"
    HOLD = "hold"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Answer:
    """Whether it may be used for something, why, and if not, the one thing to do first."""

    is_allowed: bool
    reasons: tuple[Message, ...]
    todo: Message | None = None


@dataclass(frozen=True)
class Verdict:
    """The answer for each intended use; ``allows_qc`` says whether quality control may take it."""

    uses: dict[IntendedUse, Answer]
    state: State
    allows_qc: bool

    def allows(self, use: IntendedUse) -> bool:
        """Whether it may be used for this."""
        return self.uses[use].is_allowed

    @property
    def allowed_uses(self) -> tuple[IntendedUse, ...]:
        """Everything that it may be used for."""
        return tuple(use for use, answer in self.uses.items() if answer.is_allowed)


USE_NAMES = {
    IntendedUse.RESEARCH: Message("research"),
    IntendedUse.GMP_MANUFACTURE: Message("GMP manufacture"),
    IntendedUse.CLINICAL: Message("clinical use"),
    IntendedUse.TRAINING: Message("training"),
}
"""The word of each use inside a sentence."""

_OF_PURPOSE = {
    ThawPurpose.MANUFACTURE: IntendedUse.GMP_MANUFACTURE,
    ThawPurpose.CLINICAL: IntendedUse.CLINICAL,
    ThawPurpose.TRAINING: IntendedUse.TRAINING,
}


def use_for(purpose: ThawPurpose, grade: Grade) -> IntendedUse | None:
    """The use that a thaw's purpose stands for; none for tests, which quarantine lets through.

    Culture and new banks are manufacture where the bank is of GMP grade, and research where it is not.
    """
    if purpose in (ThawPurpose.QC, ThawPurpose.STABILITY):
        return None
    by_grade = IntendedUse.GMP_MANUFACTURE if grade is Grade.GMP else IntendedUse.RESEARCH
    return _OF_PURPOSE.get(purpose, by_grade)
