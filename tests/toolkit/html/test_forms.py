from __future__ import annotations

import datetime as dt
from typing import Literal

import pytest
from pydantic import BaseModel, Field, ValidationError
from werkzeug.datastructures import MultiDict

from cellbank.core.errors import Invalid, Message
from cellbank.toolkit.html.forms import errors_by_field, fields_of, occurred, parse_form
from tests.toolkit.html.gallery import FreezeVials, Purpose


class PlaceHolds(BaseModel):
    vials: list[str] = Field(title="Vials", min_length=1)
    scopes: list[Literal["research", "clinical"]] = Field(default_factory=list, title="Scopes")
    until: dt.datetime | None = Field(None, title="Until")
    organisation: str = Field(title="Organisation")


def test_fields_follow_from_the_command():
    kinds = {field.name: (field.kind, field.is_required) for field in fields_of(FreezeVials)}
    assert kinds == {
        "line": ("code", True),
        "vials": ("integer", True),
        "volume_ul": ("integer", False),
        "frozen_on": ("date", True),
        "purpose": ("choice", True),
        "is_pilot": ("flag", False),
        "comment": ("multiline", False),
    }


def test_limits_defaults_and_choices_come_along():
    fields = {field.name: field for field in fields_of(FreezeVials)}
    assert (fields["vials"].minimum, fields["vials"].maximum) == (1, 500)
    assert fields["volume_ul"].default == 1000
    assert fields["comment"].max_length == 500
    assert fields["purpose"].choices == (
        ("research", "Research"),
        ("clinical", "Clinical"),
        ("quality control", "Quality control"),
    )


def test_lists_become_many_choices_or_many_codes():
    kinds = {field.name: field.kind for field in fields_of(PlaceHolds)}
    assert kinds == {"vials": "codes", "scopes": "choices", "until": "moment", "organisation": "text"}


def test_rows_of_the_bank_can_be_the_choices_and_keep_their_names():
    (field,) = fields_of(
        PlaceHolds, without=["vials", "scopes", "until"], choices={"organisation": [("7", "Home")]}
    )
    assert (field.kind, field.choices, field.choices_are_names) == ("choice", (("7", "Home"),), True)


def test_persian_digits_and_dates_are_read():
    typed = MultiDict(
        {
            "line": "UKBi۰۰۵",
            "vials": "۶۰",
            "volume_ul": "",
            "frozen_on": "۱۴۰۵/۰۳/۱۲",
            "purpose": "research",
            "is_pilot": "",
        }
    )
    made = FreezeVials.model_validate(parse_form(FreezeVials, typed))
    assert (made.line, made.vials, made.volume_ul) == ("UKBi005", 60, 1000)
    assert made.frozen_on == dt.date(2026, 6, 2)
    assert made.purpose is Purpose.RESEARCH
    assert made.comment is None


def test_a_gregorian_day_is_read_by_who_reads_jalali():
    assert parse_form(FreezeVials, MultiDict({"frozen_on": "2026-06-02"}))["frozen_on"] == dt.date(2026, 6, 2)


def test_a_ticked_box_is_true_and_the_hidden_empty_one_alone_is_false():
    assert parse_form(FreezeVials, MultiDict([("is_pilot", ""), ("is_pilot", "true")]))["is_pilot"] is True
    assert parse_form(FreezeVials, MultiDict([("is_pilot", "")]))["is_pilot"] is False


def test_codes_stand_one_to_a_line():
    assert parse_form(PlaceHolds, MultiDict({"vials": " CV1 \n\nCV2\n"}))["vials"] == ["CV1", "CV2"]


def errors(typed: dict[str, str], model: type[BaseModel] = FreezeVials) -> dict[str, Message]:
    with pytest.raises(ValidationError) as wrong:
        model.model_validate(parse_form(model, MultiDict(typed)))
    return errors_by_field(wrong.value, model)


def test_errors_name_the_field_the_value_and_the_limit():
    told = errors(
        {
            "line": "",
            "vials": "900",
            "volume_ul": "ten",
            "frozen_on": "yesterday",
            "purpose": "fun",
            "is_pilot": "",
        }
    )
    assert {name: str(message) for name, message in told.items() if name != "line"} == {
        "vials": "Number of vials: 900 is too large; the most is 500.",
        "volume_ul": "Volume of a vial: “ten” is not a whole number.",
        "frozen_on": "Frozen on: “yesterday” is not a day. Write year, month and day.",
        "purpose": "Purpose: “fun” is not one of the choices.",
    }
    assert told["line"] == Message("{field} is needed.", {"field": Message("Line")})


def test_half_a_vial_is_not_a_whole_number():
    assert "not a whole number" in errors({"vials": "2.5"})["vials"].id


def test_a_list_that_must_not_be_empty_says_so():
    assert (
        errors({"vials": "", "organisation": "x"}, PlaceHolds)["vials"].id
        == "{field}: choose or scan {least} at least."
    )


def test_when_it_happened_is_as_exact_as_it_was_stated():
    assert occurred(MultiDict({})) is None
    with_time = occurred(MultiDict({"occurred_at": "۱۴۰۵/۰۳/۱۲ ۱۵:۳۰"}))
    assert with_time is not None
    assert (with_time.at, with_time.precision, with_time.basis) == (
        dt.datetime(2026, 6, 2, 15, 30, tzinfo=dt.UTC),
        "minute",
        "stated",
    )
    on_paper = occurred(MultiDict({"occurred_at": "2026-06-02", "occurred_document": "page 7"}))
    assert on_paper is not None
    assert (on_paper.precision, on_paper.basis, on_paper.document) == ("day", "paper", "page 7")
    with pytest.raises(Invalid) as wrong:
        occurred(MultiDict({"occurred_at": "last week"}))
    assert wrong.value.field == "occurred_at"
