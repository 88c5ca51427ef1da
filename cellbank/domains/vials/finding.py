"""From what was scanned or typed to the vials and containers meant; used by commands and queries alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core import ids
from cellbank.core.errors import NotFound, Refused
from cellbank.core.work import Writing
from cellbank.domains.storage.models import Container
from cellbank.domains.vials.models import LabelCode, LabelCodeKind, Vial

# Every act begins with these: they are made once.
_CODES: sa.BindParameter[Any] = sa.bindparam("codes", expanding=True)
VIALS = sa.select(Vial).where(Vial.id.in_(sa.bindparam("keys", expanding=True)))
LABELS = sa.select(LabelCode.code, LabelCode.vial_id, LabelCode.voided_by, LabelCode.kind).where(
    LabelCode.code.in_(_CODES)
)
CONTAINERS = sa.select(Container).where(Container.code.in_(_CODES) | Container.barcode.in_(_CODES))


def as_code(text: str) -> str:
    """A code as it is stored: one of ours without separators, anything else as it came, in upper case."""
    try:
        return ids.parse_code(text)
    except ids.WrongCode:
        return text.strip().upper()


def locked_vials(db: Writing, texts: Iterable[str]) -> dict[str, Vial]:
    """The vials that these codes or lot-numbers name, locked in key order, by the text that named them.

    :raises NotFound: for the first that is unknown here. :raises Refused: where the label is void.
    """
    found = vial_keys(db, texts)
    db.lock(Vial, found.values())
    rows = db.scalars(VIALS, {"keys": set(found.values())}, execution_options={"populate_existing": True})
    by_key = {vial.id: vial for vial in rows}
    return {text: by_key[key] for text, key in found.items()}


def vial_keys(db: Session, texts: Iterable[str]) -> dict[str, UUID]:
    """The key of the vial that each text names."""
    wanted = list(dict.fromkeys(texts))
    codes = {text: as_code(text) for text in wanted}
    by_code: dict[str, list[sa.Row[str, UUID, int | None, LabelCodeKind]]] = {}
    for row in db.execute(LABELS, {"codes": set(codes.values())}):
        by_code.setdefault(row.code, []).append(row)
    unknown = [text for text in wanted if codes[text] not in by_code]
    named = _by_name(db, unknown)
    return {
        text: named[text] if text in named else _one(text, by_code.get(codes[text], [])) for text in wanted
    }


def _by_name(db: Session, texts: list[str]) -> dict[str, UUID]:
    """Vials by lot and number, MCB-0042-017."""
    if not texts:
        return {}
    rows = db.execute(
        sa.select(Vial.name, Vial.id).where(
            Vial.name.in_({text.strip() for text in texts} | {text.strip().upper() for text in texts})
        )
    )
    by_name = {row.name.upper(): row.id for row in rows}
    return {text: by_name[text.strip().upper()] for text in texts if text.strip().upper() in by_name}


def _one(text: str, rows: list[sa.Row[str, UUID, int | None, LabelCodeKind]]) -> UUID:
    valid: set[UUID] = {row.vial_id for row in rows if row.voided_by is None}
    if len(valid) == 1:
        return valid.pop()
    if valid:
        raise Refused("Several vials carry the barcode {code}: scan the bank's own label", code=text)
    if rows:
        raise Refused("The label {code} is void: a newer one was printed for this vial", code=text)
    raise NotFound(what=text)


def containers(db: Session, codes: Iterable[str]) -> dict[str, Container]:
    """The containers that these codes or barcodes name, by the text that named them. :raises NotFound: unknown here."""
    wanted = {text: as_code(text) for text in codes}
    called = {"codes": set(wanted.values())}
    rows = db.scalars(CONTAINERS, called, execution_options={"populate_existing": True}).all()
    found = {row.barcode: row for row in rows if row.barcode} | {row.code: row for row in rows}
    for text, code in wanted.items():
        if code not in found:
            raise NotFound(what=text)
    return {text: found[code] for text, code in wanted.items()}


def locked_containers(db: Writing, codes: Iterable[str]) -> dict[str, Container]:
    """The same, locked in key order: whoever fills a box waits for whoever is filling it."""
    wanted = list(codes)
    found = containers(db, wanted)
    db.lock(Container, (container.id for container in found.values()))
    return containers(db, wanted) if db.get_bind().dialect.name == "postgresql" else found
