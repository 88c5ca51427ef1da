"""A real decoder for what the tests draw, and what makes its life hard: a bent vial, frost."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import zxingcpp
from PIL import Image

from cellbank.toolkit.labels import Stock

Grey = npt.NDArray[np.uint8]


def codes_in(picture: Image.Image | Grey) -> list[str]:
    """Return the texts of all valid codes that the decoder finds."""
    return [found.text for found in zxingcpp.read_barcodes(picture) if found.valid]


def cut_out(page: Image.Image, stock: Stock, place: int, dpi: int) -> Image.Image:
    """Cut one label (counted from 0) out of a page's picture, along its edge."""
    left, top = stock.corner_of(place)
    right, bottom = left + stock.label_width_mm, top + stock.label_height_mm
    dots = dpi / 25.4
    return page.crop((round(left * dots), round(top * dots), round(right * dots), round(bottom * dots)))


def on_a_cylinder(label: Image.Image, diameter_mm: float, dpi: int, facing_mm: float) -> Grey:
    """Show a label stuck around a vial, seen from far away, with the point `facing_mm` towards the viewer."""
    flat = np.asarray(label)
    radius = diameter_mm / 2 / 25.4 * dpi
    seen = np.arange(-int(radius) + 1, int(radius))
    along = facing_mm / 25.4 * dpi + radius * np.arcsin(seen / radius)
    columns = np.clip(along.round().astype(int), 0, flat.shape[1] - 1)
    bent = flat[:, columns].copy()
    bent[:, (along < 0) | (along >= flat.shape[1])] = 190
    return np.pad(bent, 40, constant_values=190)


def with_frost(label: Image.Image, box: tuple[float, float, float, float], share: float, seed: int) -> Grey:
    """Cover a share of a symbol's square (left, top, right, bottom in pixels) with one round white patch."""
    grey = np.asarray(label).copy()
    left, top, right, bottom = box
    radius = np.sqrt(share * (right - left) * (bottom - top) / np.pi)
    chance = np.random.default_rng(seed)
    x = chance.uniform(left + radius, right - radius)
    y = chance.uniform(top + radius, bottom - radius)
    rows, columns = np.ogrid[: grey.shape[0], : grey.shape[1]]
    grey[(columns - x) ** 2 + (rows - y) ** 2 < radius**2] = 235
    return grey
