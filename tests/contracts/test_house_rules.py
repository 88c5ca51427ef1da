"""The house's own lint rules find what is wrong, let pass what is right, and hold for the repository."""

from pathlib import Path

import pytest

from tools.lint import css_findings, findings, python_findings, template_findings

REPOSITORY = Path(__file__).resolve().parents[2]


def messages(rule, path, source):
    return [finding.message for finding in rule(path, source)]


def test_the_repository_keeps_its_own_rules():
    assert list(findings(REPOSITORY)) == []


@pytest.mark.parametrize(
    ("path", "source", "word"),
    [
        ("cellbank/domains/vials/commands.py", "db.commit()", "commit()"),
        ("cellbank/core/journal.py", "self.session.commit()", "commit()"),
        ("cellbank/domains/vials/queries.py", "rows = Vial.__table__.c", "__table__"),
        ("cellbank/domains/vials/models.py", "import datetime\ndatetime.datetime.now()", "datetime.now()"),
        ("cellbank/core/seal.py", "datetime.utcnow()", "datetime.utcnow()"),
        ("cellbank/toolkit/i18n/dates.py", "today = date.today()", "date.today()"),
        ("migrations/versions/0001_begin.py", "dt.now()", "dt.now()"),
        ("cellbank/core/work.py", "x = 1\n" * 401, "one sitting"),
        ("cellbank/core/work.py", "def f():\n" + "    x = 1\n" * 70, "one look"),
    ],
)
def test_python_that_breaks_a_rule_is_found(path, source, word):
    assert word in messages(python_findings, path, source)[0]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("cellbank/core/work.py", "connection.commit()"),
        ("cellbank/core/schema.py", "connection.commit()"),
        ("migrations/env.py", "connection.commit()\ntables = Vial.__table__"),
        ("cellbank/core/triggers.py", "model.__table__"),
        ("cellbank/core/clock.py", "datetime.now(UTC)"),
        ("cellbank/domains/vials/commands.py", "clock.now()"),
        ("cellbank/domains/vials/commands.py", "'''never commit() here, nor datetime.now()'''"),
        ("cellbank/core/work.py", "def f():\n" + "    x = 1\n" * 69),
    ],
)
def test_python_that_keeps_the_rules_passes(path, source):
    assert messages(python_findings, path, source) == []


@pytest.mark.parametrize(
    "declaration",
    [
        "margin-left: 1rem",
        "padding-right:0",
        "border-left: 1px solid",
        "border-top-left-radius: 4px",
        "left: 0",
        "right :0",
        "text-align: left",
        "text-align:right!important",
        "float: left",
        "transform-origin: right center",
        "background: linear-gradient(to right, red, blue)",
        "margin: 1px 2px 3px 4px",
        "padding: 0 0 0 1em",
        "inset: 0 auto 0 0",
        "border-radius: 4px 0 0 4px",
    ],
)
def test_css_that_says_left_or_right_is_found_on_its_line(declaration):
    sheet = f"/* one\n line more */\n.box a:hover {{\n  color: red;\n  {declaration}\n}}\n"

    (found,) = css_findings("cellbank/toolkit/html/static/app.css", sheet)

    assert found.line == 5


@pytest.mark.parametrize(
    "sheet",
    [
        ".box { margin-inline-start: 1rem; inset-inline: 0; text-align: start; float: inline-end }",
        ".left-hand { color: red }",
        "a:is(.left, .right):hover { color: red }",
        "/* never margin-left: 1px; */ .a { color: red; }",
        ".a { background: url(/static/left.svg); content: 'left:'; }",
        ".a { margin: 1px 2px 3px 2px; border-radius: 4px 4px 0 0 }",
        ".copyright { margin: 0 } .a { color: var(--bright) }",
        ".map { left: 0; /* physical: a box map never mirrors */ }",
        "@media (min-width: 40rem) { .a { grid-area: 1 / 2 / 3 / 4; } }",
    ],
)
def test_css_that_serves_both_directions_passes(sheet):
    assert messages(css_findings, "a.css", sheet) == []


def test_an_excuse_without_a_reason_is_none():
    assert messages(css_findings, "a.css", ".map { left: 0; /* physical: */ }")


@pytest.mark.parametrize(
    ("markup", "word"),
    [
        ("<p>Take out</p>", "Take out"),
        ("<p>برداشت</p>", "برداشت"),
        ("<p>{{ count }} vials</p>", "vials"),
        ("{% if x %}Yes{% endif %}", "Yes"),
        ("<img alt='A freezer' src='x'>", "alt"),
        ("<input placeholder='Code'>", "placeholder"),
        ("<button aria-label='Close'>×</button>", "aria-label"),
        ("<input type='submit' value='Save'>", "value"),
        ("<p style='color: red'>×</p>", "style attribute"),
        ('<p {% if x %}style="{{ y }}"{% endif %}>×</p>', "style attribute"),
        ("<a onclick='go()'>×</a>", "onclick"),
        ("<a hx-on:click='go()'>×</a>", "hx-on"),
        ("<script>go()</script>", "inline script"),
        ("<script type='module'>go()</script>", "inline script"),
        ("<style>a { color: red }</style>", "style sheet"),
        ("{% macro m(x) %} title='Close' data-x='{{ x }}'{% endmacro %}", "title"),
        ("{% macro m(x) %} style='{{ x }}'{% endmacro %}", "style attribute"),
        ("<b translate='no'>mL</b> rest", "rest"),
        ("<p>{{ 'x }}</p>", "not a Jinja template"),
    ],
)
def test_a_template_that_breaks_a_rule_is_found(markup, word):
    assert word in messages(template_findings, "a.html", markup)[0]


@pytest.mark.parametrize(
    "markup",
    [
        "<p>{{ _('Take out') }}: {{ count }} — ×</p>",
        "{% block title %}{{ _('Vials') }}{% endblock %}",
        "{# a note for the reader #}<!-- another -->",
        "<a class='{{ kind }} wide' href='/vials' title=\"{{ _('Vials') }}\">→</a>",
        "<script src='/static/bench.js' type='module'></script>",
        "<script type='application/json' id='places'>{{ places }}</script>",
        "<span translate='no'>English <span>x</span> y</span>",
        "<title>{{ title }} · cellbank</title>",
        "<input type='hidden' name='act' value='move'>",
        "{% macro m(x) %} aria-describedby='{{ x }}'{% endmacro %}",
        "<button lang='en' title='English'>EN</button><button lang='fa' title='فارسی'>فا</button>",
        "<td>1&nbsp;&times;&nbsp;2</td>",
    ],
)
def test_a_template_that_keeps_the_rules_passes(markup):
    assert messages(template_findings, "a.html", markup) == []


def test_a_finding_names_the_line_where_the_word_stands():
    (found,) = template_findings("a.html", "{# two\nlines #}\n<p>\n  {{ _('Good') }}\n  Bad\n</p>\n")

    assert found.line == 5


def test_lines_are_counted_also_where_jinja_strips_space():
    (found,) = template_findings(
        "a.html", "{% macro m() -%}\n\n  {{ x }}\n\n{%- endmacro %}\n{#- a\nb -#}\n\nBad\n"
    )

    assert found.line == 9
