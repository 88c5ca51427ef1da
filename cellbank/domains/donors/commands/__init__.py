"""What can be done with donors, donations, consents and results."""

from cellbank.domains.donors.commands.consents import AnnulConsent, RecordConsent, WithdrawConsent
from cellbank.domains.donors.commands.decisions import DecideAcceptance, DecideEligibility
from cellbank.domains.donors.commands.donations import AnnulDonation, RegisterDonation
from cellbank.domains.donors.commands.registering import CorrectDonor, RegisterDonor
from cellbank.domains.donors.commands.results import AnnulInfectiousResult, RecordInfectiousResult

__all__ = [
    "AnnulConsent",
    "AnnulDonation",
    "AnnulInfectiousResult",
    "CorrectDonor",
    "DecideAcceptance",
    "DecideEligibility",
    "RecordConsent",
    "RecordInfectiousResult",
    "RegisterDonation",
    "RegisterDonor",
    "WithdrawConsent",
]
