"""What holds for every table of the program."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from cellbank.core.model import Journal, Model, Operational, Recorded, every_table
from cellbank.domains import registry

registry.load_models()
KINDS = (Recorded, Journal, Operational)


def test_every_table_is_of_one_kind() -> None:
    of_kind = [model for kind in KINDS for model in every_table(kind)]
    assert len(of_kind) == len({model.__tablename__ for model in of_kind})
    assert {model.__tablename__ for model in of_kind} == {
        m.class_.__tablename__ for m in Model.registry.mappers
    }


@pytest.mark.parametrize("model", every_table(Operational), ids=lambda model: model.__tablename__)
def test_what_is_not_journalled_says_why(model) -> None:
    assert len(model.WHY.split()) >= 4, "a reason, not a word"
    assert not model.WHY.endswith("."), "it is read within a sentence"


@pytest.mark.parametrize("model", every_table(Recorded), ids=lambda model: model.__tablename__)
def test_a_recorded_table_names_what_its_events_are_about(model) -> None:
    columns = model.__table__.columns
    assert model.SUBJECTS, "no event would be found in anything's story"
    for name in model.SUBJECTS:
        assert name in columns
        assert name == "id" or columns[name].foreign_keys


@pytest.mark.parametrize("model", every_table(Recorded), ids=lambda model: model.__tablename__)
def test_a_recorded_column_has_one_text_on_both_databases(model) -> None:
    """Fractions and bytes are written differently by the two databases, so none is recorded."""
    for column in model.__table__.columns:
        assert not isinstance(column.type, (sa.Float, sa.Numeric, sa.LargeBinary, sa.JSON, sa.Time)), (
            column.name
        )


@pytest.mark.parametrize("model", every_table(Recorded), ids=lambda model: model.__tablename__)
def test_a_recorded_table_says_what_it_is(model) -> None:
    assert (model.__doc__ or "").strip()
