"""From a donor down to the vials: what the drawing of a line's and a bank's family is made of."""

from __future__ import annotations

from uuid import UUID

import pytest

from cellbank.core import work
from cellbank.core.actor import Actor
from cellbank.core.engine import Database
from cellbank.domains.banks.models import BankCulture
from cellbank.domains.vials import queries
from cellbank.domains.vials.models import Disposition, Vial, VialState
from tests.domains.keeping import Lineage, change, rows, working_bank
from tests.domains.vials.stock import STAFF, charlie


def drawn(line: UUID, actor: Actor = STAFF) -> tuple[dict[str, str], set[tuple[str, str]]]:
    """The kind of each member by its label's code, and who descends from whom."""
    with work.reading(actor) as db:
        family, _ = queries.family_with_banks(db, line)
    codes = {member.id: member.code for member in family.members}
    kinds = {member.code: member.kind for member in family.members}
    return kinds, {(codes[one.start], codes[one.end]) for one in family.descents}


def test_a_working_bank_descends_from_the_master_bank_by_a_thawed_vial(database: Database) -> None:
    master = Lineage(3)
    made = working_bank(master)
    kinds, descents = drawn(master["line"])
    thawed, first = master.name(2), f"CUL-{made.number:04}A"
    assert (kinds[master.lot], kinds[thawed], kinds[first], kinds[made.lot]) == (
        "bank", "vial", "passage", "bank",
    )  # fmt: skip
    assert {
        (f"CUL-{master.number:04}B", master.lot),
        (master.lot, thawed),
        (thawed, first),
        (first, f"CUL-{made.number:04}B"),
        (f"CUL-{made.number:04}B", made.lot),
    } <= descents
    parents_of_first = {start for start, end in descents if end == first}
    assert parents_of_first == {thawed}
    assert (thawed, made.lot) not in descents, "the cultures between are the way, not a second arrow"


def test_a_vial_that_was_not_thawed_into_a_culture_is_no_member(database: Database) -> None:
    lineage = Lineage(2)
    kinds, _ = drawn(lineage["line"])
    assert "vial" not in kinds.values()


def test_a_bank_of_which_no_origin_is_known_hangs_on_its_line(database: Database) -> None:
    lineage = Lineage(1)
    link = rows(database, BankCulture, BankCulture.bank_id == lineage["bank"])[0]
    change(BankCulture, link.id, annulled_by=1)
    with work.reading(STAFF) as db:
        family, _ = queries.family_with_banks(db, lineage["line"])
    assert [one.start for one in family.descents if one.end == lineage["bank"]] == [lineage["line"]]


def test_a_bank_says_its_vials_by_state(database: Database) -> None:
    lineage = Lineage(4)
    change(Vial, lineage.vials[0], state=VialState.OUT)
    change(Vial, lineage.vials[1], state=VialState.GONE, disposition=Disposition.THAWED)
    with work.reading(STAFF) as db:
        _, counts = queries.family_with_banks(db, lineage["line"])
    assert [(state, count) for state, _, count in counts[lineage["bank"]]] == [
        ("stored", 2), ("out", 1), ("gone", 1),
    ]  # fmt: skip


@pytest.mark.sqlite_only
def test_a_company_sees_neither_banks_nor_vials_of_others(database: Database) -> None:
    master = Lineage(2)
    working_bank(master)
    kinds, descents = drawn(master["line"], charlie())
    assert (kinds, descents) == ({}, set())
