"""Pages: the trail, one act in full, the story of anything."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, request, stream_with_context

from cellbank.core import work
from cellbank.core.actor import Actor
from cellbank.core.errors import Message, NotFound, NotPermitted
from cellbank.domains.audit import queries
from cellbank.domains.audit.names import KINDS
from cellbank.domains.audit.seeing import ALL
from cellbank.domains.audit.views import export
from cellbank.domains.audit.views.asked import read_filter
from cellbank.domains.audit.words import table_label, word
from cellbank.toolkit.html.pages import MenuItem, Pages
from cellbank.toolkit.html.render import render
from cellbank.toolkit.i18n.digits import to_latin
from cellbank.toolkit.spreadsheet import csv_lines

pages = Pages("audit")
MENU = (MenuItem("Trail", "audit.trail", "trail", "audit.read", order=70),)

WAYS = {
    "web": Message("a web page"),
    "api": Message("a program (API)"),
    "cli": Message("the command line"),
    "system": Message("the program itself"),
}


def number(name: str) -> int | None:
    """A whole number in the address, or None."""
    text = to_latin(request.args.get(name, ""))
    return int(text) if text.isdigit() and len(text) < 19 else None  # noqa: PLR2004 - what a database holds


@pages.page("/trail", permission="audit.read")
def trail(actor: Actor) -> str:
    """All acts, newest first, narrowed by a sentence."""
    before = number("before")
    with work.reading(actor) as db:
        asked = read_filter(db, request.args)
        story = queries.trail(db, asked.wanted, before=before)
        is_of_all = actor.may(ALL) or not actor.sees_all
        people = queries.known_people(db) if is_of_all else []
        organisations = queries.known_organisations(db) if actor.may(ALL) else []
    kept = {name: value for name, value in asked.typed.items() if value}
    return render(
        "audit/trail.html",
        story=story,
        asked=asked,
        acts=queries.known_acts(),
        people=people,
        organisations=organisations,
        is_own_only=not is_of_all,
        newest_url=f"/trail?{urlencode(kept)}" if before else "",
        older_url=f"/trail?{urlencode({**kept, 'before': story.older})}" if story.older else "",
        export_url=f"/trail.csv?{urlencode(kept)}",
    )


@pages.page("/trail.csv", permission="audit.read")
def trail_csv(actor: Actor) -> Response:
    """The filtered trail for a spreadsheet, sent as it is read."""
    with work.reading(actor) as db:
        asked = read_filter(db, request.args)
    lines = csv_lines(export.table(actor, asked.wanted))
    answer = Response(stream_with_context(lines), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="trail.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.page("/events/<int:seq>", permission="audit.read")
def event(actor: Actor, seq: int) -> str:
    """One act in full."""
    after = number("after") or 0
    with work.reading(actor) as db:
        act = queries.act_of(db, seq, after=after)
    if act is None:
        raise NotFound(what=str(seq))
    return render(
        "audit/event.html",
        act=act,
        word=word,
        table_label=table_label,
        way=WAYS.get(act.event.via, act.event.via),
    )


@pages.page("/history/<kind>/<path:code>", permission="audit.read")
def history(actor: Actor, kind: str, code: str) -> str:
    """The story of anything: its whole page, or for htmx the block ``story``."""
    known = KINDS.get(kind)
    if known is None:
        raise NotFound(what=code)
    if not actor.may(known.permission):
        raise NotPermitted("You may not see this page.")
    with work.reading(actor) as db:
        key = work.required(queries.find(db, kind, code), code)
        story = queries.story_of(db, kind, key, before=number("before"))
    return render(
        "audit/history.html",
        story=story,
        story_url=f"/history/{kind}/{code}",
        is_later=bool(request.args.get("before")),
        code=code,
        kind=table_label(kind),
        page_url=known.page.format(code) if known.page else "",
    )


__all__ = ["MENU", "pages"]
