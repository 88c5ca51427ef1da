"""What donors allow: every donor must have consented to the use, and not have withdrawn."""

from __future__ import annotations

from collections.abc import Iterator

from cellbank.core.errors import Message
from cellbank.domains.donors.models import Consent, WithdrawalEffect
from cellbank.domains.vials.models import IntendedUse
from cellbank.domains.vials.verdicts.answer import USE_NAMES
from cellbank.domains.vials.verdicts.finding import Finding, good, mind, no
from cellbank.domains.vials.verdicts.known import Gift, Known

HUMAN = "Homo sapiens"

SCOPES_OF_USE = {
    IntendedUse.RESEARCH: ("allows_research_in_country",),
    IntendedUse.TRAINING: ("allows_research_in_country",),
    IntendedUse.GMP_MANUFACTURE: ("allows_clinical_use", "allows_commercial_use"),
    IntendedUse.CLINICAL: ("allows_clinical_use",),
}
"""What a donor must have allowed for each use: one of these suffices, beside keeping the cells in the bank.

What is manufactured is for patients or for sale, so either of these scopes covers its manufacture.
"""


def given(known: Known, use: IntendedUse) -> Iterator[Finding]:
    """Whether every donor allows this use; a consent for all donations covers each."""
    yield from _of_unknown_donors(known, use)
    for gift in known.gifts:
        if gift.donor is not None and gift.donor.species == HUMAN:
            yield from _of_donor(gift, use)


def _of_unknown_donors(known: Known, use: IntendedUse) -> Iterator[Finding]:
    """Old and deposited lines have no donor here; people are not treated with them."""
    reasons = [
        gift.donation.donor_unknown_reason
        for gift in known.gifts
        if gift.donor is None and gift.donation.is_donor_unknown
    ]
    if not known.gifts:
        reasons += [line.donation_unknown_reason for line in known.lines if line.is_donation_unknown]
    is_told = bool(reasons) or (bool(known.gifts) and all(gift.donor is not None for gift in known.gifts))
    if reasons and use is IntendedUse.CLINICAL:
        yield no(Message("The donor is not known: {reason}", {"reason": reasons[0] or "…"}))
    elif reasons:
        yield mind(Message("the donor is not known: {reason}", {"reason": reasons[0] or "…"}))
    if not is_told and known.line.species == HUMAN:
        values = {"line": known.line.name}
        todo = Message("Record the donor of line {line}, or that it is not known and who says so", values)
        yield no(Message("The donor of line {line} is not recorded", values), todo)


def _of_donor(gift: Gift, use: IntendedUse) -> Iterator[Finding]:
    donor = {"donor": gift.donor_name or "…"}
    if not gift.consents:
        todo = Message("Record the consent of donor {donor}", donor)
        yield no(Message("No consent of donor {donor} is recorded", donor), todo)
        return
    ended = [consent for consent in gift.consents if _ends_use(consent)]
    day = max((consent.withdrawn_on for consent in ended if consent.withdrawn_on is not None), default=None)
    in_force = [c for c in gift.consents if not _ends_use(c) and (day is None or c.given_on > day)]
    if day is not None and not in_force:
        destroy = any(c.withdrawal_effect is WithdrawalEffect.DESTROY_REMAINING for c in ended)
        todo = Message("Destroy what is left of it") if destroy else Message("Keep it, and use it no more")
        yield no(Message("Donor {donor} withdrew the consent on {day}", donor | {"day": day}), todo)
        return
    if not any(consent.allows_bank_storage for consent in in_force):
        todo = Message("Ask for a consent of donor {donor} that covers it", donor)
        yield no(Message("The consent of donor {donor} does not cover keeping cells in a bank", donor), todo)
    elif not any(getattr(consent, scope) for consent in in_force for scope in SCOPES_OF_USE[use]):
        values = donor | {"use": USE_NAMES[use]}
        todo = Message("Ask for a consent of donor {donor} that covers it", donor)
        yield no(Message("The consent of donor {donor} does not cover {use}", values), todo)
    else:
        yield good(Message("consent of donor {donor} in force", donor))


def _ends_use(consent: Consent) -> bool:
    return consent.withdrawn_on is not None and consent.withdrawal_effect is not WithdrawalEffect.NO_CONTACT
