"""The pages of the places, asked as a browser asks."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask, g

from cellbank.core import work
from cellbank.core.actor import system_actor
from cellbank.core.errors import CellbankError
from cellbank.domains import registry
from cellbank.domains.storage import views
from cellbank.domains.storage.commands import BlockPlaces, SetAdmissionRule
from cellbank.domains.storage.models import AdmissionRuleKind, ContainerKind
from cellbank.domains.storage.queries import container_by_code, find_containers
from cellbank.domains.vials import views as vial_views
from cellbank.toolkit.html import render as html
from tests.domains.storage.building import KEEPER, a_box, a_room, a_tank, add, container, do
from tests.domains.vials.stock import charlie, some_stock

pytestmark = pytest.mark.sqlite_only


class Visitor:
    """Somebody with a browser."""

    def __init__(self, database):
        self.actor, self.locale = KEEPER, "en"
        self.asked: list[str] = []
        self.app = Flask("cellbank", static_folder=None)
        self.app.config.update(TESTING=True, SECRET_KEY="test")
        html.init_app(self.app, registry.template_folders())
        views.pages.install(self.app)
        vial_views.pages.install(self.app)
        self.app.before_request(self._sign_in)
        self.app.register_error_handler(CellbankError, lambda error: (str(error), error.status))
        self.client = self.app.test_client()
        sa.event.listen(database.read, "before_cursor_execute", lambda *a: self.asked.append(a[2]))

    def _sign_in(self):
        g.actor, g.locale, g.csrf_token, g.zone = self.actor, self.locale, "token", "Asia/Tehran"

    def get(self, url, status=200):
        self.asked.clear()
        answer = self.client.get(url)
        assert answer.status_code == status, answer.text
        return answer.text

    def post(self, url, status=303, **form):
        answer = self.client.post(url, data={"csrf_token": "token", "key": work.new_key(), **form})
        assert answer.status_code == status, answer.text
        return answer

    def statements(self):
        return [s for s in self.asked if s.startswith(("SELECT", "WITH"))]


@pytest.fixture
def visitor(database):
    registry.load_commands()
    return Visitor(database)


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_an_empty_bank_teaches_the_first_step(visitor):
    page = visitor.get("/storage")
    assert "No place yet" in page
    assert "/sites/new" in page
    visitor.actor = system_actor("storage.read")
    assert "/sites/new" not in visitor.get("/storage")


def test_a_building_is_made_by_forms_alone(visitor):
    visitor.post("/sites/new", code="tbz", name="Tabriz", zone="Asia/Tehran", segregation="physical")
    visitor.post("/sites/TBZ/rooms/new", name="Cryo 1")
    room = re.search(r"/rooms/([0-9a-f-]{36})/containers/new", visitor.get("/storage"))
    assert "Nitrogen tank" in visitor.get(room[0])
    answer = visitor.post(
        room[0],
        kind="tank",
        count="1",
        names="Tank 3",
        layout="stack",
        capacity="۶",
        inner_count="0",
        inner_layout="grid_9x9",
        condition="vapour",
    )
    assert "Nothing stands in it yet" in visitor.get(answer.location)
    visitor.post(
        f"{answer.location}/containers/new",
        kind="rack",
        count="2",
        names="Rack [A]",
        layout="stack",
        inner_kind="box",
        inner_count="3",
        inner_names="Box [01]",
        inner_layout="grid_9x9",
    )
    page = text_of(visitor.get(answer.location))
    assert "Rack A" in page
    assert page.count("Box 03") == 2
    assert "Nitrogen vapour" in page
    assert "0 / 486" in text_of(visitor.get("/storage"))


def test_what_was_typed_stays_when_it_is_refused(visitor):
    tank = a_tank(a_room(), places=2)
    answer = visitor.post(
        f"/containers/{tank}/containers/new",
        status=409,
        kind="rack",
        count="3",
        names="Rack [A]",
        layout="none",
        inner_count="0",
        inner_layout="grid_9x9",
    )
    assert "has no room for" in text_of(answer.text)
    assert 'value="Rack [A]"' in answer.text
    answer = visitor.post(
        f"/containers/{tank}/containers/new", status=422, kind="rack", count="999", names="R [1]"
    )
    assert "too large" in text_of(answer.text)


def test_a_freezer_shows_its_racks_as_they_hang_with_free_levels(visitor):
    tank = a_tank(a_room())
    rack = add(ContainerKind.RACK, "Rack B", parent=tank, layout="stack", capacity=3)[0]
    a_box(rack, "Box 12", first_place="2")
    do(BlockPlaces(code=rack, places="3", because="bent"))
    page = text_of(visitor.get(f"/containers/{tank}"))
    assert "TabrizCryo 1Tank 3" in page
    assert re.search(r"Rack B 1 ?Free ?2 ?Box 12", page), page
    rack_page = text_of(visitor.get(f"/containers/{rack}"))
    assert "bent" in rack_page
    assert len(visitor.statements()) <= 8


def test_a_box_is_a_map_with_its_blocked_places(visitor):
    box = a_box(a_tank(a_room()))
    do(BlockPlaces(code=box, places="B2", because="cracked"))
    page = visitor.get(f"/containers/{box.lower()}")
    assert page.count('class="slot is-free"') == 80
    assert 'data-slot="B2" title="B2: Blocked: cracked"' in page
    assert "80 free places" in text_of(page)
    assert len(visitor.statements()) <= 12
    visitor.post(f"/containers/{box}/blocks/end", places="B2")
    assert visitor.get(f"/containers/{box}").count('class="slot is-free"') == 81
    answer = visitor.post(f"/containers/{box}/blocks/end", status=409, places="B2")
    assert "is not blocked" in text_of(answer.text)


def test_two_boxes_lie_side_by_side(visitor):
    tank = a_tank(a_room())
    one, two = a_box(tank, "Box 1"), a_box(tank, "Box 2")
    page = visitor.get(f"/containers/{one}?beside={two}")
    assert page.count("data-box-map") == 2
    assert f'data-box="{two}"' in page
    assert len(visitor.statements()) <= 12
    visitor.get(f"/containers/{one}?beside=CBAAAAAAAA", status=404)


def test_a_box_is_printed(visitor):
    page = visitor.get(f"/containers/{a_box(a_tank(a_room()))}/map")
    assert page.count('class="slot is-free"') == 81


@pytest.mark.parametrize(
    ("act", "form", "sign"),
    [
        ("name", {"name": "MCB 7"}, "MCB 7"),
        ("condition", {"condition": "minus_80", "max_stay_minutes": "30", "reason": "moved"}, "−80 °C"),
        ("blocks/new", {"places": "A1-A3", "because": "iced up"}, "iced up"),
        ("rules/new", {"kind": "tier", "admits": "master", "reason": "SOP"}, "Master cell bank"),
        ("retirement", {"reason": "lid broken"}, "Retired"),
        (
            "layout",
            {"arrangement": "grid", "rows": "10", "columns": "10", "row_labels": "letters", "column_labels": "numbers",
             "fill_order": "column_first", "counted_from": "top", "reason": "it is a 10 × 10"},
            "100 free places",
        ),
    ],
)  # fmt: skip
def test_each_act_on_a_box_has_its_form(visitor, act, form, sign):
    box = a_box(a_tank(a_room()))
    page = visitor.get(f"/containers/{box}/{act}")
    saw = re.findall(r'name="seen" value="([^"]+)"', page)
    assert "Box 12" in page
    answer = visitor.post(f"/containers/{box}/{act}", seen=saw, **form)
    assert sign in text_of(visitor.get(answer.location))


def test_a_rule_is_ended_from_its_box_and_an_inherited_one_only_shown(visitor):
    tank = a_tank(a_room())
    box = a_box(tank)
    do(SetAdmissionRule(code=tank, kind=AdmissionRuleKind.TIER, admits="master"), reason="SOP")
    assert "inherited from Tank 3" in text_of(visitor.get(f"/containers/{box}"))
    link = re.search(rf'/containers/{tank}/rules/end\?[^"]+', visitor.get(f"/containers/{tank}"))[0]
    assert "Bank tier" in visitor.get(link.replace("&amp;", "&"))
    visitor.post(f"/containers/{tank}/rules/end", kind="tier", reason="shared now")
    assert "inherited" not in visitor.get(f"/containers/{box}")


def test_a_site_and_a_room_are_corrected_from_the_first_page(visitor):
    room = a_room()
    page = visitor.get("/storage")
    assert "/sites/TBZ" in page
    form = visitor.get("/sites/TBZ")
    assert 'value="08:00"' in form
    visitor.post(
        "/sites/TBZ",
        seen=re.findall(r'name="seen" value="([^"]+)"', form),
        name="Tabriz North",
        zone="Asia/Tehran",
        segregation="physical",
        label_calendar="jalali",
        weekend="friday",
        works_from="07:00",
        works_until="15:00",
        late_after_minutes="60",
        context_minutes="15",
        reason="there are two",
    )
    assert "Cryo 1" in visitor.get(f"/rooms/{room}")
    visitor.post(f"/rooms/{room}", name="Cryo 7")
    page = visitor.get("/storage")
    assert "Tabriz North" in page
    assert "Cryo 7" in page


def test_free_places_together_are_found(visitor):
    tank = a_tank(a_room())
    a_box(tank)
    page = text_of(visitor.get("/storage/free?n=۲۰"))
    assert "Tank 3 › Box 12" in page
    assert "A1 – C2" in page
    assert "No box has so many" in visitor.get(f"/storage/free?n=90&under={tank}")
    assert "Write a whole number" in visitor.get("/storage/free?n=many")
    visitor.get("/storage/free")


def test_a_search_finds_containers_with_their_paths(visitor):
    tank = a_tank(a_room())
    box = a_box(tank)
    assert "Tabriz › Cryo 1 › Tank 3 › Box 12" in visitor.get("/storage?q=box")
    assert "Box 12" in visitor.get(f"/containers/{tank}?q=BOX-12")
    assert "Nothing is called" in text_of(visitor.get("/storage?q=%3Cb%3E"))
    answer = visitor.client.get(f"/containers/find?q={box}")
    assert answer.location == f"/containers/{box}"


def test_every_page_speaks_persian(visitor):
    tank = a_tank(a_room())
    box = a_box(tank)
    visitor.locale = "fa"
    for url in (
        "/storage",
        f"/containers/{tank}",
        f"/containers/{box}",
        f"/containers/{box}/layout",
        "/storage/free?n=3",
    ):
        page = visitor.get(url)
        assert 'dir="rtl"' in page
        assert not re.search(r"Add|Find|Blocked|Code|Kind|Rows", text_of(page)), (url, text_of(page))
    assert "تبریز" in visitor.get(f"/containers/{box}")


def test_who_may_only_read_sees_no_act(visitor):
    box = a_box(a_tank(a_room()))
    visitor.actor = system_actor("storage.read")
    page = visitor.get(f"/containers/{box}")
    assert "/retirement" not in page
    assert "/blocks/" not in page
    visitor.get(f"/containers/{box}/name", status=403)
    visitor.actor = system_actor()
    visitor.get(f"/containers/{box}", status=403)
    visitor.actor = replace(KEEPER)
    visitor.get("/containers/CBAAAAAAAA", status=404)


def test_a_name_never_becomes_markup(visitor):
    box = a_box(a_tank(a_room()), "<script>alert(1)</script>")
    assert "<script>alert" not in visitor.get(f"/containers/{box}")
    with work.reading(KEEPER) as db:
        assert (
            find_containers(db, "<script")[0].code == container_by_code(db, box).code == container(box).code
        )


def test_a_box_shows_its_vials_and_hides_whose_the_others_are(visitor):
    tank = a_tank(a_room())
    box = a_box(tank)
    stock = some_stock(3, box=box)
    page = visitor.get(f"/containers/{box}")
    assert page.count('class="slot is-stored') == 3
    assert f'href="/vials/{stock.codes[0]}"' in page
    assert "3 vials" in text_of(page)
    assert "78 free places" in text_of(page)
    assert len(visitor.statements()) <= 12
    assert "3 / 81" in text_of(visitor.get("/storage"))
    assert stock.vials[2] in visitor.get(f"/containers/{box}/map")
    do(SetAdmissionRule(code=tank, kind=AdmissionRuleKind.OWNER, admits="CCB"), reason="the bank's own")
    visitor.actor = charlie("Other", "storage.read")
    for url in (f"/containers/{box}", f"/containers/{box}/map", f"/containers/{tank}", "/storage"):
        page = visitor.get(url)
        assert not re.search("|".join((*stock.vials, *stock.codes, stock.bank, "CCB")), page), url
    page = visitor.get(f"/containers/{box}")
    assert page.count('class="slot is-occupied"') == 3
    assert "another organisation" in page
    assert "3 / 81" in text_of(visitor.get("/storage"))


def test_a_box_with_a_vial_is_neither_retired_nor_redrawn_nor_blocked_there(visitor):
    box = a_box(a_tank(a_room()))
    some_stock(1, box=box)
    for act, form in (
        ("retirement", {"reason": "old"}),
        ("blocks/new", {"places": "A1", "because": "cracked"}),
        (
            "layout",
            {
                "arrangement": "grid",
                "rows": "8",
                "columns": "12",
                "row_labels": "letters",
                "column_labels": "numbers",
                "fill_order": "row_first",
                "counted_from": "top",
                "reason": "it is an SBS rack",
            },
        ),
    ):
        answer = visitor.post(f"/containers/{box}/{act}", status=409, **form)
        assert re.search("still holds|is taken by|cannot be redrawn", text_of(answer.text)), act


def test_a_vial_is_moved_on_the_map_to_the_box_beside(visitor):
    tank = a_tank(a_room())
    one, two = a_box(tank, "Box 1"), a_box(tank, "Box 2")
    stock = some_stock(2, box=one)
    assert "data-move" not in visitor.get(f"/containers/{one}")
    visitor.actor = system_actor("storage.read", "vials.move", "vials.read")
    page = visitor.get(f"/containers/{one}?beside={two}")
    form = re.search(r"<form[^>]*data-move.*?</form>", page, re.DOTALL)[0]
    hidden = dict(re.findall(r'name="(shown|beside)" value="([^"]*)"', form))
    answer = visitor.post("/moves", vial=stock.codes[0], box=two, slot="C5", **hidden)
    assert answer.location == f"/containers/{one}?beside={two}"
    page = visitor.get(answer.location)
    assert re.search(rf'data-slot="C5" data-code="{stock.codes[0]}"', page)
    assert "is now at" in text_of(page)
    answer = visitor.post("/moves", status=409, vial=stock.codes[1], box=two, slot="C5", **hidden)
    assert "C5" in text_of(answer.text)


def test_a_box_is_moved_to_another_rack_from_its_page(visitor):
    tank = a_tank(a_room())
    rack = add(ContainerKind.RACK, "Rack B", parent=tank, layout="stack", capacity=3)[0]
    box = a_box(tank)
    assert "/moves" not in visitor.get(f"/containers/{box}")
    visitor.actor = system_actor("storage.read", "vials.move")
    assert f"/containers/{box}/moves" in visitor.get(f"/containers/{box}")
    form = visitor.get(f"/containers/{box}/moves")
    saw = re.findall(r'name="seen" value="([^"]+)"', form)
    answer = visitor.post(f"/containers/{box}/moves", into=rack, place="2", seen=saw)
    assert "Rack B" in text_of(visitor.get(answer.location))
    assert container(box).parent_position == 2
    visitor.post(f"/containers/{rack}/moves", status=409, into=rack, place="1")


def test_programs_read_levels_and_places(visitor):
    tank = a_tank(a_room())
    box = a_box(tank)
    stock = some_stock(2, box=box)
    do(BlockPlaces(code=box, places="A3", because="cracked"))
    visitor.app.test_request_context().push()
    (level,) = views.storage(KEEPER).containers
    assert (level.name, level.site, level.room, level.used, level.places) == (
        "Tank 3",
        "TBZ",
        "Cryo 1",
        2,
        80,
    )
    read = views.container_out(KEEPER, box)
    assert read.path == ["Tabriz", "Cryo 1", "Tank 3", "Box 12"]
    assert [(p.place, p.state, p.vial) for p in read.taken] == [
        ("A1", "stored", stock.vials[0]),
        ("A2", "stored", stock.vials[1]),
        ("A3", "blocked", None),
    ]
    assert (read.free[0], len(read.free), read.used) == ("A4", 78, 2)
    assert views.container_out(KEEPER, tank).containers == [box]
    theirs = views.container_out(charlie("Other", "storage.read"), box)
    assert [(p.state, p.vial, p.code) for p in theirs.taken[:2]] == [("occupied", None, None)] * 2
