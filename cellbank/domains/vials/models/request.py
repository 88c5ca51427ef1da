"""What is asked for: requests for vials, and the vials kept for them."""

from __future__ import annotations

import enum
from datetime import date, datetime
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
    unique_while,
)
from cellbank.domains.vials.models.departure import ThawPurpose


class RequestState(enum.StrEnum):
    """How far a request is."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class Request(OrganisationOwned, Recorded):
    """Somebody asks for vials of a bank; picking from a GMP bank needs an approved one."""

    __tablename__ = "request"
    __table_args__ = (sa.UniqueConstraint("code", name="uq_request_code"),)
    SUBJECTS = ("id", "bank_id")

    code: Mapped[str]  # REQ-0123
    # A plain key: a company asks for vials of another organisation's bank.
    bank_id: Mapped[UUID] = mapped_column(refers_to("bank"), index=True)
    vials: Mapped[int]  # how many
    purpose: Mapped[ThawPurpose]
    reference: Mapped[str | None] = mapped_column(default=None)  # order, protocol, recipient's pseudonym
    wanted_on: Mapped[date | None] = mapped_column(default=None)
    asked_by_id: Mapped[UUID] = mapped_column(refers_to("principal"))
    state: Mapped[RequestState] = mapped_column(default=RequestState.ASKED)
    decided_by: Mapped[int | None] = mapped_column(by_event(), default=None)
    note: Mapped[str | None] = mapped_column(default=None)


class Reservation(OrganisationOwned, Annullable, Recorded):
    """A vial kept for somebody until a moment."""

    __tablename__ = "reservation"
    __table_args__ = (
        same_organisation("vial_id", "vial"),
        unique_while("ended_by IS NULL", "uq_reservation_open", "vial_id"),
    )
    SUBJECTS = ("vial_id",)

    vial_id: Mapped[UUID]
    # A plain key: the request may come from the organisation that will own the vial.
    request_id: Mapped[UUID | None] = mapped_column(refers_to("request"), index=True, default=None)
    reserved_for: Mapped[str | None] = mapped_column(default=None)
    reserved_until: Mapped[datetime | None] = mapped_column(default=None)
    substitutes_id: Mapped[UUID | None] = mapped_column(
        refers_to("vial"), default=None
    )  # picked in this one's stead
    substitution_reason: Mapped[str | None] = mapped_column(default=None)
    started_by: Mapped[int] = mapped_column(by_event())
    ended_by: Mapped[int | None] = mapped_column(by_event(), default=None)
