from __future__ import annotations

import json
from pathlib import Path

import pytest

from cellbank.domains.lines.doublings import Count, cumulated, doubling_time_minutes, doublings_milli, of_pool

EXAMPLES = json.loads((Path(__file__).parents[2] / "data/pd_examples.json").read_text("utf-8"))["vectors"]
HALF = 0.5


def milli(value):
    return round(value * 1000)


@pytest.mark.parametrize("one", EXAMPLES, ids=lambda one: one["name"])
def test_the_worked_examples_come_out_to_the_thousandth(one):
    harvested = Count(int(one["total_harvest"]), milli(one["viability_harvest"]))
    seeded = Count(int(one["total_seeded"]), milli(one["viability_seed"]))
    found = doublings_milli(harvested, seeded, attached_permille=milli(one["attachment"]))
    # The example is written to four decimals: its own rounding is added to ours.
    assert abs(found - one["PD"] * 1000) <= HALF + 0.05
    before = milli(one["cPDL_before"])
    assert abs(cumulated(before, found) - one["cPDL_after"] * 1000) <= HALF + 0.05
    minutes = doubling_time_minutes(one["days"] * 24 * 60, found)
    if one["doubling_time_h"] is None:
        assert minutes is None
    else:
        assert abs(minutes - one["doubling_time_h"] * 60) <= 2


def test_a_loss_is_kept_and_not_made_zero():
    assert doublings_milli(Count(500_000), Count(1_000_000)) == -1000


@pytest.mark.parametrize(
    ("harvested", "seeded"),
    [
        (Count(None), Count(1_000_000)),
        (Count(8_000_000), Count(None)),
        (Count(8_000_000, 950), Count(1_000_000)),  # living cells against all cells: two conventions
        (Count(8_000_000, 0), Count(1_000_000, 900)),
    ],
)
def test_unknown_stays_unknown(harvested, seeded):
    assert doublings_milli(harvested, seeded) is None
    assert cumulated(14_200, None) is None
    assert cumulated(None, 3000) is None


def test_a_pool_has_the_highest_and_the_mean():
    assert of_pool([10_000, 13_001]) == (13_001, 11_500)
    assert of_pool([10_000, None]) == (None, None)
    assert of_pool([]) == (None, None)
