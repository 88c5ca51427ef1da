"""Whether a container admits a vial: its rules and those of everything it stands in."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from cellbank.core.errors import Message, Refused
from cellbank.core.work import Writing
from cellbank.domains.banks.models import Bank
from cellbank.domains.lines.models import Line
from cellbank.domains.storage.models import Admission, AdmissionRuleKind
from cellbank.domains.storage.queries import admissions_of
from cellbank.domains.vials.placing import Target

BY_BANK = (
    AdmissionRuleKind.TIER,
    AdmissionRuleKind.GRADE,
    AdmissionRuleKind.SPECIES,
    AdmissionRuleKind.OWNER,
)


def refuse_what_is_not_admitted(db: Writing, targets: Sequence[Target]) -> None:
    """Refuse the first vial whose tier, grade, species or owner its new container does not admit.

    Rules about release and infection say where a vial belongs, not where it may be put down: a status that disagrees
    with the place is shown and becomes a task.
    """
    rules = {
        container_id: [rule for rule in admissions if rule.kind in BY_BANK]
        for container_id, admissions in admissions_of(db, {target.container.id for target in targets}).items()
    }
    if not any(rules.values()):
        return
    facts = _facts(db, {target.vial.bank_id for target in targets})
    for target in targets:
        for rule in rules.get(target.container.id, ()):
            if not _admits(rule, target, facts[target.vial.bank_id]):
                raise Refused(
                    "{box} does not admit {vial}: {container} has a rule about it ({what})",
                    box=target.container.name,
                    vial=target.vial.name,
                    container=rule.container.name,
                    what=Message(rule.kind.label),
                    about=[target.vial],
                )


def _admits(rule: Admission, target: Target, words: dict[AdmissionRuleKind, str]) -> bool:
    if rule.kind is AdmissionRuleKind.OWNER:
        return rule.admits(owner_id=target.vial.organisation_id)
    return rule.admits(words[rule.kind])


def _facts(db: Writing, bank_ids: set[UUID]) -> dict[UUID, dict[AdmissionRuleKind, str]]:
    """What rules ask of a vial, by its bank."""
    rows = db.execute(
        sa.select(Bank.id, Bank.tier, Bank.grade, Line.species)
        .join(Line, Line.id == Bank.line_id)
        .where(Bank.id.in_(bank_ids)),
        execution_options={"tenant_ok": "a bought vial's bank may be another organisation's"},
    )
    kinds = AdmissionRuleKind
    return {
        key: {kinds.TIER: tier.value, kinds.GRADE: grade.value, kinds.SPECIES: species}
        for key, tier, grade, species in rows
    }
