"""How vials come from elsewhere: a consignment, and each vial listed against what arrived."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cellbank.core.model import (
    Annullable,
    OrganisationOwned,
    Recorded,
    by_event,
    refers_to,
    same_organisation,
)


class ArrivalCondition(enum.StrEnum):
    """In what state something arrived."""

    FROZEN = "frozen"
    PARTLY_THAWED = "partly_thawed"
    THAWED = "thawed"
    DAMAGED = "damaged"
    LABEL_UNREADABLE = "label_unreadable"


class ArrivalDecision(enum.StrEnum):
    """What was decided about each received vial."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"


class Consignment(OrganisationOwned, Annullable, Recorded):
    """One parcel of vials received from outside."""

    __tablename__ = "consignment"
    __table_args__ = (sa.UniqueConstraint("code", name="uq_consignment_code"),)

    code: Mapped[str]  # RCV-0007
    sender: Mapped[str]
    sender_reference: Mapped[str | None] = mapped_column(default=None)
    arrived_at: Mapped[datetime]
    received_in_id: Mapped[UUID | None] = mapped_column(
        refers_to("container"), default=None
    )  # dry shipper, dry ice
    temperature_centi_c: Mapped[int | None] = mapped_column(default=None)
    logger_sha256: Mapped[str | None] = mapped_column(default=None)  # of the temperature logger's file
    note: Mapped[str | None] = mapped_column(default=None)


class ConsignmentVial(OrganisationOwned, Annullable, Recorded):
    """One vial of a consignment: listed or not, arrived or not, and what was decided."""

    __tablename__ = "consignment_vial"
    __table_args__ = (same_organisation("consignment_id", "consignment"),)
    SUBJECTS = ("consignment_id", "vial_id")

    consignment_id: Mapped[UUID] = mapped_column(index=True)
    # A plain key: the vial may be sold on, the record of its arrival stays with whom it came to.
    vial_id: Mapped[UUID | None] = mapped_column(refers_to("vial"), index=True, default=None)
    listed_as: Mapped[str | None] = mapped_column(default=None)  # the sender's words; none: came unlisted
    has_arrived: Mapped[bool] = mapped_column(default=False)
    condition: Mapped[ArrivalCondition | None] = mapped_column(default=None)
    decision: Mapped[ArrivalDecision | None] = mapped_column(default=None)
    decided_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    note: Mapped[str | None] = mapped_column(default=None)
