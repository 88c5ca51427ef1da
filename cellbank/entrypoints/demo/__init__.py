"""The demonstration bank: built through commands only, from real open lines, with the mishaps of a real bank.

``fill(home)`` plays it once; every act has a fixed key, so that a second time changes nothing. What happened in the
past says when it happened and that it was entered today, from paper: honest entry times.
"""

from __future__ import annotations

import logging

from cellbank.core import founding
from cellbank.entrypoints.demo import cast, cells, filling, mishaps, places
from cellbank.entrypoints.demo.cast import Login
from cellbank.entrypoints.demo.stage import Stage

log = logging.getLogger("cellbank.demo")
BANKS = 36
"""Master banks of forty-two vials: with what follows, more than 1,500 vials in forty boxes."""


def fill() -> list[Login]:
    """Build the demonstration bank in the database in use, and return its logins."""
    founding.found(name="Cell City Bank", name_fa="بانک سلول شهر سلول", short_name=cast.BANK)
    stage = Stage()
    logins = cast.enter(stage)
    site = places.build(stage)
    grown = cells.register(stage)
    # Every fourth line, the company's among them, has a bank.
    chosen = [line for number, line in enumerate(grown) if number % 4 == 0 or line.owner]
    banks = filling.master_banks(stage, chosen[:BANKS], site)
    mishaps.happen(stage, banks, grown, site)
    return logins


__all__ = ["Login", "fill"]
