"""The demonstration bank: built through commands only, from real open lines, with the mishaps of a real bank.

``fill(logins)`` plays it; every act has a fixed key, so that a second time changes nothing and a broken one goes on.
What happened in the
past says when it happened and that it was entered today, from paper: honest entry times.
"""

from __future__ import annotations

from collections.abc import Callable

from cellbank.core import founding, work
from cellbank.core.journal import Event
from cellbank.entrypoints.demo import cast, cells, filling, mishaps, places
from cellbank.entrypoints.demo.cast import Login, logins
from cellbank.entrypoints.demo.stage import DIRECTOR, LAST, Stage

BANKS = 36
"""Master banks of forty-two vials: with what follows, more than 1,500 vials in forty boxes."""


def fill(logins: list[Login], progress: Callable[[int], None] = lambda _: None) -> None:
    """Build the demonstration bank in the database in use; ``progress`` hears how many acts are done."""
    founding.found(name="Cell City Bank", name_fa="بانک سلول شهر سلول", short_name=cast.BANK)
    stage = Stage(progress=progress)
    cast.enter(stage, logins)
    site = places.build(stage)
    grown = cells.register(stage)
    # Every fourth line, the company's among them, has a bank.
    chosen = [line for number, line in enumerate(grown) if number % 4 == 0 or line.owner]
    banks = filling.master_banks(stage, chosen[:BANKS], site)
    mishaps.happen(stage, banks, grown, site)


def is_begun(*, finished: bool = False) -> bool:
    """Whether the bank in use is a demonstration, begun or (``finished``) played to its end."""
    key = LAST if finished else "demo:00001"
    with work.reading(DIRECTOR) as db:
        return db.query(Event.seq).filter(Event.key == key).first() is not None


__all__ = ["Login", "fill", "is_begun", "logins"]
