"""The register of quality's pages and resources, and its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cellbank.core.errors import Message
from cellbank.domains.vials.models import ExceptionKind, ExceptionOutcome, HoldKind, IntendedUse
from cellbank.domains.vials.verdicts.ancestry import Kind
from cellbank.toolkit.html import words
from cellbank.toolkit.html.pages import MenuItem, Pages
from cellbank.toolkit.rest import Resources

pages = Pages("quality")
resources = Resources("quality")
MENU = (
    MenuItem(
        label="Quality", endpoint="quality.overview", icon="quality", permission="quality.read", order=60
    ),
)

USES = {
    IntendedUse.RESEARCH: Message("Research"),
    IntendedUse.GMP_MANUFACTURE: Message("GMP manufacture"),
    IntendedUse.CLINICAL: Message("Clinical use"),
    IntendedUse.TRAINING: Message("Training"),
}
HOLD_KINDS = {
    HoldKind.QUARANTINE: Message("Quarantine"),
    HoldKind.RETURNED: Message("Returned vial"),
    HoldKind.EXCEPTION: Message("Exception"),
    HoldKind.CORRECTION: Message("Correction"),
    HoldKind.WITHDRAWAL: Message("Consent withdrawn"),
    HoldKind.TEST_FAILED: Message("Test failed"),
    HoldKind.REJECTED: Message("Rejected"),
    HoldKind.INVESTIGATION: Message("Investigation"),
    HoldKind.ADMINISTRATIVE: Message("Administrative"),
}
SCOPES = {
    Kind.VIAL: Message("Vial"),
    Kind.BANK: Message("Bank"),
    Kind.FILL_LOT: Message("Fill lot"),
    Kind.FREEZE_RUN: Message("Freeze run"),
    Kind.CULTURE: Message("Culture"),
    Kind.LINE: Message("Line"),
    Kind.DONATION: Message("Donation"),
    Kind.DONOR: Message("Donor"),
    Kind.CONTAINER: Message("Container"),
    Kind.MATERIAL_LOT: Message("Material lot"),
}
EXCEPTION_KINDS = {
    ExceptionKind.PASSAGE_LIMIT: Message("Past the passage limit"),
    ExceptionKind.EXPOSURE_LIMIT: Message("Exposure over the limit"),
    ExceptionKind.LONG_STAY: Message("Too long at a place that is not cold enough"),
    ExceptionKind.BALANCE: Message("The balance does not come out"),
    ExceptionKind.LABEL_BALANCE: Message("The balance of labels does not come out"),
    ExceptionKind.IDENTIFIED_BY_PLACE: Message("Identified by its place"),
    ExceptionKind.TYPED_CODE: Message("Code typed, not read"),
    ExceptionKind.OCCUPIED_PLACE: Message("Tube found in an occupied place"),
    ExceptionKind.EMPTY_TUBE: Message("Empty tube"),
    ExceptionKind.NOT_FOUND: Message("Not found in its place"),
    ExceptionKind.WRONG_PLACE_FOR_STATUS: Message("Status and place disagree"),
    ExceptionKind.RUN_DEVIATION: Message("Freeze run deviated"),
    ExceptionKind.EXPIRED_LOT: Message("Expired material lot used"),
    ExceptionKind.EXPIRED_CALIBRATION: Message("Calibration out of date"),
    ExceptionKind.NOT_RECEIVED: Message("Sent, never received"),
    ExceptionKind.PUT_BACK: Message("Vial put back"),
    ExceptionKind.SUBSTITUTION: Message("Another vial picked instead"),
    ExceptionKind.OVERRIDE: Message("Rule overridden"),
    ExceptionKind.EVACUATION: Message("Evacuation"),
    ExceptionKind.ANNULMENT: Message("Act annulled"),
    ExceptionKind.CORRECTION: Message("Record corrected"),
    ExceptionKind.RULE_LOOSENED: Message("Rule loosened"),
    ExceptionKind.LATE_ENTRY: Message("Entered late"),
    ExceptionKind.OTHER: Message("Something else"),
}
EXCEPTION_OUTCOMES = {
    ExceptionOutcome.ACCEPTED: Message("Accepted"),
    ExceptionOutcome.QUERY_ANSWERED: Message("Query answered"),
    ExceptionOutcome.DEVIATION: Message("Deviation"),
}

ADDRESSES = {
    Kind.VIAL: "/vials/{name}",
    Kind.BANK: "/banks/{name}",
    Kind.LINE: "/lines/{name}",
    Kind.DONOR: "/donors/{name}",
}
"""Where things with a page of their own are found by their name."""


def choices(named: Mapping[Any, Message], *, without: tuple[Any, ...] = ()) -> list[tuple[str, str]]:
    """What a list of words offers, in the reader's language."""
    return [
        (value.value, words.text_of(message.id)) for value, message in named.items() if value not in without
    ]


def address(kind: Kind, name: str) -> str:
    """The page of a thing, or nothing where it has none."""
    return ADDRESSES[kind].format(name=name) if kind in ADDRESSES else ""
