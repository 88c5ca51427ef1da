"""Tables of the places: sites, rooms, containers, their rules, and the times they were out of the cold.

Physical things are the bank's, so none of these tables belongs to a company: it sees its own vials in them.
"""

from cellbank.domains.storage.layout import Arrangement, CountedFrom, FillOrder, LabelScheme, Layout
from cellbank.domains.storage.models.places import (
    HOLDS_VIALS,
    MOST_DEEP,
    STANDS_IN_ROOM,
    BlockedPlace,
    Condition,
    Container,
    ContainerKind,
    Holiday,
    Inside,
    Room,
    Segregation,
    Site,
    code_kind,
)
from cellbank.domains.storage.models.rules import (
    Admission,
    AdmissionRule,
    AdmissionRuleKind,
    Agent,
    ContainerExposure,
    Handover,
    LiftCause,
)

__all__ = [
    "HOLDS_VIALS",
    "MOST_DEEP",
    "STANDS_IN_ROOM",
    "Admission",
    "AdmissionRule",
    "AdmissionRuleKind",
    "Agent",
    "Arrangement",
    "BlockedPlace",
    "Condition",
    "Container",
    "ContainerExposure",
    "ContainerKind",
    "CountedFrom",
    "FillOrder",
    "Handover",
    "Holiday",
    "Inside",
    "LabelScheme",
    "Layout",
    "LiftCause",
    "Room",
    "Segregation",
    "Site",
    "code_kind",
]
