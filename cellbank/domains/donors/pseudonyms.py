"""Nothing that a person is known by may be written about a donor (21 CFR 1271.290, GDPR 4(5))."""

from __future__ import annotations

from pydantic import ValidationInfo

from cellbank.core.errors import Invalid
from cellbank.toolkit.i18n.national_code import find_iranian_national_code
from cellbank.toolkit.i18n.sentences import NATIONAL_CODE


def refuse_national_code(value: object, info: ValidationInfo) -> object:
    """The value as it is. :raises Invalid: an Iranian national code stands in it, in whichever digits."""
    if isinstance(value, str) and find_iranian_national_code(value) is not None:
        raise Invalid(NATIONAL_CODE.id, field=info.field_name)
    return value
