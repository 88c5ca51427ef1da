"""The verdict as a resource for programs: the same answer as on the vial's page."""

from __future__ import annotations

from pydantic import BaseModel

from cellbank.core.actor import Actor
from cellbank.core.errors import Message
from cellbank.core.work import reading
from cellbank.domains.quality.views.here import resources
from cellbank.domains.vials.models import IntendedUse
from cellbank.domains.vials.queries import vial_by_code
from cellbank.domains.vials.verdicts import Answer, State, verdicts
from cellbank.toolkit.html import words
from cellbank.toolkit.i18n.bidi import strip_isolates
from cellbank.toolkit.i18n.catalogue import format_message


class ReasonOut(BaseModel):
    """A sentence in the reader's language, its id and its values."""

    text: str
    message: str
    values: dict[str, str]


class AnswerOut(BaseModel):
    """Whether it may be used for something, why, and what to do if not."""

    is_allowed: bool
    reasons: list[ReasonOut]
    todo: ReasonOut | None


class VerdictOut(BaseModel):
    """Whether a vial may be used, and for what."""

    vial: str
    state: State
    allows_qc: bool
    uses: dict[IntendedUse, AnswerOut]


@resources.resource("/vials/<code>/verdict", permission="vials.read", returns=VerdictOut)
def verdict(actor: Actor, code: str) -> VerdictOut:
    """Whether a vial may be used, and for what."""
    with reading(actor) as db:
        vial = vial_by_code(db, code)
        found = verdicts(db, [vial.id])[vial.id]
    return VerdictOut(
        vial=vial.name,
        state=found.state,
        allows_qc=found.allows_qc,
        uses={use: _answer(answer) for use, answer in found.uses.items()},
    )


def _answer(answer: Answer) -> AnswerOut:
    return AnswerOut(
        is_allowed=answer.is_allowed,
        reasons=[_reason(reason) for reason in answer.reasons],
        todo=_reason(answer.todo) if answer.todo is not None else None,
    )


def _reason(message: Message) -> ReasonOut:
    text = format_message(message.id, message.values, words.locale(), calendar=words.calendar())
    values = {name: str(value) for name, value in message.values.items()}
    return ReasonOut(text=strip_isolates(text), message=message.id, values=values)
