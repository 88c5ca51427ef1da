"""Forms of corrections and of the transfer of ownership."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import request, url_for

from cellbank.core.actor import Actor
from cellbank.core.errors import Message
from cellbank.core.journal import Event
from cellbank.core.work import reading
from cellbank.domains.banks import queries as banks
from cellbank.domains.quality import queries
from cellbank.domains.quality.views.here import choices, pages
from cellbank.domains.vials import commands
from cellbank.domains.vials.models import Presentation
from cellbank.domains.vials.queries import vial_by_code
from cellbank.toolkit.html.pages import form_page, seen
from cellbank.toolkit.html.words import text_of as _

PRESENTATIONS = {
    Presentation.VIAL_0_5_ML: Message("Vial of 0.5 mL"),
    Presentation.VIAL_1_ML: Message("Vial of 1 mL"),
    Presentation.VIAL_2_ML: Message("Vial of 2 mL"),
    Presentation.VIAL_5_ML: Message("Vial of 5 mL"),
    Presentation.STRAW: Message("Straw"),
    Presentation.CRYOBAG: Message("Cryobag"),
}


def _overview(_actor: Actor, _event: Event) -> str:
    return url_for("quality.overview")


def _to_vial(_actor: Actor, _event: Event) -> str:
    return f"/vials/{(request.view_args or {})['text']}"


def _to_bank(_actor: Actor, _event: Event) -> str:
    return f"/banks/{(request.view_args or {})['code']}"


def _vial(actor: Actor, text: str) -> dict[str, Any]:
    with reading(actor) as db:
        vial = vial_by_code(db, text)
    asked = set(commands.CorrectVial.model_fields) - {"vial", "viability"}
    values: dict[str, Any] = {name: getattr(vial, name) for name in asked}
    values["viability"] = None if vial.viability_permille is None else Decimal(vial.viability_permille) / 10
    return {
        "fixed": {"vial": vial.name},
        "values": {name: value for name, value in values.items() if value is not None},
        "choices": {"presentation": choices(PRESENTATIONS)},
        "saw": seen(vial),
        "back": f"/vials/{vial.name}",
        "title": _("Correct the record of {vial}", vial=vial.name),
    }


def _bank(actor: Actor, code: str) -> dict[str, Any]:
    with reading(actor) as db:
        bank = banks.bank_named(db, code)
    return {"fixed": {"bank": bank.code}, "saw": seen(bank), "back": f"/banks/{bank.code}"}


def _act(actor: Actor, key: UUID) -> dict[str, Any]:
    with reading(actor) as db:
        effect = queries.annulment_of(db, key)
    return {"fixed": {"act": key}, "back": url_for("quality.overview"), "effect": effect}


form_page(
    pages,
    "/vials/<text>/correction",
    commands.CorrectVial,
    then=_to_vial,
    said=Message("The record is corrected; what stood there before stays in the trail.").id,
    prepare=_vial,
    endpoint="correct_vial",
)
form_page(
    pages,
    "/quality/swaps/new",
    commands.SwapVials,
    then=_overview,
    said=Message("The two vials are swapped; both wait for quality where they were released.").id,
    prepare=lambda _actor: {"back": url_for("quality.overview")},
    endpoint="swap_vials",
)
form_page(
    pages,
    "/banks/<code>/line-correction",
    commands.AssignLotToLine,
    then=_to_bank,
    said=Message("The lot is recorded under the right line.").id,
    prepare=_bank,
    endpoint="assign_lot_to_line",
)
form_page(
    pages,
    "/quality/acts/<uuid:key>/annulment",
    commands.AnnulAct,
    then=_overview,
    said=Message("The act is annulled; it stays in the trail.").id,
    prepare=_act,
    endpoint="annul_act",
    template="quality/annul.html",
)
form_page(
    pages,
    "/quality/transfers/new",
    commands.TransferVials,
    then=_overview,
    said=Message("The vials have another owner.").id,
    prepare=lambda _actor: {"back": url_for("quality.overview")},
    endpoint="transfer_vials",
)
