"""Every reason to refuse a typed text has its sentence, in both languages, complete with its values."""

from __future__ import annotations

import pytest

from cellbank.core.errors import Message
from cellbank.core.ids import Fault, WrongCode
from cellbank.toolkit.i18n import catalogue, extract, sentences
from cellbank.toolkit.i18n.calendars import DateFault, WrongDate

MESSAGES = [
    *(sentences.why_not_a_code(WrongCode("CV7K", fault)) for fault in Fault),
    *(sentences.why_not_a_date(WrongDate("1404/12/30", fault)) for fault in DateFault),
    sentences.NATIONAL_CODE,
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.id[:30])
def test_each_sentence_has_exactly_its_values_and_a_persian_form(message: Message) -> None:
    assert catalogue.placeholders(message.id) == set(message.values)
    own = catalogue.load([catalogue.PACKAGE / "toolkit" / "i18n"])
    assert own.gettext(message.id, "fa") != message.id


def test_the_folder_of_these_sentences_is_complete() -> None:
    assert extract.problems(catalogue.PACKAGE / "toolkit" / "i18n") == []
    assert extract.problems(catalogue.PACKAGE / "toolkit" / "scanning") == []


def test_a_refused_code_is_shown_left_to_right_in_persian() -> None:
    own = catalogue.load([catalogue.PACKAGE / "toolkit" / "i18n"])
    said = catalogue.Reader("fa", catalogue=own).say(MESSAGES[list(Fault).index(Fault.KIND)])
    assert said == "بانک چیزی از این نوع کد ندارد: \u2066CV7K\u2069"
