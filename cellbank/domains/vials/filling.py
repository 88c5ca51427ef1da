"""Names of vials, and which of the planned ones were really filled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cellbank.core.errors import Invalid


def vial_name(lot: str, number: int) -> str:
    """Lot and number as printed, MCB-0042-017; fixed once printed, and never "of 20"."""
    return f"{lot}-{number:03d}"


@dataclass(frozen=True)
class Filling:
    """What became of the planned numbers: those filled, those that stayed empty, and tubes beyond the plan."""

    filled: tuple[int, ...]
    empty: tuple[int, ...]
    beyond: int = 0


def what_was_filled(
    planned: Iterable[int], counted: int, last: int | None, empty: Iterable[int] = ()
) -> Filling:
    """Match the tubes counted at the end with the planned numbers, which are filled in their order.

    ``last`` is the number on the last tube filled and ``empty`` are numbers left out before it: one tube missed in
    the middle would otherwise shift every later vial by one.

    :raises Invalid: where count, last number and those left out contradict each other.
    """
    numbers, left_out = sorted(planned), set(empty)
    strangers = sorted(left_out - set(numbers))
    if strangers:
        raise Invalid("Number {number} is not one of this filling", field="not_filled", number=strangers[0])
    if last is not None and last not in numbers:
        raise Invalid("Number {number} is not one of this filling", field="last_number", number=last)
    possible = [n for n in numbers if n not in left_out and (last is None or n <= last)]
    if last is not None and len(possible) != counted:
        raise Invalid(
            "{counted} tubes were counted, but the numbers up to {last} make {numbers}: look again, "
            "and name the numbers that were not filled",
            field="filled",
            counted=counted,
            last=last,
            numbers=len(possible),
        )
    filled = possible[:counted]
    done = set(filled)
    return Filling(tuple(filled), tuple(n for n in numbers if n not in done), max(0, counted - len(filled)))
