"""Making vials known to the bank: their rows, their numbers, their codes and their first owner, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from cellbank.core import ids
from cellbank.core.model import Precision
from cellbank.core.numbering import next_number
from cellbank.core.work import Writing
from cellbank.domains.banks.models import Bank
from cellbank.domains.vials.facts import moment
from cellbank.domains.vials.filling import vial_name
from cellbank.domains.vials.models import LabelCode, LabelCodeKind, Vial, VialOwnership


def make_vials(db: Writing, bank: Bank, count: int, **facts: Any) -> list[Vial]:
    """The next ``count`` vials of a bank, each with a number, a label code of its own and its owner."""
    first = next_number(db, f"VIAL:{bank.id.hex}", count)
    vials = [
        Vial(
            organisation_id=bank.organisation_id,
            bank_id=bank.id,
            number=number,
            name=vial_name(bank.code, number),
            **facts,
        )
        for number in range(first, first + count)
    ]
    db.add_all(vials)
    codes = fresh_codes(db, count)
    db.add_all(
        LabelCode(organisation_id=bank.organisation_id, vial_id=vial.id, code=code, given_by=db.event_seq)
        for vial, code in zip(vials, codes, strict=True)
    )
    today = day_of(db)[0]
    db.add_all(
        VialOwnership(organisation_id=bank.organisation_id, vial_id=vial.id, effective_from=today)
        for vial in vials
    )
    db.flush()
    return vials


def fresh_codes(db: Writing, count: int) -> list[str]:
    """So many printed codes that no label of the bank has yet."""
    # In the order they were drawn: sorted, a code would tell its vial's number.
    found: dict[str, None] = {}
    while len(found) < count:
        made = {ids.new_code(db.setting.bank_letter, ids.Kind.VIAL): None for _ in range(count - len(found))}
        taken = db.scalars(
            sa.select(LabelCode.code).where(LabelCode.code.in_(list(made))),
            execution_options={"tenant_ok": "a code is never given twice, whoever's label has it"},
        )
        for code in taken:
            del made[code]
        found |= made
    return list(found)


def void_labels(db: Writing, vial_ids: Sequence[UUID], reason: str) -> None:
    """Make every label of these vials void, so that a scan says so."""
    if not vial_ids:
        return
    db.execute(
        sa.update(LabelCode)
        .where(
            LabelCode.vial_id.in_(vial_ids),
            LabelCode.voided_by.is_(None),
            LabelCode.kind == LabelCodeKind.OWN,
        )
        .values(voided_by=db.event_seq, void_reason=reason, version=LabelCode.version + 1),
        execution_options={"synchronize_session": False},
    )


def day_of(db: Writing) -> tuple[date, Precision]:
    """The day of the act at the site, and how exactly it is known (to the day at best)."""
    day = moment(db).astimezone(ZoneInfo(db.setting.site_zone)).date()
    known = db.event.occurred_precision if db.occurred_at else Precision.UNKNOWN
    coarse = (Precision.DAY, Precision.MONTH, Precision.YEAR, Precision.UNKNOWN)
    return day, known if known in coarse else Precision.DAY
