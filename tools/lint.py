"""The house's own rules, which no general linter knows; `python tools/lint.py` prints what breaks one."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, TemplateSyntaxError

LONGEST_FUNCTION = 70
LONGEST_MODULE = 400

MAY_COMMIT = (
    "cellbank/core/work.py",
    "cellbank/core/sessions.py",
    "cellbank/core/schema.py",
    "cellbank/core/schema/",
    "migrations/",
)
MAY_SEE_TABLES = ("cellbank/core/", "migrations/")
THE_CLOCK = ("cellbank/core/clock.py",)

# Attributes whose value a person reads or hears.
SPOKEN_ATTRIBUTES = {"alt", "aria-description", "aria-label", "aria-placeholder", "aria-roledescription"}
SPOKEN_ATTRIBUTES |= {"label", "placeholder", "title"}
# The program's name, and the languages' own names in the switch between them, are the same in every language;
# anything else that is not translated says translate="no".
SAME_IN_EVERY_LANGUAGE = {"cellbank", "english", "en", "فارسی", "فا"}
# A macro may write a part of a tag: ` aria-describedby="…"` stands alone in the template.
PART_OF_A_TAG = re.compile(r"""(?:^|\s)([a-z][\w:-]*)=("[^"<>]*"|'[^'<>]*')""")
LETTERS = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
VALUE_OF_AN_EXPRESSION = "\ue000"  # a private-use character stands where {{ … }} stood


class Finding(NamedTuple):
    """One place that breaks a rule."""

    line: int
    message: str


def python_findings(path: str, source: str) -> Iterator[Finding]:
    """Rules of Python modules: who commits, who sees tables, who tells the time, how long a thing may be."""
    lines = source.count("\n")
    if path.startswith("cellbank/") and lines > LONGEST_MODULE:
        yield Finding(1, f"a module is read in one sitting: {lines} lines, at most {LONGEST_MODULE}")
    for node in ast.walk(ast.parse(source, path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield from _call_findings(path, node, node.func)
        elif (
            isinstance(node, ast.Attribute)
            and node.attr == "__table__"
            and not path.startswith(MAY_SEE_TABLES)
        ):
            yield Finding(node.lineno, "no .__table__ outside core and migrations: ask through the model")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and path.startswith("cellbank/"):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield Finding(
                    node.lineno,
                    f"a function is read in one look: {node.name} has {length} lines of {LONGEST_FUNCTION}",
                )


def _call_findings(path: str, call: ast.Call, method: ast.Attribute) -> Iterator[Finding]:
    owner = ast.unparse(method.value).rpartition(".")[2]
    if method.attr == "commit" and not path.startswith(MAY_COMMIT):
        yield Finding(call.lineno, "no commit() outside core/work.py: perform a command")
    tells_time = method.attr == "utcnow" or (
        method.attr in {"now", "today"} and owner in {"datetime", "date", "dt"}
    )
    if tells_time and not path.startswith(THE_CLOCK):
        yield Finding(call.lineno, f"no {owner}.{method.attr}() outside core/clock.py: ask clock.now()")


def css_findings(path: str, source: str) -> Iterator[Finding]:
    """One stylesheet serves both directions of writing: no declaration may say left or right.

    A line with a comment that begins `physical:` and gives the reason is let through.
    """
    excused = {
        number
        for number, line in enumerate(source.splitlines(), 1)
        if re.search(r"/\*\s*physical:\s*\w", line)
    }
    bare = re.sub(r"/\*.*?\*/", _only_newlines, source, flags=re.DOTALL)
    bare = re.sub(r"""url\([^)]*\)|"[^"\n]*"|'[^'\n]*'""", "…", bare)
    for declaration in re.finditer(r"(?<![\w-])([\w-]+)\s*:\s*([^;{}]*)(?=[;}])", bare):
        name, value = declaration[1], " ".join(declaration[2].split())
        line = bare.count("\n", 0, declaration.start()) + 1
        if line in excused:
            continue
        if re.search(r"(?<![a-z])(left|right)(?![a-z])", f"{name} {value}"):
            yield Finding(line, f"no left or right: say {name}: {value} with start and end")
        sides = value.removesuffix("!important").split() if "(" not in value else []
        if re.fullmatch(r"margin|padding|inset|border-width|border-radius", name) and len(sides) == 4:  # noqa: PLR2004
            uneven = (
                sides[0] != sides[1] or sides[2] != sides[3]
                if name == "border-radius"
                else sides[1] != sides[3]
            )
            if uneven:
                yield Finding(
                    line, f"{name}: {value} is different on the left and right: use -inline-start and -end"
                )


def template_findings(path: str, source: str) -> Iterator[Finding]:
    """A template holds no words of its own, no inline style, no inline script and no event handler."""
    try:
        markup = _without_jinja(source)
    except TemplateSyntaxError as error:
        yield Finding(error.lineno, f"not a Jinja template: {error.message}")
        return
    reader = _TemplateReader(path)
    reader.feed(markup)
    reader.close()
    yield from sorted(reader.findings)


def _only_newlines(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def _without_jinja(source: str) -> str:
    """The markup alone, on the same lines: statements and comments vanish, an expression leaves one mark."""
    kept: list[str] = []
    lines = 1
    for line, kind, text in Environment(autoescape=True).lex(source):
        kept.append("\n" * (line - lines))  # what {%- strips is not among the tokens
        lines = max(line, lines) + text.count("\n")
        if kind == "data":
            kept.append(text)
        else:
            kept.append("\n" * text.count("\n"))
            if kind == "variable_begin":
                kept.append(VALUE_OF_AN_EXPRESSION)
    return "".join(kept)


class _TemplateReader(HTMLParser):
    """Reads markup and notes what breaks a rule."""

    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path = path
        self.findings: list[Finding] = []
        self._silent_tag = ""  # inside an element with translate="no" nothing is translated
        self._silent_depth = 0
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._inside = tag
        if self._silent_depth:
            self._silent_depth += tag == self._silent_tag
        elif given.get("translate") == "no":
            self._silent_tag, self._silent_depth = tag, 1
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self._note("no inline script: a module in static/ does it")
        if tag == "style":
            self._note("no inline style sheet: it belongs into static/")
        for name, value in given.items():
            self._check_attribute(tag, given, name, value)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""
        if self._silent_depth and tag == self._silent_tag:
            self._silent_depth -= 1

    def handle_data(self, data: str) -> None:
        if self._inside not in {"script", "style"} and not self._silent_depth:
            for part in PART_OF_A_TAG.finditer(data):
                self._check_attribute("", {}, part[1], part[2][1:-1])
            self._check_words(PART_OF_A_TAG.sub(_only_newlines, data), "bare text")

    def _check_attribute(self, tag: str, given: dict[str, str], name: str, value: str) -> None:
        if name == "style":
            self._note("no style attribute: give it a class")
        if re.fullmatch(r"on[a-z]+|hx-on.*", name):
            self._note(f"no event handler {name}: a module in static/ listens")
        is_button = tag == "input" and name == "value" and given.get("type") in {"submit", "button", "reset"}
        if (name in SPOKEN_ATTRIBUTES or is_button) and not self._silent_depth:
            self._check_words(value, f"bare text in {name}")

    def _check_words(self, text: str, what: str) -> None:
        before = ""
        for word in LETTERS.finditer(text):
            if word[0].lower() not in SAME_IN_EVERY_LANGUAGE:
                before = text[: word.start()]
                self._note(
                    f"{what} {' '.join(text[word.start() :].split())[:40]!r}: write _(…)", before.count("\n")
                )
                return

    def _note(self, message: str, lines_further: int = 0) -> None:
        self.findings.append(Finding(self.getpos()[0] + lines_further, message))


Rule = Callable[[str, str], Iterator[Finding]]
RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (("cellbank/**/*.py", "migrations/**/*.py"), python_findings),
    (("cellbank/**/*.css",), css_findings),
    (("cellbank/**/templates/**/*.html", "cellbank/**/templates/**/*.svg"), template_findings),
)
NOT_OURS = ("/vendor/", "/_data/", "/node_modules/")


def findings(root: Path) -> Iterator[str]:
    """Every place below `root` that breaks a rule, as `path:line: message`."""
    for patterns, rule in RULES:
        for path in sorted({found for pattern in patterns for found in root.glob(pattern)}):
            name = path.relative_to(root).as_posix()
            if not any(part in f"/{name}" for part in NOT_OURS):
                for finding in rule(name, path.read_text(encoding="utf-8")):
                    yield f"{name}:{finding.line}: {finding.message}"


if __name__ == "__main__":
    found = list(findings(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]))
    print("\n".join(found) or "The house's own rules hold.")
    sys.exit(1 if found else 0)
