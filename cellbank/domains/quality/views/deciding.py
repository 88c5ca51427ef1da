"""Forms of quality's decisions: releases, rejections, holds and exceptions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for

from cellbank.core.actor import Actor
from cellbank.core.errors import Message, NotFound
from cellbank.core.journal import Event
from cellbank.core.work import created, reading
from cellbank.domains.banks import queries as banks
from cellbank.domains.quality import commands, queries
from cellbank.domains.quality.views.here import (
    EXCEPTION_KINDS,
    EXCEPTION_OUTCOMES,
    HOLD_KINDS,
    SCOPES,
    USES,
    choices,
    pages,
)
from cellbank.domains.vials import commands as of_vials
from cellbank.domains.vials.models import Hold, HoldKind, IntendedUse
from cellbank.domains.vials.queries import mass_balance, vial_by_code
from cellbank.domains.vials.verdicts import bank_verdicts, verdicts
from cellbank.toolkit.html.pages import form_page, seen
from cellbank.toolkit.html.words import text_of as _


def _overview(_actor: Actor, _event: Event) -> str:
    return url_for("quality.overview")


def _uses(actor: Actor) -> list[tuple[str, str]]:
    """Clinical use is offered only to who may release for it."""
    without = () if actor.may("quality.release_clinical") else (IntendedUse.CLINICAL,)
    return choices(USES, without=without)


# ---- releases ----


def _bank(actor: Actor, code: str) -> dict[str, Any]:
    with reading(actor) as db:
        bank = banks.bank_named(db, code)
        balance = mass_balance(db, [bank.id])[bank.id]
        return {
            "fixed": {"bank": bank.code},
            "saw": seen(bank),
            "back": f"/banks/{bank.code}",
            "bank": bank,
            "balance": balance,
            "verdict": bank_verdicts(db, [bank.id])[bank.id],
            "exceptions": [row for row in queries.open_exceptions(db) if row.note.bank_id == bank.id],
            "releases": queries.releases_of(db, bank.id),
            "exception_kinds": EXCEPTION_KINDS,
            "uses": USES,
            "may_revoke": actor.may("quality.release"),
        }


def _to_release(actor: Actor, code: str) -> dict[str, Any]:
    found = _bank(actor, code)
    return found | {
        "choices": {"use": _uses(actor)},
        "values": {"specification": found["bank"].specification or ""},
        "title": _("Release bank {bank}", bank=found["bank"].code),
    }


def _to_reject(actor: Actor, code: str) -> dict[str, Any]:
    found = _bank(actor, code)
    return found | {"title": _("Reject bank {bank}", bank=found["bank"].code)}


form_page(
    pages,
    "/banks/<code>/release",
    commands.ReleaseBank,
    then=_overview,
    said=Message("The bank is released; the release is not signed.").id,
    prepare=_to_release,
    endpoint="release_bank",
    template="quality/decide.html",
)
form_page(
    pages,
    "/banks/<code>/rejection",
    commands.RejectBank,
    then=_overview,
    said=Message("The bank is rejected: nothing of it may be used.").id,
    prepare=_to_reject,
    endpoint="reject_bank",
    template="quality/decide.html",
)


def _vial(actor: Actor, text: str) -> dict[str, Any]:
    with reading(actor) as db:
        vial = vial_by_code(db, text)
        found = verdicts(db, [vial.id])[vial.id]
    return {
        "fixed": {"vials": (vial.name,)},
        "choices": {"use": _uses(actor)},
        "saw": seen(vial),
        "back": f"/vials/{vial.name}",
        "title": _("Release vial {vial}", vial=vial.name),
        "verdict": found,
    }


form_page(
    pages,
    "/vials/<text>/release",
    commands.ReleaseVials,
    then=_overview,
    said=Message("The vial is released; the release is not signed.").id,
    prepare=_vial,
    endpoint="release_vial",
    template="quality/decide.html",
)
form_page(
    pages,
    "/quality/releases/<uuid:key>/revocation",
    commands.RevokeRelease,
    then=_overview,
    said=Message("The release is revoked.").id,
    prepare=lambda _actor, key: {"fixed": {"release": key}, "back": url_for("quality.overview")},
    endpoint="revoke_release",
)


# ---- holds ----


def _new_hold(actor: Actor) -> dict[str, Any]:
    without = () if actor.may("quality.reject") else (HoldKind.REJECTED,)
    return {
        "choices": {"scope": choices(SCOPES), "kind": choices(HOLD_KINDS, without=without)},
        "back": url_for("quality.overview"),
    }


def _its_page(_actor: Actor, event: Event) -> str:
    return url_for("quality.hold", key=created(event, Hold)[0])


def _to_lift(actor: Actor, key: UUID) -> dict[str, Any]:
    with reading(actor) as db:
        row = queries.hold_by_id(db, key)
    return {
        "fixed": {"hold": key},
        "saw": seen(row.hold),
        "back": url_for("quality.hold", key=key),
        "title": _("Lift the hold on {name}", name=row.name),
        "intro": row.hold.reason,
    }


form_page(
    pages,
    "/quality/holds/new",
    of_vials.PlaceHold,
    then=_its_page,
    said=Message("The hold is placed.").id,
    prepare=_new_hold,
    endpoint="place_hold",
)
form_page(
    pages,
    "/quality/holds/<uuid:key>/lifting",
    of_vials.LiftHold,
    then=_overview,
    said=Message("The hold is lifted; any other one stays.").id,
    prepare=_to_lift,
    endpoint="lift_hold",
)


# ---- exceptions ----


def _exception(actor: Actor, key: UUID) -> dict[str, Any]:
    with reading(actor) as db:
        row = queries.exception_by_id(db, key)
    if row.note.closed_by is not None:
        raise NotFound(what=str(key))
    return {
        "fixed": {"exceptions": (key,)},
        "choices": {"outcome": choices(EXCEPTION_OUTCOMES)},
        "saw": seen(row.note),
        "back": url_for("quality.overview"),
        "title": _(EXCEPTION_KINDS[row.note.kind].id),
        "row": row,
    }


form_page(
    pages,
    "/quality/exceptions/<uuid:key>/ending",
    commands.LiftExceptions,
    then=_overview,
    said=Message("The exception has ended.").id,
    prepare=_exception,
    endpoint="end_exception",
    template="quality/exception.html",
)
