"""What is known of donors, donations, consents and results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from cellbank.core.actor import Organisation
from cellbank.core.journal import EventSubject
from cellbank.core.search import beginning_with
from cellbank.core.work import Reading, required
from cellbank.domains.donors.models import (
    Consent,
    Donation,
    DonationDonor,
    DonationMaterial,
    Donor,
    DonorKind,
    InfectiousResult,
)
from cellbank.domains.materials.models import Material, MaterialLot
from cellbank.domains.storage.finding import compact

A_PAGE = 50


@dataclass(frozen=True)
class DonorRow:
    """A donor in the list: how many donations, how many consents stand, whether one was withdrawn."""

    donor: Donor
    donations: int
    consents: int
    withdrawn: int


@dataclass(frozen=True)
class DonationRow:
    """A donation with the codes of its donors."""

    donation: Donation
    donors: tuple[str, ...]


def donors(
    db: Reading, *, text: str = "", kind: DonorKind | None = None, page: int = 1
) -> tuple[list[DonorRow], int]:
    """One page of the donors, newest first, and how many there are in all."""
    wanted = sa.select(Donor).where(Donor.annulled_by.is_(None))
    if folded := compact(text):
        wanted = wanted.where(Donor.id.in_(beginning_with("donor", folded)))
    if kind is not None:
        wanted = wanted.where(Donor.kind == kind)
    total = db.scalar(wanted.with_only_columns(sa.func.count(Donor.id)))
    rows = list(db.scalars(wanted.order_by(Donor.id.desc()).limit(A_PAGE).offset((page - 1) * A_PAGE)))
    keys = [donor.id for donor in rows]
    gave = {
        row.donor_id: row.donations
        for row in db.execute(
            sa.select(DonationDonor.donor_id, sa.func.count().label("donations"))
            .where(DonationDonor.donor_id.in_(keys), DonationDonor.annulled_by.is_(None))
            .group_by(DonationDonor.donor_id)
        )
    }
    agreed = {
        donor_id: (standing, withdrawn)
        for donor_id, standing, withdrawn in db.execute(
            sa.select(
                Consent.donor_id,
                sa.func.count().filter(Consent.withdrawn_on.is_(None)),
                sa.func.count().filter(Consent.withdrawn_on.is_not(None)),
            )
            .where(Consent.donor_id.in_(keys), Consent.annulled_by.is_(None))
            .group_by(Consent.donor_id)
        )
    }
    return [DonorRow(d, gave.get(d.id, 0), *agreed.get(d.id, (0, 0))) for d in rows], total or 0


def donor(db: Reading, code: str) -> Donor:
    """The donor with this code. :raises NotFound: there is none, or it is another organisation's."""
    return required(db.scalar(sa.select(Donor).where(Donor.code == code)), code)


def donations(db: Reading, *, text: str = "", page: int = 1) -> tuple[list[DonationRow], int]:
    """One page of the donations, newest first, and how many there are in all."""
    wanted = sa.select(Donation).where(Donation.annulled_by.is_(None))
    if folded := compact(text):
        wanted = wanted.where(Donation.id.in_(beginning_with("donation", folded)))
    total = db.scalar(wanted.with_only_columns(sa.func.count(Donation.id)))
    rows = list(db.scalars(wanted.order_by(Donation.id.desc()).limit(A_PAGE).offset((page - 1) * A_PAGE)))
    return _with_donors(db, rows), total or 0


def donation(db: Reading, code: str) -> DonationRow:
    """The donation with this code. :raises NotFound: there is none, or it is another organisation's."""
    found = required(db.scalar(sa.select(Donation).where(Donation.code == code)), code)
    return _with_donors(db, [found])[0]


def donations_of(db: Reading, donor_id: UUID) -> list[DonationRow]:
    """The donations of a donor, newest first."""
    theirs = sa.select(DonationDonor.donation_id).where(
        DonationDonor.donor_id == donor_id, DonationDonor.annulled_by.is_(None)
    )
    return _with_donors(
        db, db.scalars(sa.select(Donation).where(Donation.id.in_(theirs)).order_by(Donation.id.desc()))
    )


def _with_donors(db: Reading, rows: Iterable[Donation]) -> list[DonationRow]:
    found = list(rows)
    codes: dict[UUID, list[str]] = {row.id: [] for row in found}
    pairs = db.execute(
        sa.select(DonationDonor.donation_id, Donor.code)
        .join(Donor, Donor.id == DonationDonor.donor_id)
        .where(DonationDonor.donation_id.in_(codes), DonationDonor.annulled_by.is_(None))
        .order_by(Donor.code)
    )
    for donation_id, code in pairs:
        codes[donation_id].append(code)
    return [DonationRow(row, tuple(codes[row.id])) for row in found]


def ages_at(db: Reading, donation_id: UUID) -> Sequence[DonationDonor]:
    """The links of a donation to its donors, with their ages."""
    return db.scalars(
        sa.select(DonationDonor).where(
            DonationDonor.donation_id == donation_id, DonationDonor.annulled_by.is_(None)
        )
    ).all()


def lots_at(db: Reading, donation_id: UUID) -> list[tuple[str, str]]:
    """The material lots used at a donation: name and lot."""
    rows = db.execute(
        sa.select(Material.name, MaterialLot.lot)
        .join(MaterialLot, MaterialLot.material_id == Material.id)
        .join(DonationMaterial, DonationMaterial.material_lot_id == MaterialLot.id)
        .where(DonationMaterial.donation_id == donation_id, DonationMaterial.annulled_by.is_(None))
    )
    return [(name, lot) for name, lot in rows]


def consents(db: Reading, donor_id: UUID) -> Sequence[Consent]:
    """Every consent of a donor, the newest first; annulled ones are left out."""
    return db.scalars(
        sa.select(Consent)
        .where(Consent.donor_id == donor_id, Consent.annulled_by.is_(None))
        .order_by(Consent.given_on.desc(), Consent.id.desc())
    ).all()


def consents_in_force(db: Reading, donor_ids: Iterable[UUID]) -> Sequence[Consent]:
    """The consents that stand for these donors: not annulled, not withdrawn, not replaced by a newer one."""
    newer = aliased(Consent)
    replaced = sa.select(newer.replaces_id).where(newer.replaces_id.is_not(None), newer.annulled_by.is_(None))
    return db.scalars(
        sa.select(Consent).where(
            Consent.donor_id.in_(list(donor_ids)),
            Consent.annulled_by.is_(None),
            Consent.withdrawn_on.is_(None),
            Consent.id.not_in(replaced),
        )
    ).all()


def results(db: Reading, donation_id: UUID) -> Sequence[InfectiousResult]:
    """Every result of a donation, by agent, newest first; annulled ones are left out."""
    return db.scalars(
        sa.select(InfectiousResult)
        .where(InfectiousResult.donation_id == donation_id, InfectiousResult.annulled_by.is_(None))
        .order_by(InfectiousResult.agent, InfectiousResult.id.desc())
    ).all()


def organisation_choices(db: Reading) -> list[tuple[str, str]]:
    """Short name and name of every organisation, for a form."""
    rows = db.execute(
        sa.select(Organisation.short_name, Organisation.name)
        .where(Organisation.is_closed.is_(False))
        .order_by(Organisation.name)
    )
    return [(short, name) for short, name in rows]


def organisation_of(db: Reading, organisation_id: UUID) -> Organisation:
    """The organisation that owns something."""
    return db.get_one(Organisation, organisation_id)


def subjects_of(db: Reading, event_seq: int) -> list[UUID]:
    """The things an event is about, as far as the actor may see them."""
    owner = EventSubject.organisation_id
    mine = sa.true() if db.actor.sees_all else sa.or_(owner.is_(None), owner == db.actor.organisation_id)
    about = sa.select(EventSubject.subject_id).where(EventSubject.event_seq == event_seq, mine)
    return list(db.scalars(about.distinct()))
