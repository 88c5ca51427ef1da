"""What goes wrong in a real bank: the cases on which a traceability system is judged."""

from __future__ import annotations

from cellbank.entrypoints.demo.cells import Grown
from cellbank.entrypoints.demo.filling import Banked
from cellbank.entrypoints.demo.places import Places
from cellbank.entrypoints.demo.stage import Stage


def happen(stage: Stage, banks: list[Banked], grown: list[Grown], places: Places) -> None:
    """Let them happen."""
