"""What holds for every command of the program."""

from __future__ import annotations

import json
import re

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core import work
from cellbank.core.actor import BANK_ID, SYSTEM_ID, Actor
from cellbank.core.engine import Database
from cellbank.core.errors import NotPermitted
from cellbank.core.journal import Change, Event, OutcomeKind
from cellbank.domains.accounts.roles import SIGN_IN, every_permission
from cellbank.toolkit.html.forms import fields_of
from cellbank.toolkit.i18n.catalogue import Reader, installed
from tests.contracts.instances import every_command, example

COMMANDS = every_command()
THE_PROGRAMS_OWN = {SIGN_IN, "bank.found"}
"""Permissions that no role gives: acts that the program does for itself."""

each = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)


def test_there_are_commands() -> None:
    assert len(COMMANDS) > 50


@each
def test_it_says_what_it_is(command) -> None:
    assert (command.__doc__ or "").strip(), "a sentence a biologist understands"
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*", command.records), "noun.past_tense"
    assert command.label == command.label.strip() != ""
    assert command.label[0].isupper()


@each
def test_its_permission_is_one_that_a_role_gives(command) -> None:
    assert command.permission in every_permission() | THE_PROGRAMS_OWN
    if command.permission in THE_PROGRAMS_OWN:
        assert not command.is_open_to_api


@each
def test_its_button_is_written_in_persian_too(command) -> None:
    persian = installed().persian.get(command.label, "")
    assert re.search("[؀-ۿ]", persian), f"no Persian for {command.label!r}"


@each
def test_its_form_asks_in_words(command) -> None:
    """Whatever a person is asked has a label of its own, not the name of a variable."""
    for field in fields_of(command):
        assert "_" not in field.label, field.name


@each
def test_it_goes_through_json_and_back_unchanged(command) -> None:
    made = example(command)
    sent = json.dumps(made.model_dump(mode="json"))
    again = command.model_validate_json(sent, strict=True)
    assert again == made
    assert again.fingerprint() == made.fingerprint()
    assert json.loads(made.journalled()).keys() == json.loads(sent).keys()


@each
def test_it_cannot_be_changed_once_asked(command) -> None:
    made = example(command)
    for name in command.model_fields:
        with pytest.raises(ValueError, match="frozen"):
            setattr(made, name, None)


@each
def test_it_takes_nothing_it_does_not_know(command) -> None:
    body = {**example(command).model_dump(mode="json"), "is_harmless": True}
    with pytest.raises(ValueError, match="is_harmless"):
        command.model_validate_json(json.dumps(body))


def test_each_refuses_whoever_may_not_and_keeps_the_attempt(database: Database) -> None:
    nobody = Actor(principal_id=SYSTEM_ID, organisation_id=BANK_ID, name="nobody", roles=("viewer",))
    with Session(database.read) as db:
        before = db.scalar(sa.select(sa.func.max(Change.seq)))
    for command in COMMANDS:
        with pytest.raises(NotPermitted) as refused:
            work.perform(example(command), nobody, key=f"try-{command.__name__}", reason="to see")
        assert Reader("fa").say(refused.value.message)
    with Session(database.read) as db:
        tried = db.scalars(sa.select(Event).where(Event.key.like("try-%"))).all()
        after = db.scalar(sa.select(sa.func.max(Change.seq)))
    assert {event.key: (event.name, event.outcome) for event in tried} == {
        f"try-{command.__name__}": (command.records, OutcomeKind.REFUSED) for command in COMMANDS
    }
    assert after == before, "what was refused has changed something"


def test_no_two_undoable_commands_record_the_same_event() -> None:
    """An event is undone by the command that records it: there must be one."""
    undoable = [command.records for command in COMMANDS if command.is_undoable]
    assert len(undoable) == len(set(undoable))
