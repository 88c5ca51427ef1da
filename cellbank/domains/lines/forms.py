"""Forms of lines and cultures: what is offered, what stands in them, and where they lead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from cellbank.core import work
from cellbank.core.actor import Actor
from cellbank.core.command import Command
from cellbank.core.errors import Message
from cellbank.core.journal import Event
from cellbank.domains.donors import queries as donors
from cellbank.domains.equipment import queries as equipment
from cellbank.domains.equipment.models import EquipmentKind
from cellbank.domains.lines import commands, queries
from cellbank.domains.lines.models import Culture, LimitingMeasure, Line
from cellbank.toolkit.html import words
from cellbank.toolkit.html.pages import Pages, form_page, seen, url_for

THOUSANDTHS = 1000
MINUTES_AN_HOUR = 60

_AS_IT_IS = (
    "name", "kind", "hpscreg_name", "rrid", "species", "strain", "sex", "tissue", "disease", "genetic_change",
    "derivation_method", "reprogramming_vector", "clone", "derived_by", "growth_medium", "matrix", "feeder",
    "biosafety_level", "reference_karyotype", "reference_str", "mta", "limits_of_use", "depositor_wording",
)  # fmt: skip

_COMES_OF_IT: dict[type[Command], Message] = {
    commands.CloseLine: Message(
        "No culture is begun and no bank is planned of a closed line; what exists stays as it is, and the line can be "
        "opened again."
    ),
    commands.AnnulCulture: Message(
        "Only for a culture that was recorded by mistake: it no longer counts, stays to be seen as annulled, and "
        "cannot be brought back."
    ),
}
"""What an act means for what comes after it, said above its form."""

Prepare = Callable[..., Mapping[str, Any]]


def register_forms(pages: Pages) -> None:
    """Add the forms of every act on lines and cultures."""
    for rule, command, said in (
        ("/lines/new", commands.RegisterLine, Message("The line is registered.")),
        ("/cultures/new", commands.StartCulture, Message("The culture was begun.")),
        ("/passages/new", commands.PassageCulture, Message("The passage was recorded.")),
    ):
        form_page(pages, rule, command, then=_to_what_was_made, prepare=_new, said=said.id)
    for ending, of_line, said in (
        ("correction", commands.CorrectLine, Message("It was corrected.")),
        ("limits", commands.SetLimits, Message("The limits were set.")),
        ("parents/new", commands.AddLineParent, Message("The parent line was added.")),
        ("results/new", commands.RecordLineResult, Message("The result was recorded.")),
        ("closing", commands.CloseLine, Message("The line is closed.")),
        ("opening", commands.ReopenLine, Message("The line is open again.")),
    ):
        form_page(
            pages, f"/lines/<code>/{ending}", of_line,
            then=_to_subject, prepare=_telling(_a_line, of_line), said=said.id,
        )  # fmt: skip
    for ending, of_one, said in (
        ("count", commands.RecordCount, Message("The count was recorded.")),
        ("harvest", commands.HarvestCulture, Message("The harvest was recorded.")),
        ("parents/new", commands.AddCultureParent, Message("The parent culture was added.")),
        ("annulment", commands.AnnulCulture, Message("The culture was annulled.")),
    ):
        form_page(
            pages, f"/cultures/<code>/{ending}", of_one,
            then=_to_subject, prepare=_telling(_a_culture, of_one), said=said.id,
        )  # fmt: skip
    for ending, of_several, said in (
        ("discard", commands.DiscardCultures, Message("It was recorded.")),
        ("contamination", commands.MarkContaminated, Message("It was recorded.")),
        ("resumption", commands.ResumeCultures, Message("It was recorded.")),
    ):
        form_page(
            pages, f"/cultures/<code>/{ending}", of_several, then=_to_subject, prepare=_cultures, said=said.id
        )


def _telling(prepare: Prepare, command: type[Command]) -> Prepare:
    """What the form is prepared with, and the sentence about what comes of the act where there is one."""
    told = _COMES_OF_IT.get(command)
    return prepare if told is None else lambda actor, **where: {**prepare(actor, **where), "intro": told.id}


def _new(actor: Actor) -> Mapping[str, Any]:
    """What a new line or culture may choose from."""
    with work.reading(actor) as db:
        shown: dict[str, list[tuple[str, str]]] = {
            "incubator": equipment.choices(db, EquipmentKind.INCUBATOR),
            "hood": equipment.choices(db, EquipmentKind.HOOD),
            "line": queries.line_choices(db),
        }
        if actor.sees_all:
            shown["custodian"] = donors.organisation_choices(db)
    return {"choices": shown, "back": url_for("lines.show_all")}


def _a_line(actor: Actor, code: str) -> Mapping[str, Any]:
    with work.reading(actor) as db:
        line = queries.line(db, code)
        others = [pair for pair in queries.line_choices(db) if pair[0] != code]
    return {
        "fixed": {"line": code},
        "values": _values(line),
        "choices": {"parent": others},
        "saw": seen(line),
        "back": url_for("lines.show", code=code),
    }


def _values(line: Line) -> dict[str, Any]:
    """What is recorded of a line, as its forms show it."""
    is_doublings = line.limiting_measure is LimitingMeasure.POPULATION_DOUBLINGS
    unit = THOUSANDTHS if is_doublings else 1
    hours = line.doubling_time_minutes
    return {name: getattr(line, name) for name in _AS_IT_IS} | {
        "other_names": line.other_names or "",
        "derived": words.date_text(line.derived_on, line.derived_precision.value) if line.derived_on else "",
        "doubling_time_hours": None if hours is None else _plain(Decimal(hours) / MINUTES_AN_HOUR),
        "limiting_measure": line.limiting_measure,
        "soft_limit": None if line.soft_limit is None else _plain(Decimal(line.soft_limit) / unit),
        "hard_limit": None if line.hard_limit is None else _plain(Decimal(line.hard_limit) / unit),
        "passages_after_thaw_max": line.passages_after_thaw_max,
        "passage_rule": line.passage_rule,
    }


def _plain(value: Decimal) -> str:
    text = f"{value:.3f}"
    return text.rstrip("0").rstrip(".")


def _a_culture(actor: Actor, code: str) -> Mapping[str, Any]:
    with work.reading(actor) as db:
        culture = queries.culture(db, code)
    return {"fixed": {"culture": code}, "saw": seen(culture), "back": url_for("lines.culture", code=code)}


def _cultures(actor: Actor, code: str) -> Mapping[str, Any]:
    with work.reading(actor) as db:
        culture = queries.culture(db, code)
    return {"fixed": {"cultures": (code,)}, "saw": seen(culture), "back": url_for("lines.culture", code=code)}


def _to_what_was_made(actor: Actor, event: Event) -> str:
    with work.reading(actor) as db:
        if made := work.created(event, Culture):
            return url_for("lines.culture", code=db.get_one(Culture, made[0]).code)
        return url_for("lines.show", code=db.get_one(Line, work.created(event, Line)[0]).code)


def _to_subject(actor: Actor, event: Event) -> str:
    """The culture that the event is about, or else the line."""
    with work.reading(actor) as db:
        about = donors.subjects_of(db, event.seq)
        if code := db.scalar(
            sa.select(Culture.code).where(Culture.id.in_(about)).order_by(Culture.id.desc()).limit(1)
        ):
            return url_for("lines.culture", code=code)
        return url_for("lines.show", code=db.scalar(sa.select(Line.code).where(Line.id.in_(about)).limit(1)))
