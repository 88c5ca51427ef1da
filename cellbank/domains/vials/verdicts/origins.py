"""Where cells come from as far as use depends on it: donations, donors and what those consented to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core.actor import Actor
from cellbank.domains.donors.models import Consent, Donation, DonationDonor, Donor
from cellbank.domains.vials.verdicts.ancestry import OF_ANY_OWNER
from cellbank.domains.vials.verdicts.known import Gift


def gifts_of(db: Session, actor: Actor, donations: Collection[UUID]) -> dict[UUID, tuple[Gift, ...]]:
    """Each donation with its donors and their consents; two statements."""
    if not donations:
        return {}
    rows = db.execute(
        sa.select(Donation, Donor)
        .outerjoin(
            DonationDonor,
            sa.and_(DonationDonor.donation_id == Donation.id, DonationDonor.annulled_by.is_(None)),
        )
        .outerjoin(Donor, Donor.id == DonationDonor.donor_id)
        .where(Donation.id.in_(list(donations)))
        .order_by(Donation.code, Donor.code),
        execution_options=OF_ANY_OWNER,
    )
    pairs: list[tuple[Donation, Donor | None]] = [(donation, donor) for donation, donor in rows]
    consents = _consents(db, {donor.id for _, donor in pairs if donor is not None})
    found: dict[UUID, list[Gift]] = defaultdict(list)
    for donation, donor in pairs:
        given = consents.get(donor.id, []) if donor is not None else []
        about = tuple(c for c in given if c.donation_id in (None, donation.id))
        may_know = donor is not None and (actor.sees_all or donor.organisation_id == actor.organisation_id)
        name = donor.code if donor is not None and may_know else None
        is_ours = actor.sees_all or donation.organisation_id == actor.organisation_id
        found[donation.id].append(Gift(donation, donor, name, donation.code if is_ours else None, about))
    return {key: tuple(gifts) for key, gifts in found.items()}


def _consents(db: Session, donors: set[UUID]) -> dict[UUID, list[Consent]]:
    """The consents of each donor that no newer version replaced, oldest first."""
    if not donors:
        return {}
    rows = db.scalars(
        sa.select(Consent)
        .where(Consent.donor_id.in_(donors), Consent.annulled_by.is_(None))
        .order_by(Consent.given_on, Consent.id),
        execution_options=OF_ANY_OWNER,
    ).all()
    replaced = {row.replaces_id for row in rows}
    found: dict[UUID, list[Consent]] = defaultdict(list)
    for row in rows:
        if row.id not in replaced:
            found[row.donor_id].append(row)
    return found
