"""What goes wrong in a real bank: the cases on which a traceability system is judged."""

from __future__ import annotations

from datetime import timedelta

from cellbank.core import clock, work
from cellbank.domains.banks.models import Bank, Tier
from cellbank.domains.donors.commands import CorrectDonor, WithdrawConsent
from cellbank.domains.donors.models import Consent, Donor, WithdrawalEffect
from cellbank.domains.lines.commands import PassageCulture, StartCulture
from cellbank.domains.lines.models import Culture
from cellbank.domains.storage.commands import BlockPlaces
from cellbank.domains.vials.commands import (
    MoveVials,
    PlaceFoundTube,
    PutBack,
    RecordThawOutcome,
    RegisterBank,
    RegisterLegacyVials,
    TakeOut,
    ThawVials,
    TransferVials,
)
from cellbank.domains.vials.commands.moves import To
from cellbank.domains.vials.commands.out import Back
from cellbank.domains.vials.models import ThawOutcome, ThawPurpose
from cellbank.entrypoints.demo.cast import COMPANY
from cellbank.entrypoints.demo.cells import Grown
from cellbank.entrypoints.demo.filling import Banked, Plan, bank
from cellbank.entrypoints.demo.places import Places
from cellbank.entrypoints.demo.stage import DIRECTOR, Stage


def happen(stage: Stage, banks: list[Banked], grown: list[Grown], places: Places) -> None:
    """Let them happen, each under its own acts."""
    ours = [made for made in banks if made.line.owner is None]
    _qc_from_quarantine(stage, ours[-1])
    _working_bank(stage, ours[0], places)
    _overdue_at_minus_80(stage, grown, banks, places)
    _returned_on_hold(stage, ours[1])
    _mis_slotted(stage, ours[3], places)
    _legacy_box(stage, grown, banks, places)
    _split_owned(stage, ours[4])
    _withdrawn(stage, ours[5])
    _corrected(stage, ours[6])
    _on_a_cane(stage, ours[7], places)
    stage.act("omid", BlockPlaces(code=places.cold_boxes[-1], places="I8, I9", because="Frozen to the rack"))
    out = TakeOut(vials=(ours[8].vials[6],), destination=places.vessel, purpose=ThawPurpose.QC)
    stage.act("sara", out, is_last=True)


def _qc_from_quarantine(stage: Stage, made: Banked) -> None:
    """A vial of a bank that nobody has released yet is thawed for quality control, and does not do well."""
    vial = made.vials[-1]
    stage.act("sara", ThawVials(vials=(vial,), purpose=ThawPurpose.QC), days_ago=40)
    outcome = RecordThawOutcome(
        vial=vial,
        outcome=ThawOutcome.LOW_VIABILITY,
        viability=42,
        note="Thawed slowly; repeat with a second vial",
    )
    stage.act("sara", outcome, days_ago=39)


def _working_bank(stage: Stage, master: Banked, places: Places) -> None:
    """A master bank's vial becomes a working bank, two passages on."""
    vial = master.vials[0]
    stage.act("sara", ThawVials(vials=(vial,), purpose=ThawPurpose.NEW_BANK), days_ago=120)
    event = stage.act(
        "sara",
        StartCulture(line=master.line.line, passage=f"p{master.line.passage}+0", vessel="plate", vessels=1),
        days_ago=120,
    )
    culture = stage.code(event, Culture)
    outcome = RecordThawOutcome(
        vial=vial, outcome=ThawOutcome.GOOD, viability=91, cells=900_000, cultures=(culture,)
    )
    stage.act("sara", outcome, days_ago=119)
    for days in (115, 110):
        event = stage.act(
            "sara",
            PassageCulture(parents=({"culture": culture, "cells": 600_000},), vessel="plate", vessels=2),
            days_ago=days,
        )
        culture = stage.code(event, Culture)
    line = Grown(master.line.line, culture, master.line.passage + 2, None, master.line.donor)
    bank(stage, Plan(line, Tier.WORKING, 24, 24, 108, places.cold_boxes[-3], origin=(vial,)), places)


def _overdue_at_minus_80(stage: Stage, grown: list[Grown], banks: list[Banked], places: Places) -> None:
    """A bank that should have gone into nitrogen four days ago."""
    banked = {made.line.line for made in banks}
    line = next(line for line in grown if line.line not in banked and line.owner is None)
    bank(stage, Plan(line, Tier.MASTER, 12, 12, 9, None), places)


def _returned_on_hold(stage: Stage, made: Banked) -> None:
    """Taken out for nothing and put back: on hold until quality accepts it."""
    vial = made.vials[4]
    stage.act("sara", TakeOut(vials=(vial,), purpose=ThawPurpose.QC), days_ago=12)
    stage.act("sara", PutBack(vials=(Back(vial=vial),)), days_ago=12)


def _mis_slotted(stage: Stage, made: Banked, places: Places) -> None:
    """A tube found where another should be: the fact is taken as it is, and asks to be looked into."""
    event = PlaceFoundTube(vial=made.vials[10], container=places.cold_boxes[-2], place="E5")
    stage.act("amir", event, reason="Found when the box was counted")


def _legacy_box(stage: Stage, grown: list[Grown], banks: list[Banked], places: Places) -> None:
    """A box from before the system: a list without dates or places, unverified until each tube is seen."""
    banked = {made.line.line for made in banks}
    line = next(line for line in reversed(grown) if line.line not in banked and line.owner is None)
    event = stage.act(
        "omid",
        RegisterBank(
            line=line.line,
            tier=Tier.SEED,
            depositor_wording="old box, blue lid, before 2016",
            statement="research_only",
        ),
        reason="Box of the old bank, listed without dates",
    )
    code = stage.code(event, Bank)
    stage.act(
        "omid",
        RegisterLegacyVials(
            bank=code,
            count=17,
            container=places.legacy_box,
            frozen_precision="unknown",
            wording="old box, blue lid",
        ),
        reason="Box of the old bank, listed without dates",
    )


def _split_owned(stage: Stage, made: Banked) -> None:
    """A company buys ten of the bank's vials; the bank keeps the others."""
    stage.act(
        "omid",
        TransferVials(
            vials=tuple(made.vials[10:20]),
            to=COMPANY,
            effective_from=(clock.now() - timedelta(days=20)).date(),
            giver_document="CT-2026-014",
            taker_document="CELLTECH-PO-77",
        ),
        reason="Sold under agreement CT-2026-014",
    )


def _withdrawn(stage: Stage, made: Banked) -> None:
    """A donor takes the consent back: no new use of anything that came from it."""
    with work.reading(DIRECTOR) as db:
        of_donor = db.query(Consent.id).join(Donor, Donor.id == Consent.donor_id)
        consent = of_donor.filter(Donor.code == made.line.donor).scalar()
    stage.act(
        "omid",
        WithdrawConsent(consent=consent, withdrawal_effect=WithdrawalEffect.NO_NEW_USE),
        reason="Letter of the donor, registered as W-2026-003",
    )


def _corrected(stage: Stage, made: Banked) -> None:
    """A donor's record was typed wrong and is put right; the first entry stays in the trail."""
    with work.reading(DIRECTOR) as db:
        donor = db.query(Donor).filter(Donor.code == made.line.donor).one()
    stage.act(
        "omid",
        CorrectDonor(
            donor=donor.code,
            kind=donor.kind,
            sex=donor.sex,
            species=donor.species,
            ethnicity="White - British",
            depositor_code=donor.depositor_code,
            note="Ethnicity written as on the consent form",
        ),
        reason="Compared with the consent form",
    )


def _on_a_cane(stage: Stage, made: Banked, places: Places) -> None:
    """Four vials on the cane of tank 2, counted and not in places."""
    moves = tuple(To(vial=vial, container=places.cane) for vial in made.vials[:4])
    stage.act("amir", MoveVials(moves=moves), reason="Backup away from the rest of the bank")
