"""The tenant fence, tried in all the ways that were measured to leak without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar, cast
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import aliased, selectinload  # noqa: F401

from cellbank.core import tenancy, work
from cellbank.core.actor import Actor, Organisation, OrganisationKind, system_actor
from cellbank.core.command import REGISTER, Command
from cellbank.core.engine import Database
from cellbank.core.ids import uuid7
from cellbank.core.tenancy import TenantLeak
from cellbank.domains.donors.models import Donor, DonorKind
from tests.core.notes import keeper


class TwoCompanies(Command):
    """Two companies with a donor each."""

    records: ClassVar[str] = "test.two_companies"
    permission: ClassVar[str] = "test.write"
    label: ClassVar[str] = "Two companies"

    def run(self, db: work.Writing) -> None:
        for name in ("mine", "theirs"):
            company = Organisation(kind=OrganisationKind.COMPANY, name=name, short_name=name)
            db.add(company)
            db.flush()
            db.add(Donor(organisation_id=company.id, code=f"D-{name}", kind=DonorKind.RESEARCH))


class Try(Command):
    """Run what a test wants as a company's person."""

    records: ClassVar[str] = "test.tried"
    permission: ClassVar[str] = "test.write"
    label: ClassVar[str] = "Try"

    number: int

    def run(self, db: work.Writing) -> None:
        WRITES[self.number](db)


REGISTER.pop("TwoCompanies")
REGISTER.pop("Try")
WRITES: dict[int, Callable[[work.Writing], Any]] = {}


def write(do: Callable[[work.Writing], Any], actor: Actor) -> None:
    number = len(WRITES)
    WRITES[number] = do
    work.perform(Try(number=number), actor, key=f"try {number} {uuid7()}")


@pytest.fixture
def mine(database: Database) -> Actor:
    """Somebody of the company "mine"; another company has a donor too."""
    work.perform(TwoCompanies(), keeper(), key="two")
    with work.reading(keeper()) as db:
        company = db.scalar(sa.select(Organisation.id).where(Organisation.short_name == "mine"))
    assert company is not None
    return replace(system_actor("test.write"), organisation_id=company, sees_all=False)


@pytest.fixture
def theirs(mine: Actor) -> UUID:
    """The other company's donor."""
    with work.reading(keeper()) as db:
        found = db.scalar(sa.select(Donor.id).where(Donor.code == "D-theirs"))
    assert found is not None
    return found


OTHER = aliased(Donor)
WAYS: dict[str, Callable[[work.Reading, UUID], Any]] = {
    "entity": lambda db, _: [d.code for d in db.scalars(sa.select(Donor))],
    "column": lambda db, _: db.scalars(sa.select(Donor.code)).all(),
    "count": lambda db, _: ["D-mine"] * (db.scalar(sa.select(sa.func.count()).select_from(Donor)) or 0),
    "get": lambda db, key: [d.code for d in [db.get(Donor, key)] if d],
    "alias": lambda db, _: db.scalars(sa.select(OTHER.code)).all(),
    "subquery": lambda db, _: db.scalars(sa.select(sa.select(Donor).subquery().c.code)).all(),
    "exists": lambda db, _: (
        ["D-theirs"] if db.scalar(sa.select(sa.exists().where(Donor.code == "D-theirs"))) else []
    ),
    "union": lambda db, _: (
        db.execute(sa.union_all(sa.select(Donor.code), sa.select(Donor.code))).scalars().all()
    ),
    "cte": lambda db, _: db.scalars(sa.select(sa.select(Donor.code).cte("c").c.code)).all(),
    "join": lambda db, _: db.scalars(sa.select(Donor.code).join(OTHER, OTHER.id == Donor.id)).all(),
    "core table": lambda db, _: db.scalars(sa.select(Donor.__table__.c.code)).all(),
    "text": lambda db, _: db.scalars(sa.text("SELECT code FROM donor")).all(),
    "from statement": lambda db, _: [
        d.code for d in db.scalars(sa.select(Donor).from_statement(sa.text("SELECT * FROM donor")))
    ],
    "legacy query": lambda db, _: [d.code for d in db.query(Donor)],
}


@pytest.mark.parametrize("way", WAYS)
def test_no_way_of_reading_shows_what_belongs_to_another(mine: Actor, theirs: UUID, way: str) -> None:
    with work.reading(mine) as db:
        try:
            found = WAYS[way](db, theirs)
        except TenantLeak:
            return
    assert set(found) <= {"D-mine"}, way


@contextmanager
def stopped() -> Iterator[None]:
    with pytest.raises((TenantLeak, sa.exc.IntegrityError)):
        yield


def test_no_way_of_writing_touches_what_belongs_to_another(
    database: Database, mine: Actor, theirs: UUID
) -> None:
    def other_organisation() -> UUID:
        with work.reading(keeper()) as db:
            found = db.scalar(sa.select(Organisation.id).where(Organisation.short_name == "theirs"))
            assert found is not None
            return found

    foreign = other_organisation()
    with stopped():
        write(lambda db: db.add(Donor(organisation_id=foreign, code="D-x", kind=DonorKind.RESEARCH)), mine)
    with stopped():
        write(
            lambda db: db.execute(sa.update(cast("sa.Table", Donor.__table__)).values(code="D-y", version=2)),
            mine,
        )
    with stopped():
        write(lambda db: db.execute(sa.update(Donor), [{"id": theirs, "code": "D-y", "version": 2}]), mine)
    with stopped():
        write(
            lambda db: db.execute(
                sa.insert(Donor),
                [
                    {
                        "id": uuid7(),
                        "version": 1,
                        "organisation_id": foreign,
                        "code": "D-z",
                        "kind": DonorKind.RESEARCH,
                    }
                ],
            ),
            mine,
        )
    # An ORM update is filtered: it changes mine and leaves theirs alone.
    write(
        lambda db: db.execute(
            sa.update(Donor).values(code=Donor.code + "!", version=Donor.version + 1),
            execution_options={"synchronize_session": False},
        ),
        mine,
    )
    with work.reading(keeper()) as db:
        assert set(db.scalars(sa.select(Donor.code))) == {"D-mine!", "D-theirs"}


def test_a_reason_opens_the_fence_for_one_statement(mine: Actor) -> None:
    with work.reading(mine) as db:
        counted = db.scalar(
            sa.select(sa.func.count()).select_from(Donor), execution_options={"tenant_ok": "the test asks"}
        )
    assert counted == 2


def test_staff_of_the_bank_see_all(mine: Actor) -> None:
    with work.reading(keeper()) as db:
        assert set(db.scalars(sa.select(Donor.code))) == {"D-mine", "D-theirs"}


def test_the_fence_knows_every_owned_table() -> None:
    assert {"donor", "line", "vial", "placement", "label_code"} <= tenancy.owned_tables()
    assert "container" not in tenancy.owned_tables()
