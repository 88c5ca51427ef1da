"""The box at the top of every page: a scan opens the thing, words search for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

import sqlalchemy as sa
from flask import redirect, request
from pydantic import BaseModel

from cellbank.core.actor import Actor
from cellbank.core.errors import Message, NotFound
from cellbank.core.search import SearchTerm
from cellbank.core.work import Reading, reading
from cellbank.domains.donors.models import Donation, Donor
from cellbank.domains.lines.models import Culture, Line
from cellbank.domains.storage.finding import compact
from cellbank.domains.storage.models import Container
from cellbank.domains.vials import queries
from cellbank.domains.vials.models import Vial
from cellbank.domains.vials.queries import Answer, ScanAnswer
from cellbank.domains.vials.views.here import pages, resources
from cellbank.toolkit.html.pages import SIGNED_IN
from cellbank.toolkit.html.render import render

MOST_FOUND = 30

ADDRESSES = {
    Answer.VIAL: "/vials/{code}",
    Answer.VOID: "/vials/{code}",
    Answer.CONTAINER: "/containers/{code}",
    Answer.BANK: "/banks/{code}",
    Answer.PERSON: "/people/{code}",
    Answer.ACTION: "/bench?code={code}",
}
SEARCHED = {
    "container": "/containers/{code}",
    "bank": "/banks/{code}",
    "line": "/lines/{code}",
    "culture": "/cultures/{code}",
    "donor": "/donors/{code}",
    "donation": "/donations/{code}",
}

READ_BY = {
    Answer.VIAL.value: "vials.read",
    Answer.VOID.value: "vials.read",
    Answer.CONTAINER.value: "storage.read",
    Answer.BANK.value: "banks.read",
    Answer.PERSON.value: "accounts.read",
    Answer.ACTION.value: "bench.use",
    "line": "lines.read",
    "culture": "lines.read",
    "donor": "donors.read",
    "donation": "donors.read",
}
"""Who may not read a kind of thing does not learn that there is one either."""

SENTENCES = {
    Answer.AMBIGUOUS: Message("This can mean two things: scan it again, or scan the bank's own label."),
    Answer.MISREAD: Message("One character of this code was misread: scan it again."),
    Answer.UNKNOWN: Message("Nothing here has this code or name."),
}


@pages.page("/scan", permission=SIGNED_IN, endpoint="scan")
def open_scan(actor: Actor) -> Any:
    """Open what was scanned; or list what a search finds."""
    text = (request.args.get("q") or request.args.get("code") or "").strip()
    with reading(actor) as db:
        answer = queries.scan(db, text)
        url = address_of(answer)
        if url is not None and actor.may(READ_BY[answer.kind.value]):
            return redirect(url)
        found = _search(db, text)
    sentence = SENTENCES.get(answer.kind, SENTENCES[Answer.UNKNOWN]) if text else None
    page = render("vials/scan.html", text=text, sentence=sentence, found=found)
    return page, 200 if found or not text else 404


def address_of(answer: ScanAnswer) -> str | None:
    """The page of what was scanned."""
    pattern = ADDRESSES.get(answer.kind)
    code = answer.name if answer.kind is Answer.PERSON else answer.code
    return pattern.format(code=quote(code)) if pattern is not None else None


def _search(db: Reading, text: str) -> list[tuple[str, str, str]]:
    """What begins with these words: (kind, as written, address)."""
    wanted = compact(text)
    if len(wanted) < 2:  # noqa: PLR2004 - one letter finds everything
        return []
    vials = _vials_beginning(db, text.strip().upper()) if db.actor.may("vials.read") else ()
    mine = (
        sa.true()
        if db.actor.sees_all
        else (SearchTerm.organisation_id.is_(None) | (SearchTerm.organisation_id == db.actor.organisation_id))
    )
    rows = db.execute(
        sa.select(SearchTerm.kind, SearchTerm.shown, SearchTerm.subject_id)
        .where(
            SearchTerm.folded >= wanted,
            SearchTerm.folded < wanted + "\U0010ffff",
            SearchTerm.kind.in_([kind for kind in SEARCHED if db.actor.may(READ_BY[kind])]),
            mine,
        )
        .order_by(SearchTerm.folded)
        .limit(MOST_FOUND)
    ).all()
    codes = _codes(db, [(row.kind, row.subject_id) for row in rows])
    found = [("vial", name, f"/vials/{quote(name)}") for name in vials]
    for row in rows:
        code = codes.get(row.subject_id, row.shown)
        found.append((row.kind, row.shown, SEARCHED[row.kind].format(code=quote(code))))
    return found


def _vials_beginning(db: Reading, prefix: str) -> Sequence[str]:
    return db.scalars(
        sa.select(Vial.name)
        .where(Vial.name >= prefix, Vial.name < prefix + "\U0010ffff")
        .order_by(Vial.name)
        .limit(10)
    ).all()


CODED: dict[str, Any] = {
    "container": Container,
    "line": Line,
    "culture": Culture,
    "donor": Donor,
    "donation": Donation,
}


def _codes(db: Reading, found: list[tuple[str, UUID]]) -> dict[UUID, str]:
    """The codes by which pages are addressed of what has other words as well: a line is found by its names."""
    codes: dict[UUID, str] = {}
    for kind in {kind for kind, _ in found} & set(CODED):
        model = CODED[kind]
        keys = [key for its, key in found if its == kind]
        rows = db.execute(sa.select(model.id, model.code).where(model.id.in_(keys)))
        codes.update({row.id: row.code for row in rows})
    return codes


class ScanOut(BaseModel):
    """What a scan is."""

    kind: Answer
    text: str
    code: str
    name: str


@resources.resource("/scan/<code>", permission="vials.read", returns=ScanOut)
def scan(actor: Actor, code: str) -> ScanOut:
    """What a code is; unknown, and another organisation's, are not found."""
    with reading(actor) as db:
        answer = queries.scan(db, code)
    if answer.kind is Answer.UNKNOWN:
        raise NotFound(what=code)
    return ScanOut(kind=answer.kind, text=answer.text, code=answer.code, name=answer.name)
