"""What vials are kept for."""

from __future__ import annotations

from typing import ClassVar, Final

from pydantic import Field

from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Message, Refused
from cellbank.core.work import Writing
from cellbank.domains.vials.finding import locked_vials
from cellbank.domains.vials.models import Allocation, VialState

KEPT_BACK: Final = frozenset({Allocation.RETENTION, Allocation.SAFETY_RESERVE})
"""What is kept back on purpose: giving it up needs a reason."""


class AssignAllocation(Command):
    """Say what vials are kept for: stock, quality control, retention, safety reserve or stability."""

    records: ClassVar[str] = "vials.allocated"
    permission: ClassVar[str] = "banks.plan"
    label: ClassVar[str] = "Say what vials are kept for"

    vials: tuple[str, ...] = Field(
        title="Vials", description=Message("Each by its code or lot-number").id, min_length=1, max_length=1000
    )
    allocation: Allocation = Field(title="Kept for")

    def run(self, db: Writing) -> None:
        """Set it on each; what is gone is kept for nothing."""
        for vial in locked_vials(db, self.vials).values():
            if vial.state is VialState.GONE:
                raise Refused("{vial} is gone: it is kept for nothing any more", vial=vial.name, about=[vial])
            if vial.allocation in KEPT_BACK and self.allocation not in KEPT_BACK and db.event.reason is None:
                raise Invalid("{vial} is kept back: say why it is given up", field="reason", vial=vial.name)
            vial.allocation = self.allocation
