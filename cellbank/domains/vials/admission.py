"""Whether a container admits a vial: its rules and those of everything it stands in."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from cellbank.core.errors import Refused
from cellbank.core.work import Writing
from cellbank.domains.banks.models import Bank
from cellbank.domains.lines.models import Line
from cellbank.domains.storage.models import AdmissionRule, AdmissionRuleKind, Container
from cellbank.domains.vials.placing import Target

Rules = dict[UUID, dict[AdmissionRuleKind, set[str]]]
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
    rules = _rules(db, {target.container.id for target in targets})
    if not rules:
        return
    banks = {target.vial.bank_id for target in targets}
    facts = {
        row.id: row
        for row in db.execute(
            sa.select(Bank.id, Bank.tier, Bank.grade, Line.species)
            .join(Line, Line.id == Bank.line_id)
            .where(Bank.id.in_(banks)),
            execution_options={"tenant_ok": "a bought vial's bank may be another organisation's"},
        )
    }
    for target in targets:
        bank = facts[target.vial.bank_id]
        has = {
            AdmissionRuleKind.TIER: bank.tier.value,
            AdmissionRuleKind.GRADE: bank.grade.value,
            AdmissionRuleKind.SPECIES: bank.species,
            AdmissionRuleKind.OWNER: target.vial.organisation_id.hex,
        }
        for kind, admitted in rules.get(target.container.id, {}).items():
            if has[kind] not in admitted:
                raise Refused(
                    "{box} does not admit {vial}: a rule about {what} forbids it",
                    box=target.container.name,
                    vial=target.vial.name,
                    what=kind.value,
                    about=[target.vial],
                )


def _rules(db: Writing, container_ids: set[UUID]) -> Rules:
    """The rules in force for each container, its own and inherited; rows of one kind add up."""
    up = (
        sa.select(Container.id.label("of"), Container.id, Container.parent_id)
        .where(Container.id.in_(container_ids))
        .cte(recursive=True)
    )
    parent = aliased(Container)
    up = up.union(sa.select(up.c.of, parent.id, parent.parent_id).join(parent, parent.id == up.c.parent_id))
    rows = db.execute(
        sa.select(up.c.of, AdmissionRule.kind, AdmissionRule.value, AdmissionRule.owner_id)
        .join(AdmissionRule, AdmissionRule.container_id == up.c.id)
        .where(AdmissionRule.ended_by.is_(None), AdmissionRule.kind.in_(BY_BANK))
    )
    rules: Rules = {}
    for container_id, kind, value, owner_id in rows:
        word = owner_id.hex if owner_id is not None else value
        rules.setdefault(container_id, {}).setdefault(kind, set()).add(word)
    return rules
