"""Forms that follow from the commands: fields out of a model, values out of what was typed, errors to each field."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin
from zoneinfo import ZoneInfo

import annotated_types
from flask import has_app_context
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from werkzeug.datastructures import MultiDict

from cellbank.core.errors import Invalid, Message
from cellbank.core.journal import Basis
from cellbank.core.model import Precision as Exactness
from cellbank.core.work import Occurred
from cellbank.toolkit.html import words
from cellbank.toolkit.i18n.bidi import Code
from cellbank.toolkit.i18n.calendars import Calendar, Precision, WrongDate, parse_date, parse_when
from cellbank.toolkit.i18n.choices import words_of
from cellbank.toolkit.i18n.digits import to_latin
from cellbank.toolkit.i18n.quantities import read_decimal

Kind = Literal[
    "text",
    "multiline",
    "code",
    "codes",
    "integer",
    "decimal",
    "date",
    "moment",
    "choice",
    "choices",
    "flag",
    "secret",
    "file",
]

Read = TypeVar("Read")

_BY_TYPE: Final[dict[type, Kind]] = {
    bool: "flag", int: "integer", Decimal: "decimal", dt.datetime: "moment", dt.date: "date", str: "text",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One field of a form; ``label`` and ``hint`` are message ids, ``choices`` pairs of value and message id."""

    name: str
    label: str
    kind: Kind
    hint: str = ""
    is_required: bool = True
    minimum: int | None = None
    maximum: int | None = None
    max_length: int | None = None
    default: Any = None
    choices: tuple[tuple[str, str], ...] = ()
    choices_are_names: bool = False


def fields_of(
    model: type[BaseModel],
    *,
    without: Iterable[str] = (),
    choices: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> list[Field]:
    """The fields of a command's form, in its own order.

    A field's ``title`` is its label and its ``description`` its hint; ``json_schema_extra={"kind": "multiline"}``
    chooses another kind than the type suggests. Fields whose extra says ``"hidden": True`` are left out.
    ``choices`` turns a field into a choice among rows of the bank: pairs of value and name (not translated).
    """
    left_out = set(without)
    fields = [
        _field(name, info)
        for name, info in model.model_fields.items()
        if name not in left_out and not _extra(info).get("hidden")
    ]
    return [_among(field, (choices or {}).get(field.name)) for field in fields]


def _among(field: Field, names: Sequence[tuple[str, str]] | None) -> Field:
    if names is None:
        return field
    kind: Kind = "choices" if field.kind in ("codes", "choices") else "choice"
    shown = tuple((str(value), name) for value, name in names)
    if field.kind == "codes":  # its hint says how codes are written, and nobody writes here
        field = replace(field, hint="")
    return replace(field, kind=kind, choices=shown, choices_are_names=True)


def parse_form(
    model: type[BaseModel],
    form: MultiDict[str, str],
    *,
    calendar: Calendar | None = None,
    zone: str | None = None,
) -> dict[str, Any]:
    """What was typed as values for the model: Persian digits are read, an empty field is nothing.

    A text that cannot be read stays as it is, so that the model refuses it and names the field. Dates are read in
    the reader's calendar first and in the other one after it (1405 and 2026 cannot be confused).
    """
    own_calendar, own_zone = _reader()
    calendar, zone = calendar or own_calendar, zone or own_zone
    values: dict[str, Any] = {}
    for field in fields_of(model):
        if field.kind == "choices":
            values[field.name] = [text for text in form.getlist(field.name) if text]
        elif field.kind == "codes":
            lines = "\n".join(form.getlist(field.name)).splitlines()
            values[field.name] = [line.strip() for line in lines if line.strip()]
        elif field.kind == "flag" and field.name in form:
            values[field.name] = "true" in form.getlist(field.name)
        elif field.name in form:
            values[field.name] = _value(field.kind, form[field.name].strip(), calendar, zone)
    required_nothing = {
        f.name for f in fields_of(model) if not f.is_required and values.get(f.name, "") in (None, [])
    }
    return {
        name: value
        for name, value in values.items()
        if not (name in required_nothing and _has_default(model, name))
    }


def errors_by_field(wrong: ValidationError, model: type[BaseModel] | None = None) -> dict[str, Message]:
    """The first thing that is wrong with each field; rules over several fields stand under the empty name."""
    labels = {field.name: field.label for field in fields_of(model)} if model else {}
    found: dict[str, Message] = {}
    for error in wrong.errors():
        name = str(error["loc"][0]) if error["loc"] else ""
        label = Message(labels[name]) if name in labels else name
        found.setdefault(name, _message(error["type"], label, error.get("input"), error.get("ctx", {})))
    return found


def occurred(form: MultiDict[str, str]) -> Occurred | None:
    """When an act really happened, as stated in a form (``occurred_at``, ``occurred_document``); None means now.

    :raises Invalid: a text that is neither a day nor a day and a time
    """
    text = form.get("occurred_at", "").strip()
    if not text:
        return None
    document = form.get("occurred_document", "").strip() or None
    basis = Basis.PAPER if document else Basis.STATED
    calendar, zone = _reader()
    moment = _value("moment", text, calendar, zone)
    if isinstance(moment, dt.datetime):
        return Occurred(moment, Exactness.MINUTE, basis, document)
    day = _value("date", text, calendar, zone)
    if isinstance(day, dt.date):
        midnight = dt.datetime.combine(day, dt.time(), ZoneInfo(zone)).astimezone(dt.UTC)
        return Occurred(midnight, Exactness.DAY, basis, document)
    raise Invalid("“{text}” is not a day with its time.", field="occurred_at", text=Code(text))


def typed_value(field: Field, typed: Mapping[str, Any]) -> Any:
    """What a person typed into a field, for showing it again: a list for fields of several values."""
    if isinstance(typed, MultiDict) and field.kind == "choices":
        return typed.getlist(field.name)
    if isinstance(typed, MultiDict) and field.kind == "flag" and field.name in typed:
        return "true" if "true" in typed.getlist(field.name) else "false"
    value = typed.get(field.name)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return words.date_text(value)
    return value


def _reader() -> tuple[Calendar, str]:
    """The reader's calendar and zone; outside of a request (tests, imports) Jalali and UTC."""
    return (words.calendar(), words.zone()) if has_app_context() else (Calendar.JALALI, "UTC")


# ---- fields ---------------------------------------------------------------------------------------------


def _field(name: str, info: FieldInfo) -> Field:
    bare, is_optional = _bare(info.annotation)
    extra = _extra(info)
    kind, choices = _kind_and_choices(bare)
    kind = extra.get("kind", kind)
    bounds = _bounds(info)
    return Field(
        name=name,
        label=info.title or name.replace("_", " ").capitalize(),
        kind=kind,
        hint=info.description or "",
        is_required=info.is_required() and not is_optional and kind != "flag",
        minimum=bounds.get("minimum"),
        maximum=bounds.get("maximum"),
        max_length=bounds.get("max_length"),
        default=_plain_default(info),
        choices=tuple(extra.get("choices", choices)),
    )


def _extra(info: FieldInfo) -> dict[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}


def _bare(annotation: Any) -> tuple[Any, bool]:
    """The type without Annotated and without None, and whether None was allowed."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        kept = [part for part in get_args(annotation) if part is not type(None)]
        return _bare(kept[0])[0], len(kept) < len(get_args(annotation))
    return annotation, False


def _kind_and_choices(bare: Any) -> tuple[Kind, tuple[tuple[str, str], ...]]:
    origin = get_origin(bare)
    if origin is Literal:
        return "choice", tuple((str(value), words_of(value)) for value in get_args(bare))
    if origin in (list, tuple, set, frozenset):
        inner, choices = _kind_and_choices(_bare(get_args(bare)[0])[0])
        return ("choices", choices) if inner == "choice" else ("codes", ())
    if isinstance(bare, type) and issubclass(bare, Enum):
        return "choice", tuple((str(member.value), words_of(member)) for member in bare)
    if isinstance(bare, type):
        for known, kind in _BY_TYPE.items():
            if issubclass(bare, known):
                return kind, ()
    return "text", ()


def _bounds(info: FieldInfo) -> dict[str, int]:
    found: dict[str, int] = {}
    for rule in info.metadata:
        match rule:
            case annotated_types.Ge(ge=int(least)):
                found["minimum"] = least
            case annotated_types.Gt(gt=int(below)):
                found["minimum"] = below + 1
            case annotated_types.Le(le=int(most)):
                found["maximum"] = most
            case annotated_types.Lt(lt=int(above)):
                found["maximum"] = above - 1
            case annotated_types.MaxLen(max_length=longest):
                found["max_length"] = longest
    return found


def _plain_default(info: FieldInfo) -> Any:
    if info.is_required() or info.default_factory is not None:
        return None
    return info.default.value if isinstance(info.default, Enum) else info.default


def _has_default(model: type[BaseModel], name: str) -> bool:
    return not model.model_fields[name].is_required()


# ---- values ---------------------------------------------------------------------------------------------


def _value(kind: Kind, text: str, calendar: Calendar, zone: str) -> Any:
    if not text:
        return None
    readers: dict[Kind, Callable[[], Any]] = {
        "integer": lambda: int(read_decimal(text)) if read_decimal(text) % 1 == 0 else text,
        "decimal": lambda: read_decimal(text),
        "date": lambda: _day(text, calendar),
        "moment": lambda: _moment(text, calendar, zone),
        "code": lambda: to_latin(text),
    }
    try:
        return readers[kind]() if kind in readers else text
    except ValueError:
        return text


def _in_either(read: Callable[[Calendar], Read], calendar: Calendar) -> Read:
    other = Calendar.GREGORIAN if calendar is Calendar.JALALI else Calendar.JALALI
    try:
        return read(calendar)
    except WrongDate:
        return read(other)


def _day(text: str, calendar: Calendar) -> dt.date | str:
    known = _in_either(lambda of: parse_date(text, of), calendar)
    return known.date if known.precision is Precision.DAY else text


def _moment(text: str, calendar: Calendar, zone: str) -> dt.datetime:
    return _in_either(lambda of: parse_when(text, of, zone), calendar)


# ---- what is wrong --------------------------------------------------------------------------------------


Values = dict[str, Any]
Said = Callable[[Values, Values], Message]


def _least(sentence: Message, about: Values, least: object) -> Message:
    return Message(sentence.id, about | {"least": least})


def _most(sentence: Message, about: Values, most: object) -> Message:
    return Message(sentence.id, about | {"most": most})


# One literal sentence to a rule, so that the catalogue finds each.
_TOO_SMALL: Final = Message("{field}: {value} is too small; the least is {least}.")
_NOT_MORE: Final = Message("{field}: {value} is too small; it must be more than {least}.")
_TOO_LARGE: Final = Message("{field}: {value} is too large; the most is {most}.")
_NOT_LESS: Final = Message("{field}: {value} is too large; it must be less than {most}.")
_TOO_LONG: Final = Message("{field} is too long; the most is {most} characters.")
_TOO_SHORT: Final = Message("{field} is too short; the least is {least} characters.")
_TOO_FEW: Final = Message("{field}: choose or scan {least} at least.")
_TOO_MANY: Final = Message("{field}: {most} at most.")
_NO_CHOICE: Final = Message("{field}: “{value}” is not one of the choices.")
_NO_DAY: Final = Message("{field}: “{value}” is not a day. Write year, month and day.")
_NO_MOMENT: Final = Message("{field}: “{value}” is not a moment. Write year, month, day and the time.")

_SENTENCES: Final[dict[str, Said]] = {
    "greater_than_equal": lambda about, limit: _least(_TOO_SMALL, about, limit["ge"]),
    "greater_than": lambda about, limit: _least(_NOT_MORE, about, limit["gt"]),
    "less_than_equal": lambda about, limit: _most(_TOO_LARGE, about, limit["le"]),
    "less_than": lambda about, limit: _most(_NOT_LESS, about, limit["lt"]),
    "string_too_long": lambda about, limit: _most(_TOO_LONG, _named(about), limit["max_length"]),
    "string_too_short": lambda about, limit: _least(_TOO_SHORT, _named(about), limit["min_length"]),
    "too_long": lambda about, limit: _most(_TOO_MANY, _named(about), limit["max_length"]),
    "too_short": lambda about, limit: _least(_TOO_FEW, _named(about), limit["min_length"]),
    "string_pattern_mismatch": lambda about, _: Message("{field}: “{value}” has the wrong form.", about),
    "enum": lambda about, _: Message(_NO_CHOICE.id, about),
    "literal_error": lambda about, _: Message(_NO_CHOICE.id, about),
    "int": lambda about, _: Message("{field}: “{value}” is not a whole number.", about),
    "decimal": lambda about, _: Message("{field}: “{value}” is not a number.", about),
    "date": lambda about, _: Message(_NO_DAY.id, about),
    "datetime": lambda about, _: Message(_NO_MOMENT.id, about),
}


def _named(about: Values) -> Values:
    return {"field": about["field"]}


def _message(kind: str, field: object, value: object, ctx: dict[str, Any]) -> Message:
    if kind == "missing" or value in (None, ""):
        return Message("{field} is needed.", {"field": field})
    about = {"field": field, "value": Code(value if isinstance(value, (str, int)) else "…")}
    own = ctx.get("error")
    if kind in ("value_error", "assertion_error") and own is not None:
        message = getattr(own, "message", None)
        return message if isinstance(message, Message) else Message(str(own))
    say = _SENTENCES.get(kind) or _SENTENCES.get(kind.partition("_")[0])
    return say(about, ctx) if say else Message("{field}: “{value}” cannot be right.", about)
