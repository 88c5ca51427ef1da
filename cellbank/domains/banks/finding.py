"""From a lot number, a fill lot's or a freeze run's code to the row it names; used by commands and queries alike."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core.errors import Refused
from cellbank.core.work import required
from cellbank.domains.banks.models import Bank, FillLot, FreezeRun
from cellbank.domains.lines.models import Line


def bank_named(db: Session, lot: str) -> Bank:
    """The bank with this lot number.

    :raises NotFound:
    """
    wanted = lot.strip().upper()
    return required(db.scalar(sa.select(Bank).where(Bank.code == wanted, Bank.annulled_by.is_(None))), lot)


def fill_lot_named(db: Session, code: str) -> FillLot:
    """The fill lot with this code, MCB-0042-F1.

    :raises NotFound:
    """
    wanted = code.strip().upper()
    return required(
        db.scalar(sa.select(FillLot).where(FillLot.code == wanted, FillLot.annulled_by.is_(None))), code
    )


def freeze_run_named(db: Session, code: str) -> FreezeRun:
    """The freeze run with this code, FRZ-0019.

    :raises NotFound:
    """
    wanted = code.strip().upper()
    return required(
        db.scalar(sa.select(FreezeRun).where(FreezeRun.code == wanted, FreezeRun.annulled_by.is_(None))), code
    )


def line_named(db: Session, text: str) -> Line:
    """The line of this code, name or registry name.

    :raises NotFound:
    :raises Refused: where several custodians use the name
    """
    wanted = text.strip()
    words = (Line.code == wanted, Line.name == wanted, Line.hpscreg_name == wanted)
    found = db.scalars(sa.select(Line).where(sa.or_(*words), Line.annulled_by.is_(None))).all()
    exact = [line for line in found if line.code == wanted]
    if len(found) > 1 and not exact:
        raise Refused(
            "Several lines are called {line}: use the code or registry name of the one you mean", line=wanted
        )
    return required(next(iter(exact or found), None), text)
