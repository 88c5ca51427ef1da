"""Every sentence that the program says is in its folder's catalogue, and only those."""

from __future__ import annotations

import pytest

from cellbank.toolkit.i18n import catalogue, extract

PYTHON = """
from somewhere import _, ngettext, Refused, Invalid

class TakeOut(Command):
    label = "Take out"
    note: str = Field(title="Note", description="Only what others need")
    ways: Literal["by_hand", "by_robot"] | None = None
    method: str = Field(json_schema_extra={"choices": (("a", "By colour"), ("b", "By number"))})
    kind: ClassVar[Literal["never shown"]] = "never shown"
    other = "not a message"

class Fate(StrEnum):
    DRY_ICE = "dry_ice"

class Colour(enum.StrEnum):
    RED = "red"

    @property
    def label(self) -> str:
        return _("Deep red")

class NotFound(Error):
    def __init__(self, sentence: str = "Not found: {what}", /, **values):
        pass

def run(db, slot, n, vials):
    ngettext("{n} vial", "{n} vials", n)
    MenuItem("Storage", "storage.list", label=n)
    MenuItem(label="Donors")
    parser.add_subparsers(title="commands")
    explain("uq_placement", "The place is taken")
    request.gettext("Hello")
    if slot:
        raise Refused("Place {slot} is taken by "
                      "{vial}", slot=slot, vial=1, about=[slot])
    raise Invalid("Too long", field="note")
"""
TEMPLATE = """
{% extends "page.html" %}{% do seen.append(1) %}
<h1>{{ _("Freezers") }}</h1> {{ ngettext("{n} box", "{n} boxes", n) }} {{ _(variable) }}
{{ ui.button(_("Save {thing}", thing=x)) }} {% if a %}{{ _("Take out") }}{% endif %}
"""


@pytest.fixture
def program(tmp_path):
    """A small program of two folders, with nothing translated yet."""
    root = tmp_path / "program"
    for path, text in {
        "domains/storage/commands.py": PYTHON,
        "domains/storage/templates/list.html": TEMPLATE,
        "domains/storage/static/x.html": '{{ _("never") }}',
        "domains/vials/views.py": 'title = _("Save {thing}")\n',
        "core/errors.py": "x = 1\n",
    }.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def po(program, name):
    return program / "domains" / name / "messages" / "fa.po"


def translate(path, pairs):
    """Fill in translations as a translator would, in the file."""
    text = path.read_text(encoding="utf-8")
    for msgid, persian in pairs.items():
        for kind in ("msgstr", "msgid_plural"):
            before = f'msgid "{msgid}"\n{kind} '
            at = text.find(before)
            if at >= 0:
                end = text.index('""', at)
                text = text[:end] + f'"{persian}"' + text[end + 2 :]
    path.write_text(text, encoding="utf-8")


ALL_STORAGE = {
    "Take out": "برداشتن",
    "Note": "یادداشت",
    "Only what others need": "فقط آنچه دیگران لازم دارند",
    "By hand": "با دست",
    "By robot": "با ربات",
    "By colour": "بر پایهٔ رنگ",
    "By number": "بر پایهٔ شماره",
    "Dry ice": "یخ خشک",
    "Deep red": "سرخ تیره",
    "Not found: {what}": "پیدا نشد: {what}",
    "{n} vial": "{n} ویال",
    "Hello": "سلام",
    "Storage": "نگهداری",
    "Donors": "اهداکنندگان",
    "The place is taken": "این جا پر است",
    "Place {slot} is taken by {vial}": "جای {slot} با {vial} پر است",
    "Too long": "بیش از اندازه بلند",
    "Freezers": "فریزرها",
    "{n} box": "{n} جعبه",
    "Save {thing}": "ذخیره {thing}",
}


def test_every_way_of_saying_is_collected(program) -> None:
    found = extract.collect(program)
    assert {folder.relative_to(program).as_posix() for folder in found} == {
        "core",
        "domains/storage",
        "domains/vials",
    }
    storage = found[program / "domains/storage"]
    singulars = {msgid if isinstance(msgid, str) else msgid[0] for msgid in storage.places}
    assert singulars == set(ALL_STORAGE)
    assert storage.places["Take out"] == {
        "domains/storage/commands.py",
        "domains/storage/templates/list.html",
    }
    assert storage.problems == []


def test_words_that_only_a_tool_uses_are_not_for_people(program) -> None:
    file = program / "toolkit" / "scanning" / "fault.py"
    file.parent.mkdir(parents=True)
    file.write_text('class Fault(StrEnum):\n    SHAPE = "shape"\n', encoding="utf-8")
    assert extract.collect(program)[program / "toolkit" / "scanning"].places == {}


def test_update_writes_empty_entries_and_the_check_names_them(program) -> None:
    assert extract.update(program) == [po(program, "storage"), po(program, "vials")]
    told = extract.all_problems(program)
    assert len(told) == len(ALL_STORAGE) + 1
    assert all("no Persian for" in problem for problem in told)


def test_a_complete_catalogue_has_no_problems_and_is_not_written_again(program) -> None:
    extract.update(program)
    translate(po(program, "storage"), ALL_STORAGE)
    extract.update(program)
    assert extract.all_problems(program) == []
    assert extract.problems(program / "domains/storage", program) == []
    assert extract.update(program) == []
    loaded = catalogue.load([program / "domains/storage", program / "domains/vials"])
    assert loaded.gettext("Take out", "fa") == "برداشتن"
    assert loaded.ngettext("{n} box", "{n} boxes", 4, "fa") == "{n} جعبه"


def test_a_translation_of_another_folder_is_taken(program) -> None:
    extract.update(program)
    translate(po(program, "storage"), ALL_STORAGE)
    extract.update(program)
    assert catalogue.translations(catalogue.read_catalog(po(program, "vials"))) == {
        "Save {thing}": "ذخیره {thing}"
    }


def test_what_nobody_says_any_more_goes_and_the_rest_stays(program) -> None:
    extract.update(program)
    translate(po(program, "storage"), ALL_STORAGE)
    file = program / "domains/storage/commands.py"
    file.write_text(PYTHON.replace('"Hello"', '"Good morning"'), encoding="utf-8")
    assert any("nobody says 'Hello'" in problem for problem in extract.all_problems(program))
    extract.update(program)
    known = catalogue.translations(catalogue.read_catalog(po(program, "storage")))
    assert "Hello" not in known
    assert known["Good morning"] == ""
    assert known["Note"] == "یادداشت"


def test_two_translations_of_one_sentence_are_told(program) -> None:
    extract.update(program)
    translate(po(program, "storage"), ALL_STORAGE)
    translate(po(program, "vials"), {"Save {thing}": "نگهداری {thing}"})
    told = extract.all_problems(program)
    assert len(told) == 1
    assert "'Save {thing}' is" in told[0]


@pytest.mark.parametrize(
    ("persian", "problem"),
    [
        ("جای {slat} با {vial} پر است", "{slat}, {slot} only in one language"),
        ("جای {slot} پر است", "{vial} only in one language"),
        ("جای {slot!r} با {vial}", "Conversion|not a plain|slot"),
        ("جای {slot با {vial}", "slot"),
        (" جای {slot} با {vial} پر است", "space at the beginning"),
        ("جاي {slot} با {vial} پر است", "Arabic"),
    ],
)
def test_a_translation_that_is_not_safe_is_told(program, persian, problem) -> None:
    extract.update(program)
    translate(po(program, "storage"), {**ALL_STORAGE, "Place {slot} is taken by {vial}": persian})
    extract.update(program)
    told = extract.all_problems(program)
    assert len(told) == 1
    assert any(part in told[0] for part in problem.split("|"))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('Refused(f"Place {slot} is taken")', "one literal sentence"),
        ('_("Place " + slot)', "one literal sentence"),
        ('Refused("Place {slot} is taken")', "no value for {slot}"),
        ('Refused("Place is taken", slot=1)', "{slot} is not in"),
    ],
)
def test_a_sentence_said_wrongly_is_told_with_its_line(program, line, problem) -> None:
    (program / "core/errors.py").write_text(f"\n{line}\n", encoding="utf-8")
    told = extract.collect(program)[program / "core"].problems
    assert len(told) == 1
    assert told[0].startswith("core/errors.py:2: ")
    assert problem in told[0]


def test_values_built_elsewhere_are_not_judged(program) -> None:
    (program / "core/errors.py").write_text(
        'Refused("{slot}", **v)\nMessage("{a}", values)\n', encoding="utf-8"
    )
    assert extract.collect(program)[program / "core"].problems == []


def test_a_template_that_cannot_be_read_is_told(program) -> None:
    (program / "domains/storage/templates/list.html").write_text("{% if %}", encoding="utf-8")
    assert (
        extract.collect(program)[program / "domains/storage"]
        .problems[0]
        .startswith("domains/storage/templates/list.html:1: ")
    )


def test_a_catalogue_left_behind_is_told(program) -> None:
    old = program / "domains" / "gone" / "messages" / "fa.po"
    old.parent.mkdir(parents=True)
    old.write_text(extract.HEADER, encoding="utf-8")
    assert "domains/gone/messages/fa.po: a catalogue where no messages are" in extract.all_problems(program)
