"""From rows of the bank to the words on a label.

On a vial stand, in this order of precedence: code, lot-number, line, passage as printed, freeze date, owner's short
name, required statement. Never a status, a place, a donor's code or "of n": those become false.
Whatever the number of labels, the words of a run come from at most five statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core.actor import Organisation, Principal
from cellbank.core.errors import Invalid
from cellbank.core.model import Precision
from cellbank.domains.accounts.models import Person, RoleGrant
from cellbank.domains.accounts.roles import ROLE_NAMES
from cellbank.domains.banks.models import Bank, RequiredStatement
from cellbank.domains.lines.models import Line
from cellbank.domains.printing.cards import TITLES
from cellbank.domains.storage.models import AdmissionRule, AdmissionRuleKind, Container, Site
from cellbank.domains.storage.queries import paths_of
from cellbank.domains.vials.models import LabelCode, LabelCodeKind, Vial, VialState
from cellbank.toolkit.i18n.calendars import Calendar, PartialDate, format_date
from cellbank.toolkit.i18n.calendars import Precision as Exactness
from cellbank.toolkit.i18n.catalogue import gettext
from cellbank.toolkit.labels import Template
from cellbank.toolkit.scanning.actions import Action, action_code

STATEMENTS: Final = {
    RequiredStatement.NONE: ("", ""),
    RequiredStatement.RESEARCH_ONLY: ("Research use only", "فقط برای پژوهش"),
    RequiredStatement.AUTOLOGOUS: ("Autologous use only", "فقط برای مصرف اتولوگ"),
    RequiredStatement.BIOHAZARD: ("Biohazard", "خطر زیستی"),
    # 21 CFR 1271.90(c)(2): the words are prescribed.
    RequiredStatement.NOT_EVALUATED: (
        "Not evaluated for infectious substances",
        "از نظر عوامل عفونی ارزیابی نشده",
    ),
}

SAMPLE_CODE: Final = "CV00000000"
"""Stands in a preview where the label's own code is only made when it is printed."""

SAMPLES: Final[Mapping[str, str]] = {
    "code": SAMPLE_CODE,
    "lot_number": "MCB-0000-001",
    "line": "RCB-iPSC-000",
    "passage": "p12+3",
    "frozen_on": "2026-01-31",
    "owner": "Owner",
    "statement": "Research use only",
    "number": "001",
    "lot_tail": "0000",
    "name": "Name",
    "grid": "9 × 9",
    "title": "TITLE",
}
"""Values of a label that nobody has, for the picture of a template."""


@dataclass(frozen=True)
class VialRow:
    """What a label may say about one vial."""

    id: UUID
    name: str
    number: int
    organisation_id: UUID
    state: VialState
    fill_lot_id: UUID | None
    bank_id: UUID
    bank: str
    line: str
    owner: str
    passage: str
    frozen_on: date | None
    frozen_precision: Precision
    made_on: date | None
    statement: RequiredStatement


def vial_rows(db: Session, where: Sequence[sa.ColumnElement[bool]]) -> list[VialRow]:
    """The vials that satisfy the conditions, in the order of bank and number, in one statement."""
    rows = db.execute(
        sa.select(Vial.id, Vial.name, Vial.number, Vial.organisation_id, Vial.state, Vial.fill_lot_id, Vial.bank_id,
                  Bank.code, Line.name.label("line"), Organisation.short_name, Vial.passage_printed,
                  Bank.passage_printed.label("bank_passage_printed"), Bank.passage, Vial.frozen_on,
                  Vial.frozen_precision, Bank.made_on, Bank.statement)
        .join(Bank, Bank.id == Vial.bank_id)
        .join(Line, Line.id == Bank.line_id)
        .join(Organisation, Organisation.id == Vial.organisation_id)
        .where(*where)
        .order_by(Bank.code, Vial.number)
    )  # fmt: skip
    return [
        VialRow(
            r.id, r.name, r.number, r.organisation_id, r.state, r.fill_lot_id, r.bank_id, r.code, r.line, r.short_name,
            passage_words(r), r.frozen_on, r.frozen_precision, r.made_on, r.statement,
        )
        for r in rows
    ]  # fmt: skip


def passage_words(row: Any) -> str:
    """The passage as printed: the vial's own words, else the bank's; nothing where it is not known."""
    printed = row.passage_printed or row.bank_passage_printed
    if printed:
        return str(printed)
    return f"p{row.passage}" if row.passage is not None else ""


def own_codes(db: Session, vial_ids: Any, *, is_cap: bool) -> dict[UUID, tuple[UUID, str]]:
    """The valid printed code of each vial, of its side or its cap: (key of the code, the code)."""
    rows = db.execute(
        sa.select(LabelCode.vial_id, LabelCode.id, LabelCode.code)
        .where(
            LabelCode.vial_id.in_(vial_ids),
            LabelCode.kind == LabelCodeKind.OWN,
            LabelCode.is_cap.is_(is_cap),
            LabelCode.voided_by.is_(None),
        )
        .order_by(LabelCode.id.desc())
    )
    return {row.vial_id: (row.id, row.code) for row in rows}


def label_calendar(db: Session, site_code: str | None) -> Calendar:
    """The one calendar in which a site prints dates; Gregorian where there is no site yet.

    :raises Invalid: an unknown site, or none was said where sites print differently.
    """
    rows = db.execute(sa.select(Site.code, Site.label_calendar).where(Site.is_retired.is_(False))).all()
    known = {row.code: row.label_calendar for row in rows}
    if site_code:
        if site_code.upper() not in known:
            raise Invalid("There is no site {site}", field="site", site=site_code)
        return Calendar(known[site_code.upper()].value)
    if len(set(known.values())) > 1:
        raise Invalid("Say for which site: they print dates in different calendars", field="site")
    return Calendar(next(iter(known.values())).value) if known else Calendar.GREGORIAN


def freeze_date(row: VialRow, calendar: Calendar, meant: date | None) -> str:
    """The freeze date as printed; for a vial that is not frozen yet the day that is meant, or its bank's."""
    if row.frozen_on is None:
        day = meant or row.made_on
        return str(format_date(day, "en", calendar)) if day else ""
    exactness = {Precision.MONTH: Exactness.MONTH, Precision.YEAR: Exactness.YEAR}.get(row.frozen_precision)
    if row.frozen_precision is Precision.UNKNOWN:
        return ""
    if exactness is None:
        return str(format_date(row.frozen_on, "en", calendar))
    try:
        return str(format_date(PartialDate(row.frozen_on, exactness), "en", calendar))
    except ValueError:  # a day inside the month or year that is meant
        return str(format_date(row.frozen_on, "en", calendar))[: 4 if exactness is Exactness.YEAR else 7]


def vial_values(row: VialRow, code: str, calendar: Calendar, meant: date | None = None) -> dict[str, str]:
    """What a vial's label may say, by field."""
    statement, statement_fa = STATEMENTS[row.statement]
    return {
        "code": code,
        "lot_number": row.name,
        "line": row.line,
        "passage": row.passage,
        "frozen_on": freeze_date(row, calendar, meant),
        "owner": row.owner,
        "statement": statement,
        "statement_fa": statement_fa,
        "number": f"{row.number:03}",
        "lot_tail": row.bank.rpartition("-")[2],
    }


# ---- containers, people, cards --------------------------------------------------------------------------------


def container_values(db: Session, containers: Sequence[Container]) -> list[dict[str, str]]:
    """What the labels of containers say; the owner is whose vials alone the container admits. Two statements."""
    keys = [container.id for container in containers]
    paths = paths_of(db, keys)  # type: ignore[arg-type]
    owners: dict[UUID, list[str]] = {}
    rows = db.execute(
        sa.select(AdmissionRule.container_id, Organisation.short_name, Organisation.name_fa)
        .join(Organisation, Organisation.id == AdmissionRule.owner_id)
        .where(
            AdmissionRule.container_id.in_(keys),
            AdmissionRule.kind == AdmissionRuleKind.OWNER,
            AdmissionRule.ended_by.is_(None),
        )
        .order_by(Organisation.short_name)
    )
    for row in rows:
        name = f"{row.short_name} ({row.name_fa})" if row.name_fa else row.short_name
        owners.setdefault(row.container_id, []).append(name)
    return [_container(one, paths[one.id].condition, owners.get(one.id, [])) for one in containers]


def _container(container: Container, condition: Any, owners: list[str]) -> dict[str, str]:
    is_grid = container.rows is not None and container.columns is not None
    return {
        "code": container.code,
        "name": container.name,
        "name_fa": container.name_fa or "",
        "grid": f"{container.rows} × {container.columns}" if is_grid else "",
        "condition": condition.label if condition is not None else "",
        "owner": ", ".join(owners),
    }


def people_values(db: Session, user_names: Sequence[str]) -> dict[str, tuple[UUID, dict[str, str]]]:
    """What the badges of these people say, by sign-in name, with the person's key. Two statements."""
    rows = db.execute(
        sa.select(Person.id, Person.user_name, Person.staff_code, Person.job_title, Principal.name,
                  Principal.name_fa, Organisation.short_name)
        .join(Principal, Principal.id == Person.id)
        .join(Organisation, Organisation.id == Principal.organisation_id)
        .where(Person.user_name.in_(user_names), Principal.is_disabled.is_(False))
    ).all()  # fmt: skip
    grants = db.execute(
        sa.select(RoleGrant.person_id, RoleGrant.role)
        .where(RoleGrant.person_id.in_([row.id for row in rows]), RoleGrant.ended_by.is_(None))
        .order_by(RoleGrant.id)
    )
    roles: dict[UUID, list[str]] = {}
    for grant in grants:
        roles.setdefault(grant.person_id, []).append(ROLE_NAMES[grant.role].id)
    return {
        row.user_name: (
            row.id,
            {
                "code": row.staff_code or "",
                "name": row.name,
                "name_fa": row.name_fa or "",
                "role": row.job_title or ", ".join(roles.get(row.id, [])),
                "organisation": row.short_name,
            },
        )
        for row in rows
    }


def card_values(action: Action, bank_letter: str) -> dict[str, str]:
    """What an action card says, in both languages."""
    return {
        "code": action_code(action, bank_letter),
        "title": TITLES[action].id,
        "title_fa": gettext(TITLES[action].id, "fa"),
    }


def printable(values: Mapping[str, str], template: Template) -> dict[str, str]:
    """The values that a template prints, in its order of precedence, without the empty ones."""
    return {field: values[field] for field in template.fields if values.get(field, "").strip()}
