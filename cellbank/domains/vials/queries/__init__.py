"""What can be asked about vials: what a scan is, where they are, whence they came, what happened to them."""

from cellbank.domains.vials.queries.scan import Answer, ScanAnswer, scan, vial_by_code
from cellbank.domains.vials.queries.story import Act, last_acts, story_of
from cellbank.domains.vials.queries.whence import Whence, whence
from cellbank.domains.vials.queries.whereabouts import (
    Cell,
    Out,
    Where,
    cells_of,
    counts_by_state,
    exposure_seconds,
    out_now,
    where_is,
)

__all__ = [
    "Act",
    "Answer",
    "Cell",
    "Out",
    "ScanAnswer",
    "Whence",
    "Where",
    "cells_of",
    "counts_by_state",
    "exposure_seconds",
    "last_acts",
    "out_now",
    "scan",
    "story_of",
    "vial_by_code",
    "whence",
    "where_is",
]
