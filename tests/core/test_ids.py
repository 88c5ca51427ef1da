"""Keys sort in the order they were made; a printed code shows every slip of the finger."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellbank.core import clock, ids
from cellbank.core.ids import ALPHABET, Fault, Kind, WrongCode

letters = st.sampled_from(ALPHABET)
codes = st.builds(
    lambda bank, kind, rest: (nine := bank + kind.value + rest) + ids.check_character(nine),
    letters,
    st.sampled_from(Kind),
    st.text(ALPHABET, min_size=7, max_size=7),
)


def weighted(position: int, letter: str) -> int:
    """What one character at one place adds to the check, the others being zero."""
    nine = ["0"] * 9
    nine[position] = letter
    return ALPHABET.index(ids.check_character("".join(nine)))


# ---- keys


def test_a_key_is_a_version_7_uuid_of_its_millisecond() -> None:
    moment = datetime(2030, 1, 1, 0, 0, 0, 456000, tzinfo=UTC)
    with clock.frozen_at(moment):
        key = ids.uuid7()
    assert (key.version, key.variant) == (7, RFC_4122)
    ids._sequence.forget()  # later tests start from the present again
    assert key.int >> 80 == int(moment.timestamp() * 1000)


def test_keys_of_one_millisecond_still_sort_in_the_order_made() -> None:
    with clock.frozen_at(clock.now()):
        keys = [ids.uuid7() for _ in range(20_000)]
    assert keys == sorted(set(keys))


def test_keys_never_run_backwards_when_the_computers_clock_does() -> None:
    first = ids.uuid7()
    with clock.shifted_by(timedelta(hours=-1)):
        assert ids.uuid7() > first


def test_a_full_millisecond_runs_into_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    with clock.frozen_at(clock.now()):
        before = ids.uuid7()
        monkeypatch.setattr(ids._sequence, "_random", (1 << 74) - 1)
        after = ids.uuid7()
    assert after.int >> 80 == (before.int >> 80) + 1
    assert (after.version, after.variant) == (7, RFC_4122)


def test_threads_never_share_a_key() -> None:
    made: list[list[UUID]] = [[] for _ in range(8)]

    def make(mine: list[UUID]) -> None:
        mine.extend(ids.uuid7() for _ in range(2_000))

    threads = [threading.Thread(target=make, args=(mine,)) for mine in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(mine == sorted(mine) for mine in made)
    assert len({key for mine in made for key in mine}) == 16_000


# ---- the check character: the proof


def test_the_check_is_linear() -> None:
    """Any code's check is the sum (exclusive or) of what each character adds: the proofs below rest on it."""
    sample = ["CV7K3M9QX", "0B0000001", "ZZZZZZZZZ", "3R8TQW2YH", "9A1B5C7D3"]
    for nine in sample:
        total = 0
        for position, letter in enumerate(nine):
            total ^= weighted(position, letter)
        assert ALPHABET[total] == ids.check_character(nine)


@given(st.text(ALPHABET, min_size=9, max_size=9))
def test_the_check_is_linear_for_any_code(nine: str) -> None:
    total = 0
    for position, letter in enumerate(nine):
        total ^= weighted(position, letter)
    assert ALPHABET[total] == ids.check_character(nine)


def added(position: int, letter: str) -> int:
    """What one of all ten characters adds to a sum that is zero for a valid code."""
    return ALPHABET.index(letter) if position == 9 else weighted(position, letter)


def test_every_single_wrong_character_is_caught() -> None:
    """All 10 places × 32 × 31 replacements: what the character adds changes, so the sum is no longer zero."""
    for position in range(10):
        assert len({added(position, letter) for letter in ALPHABET}) == 32


def test_every_swap_of_two_characters_is_caught_in_any_two_places() -> None:
    """All 45 pairs of places (neighbours among them) × 32 × 31 pairs of different characters."""
    for first, second in ((i, j) for i in range(10) for j in range(i + 1, 10)):
        for a, b in product(ALPHABET, repeat=2):
            if a != b:
                before = added(first, a) ^ added(second, b)
                assert before != added(first, b) ^ added(second, a)


def test_whole_codes_show_the_same_without_the_algebra() -> None:
    """Every replacement and every neighbour swap of real codes, through the door that people use."""
    for code in (ids.new_code("C", kind) for kind in Kind):
        for position, letter in product(range(10), ALPHABET):
            if letter != code[position]:
                with pytest.raises(WrongCode):
                    ids.parse_code(code[:position] + letter + code[position + 1 :])
        for position in range(9):
            swapped = code[:position] + code[position + 1] + code[position] + code[position + 2 :]
            if swapped != code:
                with pytest.raises(WrongCode):
                    ids.parse_code(swapped)


# ---- printed codes


def test_the_alphabet_is_crockfords() -> None:
    assert ALPHABET == "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    assert all(kind.value in ALPHABET for kind in Kind)


def test_a_new_code_reads_back() -> None:
    for kind in Kind:
        code = ids.new_code("C", kind)
        assert len(code) == 10
        assert ids.parse_code(code) == code
        assert ids.kind_of(code) is kind


def test_new_codes_do_not_repeat() -> None:
    assert len({ids.new_code("C", Kind.VIAL) for _ in range(5_000)}) == 5_000


@pytest.mark.parametrize("letter", ["", "U", "I", "c", "CB"])
def test_a_bank_letter_outside_the_alphabet_is_refused(letter: str) -> None:
    with pytest.raises(WrongCode):
        ids.new_code(letter, Kind.VIAL)


@given(codes)
def test_a_code_is_shown_in_groups_and_read_back_however_it_is_written(code: str) -> None:
    shown = ids.show_code(code)
    assert [len(group) for group in shown.split()] == [2, 4, 3, 1]
    persian = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    arabic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    for written in (
        shown,
        shown.lower(),
        shown.replace(" ", "-"),
        f"\u2066{shown}\u2069\n",
        code.replace("0", "O").replace("1", "I"),
        code.replace("0", "o").replace("1", "l"),
        code.translate(persian),
        code.translate(arabic),
    ):
        assert ids.parse_code(written) == code


def test_the_example_on_the_papers() -> None:
    assert ids.show_code("CV7K3M9QX2") == "CV 7K3M 9QX 2"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Fault.LENGTH),
        ("CV7K3M9QX", Fault.LENGTH),
        ("CV7K3M9QX22", Fault.LENGTH),
        ("CV7K3M9QU" + "0", Fault.ALPHABET),
        ("CV7K3M9Q*0", Fault.ALPHABET),
        ("CVژK3M9QX0", Fault.ALPHABET),
    ],
)
def test_what_is_not_a_code_is_refused_with_the_reason(text: str, reason: Fault) -> None:
    with pytest.raises(WrongCode) as refused:
        ids.parse_code(text)
    assert refused.value.reason is reason
    assert refused.value.text == text


def test_a_wrong_check_character_says_so() -> None:
    code = ids.new_code("C", Kind.VIAL)
    wrong = "0" if code[-1] != "0" else "1"
    with pytest.raises(WrongCode) as refused:
        ids.parse_code(code[:-1] + wrong)
    assert refused.value.reason is Fault.CHECK_CHARACTER


def test_a_kind_that_the_bank_does_not_know_says_so() -> None:
    nine = "CZ7K3M9QX"
    with pytest.raises(WrongCode) as refused:
        ids.parse_code(nine + ids.check_character(nine))
    assert refused.value.reason is Fault.KIND


def test_a_check_needs_nine_letters_of_the_alphabet() -> None:
    with pytest.raises(WrongCode):
        ids.check_character("CV7K")
    with pytest.raises(WrongCode):
        ids.check_character("CV7K3M9QU")
