"""What must hold for every table, whatever domain it belongs to."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from cellbank.core.model import (
    Journal,
    Model,
    Moment,
    Operational,
    OrganisationOwned,
    Recorded,
    every_table,
)
from cellbank.domains.registry import DOMAINS, load_models

load_models()
RECORDED: list[type[Any]] = every_table(Recorded)
OPERATIONAL: list[type[Any]] = every_table(Operational)
JOURNAL: list[type[Any]] = every_table(Journal)
LONGEST_NAME = 63  # PostgreSQL cuts longer names silently


def of_model(model: type[Any]) -> str:
    return str(model.__tablename__)


def test_every_domain_of_the_menu_that_has_tables_is_loaded() -> None:
    modules = {
        model.__module__.split(".")[2]
        for model in RECORDED
        if model.__module__.startswith("cellbank.domains")
    }
    assert modules == set(DOMAINS) - {"audit"}  # audit reads the journal and has no table of its own


@pytest.mark.parametrize("model", OPERATIONAL, ids=of_model)
def test_an_operational_table_says_why_it_needs_no_journal(model: type[Operational]) -> None:
    assert len(model.WHY.split()) >= 3


@pytest.mark.parametrize("model", [*RECORDED, *OPERATIONAL, *JOURNAL], ids=of_model)
def test_a_table_says_in_one_sentence_what_a_row_is(model: type[Any]) -> None:
    first = (model.__doc__ or "").strip().split("\n\n")[0]
    assert first.endswith((".", ":"))
    assert not first.startswith(f"{model.__name__}(")  # what a dataclass writes by itself


@pytest.mark.parametrize("model", RECORDED, ids=of_model)
def test_a_recorded_column_is_text_whole_number_date_moment_truth_or_key(model: type[Any]) -> None:
    allowed = (sa.Text, sa.String, sa.Enum, sa.BigInteger, sa.Integer, sa.Date, Moment, sa.Boolean, sa.Uuid)
    wrong = {c.name: c.type for c in model.__table__.columns if not isinstance(c.type, allowed)}
    assert wrong == {}


@pytest.mark.parametrize("model", RECORDED, ids=of_model)
def test_what_an_event_is_about_is_the_row_itself_or_something_it_refers_to(model: type[Any]) -> None:
    columns = model.__table__.columns
    assert model.SUBJECTS
    for name in model.SUBJECTS:
        assert name == "id" or any(key.column.name == "id" for key in columns[name].foreign_keys), name


@pytest.mark.parametrize("model", RECORDED, ids=of_model)
def test_a_word_of_a_choice_fits_its_column(model: type[Any]) -> None:
    for column in model.__table__.columns:
        if isinstance(column.type, sa.Enum):
            assert all(
                word == word.lower() and len(word) <= (column.type.length or 0) for word in column.type.enums
            )


@pytest.mark.parametrize("table", Model.metadata.sorted_tables, ids=lambda t: t.name)
def test_no_name_is_too_long_for_postgresql(table: sa.Table) -> None:
    names = [table.name, *(c.name for c in table.columns)]
    names += [str(rule.name) for rule in table.constraints] + [str(index.name) for index in table.indexes]
    assert [name for name in names if len(name) > LONGEST_NAME] == []


def test_index_and_rule_names_are_unique_in_the_whole_bank() -> None:
    names = [str(i.name) for table in Model.metadata.sorted_tables for i in table.indexes]
    names += [
        str(c.name)
        for table in Model.metadata.sorted_tables
        for c in table.constraints
        if isinstance(c, sa.UniqueConstraint)
    ]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("table", Model.metadata.sorted_tables, ids=lambda t: t.name)
def test_a_table_can_be_created_on_postgresql(table: sa.Table) -> None:
    dialect: sa.Dialect = postgresql.dialect()
    assert str(CreateTable(table).compile(dialect=dialect)).strip()
    partial = [index for index in table.indexes if index.dialect_options["sqlite"].get("where") is not None]
    for index in partial:
        assert " WHERE " in str(CreateIndex(index).compile(dialect=dialect))


def test_every_table_can_be_created_on_sqlite() -> None:
    engine = sa.create_engine("sqlite://")
    Model.metadata.create_all(engine)
    assert set(sa.inspect(engine).get_table_names()) == set(Model.metadata.tables)


@pytest.mark.parametrize("model", [m for m in RECORDED if issubclass(m, OrganisationOwned)], ids=of_model)
def test_an_owned_table_can_be_pointed_at_together_with_its_organisation(model: type[Any]) -> None:
    rules = [c for c in model.__table__.constraints if isinstance(c, sa.UniqueConstraint)]
    assert any([c.name for c in rule.columns] == ["organisation_id", "id"] for rule in rules)


@pytest.mark.parametrize("model", RECORDED, ids=of_model)
def test_a_foreign_key_between_facts_waits_for_commit(model: type[Any]) -> None:
    """So that one act writes its rows in any order, and an owner changes with all that hangs on a thing."""
    early = [key.name for key in model.__table__.foreign_key_constraints if key.initially != "DEFERRED"]
    assert [name for name in early if name != "fk_principal_organisation_id"] == []
