"""What a scan means: context, then object; never two things at once, and nothing by accident."""

from __future__ import annotations

import pytest

from cellbank.domains.bench.steps import Ask, Context, Scanned, Thing, next_step
from cellbank.toolkit.scanning.actions import (
    PURPOSES,
    Action,
    action_code,
    action_of,
    purpose_code,
    purpose_of,
)

VIAL, BOX, RACK = (
    Scanned(Thing.VIAL, "V1", "V1"),
    Scanned(Thing.CONTAINER, "B1"),
    Scanned(Thing.CONTAINER, "R1"),
)
PLACE = Scanned(Thing.PLACE, "C5")


def card(action: Action) -> Scanned:
    return Scanned(Thing.ACTION, action.value)


def after(*scans: Scanned, start: Context | None = None) -> tuple[Context, list[Ask]]:
    context, asked = start or Context(), []
    for scanned in scans:
        step = next_step(context, scanned)
        context = step.context
        asked += [step.ask] if step.ask else []
    return context, asked


def test_without_an_act_a_scan_only_finds() -> None:
    context, asked = after(VIAL, BOX, VIAL, RACK, BOX)
    assert asked == []
    assert context == Context()
    assert next_step(context, VIAL).shows == "V1"


@pytest.mark.parametrize(
    ("scans", "ask"),
    [
        ((VIAL, BOX), Ask("move", "V1", "B1")),
        ((VIAL, PLACE), Ask("move", "V1", "", "C5")),
        ((BOX, VIAL), Ask("move", "V1", "B1")),
        ((BOX, PLACE, VIAL), Ask("move", "V1", "B1", "C5")),
        ((BOX, RACK), Ask("move_container", "B1", "R1")),
        ((BOX, Scanned(Thing.VIAL, "V1", is_unplaced=True)), Ask("place", "V1", "B1")),
        ((BOX, Scanned(Thing.VIAL, "V1", is_out=True)), Ask("put_back", "V1", "B1")),
        ((Scanned(Thing.VIAL, "V1", is_unplaced=True), BOX), Ask("place", "V1", "B1")),
        ((Scanned(Thing.VIAL, "V1", is_out=True), BOX), Ask("put_back", "V1", "B1")),
    ],
)
def test_moving(scans: tuple[Scanned, ...], ask: Ask) -> None:
    context, asked = after(card(Action.MOVE), *scans)
    assert asked == [ask]
    assert context.mode is Action.MOVE  # it stays on


def test_after_a_box_many_vials_go_into_it() -> None:
    _, asked = after(card(Action.MOVE), BOX, VIAL, Scanned(Thing.VIAL, "V2"))
    assert asked == [Ask("move", "V1", "B1"), Ask("move", "V2", "B1")]


def test_taking_out_and_putting_back_commit_at_each_scan() -> None:
    assert after(card(Action.TAKE_OUT), VIAL)[1] == [Ask("take_out", "V1")]
    assert after(card(Action.PUT_BACK), VIAL)[1] == [Ask("put_back", "V1")]
    assert after(card(Action.PUT_BACK), BOX, PLACE, VIAL)[1] == [Ask("put_back", "V1", "B1", "C5")]


def test_nothing_is_thawed_without_a_purpose() -> None:
    context, asked = after(card(Action.THAW), VIAL)
    assert (asked, context.is_blocked) == ([], True)
    assert after(card(Action.THAW), Scanned(Thing.PURPOSE, "qc"), VIAL)[1] == [
        Ask("thaw", "V1", purpose="qc")
    ]


def test_after_a_refusal_nothing_is_accepted_until_ok() -> None:
    blocked, _ = after(card(Action.TAKE_OUT), BOX)
    assert blocked.is_blocked
    for scanned in (VIAL, BOX, PLACE, card(Action.MOVE), card(Action.UNDO), card(Action.DONE)):
        assert next_step(blocked, scanned).is_ignored
    context, asked = after(card(Action.OK), VIAL, start=blocked)
    assert asked == [Ask("take_out", "V1")]
    assert context.mode is Action.TAKE_OUT


def test_cancel_forgets_what_waits_and_done_ends_the_act() -> None:
    waiting, _ = after(card(Action.MOVE), VIAL)
    assert after(card(Action.CANCEL), start=waiting)[0] == Context(mode=Action.MOVE)
    assert after(card(Action.DONE), start=waiting)[0] == Context()


@pytest.mark.parametrize("thing", [Thing.UNKNOWN, Thing.MISREAD, Thing.AMBIGUOUS, Thing.VOID, Thing.OTHER])
def test_what_cannot_be_meant_is_refused_loudly(thing: Thing) -> None:
    step = next_step(Context(mode=Action.MOVE), Scanned(thing))
    assert step.refusal is not None
    assert step.tone == "error"


def test_cards_have_codes_that_never_change() -> None:
    assert [action_of(action_code(action)) for action in Action] == list(Action)
    assert [purpose_of(purpose_code(purpose)) for purpose in PURPOSES] == list(PURPOSES)
    assert action_of(purpose_code("qc")) is None
    assert action_code(Action.FIND) == "CA0000000" + action_code(Action.FIND)[-1]
    assert action_of("CV7K3M9QX2") is None
