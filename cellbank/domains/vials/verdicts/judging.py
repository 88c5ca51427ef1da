"""From what is known to the verdict: pure rules, in the order in which a person would ask them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cellbank.core.errors import Message
from cellbank.domains.donors.models import Acceptance, Eligibility
from cellbank.domains.lines.models import LimitingMeasure
from cellbank.domains.vials.models import HoldKind, IntendedUse, Release, Vial, VialState
from cellbank.domains.vials.models.vial import HOW_GONE
from cellbank.domains.vials.verdicts import consent
from cellbank.domains.vials.verdicts.ancestry import Kind
from cellbank.domains.vials.verdicts.answer import USE_NAMES, Answer, State, Verdict
from cellbank.domains.vials.verdicts.finding import Finding, good, mind, no
from cellbank.domains.vials.verdicts.known import Known, OpenHold

IN_PEOPLE = (IntendedUse.GMP_MANUFACTURE, IntendedUse.CLINICAL)
"""Uses that may end in a person: the stricter rules."""


def verdict(known: Known) -> Verdict:
    """The answer for every use, and the state for the pill."""
    answers = {use: _answer(known, use) for use in IntendedUse}
    is_gone = known.vial is not None and known.vial.state is VialState.GONE
    return Verdict(
        uses=answers,
        state=_state(known, any(answer.is_allowed for answer in answers.values())),
        allows_qc=not is_gone and all(hold.allows_qc for hold in known.holds),
    )


def obstacles(known: Known, use: IntendedUse) -> list[Message]:
    """What forbids a bank or vial this use, beside its own quarantine and the release that is still to come."""
    rules = (_gone, _held_by_more_than_quarantine, *RULES[3:])
    return [finding.said for rule in rules for finding in rule(known, use) if finding.forbids]


def _answer(known: Known, use: IntendedUse) -> Answer:
    found = [(rule, finding) for rule in RULES for finding in rule(known, use)]
    # A release cannot be asked for while something else forbids the use: that comes first, and is to be done first.
    against = [f for _, f in sorted(found, key=lambda pair: pair[0] is _released) if f.forbids]
    if against:
        return Answer(False, tuple(f.said for f in against), against[0].todo)
    return Answer(True, tuple(finding.said for _, finding in found))


def _state(known: Known, is_of_use: bool) -> State:  # noqa: FBT001
    kinds = {hold.kind for hold in known.holds}
    if HoldKind.REJECTED in kinds:
        return State.REJECTED
    if kinds - {HoldKind.QUARANTINE}:
        return State.HOLD
    if is_of_use:
        return State.RELEASED
    in_force = any(_is_in_force(release, known) for release in known.releases)
    return State.HOLD if in_force and not kinds else State.QUARANTINE


# ---- the rules, one question each ----


def _gone(known: Known, _: IntendedUse) -> Iterator[Finding]:
    vial = known.vial
    if known.bank.annulled_by is not None:
        yield no(Message("The record of bank {bank} was annulled", {"bank": known.bank.code}))
    if vial is None:
        return
    if vial.state is VialState.GONE and vial.disposition is not None:
        yield no(Message("The vial is gone: {how}", {"how": HOW_GONE[vial.disposition]}))


def _held(known: Known, _: IntendedUse) -> Iterator[Finding]:
    for hold in sorted(known.holds, key=lambda hold: hold.kind is not HoldKind.REJECTED):
        yield no(
            _said_of(hold), TODO_OF_HOLD.get(hold.kind, Message("Ask quality to settle and lift the hold"))
        )


def _held_by_more_than_quarantine(known: Known, _: IntendedUse) -> Iterator[Finding]:
    itself = known.bank.id if known.vial is None else known.vial.id
    for hold in known.holds:
        if hold.kind is not HoldKind.QUARANTINE or hold.scope_id != itself:
            yield no(_said_of(hold))


def _said_of(hold: OpenHold) -> Message:
    what = Message(SCOPE_WORDS[hold.scope].id, {"name": hold.name or "…"})
    if hold.reason is None:
        return Message("What it comes from is on hold by its keeper")
    if hold.kind is HoldKind.REJECTED:
        return Message("{what} was rejected: {reason}", {"what": what, "reason": hold.reason})
    return Message("{what} is on hold: {reason}", {"what": what, "reason": hold.reason})


SCOPE_WORDS = {
    Kind.DONOR: Message("donor {name}"),
    Kind.DONATION: Message("donation {name}"),
    Kind.LINE: Message("line {name}"),
    Kind.CULTURE: Message("culture {name}"),
    Kind.FILL_LOT: Message("fill lot {name}"),
    Kind.FREEZE_RUN: Message("freeze run {name}"),
    Kind.BANK: Message("bank {name}"),
    Kind.VIAL: Message("vial {name}"),
    Kind.CONTAINER: Message("container {name}"),
    Kind.MATERIAL_LOT: Message("material lot {name}"),
}

TODO_OF_HOLD = {
    HoldKind.QUARANTINE: Message("Ask quality for the release"),
    HoldKind.REJECTED: Message("Discard it"),
    HoldKind.WITHDRAWAL: Message("Do what the donor's withdrawal asks for"),
    HoldKind.RETURNED: Message("Ask quality to accept or reject the returned vial"),
    HoldKind.CORRECTION: Message("Ask quality to confirm the correction"),
    HoldKind.TEST_FAILED: Message("Ask quality what follows from the failed test"),
}


def _released(known: Known, use: IntendedUse) -> Iterator[Finding]:
    """A release is for one use; training may use whatever is released for anything."""
    meant = [r for r in known.releases if use in (r.intended_use, IntendedUse.TRAINING)]
    in_force = [release for release in meant if _is_in_force(release, known)]
    if in_force:
        yield from _said_of_release(in_force[-1])
        return
    ended = [r for r in meant if r.valid_until is not None and r.valid_until < known.today]
    coming = [release for release in meant if release.valid_from > known.today]
    words, todo = {"use": USE_NAMES[use]}, Message("Ask quality for the release")
    if coming:
        yield no(Message("It is released for {use} only from {day}", words | {"day": coming[0].valid_from}))
    elif ended:
        day = max(release.valid_until for release in ended if release.valid_until is not None)
        yield no(Message("Its release for {use} ended on {day}", words | {"day": day}), todo)
    else:
        yield no(Message("It is not released for {use}", words), todo)


def _is_in_force(release: Release, known: Known) -> bool:
    return release.valid_from <= known.today and (
        release.valid_until is None or known.today <= release.valid_until
    )


def _said_of_release(release: Release) -> Iterator[Finding]:
    values = {"use": USE_NAMES[release.intended_use], "day": release.valid_from}
    if release.is_signed:
        yield good(Message("released for {use} on {day}", values))
    else:
        yield good(Message("released for {use} on {day} (unsigned)", values))
    if release.valid_until is not None:
        yield mind(Message("the release ends on {day}", {"day": release.valid_until}))
    if release.conditions:
        yield mind(Message("on condition: {conditions}", {"conditions": release.conditions}))


def _eligible(known: Known, use: IntendedUse) -> Iterator[Finding]:
    for gift in {gift.donation.id: gift for gift in known.gifts}.values():
        donation, words = gift.donation, {"donation": gift.donation_name or "…"}
        if donation.acceptance is Acceptance.REJECTED:
            yield no(Message("Donation {donation} was rejected on arrival", words))
        elif donation.acceptance is not Acceptance.ACCEPTED and use in IN_PEOPLE:
            todo = Message("Decide whether donation {donation} is accepted", words)
            yield no(Message("Donation {donation} is not accepted yet", words), todo)
        if use not in IN_PEOPLE:
            continue
        if donation.eligibility is Eligibility.INELIGIBLE:
            yield no(Message("Donation {donation} is not eligible for use in people", words))
        elif use is IntendedUse.CLINICAL and donation.eligibility is Eligibility.ELIGIBLE:
            yield good(Message("donation {donation} is eligible", words))
        elif use is IntendedUse.CLINICAL and donation.eligibility is not Eligibility.EXEMPT:
            todo = Message("Decide the eligibility of donation {donation}", words)
            yield no(Message("The eligibility of donation {donation} is not decided", words), todo)


def _within_limits(known: Known, _: IntendedUse) -> Iterator[Finding]:
    """Past a hard limit it may not be issued or banked; past the soft one, and with unknown age, it may."""
    bank, line = known.bank, known.line
    after = bank.passages_after_thaw or 0
    most_after = line.passages_after_thaw_max
    if most_after is not None and after > most_after:
        values = {"have": after, "most": most_after}
        yield no(Message("It was passaged {have} times since its thaw, the limit is {most}", values))
    if line.limiting_measure is LimitingMeasure.PASSAGE and bank.passage is not None:
        passage = bank.passage + after
        age = {"have": f"p{passage}", "hard": f"p{line.hard_limit}", "soft": f"p{line.soft_limit}"}
        if line.hard_limit is not None and passage > line.hard_limit:
            yield no(Message("It is at {have}, past the hard limit {hard} of its line", age))
        elif line.soft_limit is not None and passage > line.soft_limit:
            yield mind(Message("it is at {have}, past the soft limit {soft} of its line", age))
    elif line.limiting_measure is LimitingMeasure.POPULATION_DOUBLINGS and bank.cpd_milli is not None:
        grown = {"have": _doublings(bank.cpd_milli), "hard": _doublings(line.hard_limit or 0)}
        if line.hard_limit is not None and bank.cpd_milli > line.hard_limit:
            yield no(
                Message("It has {have} population doublings, past the hard limit {hard} of its line", grown)
            )


def _doublings(milli: int) -> str:
    return f"{milli / 1000:.1f}"


def _in_date(known: Known, use: IntendedUse) -> Iterator[Finding]:
    bank, today = known.bank, known.today
    if bank.expires_on is not None and bank.expires_on < today and use is not IntendedUse.TRAINING:
        todo = Message("Discard it, or have quality give it another expiry date")
        yield no(Message("Its bank expired on {day}", {"day": bank.expires_on}), todo)
    if bank.retest_on is not None and bank.retest_on < today:
        said = Message("Its bank was to be tested again by {day}", {"day": bank.retest_on})
        if use in IN_PEOPLE:
            yield no(said, Message("Take a vial for quality control and test it"))
        elif use is IntendedUse.RESEARCH:
            yield mind(said)


def _exposed(known: Known, use: IntendedUse) -> Iterator[Finding]:
    """One time out of the cold against the bank's limit, and how often; what quality has judged is judged."""
    if known.vial is None or use is IntendedUse.TRAINING:
        return
    bank, judged = known.bank, known.exposure_judged_at
    lifts = [lift for lift in known.lifts if judged is None or lift.started_at > judged]
    longest = max((lift.seconds for lift in lifts), default=0)
    if bank.exposure_limit_s is not None:
        values = {"have": longest, "most": bank.exposure_limit_s}
        if longest > bank.exposure_limit_s:
            said = Message("It was out of the cold for {have} s at once, the limit is {most} s", values)
            yield no(said, Message("Ask quality to judge the exposure"))
        else:
            yield good(Message("at most {have} s of {most} s recorded exposure at once", values))
    times = sum(lift.is_own for lift in known.lifts)
    if bank.exposures_max is not None and times > bank.exposures_max and any(lift.is_own for lift in lifts):
        values = {"have": times, "most": bank.exposures_max}
        said = Message("It was out of the cold {have} times, the limit is {most}", values)
        yield no(said, Message("Ask quality to judge the exposure"))


@dataclass(frozen=True)
class _Gap:
    """A state in which nobody can say that this is the vial and that it was kept as it should be."""

    said: Message
    todo: Message


_NOT_HERE = {
    VialState.MISSING: _Gap(
        Message("The vial is missing"), Message("Look for it, and say whether it was found or is written off")
    ),
    VialState.IN_TRANSIT: _Gap(Message("The vial is on its way"), Message("Receive it")),
    VialState.PLANNED: _Gap(Message("The vial is only planned"), Message("Fill it, freeze it and store it")),
    VialState.FILLED: _Gap(Message("The vial is not frozen yet"), Message("Freeze it and store it")),
    VialState.FREEZING: _Gap(Message("The vial is being frozen"), Message("End the freeze run and store it")),
}


def _in_custody(known: Known, use: IntendedUse) -> Iterator[Finding]:
    vial: Vial | None = known.vial
    if vial is None:
        return
    if vial.state in _NOT_HERE:
        yield no(_NOT_HERE[vial.state].said, _NOT_HERE[vial.state].todo)
    if vial.is_legacy and not vial.is_verified:
        todo = Message("Find it in its place and read its code")
        yield no(Message("It is known from old records only: nobody has seen it yet"), todo)
    elif vial.must_be_read:
        said = Message("It was last recognised by its place, its code is still to be read")
        if use in IN_PEOPLE:
            yield no(said, Message("Read its code"))
        else:
            yield mind(said)


Rule = Callable[[Known, IntendedUse], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    _gone,
    _held,
    _released,
    consent.given,
    _eligible,
    _within_limits,
    _in_date,
    _exposed,
    _in_custody,
)
