from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from cellbank.core import clock
from cellbank.core.errors import Invalid, NotFound, Refused
from cellbank.core.ids import Kind, kind_of
from cellbank.domains.equipment.commands import AddEquipment, AddProgramme, RecordCalibration
from cellbank.domains.equipment.models import Calibration, Equipment, EquipmentKind, Programme
from tests.origin import do, every, only
from tests.pages import Browser, application


def calibrated(done, due, *, passed=True):
    do(RecordCalibration(equipment="INC-2", done_on=done, due_on=due, has_passed=passed))
    return only(Equipment).calibration_due_on


def test_the_newest_passed_calibration_says_when_it_is_due(database):
    do(AddEquipment(kind=EquipmentKind.INCUBATOR, name="Incubator 2", code="INC-2"))
    assert calibrated(date(2025, 1, 10), date(2026, 1, 10)) == date(2026, 1, 10)
    assert calibrated(date(2024, 1, 10), date(2025, 1, 10)) == date(2026, 1, 10)  # entered late
    assert calibrated(date(2026, 1, 9), date(2027, 1, 9), passed=False) == date(2026, 1, 10)
    assert len(every(Calibration)) == 3


@pytest.mark.sqlite_only
def test_a_calibration_is_neither_due_before_it_was_done_nor_done_tomorrow(database):
    do(AddEquipment(kind=EquipmentKind.INCUBATOR, name="Incubator 2", code="INC-2"))
    with pytest.raises(Invalid, match="cannot be due again"):
        calibrated(date(2025, 1, 10), date(2025, 1, 10))
    tomorrow = clock.now().date() + timedelta(days=1)
    with pytest.raises(Invalid, match="in the future"):
        calibrated(tomorrow, tomorrow + timedelta(days=365))
    with pytest.raises(NotFound):
        do(RecordCalibration(equipment="INC-9", done_on=date(2025, 1, 1), due_on=date(2026, 1, 1)))


def test_an_instrument_has_one_code(database):
    do(AddEquipment(kind=EquipmentKind.HOOD, name="Hood"))
    assert kind_of(only(Equipment).code) is Kind.EQUIPMENT
    with pytest.raises(Refused, match="already has this code"):
        do(AddEquipment(kind=EquipmentKind.HOOD, name="Hood 2", code=only(Equipment).code))


def test_a_changed_curve_is_the_next_edition(database):
    do(AddProgramme(name="MSC slow", rate_c_per_minute=Decimal(-1), end_c=Decimal("-80.5")))
    do(AddProgramme(name="MSC slow", rate_c_per_minute=Decimal("-0.5")))
    first, second = every(Programme)
    assert (first.edition, first.rate_centi_c_per_minute, first.end_centi_c, first.is_retired) == (
        1,
        -100,
        -8050,
        True,
    )
    assert (second.edition, second.rate_centi_c_per_minute, second.is_retired) == (2, -50, False)


@pytest.mark.sqlite_only
def test_instruments_are_kept_with_their_pages(database_url, cast):
    carol = Browser(application(database_url), cast.carol)
    assert "No instruments yet" in carol.read("/equipment")
    carol.done(
        "/equipment/new", kind="incubator", name="Incubator 2", code="INC-2", calibration_due_on="1400/01/01"
    )
    assert "Calibration is due" in carol.read("/equipment")
    carol.done(
        "/equipment/INC-2/calibrations/new", done_on="1404/10/20", due_on="1406/10/20", has_passed="true"
    )
    carol.done("/equipment/programmes/new", name="MSC slow", rate_c_per_minute="−1")
    assert "Passed" in carol.read("/equipment/INC-2")
    page = carol.read("/equipment")
    assert "Calibration is due" not in page.partition("<tbody")[2]
    assert "MSC slow" in page
    assert carol.get("/equipment/INC-9").status_code == 404
