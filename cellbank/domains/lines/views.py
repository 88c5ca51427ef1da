"""Pages of lines and cultures."""

from __future__ import annotations

from typing import Any

from flask import redirect, request
from pydantic import BaseModel

from cellbank.core import work
from cellbank.core.actor import Actor
from cellbank.domains.audit import queries as audit
from cellbank.domains.donors import queries as donors
from cellbank.domains.donors.words import agent_word
from cellbank.domains.lines import drawing, queries
from cellbank.domains.lines.forms import register_forms
from cellbank.domains.lines.limits import Standing
from cellbank.domains.lines.models import CultureState, LineKind
from cellbank.domains.vials import queries as vials
from cellbank.toolkit.html.pages import AnyResponse, MenuItem, NotFound, Pages, page_number, url_for
from cellbank.toolkit.html.render import render
from cellbank.toolkit.rest import Resources

pages = Pages("lines")
resources = Resources("lines")
MENU = (MenuItem("Lines", "lines.show_all", "lines", "lines.read", order=40, on_phone=True),)

MOST_CULTURES = 200


@pages.page("/lines", permission="lines.read")
def show_all(actor: Actor) -> str:
    """The lines: searched by any of their names, filtered by kind, in pages."""
    text, number = request.args.get("q", ""), page_number()
    kind = next((one for one in LineKind if one.value == request.args.get("kind")), None)
    with work.reading(actor) as db:
        rows, total = queries.lines(db, text=text, kind=kind, page=number)
    kept: dict[str, Any] = {
        name: value for name, value in (("q", text), ("kind", kind.value if kind else "")) if value
    }
    return render(
        "lines/list.html",
        rows=rows,
        total=total,
        text=text,
        kind=kind,
        kinds=LineKind,
        actor=actor,
        newer_url=url_for("lines.show_all", page=number - 1, **kept) if number > 1 else "",
        older_url=url_for("lines.show_all", page=number + 1, **kept)
        if number * queries.A_PAGE < total
        else "",
    )


@pages.page("/lines/<path:name>", permission="lines.read")
def named(actor: Actor, name: str) -> AnyResponse:
    """The way to a line by its name, as labels and scans say it; to the list where several have the name."""
    with work.reading(actor) as db:
        found = queries.lines_named(db, name)
    if not found:
        raise NotFound(what=name)
    if len(found) > 1:
        return redirect(url_for("lines.show_all", q=name))
    return redirect(url_for("lines.show", code=found[0].code))


@pages.page("/lines/<code>", permission="lines.read")
def show(actor: Actor, code: str) -> str | AnyResponse:
    """One line: its family, its growth against its limits, its cultures and its story."""
    with work.reading(actor) as db:
        line = queries.line_with_code(db, code)
        if line is None:
            return named(actor, code)
        cultures = queries.cultures_of_line(db, line.id)
        family, counts = vials.family_with_banks(db, line.id, cultures)
        nodes, edges = drawing.family_drawing(family, actor, counts)
        own = [one for one in cultures if one.line_id == line.id]
        soft, hard = drawing.limit_values(line)
        return render(
            "lines/show.html",
            line=line,
            owner=donors.organisation_of(db, line.organisation_id),
            parents=queries.parents_of_line(db, line.id),
            donations=queries.donations_of_line(db, line.id),
            results=queries.results_of_line(db, line.id),
            agent_word=agent_word,
            cultures=queries.culture_rows(db, line, reversed(own[-MOST_CULTURES:])),
            culture_total=len(own),
            nodes=nodes,
            edges=edges,
            points=drawing.growth_points(own),
            soft=soft,
            hard=hard,
            Standing=Standing,
            story=audit.story_of(db, "line", line.id),
            story_url=f"/history/line/{line.code}",
            actor=actor,
        )


@pages.page("/cultures/<code>", permission="lines.read")
def culture(actor: Actor, code: str) -> str:
    """One culture: its age and how it is known, what it came from and what was made of it."""
    with work.reading(actor) as db:
        found = queries.culture(db, code)
        line = queries.line_of(db, found)
        return render(
            "lines/culture.html",
            row=queries.culture_rows(db, line, [found])[0],
            culture=found,
            line=line,
            parents=queries.parent_links(db, found.id),
            children=queries.culture_rows(db, line, queries.children_of(db, found.id)),
            vessels=queries.vessels_of(db, found.id),
            lots=queries.lots_of(db, found.id),
            instruments=queries.instruments_of(db, found),
            donation=queries.donation_of(db, found),
            Standing=Standing,
            CultureState=CultureState,
            story=audit.story_of(db, "culture", found.id),
            story_url=f"/history/culture/{found.code}",
            actor=actor,
        )


register_forms(pages)


# ---- what programs read -------------------------------------------------------------------------------------


class LineOut(BaseModel):
    """A line as programs read it; limits are passages, or doublings in thousandths."""

    code: str
    name: str
    other_names: list[str]
    hpscreg_name: str | None
    rrid: str | None
    kind: str
    species: str
    custodian: str
    donations: list[str]
    parents: list[str]
    is_donation_unknown: bool
    limiting_measure: str
    soft_limit: int | None
    hard_limit: int | None
    passage_rule: str
    cultures: list[str]


class CultureOut(BaseModel):
    """A culture as programs read it; doublings in thousandths, null where unknown."""

    code: str
    line: str
    state: str
    passage: str | None
    passage_wording: str | None
    cpd_milli: int | None
    cpd_mean_milli: int | None
    doublings_milli: int | None
    standing: str
    parents: list[str]


@resources.resource("/lines/<code>", permission="lines.read", returns=LineOut)
def line(actor: Actor, code: str) -> LineOut:
    """One line with what it comes from and its cultures."""
    with work.reading(actor) as db:
        found = queries.line(db, code)
        return LineOut(
            code=found.code,
            name=found.name,
            other_names=(found.other_names or "").splitlines(),
            hpscreg_name=found.hpscreg_name,
            rrid=found.rrid,
            kind=found.kind.value,
            species=found.species,
            custodian=donors.organisation_of(db, found.organisation_id).short_name,
            donations=[one.code for one in queries.donations_of_line(db, found.id)],
            parents=[parent.code for parent, _ in queries.parents_of_line(db, found.id)],
            is_donation_unknown=found.is_donation_unknown,
            limiting_measure=found.limiting_measure.value,
            soft_limit=found.soft_limit,
            hard_limit=found.hard_limit,
            passage_rule=found.passage_rule.value,
            cultures=[c.code for c in queries.cultures_of_line(db, found.id) if c.line_id == found.id],
        )


@resources.resource("/cultures/<code>", permission="lines.read", returns=CultureOut)
def one_culture(actor: Actor, code: str) -> CultureOut:
    """One culture with its age."""
    with work.reading(actor) as db:
        found = queries.culture(db, code)
        its = queries.line_of(db, found)
        row = queries.culture_rows(db, its, [found])[0]
    return CultureOut(
        code=found.code,
        line=its.code,
        state=found.state.value,
        passage=row.passage,
        passage_wording=found.passage_wording,
        cpd_milli=found.cpd_milli,
        cpd_mean_milli=found.cpd_mean_milli,
        doublings_milli=row.doublings_milli,
        standing=row.standing.value,
        parents=list(row.parents),
    )
