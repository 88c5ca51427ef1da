from __future__ import annotations

import json
from pathlib import Path

import pytest

from cellbank.core.errors import Invalid
from cellbank.domains.lines.names import cellosaurus_accession, hpscreg_name

CASES = json.loads((Path(__file__).parents[2] / "data/line_names.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES["hpscreg"], ids=lambda case: case["s"])
def test_names_of_hpscreg(case):
    if case["valid"]:
        assert hpscreg_name(case["s"]) == case["s"]
    else:
        with pytest.raises(Invalid, match="hPSCreg") as refused:
            hpscreg_name(case["s"])
        assert refused.value.field == "hpscreg_name"


def test_a_name_longer_than_any_is_refused():
    with pytest.raises(Invalid):
        hpscreg_name("ABCDEFi005-AB-12")


@pytest.mark.parametrize("case", CASES["cellosaurus"], ids=lambda case: case["s"])
def test_accessions_of_cellosaurus_with_and_without_rrid(case):
    for text in (case["s"], f"RRID:{case['s']}"):
        if case["valid"]:
            assert cellosaurus_accession(text) == case["s"]
        else:
            with pytest.raises(Invalid) as refused:
                cellosaurus_accession(text)
            assert refused.value.field == "rrid"
