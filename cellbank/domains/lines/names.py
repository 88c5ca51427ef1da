"""Names that registries give to lines: hPSCreg's own, and Cellosaurus accessions (RRID)."""

from __future__ import annotations

import re

from cellbank.core.errors import Invalid
from cellbank.toolkit.i18n.bidi import Code

LONGEST_HPSCREG = 15
_HPSCREG = re.compile(r"[A-Za-z]{2,6}[ei]\d{3}-[A-Z]{1,2}(?:-\d{1,2})?", re.ASCII)
_CELLOSAURUS = re.compile(r"CVCL_[0-9A-Z]{4}", re.ASCII)


def hpscreg_name(text: str) -> str:
    """A name as hPSCreg issues it: UKBi005-A-1 is institution, e or i, donor, line, subclone.

    :raises Invalid: another form
    """
    if len(text) > LONGEST_HPSCREG or not _HPSCREG.fullmatch(text):
        raise Invalid(
            "{name} has not the form of an hPSCreg name, such as {example}. hPSCreg issues it; leave it empty"
            " until then.",
            field="hpscreg_name",
            name=Code(text),
            example=Code("UKBi005-A-1"),
        )
    return text


def cellosaurus_accession(text: str) -> str:
    """The accession CVCL_0030 of RRID:CVCL_0030 or of itself.

    :raises Invalid: another form
    """
    bare = text.removeprefix("RRID:").strip()
    if not _CELLOSAURUS.fullmatch(bare):
        raise Invalid(
            "{name} has not the form of a Cellosaurus accession, such as {example}.",
            field="rrid",
            name=Code(text),
            example=Code("CVCL_0030"),
        )
    return bare
