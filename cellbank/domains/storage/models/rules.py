"""What containers admit, when they were out of the cold, and their way between sites."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cellbank.core.actor import Organisation
from cellbank.core.model import Recorded, by_event, refers_to, unique_while
from cellbank.domains.storage.models.places import Container
from cellbank.domains.storage.words import Worded


class Agent(Worded):
    """An infectious agent that donors and cells are tested for."""

    HIV_1_2 = "hiv_1_2"
    HEPATITIS_B = "hepatitis_b"
    HEPATITIS_C = "hepatitis_c"
    HTLV = "htlv"
    SYPHILIS = "syphilis"
    CMV = "cmv"
    EBV = "ebv"
    PARVOVIRUS_B19 = "parvovirus_b19"
    WEST_NILE = "west_nile"
    ZIKA = "zika"
    CHAGAS = "chagas"
    MALARIA = "malaria"
    SARS_COV_2 = "sars_cov_2"
    MYCOPLASMA = "mycoplasma"
    BACTERIA_FUNGI = "bacteria_fungi"
    HPV = "hpv"
    OTHER = "other"


class AdmissionRuleKind(Worded):
    """What a container looks at before it admits a vial."""

    DISPOSITION = "disposition"  # quarantine, released, rejected
    INFECTIOUS_STATUS = "infectious_status"  # by agent
    GRADE = "grade"
    SPECIES = "species"
    TIER = "tier"
    OWNER = "owner"


class AdmissionRule(Recorded):
    """A container admits only what a rule lists; its contents inherit it. Rows of one kind add up.

    For infectious status there is a row an agent and value: "not tested" never counts as "negative".
    """

    __tablename__ = "admission_rule"
    SUBJECTS = ("container_id",)

    container_id: Mapped[UUID] = mapped_column(refers_to("container"), index=True)
    kind: Mapped[AdmissionRuleKind]
    agent: Mapped[Agent | None] = mapped_column(default=None)
    value: Mapped[str | None] = mapped_column(
        default=None
    )  # the word admitted; none where the rule is about an owner
    owner_id: Mapped[UUID | None] = mapped_column(refers_to("organisation"), default=None)
    started_by: Mapped[int] = mapped_column(by_event())
    ended_by: Mapped[int | None] = mapped_column(by_event(), default=None)


@dataclass(frozen=True)
class Admission:
    """One rule of one container, with all the words it admits."""

    container: Container
    kind: AdmissionRuleKind
    agent: Agent | None = None
    values: tuple[str, ...] = ()
    owners: tuple[Organisation, ...] = ()

    def also(self, rule: AdmissionRule, owner: Organisation | None) -> Admission:
        """This rule with one more row of it."""
        values = (*self.values, rule.value) if rule.value is not None else self.values
        return replace(
            self, values=values, owners=(*self.owners, owner) if owner is not None else self.owners
        )

    def admits(self, value: str | None = None, owner_id: UUID | None = None) -> bool:
        """Whether it lists this word, or this owner; what is not known is not admitted."""
        if self.kind is AdmissionRuleKind.OWNER:
            return any(owner.id == owner_id for owner in self.owners)
        return value is not None and value in self.values


class LiftCause(Worded):
    """Why a container or a vial was lifted out of the cold."""

    TAKE_OUT = "take_out"
    STORE = "store"
    MOVE = "move"
    COUNT = "count"
    EVACUATION = "evacuation"
    FREEZING = "freezing"
    FAILURE = "failure"


class ContainerExposure(Recorded):
    """The interval in which a container was lifted out of its cold, and with it everything inside."""

    __tablename__ = "container_exposure"
    __table_args__ = (
        unique_while("ended_at IS NULL", "uq_container_exposure_open", "container_id"),
        sa.Index("ix_container_exposure_container_id", "container_id", "started_at"),
    )
    SUBJECTS = ("container_id",)

    container_id: Mapped[UUID] = mapped_column(refers_to("container"))
    cause: Mapped[LiftCause]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    at_container_id: Mapped[UUID | None] = mapped_column(refers_to("container"), default=None)  # bench, cart
    is_stated: Mapped[bool] = mapped_column(default=False)  # the length was said by a person, not timed


class Handover(Recorded):
    """A container on its way between sites: handed over by one, not here until taken over by the other."""

    __tablename__ = "handover"
    __table_args__ = (unique_while("taken_over_by IS NULL", "uq_handover_open", "container_id"),)
    SUBJECTS = ("id", "container_id")

    container_id: Mapped[UUID] = mapped_column(refers_to("container"))
    from_site_id: Mapped[UUID] = mapped_column(refers_to("site"))
    to_site_id: Mapped[UUID] = mapped_column(refers_to("site"))
    handed_over_by: Mapped[int] = mapped_column(by_event())
    due_at: Mapped[datetime | None] = mapped_column(default=None)  # later than this: "never received"
    taken_over_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    note: Mapped[str | None] = mapped_column(default=None)
