"""The whole story by pages only: from a donor to a thawed vial and a corrected mistake, in Persian and in English."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pypdfium2
import pytest
import zxingcpp

from tests.journeys.conftest import Person
from tests.journeys.hands import Hands
from tests.journeys.served import Bank

pytestmark = pytest.mark.browser

PLANNED, FILLED = 20, 19


@dataclass
class Told:
    """What the story made so far."""

    locale: str
    donor: str = ""
    donation: str = ""
    line: str = ""
    """Its code."""
    culture: str = ""
    bank: str = ""
    fill_lot: str = ""
    run: str = ""
    codes: tuple[str, ...] = ()
    """The codes of the vials in their order, as read from their printed labels."""

    def vial(self, number: int) -> str:
        return f"{self.bank}-{number:03d}"


@pytest.fixture(scope="module", params=["fa", "en"])
def told(request: pytest.FixtureRequest) -> Told:
    """One story in each language, told through all tests of this module in order."""
    return Told(request.param)


@pytest.fixture
def manager(person: Person, told: Told) -> Hands:
    return person("carol", told.locale)


@pytest.fixture
def technician(person: Person, told: Told) -> Hands:
    return person("alice", told.locale)


@pytest.fixture
def quality(person: Person, told: Told) -> Hands:
    return person("bob", told.locale)


def test_a_donor_gives_consent_and_a_donation(manager: Hands, told: Told) -> None:
    manager.go("/donors")
    manager.follow("Register a donor")
    manager.record(kind="allogeneic", sex="female")
    told.donor = manager.named_last
    manager.follow("Record a consent")
    manager.record(
        form="CF-7", form_version="2", language="fa", given_on="1405/02/01",
        allows_bank_storage=True, allows_research_in_country=True,
    )  # fmt: skip
    assert manager.say("In force") in manager.read("#consents")
    manager.follow("Register a donation")
    manager.record(tissue="Skin", collected="1405/02/03", acceptance="accepted")
    told.donation = manager.named_last
    assert told.donor in manager.read()
    for agent in ("hepatitis_b", "hepatitis_c", "hiv_1_2", "syphilis"):
        manager.follow("Record an infectious result")
        manager.record(agent=agent, status="negative", sampled_on="1405/02/04")
    manager.follow("Decide about eligibility")
    manager.record(eligibility="eligible")
    assert manager.say("Eligible") in manager.read()


def test_a_line_is_derived_and_grown(manager: Hands, technician: Hands, told: Told) -> None:
    manager.go("/lines")
    manager.follow("Register a line")
    name = f"TBZi00{'1' if told.locale == 'fa' else '2'}-A"
    manager.record(name=name, kind="ipsc", donations=told.donation)
    told.line = manager.named_last
    technician.go(f"/lines/{told.line}")
    technician.follow("Start a culture")
    technician.record(passage="p14", vessel="flask", vessels="3")
    told.culture = technician.named_last
    technician.follow("Harvest")
    technician.record(cells="24000000", viability="96")
    assert technician.say("Harvested") in technician.read("#age")


def test_a_master_bank_and_a_filling_of_twenty_are_planned(
    manager: Hands, technician: Hands, told: Told
) -> None:
    manager.go("/banks")
    manager.follow("Plan a bank")
    manager.record(line=told.line, tier="master", cultures=told.culture)
    told.bank = manager.named_last
    assert told.bank.startswith("MCB-")
    technician.go(f"/banks/{told.bank}")
    technician.follow("Plan a filling")
    technician.record(planned=PLANNED)
    told.fill_lot = technician.named_last
    assert technician.page.locator("#vials tbody tr").count() == PLANNED


def test_the_labels_are_printed_and_a_label_can_be_read(technician: Hands, told: Told) -> None:
    technician.go(f"/fill-lots/{told.fill_lot}")
    technician.follow("Print the labels")
    technician.press("Print labels", within="main form[method=post].form")
    assert technician.page.locator(".flash.is-done").count() == 1, technician.read()
    pages = pypdfium2.PdfDocument(io.BytesIO(technician.fetch("Open the file")))
    told.codes = tuple(code for page in pages for code in codes_in_order(page))
    assert len(set(told.codes)) == PLANNED
    technician.go(f"/scan?q={told.codes[0]}")
    assert told.vial(1) in technician.read()


def codes_in_order(page: pypdfium2.PdfPage) -> list[str]:
    """The codes on a sheet, row by row."""
    scale, row_height = 6, 40
    found = zxingcpp.read_barcodes(page.render(scale=scale).to_pil())
    in_order = sorted(found, key=lambda one: (one.position.top_left.y // row_height, one.position.top_left.x))
    return [one.text for one in in_order]


def test_nineteen_of_twenty_are_filled_and_frozen(technician: Hands, bank: Bank, told: Told) -> None:
    technician.go(f"/fill-lots/{told.fill_lot}")
    technician.follow("Start filling")
    technician.record(cryoprotectant="CryoStor CS10")
    technician.follow("Finish filling")
    technician.record(filled=FILLED, volume_ul=1000, cells=1_000_000, viability=95)
    technician.follow("Start a freeze run")
    technician.record(fill_lots=told.fill_lot, container=bank.places.isopropanol)
    told.run = technician.named_last
    technician.follow("Finish the freeze run")
    technician.record(outcome="good")
    technician.go(f"/vials/{told.vial(20)}")
    assert technician.say("Not filled") in technician.read("h1")


def test_they_are_carried_to_minus_eighty_and_on_into_nitrogen(
    technician: Hands, bank: Bank, told: Told
) -> None:
    technician.stand_at_the_station()
    for box in (bank.places.minus_80, bank.places.nitrogen):
        with technician.board_changes():
            technician.named("button", "Move").click()
        technician.scan(box, *told.codes[:FILLED])
        assert technician.page.locator(".is-refused").count() == 0, technician.board
        with technician.board_changes():
            technician.named("button", "Done").click()
    technician.go(f"/vials/{told.vial(FILLED)}")
    assert "Box 12" in technician.read("#where")
    assert technician.say("In its slot") in technician.read("h1")


def test_every_vial_is_accounted_for(technician: Hands, told: Told) -> None:
    technician.go(f"/banks/{told.bank}")
    assert technician.say("Every vial is accounted for.") in technician.read("#balance")
    assert technician.page.locator("#balance .verdict.is-no").count() == 0


def test_a_vial_in_quarantine_is_thawed_for_quality_control_but_not_for_culture(
    technician: Hands, told: Told
) -> None:
    technician.go(f"/vials/{told.codes[0]}")
    thaw(technician, "culture")
    assert technician.page.get_by_role("alert").count() == 1, "quarantine was no wall against use"
    technician.go(f"/vials/{told.codes[0]}")
    thaw(technician, "qc")
    assert technician.say("Thawed") in technician.read("h1")
    technician.follow("Record the outcome")
    technician.record(outcome="low_viability", viability=41)
    assert technician.say("Low viability") in technician.read("#thaw")


def thaw(hands: Hands, purpose: str) -> None:
    hands.page.locator("details.confirm summary").click()
    hands.fill(purpose=purpose)
    hands.press("Thaw it")


def test_a_mistake_is_corrected_with_a_reason_and_the_story_shows_both(manager: Hands, told: Told) -> None:
    manager.go(f"/vials/{told.vial(2)}")
    manager.page.locator("main .page-head details.menu:not(.confirm) summary").last.click()
    manager.follow("Correct the vial's record", within="main .page-head")
    manager.record(volume_ul=900, reason="The pipette was set to 900")
    assert manager.path == f"/vials/{told.vial(2)}"
    assert "900" in manager.read("#whence")
    act = manager.page.locator("#story details").first
    act.locator("summary").click()
    assert "The pipette was set to 900" in act.inner_text()
    before, after = act.locator("del").all_inner_texts(), act.locator("ins").all_inner_texts()
    assert any("1000" in text.translate(LATIN).replace(",", "") for text in before), before
    assert any("900" in text.translate(LATIN) for text in after), after
    both = act.locator("time").first.get_attribute("title")
    assert "140" in both.translate(LATIN), both
    assert "20" in both.translate(LATIN), both


LATIN = str.maketrans("۰۱۲۳۴۵۶۷۸۹٬", "0123456789,")


def test_quality_reads_the_same_story(quality: Hands, told: Told) -> None:
    quality.go(f"/vials/{told.vial(2)}")
    assert "The pipette was set to 900" in quality.read("#story")
    assert quality.complaints == []
