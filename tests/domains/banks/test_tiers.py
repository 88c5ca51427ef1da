"""From which bank another may be made."""

from __future__ import annotations

import pytest

from cellbank.core.errors import Refused
from cellbank.domains.banks.models import Tier
from cellbank.domains.banks.tiers import PREFIX, Origin, lot_number, refuse_wrong_origin

ALLOWED = {
    (Tier.MASTER, Tier.SEED),
    (Tier.MASTER, Tier.UNKNOWN),
    (Tier.WORKING, Tier.MASTER),
    (Tier.SEED, Tier.UNKNOWN),
    *(
        (new, of)
        for new in (Tier.DISTRIBUTION, Tier.END_OF_PRODUCTION)
        for of in (Tier.SEED, Tier.MASTER, Tier.WORKING, Tier.UNKNOWN)
    ),
}


@pytest.mark.parametrize("new", [tier for tier in Tier if tier is not Tier.UNKNOWN])
@pytest.mark.parametrize("of", list(Tier))
def test_every_pair_of_tiers(new: Tier, of: Tier) -> None:
    origin = Origin("XXX-0001-001", "XXX-0001", of)
    if (new, of) in ALLOWED:
        refuse_wrong_origin(new, [origin])
        return
    with pytest.raises(Refused, match="XXX-0001-001 is of XXX-0001"):
        refuse_wrong_origin(new, [origin])


def test_one_wrong_vial_among_several_is_named() -> None:
    good, bad = (
        Origin("MCB-0001-001", "MCB-0001", Tier.MASTER),
        Origin("WCB-0001-004", "WCB-0001", Tier.WORKING),
    )
    with pytest.raises(Refused, match="WCB-0001-004"):
        refuse_wrong_origin(Tier.WORKING, [good, bad])


def test_only_a_working_bank_needs_a_vial() -> None:
    for tier in (Tier.SEED, Tier.MASTER, Tier.DISTRIBUTION, Tier.END_OF_PRODUCTION):
        refuse_wrong_origin(tier, [])
    with pytest.raises(Refused):
        refuse_wrong_origin(Tier.WORKING, [])


def test_lot_numbers_of_tiers_never_look_alike() -> None:
    assert lot_number(Tier.MASTER, 42) == "MCB-0042"
    assert lot_number(Tier.MASTER, 12345) == "MCB-12345"
    assert len(set(PREFIX.values())) == len(Tier)
