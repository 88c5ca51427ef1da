"""May it be used, and for what? The answer is derived each time from what is recorded, and stored nowhere.

``verdicts`` answers for many vials at once, ``may_be_used`` for one use, ``bank_obstacles`` what stands between a
bank and its release. Quarantine is not a wall: an answer here is about use, never about moving or counting.
"""

from cellbank.domains.vials.verdicts.answer import Answer, State, Verdict, use_for
from cellbank.domains.vials.verdicts.asking import (
    bank_obstacles,
    bank_verdicts,
    may_be_used,
    refuse_unless_usable,
    use_of,
    verdicts,
    vial_obstacles,
)

__all__ = [
    "Answer",
    "State",
    "Verdict",
    "bank_obstacles",
    "bank_verdicts",
    "may_be_used",
    "refuse_unless_usable",
    "use_for",
    "use_of",
    "verdicts",
    "vial_obstacles",
]
