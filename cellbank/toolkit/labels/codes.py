"""Printed symbols as squares of dark and light modules: QR for sides and cards, Data Matrix for caps."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np
import qrcode
import zxingcpp
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import QRData

from cellbank.core.errors import Invalid

Symbology = Literal["qr", "data_matrix"]
Matrix = tuple[tuple[bool, ...], ...]

# White modules that a reader needs around the symbol (ISO/IEC 18004, ISO/IEC 16022).
QUIET_MODULES: Final[dict[Symbology, int]] = {"qr": 4, "data_matrix": 1}
LONGEST_TEXT: Final = 120
_ALPHANUMERIC: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
# The numbers of ISO/IEC 18004, table 2, which the library calls MODE_ALPHA_NUM and MODE_8BIT_BYTE.
_ALPHANUMERIC_MODE: Final = 2
_BYTE_MODE: Final = 4
# Version 1 at its strongest error correction holds ten of these characters: the bank's own codes.
_FITS_VERSION_1: Final = 10
# A fixed mask is ten times faster than trying all eight, and as readable at this size.
_MASK: Final = 3


@lru_cache(maxsize=256)
def matrix(text: str, symbology: Symbology) -> Matrix:
    """Return the modules of a symbol, True for dark, without its quiet zone.

    :raises Invalid: if there is nothing to encode, or more than 120 characters.
    """
    if not text or len(text) > LONGEST_TEXT:
        raise Invalid(
            "A code must have between 1 and {longest} characters", field="code", longest=LONGEST_TEXT
        )
    return qr_matrix(text) if symbology == "qr" else data_matrix(text)


def qr_matrix(text: str) -> Matrix:
    """Return a QR symbol in the smallest version: 21 × 21 for the bank's own codes of ten characters."""
    alphanumeric = set(text) <= _ALPHANUMERIC
    if alphanumeric and len(text) <= _FITS_VERSION_1:
        # Thousands of a bank's own codes are printed at once: the compiled writer is ten times faster.
        return _modules(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="H"))
    symbol = qrcode.QRCode(version=1, error_correction=ERROR_CORRECT_M, border=0, mask_pattern=_MASK)
    data = text.encode()
    symbol.add_data(QRData(data, _ALPHANUMERIC_MODE) if alphanumeric else QRData(data, _BYTE_MODE))
    symbol.make(fit=True)
    return tuple(tuple(map(bool, row)) for row in symbol.modules)


def data_matrix(text: str) -> Matrix:
    """Return a square Data Matrix in the smallest size: 14 × 14 for most of the bank's own codes."""
    return _modules(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True))


def _modules(symbol: zxingcpp.Barcode) -> Matrix:
    image: Any = symbol.to_image(scale=1, add_quiet_zones=False)
    rows: list[list[bool]] = (np.asarray(image) == 0).tolist()
    return tuple(map(tuple, rows))
