"""The stocks and templates a bank prints with: those that come with the program and the site's own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from cellbank.core import work
from cellbank.core.data_files import data_folder
from cellbank.core.errors import Invalid, Message
from cellbank.toolkit.labels import FileProblem, Stock, Template, load_stocks, load_templates

SITE_FOLDER: Final = "labels_folder"
"""The unit of work's setting that names the site's own folder; what lies there replaces what is shipped."""

DEFAULT_STOCK: Final = "tough-tags-ttlw-2016"
DEFAULT_TEMPLATES: Final = {
    "vial": "vial-side",
    "container": "container",
    "box": "box",
    "person": "badge",
    "card": "action-card",
}
CARD_STOCK: Final = "a4-cards-2x4"


@dataclass(frozen=True)
class Supplies:
    """What can be printed on and what can be printed, by name, and the files that are broken."""

    stocks: Mapping[str, Stock]
    templates: Mapping[str, Template]
    problems: tuple[FileProblem, ...]

    def stock(self, name: str) -> Stock:
        """The stock of this name. :raises Invalid: there is none, or its file is broken."""
        if name not in self.stocks:
            raise Invalid("There is no label stock {name}", field="stock", name=name)
        return self.stocks[name]

    def template(self, name: str) -> Template:
        """The template of this name. :raises Invalid: there is none, or its file is broken."""
        if name not in self.templates:
            raise Invalid("There is no label template {name}", field="template", name=name)
        return self.templates[name]

    def pair(self, stock: str, template: str) -> tuple[Stock, Template]:
        """A stock and a template made for it. :raises Invalid: unknown, or they do not fit."""
        on, what = self.stock(stock), self.template(template)
        unfit = what.unfit_part(on)
        if unfit is not None:
            raise Invalid(
                "{template} is not made for {stock}: its part “{part}” has another size",
                field="stock", template=what.title, stock=on.title, part=unfit,
            )  # fmt: skip
        return on, what

    def stocks_for(self, template: Template) -> list[Stock]:
        """The stocks a template is made for: for vials those that stand the cold first."""
        fitting = [stock for stock in self.stocks.values() if template.fits(stock)]
        return sorted(
            fitting,
            key=lambda s: (template.is_for_vials and not s.is_cryo_rated, s.name != DEFAULT_STOCK, s.title),
        )

    def templates_of(self, kinds: tuple[str, ...]) -> list[Template]:
        """The templates of some kinds, by title."""
        return sorted((t for t in self.templates.values() if t.kind in kinds), key=lambda t: t.title)


def supplies() -> Supplies:
    """All stocks and templates as their files are now."""
    return _read(tuple(_files()), tuple(folders()))


def folders() -> list[Path]:
    """Where the files lie; a later folder replaces things of the same name."""
    own = work.settings().values.get(SITE_FOLDER)
    found = [data_folder("labels")]
    if own is not None and Path(own).is_dir():
        found.append(Path(own))
    return found


def edition(stock: Stock, template: Template) -> str:
    """A fingerprint of what was printed on what: it changes when either file does."""
    return hashlib.sha256(f"{stock!r}\n{template!r}".encode()).hexdigest()[:12]


def nothing_to_print(template: Template) -> Invalid:
    """What to say where a template got nothing of its kind."""
    return Invalid(
        "{template} needs {things}", field="template", template=template.title, things=_NEEDS[template.kind]
    )


_NEEDS: Final = {
    "vial_side": Message("vials or a fill lot"),
    "cap": Message("vials or a fill lot"),
    "box": Message("boxes or other containers"),
    "container": Message("boxes or other containers"),
    "badge": Message("people"),
    "action_card": Message("action cards"),
}


def _files() -> list[tuple[str, int, int]]:
    found = []
    for folder in folders():
        for file in sorted(folder.glob("*/*.toml")):
            about = file.stat()
            found.append((str(file), about.st_mtime_ns, about.st_size))
    return found


@lru_cache(maxsize=4)
def _read(files: tuple[tuple[str, int, int], ...], places: tuple[Path, ...]) -> Supplies:
    stocks, broken_stocks = load_stocks([place / "stocks" for place in places])
    templates, broken_templates = load_templates([place / "templates" for place in places])
    return Supplies(stocks, templates, (*broken_stocks, *broken_templates))
