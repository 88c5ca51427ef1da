"""The list of banks, one bank, its vials, and closing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import request, url_for

from cellbank.core.actor import Actor
from cellbank.core.errors import Message
from cellbank.core.journal import Event
from cellbank.core.work import reading
from cellbank.domains.audit import queries as audit
from cellbank.domains.banks import commands, queries
from cellbank.domains.banks.models import Tier
from cellbank.domains.banks.views.here import bar_of, offered, page, pages, state_of, tone_of
from cellbank.domains.lines.drawing import family_drawing
from cellbank.domains.lines.queries import Family
from cellbank.domains.printing.queries import label_balances
from cellbank.domains.vials import queries as vials
from cellbank.toolkit.html.lineage import neighbourhood
from cellbank.toolkit.html.pages import form_page, page_number, seen

VIALS_A_PAGE = 200
MOST_RELATIVES = 40
"""So much of the family is drawn on a bank's page; the line's page has all."""


@pages.page("/banks", permission="banks.read")
def index(actor: Actor) -> str:
    """All banks, newest first, with how many vials are where."""
    text, number = request.args.get("q", "").strip(), page_number()
    tier = next((one for one in Tier if one.value == request.args.get("tier")), None)
    with reading(actor) as db:
        found = queries.banks(db, text=text, tier=tier, page=number)
        shown = found[: queries.PAGE]
        keys = [row.bank.id for row in shown]
        counts, standing = vials.counts_by_state(db, keys), vials.standings(db, keys)
        return page(
            "banks/index.html",
            rows=[(row, standing[row.bank.id].value, bar_of(counts.get(row.bank.id, {}))) for row in shown],
            q=text,
            tier=tier,
            newer=_list_url(number - 1) if number > 1 else "",
            older=_list_url(number + 1) if len(found) > queries.PAGE else "",
            may_plan=actor.may("banks.plan"),
        )


def _list_url(number: int) -> str:
    return url_for(
        "banks.index", page=number, q=request.args.get("q") or None, tier=request.args.get("tier") or None
    )


@pages.page("/banks/<lot>", permission="banks.read")
def show(actor: Actor, lot: str) -> str:
    """One bank: what it is, whence it comes, how it was made, and whether its vials add up."""
    with reading(actor) as db:
        row = queries.one_bank(db, lot)
        key = row.bank.id
        family, counts = vials.family_with_banks(db, row.bank.line_id)
        nodes, edges = neighbourhood(*family_drawing(family, actor, counts), key.hex, MOST_RELATIVES)
        return page(
            "banks/show.html",
            nodes=nodes,
            edges=edges,
            row=row,
            bank=row.bank,
            standing=vials.standings(db, [key])[key].value,
            cultures=_harvested(family, key),
            origins=vials.origins_of(db, key),
            fill_lots=queries.fill_lots_of(db, key),
            runs=queries.freeze_runs_of(db, key),
            balance=vials.mass_balance(db, [key])[key],
            labels=label_balances(db, [key])[key],
            exceptions=vials.open_exceptions(db, key),
            story=audit.story_of(db, "bank", key),
            story_url=f"/history/bank/{row.bank.code}",
            **offered(actor, row.bank),
        )


def _harvested(family: Family, key: UUID) -> list[str]:
    """Codes of the cultures that were harvested into a bank."""
    before = {one.start for one in family.descents if one.end == key}
    return [one.code for one in family.members if one.kind == "passage" and one.id in before]


@pages.page("/banks/<lot>/vials", permission="banks.read")
def vial_list(actor: Actor, lot: str) -> str:
    """The vials of a bank, each with its state, its code and its place."""
    number = page_number()
    with reading(actor) as db:
        row = queries.one_bank(db, lot)
        found = vials.vials_made(
            db, bank_id=row.bank.id, limit=VIALS_A_PAGE + 1, offset=(number - 1) * VIALS_A_PAGE
        )
        counts = vials.counts_by_state(db, [row.bank.id]).get(row.bank.id, {})
        return page(
            "banks/vials.html",
            row=row,
            bank=row.bank,
            vials=[(one, state_of(one), tone_of(one)) for one in found[:VIALS_A_PAGE]],
            bar=bar_of(counts),
            newer=url_for("banks.vial_list", lot=lot, page=number - 1) if number > 1 else "",
            older=url_for("banks.vial_list", lot=lot, page=number + 1) if len(found) > VIALS_A_PAGE else "",
        )


def _close(actor: Actor, lot: str) -> Mapping[str, Any]:
    with reading(actor) as db:
        bank = queries.bank_named(db, lot)
    told = Message(
        "Nothing more is filled or frozen into a closed bank, and it cannot be opened again; its vials stay as they "
        "are."
    )
    return {
        "fixed": {"bank": bank.code},
        "saw": seen(bank),
        "back": url_for("banks.show", lot=bank.code),
        "intro": told.id,
    }


def _to_bank(actor: Actor, event: Event) -> str:
    return str(request.path).rsplit("/", 1)[0]


form_page(
    pages,
    "/banks/<lot>/closing",
    commands.CloseBank,
    then=_to_bank,
    said=Message("The bank is closed.").id,
    prepare=_close,
    endpoint="close",
)
