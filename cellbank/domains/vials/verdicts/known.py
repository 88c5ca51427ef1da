"""What is known of a vial or a bank when somebody asks whether it may be used: plain values, no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from cellbank.domains.banks.models import Bank
from cellbank.domains.donors.models import Consent, Donation, Donor
from cellbank.domains.lines.models import Line
from cellbank.domains.vials.models import HoldKind, Release, Vial
from cellbank.domains.vials.verdicts.ancestry import Kind


@dataclass(frozen=True)
class OpenHold:
    """A hold in force on something: what it is on, and why, where the reader may know why."""

    id: UUID
    kind: HoldKind
    scope: Kind
    scope_id: UUID
    name: str | None  # of what is held; none where the reader may not know it
    reason: str | None
    allows_qc: bool


@dataclass(frozen=True)
class Gift:
    """A donation with one of its donors, and the consents that are about both."""

    donation: Donation
    donor: Donor | None  # none: the donation's donor is not known
    donor_name: str | None  # its code; none where the reader may not know it
    donation_name: str | None = None  # likewise
    consents: tuple[Consent, ...] = ()


@dataclass(frozen=True)
class Lifted:
    """One time out of the cold."""

    started_at: datetime
    seconds: int
    is_own: bool  # the vial alone; otherwise its box or rack was lifted


@dataclass(frozen=True)
class Known:
    """Everything that a verdict follows from. ``vial`` is none where a whole bank is judged."""

    bank: Bank
    line: Line
    vial: Vial | None = None
    today: date = date.min
    lines: tuple[Line, ...] = ()  # its own and those it comes from
    gifts: tuple[Gift, ...] = ()
    holds: tuple[OpenHold, ...] = ()
    releases: tuple[Release, ...] = ()
    lifts: tuple[Lifted, ...] = field(default=())
    exposure_judged_at: datetime | None = None  # quality accepted what was recorded until then
