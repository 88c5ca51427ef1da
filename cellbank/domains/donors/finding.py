"""Donors and donations as people name them in an act: by their code, or a donation by its number (DIN)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from cellbank.core.errors import Refused
from cellbank.core.numbering import next_number
from cellbank.core.search import remember
from cellbank.core.work import Writing, required
from cellbank.domains.donors.models import Donation, Donor
from cellbank.domains.storage.finding import compact

OF_ANYBODY = {"tenant_ok": "a code is given once in the whole bank; only that it is taken is learned"}


def donors_called(db: Writing, codes: Iterable[str]) -> list[Donor]:
    """The donors in the order named. :raises NotFound: unknown. :raises Refused: of several organisations."""
    names = list(dict.fromkeys(codes))
    found = (
        {donor.code: donor for donor in db.scalars(sa.select(Donor).where(Donor.code.in_(names)))}
        if names
        else {}
    )
    donors = [required(found.get(name), name) for name in names]
    for donor in donors:
        if donor.annulled_by is not None:
            raise Refused(
                "{donor} was annulled: it was registered by mistake.", donor=donor.code, about=[donor]
            )
    if len({donor.organisation_id for donor in donors}) > 1:
        raise Refused("The donors of one donation belong to one organisation.", about=donors)
    return donors


def donation_called(db: Writing, text: str) -> Donation:
    """The donation with this code or number, locked. :raises NotFound: there is none. :raises Refused: annulled."""
    named = sa.or_(Donation.code == text, Donation.din == text)
    found = required(db.scalar(sa.select(Donation).where(named).order_by(Donation.id).limit(1)), text)
    db.lock(Donation, [found.id])
    if found.annulled_by is not None:
        raise Refused(
            "{donation} was annulled: it was recorded by mistake.", donation=found.code, about=[found]
        )
    return found


def free_number(db: Writing, series: str, column: InstrumentedAttribute[str]) -> str:
    """The next code of a series, D-0031, that nobody has given by hand before."""
    while True:
        code = f"{series}-{next_number(db, series):04d}"
        taken = sa.select(sa.literal(1)).where(column == code)
        if db.scalar(taken, execution_options=OF_ANYBODY) is None:
            return code


def remember_words(
    db: Writing, kind: str, subject_id: UUID, organisation_id: UUID, words: Iterable[str | None]
) -> None:
    """Let a thing be found by these words."""
    remember(db, kind, subject_id, organisation_id, [(word, compact(word)) for word in words if word])
