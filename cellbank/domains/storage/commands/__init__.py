"""What can be asked of the places: add, name, correct, block and retire them, and say what they admit.

Moving a container changes where its vials are, so it is asked of the vials: ``vials.MoveContainer``.
"""

from cellbank.domains.storage.commands.adding import AddContainers
from cellbank.domains.storage.commands.admitting import (
    KNOWN_WORDS,
    BlockPlaces,
    EndAdmissionRule,
    SetAdmissionRule,
    UnblockPlaces,
)
from cellbank.domains.storage.commands.correcting import (
    CorrectContainer,
    RenameContainer,
    RetireContainer,
    SetCondition,
)
from cellbank.domains.storage.commands.sites import AddRoom, AddSite, CorrectSite, RenameRoom, clock_text

__all__ = [
    "KNOWN_WORDS",
    "AddContainers",
    "AddRoom",
    "AddSite",
    "BlockPlaces",
    "CorrectContainer",
    "CorrectSite",
    "EndAdmissionRule",
    "RenameContainer",
    "RenameRoom",
    "RetireContainer",
    "SetAdmissionRule",
    "SetCondition",
    "UnblockPlaces",
    "clock_text",
]
