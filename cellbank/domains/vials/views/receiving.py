"""Receiving a consignment, vial by vial, and registering old vials."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from cellbank.core.actor import Actor
from cellbank.core.errors import Message
from cellbank.core.work import reading
from cellbank.domains.banks.finding import bank_named
from cellbank.domains.vials import commands
from cellbank.domains.vials.models import ArrivalCondition, ArrivalDecision
from cellbank.domains.vials.views.here import pages
from cellbank.domains.vials.views.making import PRECISIONS, PRESENTATIONS, bank_url, choices_of, to_bank
from cellbank.toolkit.html.pages import FormProblem, act, done, form_page, show_form

CONDITIONS = {
    ArrivalCondition.FROZEN: Message("Frozen"),
    ArrivalCondition.PARTLY_THAWED: Message("Partly thawed"),
    ArrivalCondition.THAWED: Message("Thawed"),
    ArrivalCondition.DAMAGED: Message("Damaged"),
    ArrivalCondition.LABEL_UNREADABLE: Message("Label unreadable"),
}
DECISIONS = {
    ArrivalDecision.ACCEPTED: Message("Accept"),
    ArrivalDecision.QUARANTINED: Message("Quarantine"),
    ArrivalDecision.REJECTED: Message("Reject"),
}
NOT_ARRIVED = "not_arrived"
LINES = 100
"""So many vials can be listed on the page; the API takes more."""


@pages.page("/banks/<lot>/consignments", permission="vials.receive", methods=("GET", "POST"))
def receive(actor: Actor, lot: str) -> Any:
    """A parcel: first the sender's list, then what arrived and what is decided about each vial."""
    with reading(actor) as db:
        bank = bank_named(db, lot)
    lines = [line.strip() for line in request.values.get("list", "").splitlines() if line.strip()][:LINES]
    lines += [""] * min(LINES - len(lines), max(0, _whole(request.values.get("unlisted", "0"))))
    problem = None
    if request.method == "POST":
        try:
            act(commands.ReceiveVials, actor, bank=bank.code, vials=_listed(lines))
            return done(Message("The vials are received. Put them in the cold next.").id, bank_url(bank.code))
        except FormProblem as found:
            problem = found
    return show_form(
        commands.ReceiveVials,
        template="vials/receive.html",
        problem=problem,
        fixed={"bank": bank.code},
        back=bank_url(bank.code),
        lines=lines,
        bank=bank,
        conditions=choices_of(CONDITIONS),
        decisions=[*choices_of(DECISIONS), (NOT_ARRIVED, "")],
        url_for=url_for,
    )


def _whole(text: str) -> int:
    plain = text.strip()
    return int(plain) if plain.isdecimal() and len(plain) <= 9 else 0  # noqa: PLR2004 - more than any parcel


def _listed(lines: list[str]) -> list[dict[str, Any]]:
    """What was said of each line of the list: its decision and condition by its number."""
    rows = []
    for number, line in enumerate(lines):
        decision = request.form.get(f"decision-{number}") or None
        has_arrived = decision != NOT_ARRIVED
        rows.append(
            {
                "listed_as": line or None,
                "has_arrived": has_arrived,
                "decision": decision if has_arrived else None,
                "condition": (request.form.get(f"condition-{number}") or None) if has_arrived else None,
                "barcode": request.form.get(f"barcode-{number}") or None,
                "note": request.form.get(f"note-{number}") or None,
            }
        )
    return rows


def _old_vials(actor: Actor, lot: str) -> dict[str, Any]:
    with reading(actor) as db:
        bank = bank_named(db, lot)
    return {
        "fixed": {"bank": bank.code},
        "choices": {"presentation": choices_of(PRESENTATIONS), "frozen_precision": choices_of(PRECISIONS)},
        "back": bank_url(bank.code),
    }


form_page(
    pages,
    "/banks/<lot>/old-vials",
    commands.RegisterLegacyVials,
    then=to_bank,
    said=Message("The old vials are registered.").id,
    prepare=_old_vials,
    endpoint="register_old_vials",
)
