"""Places of a container by name, where they may be unknown."""

from __future__ import annotations

from cellbank.core.errors import Invalid
from cellbank.domains.storage.models import Container


def place_name(container: Container, position: int | None) -> str:
    """How a place is called: C5 in a grid, 3 in a stack; nothing where the place is not known or there are none."""
    layout = container.layout
    return layout.name(position) if position is not None and position in layout.places else ""


def position_named(container: Container, name: str) -> int | None:
    """The position of the place with this name (C5, c5, C05), or None where it has no such place."""
    try:
        return container.layout.place(name)
    except Invalid:
        return None
