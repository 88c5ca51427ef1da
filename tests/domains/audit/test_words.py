"""Every recorded column has a name, every value is told in words and units, and the addresses named here exist."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.exceptions import HTTPException

from cellbank.core.actor import BANK_ID
from cellbank.core.journal import BANK_ID_TEXT, Change, ChangeKind
from cellbank.core.model import Recorded, every_table
from cellbank.domains import registry
from cellbank.domains.audit.columns import COLUMNS
from cellbank.domains.audit.names import KINDS, Names
from cellbank.domains.audit.tables import TABLES
from cellbank.domains.audit.telling import changes_told
from cellbank.domains.audit.words import HIDDEN, label_of, points_at, roles_told, value_of
from cellbank.toolkit.i18n.catalogue import installed
from tests.domains.audit.reading import english

registry.load_models()
EVERY = [
    (model.__tablename__, column) for model in every_table(Recorded) for column in model.__table__.columns
]
UNITS = {
    "_ul": "(µL)", "_mg": "(mg)", "_mm2": "(mm²)", "_permille": "(%)", "_percent": "(%)", "_minutes": "(min)",
    "_limit_s": "(s)", "_years": "(years)", "_tenths_mm": "(mm)", "_centi_c_per_minute": "(°C per minute)",
}  # fmt: skip


@pytest.mark.parametrize(("table", "column"), EVERY, ids=lambda one: getattr(one, "name", one))
def test_every_recorded_column_has_a_name_or_is_hidden(table: str, column: sa.Column[Any]) -> None:
    known = f"{table}.{column.name}" in COLUMNS or column.name in COLUMNS
    assert known != (column.name in HIDDEN), (
        f"{table}.{column.name}: name it in columns.py or hide it in words.py"
    )


def test_no_name_is_of_a_column_that_is_no_more() -> None:
    there = {name for table, column in EVERY for name in (column.name, f"{table}.{column.name}")}
    assert set(COLUMNS) - there == set()
    assert HIDDEN - there == set()
    assert set(TABLES) == {table for table, _ in EVERY}


@pytest.mark.parametrize(
    "name", sorted({column.name for _, column in EVERY if isinstance(column.type, sa.BigInteger)})
)
def test_a_quantity_names_its_unit(name: str) -> None:
    for ending, unit in UNITS.items():
        if name.endswith(ending):
            assert unit in COLUMNS[name].id


def test_every_word_of_a_recorded_list_has_its_persian() -> None:
    """The words of domains are translated with them; those of core and all column names are here."""
    persian = installed().persian
    for message in (*COLUMNS.values(), *TABLES.values()):
        assert persian.get(message.id), message.id


@pytest.mark.parametrize(
    ("table", "column", "value", "told"),
    [
        ("vial", "viability_permille", 942, "94.2"),
        ("vial", "volume_ul", 1000, "1000"),
        ("vial", "state", "stored", "Stored"),
        ("vial", "state", "a word of 1999", "a word of 1999"),
        ("vial", "is_verified", True, "yes"),
        ("vial", "is_verified", False, "no"),
        ("vial", "cells", 0, "0"),
        ("freeze_run", "lowest_centi_c", -19_600, "−196\u00a0°C"),
        ("culture", "cpd_milli", 12_345, "12.345"),
        ("container", "fits_diameter_tenths_mm", 125, "12.5"),
        ("programme", "rate_centi_c_per_minute", -100, "-1"),
        ("container", "condition", "vapour", "Nitrogen vapour (below −150 °C)"),
        ("role_grant", "role", "manager", "Bank manager"),
        ("vial", "no_longer_here", "x", "x"),
        ("no_such_table", "name", "x", "x"),
    ],
)
def test_a_value_is_told_in_words_and_units(table: str, column: str, value: object, told: str) -> None:
    assert english(value_of(table, column, value)) == told


def test_days_and_moments_come_back_as_such() -> None:
    assert value_of("vial", "frozen_on", "2026-03-01") == dt.date(2026, 3, 1)
    moment = value_of("vial", "out_at", "2026-03-01T08:30:00.000000Z")
    assert moment == dt.datetime(2026, 3, 1, 8, 30, tzinfo=dt.UTC)
    assert value_of("vial", "frozen_on", None) is None


def test_a_column_of_an_older_edition_is_told_by_its_own_name() -> None:
    assert label_of("vial", "no_longer_here").id == "No longer here"
    assert label_of("consignment_vial", "condition").id == "Condition on arrival"
    assert label_of("container", "condition").id == "Storage condition"


def test_keys_point_where_the_models_say() -> None:
    assert points_at("placement", "vial_id") == "vial"
    assert points_at("placement", "started_by") == "event"
    assert points_at("vial", "organisation_id") == "organisation"
    assert points_at("vial", "name") is None
    assert points_at("person", "id") is None


def test_roles_are_told_in_words() -> None:
    assert [english(one) for one in roles_told("manager,technician")] == ["Bank manager", "Technician"]
    assert [english(one) for one in roles_told("job")] == ["the program"]


def test_a_number_that_happens_to_be_the_acts_own_and_a_nought_are_told() -> None:
    body = {"number": 7, "cells": 0, "state": "stored", "is_verified": False, "note": None}
    made = Change(
        event_seq=7, table_name="vial", row_id=BANK_ID, kind=ChangeKind.INSERT, body=json.dumps(body), salt=""
    )
    placed = Change(
        event_seq=7,
        table_name="placement",
        row_id=BANK_ID,
        kind=ChangeKind.UPDATE,
        body=json.dumps({"ended_by": {"old": None, "new": 7}, "annulled_by": {"old": None, "new": 9}}),
        salt="",
    )
    told = {english(d.label): english(d.after) for d in changes_told(7, [made, placed], Names())}
    assert told == {
        "Number": "7",
        "Cells": "0",
        "State": "Stored",
        "Ended": "by this act",
        "Annulled": "by act 9",
    }


def test_the_banks_key_in_the_index_is_the_banks() -> None:
    assert BANK_ID.hex == BANK_ID_TEXT


@pytest.mark.sqlite_only
def test_addresses_of_things_are_pages(app) -> None:
    """Where a domain has pages, the address a story links to is one of them."""
    with app.test_request_context():
        places = app.url_map.bind("localhost")
        built = {row.endpoint.split(".")[0] for pages in registry.pages() for row in pages.rows}
        domain_of = {name: kind.model.__module__.split(".")[2] for name, kind in KINDS.items() if kind.page}
        domain_of.update(person="accounts", organisation="accounts")
        for name, domain in domain_of.items():
            address = KINDS[name].page.format("X1")
            if domain in built:
                try:
                    places.match(address, method="GET")
                except HTTPException as error:
                    raise AssertionError(f"{address}: no such page in {domain}") from error
            assert re.fullmatch(r"/[a-z-]+/X1", address)
