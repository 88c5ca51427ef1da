"""What containers admit: blocked places and rules."""

from __future__ import annotations

import re
from datetime import date
from typing import ClassVar
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field

from cellbank.core.actor import Organisation
from cellbank.core.command import Command
from cellbank.core.errors import Invalid, Message, Refused
from cellbank.core.work import Writing, required
from cellbank.domains.storage import queries
from cellbank.domains.storage.models import (
    AdmissionRule,
    AdmissionRuleKind,
    Agent,
    BlockedPlace,
    Container,
)


class BlockPlaces(Command):
    """Say that places take nothing for now: broken, taped off, iced up."""

    records: ClassVar[str] = "storage.places_blocked"
    permission: ClassVar[str] = "storage.block"
    label: ClassVar[str] = "Block places"

    code: str = Field(title="Container")
    places: str = Field(
        title="Which places", description=Message("A1, B3, C1–C5").id, min_length=1, max_length=1000
    )
    because: str = Field(title="Why", min_length=1, max_length=200)
    until: date | None = Field(default=None, title="Until")

    def run(self, db: Writing) -> None:
        """One row a place; a place that holds something can be blocked only when it is empty."""
        container = queries.container_in_use(db, self.code)
        db.lock(Container, [container.id])
        inside = queries.inside_of(db, container)
        wanted = container.layout.places_named(self.places)
        if not wanted:
            raise Invalid("Say which places.", field="places")
        for place in wanted:
            inside.admit(container, place)
        db.add_all(
            BlockedPlace(
                container_id=container.id, position=place, reason=self.because, blocked_until=self.until
            )
            for place in wanted
        )


class UnblockPlaces(Command):
    """Open blocked places again."""

    records: ClassVar[str] = "storage.places_unblocked"
    permission: ClassVar[str] = "storage.block"
    label: ClassVar[str] = "Open blocked places"

    code: str = Field(title="Container")
    places: str = Field(
        title="Which places", description=Message("A1, B3, C1–C5").id, min_length=1, max_length=1000
    )

    def run(self, db: Writing) -> None:
        """Ends the row of each place."""
        container = queries.container_by_code(db, self.code)
        blocked = {row.position: row for row in queries.blocked_places(db, [container.id])}
        for place in container.layout.places_named(self.places):
            if place not in blocked:
                raise Refused(
                    "Place {place} of {container} is not blocked.",
                    place=container.layout.name(place),
                    container=container.name,
                    about=[container],
                )
            blocked[place].ended_by = db.event_seq


class SetAdmissionRule(Command):
    """Say what a container, and all that stands in it, admits; what is not listed is not admitted."""

    records: ClassVar[str] = "storage.admission_rule_set"
    permission: ClassVar[str] = "storage.manage"
    label: ClassVar[str] = "Set what it admits"
    needs_reason: ClassVar[bool] = True

    code: str = Field(title="Container")
    kind: AdmissionRuleKind = Field(title="It looks at")
    agent: Agent | None = Field(
        default=None, title="Infectious agent", description=Message("Only for the infectious status").id
    )
    admits: str = Field(
        title="It admits",
        description=Message("Words, separated by commas: negative, not_tested").id,
        min_length=1,
        max_length=400,
    )

    def run(self, db: Writing) -> None:
        """Ends the rows that are no longer listed, adds those that are new."""
        container = queries.container_in_use(db, self.code)
        if (self.agent is None) is (self.kind is AdmissionRuleKind.INFECTIOUS_STATUS):
            raise Invalid("An infectious status is said by agent, and only that.", field="agent")
        wanted = set(self._wanted(db))
        present = {
            (row.value, row.owner_id): row for row in _open_rules(db, container, self.kind, self.agent)
        }
        for key, row in present.items():
            if key not in wanted:
                row.ended_by = db.event_seq
        for value, owner_id in sorted(wanted - set(present), key=str):
            rule = AdmissionRule(container_id=container.id, kind=self.kind, started_by=db.event_seq)
            rule.agent, rule.value, rule.owner_id = self.agent, value, owner_id
            db.add(rule)

    def _wanted(self, db: Writing) -> list[tuple[str | None, UUID | None]]:
        listed = [word.strip() for word in re.split(r"[,،;\n]+", self.admits) if word.strip()]
        if self.kind is AdmissionRuleKind.OWNER:
            return [(None, _organisation(db, name).id) for name in listed]
        known = KNOWN_WORDS.get(self.kind)
        words = [re.sub(r"[\s-]+", "_", word.lower()) for word in listed]
        for word in words:
            if known is not None and word not in known:
                raise Invalid("{word} is none of {known}.", field="admits", word=word, known=", ".join(known))
        return [(word, None) for word in words]


KNOWN_WORDS = {
    AdmissionRuleKind.DISPOSITION: ("quarantine", "released", "hold", "rejected"),
    AdmissionRuleKind.INFECTIOUS_STATUS: ("negative", "not_tested", "positive", "indeterminate"),
    AdmissionRuleKind.GRADE: ("research", "gmp"),
    AdmissionRuleKind.TIER: ("seed", "master", "working", "end_of_production", "distribution", "unknown"),
}
"""The words that can be admitted where there is a list of them; a species is any word."""


class EndAdmissionRule(Command):
    """Stop looking at something: the container admits any of it again."""

    records: ClassVar[str] = "storage.admission_rule_ended"
    permission: ClassVar[str] = "storage.manage"
    label: ClassVar[str] = "End this rule"
    needs_reason: ClassVar[bool] = True

    code: str = Field(title="Container")
    kind: AdmissionRuleKind = Field(title="It looks at")
    agent: Agent | None = Field(default=None, title="Infectious agent")

    def run(self, db: Writing) -> None:
        """Ends every row of the rule."""
        container = queries.container_by_code(db, self.code)
        rows = _open_rules(db, container, self.kind, self.agent)
        if not rows:
            raise Refused(
                "{container} has no rule about this: {kind}",
                container=container.name,
                kind=Message(self.kind.label),
                about=[container],
            )
        for row in rows:
            row.ended_by = db.event_seq


def _open_rules(
    db: Writing, container: Container, kind: AdmissionRuleKind, agent: Agent | None
) -> list[AdmissionRule]:
    query = sa.select(AdmissionRule).where(
        AdmissionRule.container_id == container.id,
        AdmissionRule.kind == kind,
        AdmissionRule.ended_by.is_(None),
    )
    about = AdmissionRule.agent.is_(None) if agent is None else AdmissionRule.agent == agent
    return list(db.scalars(query.where(about)))


def _organisation(db: Writing, short_name: str) -> Organisation:
    found = db.scalar(
        sa.select(Organisation).where(sa.func.lower(Organisation.short_name) == short_name.lower())
    )
    return required(found, short_name)
