"""render("vials/show.html", vial=…): the page, or the one named block of it that htmx asked for."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, cast

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    g,
    get_flashed_messages,
    request,
    send_from_directory,
    url_for,
)
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, Template
from jinja2.loaders import BaseLoader
from markupsafe import escape
from werkzeug.local import LocalProxy

from cellbank.toolkit.html import charts, words
from cellbank.toolkit.html.flashes import remember_messages
from cellbank.toolkit.html.forms import typed_value
from cellbank.toolkit.html.frame import Frame
from cellbank.toolkit.html.marks import bank_mark, printed_code
from cellbank.toolkit.html.security import add_security_headers, csp_nonce
from cellbank.toolkit.html.squares import Squares
from cellbank.toolkit.i18n import quantities
from cellbank.toolkit.i18n.catalogue import Catalogue

HERE: Final = Path(__file__).parent
STYLESHEETS: Final = ("tokens", "base", "frame", "components", "forms", "maps", "charts", "bench", "print")


class _Live:
    """A word that is looked up each time it is written: globals of the templates differ from reader to reader."""

    def __init__(self, read: Callable[[], str]) -> None:
        self._read = read

    def __str__(self) -> str:
        return self._read()

    def __html__(self) -> str:
        return str(escape(self._read()))

    def __eq__(self, other: object) -> bool:
        return self._read() == str(other)

    def __hash__(self) -> int:
        return hash(self._read())


def init_app(
    app: Flask,
    template_folders: Mapping[str, Path],
    *,
    override: Path | None = None,
    static_folders: Mapping[str, Path] | None = None,
    catalogue: Catalogue | None = None,
) -> None:
    """Teach the application to draw pages.

    ``template_folders`` gives each domain's templates a prefix, ``static_folders`` its own scripts and styles;
    a file of the same name in ``override`` replaces a page of ours; ``catalogue`` is the program's unless given.
    """
    folders = {"": HERE / "static", **(static_folders or {})}
    app.extensions["cellbank.html"] = _environment(template_folders, override)
    app.extensions["cellbank.catalogue"] = catalogue
    remember_messages(app)
    app.extensions["cellbank.static"] = (_fingerprint(folders.values()), folders)
    app.add_url_rule("/static/<version>/<path:name>", "static_file", _static_file)
    app.after_request(add_security_headers)


def render(name: str, **context: object) -> str:
    """The page ``name`` ("vials/show.html"), or only the block htmx wants to exchange.

    The block is the one whose name is the id of the element htmx aims at (``HX-Target``), with ``_`` for ``-``.
    A block is drawn alone, so it may use the context and the globals, not variables set outside of it.
    """
    template = _jinja().get_template(name)
    block = _wanted_block(template)
    if block is None:
        return template.render(**context)
    return render_block(name, block, **context)


def render_block(name: str, block: str, **context: object) -> str:
    """One named block of a page, for an answer that is never a whole page."""
    template = _jinja().get_template(name)
    drawn = template.new_context(dict(context))
    return "".join(template.blocks[block](drawn))


def static_url(name: str) -> str:
    """The address of one of our files, which changes whenever any of them changes, so that caches may keep it."""
    version, _ = current_app.extensions["cellbank.static"]
    return f"/static/{version}/{name}"


def _jinja() -> Environment:
    return cast(Environment, current_app.extensions["cellbank.html"])


def _wanted_block(template: Template) -> str | None:
    if request.headers.get("HX-Request") != "true" or request.headers.get("HX-Boosted") == "true":
        return None
    if request.headers.get("HX-History-Restore-Request") == "true":
        return None
    block = request.headers.get("HX-Target", "").replace("-", "_")
    return block if block in template.blocks else None


def _environment(template_folders: Mapping[str, Path], override: Path | None) -> Environment:
    ours: dict[str, BaseLoader] = {
        name: FileSystemLoader(folder) for name, folder in template_folders.items()
    }
    ours["layout"] = FileSystemLoader(HERE / "templates")
    loaders: list[BaseLoader] = [FileSystemLoader(override)] if override else []
    environment = Environment(
        loader=ChoiceLoader([*loaders, PrefixLoader(ours)]),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_globals(environment))
    return environment


def _globals(environment: Environment) -> dict[str, Any]:
    def macros(name: str) -> Any:
        return LocalProxy(lambda: environment.get_template(f"layout/{name}.html").module)

    return {
        "_": words.text_of,
        "ngettext": words.counted,
        "locale": _Live(words.locale),
        "dir": _Live(words.direction),
        "calendar": _Live(lambda: words.calendar().value),
        "digits": _Live(words.digits),
        "theme": _Live(lambda: str(g.get("theme", "auto"))),
        "frame": LocalProxy(lambda: g.get("frame") or Frame()),
        "csp_nonce": _Live(csp_nonce),
        "csrf_token": _Live(lambda: str(g.get("csrf_token", ""))),
        "new_key": lambda: uuid.uuid4().hex,
        "flashed": lambda: get_flashed_messages(with_categories=True),
        "static_url": static_url,
        "url_for": url_for,
        "stylesheets": STYLESHEETS,
        "said": words.said,
        "sentences": words.sentences,
        "told": words.told,
        "in_field": words.in_field,
        "comma": _Live(words.comma),
        "known_moment": words.known_moment,
        "typed_value": typed_value,
        "plain": words.plain,
        "date_text": words.date_text,
        "site_day": words.site_day,
        "other_calendar": words.other_calendar,
        "moment_text": words.moment_text,
        "clock_text": words.clock_text,
        "both_calendars": words.both_calendars,
        "number_text": words.number_text,
        "temperature_text": quantities.temperature,
        "reader_digits": words.reader_digits,
        "bank_mark": bank_mark,
        "printed_code": printed_code,
        "charts": charts,
        "squares": Squares,
        "ui": macros("ui"),
        "maps": macros("maps"),
    }


def _fingerprint(folders: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _static_file(version: str, name: str) -> Response:
    known, folders = current_app.extensions["cellbank.static"]
    prefix, _, rest = name.partition("/")
    folder, name = (folders[prefix], rest) if prefix and prefix in folders else (folders[""], name)
    if not folder.exists():
        abort(404)
    response = send_from_directory(folder, name)
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if version == known else "no-store"
    )
    return response
