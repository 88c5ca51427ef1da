"""Small drawings made by the server: no script, no inline style, readable by a screen reader, never mirrored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

from cellbank.toolkit.html.lineage import Branch, Edge, Node, lineage, neighbourhood, tree
from cellbank.toolkit.html.svg import drawing, element

__all__ = [
    "Branch", "Edge", "GrowthPoint", "Node", "fill_bar", "fill_column", "growth", "lineage", "neighbourhood",
    "sparkline", "state_bar", "tree",
]  # fmt: skip

_NEARLY_FULL = 0.9


@dataclass(frozen=True)
class GrowthPoint:
    """A culture's cumulative population doublings at a day counted from the first passage, with its passage's name."""

    day: float
    doublings: float
    label: str = ""


def fill_column(used: int, total: int, label: str) -> Markup:
    """A vessel filled from below to ``used`` of ``total`` places."""
    part = _part(used, total)
    height = 84 * part
    ticks = [element("line", class_="fill-tick", x1=2, x2=42, y1=y, y2=y) for y in (23, 44, 65)]
    return drawing(
        label, 44, 88,
        element("rect", class_="fill-vessel", x=0.5, y=0.5, width=43, height=87, rx=6),
        element("rect", class_="fill-level", x=2, y=2 + 84 - height, width=40, height=height, rx=4),
        *ticks,
        class_="fill-column" + (" is-nearly" if part >= _NEARLY_FULL else ""),
    )  # fmt: skip


def fill_bar(used: int, total: int, label: str) -> Markup:
    """A small bar, filled from the left to ``used`` of ``total`` places."""
    part = _part(used, total)
    return drawing(
        label, 72, 10,
        element("rect", class_="fill-vessel", x=0.5, y=0.5, width=71, height=9, rx=4.5),
        element("rect", class_="fill-level", x=1.5, y=1.5, width=69 * part, height=7, rx=3.5),
        class_="fill-bar" + (" is-nearly" if part >= _NEARLY_FULL else ""),
    )  # fmt: skip


def state_bar(parts: Sequence[tuple[str, int]], label: str) -> Markup:
    """A bar of so many things in each state (stored, out, gone …), drawn in the order given; the label says it all."""
    total = sum(count for _, count in parts)
    if not total:
        return Markup("")
    start, pieces = 0.0, []
    for state, count in parts:
        width = 120 * count / total
        pieces.append(element("rect", class_=f"tone is-{state}", x=start, y=0, width=width, height=10))
        start += width
    return drawing(label, 120, 10, *pieces, class_="state-bar")


def sparkline(values: Sequence[float], label: str) -> Markup:
    """A line of a few dozen values without axes: its shape only; the label must say the numbers."""
    if not values:
        return Markup("")
    low, high = min(values), max(values)
    span = (high - low) or 1
    step = 92 / max(len(values) - 1, 1)
    points = " ".join(
        f"{2 + i * step:.1f},{21 - 18 * (value - low) / span:.1f}" for i, value in enumerate(values)
    )
    return drawing(label, 96, 24, element("polyline", class_="curve", points=points), class_="sparkline")


def growth(
    points: Sequence[GrowthPoint],
    *,
    label: str,
    x_label: str,
    y_label: str,
    soft: tuple[float, str] | None = None,
    hard: tuple[float, str] | None = None,
) -> Markup:
    """Cumulative doublings over days, with the limit to mind (soft) and the limit not to pass (hard) drawn in."""
    width, height, start, end, top, bottom = 640.0, 280.0, 52.0, 16.0, 18.0, 44.0
    days = max([point.day for point in points] + [1.0])
    limits = [limit[0] for limit in (soft, hard) if limit]
    most = max([point.doublings for point in points] + limits or [1.0]) * 1.08 or 1.0

    def x(day: float) -> float:
        return start + (width - start - end) * day / days

    def y(doublings: float) -> float:
        return height - bottom - (height - top - bottom) * doublings / most

    parts: list[Markup] = []
    if hard:
        parts.append(
            element(
                "rect",
                class_="beyond",
                x=start,
                y=top,
                width=width - start - end,
                height=max(y(hard[0]) - top, 0),
            )
        )
    for tick in _ticks(most):
        parts.append(element("line", class_="grid", x1=start, x2=width - end, y1=y(tick), y2=y(tick)))
        parts.append(
            element("text", f"{tick:g}", class_="faint", x=start - 8, y=y(tick) + 4, text_anchor="end")
        )
    foot = height - bottom + 18
    parts.extend(
        element("text", f"{tick:g}", class_="faint", x=x(tick), y=foot, text_anchor="middle")
        for tick in _ticks(days)
    )
    parts.append(element("path", class_="axis", d=f"M{start} {top}V{height - bottom}H{width - end}"))
    parts.append(element("text", y_label, class_="faint", x=4, y=12))
    parts.append(element("text", x_label, class_="faint", x=width - end, y=height - 6, text_anchor="end"))
    for name, limit in (("soft", soft), ("hard", hard)):
        if limit:
            parts.append(
                element("line", class_=name, x1=start, x2=width - end, y1=y(limit[0]), y2=y(limit[0]))
            )
            parts.append(element("text", limit[1], class_=f"{name}-word", x=start + 8, y=y(limit[0]) - 5))
    if points:
        line = "L".join(f"{x(point.day):.1f} {y(point.doublings):.1f}" for point in points)
        parts.append(element("path", class_="curve", d=f"M{line}"))
    for point in points:
        dot = element(
            "circle",
            element("title", f"{point.label} · {point.doublings:g}"),
            class_="point",
            cx=x(point.day),
            cy=y(point.doublings),
            r=4.5,
        )
        parts.append(dot)
    return drawing(label, width, height, *parts, class_="growth")


def _part(used: int, total: int) -> float:
    return min(max(used / total, 0.0), 1.0) if total > 0 else 0.0


def _ticks(most: float) -> list[float]:
    """Four to six round numbers from zero up to ``most``."""
    rough = most / 5
    power = 10 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return [step * index for index in range(ceil(most / step)) if step * index <= most]
