"""Vials come from elsewhere or from before this system."""

from __future__ import annotations

import pytest

from cellbank.core.engine import Database
from cellbank.core.errors import Invalid
from cellbank.core.model import Precision
from cellbank.domains.storage.models import Container
from cellbank.domains.vials.commands import ReceiveVials, RegisterBank, RegisterLegacyVials
from cellbank.domains.vials.commands.receiving import ListedVial
from cellbank.domains.vials.models import (
    ArrivalCondition,
    ArrivalDecision,
    Consignment,
    ConsignmentVial,
    ExceptionKind,
    ExceptionNote,
    Hold,
    HoldKind,
    LabelCode,
    LabelCodeKind,
    Placement,
    VialState,
)
from tests.domains.vials.making import LONG_AGO, MakeLine, do, lot_of, rows, vials_of
from tests.domains.vials.stock import MakeBox


def bought() -> str:
    """The lot number of a bank that was made elsewhere."""
    do(MakeLine(name="HeLa"))
    return lot_of(do(RegisterBank(line="HeLa", is_received=True, depositor_wording="CCL-2, lot 70029328")))


def test_each_listed_vial_is_set_against_what_arrived(database: Database) -> None:
    lot = bought()
    do(
        ReceiveVials(
            bank=lot,
            sender="ATCC",
            vials=(
                ListedVial(
                    listed_as="A1",
                    condition=ArrivalCondition.FROZEN,
                    decision=ArrivalDecision.ACCEPTED,
                    barcode="700-1",
                ),
                ListedVial(
                    listed_as="A2", condition=ArrivalCondition.THAWED, decision=ArrivalDecision.REJECTED
                ),
                ListedVial(listed_as="A3", has_arrived=False),
                ListedVial(decision=ArrivalDecision.QUARANTINED, note="unlisted"),
            ),
        )
    )
    vials = vials_of(lot)
    assert [(vial.name, vial.depositor_wording) for vial in vials] == [
        ("BNK-0001-001", "A1"),
        ("BNK-0001-002", "A2"),
        ("BNK-0001-003", None),
    ]
    assert {vial.state for vial in vials} == {VialState.FILLED}
    holds = {hold.vial_id: hold.kind for hold in rows(Hold)}
    assert holds == {vials[1].id: HoldKind.REJECTED, vials[2].id: HoldKind.QUARANTINE}
    listed = rows(ConsignmentVial)
    assert [(row.listed_as, row.has_arrived, row.vial_id is None) for row in listed] == [
        ("A1", True, False),
        ("A2", True, False),
        ("A3", False, True),
        (None, True, False),
    ]
    assert [note.kind for note in rows(ExceptionNote)] == [ExceptionKind.NOT_RECEIVED]
    foreign = rows(LabelCode, LabelCode.kind == LabelCodeKind.FOREIGN)
    assert [(label.code, label.vial_id) for label in foreign] == [("700-1", vials[0].id)]


@pytest.mark.sqlite_only
def test_every_arrived_vial_needs_a_decision(database: Database) -> None:
    lot = bought()
    with pytest.raises(Invalid, match="Vial 2 of the list: accept, reject or quarantine it"):
        do(
            ReceiveVials(
                bank=lot,
                sender="ATCC",
                vials=(
                    ListedVial(decision=ArrivalDecision.ACCEPTED),
                    ListedVial(listed_as="A2"),
                ),
            )
        )
    with pytest.raises(Invalid, match="did not arrive"):
        do(
            ReceiveVials(
                bank=lot,
                sender="ATCC",
                vials=(ListedVial(listed_as="A", has_arrived=False, decision=ArrivalDecision.ACCEPTED),),
            )
        )
    assert vials_of(lot) == []


def test_a_consignment_of_long_ago_arrived_then(database: Database) -> None:
    lot = bought()
    do(
        ReceiveVials(bank=lot, sender="ATCC", vials=(ListedVial(decision=ArrivalDecision.ACCEPTED),)),
        occurred=LONG_AGO,
        reason="from the delivery note",
    )
    parcel = rows(Consignment)[0]
    assert (parcel.code, parcel.arrived_at) == ("RCV-0001", LONG_AGO.at)


def test_old_vials_may_be_known_without_slot_and_date(database: Database) -> None:
    do(MakeLine(name="Vero"))
    lot = lot_of(do(RegisterBank(line="Vero")))
    do(MakeBox(code="CB00000001", name="Tank 3", rows=0))
    do(RegisterLegacyVials(bank=lot, count=2, container="CB00000001", barcodes=("x1", "x2")))
    do(RegisterLegacyVials(bank=lot, count=1))
    vials = vials_of(lot)
    assert [(v.state, v.is_legacy, v.is_verified, v.frozen_on, v.frozen_precision) for v in vials] == [
        (VialState.STORED, True, False, None, Precision.UNKNOWN)
    ] * 3
    tank = rows(Container)[0]
    assert {(p.vial_id, p.container_id, p.position) for p in rows(Placement)} == {
        (v.id, tank.id, None) for v in vials[:2]
    }


@pytest.mark.sqlite_only
def test_as_many_barcodes_as_vials(database: Database) -> None:
    lot = bought()
    with pytest.raises(Invalid, match="2 barcodes were given for 3 vials"):
        do(RegisterLegacyVials(bank=lot, count=3, barcodes=("a", "b")))
    with pytest.raises(Invalid, match="501 vials are too many at once; the most is 500"):
        do(RegisterLegacyVials(bank=lot, count=501))
