"""May it be used, and for what: every answer has its reason, and no act of anybody stores it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from cellbank.core import clock, work
from cellbank.core.actor import BANK_ID, Actor, Organisation, OrganisationKind
from cellbank.core.engine import Database
from cellbank.core.errors import Refused
from cellbank.core.work import Writing
from cellbank.domains.banks.models import Bank, BankCulture
from cellbank.domains.donors.models import (
    Acceptance,
    Consent,
    Donation,
    Donor,
    Eligibility,
    WithdrawalEffect,
)
from cellbank.domains.lines.models import LimitingMeasure, Line, LineDonation
from cellbank.domains.storage.models import ContainerExposure, LiftCause
from cellbank.domains.vials.models import (
    Disposition,
    ExceptionKind,
    ExceptionNote,
    Hold,
    HoldKind,
    IntendedUse,
    LabelCode,
    Placement,
    ThawPurpose,
    Vial,
    VialExposure,
    VialState,
)
from cellbank.domains.vials.verdicts import (
    State,
    Verdict,
    bank_obstacles,
    bank_verdicts,
    may_be_used,
    refuse_unless_usable,
    verdicts,
)
from tests.domains.keeping import WRITER, Lineage, change, hold, keep, release, rows, working_bank

RESEARCH, GMP = IntendedUse.RESEARCH, IntendedUse.GMP_MANUFACTURE
CLINICAL, TRAINING = IntendedUse.CLINICAL, IntendedUse.TRAINING
EVERY_USE = set(IntendedUse)
COMPANY = UUID("00000000-0000-7000-8000-0000000000c0")


@pytest.fixture
def lineage(database: Database) -> Lineage:
    """A bank of two vials, released for every use."""
    made = Lineage()
    release(made)
    return made


def verdict_on(vial: UUID, actor: Actor = WRITER) -> Verdict:
    with work.reading(actor) as db:
        return verdicts(db, [vial])[vial]


def allowed(vial: UUID) -> set[IntendedUse]:
    return set(verdict_on(vial).allowed_uses)


def why(vial: UUID, use: IntendedUse, actor: Actor = WRITER) -> str:
    return "; ".join(str(reason) for reason in verdict_on(vial, actor).uses[use].reasons)


def test_what_is_released_and_allowed_by_its_donor_may_be_used(lineage: Lineage) -> None:
    found = verdict_on(lineage["vial"])
    assert found.state is State.RELEASED
    assert set(found.allowed_uses) == EVERY_USE
    said = why(lineage["vial"], CLINICAL)
    assert "released for clinical use on 2026-03-01 (unsigned)" in said
    assert f"consent of donor {lineage.donor} in force" in said
    assert "is eligible" in said


def test_without_a_release_it_is_in_quarantine_and_tests_may_take_it(database: Database) -> None:
    vial = Lineage()["vial"]
    found = verdict_on(vial)
    assert (found.state, found.allowed_uses, found.allows_qc) == (State.QUARANTINE, (), True)
    answer = found.uses[RESEARCH]
    assert str(answer.reasons[0]) == "It is not released for research"
    assert str(answer.todo) == "Ask quality for the release"
    with work.reading(WRITER) as db:
        row = db.get_one(Vial, vial)
        refuse_unless_usable(db, [row], ThawPurpose.QC)
        for purpose in (ThawPurpose.MANUFACTURE, ThawPurpose.CLINICAL, ThawPurpose.CULTURE):
            with pytest.raises(Refused, match="may not be used for this: It is not released"):
                refuse_unless_usable(db, [row], purpose)


def test_what_has_to_be_done_before_a_release_comes_first(database: Database) -> None:
    lineage = Lineage()
    change(Donation, lineage["donation"], eligibility=Eligibility.PENDING)
    answer = verdict_on(lineage["vial"]).uses[CLINICAL]
    assert str(answer.todo).startswith("Decide the eligibility of donation")
    assert str(answer.reasons[-1]) == "It is not released for clinical use"


def test_a_release_is_for_one_use_and_training_takes_any(database: Database) -> None:
    lineage = Lineage()
    release(lineage, RESEARCH)
    assert allowed(lineage["vial"]) == {RESEARCH, TRAINING}


def test_a_vial_can_be_released_alone(database: Database) -> None:
    lineage = Lineage()
    release(lineage, RESEARCH, vial=lineage.vials[1])
    assert allowed(lineage.vials[0]) == set()
    assert allowed(lineage.vials[1]) == {RESEARCH, TRAINING}


@pytest.mark.parametrize(
    ("dates", "is_allowed", "said"),
    [
        ({"valid_until": date(2026, 3, 2)}, False, "Its release for research ended on 2026-03-02"),
        ({"valid_from": date(2999, 1, 1)}, False, "It is released for research only from 2999-01-01"),
        ({"valid_until": date(2999, 1, 1)}, True, "the release ends on 2999-01-01"),
        ({"conditions": "mycoplasma test pending"}, True, "on condition: mycoplasma test pending"),
    ],
)
def test_a_release_holds_from_a_day_until_a_day_under_its_conditions(
    database: Database,
    dates: dict[str, Any],
    is_allowed: bool,  # noqa: FBT001 - a case of the table
    said: str,
) -> None:
    lineage = Lineage()
    release(lineage, RESEARCH, **dates)
    assert verdict_on(lineage["vial"]).allows(RESEARCH) is is_allowed
    assert said in why(lineage["vial"], RESEARCH)


@pytest.mark.parametrize(
    "scope",
    [
        *("donor", "donation", "line", "first_culture", "culture", "fill_lot", "freeze_run", "bank", "vial"),
        *("box", "tank", "serum", "cryoprotectant"),
    ],
)
def test_a_hold_on_anything_it_comes_from_or_is_in_forbids_use(lineage: Lineage, scope: str) -> None:
    column = {
        "first_culture": "culture",
        "box": "container",
        "tank": "container",
        "serum": "material_lot",
        "cryoprotectant": "material_lot",
    }.get(scope, scope)
    hold(column, lineage[scope], reason="mycoplasma suspected")
    found = verdict_on(lineage["vial"])
    assert (found.allowed_uses, found.state) == ((), State.HOLD)
    assert found.allows_qc
    assert "is on hold: mycoplasma suspected" in why(lineage["vial"], RESEARCH)


def test_a_hold_on_one_vial_leaves_its_neighbours_alone(lineage: Lineage) -> None:
    hold("vial", lineage.vials[0])
    assert allowed(lineage.vials[0]) == set()
    assert allowed(lineage.vials[1]) == EVERY_USE


def test_a_hold_on_another_donor_or_bank_says_nothing_here(lineage: Lineage) -> None:
    other = Lineage()
    for scope in ("donor", "line", "bank", "culture", "freeze_run"):
        hold(scope, other[scope])
    assert allowed(lineage["vial"]) == EVERY_USE


def test_holds_stand_side_by_side_and_lifting_one_lifts_only_that_one(lineage: Lineage) -> None:
    hold("bank", lineage["bank"], reason="first")
    hold("bank", lineage["bank"], reason="second")

    def lift(db: Writing) -> None:
        db.scalars(sa.select(Hold).where(Hold.reason == "first")).one().closed_by = db.event_seq

    keep(lift)
    assert why(lineage["vial"], RESEARCH) == f"bank {lineage.lot} is on hold: second"


def test_a_hold_that_does_not_allow_tests_keeps_even_those_out(lineage: Lineage) -> None:
    hold("vial", lineage["vial"], allows_qc=False)
    with work.reading(WRITER) as db, pytest.raises(Refused, match="not even tests"):
        refuse_unless_usable(db, [db.get_one(Vial, lineage["vial"])], ThawPurpose.QC)


@pytest.mark.parametrize("scope", ["bank", "fill_lot", "freeze_run", "culture", "donor", "serum", "vial"])
def test_what_comes_from_a_held_bank_is_held_too(database: Database, scope: str) -> None:
    master = Lineage()
    working = working_bank(master)
    release(working)
    assert allowed(working["vial"]) == EVERY_USE
    key = master.vials[-1] if scope == "vial" else master[scope]
    hold("material_lot" if scope == "serum" else scope, key)
    assert allowed(working["vial"]) == set()


def test_what_was_made_from_a_held_bank_does_not_hold_that_bank(database: Database) -> None:
    master = Lineage()
    working = working_bank(master)
    release(master)
    hold("bank", working["bank"])
    assert allowed(master["vial"]) == EVERY_USE


def test_the_state_says_the_gravest_thing(lineage: Lineage) -> None:
    hold("bank", lineage["bank"], kind=HoldKind.QUARANTINE)
    assert verdict_on(lineage["vial"]).state is State.QUARANTINE
    hold("line", lineage["line"])
    assert verdict_on(lineage["vial"]).state is State.HOLD
    hold("bank", lineage["bank"], kind=HoldKind.REJECTED, reason="contaminated")
    assert verdict_on(lineage["vial"]).state is State.REJECTED
    assert why(lineage["vial"], RESEARCH).startswith(f"bank {lineage.lot} was rejected: contaminated")
    assert str(verdict_on(lineage["vial"]).uses[RESEARCH].todo) == "Discard it"


def consent_of(lineage: Lineage, database: Database) -> Consent:
    (found,) = rows(database, Consent, Consent.donor_id == lineage["donor"])
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("given", "uses"),
    [
        ({"allows_clinical_use": False}, {RESEARCH, TRAINING}),
        ({"allows_clinical_use": False, "allows_commercial_use": True}, {RESEARCH, TRAINING, GMP}),
        ({"allows_research_in_country": False}, {GMP, CLINICAL}),
        ({"allows_bank_storage": False}, set()),
        ({"withdrawn_on": date(2026, 4, 1), "withdrawal_effect": WithdrawalEffect.NO_CONTACT}, EVERY_USE),
        ({"withdrawn_on": date(2026, 4, 1), "withdrawal_effect": WithdrawalEffect.NO_NEW_USE}, set()),
        ({"withdrawn_on": date(2026, 4, 1), "withdrawal_effect": WithdrawalEffect.DESTROY_REMAINING}, set()),
    ],
)
def test_a_donor_allows_each_use_and_may_withdraw(
    lineage: Lineage, database: Database, given: dict[str, Any], uses: set[IntendedUse]
) -> None:
    change(Consent, consent_of(lineage, database).id, **given)
    assert allowed(lineage["vial"]) == uses


def test_a_consent_given_after_a_withdrawal_counts_again(lineage: Lineage, database: Database) -> None:
    old = consent_of(lineage, database)
    ended = {"withdrawn_on": date(2026, 4, 1), "withdrawal_effect": WithdrawalEffect.NO_NEW_USE}
    change(Consent, old.id, **ended)
    assert "withdrew the consent on 2026-04-01" in why(lineage["vial"], RESEARCH)

    def again(db: Writing) -> None:
        new = Consent(
            organisation_id=BANK_ID,
            donor_id=lineage["donor"],
            form="cord",
            form_version="4",
            language="fa",
            given_on=date(2026, 5, 1),
            allows_bank_storage=True,
            allows_research_in_country=True,
        )
        db.add(new)

    keep(again)
    assert allowed(lineage["vial"]) == {RESEARCH, TRAINING}


def test_a_newer_version_replaces_what_an_older_one_allowed(lineage: Lineage, database: Database) -> None:
    def narrower(db: Writing) -> None:
        db.add(
            Consent(
                organisation_id=BANK_ID,
                donor_id=lineage["donor"],
                replaces_id=consent_of(lineage, database).id,
                form="cord",
                form_version="4",
                language="fa",
                given_on=date(2026, 5, 1),
                allows_bank_storage=True,
                allows_clinical_use=True,
            )
        )

    keep(narrower)
    assert allowed(lineage["vial"]) == {GMP, CLINICAL}


def test_no_recorded_consent_is_no_consent(lineage: Lineage, database: Database) -> None:
    def annul(db: Writing) -> None:
        db.get_one(Consent, consent_of(lineage, database).id).annulled_by = db.event_seq

    keep(annul)
    answer = verdict_on(lineage["vial"]).uses[RESEARCH]
    assert not answer.is_allowed
    assert str(answer.todo) == f"Record the consent of donor {lineage.donor}"


def test_animals_are_not_asked(lineage: Lineage, database: Database) -> None:
    change(Consent, consent_of(lineage, database).id, allows_bank_storage=False)
    change(Donor, lineage["donor"], species="Mus musculus")
    assert allowed(lineage["vial"]) == EVERY_USE


@pytest.mark.parametrize(
    ("decided", "uses"),
    [
        ({"eligibility": Eligibility.PENDING}, {RESEARCH, TRAINING, GMP}),
        ({"eligibility": Eligibility.INCOMPLETE}, {RESEARCH, TRAINING, GMP}),
        ({"eligibility": Eligibility.EXEMPT}, EVERY_USE),
        ({"eligibility": Eligibility.INELIGIBLE}, {RESEARCH, TRAINING}),
        ({"acceptance": Acceptance.PENDING}, {RESEARCH, TRAINING}),
        ({"acceptance": Acceptance.QUARANTINED}, {RESEARCH, TRAINING}),
        ({"acceptance": Acceptance.REJECTED}, set()),
    ],
)
def test_the_donation_must_be_accepted_and_eligible_for_use_in_people(
    lineage: Lineage, decided: dict[str, Any], uses: set[IntendedUse]
) -> None:
    change(Donation, lineage["donation"], **decided)
    assert allowed(lineage["vial"]) == uses


def test_an_unknown_donor_rules_out_patients_and_is_told(lineage: Lineage) -> None:
    def unknown(db: Writing) -> None:
        line = Line(
            organisation_id=BANK_ID,
            name=f"HeLa {lineage.number}",
            kind=lineage_kind(db, lineage),
            is_donation_unknown=True,
            donation_unknown_reason="deposited in 1994",
        )
        db.add(line)
        db.flush()
        db.get_one(Bank, lineage["bank"]).line_id = line.id

    keep(unknown)
    keep(lambda db: drop_cultures(db, lineage))
    assert allowed(lineage["vial"]) == {RESEARCH, TRAINING, GMP}
    assert "the donor is not known: deposited in 1994" in why(lineage["vial"], RESEARCH)


def lineage_kind(db: Writing, lineage: Lineage) -> Any:
    return db.get_one(Line, lineage["line"]).kind


def drop_cultures(db: Writing, lineage: Lineage) -> None:
    for row in db.scalars(sa.select(BankCulture).where(BankCulture.bank_id == lineage["bank"])):
        row.annulled_by = db.event_seq


def test_a_line_whose_donor_nobody_recorded_may_not_be_used(lineage: Lineage) -> None:
    def forget(db: Writing) -> None:
        row = db.scalars(sa.select(LineDonation).where(LineDonation.line_id == lineage["line"])).one()
        row.annulled_by = db.event_seq

    keep(forget)
    answer = verdict_on(lineage["vial"]).uses[RESEARCH]
    assert str(answer.reasons[0]) == f"The donor of line {lineage.line} is not recorded"
    assert "or that it is not known" in str(answer.todo)


@pytest.mark.parametrize(
    ("bank", "line", "uses"),
    [
        ({"passage": 20}, {}, EVERY_USE),
        ({"passage": 21}, {}, set()),
        ({"passage": 18, "passages_after_thaw": 3}, {}, set()),
        ({"passage": None}, {}, EVERY_USE),
        ({"passage": 12}, {"soft_limit": 10}, EVERY_USE),
        ({"passages_after_thaw": 4}, {"passages_after_thaw_max": 3}, set()),
        (
            {"cpd_milli": 30_100},
            {"limiting_measure": LimitingMeasure.POPULATION_DOUBLINGS, "hard_limit": 30_000},
            set(),
        ),
        ({"passage": 99}, {"limiting_measure": LimitingMeasure.NONE}, EVERY_USE),
    ],
)
def test_past_the_hard_limit_of_its_line_it_is_not_used(
    lineage: Lineage, bank: dict[str, Any], line: dict[str, Any], uses: set[IntendedUse]
) -> None:
    change(Bank, lineage["bank"], **bank)
    if line:
        change(Line, lineage["line"], **line)
    assert allowed(lineage["vial"]) == uses


@pytest.mark.parametrize(
    ("dates", "uses"),
    [
        ({"expires_on": date(2026, 1, 1)}, {TRAINING}),
        ({"expires_on": date(2999, 1, 1)}, EVERY_USE),
        ({"retest_on": date(2026, 1, 1)}, {RESEARCH, TRAINING}),
        ({"retest_on": date(2999, 1, 1)}, EVERY_USE),
    ],
)
def test_a_bank_expires_and_is_to_be_tested_again(
    lineage: Lineage, dates: dict[str, Any], uses: set[IntendedUse]
) -> None:
    change(Bank, lineage["bank"], **dates)
    assert allowed(lineage["vial"]) == uses


def lift_vial(vial: UUID, seconds: int) -> Callable[[Writing], None]:
    start = clock.now()

    def act(db: Writing) -> None:
        db.add(
            VialExposure(
                organisation_id=BANK_ID,
                vial_id=vial,
                cause=LiftCause.TAKE_OUT,
                started_at=start - timedelta(seconds=seconds),
                ended_at=start,
            )
        )

    return act


def test_out_of_the_cold_for_longer_than_its_bank_allows(lineage: Lineage) -> None:
    change(Bank, lineage["bank"], exposure_limit_s=600, exposures_max=2)
    keep(lift_vial(lineage["vial"], 41))
    assert "at most 41 s of 600 s recorded exposure at once" in why(lineage["vial"], CLINICAL)
    keep(lift_vial(lineage["vial"], 601))
    assert allowed(lineage["vial"]) == {TRAINING}
    assert "out of the cold for 601 s at once, the limit is 600 s" in why(lineage["vial"], RESEARCH)
    assert allowed(lineage.vials[1]) == EVERY_USE


def test_out_of_the_cold_more_often_than_its_bank_allows(lineage: Lineage) -> None:
    change(Bank, lineage["bank"], exposures_max=2)
    for _ in range(2):
        keep(lift_vial(lineage["vial"], 30))
    assert allowed(lineage["vial"]) == EVERY_USE
    keep(lift_vial(lineage["vial"], 30))
    assert "out of the cold 3 times, the limit is 2" in why(lineage["vial"], RESEARCH)


def test_quality_judges_an_exposure_by_ending_its_exception(lineage: Lineage) -> None:
    change(Bank, lineage["bank"], exposure_limit_s=600)

    def judged(db: Writing) -> None:
        lift_vial(lineage["vial"], 900)(db)
        db.add(
            ExceptionNote(
                organisation_id=BANK_ID,
                vial_id=lineage["vial"],
                kind=ExceptionKind.EXPOSURE_LIMIT,
                detail="900 s",
                about_event=db.event_seq,
                closed_by=db.event_seq,
            )
        )

    keep(judged)
    assert allowed(lineage["vial"]) == EVERY_USE


def test_lifting_a_tank_counts_for_every_vial_that_was_in_it(lineage: Lineage) -> None:
    change(Bank, lineage["bank"], exposure_limit_s=600)

    def lifted(before: timedelta, seconds: int) -> None:
        start = clock.now() - before

        def act(db: Writing) -> None:
            db.add(
                ContainerExposure(
                    container_id=lineage["tank"],
                    cause=LiftCause.FAILURE,
                    started_at=start,
                    ended_at=start + timedelta(seconds=seconds),
                )
            )

        keep(act)

    lifted(timedelta(days=400), 5000)  # before these vials were put there
    assert allowed(lineage["vial"]) == EVERY_USE
    lifted(timedelta(seconds=-1), 5000)
    assert allowed(lineage["vial"]) == {TRAINING}


@pytest.mark.parametrize(
    ("state", "uses", "said"),
    [
        ({"state": VialState.MISSING}, set(), "The vial is missing"),
        ({"state": VialState.IN_TRANSIT}, set(), "on its way"),
        ({"state": VialState.GONE, "disposition": Disposition.THAWED}, set(), "gone: thawed"),
        ({"state": VialState.FREEZING}, set(), "being frozen"),
        ({"is_legacy": True, "is_verified": False}, set(), "from old records only"),
        ({"must_be_read": True}, {RESEARCH, TRAINING}, "last recognised by its place"),
        ({"state": VialState.OUT}, EVERY_USE, "released"),
    ],
)
def test_who_kept_it_and_whether_this_is_it(
    lineage: Lineage, state: dict[str, Any], uses: set[IntendedUse], said: str
) -> None:
    change(Vial, lineage["vial"], **state)
    assert allowed(lineage["vial"]) == uses
    assert said in why(lineage["vial"], CLINICAL)


def test_nothing_is_to_be_done_about_what_is_gone(lineage: Lineage) -> None:
    change(Vial, lineage["vial"], state=VialState.GONE, disposition=Disposition.DESTROYED)
    assert verdict_on(lineage["vial"]).uses[CLINICAL].todo is None
    assert not verdict_on(lineage["vial"]).allows_qc


# ---- several owners ----


def company(name: str, key: UUID) -> Actor:
    """Somebody who acts for another organisation."""
    keep(lambda db: db.add(Organisation(id=key, kind=OrganisationKind.COMPANY, name=name, short_name=name)))
    return replace(WRITER, organisation_id=key, sees_all=False, name=name)


def test_a_hold_on_the_sellers_line_holds_the_bought_vial_and_tells_no_secret(lineage: Lineage) -> None:
    buyer = company("Celltech", COMPANY)
    sell(lineage, [lineage.vials[0]], COMPANY)
    assert verdict_on(lineage["vial"], buyer).allows(RESEARCH)
    assert lineage.donor not in why(lineage["vial"], RESEARCH, buyer)
    change(Donation, lineage["donation"], eligibility=Eligibility.PENDING)
    assert "The eligibility of donation … is not decided" in why(lineage["vial"], CLINICAL, buyer)
    assert "The eligibility of donation DON-" in why(lineage["vial"], CLINICAL)
    hold("line", lineage["line"], reason="a patent dispute")
    assert why(lineage["vial"], RESEARCH, buyer) == "What it comes from is on hold by its keeper"
    assert "a patent dispute" in why(lineage["vial"], RESEARCH)


def sell(lineage: Lineage, vials: list[UUID], to: UUID) -> None:
    """Give vials another owner, with all that is tied to them."""

    def act(db: Writing) -> None:
        tied: tuple[tuple[Any, Any], ...] = (
            (Vial, Vial.id),
            (Placement, Placement.vial_id),
            (LabelCode, LabelCode.vial_id),
        )
        for model, key in tied:
            for row in db.scalars(sa.select(model).where(key.in_(vials))):
                row.organisation_id = to

    keep(act)


# ---- how many statements ----


def test_two_hundred_vials_are_judged_in_twelve_statements(database: Database) -> None:
    lineages = [Lineage(40) for _ in range(5)]
    for lineage in lineages:
        release(lineage)
    vials = [vial for lineage in lineages for vial in lineage.vials]
    asked: list[str] = []
    sa.event.listen(database.read, "before_cursor_execute", lambda *given: asked.append(given[2]))
    with work.reading(WRITER) as db:
        found = may_be_used(db, vials, RESEARCH)
    assert len(found) == 200
    assert all(answer.is_allowed for answer in found.values())
    assert 0 < len([text for text in asked if text.lstrip().upper().startswith(("SELECT", "WITH"))]) <= 12


def test_no_vials_no_answers(database: Database) -> None:
    with work.reading(WRITER) as db:
        assert verdicts(db, []) == {}


# ---- whole banks ----


def test_a_bank_is_judged_without_its_single_vials(lineage: Lineage) -> None:
    hold("vial", lineage.vials[0])
    with work.reading(WRITER) as db:
        found = bank_verdicts(db, [lineage["bank"]])[lineage["bank"]]
    assert found.state is State.RELEASED


def test_what_stands_between_a_bank_and_its_release(database: Database) -> None:
    lineage = Lineage()
    hold("bank", lineage["bank"], kind=HoldKind.QUARANTINE)

    def obstacles() -> list[str]:
        with work.reading(WRITER) as db:
            return [str(m) for m in bank_obstacles(db, [lineage["bank"]], CLINICAL)[lineage["bank"]]]

    assert obstacles() == []
    change(Donation, lineage["donation"], eligibility=Eligibility.PENDING)
    hold("freeze_run", lineage["freeze_run"], reason="a failed run condemns only its own vials")
    hold("culture", lineage["culture"], reason="mycoplasma")
    assert obstacles()[0].endswith("is on hold: mycoplasma")
    assert obstacles()[1].startswith("The eligibility of donation")
    assert len(obstacles()) == 2
