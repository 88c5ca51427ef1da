"""The API's description and the permission matrix change only on purpose."""

from __future__ import annotations

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.entrypoints import golden


@pytest.mark.parametrize("name", sorted(golden.files()))
def test_the_file_says_what_the_program_does(name: str) -> None:
    kept = (golden.FOLDER / name).read_text(encoding="utf-8")
    assert golden.files()[name] == kept, "if this is meant: python -m tests.entrypoints.golden"


def test_the_description_is_openapi() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(golden.openapi()).iter_errors()] == []


def test_every_act_and_resource_is_described() -> None:
    described = golden.openapi()
    ids = [act["operationId"] for path in described["paths"].values() for act in path.values()]
    assert len(ids) == len(set(ids)) > 50
    for path in described["paths"].values():
        for act in path.values():
            assert act["summary"]
            assert {"401", "403", "422"} <= set(act["responses"])
