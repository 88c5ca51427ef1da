"""What can be asked about vials: what a scan is, where they are, whence they came, what happened to them."""

from cellbank.domains.vials.queries.balance import Balance, mass_balance
from cellbank.domains.vials.queries.lineage import Banked, banks_in_lineage, family_with_banks
from cellbank.domains.vials.queries.made import (
    MadeVial,
    Progress,
    Standing,
    holds_on_run,
    open_exceptions,
    origins_of,
    progress_of,
    standings,
    vials_made,
)
from cellbank.domains.vials.queries.scan import Answer, ScanAnswer, scan, scanned_vial, vial_by_code
from cellbank.domains.vials.queries.story import Act, last_acts
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
    "Balance",
    "Banked",
    "Cell",
    "MadeVial",
    "Out",
    "Progress",
    "ScanAnswer",
    "Standing",
    "Whence",
    "Where",
    "banks_in_lineage",
    "cells_of",
    "counts_by_state",
    "exposure_seconds",
    "family_with_banks",
    "holds_on_run",
    "last_acts",
    "mass_balance",
    "open_exceptions",
    "origins_of",
    "out_now",
    "progress_of",
    "scan",
    "scanned_vial",
    "standings",
    "vial_by_code",
    "vials_made",
    "whence",
    "where_is",
]
