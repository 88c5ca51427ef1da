from __future__ import annotations

import pytest

from cellbank.core import work
from cellbank.core.actor import BANK_ID
from cellbank.core.errors import Invalid, NotFound, Refused
from cellbank.domains.storage.commands import EndAdmissionRule, SetAdmissionRule
from cellbank.domains.storage.models import AdmissionRuleKind, Agent
from cellbank.domains.storage.queries import admissions_of
from tests.domains.storage.building import KEEPER, a_box, a_room, a_tank, container, do


def admissions(code):
    with work.reading(KEEPER) as db:
        found = admissions_of(db, [container(code).id])
        return [
            (
                rule.container.name,
                rule.kind.value,
                rule.agent,
                rule.values,
                [o.short_name for o in rule.owners],
            )
            for rule in next(iter(found.values()), [])
        ]


def rule(code, kind, admits, agent=None):
    return SetAdmissionRule(code=code, kind=kind, admits=admits, agent=agent)


def test_what_a_tank_admits_is_inherited_by_every_box_in_it(database):
    tank = a_tank(a_room())
    box = a_box(tank)
    do(rule(tank, AdmissionRuleKind.DISPOSITION, "released, Quarantine"), reason="SOP 12")
    do(rule(box, AdmissionRuleKind.DISPOSITION, "released"), reason="SOP 12")
    disposition = AdmissionRuleKind.DISPOSITION.value
    assert admissions(box) == [
        ("Tank 3", disposition, None, ("quarantine", "released"), []),
        ("Box 12", disposition, None, ("released",), []),
    ]
    assert [one[0] for one in admissions(tank)] == ["Tank 3"]


def test_not_tested_is_not_negative_and_each_agent_has_its_own_rule(database):
    tank = a_tank(a_room())
    do(rule(tank, AdmissionRuleKind.INFECTIOUS_STATUS, "negative", Agent.HEPATITIS_B), reason="SOP 12")
    do(rule(tank, AdmissionRuleKind.INFECTIOUS_STATUS, "negative, not tested", Agent.CMV), reason="SOP 12")
    with work.reading(KEEPER) as db:
        rules = {r.agent: r for r in admissions_of(db, [container(tank).id])[container(tank).id]}
        assert not rules[Agent.HEPATITIS_B].admits("not_tested")
        assert rules[Agent.HEPATITIS_B].admits("negative")
        assert rules[Agent.CMV].admits("not_tested")
        assert not rules[Agent.CMV].admits(None)


def test_setting_a_rule_again_replaces_what_it_lists(database):
    tank = a_tank(a_room())
    do(rule(tank, AdmissionRuleKind.TIER, "master, working"), reason="SOP 12")
    event = do(rule(tank, AdmissionRuleKind.TIER, "working, seed"), reason="SOP 13")
    assert [one[3] for one in admissions(tank)] == [("seed", "working")]
    with work.reading(KEEPER) as db:
        from cellbank.core.journal import Change

        changes = db.query(Change).filter(Change.event_seq == event.seq).all()
        assert sorted(change.kind.value for change in changes) == ["insert", "update"]


def test_an_ended_rule_admits_anything_again(database):
    tank = a_tank(a_room())
    do(rule(tank, AdmissionRuleKind.GRADE, "gmp"), reason="SOP 12")
    do(EndAdmissionRule(code=tank, kind=AdmissionRuleKind.GRADE), reason="tank is shared now")
    assert admissions(tank) == []
    with pytest.raises(Refused, match="has no rule about this"):
        do(EndAdmissionRule(code=tank, kind=AdmissionRuleKind.GRADE), reason="again")


def test_owners_are_organisations(database):
    tank = a_tank(a_room())
    do(rule(tank, AdmissionRuleKind.OWNER, "ccb"), reason="the bank's own")
    assert admissions(tank)[0][4] == ["CCB"]
    with work.reading(KEEPER) as db:
        found = admissions_of(db, [container(tank).id])[container(tank).id][0]
        assert found.admits(owner_id=BANK_ID)
        assert not found.admits("CCB")
    with pytest.raises(NotFound):
        do(rule(tank, AdmissionRuleKind.OWNER, "nobody"), reason="?")


def test_words_that_mean_nothing_are_refused(database):
    tank = a_tank(a_room())
    with pytest.raises(Invalid) as caught:
        do(rule(tank, AdmissionRuleKind.DISPOSITION, "relased"), reason="typo")
    assert caught.value.field == "admits"
    with pytest.raises(Invalid, match="by agent"):
        do(rule(tank, AdmissionRuleKind.INFECTIOUS_STATUS, "negative"), reason="which?")
    with pytest.raises(Invalid, match="by agent"):
        do(rule(tank, AdmissionRuleKind.TIER, "seed", Agent.CMV), reason="why?")
