"""Sentences come in the reader's language, with every value safe and in its own direction."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from markupsafe import Markup

from cellbank.core.errors import Message
from cellbank.toolkit.i18n import catalogue
from cellbank.toolkit.i18n.bidi import Code
from cellbank.toolkit.i18n.calendars import Calendar
from cellbank.toolkit.i18n.catalogue import Catalogue, CatalogueError, Reader

HEADER = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    '"Plural-Forms: nplurals={}; plural=0;\\n"\n\n'
)
TAKEN = "Place {slot} is taken by {vial}"
PERSIAN = Catalogue(
    {
        TAKEN: "جای {slot} با {vial} پر است",
        "{n} vial": "{n} ویال",
        "Box {box}: {reason}": "جعبه {box}: {reason}",
        "Door open": "در باز است",
    }
)


def folder(root, name, *entries, plurals=1):
    po = root / name / "messages" / "fa.po"
    po.parent.mkdir(parents=True)
    text = "\n\n".join(f'msgid "{msgid}"\nmsgstr "{text}"' for msgid, text in entries)
    po.write_text(HEADER.format(plurals) + text + "\n", encoding="utf-8")
    return root / name


def plain(locale, **kw):
    return Reader(locale, catalogue=PERSIAN, **kw)


# ---- reading catalogues


def test_the_folders_make_one_catalogue(tmp_path) -> None:
    both = catalogue.load(
        [
            folder(tmp_path, "storage", ("Take out", "برداشتن"), ("Save", "ذخیره")),
            folder(tmp_path, "vials", ("Thaw", "دفریز"), ("Save", "ذخیره")),
        ]
    )
    assert both.gettext("Take out", "fa") == "برداشتن"
    assert both.gettext("Thaw", "fa") == "دفریز"
    assert both.gettext("Thaw", "en") == "Thaw"
    assert both.gettext("Not translated", "fa") == "Not translated"


def test_one_sentence_with_two_translations_is_an_error(tmp_path) -> None:
    folders = [
        folder(tmp_path, "storage", ("Save", "ذخیره")),
        folder(tmp_path, "vials", ("Save", "نگهداری")),
    ]
    with pytest.raises(CatalogueError, match="Save"):
        catalogue.load(folders, strict=True)
    assert catalogue.load(folders).gettext("Save", "fa") == "ذخیره"  # a page is drawn all the same


def test_a_catalogue_with_two_plural_forms_is_an_error(tmp_path) -> None:
    with pytest.raises(CatalogueError, match="plural"):
        catalogue.load([folder(tmp_path, "storage", ("Save", "ذخیره"), plurals=2)])


def test_an_empty_or_fuzzy_entry_stays_english(tmp_path) -> None:
    made = folder(tmp_path, "storage", ("Save", ""))
    po = made / "messages" / "fa.po"
    fuzzy = '\n#, fuzzy\nmsgid "Thaw"\nmsgstr "فریز"\n'
    po.write_text(po.read_text(encoding="utf-8") + fuzzy, encoding="utf-8")
    loaded = catalogue.load([made])
    assert loaded.gettext("Save", "fa") == "Save"
    assert loaded.gettext("Thaw", "fa") == "Thaw"


def test_plurals_have_two_forms_in_english_and_one_in_persian(tmp_path) -> None:
    made = folder(tmp_path, "vials")
    entry = 'msgid "{n} vial"\nmsgid_plural "{n} vials"\nmsgstr[0] "{n} ویال"\n'
    (made / "messages" / "fa.po").write_text(HEADER.format(1) + entry, encoding="utf-8")
    loaded = catalogue.load([made])
    for n, english in [(0, "{n} vials"), (1, "{n} vial"), (2, "{n} vials")]:
        assert loaded.ngettext("{n} vial", "{n} vials", n, "en") == english
        assert loaded.ngettext("{n} vial", "{n} vials", n, "fa") == "{n} ویال"


def test_the_programs_own_catalogues_can_be_read_together() -> None:
    assert catalogue.installed() is catalogue.installed()


# ---- filling in


def test_codes_are_isolated_in_persian_text_and_bare_in_english() -> None:
    message = Message(TAKEN, {"slot": Code("A1"), "vial": Code("CV7K3M9QX2")})
    assert plain("fa").say(message) == "جای \u2066A1\u2069 با \u2066CV7K3M9QX2\u2069 پر است"
    assert plain("en").say(message) == "Place A1 is taken by CV7K3M9QX2"


def test_codes_are_isolated_on_a_page_in_both_languages() -> None:
    message = Message(TAKEN, {"slot": Code("A1"), "vial": "CV7K3M9QX2"})
    for locale, words in [("fa", ("جای ", " با ", " پر است")), ("en", ("Place ", " is taken by ", ""))]:
        said = plain(locale, html=True).say(message)
        assert isinstance(said, Markup)
        expected = '{}<bdi dir="ltr">A1</bdi>{}<bdi>CV7K3M9QX2</bdi>{}'.format(*words)
        assert said == expected


def test_nothing_that_a_person_wrote_becomes_markup() -> None:
    evil = "<script>alert('&')</script>"
    said = plain("en", html=True).say(Message("<b>{slot}</b> {vial}", {"slot": Code(evil), "vial": evil}))
    assert "<script" not in said
    assert "<b>" not in said
    assert said.count("&lt;script&gt;") == 2


def test_markup_given_as_a_value_stays_markup() -> None:
    said = plain("en", html=True).say(Message("{vial}", {"vial": Markup("<em>x</em>")}))
    assert said == "<bdi><em>x</em></bdi>"


def test_a_value_is_never_read_as_a_placeholder() -> None:
    assert plain("en").say(Message(TAKEN, {"slot": "{vial}", "vial": "x"})) == "Place {vial} is taken by x"


def test_a_persian_name_in_an_english_sentence_is_set_apart() -> None:
    said = plain("en").say(Message(TAKEN, {"slot": Code("A1"), "vial": "علی"}))
    assert said == "Place A1 is taken by \u2068علی\u2069"


@pytest.mark.parametrize(
    ("value", "locale", "shown"),
    [
        (1500, "en", "1,500"),
        (1500, "fa", "\u2066۱٬۵۰۰\u2069"),
        (-196, "fa", "\u2066−۱۹۶\u2069"),
        (Decimal("1.5"), "fa", "\u2066۱٫۵\u2069"),
        (date(2026, 6, 2), "fa", "\u2066۱۴۰۵/۰۳/۱۲\u2069"),
        (datetime(2026, 6, 2, 12, tzinfo=UTC), "fa", "\u2066۱۴۰۵/۰۳/۱۲ ۱۵:۳۰\u2069"),
        ([Code("A1"), Code("A2")], "fa", "\u2066A1\u2069، \u2066A2\u2069"),
        ([Code("A1"), Code("A2")], "en", "A1, A2"),
        (True, "en", "True"),
    ],
)
def test_each_value_is_shown_as_its_kind_demands(value, locale, shown) -> None:
    reader = plain(locale, calendar=Calendar.JALALI, zone="Asia/Tehran")
    assert reader.fill("{x}", {"x": value}) == shown


def test_a_reader_of_persian_may_prefer_latin_digits() -> None:
    reader = plain("fa", calendar=Calendar.JALALI, latin_digits=True)
    said = reader.fill("{n} {day}", {"n": 1500, "day": date(2026, 6, 2)})
    assert said == "\u20661,500\u2069 \u20661405/03/12\u2069"


def test_a_message_may_stand_inside_another() -> None:
    inner = Message("Door open", {})
    said = plain("fa").say(Message("Box {box}: {reason}", {"box": Code("CB1"), "reason": inner}))
    assert said == "جعبه \u2066CB1\u2069: در باز است"


def test_a_missing_value_leaves_its_name_to_be_seen() -> None:
    assert plain("en").say(Message(TAKEN, {"slot": Code("A1")})) == "Place A1 is taken by {vial}"


def test_braces_may_be_written_twice() -> None:
    assert plain("en").say(Message("{{{slot}}}", {"slot": Code("A1")})) == "{A1}"


def test_the_short_way() -> None:
    said = catalogue.format_message("Slot {slot}", {"slot": Code("<A1>")}, "en", html=True)
    assert said == 'Slot <bdi dir="ltr">&lt;A1&gt;</bdi>'
    assert catalogue.format_plural("{n} egg", "{n} eggs", 2, {}, "en") == "2 eggs"
    assert catalogue.format_plural("{n} egg", "{n} eggs", 1, {}, "en") == "1 egg"


# ---- placeholders


def test_placeholders_are_plain_names() -> None:
    assert catalogue.placeholders("{a} {{b}} {c_2}") == {"a", "c_2"}


@pytest.mark.parametrize("text", ["{}", "{0}", "{a.b}", "{a[0]}", "{a!r}", "{a:>5}", "{a", "a}"])
def test_anything_else_in_braces_is_refused(text) -> None:
    with pytest.raises(ValueError):
        catalogue.placeholders(text)
