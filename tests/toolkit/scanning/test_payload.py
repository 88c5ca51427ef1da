"""A scan is read right through any known keyboard layout, or said to be unclear; it is never another code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellbank.core import ids
from cellbank.core.ids import ALPHABET, Fault, Kind
from cellbank.toolkit.scanning import payload
from cellbank.toolkit.scanning.payload import Layout, Meaning, Scan, parse, parse_each, type_through, undo


def with_check(nine):
    return nine + ids.check_character(nine)


codes = st.builds(
    lambda bank, kind, rest: with_check(bank + kind.value + rest),
    st.sampled_from(ALPHABET),
    st.sampled_from(Kind),
    st.text(ALPHABET, min_size=7, max_size=7),
)
layouts = st.sampled_from(Layout)
CODE = with_check("CV7K3M9QX")
OTHER = with_check("CB0000001")


# ---- the layouts


def test_the_measured_scan_of_a_persian_keyboard() -> None:
    """As Chromium reported CB7K3- typed by a scanner under the Iranian standard layout."""
    typed = "ژ\u200c۷»۳-"
    assert type_through("CB7K3-", Layout.PERSIAN) == typed
    assert list(undo(typed, Layout.PERSIAN)) == ["CB7K3-"]


def test_a_few_keys_of_each_layout_by_the_standards_themselves() -> None:
    assert type_through("QWERTY", Layout.PERSIAN, shifted=False) == "ضصثقفغ"
    assert type_through("ASDFGHJKL", Layout.PERSIAN, shifted=False) == "شسیبلاتنم"
    assert type_through("ZXCVBNM", Layout.PERSIAN, shifted=False) == "ظطزرذدپ"
    assert type_through("ZXCVBNM", Layout.PERSIAN_OLD, shifted=False) == "ظطزرذدئ"
    assert type_through("KL", Layout.PERSIAN) == "»«"
    assert type_through("KL", Layout.PERSIAN_OLD) == "«»"
    assert type_through("BGH", Layout.ARABIC, shifted=False) == "لالا"
    assert type_through("ZY-", Layout.GERMAN) == "YZß"


@given(st.text(ALPHABET + "-", min_size=1, max_size=12), st.booleans())
@pytest.mark.parametrize("layout", [Layout.PERSIAN, Layout.GERMAN])
def test_the_standard_layouts_are_one_to_one(layout, keys, shifted) -> None:
    assert list(undo(type_through(keys, layout, shifted=shifted), layout)) == [keys]


@given(st.text(ALPHABET, min_size=1, max_size=12), st.booleans(), layouts)
def test_undoing_a_layout_finds_the_keys(keys, shifted, layout) -> None:
    if layout is not Layout.US:
        assert keys in list(undo(type_through(keys, layout, shifted=shifted), layout))


def test_an_arabic_sign_of_two_letters_is_read_both_ways() -> None:
    assert sorted(undo("لا", Layout.ARABIC)) == ["B", "GH"]
    assert list(undo("\ufefb", Layout.ARABIC)) == ["B"]


# ---- the promise


@given(codes, layouts, st.booleans())
def test_no_layout_turns_one_code_into_another(code, layout, shifted) -> None:
    scan = parse(type_through(code, layout, shifted=shifted) + "\r\n")
    assert scan.code in {code, None}
    if scan.code is None:
        assert scan.meaning is Meaning.AMBIGUOUS
        assert code in scan.lookups


@given(codes, layouts, st.booleans())
def test_a_station_that_knows_its_layout_reads_more(code, layout, shifted) -> None:
    if shifted or layout is not Layout.ARABIC:
        scan = parse(type_through(code, layout, shifted=shifted), layouts=[layout])
        assert (scan.code, scan.kind) == (code, ids.kind_of(code))


@given(st.sampled_from(Kind), st.sampled_from([Layout.US, Layout.GERMAN]), st.booleans())
def test_issued_codes_are_never_unclear_on_latin_keyboards(kind, layout, shifted) -> None:
    code = ids.new_code("C", kind)
    assert parse(type_through(code, layout, shifted=shifted)).code == code


@given(codes, codes)
def test_two_different_codes_in_one_scan_are_never_one_of_them(first, second) -> None:
    scan = parse(f"{first}\n{second}\n")
    if first != second:
        assert (scan.meaning, scan.code) == (Meaning.AMBIGUOUS, None)


@given(codes, st.integers(0, 9), st.sampled_from(ALPHABET))
def test_a_misread_character_is_never_another_code(code, place, letter) -> None:
    misread = code[:place] + letter + code[place + 1 :]
    if misread != code:
        # Only the text as it stands: that a misread scan fits another layout is left to the layout tests.
        scan = parse(misread, layouts=[Layout.US])
        assert scan.code is None
        assert scan.meaning is Meaning.BARCODE


@given(st.text())
def test_any_text_is_read_without_an_error_and_a_code_is_always_valid(text) -> None:
    scan = parse(text)
    assert (scan.code is not None) == (scan.meaning is Meaning.CODE)
    if scan.code is not None:
        assert ids.parse_code(scan.code) == scan.code


def test_a_long_row_of_two_way_signs_stays_small() -> None:
    scan = parse("لا" * 13)
    assert scan.meaning is Meaning.BARCODE
    assert len(scan.lookups) <= 8
    assert parse("لا" * 500).meaning is Meaning.BARCODE


# ---- what scanners and people add


@pytest.mark.parametrize(
    "sent",
    [
        CODE,
        CODE + "\r\n",
        CODE + "\t",
        "\x02" + CODE + "\x03\r",
        f"{CODE}\n{CODE}\n",
        CODE + CODE,
        CODE.lower(),
        ids.show_code(CODE),
        f"\u2066{ids.show_code(CODE)}\u2069",
        "]d1" + CODE,
        "]Q1" + CODE + "\r",
        "\ufeff" + CODE,
        CODE.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")),
        CODE.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
        "".join(chr(ord(letter) + 0xFEE0) for letter in CODE),
    ],
)
def test_a_code_is_read_however_it_is_sent(sent) -> None:
    scan = parse(sent)
    assert (scan.meaning, scan.code, scan.kind) == (Meaning.CODE, CODE, Kind.VIAL)


def test_a_doubled_scan_through_a_persian_keyboard_is_one_code() -> None:
    typed = type_through(CODE, Layout.PERSIAN)
    for sent in (f"{typed}\n{typed}\n", typed + typed):
        scan = parse(sent)
        assert (scan.code, scan.layout) == (CODE, Layout.PERSIAN)


def test_marks_that_normalisation_would_reorder_are_read_key_by_key() -> None:
    """Shift+Q and Shift+W type two vowel marks whose order Unicode does not keep."""
    code = next(
        code
        for code in (with_check("CVQWWQ" + a + b + c) for a in ALPHABET for b in ALPHABET for c in ALPHABET)
        if parse(type_through(code, Layout.PERSIAN)).meaning is Meaning.CODE
    )
    assert parse(type_through(code, Layout.PERSIAN)).code == code


def test_the_scanners_prefix_is_taken_off() -> None:
    assert parse("~" + CODE, prefix="~").code == CODE
    assert parse(CODE, prefix="~").code == CODE
    assert parse("~" + CODE).code is None


def test_codes_of_another_bank_are_other_barcodes_where_that_is_asked() -> None:
    assert parse(CODE, bank_letters="C").code == CODE
    scan = parse(CODE, bank_letters="D")
    assert (scan.meaning, scan.code, scan.lookups) == (Meaning.BARCODE, None, (CODE,))


@pytest.mark.parametrize("text", ["", " ", "\r\n", "\t\n\x03"])
def test_nothing_is_nothing(text) -> None:
    assert parse(text) == Scan(Meaning.NOTHING, "")


# ---- other people's barcodes


def test_a_precoded_tube_keeps_its_barcode() -> None:
    scan = parse("0123456789\r\n")
    assert (scan.meaning, scan.text, scan.lookups) == (Meaning.BARCODE, "0123456789", ("0123456789",))


def test_a_precoded_tube_is_found_through_a_persian_keyboard() -> None:
    scan = parse(type_through("FR12345678", Layout.PERSIAN))
    assert scan.meaning is Meaning.BARCODE
    assert "FR12345678" in scan.lookups
    assert parse("۰۱۲۳۴۵۶۷۸۹").lookups == ("0123456789",)


def test_another_barcode_is_never_looked_up_with_letters_swapped() -> None:
    assert parse("TUBE-YZ").lookups == ("TUBE-YZ",)


def test_a_gs1_code_keeps_its_separator() -> None:
    assert parse("]d20109506000134352\x1d10ABC\r").text == "0109506000134352\x1d10ABC"


def test_a_misread_code_says_what_is_wrong() -> None:
    wrong = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
    assert parse(wrong).fault is Fault.CHECK_CHARACTER
    assert parse("LOT-77").fault is None


def test_words_are_text() -> None:
    assert parse("a word or two").meaning is Meaning.TEXT
    assert parse("رده سلولی").meaning is Meaning.TEXT


def test_a_list_of_scans_is_read_one_by_one() -> None:
    scans = parse_each(f"{CODE}\r\n\r\n{OTHER}\r\nLOT-77\r\n")
    assert [scan.code or scan.text for scan in scans] == [CODE, OTHER, "LOT-77"]
    assert [scan.meaning for scan in scans] == [Meaning.CODE, Meaning.CODE, Meaning.BARCODE]


def test_every_layout_is_known_by_name() -> None:
    assert set(payload._LAYOUTS) == set(Layout) - {Layout.US}
