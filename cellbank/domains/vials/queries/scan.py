"""What a scan is: any code of the bank, another's barcode, or a lot-number."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from cellbank.core import ids
from cellbank.core.actor import Principal
from cellbank.core.errors import NotFound
from cellbank.core.work import Reading
from cellbank.domains.accounts.models import Person
from cellbank.domains.banks.models import Bank
from cellbank.domains.storage.models import Container
from cellbank.domains.vials import finding
from cellbank.domains.vials.models import LabelCode, Vial
from cellbank.toolkit.scanning.payload import Meaning, Scan, parse


class Answer(enum.StrEnum):
    """What was scanned."""

    VIAL = "vial"
    CONTAINER = "container"
    PERSON = "person"
    ACTION = "action"
    BANK = "bank"
    VOID = "void"
    AMBIGUOUS = "ambiguous"
    MISREAD = "misread"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ScanAnswer:
    """What a scan is; ``code`` is how it is called in commands and addresses."""

    kind: Answer
    text: str
    code: str = ""
    name: str = ""
    id: UUID | None = None


def vial_by_code(db: Reading, text: str) -> Vial:
    """The vial with this code, barcode or lot-number; a void label still names it.

    :raises NotFound: nothing here is called so
    """
    return scanned_vial(db, scan(db, text))


def scanned_vial(db: Reading, answer: ScanAnswer) -> Vial:
    """The vial that a scan named. :raises NotFound: it named none."""
    if answer.kind not in (Answer.VIAL, Answer.VOID) or answer.id is None:
        raise NotFound(what=answer.text)
    return db.get_one(Vial, answer.id)


def scan(db: Reading, text: str) -> ScanAnswer:
    """What ``text`` is, in at most five queries; another organisation's thing is as unknown as no thing."""
    read = parse(text)
    if read.meaning is Meaning.NOTHING:
        return ScanAnswer(Answer.UNKNOWN, "")
    if read.meaning is Meaning.AMBIGUOUS:
        return ScanAnswer(Answer.AMBIGUOUS, read.text)
    # One lot-number in 32 happens to be a valid code too, but only a lot-number has hyphens.
    if "-" in read.text and (named := _named(db, read)) is not None:
        return named
    if read.kind is ids.Kind.ACTION:
        return ScanAnswer(Answer.ACTION, read.text, read.code or "")
    if read.kind is ids.Kind.PERSON:
        return _person(db, read)
    return _thing(db, read) or _unknown(read)


def _person(db: Reading, read: Scan) -> ScanAnswer:
    """Whose badge it is; of another organisation's people as unknown as no badge."""
    wanted = sa.select(Person.id, Person.user_name).where(Person.staff_code == read.code)
    if not db.actor.sees_all:
        mine = Principal.organisation_id == db.actor.organisation_id
        wanted = wanted.join(Principal, Principal.id == Person.id).where(mine)
    row = db.execute(wanted).first()
    if row is None:
        return _unknown(read)
    return ScanAnswer(Answer.PERSON, read.text, read.code or "", row.user_name, row.id)


def _unknown(read: Scan) -> ScanAnswer:
    """Unknown; or, where its check character does not fit, one of ours that was misread."""
    is_ours = read.fault is ids.Fault.CHECK_CHARACTER and "-" not in read.text
    return ScanAnswer(Answer.MISREAD if is_ours else Answer.UNKNOWN, read.text)


def _thing(db: Reading, read: Scan) -> ScanAnswer | None:
    """A vial, a container or a bank."""
    wanted = {finding.as_code(one) for one in ([read.code] if read.code else [read.text, *read.lookups])}
    return _vial(db, read, wanted) or _container(db, read, wanted)


def _named(db: Reading, read: Scan) -> ScanAnswer | None:
    """A vial by its lot and number, or a bank by its lot number."""
    name = read.text.strip().upper()
    vial = db.execute(sa.select(Vial.id, Vial.name).where(Vial.name == name)).first()
    if vial is not None:
        return ScanAnswer(Answer.VIAL, read.text, vial.name, vial.name, vial.id)
    bank = db.execute(sa.select(Bank.id, Bank.code).where(Bank.code == name)).first()
    return ScanAnswer(Answer.BANK, read.text, bank.code, bank.code, bank.id) if bank is not None else None


def _vial(db: Reading, read: Scan, wanted: set[str]) -> ScanAnswer | None:
    """By a label's code or another's barcode."""
    rows = db.execute(
        sa.select(LabelCode.code, LabelCode.voided_by, Vial.id, Vial.name)
        .join(Vial, Vial.id == LabelCode.vial_id)
        .where(LabelCode.code.in_(wanted))
        .order_by(LabelCode.id)
    ).all()
    valid = {row.id: row for row in rows if row.voided_by is None}
    if len(valid) > 1:
        return ScanAnswer(Answer.AMBIGUOUS, read.text)
    if valid:
        ((key, row),) = valid.items()
        return ScanAnswer(Answer.VIAL, read.text, row.code, row.name, key)
    if rows:
        return ScanAnswer(Answer.VOID, read.text, rows[0].code, rows[0].name, rows[0].id)
    return None


def _container(db: Reading, read: Scan, wanted: set[str]) -> ScanAnswer | None:
    row = db.execute(
        sa.select(Container.code, Container.name, Container.id).where(
            Container.code.in_(wanted) | Container.barcode.in_(wanted)
        )
    ).first()
    return ScanAnswer(Answer.CONTAINER, read.text, row.code, row.name, row.id) if row is not None else None
