"""Short ways to the origin of cells, through commands only: donors, donations, lines and cultures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from cellbank.core import work
from cellbank.core.actor import Actor, system_actor
from cellbank.core.command import Command
from cellbank.core.journal import Event
from cellbank.core.model import Recorded
from cellbank.domains.donors.commands import RegisterDonation, RegisterDonor
from cellbank.domains.donors.models import Donation, Donor, DonorKind
from cellbank.domains.lines.commands import PassageCulture, RegisterLine, StartCulture
from cellbank.domains.lines.models import Culture, Line, LineKind
from cellbank.domains.storage.models import Agent

Row = TypeVar("Row", bound=Recorded)

KEEPER = system_actor(
    "donors.read", "donors.manage", "lines.read", "lines.manage", "lines.culture", "materials.read", "materials.manage",
    "equipment.read", "equipment.manage",
)  # fmt: skip
MARCH = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
TESTED = (Agent.HIV_1_2, Agent.HEPATITIS_B, Agent.HEPATITIS_C, Agent.SYPHILIS)


def do(command: Command | None, actor: Actor = KEEPER, **how: Any) -> Event:
    """Do an act under a key of its own."""
    assert command is not None
    return work.perform(command, actor, key=work.new_key(), **how)


def only(model: type[Row], actor: Actor = KEEPER, **columns: Any) -> Row:
    """The one row that looks so."""
    with work.reading(actor) as db:
        return db.scalars(sa.select(model).filter_by(**columns)).one()


def every(model: type[Row], actor: Actor = KEEPER, **columns: Any) -> list[Row]:
    """The rows that look so, oldest first."""
    with work.reading(actor) as db:
        return list(db.scalars(sa.select(model).filter_by(**columns).order_by(model.id)))


def made(event: Event, model: type[Row]) -> Row:
    """The first row of a table that an act made."""
    return only(model, id=work.created(event, model)[0])


def donor(**what: Any) -> Donor:
    """A new donor."""
    return made(do(RegisterDonor(**{"kind": DonorKind.ALLOGENEIC, **what})), Donor)


def donation(*donors: str, **what: Any) -> Donation:
    """A new donation of these donors; of nobody known without one."""
    unknown = (
        {} if donors else {"donor_unknown_reason": "a deposit", "donor_unknown_source": "the deposit form"}
    )
    return made(
        do(RegisterDonation(**{"donors": donors, "tissue": "umbilical cord", **unknown, **what})), Donation
    )


def line(name: str = "HeLa", **what: Any) -> Line:
    """A new line; of unknown donation unless its donation or parents are named."""
    unknown = {"donation_unknown_reason": "taken in 1951", "donation_unknown_source": "Cellosaurus"}
    known = "donations" in what or "parents" in what
    return made(
        do(RegisterLine(**{"name": name, "kind": LineKind.MSC, **({} if known else unknown), **what})), Line
    )


def culture(of: Line, **what: Any) -> Culture:
    """A new culture of a line."""
    return made(do(StartCulture(line=of.code, **what)), Culture)


def passaged(*parents: Culture | str, **what: Any) -> Culture:
    """A passage of these cultures, which may be written with their amounts."""
    named = tuple(one if isinstance(one, str) else one.code for one in parents)
    return made(do(PassageCulture(parents=named, **what)), Culture)
