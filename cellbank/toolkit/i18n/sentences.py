"""Why a typed or scanned text was refused, as sentences for the person who typed it."""

from __future__ import annotations

from typing import Final

from cellbank.core.errors import Message
from cellbank.core.ids import Fault, WrongCode
from cellbank.toolkit.i18n.bidi import Code
from cellbank.toolkit.i18n.calendars import DateFault, WrongDate

NATIONAL_CODE: Final = Message(
    "This is an Iranian national code. It identifies a person, so it may not be kept here: use the code that"
    " the bank gave the donor."
)

_CODE: Final = {
    Fault.LENGTH: Message("This is not one of the bank's codes: they have 10 characters."),
    Fault.ALPHABET: Message("This code has a character that the bank's codes never have: {text}"),
    Fault.CHECK_CHARACTER: Message(
        "This code was misread or mistyped, its check character does not fit: {text}"
    ),
    Fault.KIND: Message("The bank has no kind of thing with this code: {text}"),
}

_DATE: Final = {
    DateFault.SHAPE: Message("This is not a date: {text}. Write it like {example}."),
    DateFault.NO_SUCH_DAY: Message("The calendar has no such day: {text}"),
    DateFault.YEAR: Message(
        "This year is not in the calendar you chose: {text}. Write four digits, like {example}."
    ),
}


def why_not_a_code(wrong: WrongCode) -> Message:
    """The sentence that says why a text is not one of the bank's codes."""
    sentence = _CODE[wrong.reason]
    return sentence if wrong.reason is Fault.LENGTH else Message(sentence.id, {"text": Code(wrong.text)})


def why_not_a_date(wrong: WrongDate, example: str = "1405/03/12") -> Message:
    """The sentence that says why a text is not a date; the example is written in the reader's calendar."""
    values = {"text": Code(wrong.text), "example": Code(example)}
    sentence = _DATE[wrong.reason]
    return Message(sentence.id, {name: values[name] for name in values if f"{{{name}}}" in sentence.id})
