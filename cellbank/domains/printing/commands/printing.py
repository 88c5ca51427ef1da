"""Printing: one run, one row in the ledger for each label, every label with a code of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field

from cellbank.core import ids
from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Refused
from cellbank.core.numbering import next_number
from cellbank.core.work import Writing, explain
from cellbank.domains.banks.finding import fill_lot_named
from cellbank.domains.banks.models import RequiredStatement
from cellbank.domains.printing import drawing, supplies
from cellbank.domains.printing.cards import CHOICES, TITLES
from cellbank.domains.printing.choosing import these_vials, vials_of_lot
from cellbank.domains.printing.models import LabelPrint, LabelPrintState, LabelRun, OutputKind, wording_of
from cellbank.domains.printing.queries import next_start
from cellbank.domains.vials import finding
from cellbank.domains.vials.making import fresh_codes
from cellbank.domains.vials.models import LabelCode, LabelCodeKind, Vial, VialState
from cellbank.toolkit.labels import Stock, Template, arrange
from cellbank.toolkit.labels.layout import NOT_FOR_CRYO
from cellbank.toolkit.scanning.actions import Action

MOST_AT_ONCE: Final = 10_000
REPRINTED: Final = "printed again"
IN_BULK: Final = {"synchronize_session": False}
SHOWN: Final = 5

explain("uq_label_code_code", "This code is already on another label. Try again")


@dataclass
class ToPrint:
    """One label of a run before it is written: what it says, whose it is, and the label it replaces."""

    name: str
    values: dict[str, str]
    vial_id: UUID | None = None
    label_code_id: UUID | None = None
    container_id: UUID | None = None
    person_id: UUID | None = None
    replaces: UUID | None = None
    is_new_code: bool = False


class PrintLabels(Command):
    """Print labels for the vials of a fill lot, for given vials, containers or people, or as action cards."""

    records: ClassVar[str] = "labels.printed"
    permission: ClassVar[str] = "printing.print"
    label: ClassVar[str] = "Print labels"

    template: str = Field(title="Template", description="What is printed", min_length=1, max_length=80)
    stock: str = Field(title="Label stock", description="What is printed on", min_length=1, max_length=80)
    start_at: int | None = Field(
        default=None, title="Start at label", ge=1,
        description="The first free label of a part-used sheet; empty: where your last run on this stock ended",
    )  # fmt: skip
    fill_lot: str | None = Field(
        default=None, title="Fill lot", max_length=60, json_schema_extra={"kind": "code"}
    )
    from_number: int | None = Field(default=None, ge=1, title="From number")
    to_number: int | None = Field(default=None, ge=1, title="To number")
    only_new: bool = Field(default=False, title="Only vials that never had a label")
    vials: tuple[str, ...] = Field(
        default=(), title="Vials", description="One code or lot-number a line", max_length=MOST_AT_ONCE
    )
    containers: tuple[str, ...] = Field(
        default=(), title="Containers", description="One code a line", max_length=MOST_AT_ONCE
    )
    people: tuple[str, ...] = Field(
        default=(), title="People", description="One sign-in name a line", max_length=1000
    )
    cards: tuple[Action, ...] = Field(
        default=(),
        title="Action cards",
        json_schema_extra={"kind": "choices", "choices": CHOICES},  # type: ignore[dict-item]
    )
    frozen_on: date | None = Field(
        default=None, title="Freeze date to print", description="For vials that are not frozen yet."
    )
    site: str | None = Field(
        default=None, title="Site", max_length=6, description="Whose calendar is printed; empty where there is one"
    )  # fmt: skip

    def run(self, db: Writing) -> None:
        """Write the run and its ledger; a vial's earlier label becomes void."""
        stock, template = supplies.supplies().pair(self.stock, self.template)
        start_at = self._start(db, stock)
        run = self._new_run(db, stock, template, start_at)
        labels = self._labels(db, run, template)
        if not labels:
            raise supplies.nothing_to_print(template)
        if len(labels) > MOST_AT_ONCE:
            raise Invalid("At most {most} labels at once", field="to_number", most=MOST_AT_ONCE)
        _refuse_silent_reprints(db, labels)
        run.labels = len(labels)
        wordings = _wordings(labels, stock, template)
        db.add(run)
        db.flush()
        _write(db, run, labels, wordings, is_cap=template.kind == "cap")

    def _start(self, db: Writing, stock: Stock) -> int:
        start_at = self.start_at or next_start(db, db.actor.principal_id, stock)
        if start_at > stock.labels_per_page:
            raise Invalid(
                "A sheet of {stock} has labels 1 to {count}", field="start_at",
                stock=stock.title, count=stock.labels_per_page,
            )  # fmt: skip
        return start_at

    def _new_run(self, db: Writing, stock: Stock, template: Template, start_at: int) -> LabelRun:
        return LabelRun(
            organisation_id=db.actor.organisation_id,
            code=f"LBL-{next_number(db, 'LBL'):04}",
            stock=stock.name,
            template=template.name,
            template_version=supplies.edition(stock, template),
            is_cryo_stock=stock.is_cryo_rated,
            output=OutputKind.PDF,
            start_at=start_at,
            labels=0,
            printed_by=db.event_seq,
        )

    def _labels(self, db: Writing, run: LabelRun, template: Template) -> list[ToPrint]:
        if template.is_for_vials:
            return self._of_vials(db, run, template)
        if template.kind == "badge":
            return self._of_people(db)
        if template.kind == "action_card":
            letter = db.setting.bank_letter
            return [ToPrint(TITLES[card].id, drawing.card_values(card, letter)) for card in self.cards]
        return self._of_containers(db)

    # ---- vials ---

    def _of_vials(self, db: Writing, run: LabelRun, template: Template) -> list[ToPrint]:
        rows = self._rows(db, run)
        if not rows:
            return []
        owners = {row.organisation_id for row in rows}
        if len(owners) > 1:
            raise Refused("These vials belong to several owners: print the labels of each owner apart")
        run.organisation_id = owners.pop()
        gone = next((row for row in rows if row.state is VialState.GONE), None)
        if gone is not None:
            raise Refused("{vial} is gone: it needs no label", vial=gone.name)
        run.bank_id = rows[0].bank_id if len({row.bank_id for row in rows}) == 1 else None
        _refuse_without_statement(rows, template)
        calendar = drawing.label_calendar(db, self.site)
        keys = [row.id for row in rows]
        db.lock(Vial, keys)
        has_code, is_cap = "code" in template.fields, template.kind == "cap"
        codes = drawing.own_codes(db, keys, is_cap=is_cap) if has_code else {}
        before = _before(db, LabelPrint.vial_id, keys, is_cap=is_cap if has_code else None)
        labels = []
        fresh = iter(fresh_codes(db, sum(has_code and (key in before or key not in codes) for key in keys)))
        for row in rows:
            is_new = has_code and (row.id in before or row.id not in codes)
            key, code = (ids.uuid7(), next(fresh)) if is_new else codes.get(row.id, (None, ""))
            values = drawing.vial_values(row, code, calendar, self.frozen_on)
            labels.append(
                ToPrint(row.name, values, row.id, key, replaces=before.get(row.id), is_new_code=is_new)
            )
        return labels

    def _rows(self, db: Writing, run: LabelRun) -> list[drawing.VialRow]:
        if self.vials and self.fill_lot:
            raise Invalid("Name a fill lot or vials, not both", field="vials")
        if self.vials:
            rows = drawing.vial_rows(db, these_vials(db, self.vials))
            lots = {row.fill_lot_id for row in rows}
            run.fill_lot_id = lots.pop() if len(lots) == 1 else None
            return rows
        if not self.fill_lot:
            return []
        lot = fill_lot_named(db, self.fill_lot)
        run.fill_lot_id = lot.id
        where = vials_of_lot(lot, self.from_number, self.to_number, only_new=self.only_new)
        rows = drawing.vial_rows(db, where)
        if not rows:
            raise Refused("No vial of {lot} needs a label", lot=self.fill_lot, about=[lot])
        return rows

    # ---- containers and people ---

    def _of_containers(self, db: Writing) -> list[ToPrint]:
        found = list({one.id: one for one in finding.containers(db, self.containers).values()}.values())
        retired = next((one for one in found if one.is_retired), None)
        if retired is not None:
            raise Refused("{container} is retired.", container=retired.name, about=[retired])
        before = _before(db, LabelPrint.container_id, [one.id for one in found])
        return [
            ToPrint(one.name, values, container_id=one.id, replaces=before.get(one.id))
            for one, values in zip(found, drawing.container_values(db, found), strict=True)
        ] if found else []  # fmt: skip

    def _of_people(self, db: Writing) -> list[ToPrint]:
        names = list(dict.fromkeys(name.strip().lower() for name in self.people if name.strip()))
        found = drawing.people_values(db, names)
        unknown = next((name for name in names if name not in found), None)
        if unknown is not None:
            raise Invalid("Nobody who is in use here signs in as {name}", field="people", name=unknown)
        before = _before(db, LabelPrint.person_id, [key for key, _ in found.values()])
        badges = [found[name] for name in names]
        return [
            ToPrint(values["name"], values, person_id=key, replaces=before.get(key)) for key, values in badges
        ]


def _refuse_without_statement(rows: Sequence[drawing.VialRow], template: Template) -> None:
    """A bank's required statement stands on the side of each vial; a template that has no room for it will not do."""
    if template.kind == "cap" or "statement" in template.fields:
        return
    bank = next((row.bank for row in rows if row.statement is not RequiredStatement.NONE), None)
    if bank is not None:
        raise Invalid(
            "{template} does not print the statement that labels of {bank} must carry",
            field="template", template=template.title, bank=bank,
        )  # fmt: skip


def _before(
    db: Writing, column: Any, keys: Sequence[UUID], *, is_cap: bool | None = None
) -> dict[UUID, UUID]:
    """The last label that each of these things got before: of a vial's side, of its cap, or without a code."""
    query = sa.select(column, LabelPrint.id).where(column.in_(keys)).order_by(LabelPrint.id)
    if column is LabelPrint.vial_id:
        query = query.outerjoin(LabelCode, LabelCode.id == LabelPrint.label_code_id)
        query = query.where(
            LabelCode.is_cap.is_(is_cap) if is_cap is not None else LabelPrint.label_code_id.is_(None)
        )
    return {row[0]: row[1] for row in db.execute(query)} if keys else {}


def _refuse_silent_reprints(db: Writing, labels: Sequence[ToPrint]) -> None:
    again = [label.name for label in labels if label.replaces is not None]
    if again and db.event.reason is None:
        raise Invalid(
            "{count} of these already have a label ({names}): say why they get another; the old ones become void",
            field="reason", count=len(again), names=[*again[:SHOWN], *(["…"] if len(again) > SHOWN else [])],
        )  # fmt: skip


def _wordings(labels: Sequence[ToPrint], stock: Stock, template: Template) -> list[str]:
    """What each label will say; an optional field without room is left out.

    :raises Invalid: naming the first label that cannot be printed, and what is wrong with it
    """
    wordings = []
    warns = template.is_for_vials and not stock.is_cryo_rated
    for label in labels:
        values = drawing.printable(label.values, template)
        try:
            left_out = arrange(values, stock, template).left_out
        except Invalid as problem:
            raise Invalid(
                "{label} cannot be printed: {problem}",
                field="template",
                label=label.name,
                problem=problem.message,
            ) from problem
        said = {field: value for field, value in values.items() if field not in left_out}
        wordings.append(wording_of(said | {"not_for_cryo": NOT_FOR_CRYO} if warns else said))
    return wordings


def _write(
    db: Writing, run: LabelRun, labels: Sequence[ToPrint], wordings: Sequence[str], *, is_cap: bool
) -> None:
    """Void what is replaced, then insert new codes and the ledger, all in bulk."""
    _void_replaced(db, labels, is_cap=is_cap)
    owned = {"organisation_id": run.organisation_id, "version": 1}
    codes = [
        owned | {"id": label.label_code_id, "vial_id": label.vial_id, "code": label.values["code"], "is_cap": is_cap,
                 "kind": LabelCodeKind.OWN, "given_by": db.event_seq, "voided_by": None, "void_reason": None}
        for label in labels if label.is_new_code
    ]  # fmt: skip
    if codes:
        db.execute(sa.insert(LabelCode), codes)
    prints = [
        owned | {"id": ids.uuid7(), "label_run_id": run.id, "position": position, "vial_id": label.vial_id,
                 "label_code_id": label.label_code_id, "container_id": label.container_id,
                 "person_id": label.person_id, "wording": wording, "state": LabelPrintState.PRINTED,
                 "settled_by": None, "reprint_of_id": label.replaces,
                 "reason": db.event.reason if label.replaces else None}
        for position, (label, wording) in enumerate(zip(labels, wordings, strict=True), 1)
    ]  # fmt: skip
    db.execute(sa.insert(LabelPrint), prints)


def _void_replaced(db: Writing, labels: Sequence[ToPrint], *, is_cap: bool) -> None:
    old = [label.replaces for label in labels if label.replaces is not None]
    if not old:
        return
    db.execute(
        sa.update(LabelPrint)
        .where(LabelPrint.id.in_(old), LabelPrint.state.in_((LabelPrintState.PRINTED, LabelPrintState.USED)))
        .values(state=LabelPrintState.VOID, settled_by=db.event_seq, version=LabelPrint.version + 1),
        execution_options=IN_BULK,
    )
    vials = [label.vial_id for label in labels if label.replaces is not None and label.is_new_code]
    db.execute(
        sa.update(LabelCode)
        .where(
            LabelCode.vial_id.in_(vials),
            LabelCode.kind == LabelCodeKind.OWN,
            LabelCode.is_cap.is_(is_cap),
            LabelCode.voided_by.is_(None),
        )
        .values(voided_by=db.event_seq, void_reason=REPRINTED, version=LabelCode.version + 1),
        execution_options=IN_BULK,
    )
