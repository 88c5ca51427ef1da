"""What waits for quality, each hold, and what a donor's withdrawal reaches."""

from __future__ import annotations

from uuid import UUID

from cellbank.core.actor import Actor
from cellbank.core.work import reading
from cellbank.domains.quality import queries
from cellbank.domains.quality.views.here import EXCEPTION_KINDS, HOLD_KINDS, SCOPES, USES, address, pages
from cellbank.domains.vials.models import Vial
from cellbank.domains.vials.queries import Where, where_is
from cellbank.toolkit.html import words
from cellbank.toolkit.html.render import render

MOST_SHOWN = 500
"""So many remaining vials are listed with their places; their number is always told."""


@pages.page("/quality", permission="quality.read")
def overview(actor: Actor) -> str:
    """Banks in quarantine, open holds by age, returned vials, open exceptions."""
    with reading(actor) as db:
        found = queries.waiting(db)
    return render(
        "quality/overview.html",
        found=found,
        may_release=actor.may("quality.release"),
        may_reject=actor.may("quality.reject"),
        may_hold=actor.may("quality.hold"),
        may_correct=actor.may("vials.correct"),
        may_transfer=actor.may("vials.transfer"),
        **_words(),
    )


@pages.page("/quality/holds/<uuid:key>", permission="quality.read")
def hold(actor: Actor, key: UUID) -> str:
    """One hold: what it is on, why, since when, and how far it reaches."""
    with reading(actor) as db:
        row = queries.hold_by_id(db, key)
        reach = queries.reach_of(db, row)
    return render("quality/hold.html", row=row, reach=reach, may_lift=actor.may("quality.hold"), **_words())


@pages.page("/donors/<code>/withdrawal-effects", permission="donors.read")
def withdrawal(actor: Actor, code: str) -> str:
    """Everything of one donor, also what has left the bank: who is to be told, what is to be destroyed."""
    with reading(actor) as db:
        effects = queries.withdrawal_effects(db, code)
        shown = effects.remaining[:MOST_SHOWN]
        places = where_is(db, [vial.id for vial in shown])
    return render(
        "quality/withdrawal.html",
        effects=effects,
        shown=[(vial, _place(vial, places)) for vial in shown],
        **_words(),
    )


def _place(vial: Vial, places: dict[UUID, Where]) -> str:
    """The path to a vial's slot, in the reader's words."""
    where = places.get(vial.id)
    if where is None:
        return ""
    steps = [step.text(words.locale()) for step in where.path.steps]
    return " › ".join([*steps, where.place] if where.place else steps)


def _words() -> dict[str, object]:
    return {
        "uses": USES,
        "hold_kinds": HOLD_KINDS,
        "scopes": SCOPES,
        "exception_kinds": EXCEPTION_KINDS,
        "address": address,
    }
