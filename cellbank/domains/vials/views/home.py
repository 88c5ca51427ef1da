"""The home page: what needs me; and all that is out."""

from __future__ import annotations

from cellbank.core.actor import Actor
from cellbank.core.errors import Message
from cellbank.core.work import Reading, reading
from cellbank.domains.audit import queries as audit
from cellbank.domains.storage import queries as storage
from cellbank.domains.storage.models import ContainerKind
from cellbank.domains.vials import queries
from cellbank.domains.vials.queries.needs import needs
from cellbank.domains.vials.views.here import pages
from cellbank.toolkit.html import words
from cellbank.toolkit.html.maps import FreezerFill
from cellbank.toolkit.html.pages import SIGNED_IN
from cellbank.toolkit.html.render import render

MOST_ON_HOME = 12

WAITS_FOR = {
    "outcome": (
        Message("thawed, without an outcome yet"),
        Message("Record the outcome"),
        "outcomes",
        "vials.thaw",
    ),
    "destruction": (
        Message("in the bin"),
        Message("Confirm the destruction"),
        "destructions",
        "vials.correct",
    ),
    "missing": (Message("missing"), Message("Found again"), "findings", "vials.move"),
    "exception": (Message("an exception waits for quality"), Message("Look at it"), "", "quality.hold"),
}


@pages.page("/", permission=SIGNED_IN)
def home(actor: Actor) -> str:
    """What needs me, what is out, how full the freezers are, and what I did last."""
    with reading(actor) as db:
        may_read = actor.may("vials.read")
        waiting, counts = needs(db) if may_read else ([], {})
        mine = [need for need in waiting if actor.may(WAITS_FOR[need.what][3])]
        acts = queries.last_acts(db)
        return render(
            "vials/home.html",
            out=queries.out_now(db, limit=MOST_ON_HOME) if may_read else [],
            needs=[(need, *WAITS_FOR[need.what][:3]) for need in mine],
            needs_count=sum(count for what, count in counts.items() if actor.may(WAITS_FOR[what][3])),
            freezers=_freezers(db) if actor.may("storage.read") else None,
            acts=acts,
            things=audit.first_things(db, [act.seq for act in acts if not act.vial]),
            may_put_back=actor.may("vials.take_out"),
            may_use_bench=actor.may("bench.use"),
        )


@pages.page("/out", permission="vials.read")
def out(actor: Actor) -> str:
    """Everything that is out of the cold now."""
    with reading(actor) as db:
        return render("vials/out.html", out=queries.out_now(db), may_put_back=actor.may("vials.take_out"))


def _freezers(db: Reading) -> list[FreezerFill]:
    """Freezers and tanks, each filled to its level."""
    locale = words.locale()
    kinds = (ContainerKind.FREEZER, ContainerKind.TANK)
    return [
        FreezerFill(
            name=(level.container.name_fa if locale == "fa" else None) or level.container.name,
            url=f"/containers/{level.container.code}",
            used=level.used,
            total=level.total,
        )
        for level in storage.levels(db)
        if level.container.kind in kinds
    ]
