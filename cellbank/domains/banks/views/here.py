"""The register of this domain's pages and readable resources, and what they share."""

from __future__ import annotations

from collections.abc import Mapping

from flask import url_for

from cellbank.core.actor import Actor
from cellbank.core.errors import Message
from cellbank.domains.banks import words
from cellbank.domains.banks.models import Bank, BankState
from cellbank.domains.vials import queries as vials
from cellbank.toolkit.html.pages import MenuItem, Pages
from cellbank.toolkit.html.render import render
from cellbank.toolkit.rest import Resources

pages = Pages("banks")
resources = Resources("banks")
MENU = (MenuItem(Message("Banks").id, "banks.index", "banks", "banks.read", order=30, on_phone=True),)

VIAL_STATES = {
    "stored": Message("in its slot"),
    "out": Message("out"),
    "in_transit": Message("on its way"),
    "freezing": Message("being frozen"),
    "filled": Message("filled"),
    "planned": Message("planned"),
    "missing": Message("missing"),
    "thawed": Message("thawed"),
    "issued": Message("issued"),
    "destroyed": Message("destroyed"),
    "written_off": Message("written off"),
    "not_filled": Message("not filled"),
}
KEPT_FOR = {
    "stock": Message("Stock"),
    "qc": Message("Quality control"),
    "retention": Message("Retention"),
    "safety_reserve": Message("Safety reserve"),
    "stability": Message("Stability study"),
}
TONES = {
    "stored": "stored",
    "out": "out",
    "in_transit": "out",
    "freezing": "waiting",
    "filled": "waiting",
    "missing": "missing",
}


def page(template: str, **context: object) -> str:
    """A page of banks, with the words of this domain at hand."""
    return render(
        template,
        url_for=url_for,
        words=words,
        exception_words=words.EXCEPTIONS,
        allocations=KEPT_FOR,
        **context,
    )


def bar_of(counts: Mapping[str, int]) -> list[tuple[str, Message, int]]:
    """Tone, words and number of each state that has vials, in the order they are drawn."""
    return [
        (TONES.get(name, "gone" if name != "planned" else "planned"), word, counts[name])
        for name, word in VIAL_STATES.items()
        if counts.get(name)
    ]


def state_of(one: vials.MadeVial) -> Message:
    """What is said of a vial: its state, or how it has gone."""
    return VIAL_STATES[(one.vial.disposition or one.vial.state).value]


def tone_of(one: vials.MadeVial) -> str:
    """The colour and glyph of a vial's state."""
    name = (one.vial.disposition or one.vial.state).value
    return TONES.get(name, "planned" if name == "planned" else "gone")


def offered(actor: Actor, bank: Bank) -> dict[str, bool]:
    """Which acts are offered: those this person may do, on a bank that still takes them."""
    is_open = bank.state is not BankState.CLOSED
    return {
        "may_plan": actor.may("banks.plan"),
        "may_print": actor.may("printing.print"),
        "may_release": actor.may("quality.release"),
        "may_reject": actor.may("quality.reject"),
        "may_correct": actor.may("vials.correct"),
        "may_close": actor.may("banks.plan") and is_open,
        "may_fill": actor.may("banks.fill") and is_open,
        "may_freeze": actor.may("banks.freeze") and is_open,
        "may_receive": actor.may("vials.receive") and is_open and (bank.is_received or bank.is_legacy),
    }
