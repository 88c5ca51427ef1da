"""Pages of donors and donations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import request
from pydantic import BaseModel

from cellbank.core import work
from cellbank.core.actor import Actor
from cellbank.core.errors import Message
from cellbank.core.journal import Event
from cellbank.core.work import Reading
from cellbank.domains.audit import queries as audit
from cellbank.domains.donors import queries
from cellbank.domains.donors.commands import (
    AnnulConsent,
    AnnulDonation,
    AnnulInfectiousResult,
    CorrectDonor,
    DecideAcceptance,
    DecideEligibility,
    RecordConsent,
    RecordInfectiousResult,
    RegisterDonation,
    RegisterDonor,
    WithdrawConsent,
)
from cellbank.domains.donors.models import (
    CONSENT_SCOPES,
    Consent,
    Donation,
    Donor,
    DonorKind,
    InfectiousResult,
)
from cellbank.domains.donors.words import SCOPES, agent_word
from cellbank.domains.lines import queries as lines
from cellbank.toolkit.html.pages import MenuItem, Pages, form_page, page_number, seen, url_for
from cellbank.toolkit.html.render import render
from cellbank.toolkit.rest import Resources

pages = Pages("donors")
resources = Resources("donors")
MENU = (MenuItem("Donors", "donors.show_all", "donors", "donors.read", order=70),)


@pages.page("/donors", permission="donors.read")
def show_all(actor: Actor) -> str:
    """The donors: searched by code, filtered by kind, in pages."""
    text, number = request.args.get("q", ""), page_number()
    kind = next((one for one in DonorKind if one.value == request.args.get("kind")), None)
    with work.reading(actor) as db:
        rows, total = queries.donors(db, text=text, kind=kind, page=number)
    return render(
        "donors/list.html", rows=rows, total=total, text=text, kind=kind, kinds=DonorKind, actor=actor,
        **pager("donors.show_all", number, total, q=text, kind=kind.value if kind else ""),
    )  # fmt: skip


@pages.page("/donations", permission="donors.read")
def donations(actor: Actor) -> str:
    """The donations, newest first."""
    text, number = request.args.get("q", ""), page_number()
    with work.reading(actor) as db:
        rows, total = queries.donations(db, text=text, page=number)
    return render(
        "donors/donations.html", rows=rows, total=total, text=text, actor=actor,
        **pager("donors.donations", number, total, q=text),
    )  # fmt: skip


def pager(endpoint: str, number: int, total: int, **kept: str) -> dict[str, str]:
    """The addresses of the newer and the older page of a list, with its filters."""
    given: dict[str, Any] = {name: value for name, value in kept.items() if value}
    newer = url_for(endpoint, page=number - 1, **given) if number > 1 else ""
    older = url_for(endpoint, page=number + 1, **given) if number * queries.A_PAGE < total else ""
    return {"newer_url": newer, "older_url": older}


@pages.page("/donors/<code>", permission="donors.read")
def show(actor: Actor, code: str) -> str:
    """One donor: what is known, what was given and consented to, and which lines came from it."""
    with work.reading(actor) as db:
        donor = queries.donor(db, code)
        return render(
            "donors/show.html",
            donor=donor,
            owner=queries.organisation_of(db, donor.organisation_id),
            donations=queries.donations_of(db, donor.id),
            consents=queries.consents(db, donor.id),
            scopes=SCOPES,
            lines=lines.lines_of_donor(db, donor.id),
            story=audit.story_of(db, "donor", donor.id),
            story_url=f"/history/donor/{donor.code}",
            actor=actor,
        )


@pages.page("/donations/<code>", permission="donors.read")
def donation(actor: Actor, code: str) -> str:
    """One donation: how it came, what was decided, what was found in it."""
    with work.reading(actor) as db:
        row = queries.donation(db, code)
        found = row.donation
        return render(
            "donors/donation.html",
            donation=found,
            donors=row.donors,
            ages=queries.ages_at(db, found.id),
            lots=queries.lots_at(db, found.id),
            results=queries.results(db, found.id),
            agent_word=agent_word,
            lines=lines.lines_of_donation(db, found.id),
            story=audit.story_of(db, "donation", found.id),
            story_url=f"/history/donation/{found.code}",
            actor=actor,
        )


# ---- forms ------------------------------------------------------------------------------------------------


def _new_donor(actor: Actor) -> Mapping[str, Any]:
    return {"back": url_for("donors.show_all"), "choices": _owners(actor)}


def _owners(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    with work.reading(actor) as db:
        return {"organisation": queries.organisation_choices(db)} if actor.sees_all else {}


def _a_donor(actor: Actor, code: str) -> Mapping[str, Any]:
    with work.reading(actor) as db:
        donor = queries.donor(db, code)
    kept = ("kind", "sex", "species", "strain", "ethnicity", "depositor_code", "note")
    return {
        "fixed": {"donor": code},
        "values": {name: getattr(donor, name) for name in kept},
        "saw": seen(donor),
        "back": url_for("donors.show", code=code),
    }


def _new_donation(actor: Actor) -> Mapping[str, Any]:
    return {"back": url_for("donors.donations"), "choices": _owners(actor)}


def _a_donation(actor: Actor, code: str) -> Mapping[str, Any]:
    with work.reading(actor) as db:
        found = queries.donation(db, code).donation
    kept = ("acceptance", "acceptance_reason", "eligibility", "eligibility_reason")
    return {
        "fixed": {"donation": code},
        "values": {name: getattr(found, name) for name in kept},
        "saw": seen(found),
        "back": url_for("donors.donation", code=code),
    }


def _a_result(actor: Actor, code: str) -> Mapping[str, Any]:
    with work.reading(actor) as db:
        row = queries.donation(db, code)
    shown = {"donor": [(donor, donor) for donor in row.donors]} if row.donors else {}
    return {"fixed": {"donation": code}, "choices": shown, "back": url_for("donors.donation", code=code)}


def _a_consent_of(actor: Actor, code: str) -> Mapping[str, Any]:
    with work.reading(actor) as db:
        donor = queries.donor(db, code)
        offered = [(row.donation.code, row.donation.code) for row in queries.donations_of(db, donor.id)]
    return {
        "fixed": {"donor": code},
        "choices": {"donation": offered},
        "back": url_for("donors.show", code=code),
    }


def _a_consent(actor: Actor, key: UUID) -> Mapping[str, Any]:
    with work.reading(actor) as db:
        consent = work.required(db.scalar(sa.select(Consent).where(Consent.id == key)), str(key))
        donor = db.get_one(Donor, consent.donor_id)
    return {"fixed": {"consent": key}, "saw": seen(consent), "back": url_for("donors.show", code=donor.code)}


def _a_consent_by_mistake(actor: Actor, key: UUID) -> Mapping[str, Any]:
    told = Message(
        "Only for a consent that was recorded by mistake: it no longer permits any use, and this cannot be taken back; "
        "a donor who has changed their mind withdraws it instead."
    )
    return {**_a_consent(actor, key), "intro": told.id}


def _a_wrong_result(actor: Actor, key: UUID) -> Mapping[str, Any]:
    with work.reading(actor) as db:
        result = work.required(
            db.scalar(sa.select(InfectiousResult).where(InfectiousResult.id == key)), str(key)
        )
        found = db.get_one(Donation, result.donation_id)
    return {
        "fixed": {"result": key},
        "saw": seen(result),
        "back": url_for("donors.donation", code=found.code),
    }


def _to_new_donor(actor: Actor, event: Event) -> str:
    with work.reading(actor) as db:
        return url_for("donors.show", code=db.get_one(Donor, work.created(event, Donor)[0]).code)


def _to_new_donation(actor: Actor, event: Event) -> str:
    with work.reading(actor) as db:
        return url_for("donors.donation", code=db.get_one(Donation, work.created(event, Donation)[0]).code)


def _to_donor(actor: Actor, event: Event) -> str:
    """The donor whom the event is about."""
    with work.reading(actor) as db:
        return url_for("donors.show", code=_subject(db, event, Donor))


def _to_donation(actor: Actor, event: Event) -> str:
    """The donation that the event is about."""
    with work.reading(actor) as db:
        return url_for("donors.donation", code=_subject(db, event, Donation))


def _subject(db: Reading, event: Event, model: type[Donor | Donation]) -> str:
    about = queries.subjects_of(db, event.seq)
    return str(db.scalar(sa.select(model.code).where(model.id.in_(about)).limit(1)))


form_page(
    pages,
    "/donors/new",
    RegisterDonor,
    then=_to_new_donor,
    prepare=_new_donor,
    said="The donor is registered.",
)
form_page(
    pages,
    "/donors/<code>/correction",
    CorrectDonor,
    then=_to_donor,
    prepare=_a_donor,
    said="It was corrected.",
)
form_page(
    pages, "/donors/<code>/consents/new", RecordConsent,
    then=_to_donor, prepare=_a_consent_of, said="The consent was recorded.",
)  # fmt: skip
form_page(
    pages, "/consents/<uuid:key>/withdrawal", WithdrawConsent,
    then=_to_donor, prepare=_a_consent, said="The withdrawal was recorded.",
)  # fmt: skip
form_page(
    pages, "/consents/<uuid:key>/annulment", AnnulConsent,
    then=_to_donor, prepare=_a_consent_by_mistake, said="The consent was annulled.",
)  # fmt: skip
form_page(
    pages, "/donations/new", RegisterDonation,
    then=_to_new_donation, prepare=_new_donation, said="The donation is registered.",
)  # fmt: skip
form_page(
    pages, "/donations/<code>/acceptance", DecideAcceptance,
    then=_to_donation, prepare=_a_donation, said="The decision was recorded.",
)  # fmt: skip
form_page(
    pages, "/donations/<code>/eligibility", DecideEligibility,
    then=_to_donation, prepare=_a_donation, said="The decision was recorded.",
)  # fmt: skip
form_page(
    pages, "/donations/<code>/results/new", RecordInfectiousResult,
    then=_to_donation, prepare=_a_result, said="The result was recorded.",
)  # fmt: skip
form_page(
    pages, "/results/<uuid:key>/annulment", AnnulInfectiousResult,
    then=_to_donation, prepare=_a_wrong_result, said="The result was annulled.",
)  # fmt: skip
form_page(
    pages, "/donations/<code>/annulment", AnnulDonation,
    then=_to_donation, prepare=_a_donation, said="The donation was annulled.",
)  # fmt: skip


# ---- what programs read -------------------------------------------------------------------------------------


class DonationOut(BaseModel):
    """One donation of a donor."""

    code: str
    tissue: str
    acceptance: str
    eligibility: str


class ConsentOut(BaseModel):
    """One consent of a donor; a scope that is not listed was refused or not asked."""

    form: str
    form_version: str
    given_on: date
    scopes: list[str]
    withdrawn_on: date | None
    withdrawal_effect: str | None


class DonorOut(BaseModel):
    """A donor as programs read it: a code, never a person."""

    code: str
    kind: str
    species: str
    sex: str
    donations: list[DonationOut]
    consents: list[ConsentOut]


@resources.resource("/donors/<code>", permission="donors.read", returns=DonorOut)
def donor(actor: Actor, code: str) -> DonorOut:
    """One donor with donations and consents."""
    with work.reading(actor) as db:
        found = queries.donor(db, code)
        given = [row.donation for row in queries.donations_of(db, found.id)]
        agreed = queries.consents(db, found.id)
    return DonorOut(
        code=found.code,
        kind=found.kind.value,
        species=found.species,
        sex=found.sex.value,
        donations=[
            DonationOut(
                code=d.code, tissue=d.tissue, acceptance=d.acceptance.value, eligibility=d.eligibility.value
            )
            for d in given
        ],
        consents=[
            ConsentOut(
                form=c.form,
                form_version=c.form_version,
                given_on=c.given_on,
                scopes=[scope for scope in CONSENT_SCOPES if getattr(c, scope)],
                withdrawn_on=c.withdrawn_on,
                withdrawal_effect=c.withdrawal_effect.value if c.withdrawal_effect else None,
            )
            for c in agreed
        ],
    )
