"""Pages of labels: what waits, printing with a picture of the first label, the ledger of each run, papers."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any, Final

from flask import Response, redirect, request, url_for

from cellbank.core import clock, work
from cellbank.core.actor import Actor
from cellbank.core.errors import Invalid, Message, NotFound
from cellbank.core.journal import Event
from cellbank.core.work import reading
from cellbank.domains.accounts.queries import people
from cellbank.domains.printing import papers, queries
from cellbank.domains.printing.asking import KINDS, Asked, first_label, look_ahead
from cellbank.domains.printing.cards import TITLES
from cellbank.domains.printing.commands import FetchRun, MarkLabels, PrintLabels, ReadBackRun, VoidRun
from cellbank.domains.printing.commands.settling import FATES
from cellbank.domains.printing.models import LabelRun
from cellbank.domains.printing.supplies import CARD_STOCK, Supplies, edition, supplies
from cellbank.domains.storage.queries import container_by_code, path_of
from cellbank.domains.vials.queries import cells_of, vial_by_code
from cellbank.toolkit.html import words
from cellbank.toolkit.html.pages import (
    AnyResponse,
    FormProblem,
    MenuItem,
    Pages,
    act,
    done,
    form_page,
    page_number,
)
from cellbank.toolkit.html.render import render
from cellbank.toolkit.i18n.bidi import Code
from cellbank.toolkit.i18n.calendars import Calendar, WrongDate, format_when_both, local, parse_date
from cellbank.toolkit.i18n.digits import to_latin
from cellbank.toolkit.labels import Label, Stock, Template, calibration_page, preview, sheet

pages = Pages("printing")
MENU = (MenuItem(Message("Labels").id, "printing.index", "labels", "printing.read", order=50),)

PAGE: Final = 30
LEDGER_PAGE: Final = 500
PILLS: Final = {
    "printed": "planned",
    "used": "done",
    "spoiled": "failed",
    "void": "rejected",
    "destroyed": "gone",
}


def _page(name: str, /, **context: object) -> str:
    return render(name, url_for=url_for, fates=FATES, pills=PILLS, title_of=_title_of, **context)


def _title_of(template: Template) -> str:
    return template.title_fa if words.locale() == "fa" else template.title


def _pdf(content: bytes, name: str) -> Response:
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _png(content: bytes) -> Response:
    return Response(content, mimetype="image/png")


# ---- what waits, what was printed -----------------------------------------------------------------------------


@pages.page("/labels", permission="printing.read")
def index(actor: Actor) -> str:
    """What waits to be printed, the last runs, the stocks and templates, and the files of those that are broken."""
    number = page_number()
    found = supplies()
    with reading(actor) as db:
        lines = queries.runs(db, limit=PAGE + 1, skip=(number - 1) * PAGE)
        return _page(
            "printing/index.html",
            waiting=queries.waiting(db) if number == 1 else [],
            runs=lines[:PAGE],
            newer=url_for("printing.index", page=number - 1) if number > 1 else "",
            older=url_for("printing.index", page=number + 1) if len(lines) > PAGE else "",
            supplies=found,
            problems=[(one.file.name, one.where, one.message) for one in found.problems],
            may_print=actor.may("printing.print"),
        )


# ---- printing ---------------------------------------------------------------------------------------------------


@pages.page("/labels/new", permission="printing.print", methods=("GET", "POST"))
def new(actor: Actor) -> Any:
    """Choose what is printed on what, see the first label, say where the sheet begins, print."""
    problem = None
    if request.method == "POST":
        try:
            return _printed(actor, act(PrintLabels, actor))
        except FormProblem as found:
            problem = found
    return _printing_page(actor, _asked(), problem)


@pages.page("/fill-lots/<code>/labels", permission="printing.print")
def of_fill_lot(actor: Actor, code: str) -> AnyResponse:
    """The labels of a fill lot: those that its vials do not have yet."""
    return redirect(url_for("printing.new", fill_lot=code, only_new="true"), 303)


@pages.page("/vials/<code>/labels", permission="printing.print", methods=("GET", "POST"))
def of_vial(actor: Actor, code: str) -> Any:
    """One label for one vial; a reprint asks why."""
    with reading(actor) as db:
        name = vial_by_code(db, code).name
    asked = Asked(vials=(name,))
    if request.method == "GET":
        return redirect(url_for("printing.new", vials=name), 303)
    found = supplies()
    template = request.form.get("template") or asked.default_template(found)
    stock = request.form.get("stock") or _default_stock(actor, found, found.template(template)).name
    try:
        return _printed(actor, act(PrintLabels, actor, vials=(name,), template=template, stock=stock))
    except FormProblem as problem:
        return _printing_page(actor, asked, problem)


def _printed(actor: Actor, event: Event) -> AnyResponse:
    with reading(actor) as db:
        code = db.get_one(LabelRun, work.created(event, LabelRun)[0]).code
    return done(
        Message("The labels are ready: open the file and print it.").id, url_for("printing.run", code=code)
    )


def _asked() -> Asked:
    """What the address or the form says is to be printed."""
    values = request.values

    def texts(name: str) -> tuple[str, ...]:
        lines = "\n".join(values.getlist(name)).replace(",", "\n").splitlines()
        return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))

    def number(name: str) -> int | None:
        text = to_latin(values.get(name, "").strip())
        return int(text) if text.isdecimal() and len(text) < 7 else None  # noqa: PLR2004 - no lot is so long

    return Asked(
        fill_lot=values.get("fill_lot", "").strip(),
        from_number=number("from_number"),
        to_number=number("to_number"),
        only_new="true" in values.getlist("only_new"),
        vials=texts("vials"),
        containers=texts("containers"),
        people=texts("people"),
        cards=texts("cards"),
        frozen_on=_day(values["frozen_on"])
        if "frozen_on" in values
        else local(clock.now(), words.zone()).date(),
        site=values.get("site", "").strip() or None,
    )


def _day(text: str) -> date | None:
    for calendar in (Calendar(words.calendar().value), *Calendar):
        try:
            return parse_date(text, calendar).date if text.strip() else None
        except WrongDate:
            continue
    return None


def _printing_page(actor: Actor, asked: Asked, problem: FormProblem | None) -> tuple[str, int]:
    found = supplies()
    templates = found.templates_of(KINDS[asked.kind])
    template = found.templates.get(request.values.get("template", "") or asked.default_template(found))
    if template not in templates:
        template = templates[0] if templates else None
    if template is None:
        raise Invalid("There is no label template {name}", field="template", name=asked.kind)
    stocks = found.stocks_for(template)
    stock = found.stocks.get(request.values.get("stock", "")) or _default_stock(actor, found, template)
    if stock not in stocks and stocks:
        stock = stocks[0]
    with reading(actor) as db:
        ahead = look_ahead(db, asked, stock, template, work.settings().bank_letter)
        start_at = queries.next_start(db, actor.principal_id, stock)
    typed = to_latin(request.values.get("start_at", ""))
    start_at = int(typed) if typed.isdecimal() and 1 <= int(typed) <= stock.labels_per_page else start_at
    html = _page(
        "printing/new.html", asked=asked, ahead=ahead, template=template, stock=stock, templates=templates,
        stocks=stocks, start_at=start_at, warns=template.is_for_vials and not stock.is_cryo_rated,
        errors=problem.errors if problem else {}, typed=request.values, cards=TITLES,
        picture=url_for("printing.picture", **_query(asked, stock, template)),
        today=words.date_text(local(clock.now(), words.zone()).date()),
    )  # fmt: skip
    return html, problem.status if problem else 200


def _query(asked: Asked, stock: Stock, template: Template) -> dict[str, Any]:
    """The same wish as an address."""
    values: dict[str, Any] = {
        name: "true" if value is True else "\n".join(value) if isinstance(value, tuple) else value
        for name, value in vars(asked).items()
        if value not in ((), "", None, False)
    }
    return values | {"stock": stock.name, "template": template.name}


def _default_stock(actor: Actor, found: Supplies, template: Template) -> Stock:
    """The stock this person printed on last, if the template fits it; else the first that it fits."""
    fitting = found.stocks_for(template)
    if not fitting:
        raise Invalid("No stock fits {template}", field="stock", template=template.title)
    with reading(actor) as db:
        last = queries.last_stock(db, actor.principal_id, [stock.name for stock in fitting])
    return found.stocks.get(last or "", fitting[0])


@pages.page("/labels/preview.png", permission="printing.print")
def picture(actor: Actor) -> Response:
    """The first label as it will be printed."""
    stock, template = supplies().pair(request.args.get("stock", ""), request.args.get("template", ""))
    with reading(actor) as db:
        label = first_label(db, _asked(), template, work.settings().bank_letter)
    return _png(preview(label, stock, template))


# ---- one run ----------------------------------------------------------------------------------------------------


@pages.page("/labels/runs/<code>", permission="printing.read")
def run(actor: Actor, code: str) -> str:
    """The ledger of a run: each label, what became of it, and whether they add up."""
    with reading(actor) as db:
        found = queries.run_by_code(db, code)
        (line,) = queries.runs(db, run_id=found.id)
        number = page_number()
        rows = queries.ledger(db, found.id, limit=LEDGER_PAGE, skip=(number - 1) * LEDGER_PAGE)
        here = supplies()
        return _page(
            "printing/run.html", line=line, run=found, rows=rows, balance=line.balance,
            replaced=queries.replaced_by(db, [row.id for row in rows]),
            stock=here.stocks.get(found.stock), template=here.templates.get(found.template),
            is_untouched=line.balance.open == line.balance.printed,
            may_print=actor.may("printing.print"),
            may_read_back=(
                actor.may("printing.print")
                and found.read_back_by is None
                and line.printed_by_id != actor.principal_id
            ),
            reader=queries.name_of(db, found.read_back_by_id) if found.read_back_by_id else "",
            newer=url_for("printing.run", code=found.code, page=number - 1) if number > 1 else "",
            older=url_for("printing.run", code=found.code, page=number + 1)
            if number * LEDGER_PAGE < found.labels else "",
        )  # fmt: skip


@pages.page("/labels/runs/<code>.pdf", permission="printing.print")
def run_pdf(actor: Actor, code: str) -> Response:
    """The file of a run: the same bytes each time, counted each time, until a label of it is used."""
    with reading(actor) as db:
        found = queries.run_by_code(db, code)
        stock, template = _as_printed(found)
        labels = [Label(one.values) for one in queries.ledger(db, found.id)]
    content = sheet(labels, stock, template, start_at=found.start_at)
    fetched = FetchRun(run_code=found.code, sha256=hashlib.sha256(content).hexdigest())
    if request.method != "HEAD":
        work.perform(fetched, actor, key=work.new_key())
    return _pdf(content, f"{found.code}.pdf")


@pages.page("/labels/runs/<code>/<int:number>.png", permission="printing.read")
def label_picture(actor: Actor, code: str, number: int) -> Response:
    """One label of a run as it was printed."""
    with reading(actor) as db:
        found = queries.run_by_code(db, code)
        stock, template = _as_printed(found)
        row = queries.ledger(db, found.id, limit=1, skip=max(number - 1, 0))
    if not row or number < 1:
        raise NotFound(what=f"{code} {number}")
    return _png(preview(Label(row[0].values), stock, template))


def _as_printed(found: LabelRun) -> tuple[Stock, Template]:
    """The stock and template of a run, if they still are what they were.

    :raises Invalid: one of them was changed since
    """
    stock, template = supplies().pair(found.stock, found.template)
    if edition(stock, template) != found.template_version:
        raise Invalid(
            "The stock or the template was changed since {run} was printed: print these labels again",
            run=found.code,
        )
    return stock, template


def _prepare(actor: Actor, code: str) -> dict[str, Any]:
    with reading(actor) as db:
        found = queries.run_by_code(db, code)
        witnesses = [
            (one.id, words.plain(one.name_fa or one.name) if words.locale() == "fa" else one.name)
            for one in people(db)
            if not one.is_disabled and one.id != actor.principal_id
        ]
    return {
        "fixed": {"run_code": found.code},
        "back": url_for("printing.run", code=found.code),
        "intro": words.said(Message("Labels of {run}", {"run": Code(found.code)})),
        "witnesses": witnesses,
    }


def _to_run(actor: Actor, event: Event) -> str:
    return request.path.rpartition("/")[0]


for _rule, _command, _said in (
    ("marks", MarkLabels, Message("The labels are accounted for.")),
    ("read-back", ReadBackRun, Message("The first and the last label are right.")),
    ("void", VoidRun, Message("The run is void: its labels no longer count.")),
):
    form_page(
        pages, f"/labels/runs/<code>/{_rule}", _command, then=_to_run, said=_said.id, prepare=_prepare,
        endpoint=_rule.replace("-", "_"), template="printing/settle.html",
    )  # fmt: skip


# ---- papers -----------------------------------------------------------------------------------------------------


@pages.page("/labels/stocks/<name>/calibration.pdf", permission="printing.read")
def calibration(actor: Actor, name: str) -> Response:
    """Outlines and millimetre rulers, to lay over the bought sheet."""
    stock = supplies().stocks.get(name)
    if stock is None:
        raise NotFound(what=name)
    return _pdf(calibration_page(stock), f"calibration-{stock.name}.pdf")


@pages.page("/labels/action-cards.pdf", permission="printing.read")
def action_cards(actor: Actor) -> Response:
    """Every action card, to be laminated and hung by the freezer."""
    content = papers.action_cards(
        supplies(), work.settings().bank_letter, request.args.get("stock", CARD_STOCK)
    )
    return _pdf(content, "action-cards.pdf")


@pages.page("/labels/boxes/<code>/map.pdf", permission="printing.read")
def box_map(actor: Actor, code: str) -> Response:
    """The map of a box on paper, with a symbol for each place: what is scanned where a tube cannot be read."""
    with reading(actor) as db:
        box = container_by_code(db, code)
        path = path_of(db, box.id).text()
        vials = {cell.position: cell.vial for cell in cells_of(db, [box.id]) if cell.position and cell.vial}
    head = papers.Head(path, f"{actor.name}, {_both_calendars()}", "1 / 1")
    return _pdf(papers.box_map(box, vials, head), f"map-{box.code}.pdf")


def _both_calendars() -> str:
    return str(format_when_both(clock.now(), work.settings().site_zone))
