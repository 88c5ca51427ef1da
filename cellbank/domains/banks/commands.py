"""Closing a bank. What makes or needs vials is asked of the vials' commands, which know both."""

from __future__ import annotations

from typing import ClassVar

import sqlalchemy as sa
from pydantic import Field

from cellbank.core.command import Command
from cellbank.core.errors import Refused
from cellbank.core.work import Writing
from cellbank.domains.banks.finding import bank_named
from cellbank.domains.banks.models import BankState, FillLot, FillLotState, FreezeOutcome, FreezeRun


class CloseBank(Command):
    """Close a bank: its making is over, nothing more is filled or frozen into it."""

    records: ClassVar[str] = "banks.closed"
    permission: ClassVar[str] = "banks.plan"
    label: ClassVar[str] = "Close the bank"
    needs_reason: ClassVar[bool] = True

    bank: str = Field(title="Bank", min_length=1, max_length=40, json_schema_extra={"kind": "code"})

    def run(self, db: Writing) -> None:
        """Close it, once every filling and freeze run is over."""
        bank = bank_named(db, self.bank)
        bank.refuse_if_closed()
        unfinished = db.scalar(
            sa.select(FillLot.code)
            .where(
                FillLot.bank_id == bank.id, FillLot.state.in_((FillLotState.PLANNED, FillLotState.FILLING))
            )
            .order_by(FillLot.number)
            .limit(1)
        ) or db.scalar(
            sa.select(FreezeRun.code)
            .where(FreezeRun.bank_id == bank.id, FreezeRun.outcome == FreezeOutcome.RUNNING)
            .order_by(FreezeRun.code)
            .limit(1)
        )
        if unfinished is not None:
            raise Refused(
                "{what} is not finished: finish or cancel it before closing {bank}",
                what=unfinished,
                bank=bank.code,
                about=[bank],
            )
        bank.state = BankState.CLOSED
