from __future__ import annotations

from datetime import date

import pytest

from cellbank.core.errors import Invalid, NotFound, NotPermitted, Refused
from cellbank.core.ids import Kind, kind_of, parse_code
from cellbank.domains.materials.commands import AddMaterial, DecideMaterialLot, ReceiveMaterialLot
from cellbank.domains.materials.models import Material, MaterialKind, MaterialLot, MaterialLotState
from tests.origin import do, every, only
from tests.pages import Browser, application

SERUM = AddMaterial(kind=MaterialKind.SERUM, name="FBS", supplier="Gibco", catalogue_number="10270")


def test_a_lot_gets_a_code_for_its_label(database):
    do(SERUM)
    do(ReceiveMaterialLot(material="10270", lot="42F", expires_on=date(2027, 1, 31)))
    lot = only(MaterialLot)
    assert kind_of(parse_code(lot.code)) is Kind.MATERIAL
    assert lot.material_id == only(Material).id


def test_the_same_lot_is_received_once(database):
    do(SERUM)
    do(ReceiveMaterialLot(material="FBS", lot="42F"))
    with pytest.raises(Refused, match="already received"):
        do(ReceiveMaterialLot(material="FBS", lot="42F"))


def test_a_catalogue_number_is_listed_once(database):
    do(SERUM)
    with pytest.raises(Refused, match="already in the list"):
        do(SERUM.model_copy(update={"name": "serum"}))


@pytest.mark.sqlite_only
def test_it_did_not_expire_before_it_came(database):
    do(SERUM)
    with pytest.raises(Invalid, match="before it was received"):
        do(
            ReceiveMaterialLot(
                material="FBS", lot="1", received_on=date(2026, 2, 1), expires_on=date(2026, 1, 1)
            )
        )


@pytest.mark.sqlite_only
def test_a_name_that_two_materials_have_asks_for_the_number(database):
    do(SERUM)
    do(SERUM.model_copy(update={"supplier": "Sigma", "catalogue_number": "F7524"}))
    with pytest.raises(Invalid, match="catalogue number"):
        do(ReceiveMaterialLot(material="FBS", lot="1"))
    with pytest.raises(NotFound):
        do(ReceiveMaterialLot(material="horse serum", lot="1"))
    do(ReceiveMaterialLot(material="F7524", lot="1"))


def test_the_state_of_a_lot_is_changed_with_a_reason(database, cast):
    do(SERUM)
    do(ReceiveMaterialLot(material="FBS", lot="1"))
    change = DecideMaterialLot(code=only(MaterialLot).code, state=MaterialLotState.REJECTED)
    with pytest.raises(NotPermitted):
        do(change, cast.alice, reason="cloudy")
    do(change, cast.carol, reason="cloudy")
    assert only(MaterialLot).state is MaterialLotState.REJECTED


@pytest.mark.sqlite_only
def test_materials_are_kept_with_their_pages(database_url, cast):
    carol = Browser(application(database_url), cast.carol)
    assert "No materials yet" in carol.read("/materials")
    carol.done("/materials/new", kind="serum", name="FBS", supplier="Gibco", catalogue_number="10270")
    carol.done("/materials/lots/new", material="10270", lot="42F", expires_on="1400/01/01", state="accepted")
    page = carol.read("/materials")
    assert "42F" in page
    assert "Expired" in page
    lot = only(MaterialLot)
    assert lot.expires_on == date(2021, 3, 21)
    carol.done(f"/materials/lots/{lot.code}/state", state="used_up", reason="empty")
    assert every(MaterialLot)[0].state is MaterialLotState.USED_UP
    assert "هنوز" not in Browser(carol.app, cast.carol, "fa").read("/materials")
