"""Planning a bank, or registering one from elsewhere: a bank may come from vials, and so this knows about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field

from cellbank.core import work
from cellbank.core.actor import Organisation
from cellbank.core.errors import Invalid, Message, Refused
from cellbank.core.model import Precision
from cellbank.core.numbering import next_number
from cellbank.core.work import Writing
from cellbank.domains.banks import age, tiers
from cellbank.domains.banks.finding import line_named
from cellbank.domains.banks.models import (
    Bank,
    BankCulture,
    BankState,
    Grade,
    RequiredStatement,
    Tier,
)
from cellbank.domains.banks.words import remember_lot
from cellbank.domains.lines.models import Culture, CultureState, Line
from cellbank.domains.vials.commands.bank_rules import HouseRules
from cellbank.domains.vials.finding import vial_keys
from cellbank.domains.vials.models import (
    BankOrigin,
    Disposition,
    ExceptionKind,
    Vial,
    VialState,
)
from cellbank.domains.vials.noting import note_exception
from cellbank.domains.vials.origins import vials_behind

work.explain("uq_bank_code", "This lot number was given to another bank: try again")

OF_ANY_OWNER = {"tenant_ok": "a bank may come from a vial of another organisation's bank"}


class PlanBank(HouseRules):
    """Plan a bank: one lot of one line at one tier, with the cultures and vials it comes from."""

    records: ClassVar[str] = "banks.planned"
    permission: ClassVar[str] = "banks.plan"
    label: ClassVar[str] = "Plan a bank"

    line: str = Field(title="Line", min_length=1, max_length=120)
    tier: Tier = Field(title="Tier")
    owner: str | None = Field(
        default=None,
        title="Owner",
        description=Message("Short name of the organisation; empty: the line's custodian").id,
        max_length=12,
    )
    grade: Grade = Field(default=Grade.RESEARCH, title="Quality grade")
    title: str | None = Field(default=None, title="Title", max_length=200)
    cultures: tuple[str, ...] = Field(
        default=(),
        title="Cultures to be harvested",
        description=Message("One code a line; several make a pool").id,
        max_length=100,
    )
    origin_vials: tuple[str, ...] = Field(
        default=(),
        title="Vials it comes from",
        description=Message(
            "One code or lot-number a line; vials behind the cultures are found by themselves"
        ).id,
        max_length=100,
    )
    passage: int | None = Field(
        default=None,
        ge=0,
        le=1000,
        title="Passage at harvest",
        description=Message("Empty: as the cultures say; unknown is allowed").id,
    )
    passages_after_thaw: int | None = Field(default=None, ge=0, le=1000, title="Passages since the last thaw")
    cpd_milli: int | None = Field(default=None, ge=0, title="Cumulative doublings (thousandths)")
    made_on: date | None = Field(
        default=None, title="Day of freezing", description=Message("Planned; labels carry it").id
    )
    expires_on: date | None = Field(default=None, title="Expiry")
    retest_on: date | None = Field(default=None, title="Retest")
    statement: RequiredStatement = Field(
        default=RequiredStatement.RESEARCH_ONLY, title="Statement on the label"
    )
    planned_tests: str | None = Field(
        default=None, title="Planned tests", max_length=2000, json_schema_extra={"kind": "multiline"}
    )
    specification: str | None = Field(
        default=None, title="Specification", description=Message("Code and version").id, max_length=120
    )
    thaw_advice: str | None = Field(default=None, title="Advice for thawing", max_length=500)

    def run(self, db: Writing) -> None:
        """Check where it comes from and how old it is, then write it down."""
        line = line_named(db, self.line)
        if line.is_closed:
            raise Refused("{line} is closed: nothing new is made of it", line=line.name, about=[line])
        cultures = self._cultures(db, line)
        origins = self._origins(db, line, cultures)
        tiers.refuse_wrong_origin(
            self.tier, [tiers.Origin(vial.name, bank.code, bank.tier) for vial, bank in origins]
        )
        old = self._age(cultures)
        limit = _refuse_past_limit(line, old)
        bank = self._bank(db, line, old)
        db.add(bank)
        _write_parents(db, bank, cultures, [vial for vial, _ in origins])
        remember_lot(db, bank)
        if limit is age.Limit.PAST_SOFT:
            note_exception(
                db,
                bank.organisation_id,
                ExceptionKind.PASSAGE_LIMIT,
                f"{age.measured(old, limits_of(line))} > {line.soft_limit} ({line.name})",
                bank_id=bank.id,
            )

    def _cultures(self, db: Writing, line: Line) -> list[Culture]:
        """The cultures named, all of this line and fit to be banked."""
        wanted = list(dict.fromkeys(code.upper() for code in self.cultures))
        found = {
            row.code: row
            for row in db.scalars(
                sa.select(Culture).where(Culture.code.in_(wanted), Culture.annulled_by.is_(None))
            )
        }
        for code in wanted:
            culture = work.required(found.get(code), code)
            if culture.line_id != line.id:
                raise Refused(
                    "Culture {culture} is not of line {line}", culture=code, line=line.name, about=[culture]
                )
            if culture.state in (CultureState.DISCARDED, CultureState.CONTAMINATED):
                raise Refused(
                    "Culture {culture} was discarded or is contaminated: it cannot be banked",
                    culture=code,
                    about=[culture],
                )
        return [found[code] for code in wanted]

    def _origins(self, db: Writing, line: Line, cultures: Sequence[Culture]) -> list[tuple[Vial, Bank]]:
        """The vials named and those behind the cultures, with their banks; all of this line."""
        keys = set(vial_keys(db, self.origin_vials).values()) | vials_behind(db, [c.id for c in cultures])
        rows = db.execute(
            sa.select(Vial, Bank)
            .join(Bank, Bank.id == Vial.bank_id)
            .where(Vial.id.in_(keys))
            .order_by(Vial.name),
            execution_options=OF_ANY_OWNER,
        ).all()
        for vial, bank in rows:
            if bank.line_id != line.id:
                raise Refused("{vial} is not of line {line}", vial=vial.name, line=line.name, about=[vial])
            is_content = (
                vial.disposition in (None, Disposition.THAWED) and vial.state is not VialState.PLANNED
            )
            if not is_content:
                raise Refused(
                    "{vial} was never filled, or has gone otherwise than by a thaw",
                    vial=vial.name,
                    about=[vial],
                )
        return [(vial, bank) for vial, bank in rows]

    def _age(self, cultures: Sequence[Culture]) -> age.Age:
        """As the person said, else as the cultures say."""
        of_cultures = age.of_pool(age.Age(c.passage, c.passages_after_thaw, c.cpd_milli) for c in cultures)
        doublings = of_cultures.cpd_milli if self.cpd_milli is None else self.cpd_milli
        if self.passage is None:
            return age.Age(of_cultures.passage, of_cultures.after_thaw, doublings)
        return age.Age(self.passage, self.passages_after_thaw, doublings)

    def _bank(self, db: Writing, line: Line, old: age.Age) -> Bank:
        kept = self.model_dump(
            include={
                "tier",
                "grade",
                "title",
                "made_on",
                "expires_on",
                "retest_on",
                "statement",
                "planned_tests",
                "specification",
                "thaw_advice",
            }
        )
        return Bank(
            organisation_id=owner_named(db, self.owner, line),
            line_id=line.id,
            code=tiers.lot_number(self.tier, next_number(db, tiers.PREFIX[self.tier])),
            passage=old.passage,
            passages_after_thaw=old.after_thaw,
            cpd_milli=old.cpd_milli,
            passage_printed=age.printed(old, line.passage_rule),
            passage_rule=line.passage_rule,
            **kept,
            **self.rules(),
        )


class RegisterBank(HouseRules):
    """Register a bank that was made elsewhere, or before this system."""

    records: ClassVar[str] = "banks.registered"
    permission: ClassVar[str] = "banks.plan"
    label: ClassVar[str] = "Register a bank from elsewhere or from before"

    line: str = Field(title="Line", min_length=1, max_length=120)
    tier: Tier = Field(default=Tier.UNKNOWN, title="Tier")
    owner: str | None = Field(
        default=None,
        title="Owner",
        description=Message("Short name of the organisation; empty: the line's custodian").id,
        max_length=12,
    )
    is_received: bool = Field(default=False, title="Made elsewhere")
    title: str | None = Field(default=None, title="Title", max_length=200)
    depositor_wording: str | None = Field(
        default=None,
        title="In the depositor's words",
        description=Message("Lot, passage, statements, as they stand on the papers").id,
        max_length=2000,
        json_schema_extra={"kind": "multiline"},
    )
    passage: int | None = Field(
        default=None, ge=0, le=1000, title="Passage", description=Message("Empty: unknown").id
    )
    passages_after_thaw: int | None = Field(default=None, ge=0, le=1000, title="Passages since the last thaw")
    passage_printed: str | None = Field(default=None, title="Passage on the labels", max_length=40)
    made_on: date | None = Field(default=None, title="Day of freezing")
    made_precision: Precision = Field(default=Precision.DAY, title="How exactly the day is known")
    statement: RequiredStatement = Field(
        default=RequiredStatement.RESEARCH_ONLY, title="Statement on the label"
    )

    def run(self, db: Writing) -> None:
        """Write it down as frozen; what it comes from is not known here."""
        line = line_named(db, self.line)
        old = age.Age(self.passage, self.passages_after_thaw)
        kept = self.model_dump(
            include={
                "tier",
                "title",
                "depositor_wording",
                "is_received",
                "passage",
                "passages_after_thaw",
                "made_on",
                "statement",
            }
        )
        bank = Bank(
            organisation_id=owner_named(db, self.owner, line),
            line_id=line.id,
            code=tiers.lot_number(self.tier, next_number(db, tiers.PREFIX[self.tier])),
            state=BankState.FROZEN,
            is_legacy=not self.is_received,
            made_precision=self.made_precision if self.made_on else Precision.UNKNOWN,
            passage_printed=self.passage_printed or age.printed(old, line.passage_rule),
            passage_rule=line.passage_rule,
            **kept,
            **self.rules(),
        )
        db.add(bank)
        remember_lot(db, bank)


# ---- what they share ---------------------------------------------------------------------------------------


def limits_of(line: Line) -> age.Limits:
    """The limits that a line's cells have."""
    return age.Limits(line.limiting_measure, line.soft_limit, line.hard_limit, line.passages_after_thaw_max)


def owner_named(db: Writing, short_name: str | None, line: Line) -> UUID:
    """The organisation that a bank is made for: the one named, else the line's custodian.

    :raises NotFound:
    """
    if short_name is None:
        return line.organisation_id
    owner = work.required(
        db.scalar(sa.select(Organisation).where(Organisation.short_name == short_name)), short_name
    )
    if owner.id != db.actor.organisation_id and not db.actor.sees_all:
        raise Refused("Only the bank's own staff make a bank for another organisation")
    if owner.is_closed:
        raise Invalid("{owner} is closed", field="owner", owner=short_name)
    return owner.id


def _refuse_past_limit(line: Line, old: age.Age) -> age.Limit:
    limits = limits_of(line)
    limit = age.against(old, limits)
    if limit is not age.Limit.PAST_HARD:
        return limit
    if limits.after_thaw_max is not None and (old.after_thaw or 0) > limits.after_thaw_max:
        raise Refused(
            "These cells were split {passages} times since their thaw; {line} allows {most}",
            passages=old.after_thaw,
            line=line.name,
            most=limits.after_thaw_max,
            about=[line],
        )
    raise Refused(
        "These cells are at {value}, past the hard limit of {line}, {limit}: no bank is made of them",
        value=age.measured(old, limits),
        line=line.name,
        limit=line.hard_limit,
        about=[line],
    )


def _write_parents(db: Writing, bank: Bank, cultures: Sequence[Culture], vials: Sequence[Vial]) -> None:
    db.add_all(
        BankCulture(
            organisation_id=bank.organisation_id,
            bank_id=bank.id,
            culture_id=c.id,
            cells=c.harvested_cells,
            viability_permille=c.harvested_viability_permille,
        )
        for c in cultures
    )
    db.add_all(BankOrigin(organisation_id=bank.organisation_id, bank_id=bank.id, vial_id=v.id) for v in vials)
