"""What can be done with lines and cultures."""

from cellbank.domains.lines.commands.beginning import StartCulture
from cellbank.domains.lines.commands.ends import (
    AnnulCulture,
    DiscardCultures,
    HarvestCulture,
    MarkContaminated,
    RecordCount,
    ResumeCultures,
)
from cellbank.domains.lines.commands.family import AddLineParent, RecordLineResult
from cellbank.domains.lines.commands.passaging import AddCultureParent, PassageCulture
from cellbank.domains.lines.commands.registering import (
    CloseLine,
    CorrectLine,
    RegisterLine,
    ReopenLine,
    SetLimits,
)

__all__ = [
    "AddCultureParent",
    "AddLineParent",
    "AnnulCulture",
    "CloseLine",
    "CorrectLine",
    "DiscardCultures",
    "HarvestCulture",
    "MarkContaminated",
    "PassageCulture",
    "RecordCount",
    "RecordLineResult",
    "RegisterLine",
    "ReopenLine",
    "ResumeCultures",
    "SetLimits",
    "StartCulture",
]
