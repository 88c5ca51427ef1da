"""The messages of the program: the English sentence is the id, Persian comes from the package folders.

``gettext`` and ``ngettext`` translate; ``format_message`` also fills in the values, each as its kind demands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from markupsafe import Markup, escape

from cellbank.core.errors import Message
from cellbank.toolkit.i18n import calendars
from cellbank.toolkit.i18n.bidi import Code, has_rtl, isolated, ltr
from cellbank.toolkit.i18n.calendars import Calendar, PartialDate
from cellbank.toolkit.i18n.quantities import number

LOCALES = ("fa", "en")
PO_PATH = Path("messages") / "fa.po"
PACKAGE = Path(__file__).resolve().parents[2]

MsgId = str | tuple[str, str]
"""A message id: one sentence, or its singular and plural."""


class CatalogueError(Exception):
    """A catalogue that cannot be used; the text says which file and why."""


@dataclass(frozen=True)
class Catalogue:
    """All Persian messages of the program, by their English sentence."""

    persian: Mapping[str, str]

    def gettext(self, msgid: str, locale: str) -> str:
        """The sentence in a language; a sentence without translation stays English."""
        return (self.persian.get(msgid) or msgid) if locale == "fa" else msgid

    def ngettext(self, singular: str, plural: str, n: int, locale: str) -> str:
        """The sentence for a number of things; Persian has one form for any number."""
        english = singular if n == 1 else plural
        return (self.persian.get(singular) or english) if locale == "fa" else english


# ---- reading catalogues -------------------------------------------------------------------------------


def read_catalog(path: Path) -> Catalog:
    """One fa.po file as Babel reads it.

    :raises CatalogueError: not readable, or with another number of plural forms than Persian's one (such a
        catalogue would silently never be used)
    """
    try:
        with path.open("rb") as file:
            catalog = read_po(file, locale="fa", charset="utf-8", abort_invalid=True)
    except (OSError, ValueError) as error:
        raise CatalogueError(f"{path}: {error}") from error
    declared = re.search(rb"nplurals\s*=\s*(\d+)", path.read_bytes())
    if declared and declared[1] != b"1":
        raise CatalogueError(f"{path}: Persian has one plural form, the header says {declared[1].decode()}")
    return catalog


def translations(catalog: Catalog) -> dict[MsgId, str]:
    """Every message of a catalogue with its Persian text, "" where there is none."""
    found: dict[MsgId, str] = {}
    for message in catalog:
        if message.id:
            msgid = message.id if isinstance(message.id, str) else (message.id[0], message.id[1])
            forms = [message.string] if isinstance(message.string, str) else [*(message.string or ())]
            found[msgid] = "" if message.fuzzy or not forms else str(forms[0])
    return found


def po_files(root: Path) -> list[Path]:
    """Every catalogue below a folder, in a fixed order."""
    return sorted(root.rglob(str(PO_PATH)))


def load(folders: Iterable[Path], *, strict: bool = False) -> Catalogue:
    """One catalogue from package folders.

    :raises CatalogueError: a catalogue cannot be read, or (``strict``) two give one sentence different translations
    """
    persian: dict[str, str] = {}
    for folder in folders:
        for msgid, text in translations(read_catalog(folder / PO_PATH)).items():
            singular = msgid if isinstance(msgid, str) else msgid[0]
            if not text:
                continue
            # One sentence with two translations is a fault that the check finds; a page is drawn all the same.
            if persian.setdefault(singular, text) != text and strict:
                raise CatalogueError(f"{folder}: {singular!r} is {text!r}, elsewhere {persian[singular]!r}")
    return Catalogue(persian)


@lru_cache(maxsize=1)
def installed() -> Catalogue:
    """The catalogue of the whole program, read once."""
    return load(path.parents[1] for path in po_files(PACKAGE))


def gettext(msgid: str, locale: str) -> str:
    """The sentence in a language."""
    return installed().gettext(msgid, locale)


def ngettext(singular: str, plural: str, n: int, locale: str) -> str:
    """The sentence for a number of things in a language."""
    return installed().ngettext(singular, plural, n, locale)


# ---- filling in values --------------------------------------------------------------------------------


def placeholders(text: str) -> set[str]:
    """The names in braces; raises ValueError for anything but a plain name ({vial}, never {vial.code})."""
    names: set[str] = set()
    for _, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            message = f"not a plain {{name}}: {name!r}"
            raise ValueError(message)
        names.add(name)
    return names


@dataclass(frozen=True)
class Reader:
    """Who reads a sentence: the language, calendar and site's zone, and whether it goes onto a page."""

    locale: str
    calendar: Calendar = Calendar.GREGORIAN
    zone: str = "UTC"
    html: bool = False
    catalogue: Catalogue | None = None
    latin_digits: bool = False
    """Persian sentences, but numbers and dates in 0-9, for a reader who chose so."""

    def say(self, message: Message) -> str:
        """A message with its values filled in."""
        catalogue = self.catalogue or installed()
        return self.fill(catalogue.gettext(message.id, self.locale), message.values)

    def fill(self, sentence: str, values: Mapping[str, Any]) -> str:
        """A translated sentence with its values; a value that is missing leaves its {name} to be seen."""
        pieces = []
        for literal, name, _, _ in Formatter().parse(sentence):
            pieces.append(str(escape(literal)) if self.html else literal)
            if name is not None:
                pieces.append(self.show(values[name]) if name in values else f"{{{name}}}")
        text = "".join(pieces)
        # Every piece was escaped above, or is markup made by show().
        return Markup(text) if self.html else text  # noqa: S704

    def show(self, value: object) -> str:
        """One value inside a sentence: codes, dates and numbers keep their direction, words are set apart."""
        if isinstance(value, Message):
            return self.say(value)
        if isinstance(value, (list, tuple, set, frozenset)):
            return ("، " if self.locale == "fa" else ", ").join(self.show(one) for one in value)
        words = self._words(value)
        if self.html:
            direction = Markup(' dir="ltr"') if isinstance(words, Code) else ""
            return str(Markup("<bdi{}>{}</bdi>").format(direction, words))
        if self.locale != "fa" and not has_rtl(words):
            return words  # left-to-right in a left-to-right sentence: marks would only soil the text
        return ltr(words) if isinstance(words, Code) else isolated(words)

    def _words(self, value: object) -> str:
        digits = "en" if self.latin_digits else self.locale
        if isinstance(value, datetime):
            return calendars.format_when(value, digits, self.calendar, self.zone)
        if isinstance(value, (date, PartialDate)):
            return calendars.format_date(value, digits, self.calendar)
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            return number(value, digits)
        return value if isinstance(value, str) else str(value)


def format_message(
    msgid: str,
    values: Mapping[str, Any],
    locale: str,
    *,
    html: bool = False,
    calendar: Calendar = Calendar.GREGORIAN,
    zone: str = "UTC",
) -> str:
    """A message in a language with its values filled in; with ``html`` it is safe markup."""
    return Reader(locale, calendar, zone, html).say(Message(msgid, dict(values)))


def format_plural(
    singular: str,
    plural: str,
    n: int,
    values: Mapping[str, Any],
    locale: str,
    *,
    html: bool = False,
    calendar: Calendar = Calendar.GREGORIAN,
    zone: str = "UTC",
) -> str:
    """A message about ``n`` things, which the sentence may name as {n}."""
    sentence = ngettext(singular, plural, n, locale)
    return Reader(locale, calendar, zone, html).fill(sentence, {"n": n, **values})
