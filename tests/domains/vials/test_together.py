"""Many clients at once: one wins, the others are told who did, nothing is lost and nobody sees a deadlock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core import work
from cellbank.core.engine import Database, connect
from cellbank.core.errors import CellbankError, Conflict, Refused
from cellbank.core.journal import Event, OutcomeKind
from cellbank.domains.storage.models import ContainerKind
from cellbank.domains.vials.commands import MoveContainer, MoveVials, TakeOut, ThawVials, To
from cellbank.domains.vials.models import Placement, ThawPurpose, Vial, VialState
from tests.domains.vials.stock import STAFF, do, some_box, some_stock, vial_of, where


@pytest.fixture
def wide(database: Database, database_url: str) -> Any:
    """The same bank with room for many clients."""
    made = connect(database_url, threads=16)
    work.use(made)
    yield made
    work.use(database)
    made.close()


def at_once(acts: Sequence[Callable[[], Any]], clients: int = 16) -> list[Any]:
    """Every act's answer or what it raised; the first ``clients`` start together."""
    gate = threading.Barrier(min(clients, len(acts)), timeout=30)
    waiting = threading.Semaphore(gate.parties)

    def run(act: Callable[[], Any]) -> Any:
        if waiting.acquire(blocking=False):
            gate.wait()
        try:
            return act()
        except CellbankError as error:
            return error

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(run, acts))


def mover(vial: str, box: str, place: str = "") -> Callable[[], Event]:
    return lambda: do(MoveVials(moves=(To(vial=vial, container=box, place=place),)))


def done(answers: Sequence[Any]) -> list[Event]:
    return [answer for answer in answers if isinstance(answer, Event)]


@pytest.mark.parametrize("clients", [2, 16])
def test_many_vials_into_one_place_and_one_wins(wide: Database, clients: int) -> None:
    stock, box = some_stock(clients), some_box()
    answers = at_once([mover(code, box, "A1") for code in stock.codes], clients)
    (won,) = done(answers)
    here = where(wide)
    (winner,) = [name for name, place in here.items() if place == (box, 1)]
    for answer in answers:
        if answer is not won:
            assert isinstance(answer, Refused), answer
            assert f"is taken by {winner}" in str(answer)
    assert len(here) == clients


def test_one_vial_into_two_places_and_it_is_in_one(wide: Database) -> None:
    stock, boxes = some_stock(1), [some_box(), some_box()]
    answers = at_once([mover(stock.codes[0], box, "A1") for box in boxes])
    assert all(isinstance(answer, (Event, Refused, Conflict)) for answer in answers)
    with Session(wide.read) as db:
        stays = db.scalars(sa.select(Placement).where(Placement.vial_id == stock.keys[0])).all()
    assert [stay.ended_by is None for stay in stays].count(True) == 1
    assert len(stays) == 1 + len(done(answers))  # whoever came second moved it on, knowingly


def test_a_hundred_clients_ask_for_the_next_free_place(wide: Database) -> None:
    stock, box = some_stock(81), some_box(rows=10, columns=10)
    answers = at_once([mover(code, box) for code in stock.codes], 16)
    assert [answer for answer in answers if not isinstance(answer, Event)] == []
    assert sorted(position or 0 for _, position in where(wide).values()) == list(range(1, 82))


def test_the_same_scan_fifty_times_is_one_act(wide: Database) -> None:
    stock, box = some_stock(1), some_box()
    command = MoveVials(moves=(To(vial=stock.codes[0], container=box, place="C5"),))
    answers = at_once([lambda: work.perform(command, STAFF, key="scan-1")] * 50)
    assert {answer.seq for answer in answers} == {answers[0].seq}
    with Session(wide.read) as db:
        assert db.scalar(sa.select(sa.func.count()).where(Event.key == "scan-1")) == 1
    other = MoveVials(moves=(To(vial=stock.codes[0], container=box, place="C6"),))
    with pytest.raises(Conflict, match="already used for something else"):
        work.perform(other, STAFF, key="scan-1")


def test_after_a_lost_answer_the_retry_gets_the_same_event(wide: Database, database_url: str) -> None:
    stock, box = some_stock(1), some_box()
    command = MoveVials(moves=(To(vial=stock.codes[0], container=box, place="C5"),))
    first = work.perform(command, STAFF, key="scan-1")
    again = connect(database_url)  # the program was started anew meanwhile
    work.use(again)
    try:
        assert work.perform(command, STAFF, key="scan-1").id == first.id
    finally:
        work.use(wide)
        again.close()


def test_a_save_over_a_newer_state_is_told(wide: Database) -> None:
    stock = some_stock(1)
    saw = {f"vial:{stock.keys[0].hex}": vial_of(wide, stock.vials[0]).version}
    do(TakeOut(vials=stock.codes), seen=saw)
    with pytest.raises(Conflict):
        do(ThawVials(vials=stock.codes, purpose=ThawPurpose.QC), seen=saw)
    assert vial_of(wide, stock.vials[0]).state is VialState.OUT


def test_two_boxes_of_vials_change_places_again_and_again(wide: Database) -> None:
    one, two = some_stock(8), some_stock(8)

    def swap(first: tuple[str, str], second: tuple[str, str]) -> Callable[[], Event]:
        moves = (
            To(vial=first[0], container=two.box, place=first[1]),
            To(vial=second[0], container=one.box, place=second[1]),
        )
        return lambda: do(MoveVials(moves=moves))

    acts = []
    for turn in range(40):
        a, b = one.codes[turn % 8], two.codes[turn * 3 % 8]
        first, second = (a, f"{'BCDEF'[turn % 5]}1"), (b, f"{'BCDEF'[turn % 5]}2")
        acts.append(swap(first, second) if turn % 2 else swap((b, first[1]), (a, second[1])))
    answers = at_once(acts)
    assert all(isinstance(answer, (Event, Refused)) for answer in answers), answers
    assert done(answers)
    here = where(wide)
    assert len(here) == 16
    assert len(set(here.values())) == 16


def test_two_boxes_swap_racks_without_a_deadlock(wide: Database) -> None:
    racks = [some_box(kind=ContainerKind.RACK, rows=5, columns=1) for _ in range(2)]
    boxes = [some_box() for _ in range(2)]
    for box, rack in zip(boxes, racks, strict=True):
        do(MoveContainer(container=box, into=rack, place="A1"))
    acts = [
        lambda box=boxes[turn % 2], rack=racks[turn // 2 % 2]: do(MoveContainer(container=box, into=rack))
        for turn in range(40)
    ]
    answers = at_once(acts)
    assert all(isinstance(answer, (Event, Refused)) for answer in answers), answers


def test_the_last_vials_are_thawed_once(wide: Database) -> None:
    stock = some_stock(5, floor_stock=2)
    acts = [
        lambda code=code: do(ThawVials(vials=(code,), purpose=ThawPurpose.CULTURE))
        for code in stock.codes * 2
    ]
    answers = at_once(acts)
    assert len(done(answers)) == 3  # two are for a manager
    assert all(isinstance(answer, (Event, Refused)) for answer in answers), answers
    with Session(wide.read) as db:
        left = db.scalar(sa.select(sa.func.count()).select_from(Vial).where(Vial.state == VialState.STORED))
        refused = db.scalar(sa.select(sa.func.count()).where(Event.outcome == OutcomeKind.REFUSED))
    assert (left, refused) == (2, 7)
