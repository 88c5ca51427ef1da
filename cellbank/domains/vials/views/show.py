"""The page of one vial: where, whence, may it be used, and its story."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for

from cellbank.core.actor import Actor
from cellbank.core.errors import Message
from cellbank.core.work import Reading, reading
from cellbank.domains.audit import queries as audit
from cellbank.domains.storage.models import Container
from cellbank.domains.vials import queries
from cellbank.domains.vials.models import Destruction, Placement, Thaw, Vial, VialState
from cellbank.domains.vials.queries import Answer as Scanned
from cellbank.domains.vials.queries.scan import scanned_vial
from cellbank.domains.vials.queries.whereabouts import codes_of
from cellbank.domains.vials.verdicts import Answer, verdicts
from cellbank.domains.vials.views.here import (
    OUTCOMES,
    PILLS,
    PURPOSES,
    STATES,
    USES,
    box_drawing,
    choices,
    pages,
)
from cellbank.toolkit.html import words
from cellbank.toolkit.html.pages import seen
from cellbank.toolkit.html.render import render


@pages.page("/vials/<text>", permission="vials.read")
def show(actor: Actor, text: str) -> str:
    """One vial."""
    with reading(actor) as db:
        answer = queries.scan(db, text)
        vial = scanned_vial(db, answer)
        return render(
            "vials/show.html",
            is_void_label=answer.kind is Scanned.VOID,
            scanned=text,
            vial=vial,
            chain=queries.whence(db, vial),
            saw=seen(vial, *_home(db, vial)),
            story=audit.story_of(db, "vial", vial.id),
            story_url=f"/history/vial/{vial.name}",
            purposes=choices(PURPOSES),
            answers=_answers(db, vial),
            **_now(db, vial),
            **acts_for(actor, vial),
        )


def _home(db: Reading, vial: Vial) -> list[Placement]:
    """Where it stands is seen too: who takes a vial out goes to the place that the page named."""
    return list(
        db.scalars(sa.select(Placement).where(Placement.vial_id == vial.id, Placement.ended_by.is_(None)))
    )


def _answers(db: Reading, vial: Vial) -> list[tuple[bool, Message, Answer]]:
    """May it be used? For each use whether, in a sentence, and why; nothing about what is gone."""
    if vial.state is VialState.GONE:
        return []
    found = verdicts(db, [vial.id])[vial.id]
    return [
        (answer.is_allowed, USES[use][0 if answer.is_allowed else 1], answer)
        for use, answer in found.uses.items()
    ]


def _now(db: Reading, vial: Vial) -> dict[str, Any]:
    """Its place, its state and what became of it."""
    where = queries.where_is(db, [vial.id]).get(vial.id)
    drawing = None
    if where is not None:
        drawing = box_drawing(where.container, queries.cells_of(db, [where.container.id]), where.place)
    state = (vial.disposition or vial.state).value
    thaw = db.scalar(sa.select(Thaw).where(Thaw.vial_id == vial.id, Thaw.annulled_by.is_(None)))
    into = db.get(Container, vial.out_container_id) if vial.out_container_id else None
    waiting = None
    if vial.state is VialState.OUT:
        waiting = db.scalar(
            sa.select(Destruction.reason).where(
                Destruction.vial_id == vial.id,
                Destruction.annulled_by.is_(None),
                Destruction.confirmed_by.is_(None),
            )
        )
    return {
        "code": codes_of(db, [vial.id]).get(vial.id, vial.name),
        "where": where,
        "path": _crumbs(where, may_open=db.actor.may("storage.read")) if where is not None else [],
        "drawing": drawing,
        "state": "destruction" if waiting else PILLS.get(state, state),
        "state_words": None if waiting else STATES[state],
        "waits_for_destruction": waiting,
        "into": into,
        "thaw": thaw,
        "thaw_purpose": PURPOSES[thaw.purpose] if thaw is not None else None,
        "thaw_outcome": OUTCOMES[thaw.outcome] if thaw is not None and thaw.outcome is not None else None,
        "exposure_s": queries.exposure_seconds(db, [vial.id]).get(vial.id, 0),
    }


def _crumbs(where: queries.Where, *, may_open: bool) -> list[tuple[str, str]]:
    """From the site to the slot; with the way to each box and freezer for whoever may open it."""
    locale = words.locale()
    crumbs = []
    for step in where.path.steps:
        is_container = may_open and step.code is not None and step.kind != "site"
        url = f"/containers/{step.code}" if is_container else ""
        crumbs.append((step.text(locale), url))
    return [*crumbs, (where.place, "")] if where.place else crumbs


def acts_for(actor: Actor, vial: Vial) -> dict[str, bool]:
    """Which acts make sense for a vial in its state and for this person."""
    is_stored, is_out = vial.state is VialState.STORED, vial.state is VialState.OUT
    is_here = is_stored or is_out
    is_placeable = vial.state in (VialState.FILLED, VialState.FREEZING)
    return {
        "may_take_out": is_stored and actor.may("vials.take_out"),
        "may_put_back": is_out and actor.may("vials.take_out"),
        "may_move": (is_stored or is_placeable) and actor.may("vials.move"),
        "may_thaw": is_here and actor.may("vials.thaw"),
        "may_record_outcome": vial.state is VialState.GONE and actor.may("vials.thaw"),
        "may_discard": is_here and actor.may("vials.take_out"),
        "may_mark_missing": is_here and actor.may("vials.move"),
        "may_find": vial.state is VialState.MISSING and actor.may("vials.move"),
        "may_write_off": vial.state is VialState.MISSING and actor.may("vials.correct"),
        "may_correct": actor.may("vials.correct"),
        "may_print": vial.state is not VialState.GONE and actor.may("printing.print"),
        "may_release": vial.state is not VialState.GONE and actor.may("quality.release"),
        "may_hold": vial.state is not VialState.GONE and actor.may("quality.hold"),
        "may_confirm_destruction": is_out and actor.may("vials.correct"),
    }


def address(vial: str) -> str:
    """The page of a vial."""
    return url_for("vials.show", text=vial)


__all__ = ["address", "show"]
