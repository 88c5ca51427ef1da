"""Whatever is done with a few vials, the bank agrees with a model that fits on one page."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cellbank.core import work
from cellbank.core.engine import Database
from cellbank.core.errors import Refused
from cellbank.core.undo import undo
from cellbank.domains.vials import queries
from cellbank.domains.vials.commands import Back, MoveVials, PutBack, TakeOut, ThawVials, To
from cellbank.domains.vials.models import ThawPurpose, Vial
from tests.domains.vials.stock import STAFF, do, some_box, some_stock

VIALS, PLACES = 4, ("A1", "A2", "B1", "B2")
vials = st.integers(0, VIALS - 1)
boxes = st.integers(0, 1)
places = st.sampled_from(PLACES)
Spot = tuple[int, str]


class Vials(RuleBasedStateMachine):
    """Two boxes of four places, four vials; each act either happens in both, or is refused in both."""

    database: Database

    @initialize()
    def begin(self) -> None:
        """Four vials in the first box."""
        self.boxes = [some_box(rows=2, columns=2) for _ in range(2)]
        self.stock = some_stock(VIALS, box=self.boxes[0])
        self.state = ["stored"] * VIALS
        self.home: list[Spot | None] = [(0, place) for place in PLACES]
        self.last: Any = None  # (event, state before, homes before)

    def act(self, command: Any, *, is_allowed: bool) -> bool:
        """Ask for it; the bank must agree with the model whether it is allowed."""
        before = (list(self.state), list(self.home))
        try:
            event = do(command)
        except Refused:
            assert not is_allowed, command
            return False
        assert is_allowed, command
        self.last = (event, *before)
        return True

    def is_free(self, spot: Spot, *, leaving: set[int]) -> bool:
        """Whether no vial that stays has this place."""
        return all(self.home[v] != spot for v in range(VIALS) if v not in leaving)

    @rule(vial=vials, box=boxes, place=places)
    def move(self, vial: int, box: int, place: str) -> None:
        """One vial to a place."""
        spot = (box, place)
        is_allowed = (
            self.state[vial] == "stored" and self.home[vial] != spot and self.is_free(spot, leaving={vial})
        )
        to = To(vial=self.stock.codes[vial], container=self.boxes[box], place=place)
        if self.act(MoveVials(moves=(to,)), is_allowed=is_allowed):
            self.home[vial] = spot

    @rule(one=vials, two=vials)
    def swap(self, one: int, two: int) -> None:
        """Two vials change places in one act."""
        first, second = self.home[one], self.home[two]
        if one == two or first is None or second is None:
            return
        moves = []
        for vial, (box, place) in ((one, second), (two, first)):
            moves.append(To(vial=self.stock.codes[vial], container=self.boxes[box], place=place))
        is_allowed = self.state[one] == self.state[two] == "stored"
        if self.act(MoveVials(moves=tuple(moves)), is_allowed=is_allowed):
            self.home[one], self.home[two] = self.home[two], self.home[one]

    @rule(vial=vials)
    def take_out(self, vial: int) -> None:
        """Out; the place stays reserved."""
        if self.act(TakeOut(vials=(self.stock.codes[vial],)), is_allowed=self.state[vial] == "stored"):
            self.state[vial] = "out"

    @rule(vial=vials)
    def put_back(self, vial: int) -> None:
        """Into its own place."""
        back = Back(vial=self.stock.codes[vial])
        if self.act(PutBack(vials=(back,)), is_allowed=self.state[vial] == "out"):
            self.state[vial] = "stored"

    @rule(vial=vials, box=boxes, place=places)
    def put_back_elsewhere(self, vial: int, box: int, place: str) -> None:
        """Into another place."""
        spot = (box, place)
        is_allowed = self.state[vial] == "out" and self.is_free(spot, leaving={vial})
        back = Back(vial=self.stock.codes[vial], container=self.boxes[box], place=place)
        if self.act(PutBack(vials=(back,)), is_allowed=is_allowed):
            self.state[vial], self.home[vial] = "stored", spot

    @rule(vial=vials)
    def thaw(self, vial: int) -> None:
        """Gone for good."""
        command = ThawVials(vials=(self.stock.codes[vial],), purpose=ThawPurpose.CULTURE)
        if self.act(command, is_allowed=self.state[vial] in ("stored", "out")):
            self.state[vial], self.home[vial] = "gone", None

    @rule()
    def undo_last(self) -> None:
        """The last act never happened; a put-back becomes out again, in the place it is in now."""
        if self.last is None:
            return
        event, state, home = self.last
        self.last = None
        undo(event.id, STAFF, key=work.new_key())
        self.home = self.home if event.name == "vials.put_back" else home
        self.state = state

    @invariant()
    def the_bank_agrees(self) -> None:
        """States and places are the model's; no place has two vials; whatever is out runs."""
        if not hasattr(self, "stock"):
            return
        with work.reading(STAFF) as db:
            homes = queries.where_is(db, self.stock.keys)
            for number, key in enumerate(self.stock.keys):
                vial, where = db.get_one(Vial, key), homes.get(key)
                spot = (self.boxes.index(where.container.code), where.place) if where else None
                assert (vial.state.value, spot) == (self.state[number], self.home[number])
                assert (vial.out_at is not None) == (self.state[number] == "out")
            mine = {one.vial.id for one in queries.out_now(db)} & set(self.stock.keys)
        assert mine == {key for number, key in enumerate(self.stock.keys) if self.state[number] == "out"}


def test_the_bank_agrees_with_the_model(database: Database) -> None:
    run_state_machine_as_test(
        Vials,
        settings=settings(
            max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
