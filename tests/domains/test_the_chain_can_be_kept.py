"""donor → donation → line → culture → bank → vial → place, on both databases, and what the tables refuse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core import work
from cellbank.core.actor import BANK_ID, Organisation, OrganisationKind, system_actor
from cellbank.core.command import REGISTER, Command
from cellbank.core.engine import Database
from cellbank.core.errors import CellbankError
from cellbank.core.ids import uuid7
from cellbank.core.journal import EventSubject
from cellbank.core.numbering import next_number
from cellbank.core.work import Writing
from cellbank.domains.banks.models import Bank, BankCulture, FillLot, FreezeRun, FreezeRunFillLot, Tier
from cellbank.domains.donors.models import Consent, Donation, DonationDonor, Donor, DonorKind
from cellbank.domains.lines.models import (
    Culture,
    CultureMaterial,
    CultureParent,
    Line,
    LineDonation,
    LineKind,
)
from cellbank.domains.materials.models import Material, MaterialKind, MaterialLot
from cellbank.domains.storage.models import Arrangement, Container, ContainerKind
from cellbank.domains.vials.models import (
    Disposition,
    Hold,
    HoldKind,
    LabelCode,
    Placement,
    Thaw,
    ThawPurpose,
    Vial,
    VialOwnership,
    VialState,
)

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
COMPANY_ID = UUID("00000000-0000-7000-8000-0000000000c0")


class Keep(Command):
    """Write whatever a test wants to keep."""

    records: ClassVar[str] = "test.kept"
    permission: ClassVar[str] = "test.write"
    label: ClassVar[str] = "Keep"
    work: ClassVar[Callable[[Writing], None]]

    def run(self, db: Writing) -> None:
        type(self).work(db)


REGISTER.pop("Keep")


def keep(act: Callable[[Writing], None]) -> int:
    """Do ``act`` under one event; its number."""
    Keep.work = staticmethod(act)
    return work.perform(Keep(), system_actor("test.write"), key=work.new_key()).seq


class Chain:
    """The keys of one donor's cells, down to one vial in a box."""

    def __init__(self) -> None:
        names: tuple[str, ...] = (
            "donor",
            "donation",
            "line",
            "culture",
            "second_culture",
            "bank",
            "lot",
            "run",
            "vial",
        )
        names += ("box", "material", "serum")
        self.keys = {name: uuid7() for name in names}

    def __getitem__(self, name: str) -> UUID:
        return self.keys[name]

    def write(self, db: Writing) -> None:
        """All of it in one act, deliberately from the vial upwards: rules are checked at its end."""
        own = BANK_ID
        db.add(Organisation(id=COMPANY_ID, kind=OrganisationKind.COMPANY, name="Royan", short_name="ROY"))
        self._vial(db)
        db.flush()
        db.add(
            Bank(
                id=self["bank"], organisation_id=own, line_id=self["line"], code="MCB-0042", tier=Tier.MASTER
            )
        )
        db.add(BankCulture(organisation_id=own, bank_id=self["bank"], culture_id=self["second_culture"]))
        db.add(
            FillLot(
                id=self["lot"],
                organisation_id=own,
                bank_id=self["bank"],
                code="MCB-0042-F1",
                number=1,
                planned=20,
            )
        )
        db.add(
            FreezeRun(
                id=self["run"], organisation_id=own, code="FRZ-0001", bank_id=self["bank"], started_at=NOW
            )
        )
        db.add(FreezeRunFillLot(organisation_id=own, freeze_run_id=self["run"], fill_lot_id=self["lot"]))
        db.flush()
        self._origin(db)

    def _vial(self, db: Writing) -> None:
        db.add(
            Vial(
                id=self["vial"],
                organisation_id=BANK_ID,
                bank_id=self["bank"],
                fill_lot_id=self["lot"],
                freeze_run_id=self["run"],
                name="MCB-0042-001",
                number=1,
                state=VialState.STORED,
            )
        )
        box = Container(
            id=self["box"],
            kind=ContainerKind.BOX,
            code="CBOX000001",
            name="Box 1",
            arrangement=Arrangement.GRID,
            rows=9,
            columns=9,
            capacity=81,
        )
        db.add(box)
        db.add(label(db, self["vial"], "CAAAAAAAA1"))
        db.add(placed(db, self["vial"], self["box"], 21))
        db.add(VialOwnership(organisation_id=BANK_ID, vial_id=self["vial"], effective_from=date(2026, 3, 1)))

    def _origin(self, db: Writing) -> None:
        own = BANK_ID
        db.add(Donor(id=self["donor"], organisation_id=own, code="D-0031", kind=DonorKind.ALLOGENEIC))
        db.add(Donation(id=self["donation"], organisation_id=own, code="DON-0012", tissue="umbilical cord"))
        db.add(
            DonationDonor(
                organisation_id=own, donation_id=self["donation"], donor_id=self["donor"], age_years=31
            )
        )
        db.add(
            Consent(
                organisation_id=own,
                donor_id=self["donor"],
                form="cord",
                form_version="3",
                language="fa",
                given_on=date(2026, 1, 5),
            )
        )
        db.add(Line(id=self["line"], organisation_id=own, name="TABi005-A", kind=LineKind.MSC))
        db.add(LineDonation(organisation_id=own, line_id=self["line"], donation_id=self["donation"]))
        for name, code in (("culture", "CUL-0001"), ("second_culture", "CUL-0002")):
            db.add(Culture(id=self[name], organisation_id=own, line_id=self["line"], code=code))
        db.add(
            CultureParent(
                organisation_id=own,
                culture_id=self["second_culture"],
                parent_culture_id=self["culture"],
                cells=10**6,
            )
        )
        db.add(Material(id=self["material"], kind=MaterialKind.SERUM, name="FBS", supplier="Gibco"))
        db.add(MaterialLot(id=self["serum"], material_id=self["material"], code="CLOT000001", lot="2A77"))
        db.add(
            CultureMaterial(organisation_id=own, culture_id=self["culture"], material_lot_id=self["serum"])
        )


def label(db: Writing, vial: UUID, code: str) -> LabelCode:
    return LabelCode(organisation_id=BANK_ID, vial_id=vial, code=code, given_by=db.event_seq)


def placed(db: Writing, vial: UUID, box: UUID, position: int | None) -> Placement:
    return Placement(
        organisation_id=BANK_ID, vial_id=vial, container_id=box, position=position, started_by=db.event_seq
    )


def another_vial(chain: Chain, number: int, **more: Any) -> Vial:
    own = more.pop("organisation_id", BANK_ID)
    return Vial(
        organisation_id=own, bank_id=chain["bank"], name=f"MCB-0042-{number:03}", number=number, **more
    )


@pytest.fixture
def chain(database: Database) -> Chain:
    made = Chain()
    keep(made.write)
    return made


def refused(act: Callable[[Writing], None]) -> str:
    """The act must fail; what the database said, down to the first cause."""
    with pytest.raises((CellbankError, sa.exc.DBAPIError)) as caught:
        keep(act)
    error = caught.value
    return f"{error}\n{error.__cause__}"


def test_the_whole_chain_is_kept_in_one_act(database: Database, chain: Chain) -> None:
    with Session(database.read) as session:
        found = session.scalars(sa.select(Vial)).one()
        assert (found.id, found.state, found.disposition) == (chain["vial"], VialState.STORED, None)
        subjects = set(session.scalars(sa.select(EventSubject.subject_id)))
    assert {chain["vial"], chain["donor"], chain["box"], chain["serum"], chain["second_culture"]} <= subjects


def test_one_vial_a_place(chain: Chain) -> None:
    def second(db: Writing) -> None:
        vial = another_vial(chain, 2)
        db.add(vial)
        db.add(placed(db, vial.id, chain["box"], 21))

    assert "uq_placement_place_taken" in refused(second)


def test_one_place_a_vial(chain: Chain) -> None:
    assert "uq_placement_vial_placed" in refused(
        lambda db: db.add(placed(db, chain["vial"], chain["box"], 22))
    )


def test_a_lot_or_an_unknown_place_holds_many(database: Database, chain: Chain) -> None:
    def several(db: Writing) -> None:
        for number in (2, 3):
            vial = another_vial(chain, number)
            db.add(vial)
            db.add(placed(db, vial.id, chain["box"], None))

    keep(several)
    with Session(database.read) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Placement)) == 3


def test_an_ended_placement_frees_the_place(database: Database, chain: Chain) -> None:
    def move(db: Writing) -> None:
        home = db.scalars(sa.select(Placement)).one()
        home.ended_by = db.event_seq
        db.flush()
        db.add(placed(db, chain["vial"], chain["box"], 22))
        vial = another_vial(chain, 2)
        db.add(vial)
        db.add(placed(db, vial.id, chain["box"], 21))

    keep(move)
    with Session(database.read) as session:
        open_places = sa.select(Placement.position).where(Placement.ended_by.is_(None))
        assert sorted(p or 0 for p in session.scalars(open_places)) == [21, 22]


def test_a_printed_code_is_never_given_twice_but_another_banks_may_collide(chain: Chain) -> None:
    assert "uq_label_code_code" in refused(lambda db: db.add(label(db, chain["vial"], "CAAAAAAAA1")))

    def foreign(db: Writing) -> None:
        for _ in range(2):
            code = label(db, chain["vial"], "1234567890")
            code.kind = type(code.kind).FOREIGN
            db.add(code)

    keep(foreign)


def test_a_gone_vial_has_a_disposition_and_no_other_has_one(chain: Chain) -> None:
    assert "gone_has_disposition" in refused(lambda db: db.add(another_vial(chain, 2, state=VialState.GONE)))
    assert "gone_has_disposition" in refused(
        lambda db: db.add(another_vial(chain, 2, disposition=Disposition.THAWED))
    )


def test_a_vial_is_thawed_once_unless_the_thaw_was_annulled(chain: Chain) -> None:
    def thaw(db: Writing) -> None:
        db.add(Thaw(organisation_id=BANK_ID, vial_id=chain["vial"], purpose=ThawPurpose.QC, removed_at=NOW))

    def annul(db: Writing) -> None:
        db.scalars(sa.select(Thaw)).one().annulled_by = db.event_seq

    keep(thaw)
    assert "uq_thaw_vial_thawed" in refused(thaw)
    keep(annul)
    keep(thaw)


def test_a_hold_has_exactly_one_scope(chain: Chain) -> None:
    def hold(*scopes: str) -> Callable[[Writing], None]:
        def act(db: Writing) -> None:
            keys: dict[str, Any] = {f"{scope}_id": chain[scope] for scope in scopes}
            db.add(
                Hold(
                    organisation_id=BANK_ID,
                    kind=HoldKind.ADMINISTRATIVE,
                    reason="x",
                    opened_by=db.event_seq,
                    **keys,
                )
            )

        return act

    assert "one_scope" in refused(hold())
    assert "one_scope" in refused(hold("bank", "vial"))
    keep(hold("donor"))
    keep(hold("donor"))  # several at once


def test_a_place_cannot_name_another_organisations_vial_as_its_own(chain: Chain) -> None:
    def foreign(db: Writing) -> None:
        vial = another_vial(chain, 2, organisation_id=COMPANY_ID)  # bought from this bank: allowed
        db.add(vial)
        db.add(placed(db, vial.id, chain["box"], 1))  # but its placement says it is the bank's

    assert "foreign key" in refused(foreign).lower()


def test_a_sold_vial_takes_all_that_hangs_on_it_along(database: Database, chain: Chain) -> None:
    def sell(db: Writing) -> None:
        hanging: tuple[Any, ...] = (Vial, Placement, LabelCode)
        for model in hanging:
            for row in db.scalars(sa.select(model)):
                row.organisation_id = COMPANY_ID
        db.scalars(sa.select(VialOwnership)).one().effective_until = date(2026, 6, 1)
        db.flush()
        db.add(
            VialOwnership(organisation_id=COMPANY_ID, vial_id=chain["vial"], effective_from=date(2026, 6, 1))
        )

    keep(sell)
    with Session(database.read) as session:
        assert session.scalars(sa.select(Vial.organisation_id)).one() == COMPANY_ID
        assert session.scalars(sa.select(Bank.organisation_id)).one() == BANK_ID
        owners = sa.select(VialOwnership.organisation_id).order_by(VialOwnership.effective_from)
        assert list(session.scalars(owners)) == [BANK_ID, COMPANY_ID]


def test_an_unknown_passage_is_not_zero(chain: Chain) -> None:
    def zero(db: Writing) -> None:
        db.add(Culture(organisation_id=BANK_ID, line_id=chain["line"], code="CUL-0009", passage=0))

    assert "unknown_is_not_zero" in refused(zero)


def test_two_boxes_never_stand_in_one_place(chain: Chain) -> None:
    def boxes(db: Writing) -> None:
        for code in ("CBOX000002", "CBOX000003"):
            db.add(
                Container(
                    kind=ContainerKind.BOX,
                    code=code,
                    name=code,
                    arrangement=Arrangement.NONE,
                    parent_id=chain["box"],
                    parent_position=1,
                )
            )

    assert "uq_container_place_taken" in refused(boxes)


def test_numbers_run_on_and_a_refused_act_takes_none(database: Database) -> None:
    taken: list[int] = []

    def take(db: Writing) -> None:
        taken.append(next_number(db, "MCB"))
        taken.append(next_number(db, "MCB", 10))
        taken.append(next_number(db, "D"))

    def fail(db: Writing) -> None:
        next_number(db, "MCB", 100)
        raise CellbankError("no")

    keep(take)
    with pytest.raises(CellbankError):
        keep(fail)
    keep(lambda db: taken.append(next_number(db, "MCB")))
    assert taken == [1, 2, 1, 12]
    assert database.dialect in {"sqlite", "postgresql"}
