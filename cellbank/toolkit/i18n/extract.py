"""Collects the messages that the program says and keeps each folder's fa.po complete.

``python -m cellbank.toolkit.i18n.extract`` updates the catalogues; ``--check`` only tells what is wrong.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from jinja2 import Environment, TemplateSyntaxError
from jinja2.ext import extract_from_ast

from cellbank.toolkit.i18n.catalogue import (
    PACKAGE,
    PO_PATH,
    CatalogueError,
    MsgId,
    placeholders,
    po_files,
    read_catalog,
    translations,
)
from cellbank.toolkit.i18n.choices import as_words

ONE_SENTENCE = frozenset({"_", "gettext", "format_message"})
SINGULAR_AND_PLURAL = frozenset({"ngettext", "format_plural"})
RAISED = frozenset({"Refused", "NotPermitted", "NotFound", "Conflict", "Invalid", "Message"})
"""The errors of the bank: their first argument is a message id, their keywords are its values."""

COMMAND_LINE = frozenset({"ArgumentParser", "add_subparsers", "add_argument_group"})
"""Calls whose titles appear in a terminal's help, which is English."""

NOT_VALUES = frozenset({"about", "field", "values"})
TEMPLATE_ENDINGS = (".html", ".txt", ".svg", ".xml")

HEADER = """\
msgid ""
msgstr ""
"Project-Id-Version: cellbank\\n"
"Language: fa\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""


@dataclass
class Found:
    """The messages of one package folder, where each is said, and what is wrong with how it is said."""

    places: dict[MsgId, set[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, msgid: MsgId, place: str) -> None:
        """Note that a message is said in a file."""
        self.places.setdefault(msgid, set()).add(place)


# ---- whose message is it --------------------------------------------------------------------------------


def owner(file: Path, root: Path) -> Path:
    """The package folder that owns a file's messages: a domain, a tool, or core and entrypoints whole."""
    folders = file.relative_to(root).parent.parts
    depth = 2 if folders[:1] in {("domains",), ("toolkit",)} else 1
    return root.joinpath(*folders[:depth])


def sources(root: Path) -> Iterator[Path]:
    """Every Python file and template below a folder, in a fixed order."""
    for file in sorted(root.rglob("*")):
        below = file.relative_to(root).parts
        if "static" in below or "__pycache__" in below or "_data" in below:
            continue
        if file.suffix == ".py" or (file.suffix in TEMPLATE_ENDINGS and "templates" in below):
            yield file


# ---- Python ---------------------------------------------------------------------------------------------


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _literal(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def read_python(file: Path, place: str, found: Found) -> None:
    """Note every message said in a Python file; a sentence built with f"" or + can never be translated."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
        for named in _named(node):
            found.add(named, place)
        if isinstance(node, ast.ClassDef) and _shows_words(place):
            for word in _choices(node):
                found.add(word, place)
        if isinstance(node, ast.Call):
            _read_call(node, place, found)


def _read_call(node: ast.Call, place: str, found: Found) -> None:
    """Note the sentence that a call says: _("…"), ngettext("…", "…"), Refused("…", slot=…)."""
    name, where = _called(node), f"{place}:{node.lineno}"
    first = node.args[0] if node.args else None
    if name in SINGULAR_AND_PLURAL:
        pair = tuple(_literal(arg) for arg in node.args[:2])
        if len(pair) == 2 and pair[0] and pair[1]:  # noqa: PLR2004 - singular and plural
            found.add((pair[0], pair[1]), place)
    elif name in ONE_SENTENCE | RAISED:
        if isinstance(first, (ast.JoinedStr, ast.BinOp)):
            found.problems.append(f"{where}: a message must be one literal sentence")
        elif sentence := _literal(first):
            found.add(sentence, place)
            if name in RAISED and name != "Message":  # a Message may get its values later
                found.problems.extend(_wrong_values(node, sentence, where))


def _named(node: ast.AST) -> Iterator[str]:
    """Sentences told by where they stand: any ``label`` or ``title``, a hint, a default ``sentence``."""
    told: list[ast.expr | None] = []
    if isinstance(node, ast.ClassDef):
        for line in node.body:
            targets = line.targets if isinstance(line, ast.Assign) else [getattr(line, "target", None)]
            if any(isinstance(target, ast.Name) and target.id == "label" for target in targets):
                told.append(getattr(line, "value", None))
    elif isinstance(node, ast.FunctionDef):
        arguments = [*node.args.posonlyargs, *node.args.args]
        defaults = node.args.defaults
        paired = zip(arguments[len(arguments) - len(defaults) :], defaults, strict=True)
        told.extend(default for argument, default in paired if argument.arg == "sentence")
    elif isinstance(node, ast.Call) and _called(node) not in COMMAND_LINE:
        told.extend(_named_in_call(node))
    for value in told:
        if sentence := _literal(value):
            yield sentence


def _named_in_call(call: ast.Call) -> Iterator[ast.expr]:
    """Keywords and places that hold a sentence: title=, label=, said=, a field's hint, MenuItem's and explain's."""
    yield from (word.value for word in call.keywords if word.arg in {"title", "label", "said"})
    if _called(call) == "Field":  # the hint under a field
        yield from (word.value for word in call.keywords if word.arg == "description")
        yield from _labels_in_extra(call)
    elif _called(call) == "MenuItem":
        yield from call.args[:1]
    elif _called(call) == "explain":  # explain("uq_placement_vial", "It is taken")
        yield from call.args[1:2]


def _labels_in_extra(call: ast.Call) -> Iterator[ast.expr]:
    """Labels of Field(json_schema_extra={"choices": (("value", "Label"), …)})."""
    extras = [keyword.value for keyword in call.keywords if keyword.arg == "json_schema_extra"]
    for extra in extras:
        if not isinstance(extra, ast.Dict):
            continue
        for name, value in zip(extra.keys, extra.values, strict=True):
            if _literal(name) == "choices" and isinstance(value, (ast.Tuple, ast.List)):
                pairs = (pair for pair in value.elts if isinstance(pair, (ast.Tuple, ast.List)))
                yield from (pair.elts[1] for pair in pairs if len(pair.elts) > 1)


def _choices(node: ast.ClassDef) -> Iterator[str]:
    """Words that forms and stories show for values: members of a StrEnum, and Literals of a command's fields.

    A list of words that has labels of its own (a ``label`` property, or another base) says them itself.
    """
    bases = {base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in node.bases}
    says_itself = any(isinstance(line, ast.FunctionDef) and line.name == "label" for line in node.body)
    if "StrEnum" in bases and not says_itself:
        for line in node.body:
            value = _literal(line.value) if isinstance(line, ast.Assign) else None
            if value:
                yield as_words(value)
    elif "Command" in bases:
        for line in node.body:
            if isinstance(line, ast.AnnAssign) and "ClassVar" not in ast.dump(line.annotation):
                yield from (as_words(value) for value in _literals(line.annotation))


def _literals(annotation: ast.expr) -> Iterator[str]:
    """The texts of every Literal["…"] in an annotation."""
    for part in ast.walk(annotation):
        if isinstance(part, ast.Subscript) and getattr(part.value, "id", "") == "Literal":
            inside = part.slice.elts if isinstance(part.slice, ast.Tuple) else [part.slice]
            yield from (text for text in map(_literal, inside) if text)


def _shows_words(place: str) -> bool:
    """Whether lists of words in this file reach people: the bank's own do, those of tools and codes stay inside."""
    return not place.startswith(("toolkit/", "core/ids.py"))


def _wrong_values(call: ast.Call, sentence: str, where: str) -> Iterator[str]:
    """What keywords and placeholders do not fit in Refused("{slot} is taken", slot=…)."""
    if len(call.args) > 1 or any(keyword.arg is None for keyword in call.keywords):
        return  # the values are built elsewhere
    given = {str(keyword.arg) for keyword in call.keywords} - NOT_VALUES
    if any(keyword.arg == "values" for keyword in call.keywords):
        return
    try:
        wanted = placeholders(sentence)
    except ValueError:
        return  # told with the message itself
    if wanted - given:
        yield f"{where}: no value for {_braced(wanted - given)} in {sentence!r}"
    if given - wanted:
        yield f"{where}: {_braced(given - wanted)} is not in {sentence!r}"


def _braced(names: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


# ---- templates ------------------------------------------------------------------------------------------


def read_template(file: Path, place: str, found: Found) -> None:
    """Note every message said in a Jinja template by _() or ngettext()."""
    environment = Environment(autoescape=True, extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])
    try:
        tree = environment.parse(file.read_text(encoding="utf-8"), filename=str(file))
    except TemplateSyntaxError as error:
        found.problems.append(f"{place}:{error.lineno}: {error.message}")
        return
    calls = extract_from_ast(tree, tuple(ONE_SENTENCE | SINGULAR_AND_PLURAL), babel_style=False)
    for line, name, strings in calls:
        sentences = [text for text in ((strings,) if isinstance(strings, str) else strings or ()) if text]
        if name in SINGULAR_AND_PLURAL:
            if len(sentences) < 2:  # noqa: PLR2004 - singular and plural
                found.problems.append(f"{place}:{line}: ngettext needs two literal sentences")
            else:
                found.add((sentences[0], sentences[1]), place)
        elif sentences:
            found.add(sentences[0], place)


def collect(root: Path = PACKAGE) -> dict[Path, Found]:
    """The messages of every package folder below the program's root."""
    readers: dict[bool, Callable[[Path, str, Found], None]] = {True: read_python, False: read_template}
    folders: dict[Path, Found] = {}
    for file in sources(root):
        found = folders.setdefault(owner(file, root), Found())
        readers[file.suffix == ".py"](file, file.relative_to(root).as_posix(), found)
    return folders


# ---- writing ----------------------------------------------------------------------------------------------


def write(path: Path, places: dict[MsgId, set[str]], known: dict[MsgId, str]) -> bool:
    """Write a catalogue, sorted and without dates, so that two branches seldom touch one line."""
    catalog = Catalog(locale="fa", charset="utf-8")
    for msgid in sorted(places, key=lambda one: one if isinstance(one, str) else one[0]):
        text = known.get(msgid, "")
        catalog.add(
            msgid,
            text if isinstance(msgid, str) else (text,),
            locations=[(place, None) for place in sorted(places[msgid])],  # type: ignore[misc]
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_bytes() if path.exists() else b""
    with path.open("wb") as file:
        file.write(HEADER.encode())
        write_po(file, catalog, width=0, omit_header=True, include_lineno=False, sort_output=True)
    return path.read_bytes() != before


def update(root: Path = PACKAGE) -> list[Path]:
    """Bring every fa.po up to date: translations stay, new sentences come empty, unsaid ones go.

    A new sentence that another folder has already translated takes that translation.
    """
    elsewhere: dict[MsgId, str] = {}
    for path in po_files(root):
        elsewhere.update({msgid: text for msgid, text in translations(read_catalog(path)).items() if text})
    changed = []
    folders = collect(root)
    for folder, found in sorted(folders.items()):
        path = folder / PO_PATH
        own = translations(read_catalog(path)) if path.exists() else {}
        known = {msgid: own.get(msgid) or elsewhere.get(msgid, "") for msgid in found.places}
        if (found.places or path.exists()) and write(path, found.places, known):
            changed.append(path)
    return changed


# ---- checking ---------------------------------------------------------------------------------------------


def problems(package_folder: Path, root: Path = PACKAGE) -> list[str]:
    """What is wrong with one folder's messages: missing, left over, or not safe to fill in."""
    return _problems_of(package_folder, collect(root).get(package_folder, Found()))


def _problems_of(folder: Path, found: Found) -> list[str]:
    path = folder / PO_PATH
    try:
        known = translations(read_catalog(path)) if path.exists() else {}
    except CatalogueError as error:
        return [*found.problems, str(error)]
    told = list(found.problems)
    for msgid in sorted(found.places, key=str):
        place = min(found.places[msgid])
        if not known.get(msgid):
            told.append(f"{place}: no Persian for {msgid!r} in {folder.name}/{PO_PATH}")
        told.extend(f"{place}: {problem}" for problem in unsafe(msgid, known.get(msgid, "")))
    told.extend(
        f"{folder.name}/{PO_PATH}: nobody says {msgid!r}" for msgid in known if msgid not in found.places
    )
    return told


def unsafe(msgid: MsgId, text: str) -> list[str]:
    """What would go wrong when values are filled into a translation."""
    sentences = [msgid] if isinstance(msgid, str) else list(msgid)
    try:
        wanted = set[str]().union(*(placeholders(sentence) for sentence in sentences))
    except ValueError as error:
        return [f"{msgid!r}: {error}"]
    if not text:
        return []
    try:
        given = placeholders(text)
    except ValueError as error:
        return [f"{text!r}: {error}"]
    # "one vial" may leave its number out; Persian, with one form for all numbers, has to say it.
    told = [f"{msgid!r}: {_braced(wanted ^ given)} only in one language"] if wanted != given else []
    if (text[:1].isspace(), text[-1:].isspace()) != (sentences[0][:1].isspace(), sentences[0][-1:].isspace()):
        told.append(f"{msgid!r}: space at the beginning or end differs")
    if any(letter in text for letter in "يىك"):
        told.append(f"{msgid!r}: Arabic ي or ك in {text!r}; Persian writes ی and ک")
    return told


def all_problems(root: Path = PACKAGE) -> list[str]:
    """What is wrong with any folder's messages, and sentences that two folders translate differently."""
    folders = collect(root)
    told = [problem for folder, found in sorted(folders.items()) for problem in _problems_of(folder, found)]
    first: dict[str, tuple[str, Path]] = {}
    for path in po_files(root):
        if path.parents[1] not in folders:
            told.append(f"{path.relative_to(root)}: a catalogue where no messages are")
        try:
            known = translations(read_catalog(path))
        except CatalogueError:
            continue  # told with its folder
        for msgid, text in known.items():
            singular = msgid if isinstance(msgid, str) else msgid[0]
            other, where = first.setdefault(singular, (text, path))
            if text and other and other != text:
                places = f"{where.relative_to(root)} and {path.relative_to(root)}"
                told.append(f"{singular!r} is {other!r} and {text!r}: {places}")
    return told


def main(arguments: list[str] | None = None) -> int:
    """Update the catalogues, or only check them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; tell what is wrong")
    if not parser.parse_args(arguments).check:
        for path in update():
            sys.stdout.write(f"updated {path.relative_to(PACKAGE)}\n")
    told = all_problems()
    for problem in told:
        sys.stdout.write(f"{problem}\n")
    sys.stdout.write(f"{len(told)} problems\n")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main())
