"""The home page: what needs me; and all that is out."""

from __future__ import annotations

from cellbank.core.actor import Actor
from cellbank.core.work import Reading, reading
from cellbank.domains.audit import queries as audit
from cellbank.domains.storage import queries as storage
from cellbank.domains.storage.models import ContainerKind
from cellbank.domains.vials import queries
from cellbank.domains.vials.views.here import pages
from cellbank.domains.vials.views.waiting import waiting_for
from cellbank.toolkit.html import words
from cellbank.toolkit.html.maps import FreezerFill
from cellbank.toolkit.html.pages import SIGNED_IN
from cellbank.toolkit.html.render import render

MOST_ON_HOME = 12

TECHNICIANS = (("out", "needs", "acts"), ("freezers",))
QUALITYS = (("needs", "acts"), ("out", "freezers"))
MANAGERS = (("needs", "acts"), ("freezers", "out"))
"""The same parts in two columns, in the order in which each kind of work looks at them."""


@pages.page("/", permission=SIGNED_IN)
def home(actor: Actor) -> str:
    """What needs me, what is out, how full the freezers are, and what I did last."""
    with reading(actor) as db:
        may_read = actor.may("vials.read")
        lines, count = waiting_for(db, actor) if may_read else ([], 0)
        acts = queries.last_acts(db)
        return render(
            "vials/home.html",
            out=queries.out_now(db, limit=MOST_ON_HOME) if may_read else [],
            needs=lines,
            needs_count=count,
            freezers=_freezers(db) if actor.may("storage.read") else None,
            acts=acts,
            things=audit.first_things(db, [act.seq for act in acts if not act.vial]),
            may_put_back=actor.may("vials.take_out"),
            may_use_bench=actor.may("bench.use"),
            may_decide=actor.may("quality.release"),
            columns=_columns(actor),
        )


def _columns(actor: Actor) -> tuple[tuple[str, ...], ...]:
    """The parts of the page in the order of the person's work."""
    if actor.may("quality.release"):
        found: tuple[tuple[str, ...], ...] = QUALITYS
    else:
        found = MANAGERS if actor.may("banks.plan") else TECHNICIANS
    shown = actor.may("storage.read")
    columns = (tuple(part for part in column if shown or part != "freezers") for column in found)
    return tuple(column for column in columns if column)


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
