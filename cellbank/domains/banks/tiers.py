"""Tiers: from which bank another may be made. Tiers never go up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cellbank.core.errors import Message, Refused
from cellbank.domains.banks.models import Tier

PREFIX: Final = {
    Tier.SEED: "SDB",
    Tier.MASTER: "MCB",
    Tier.WORKING: "WCB",
    Tier.END_OF_PRODUCTION: "EPB",
    Tier.DISTRIBUTION: "DSB",
    Tier.UNKNOWN: "BNK",
}
"""How a tier's lot numbers begin: MCB-0042."""

WORD: Final = {
    Tier.SEED: Message("seed bank"),
    Tier.MASTER: Message("master bank"),
    Tier.WORKING: Message("working bank"),
    Tier.END_OF_PRODUCTION: Message("end of production bank"),
    Tier.DISTRIBUTION: Message("distribution bank"),
    Tier.UNKNOWN: Message("bank of unknown tier"),
}

_DEPTH: Final = {
    Tier.SEED: 0,
    Tier.MASTER: 1,
    Tier.WORKING: 2,
    Tier.DISTRIBUTION: 3,
    Tier.END_OF_PRODUCTION: 3,
}


@dataclass(frozen=True)
class Origin:
    """A vial that a bank is to come from, with its own bank's lot number and tier."""

    vial: str
    bank: str
    tier: Tier


def lot_number(tier: Tier, number: int) -> str:
    """The lot number that stands on every label: MCB-0042."""
    return f"{PREFIX[tier]}-{number:04d}"


def refuse_wrong_origin(tier: Tier, origins: Iterable[Origin]) -> None:
    """A bank of this tier may come from these vials.

    :raises Refused: with the first that may not be
    """
    found = list(origins)
    if tier is Tier.UNKNOWN:
        raise Refused(
            "Say of which tier the new bank is: only banks from elsewhere or from before may be of unknown tier"
        )
    if tier is Tier.WORKING and not found:
        raise Refused(
            "A working bank comes from a master bank's vial: name that vial, or cultures grown from it"
        )
    for origin in found:
        _refuse(tier, origin)


def _refuse(tier: Tier, origin: Origin) -> None:
    if origin.tier is tier:
        raise Refused(
            "{vial} is of {bank}, itself a {tier}: go back to a vial of a higher tier, tiers never go sideways or up",
            vial=origin.vial,
            bank=origin.bank,
            tier=WORD[tier],
        )
    if tier is Tier.WORKING and origin.tier is not Tier.MASTER:
        raise Refused(
            "A working bank comes from a master bank's vial; {vial} is of {bank}, a {origin}",
            vial=origin.vial,
            bank=origin.bank,
            origin=WORD[origin.tier],
        )
    if origin.tier is not Tier.UNKNOWN and _DEPTH[origin.tier] >= _DEPTH[tier]:
        raise Refused(
            "{vial} is of {bank}, a {origin}: no {tier} is made from it, tiers never go up",
            vial=origin.vial,
            bank=origin.bank,
            origin=WORD[origin.tier],
            tier=WORD[tier],
        )
