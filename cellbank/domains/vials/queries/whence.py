"""Whence a vial came: donor, donation, line, cultures and bank."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.work import Reading
from cellbank.domains.banks.models import Bank, BankCulture
from cellbank.domains.donors.models import Donation, DonationDonor, Donor
from cellbank.domains.lines.models import Culture, CultureParent, Line, LineDonation
from cellbank.domains.vials.models import BankOrigin, Vial

MOST_DEEP = 12
# Each vial's page asks these: they are made once.
BANK_AND_LINE = (
    sa.select(Bank, Line).join(Line, Line.id == Bank.line_id).where(Bank.id == sa.bindparam("bank"))
)
GIFTS = (
    sa.select(Donation, Donor)
    .join(LineDonation, LineDonation.donation_id == Donation.id)
    .outerjoin(
        DonationDonor,
        sa.and_(DonationDonor.donation_id == Donation.id, DonationDonor.annulled_by.is_(None)),
    )
    .outerjoin(Donor, Donor.id == DonationDonor.donor_id)
    .where(LineDonation.line_id == sa.bindparam("line"), LineDonation.annulled_by.is_(None))
    .order_by(Donation.code, Donor.code)
)
ORIGINS = (
    sa.select(Vial.name)
    .join(BankOrigin, BankOrigin.vial_id == Vial.id)
    .where(BankOrigin.bank_id == sa.bindparam("bank"), BankOrigin.annulled_by.is_(None))
    .order_by(Vial.name)
)
OF_ITS_BANK = {"tenant_ok": "who owns a vial may know its bank and line, whoever keeps them"}


@dataclass(frozen=True)
class Whence:
    """The chain to one vial, in the order of life."""

    bank: Bank
    line: Line
    donors: tuple[Donor, ...]
    donations: tuple[Donation, ...]
    passages: tuple[str, ...]
    """The passage numbers of the cultures before the bank, earliest first, each once."""
    origins: tuple[str, ...]
    """Vials of the banks that this bank came from."""


def whence(db: Reading, vial: Vial) -> Whence:
    """Where the vial comes from, in five queries; donors only where the reader may see them."""
    bank, line = db.execute(BANK_AND_LINE, {"bank": vial.bank_id}, execution_options=OF_ITS_BANK).one()
    donors: dict[UUID, Donor] = {}
    donations: dict[UUID, Donation] = {}
    if db.actor.may("donors.read"):
        for donation, donor in db.execute(GIFTS, {"line": line.id}):
            donations[donation.id] = donation
            if donor is not None:
                donors[donor.id] = donor
    origins = db.scalars(ORIGINS, {"bank": bank.id})
    return Whence(
        bank,
        line,
        tuple(donors.values()),
        tuple(donations.values()),
        _passages(db, bank.id),
        tuple(origins),
    )


def _passages(db: Reading, bank_id: UUID) -> tuple[str, ...]:
    """The passage numbers on the way to the bank, from the cultures harvested into it upwards."""
    rows = db.execute(_passages_above(), {"bank": bank_id}, execution_options=OF_ITS_BANK)
    return tuple(f"p{passage}" for passage, _ in rows)


@lru_cache(maxsize=1)
def _passages_above() -> sa.Select[*tuple[Any, ...]]:
    first = (
        sa.select(BankCulture.culture_id.label("id"), sa.literal(0).label("height"))
        .where(BankCulture.bank_id == sa.bindparam("bank"), BankCulture.annulled_by.is_(None))
        .cte("grown", recursive=True)
    )
    grown = first.union(
        sa.select(CultureParent.parent_culture_id, first.c.height + 1)
        .join(first, CultureParent.culture_id == first.c.id)
        .where(CultureParent.annulled_by.is_(None), first.c.height < MOST_DEEP)
    )
    return (
        sa.select(Culture.passage, sa.func.max(grown.c.height))
        .join(grown, grown.c.id == Culture.id)
        .where(Culture.passage.is_not(None))
        .group_by(Culture.passage)
        .order_by(Culture.passage)
    )
