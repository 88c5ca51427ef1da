"""Symbols: the smallest square that holds a code, read back by a decoder."""

from __future__ import annotations

import numpy as np
import pytest

from cellbank.core.errors import Invalid
from cellbank.toolkit.labels import matrix, spaced_code

from .reading_back import codes_in


def drawn(text: str, symbology: str) -> np.ndarray:
    modules = np.array(matrix(text, symbology))
    picture = np.kron(np.where(modules, 0, 255).astype(np.uint8), np.ones((6, 6), np.uint8))
    return np.pad(picture, 24, constant_values=255)


@pytest.mark.parametrize(("symbology", "side"), [("qr", 21), ("data_matrix", 14)])
@pytest.mark.parametrize("code", ["CV7K3M9QX2", "CB0000000Z", "ZZZZZZZZZZ", "CP9H2JKMNP"])
def test_the_banks_own_codes_take_the_smallest_symbol(code: str, symbology: str, side: int) -> None:
    modules = matrix(code, symbology)

    assert (len(modules), {len(row) for row in modules}) == (side, {side})
    assert codes_in(drawn(code, symbology)) == [code]


@pytest.mark.parametrize("symbology", ["qr", "data_matrix"])
@pytest.mark.parametrize(
    "text", ["1", "FD00123456", "FD001234567", "lot-0042/017 b", "A" * 60, "x" * 120, "0123456789" * 12]
)
def test_other_peoples_codes_are_drawn_too(text: str, symbology: str) -> None:
    assert codes_in(drawn(text, symbology)) == [text]


@pytest.mark.parametrize("symbology", ["qr", "data_matrix"])
@pytest.mark.parametrize("text", ["", "x" * 121])
def test_an_empty_or_endless_code_is_refused(text: str, symbology: str) -> None:
    with pytest.raises(Invalid, match="between 1 and 120"):
        matrix(text, symbology)


def test_a_thousand_codes_are_read_back_right() -> None:
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    chance = np.random.default_rng(20261122)
    for _ in range(500):
        code = "CV" + "".join(chance.choice(list(alphabet), 8))
        assert codes_in(drawn(code, "qr")) == [code]
        assert codes_in(drawn(code, "data_matrix")) == [code]


def test_people_read_the_banks_own_codes_in_groups() -> None:
    assert spaced_code("CV7K3M9QX2") == "CV 7K3M 9QX 2"
    assert spaced_code("FD00123456789") == "FD00123456789"
