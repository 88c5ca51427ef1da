"""What waits for quality: banks in quarantine, holds by age, open exceptions; and what a withdrawal reaches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from cellbank.core import clock
from cellbank.core.errors import Message
from cellbank.core.journal import Event, EventSubject
from cellbank.core.work import Reading, required
from cellbank.domains.banks.models import Bank, BankState
from cellbank.domains.donors.models import Consent, Donation, Donor
from cellbank.domains.lines.models import Line
from cellbank.domains.storage.models import Container
from cellbank.domains.vials.models import (
    Disposition,
    ExceptionNote,
    Hold,
    HoldKind,
    IntendedUse,
    Placement,
    Release,
    Thaw,
    Vial,
    VialState,
)
from cellbank.domains.vials.queries import Balance, mass_balance
from cellbank.domains.vials.verdicts import bank_obstacles, use_of
from cellbank.domains.vials.verdicts.ancestry import Kind, descendants
from cellbank.domains.vials.verdicts.holds import scope_of, with_names

MOST = 200
"""A list that nobody can read to its end helps nobody: the oldest so many are shown."""


@dataclass(frozen=True)
class WaitingBank:
    """A bank in quarantine: for what it is meant, and what still stands in the way of its release."""

    bank: Bank
    line: str
    use: IntendedUse
    obstacles: tuple[Message, ...]
    balance: Balance
    exceptions: int

    @property
    def is_ready(self) -> bool:
        """Whether quality can release it now."""
        return not self.obstacles and not self.exceptions and self.balance.is_even


@dataclass(frozen=True)
class HoldRow:
    """A hold with what it is on, who placed it when, and how many days it stands."""

    hold: Hold
    scope: Kind
    scope_id: UUID
    name: str
    opened_at: datetime
    opened_by: str
    days: int
    closed_at: datetime | None = None
    closed_by: str | None = None


@dataclass(frozen=True)
class ExceptionRow:
    """An exception with what it is about and whose act it was."""

    note: ExceptionNote
    vial: str | None
    bank: str | None
    at: datetime
    who: str
    act: str
    who_fa: str | None = None


@dataclass(frozen=True)
class Waiting:
    """Everything that waits for a decision of quality."""

    banks: list[WaitingBank]
    holds: list[HoldRow]
    returned: list[HoldRow]
    exceptions: list[ExceptionRow]


def waiting(db: Reading) -> Waiting:
    """What waits for a decision: banks, holds and exceptions, oldest first."""
    exceptions = open_exceptions(db)
    holds = holds_by_age(db)
    return Waiting(
        banks=_banks_in_quarantine(db, Counter(row.note.bank_id for row in exceptions)),
        holds=[row for row in holds if row.hold.kind is not HoldKind.RETURNED],
        returned=[row for row in holds if row.hold.kind is HoldKind.RETURNED],
        exceptions=exceptions[:MOST],
    )


def _banks_in_quarantine(db: Reading, exceptions: Counter[UUID | None]) -> list[WaitingBank]:
    """Frozen banks that are neither released for anything nor rejected."""
    released = sa.exists().where(
        Release.bank_id == Bank.id, Release.revoked_by.is_(None), Release.annulled_by.is_(None)
    )
    rejected = sa.exists().where(
        Hold.bank_id == Bank.id, Hold.kind == HoldKind.REJECTED, Hold.closed_by.is_(None)
    )
    rows = db.execute(
        sa.select(Bank, Line.name)
        .join(Line, Line.id == Bank.line_id)
        .where(Bank.state == BankState.FROZEN, Bank.annulled_by.is_(None), ~released, ~rejected)
        .order_by(Bank.made_on, Bank.code)
        .limit(MOST)
    ).all()
    keys = [bank.id for bank, _ in rows]
    if not keys:
        return []
    obstacles, balances = bank_obstacles(db, keys), mass_balance(db, keys)
    return [
        WaitingBank(
            bank,
            line,
            use_of(bank),
            tuple(obstacles[bank.id]),
            balances[bank.id],
            exceptions[bank.id],
        )
        for bank, line in rows
    ]


# ---- holds ----


def holds_by_age(db: Reading) -> list[HoldRow]:
    """Open holds, oldest first."""
    query = _with_events().where(Hold.closed_by.is_(None), Hold.annulled_by.is_(None))
    return [_hold_row(row) for row in db.execute(query.order_by(Hold.id).limit(MOST))]


def hold_by_id(db: Reading, key: UUID) -> HoldRow:
    """One hold. :raises NotFound: unknown here."""
    return _hold_row(required(db.execute(_with_events().where(Hold.id == key)).one_or_none(), str(key)))


def _with_events() -> sa.Select[Any]:
    opened, closed = aliased(Event), aliased(Event)
    return (
        with_names()
        .add_columns(opened.recorded_at, opened.actor_name, closed.recorded_at, closed.actor_name)
        .join(opened, opened.seq == Hold.opened_by)
        .outerjoin(closed, closed.seq == Hold.closed_by)
    )


def _hold_row(row: Any) -> HoldRow:
    hold, name, opened_at, opened_by, closed_at, closed_by = row
    kind, key = scope_of(hold)
    days = ((closed_at or clock.now()) - opened_at).days
    return HoldRow(hold, kind, key, name or "…", opened_at, opened_by, days, closed_at, closed_by)


@dataclass(frozen=True)
class Reach:
    """What a hold forbids: vials still here, and the banks they are of, with their numbers."""

    vials: int
    banks: list[tuple[str, int]]


def reach_of(db: Reading, row: HoldRow) -> Reach:
    """How far a hold reaches, down to vials that are not gone."""
    if row.scope is Kind.CONTAINER:
        whose = Vial.id.in_(_inside(row.scope_id))
    else:
        below = descendants(db, row.scope, [row.scope_id])
        whose = Vial.id.in_(below.get(Kind.VIAL, frozenset()))
    counts = db.execute(
        sa.select(Bank.code, sa.func.count())
        .select_from(Vial)
        .join(Bank, Bank.id == Vial.bank_id)
        .where(whose, Vial.state != VialState.GONE)
        .group_by(Bank.code)
        .order_by(Bank.code)
    )
    banks = [(code, count) for code, count in counts]
    return Reach(sum(count for _, count in banks), banks)


def _inside(container: UUID) -> sa.Select[Any]:
    """The vials in a container and in everything that stands in it."""
    below = sa.select(Container.id).where(Container.id == container).cte("below", recursive=True)
    below = below.union(sa.select(Container.id).where(Container.parent_id == below.c.id))
    return sa.select(Placement.vial_id).where(
        Placement.container_id.in_(sa.select(below.c.id)), Placement.ended_by.is_(None)
    )


# ---- exceptions ----


def open_exceptions(db: Reading) -> list[ExceptionRow]:
    """Exceptions that quality has not ended, oldest first."""
    return [_exception(row) for row in db.execute(_exceptions().where(ExceptionNote.closed_by.is_(None)))]


def exception_by_id(db: Reading, key: UUID) -> ExceptionRow:
    """One exception. :raises NotFound: unknown here."""
    found = db.execute(_exceptions().where(ExceptionNote.id == key)).one_or_none()
    return _exception(required(found, str(key)))


def _exceptions() -> sa.Select[*tuple[Any, ...]]:
    query: sa.Select[*tuple[Any, ...]] = sa.select(
        ExceptionNote,
        Vial.name,
        Bank.code,
        Event.recorded_at,
        Event.actor_name,
        Event.name,
        Event.actor_name_fa,
    )
    return (
        query.outerjoin(Vial, Vial.id == ExceptionNote.vial_id)
        .outerjoin(Bank, Bank.id == ExceptionNote.bank_id)
        .join(Event, Event.seq == ExceptionNote.about_event)
        .order_by(ExceptionNote.id)
    )


def _exception(row: Any) -> ExceptionRow:
    note, vial, bank, at, who, act, who_fa = row
    return ExceptionRow(note, vial, bank, at, who, act, who_fa)


def releases_of(db: Reading, bank_id: UUID) -> list[Release]:
    """Every release of a bank, the newest first."""
    query = sa.select(Release).where(Release.bank_id == bank_id).order_by(Release.id.desc())
    return list(db.scalars(query))


# ---- what comes from something ----


@dataclass(frozen=True)
class LeftVial:
    """A vial that left the bank: how, when and under which reference."""

    name: str
    bank: str
    disposition: Disposition
    reference: str | None


@dataclass(frozen=True)
class Effects:
    """Everything that comes from a donor, and what is left of it."""

    donor: Donor
    consents: list[Consent]
    donations: list[Donation]
    lines: list[Line]
    banks: list[tuple[Bank, int, int]]
    """Each bank with the number of vials still here, and of those gone."""
    remaining: list[Vial]
    left: list[LeftVial]
    holds: list[HoldRow]

    @property
    def withdrawn(self) -> Consent | None:
        """The consent that was withdrawn, if one was."""
        return next((consent for consent in self.consents if consent.withdrawn_on is not None), None)


def withdrawal_effects(db: Reading, donor_code: str) -> Effects:
    """Everything of a donor: lines, banks and vials, those issued and thawed too.

    :raises NotFound: unknown here
    """
    code = donor_code.strip().upper()
    donor = required(db.scalar(sa.select(Donor).where(Donor.code == code)), donor_code)
    below = descendants(db, Kind.DONOR, [donor.id])
    vials = _rows(db, Vial, below.get(Kind.VIAL, frozenset()), Vial.name)
    counts = Counter((vial.bank_id, vial.state is VialState.GONE) for vial in vials)
    banks = _rows(db, Bank, below.get(Kind.BANK, frozenset()), Bank.code)
    gone = [vial for vial in vials if vial.state is VialState.GONE]
    codes = {bank.id: bank.code for bank in banks}
    return Effects(
        donor=donor,
        consents=list(
            db.scalars(
                sa.select(Consent)
                .where(Consent.donor_id == donor.id, Consent.annulled_by.is_(None))
                .order_by(Consent.given_on)
            )
        ),
        donations=_rows(db, Donation, below.get(Kind.DONATION, frozenset()), Donation.code),
        lines=_rows(db, Line, below.get(Kind.LINE, frozenset()), Line.name),
        banks=[(bank, counts[bank.id, False], counts[bank.id, True]) for bank in banks],
        remaining=[vial for vial in vials if vial.state is not VialState.GONE],
        left=_left(db, gone, codes),
        holds=_holds_on(db, {key for keys in below.values() for key in keys}),
    )


def _rows(db: Reading, model: type[Any], keys: frozenset[UUID], order: Any) -> list[Any]:
    return list(db.scalars(sa.select(model).where(model.id.in_(keys)).order_by(order))) if keys else []


def _left(db: Reading, gone: Sequence[Vial], codes: dict[UUID, str]) -> list[LeftVial]:
    thaws = db.execute(
        sa.select(Thaw.vial_id, Thaw.reference).where(
            Thaw.vial_id.in_([vial.id for vial in gone]), Thaw.annulled_by.is_(None)
        )
    )
    references = {row.vial_id: row.reference for row in thaws}
    return [
        LeftVial(vial.name, codes.get(vial.bank_id, "…"), vial.disposition, references.get(vial.id))
        for vial in gone
        if vial.disposition is not None
    ]


def _holds_on(db: Reading, keys: set[UUID]) -> list[HoldRow]:
    """Open holds on any of these things."""
    query = _with_events().where(Hold.closed_by.is_(None), Hold.annulled_by.is_(None))
    found = [_hold_row(row) for row in db.execute(query.order_by(Hold.id))]
    return [row for row in found if row.scope_id in keys]


@dataclass(frozen=True)
class Annulment:
    """What annulling an act would reach: what it was about, and what came of that since."""

    event: Event
    vials: list[Vial]
    grown: int
    """Cultures that descend from these vials."""
    banks: list[str]
    later: int
    """Acts on the same things since."""


def annulment_of(db: Reading, event_id: UUID) -> Annulment:
    """The effect of annulling an act. :raises NotFound: unknown here, or another organisation's act."""
    event = required(db.scalar(sa.select(Event).where(Event.id == event_id)), str(event_id))
    if not db.actor.sees_all and event.organisation_id != db.actor.organisation_id:
        required(None, str(event_id))
    about = set(
        db.scalars(
            sa.select(EventSubject.subject_id).where(
                EventSubject.event_seq == event.seq, EventSubject.kind == Vial.__tablename__
            )
        )
    )
    below = descendants(db, Kind.VIAL, about) if about else {}
    later = db.scalar(
        sa.select(sa.func.count(sa.distinct(EventSubject.event_seq))).where(
            EventSubject.subject_id.in_(about), EventSubject.event_seq > event.seq
        )
    )
    return Annulment(
        event=event,
        vials=_rows(db, Vial, frozenset(about), Vial.name),
        grown=len(below.get(Kind.CULTURE, ())),
        banks=[bank.code for bank in _rows(db, Bank, below.get(Kind.BANK, frozenset()), Bank.code)],
        later=later or 0,
    )
