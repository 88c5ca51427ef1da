"""Reading what verdicts follow from, for many vials or banks in a bounded number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from cellbank.core import clock, work
from cellbank.core.actor import Actor
from cellbank.core.errors import Message, Refused
from cellbank.domains.banks.models import Bank, Grade
from cellbank.domains.lines.models import Line
from cellbank.domains.vials.models import IntendedUse, Release, ThawPurpose, Vial
from cellbank.domains.vials.verdicts import judging
from cellbank.domains.vials.verdicts.ancestry import OF_ANY_OWNER, Kind, Things, ancestors, merged
from cellbank.domains.vials.verdicts.answer import Answer, Verdict, use_for
from cellbank.domains.vials.verdicts.exposures import judged_until, lifts_of
from cellbank.domains.vials.verdicts.holds import containers_of, open_holds
from cellbank.domains.vials.verdicts.known import Known, OpenHold
from cellbank.domains.vials.verdicts.origins import gifts_of


def verdicts(db: Session, vial_ids: Iterable[UUID]) -> dict[UUID, Verdict]:
    """May each vial be used, and for what? The caller sees to it that the vials may be seen by the actor."""
    return {key: judging.verdict(known) for key, known in _known_of_vials(db, list(vial_ids)).items()}


def may_be_used(db: Session, vial_ids: Iterable[UUID], use: IntendedUse) -> dict[UUID, Answer]:
    """The answer for one use, for each vial."""
    return {key: found.uses[use] for key, found in verdicts(db, vial_ids).items()}


def refuse_unless_usable(db: Session, vials: Sequence[Vial], purpose: ThawPurpose) -> None:
    """Refuse the first vial that must not be used for this purpose.

    Tests go through quarantine and through every hold that allows them. :raises Refused:
    """
    known = _known_of_vials(db, [vial.id for vial in vials])
    for vial in vials:
        found = judging.verdict(known[vial.id])
        use = use_for(purpose, known[vial.id].bank.grade)
        if use is None:
            if not found.allows_qc:
                raise Refused("{vial} is on hold: not even tests may use it", vial=vial.name, about=[vial])
        elif not found.allows(use):
            why = found.uses[use].reasons[0]
            raise Refused("{vial} may not be used for this: {why}", vial=vial.name, why=why, about=[vial])


def bank_verdicts(db: Session, bank_ids: Iterable[UUID]) -> dict[UUID, Verdict]:
    """May the stock of each bank be used, and for what? What befell single vials is not asked here."""
    return {key: judging.verdict(known) for key, known in _known_of_banks(db, list(bank_ids)).items()}


def bank_obstacles(
    db: Session, bank_ids: Iterable[UUID], use: IntendedUse | None = None
) -> dict[UUID, list[Message]]:
    """What, beside its own quarantine and the missing release, forbids each bank a use.

    Without ``use`` that of its grade: GMP manufacture, or research.
    """
    return {
        key: judging.obstacles(known, use or use_of(known.bank))
        for key, known in _known_of_banks(db, list(bank_ids)).items()
    }


def vial_obstacles(db: Session, vial_ids: Iterable[UUID], use: IntendedUse) -> dict[UUID, list[Message]]:
    """What, beside its own quarantine and the missing release, forbids each vial this use."""
    return {key: judging.obstacles(known, use) for key, known in _known_of_vials(db, list(vial_ids)).items()}


def use_of(bank: Bank) -> IntendedUse:
    """The use that a bank of its grade is made for."""
    return IntendedUse.GMP_MANUFACTURE if bank.grade is Grade.GMP else IntendedUse.RESEARCH


# ---- reading ----


def _known_of_vials(db: Session, vial_ids: list[UUID]) -> dict[UUID, Known]:
    rows = db.execute(
        sa.select(Vial, Bank, Line)
        .join(Bank, Bank.id == Vial.bank_id)
        .join(Line, Line.id == Bank.line_id)
        .where(Vial.id.in_(vial_ids)),
        execution_options=OF_ANY_OWNER,
    ).all()
    if not rows:
        return {}
    vials = [vial for vial, _, _ in rows]
    above = ancestors(
        db,
        banks={vial.bank_id for vial in vials},
        fill_lots={vial.fill_lot_id for vial in vials if vial.fill_lot_id},
        freeze_runs={vial.freeze_run_id for vial in vials if vial.freeze_run_id},
    )
    boxes, lifts = containers_of(db, vial_ids), lifts_of(db, vial_ids)
    judged = judged_until(db, vial_ids)
    origins = _Origins(db, above.values(), vial_ids, [line for _, _, line in rows])
    found = {}
    for vial, bank, line in rows:
        roots = (vial.bank_id, vial.fill_lot_id, vial.freeze_run_id)
        things = merged(above[key] for key in roots if key in above)
        itself = frozenset(key for key in (vial.id, vial.segment_of_id) if key is not None)
        things[Kind.VIAL] = things.get(Kind.VIAL, frozenset()) | itself
        things[Kind.CONTAINER] = boxes.get(vial.id, frozenset())
        found[vial.id] = Known(
            bank=bank,
            line=line,
            vial=vial,
            releases=tuple(r for r in origins.releases if vial.id == r.vial_id or bank.id == r.bank_id),
            lifts=lifts.get(vial.id, ()),
            exposure_judged_at=judged.get(vial.id),
            **origins.of(things),
        )
    return found


def _known_of_banks(db: Session, bank_ids: list[UUID]) -> dict[UUID, Known]:
    rows = db.execute(
        sa.select(Bank, Line).join(Line, Line.id == Bank.line_id).where(Bank.id.in_(bank_ids)),
        execution_options=OF_ANY_OWNER,
    ).all()
    above = ancestors(db, banks=[bank.id for bank, _ in rows])
    origins = _Origins(db, above.values(), (), [line for _, line in rows])
    return {
        bank.id: Known(
            bank=bank,
            line=line,
            releases=tuple(r for r in origins.releases if r.bank_id == bank.id),
            **origins.of(above[bank.id]),
        )
        for bank, line in rows
    }


class _Origins:
    """What several lineages share, read once: holds, releases, lines, donations and consents."""

    def __init__(
        self, db: Session, lineages: Iterable[Things], vial_ids: Sequence[UUID], lines: Iterable[Line]
    ) -> None:
        actor: Actor = db.actor  # type: ignore[attr-defined]
        whole = merged(lineages)
        self.today = today()
        self.holds = open_holds(db, actor, {*whole.get(Kind.VIAL, ()), *vial_ids})
        self.releases = _releases(db, whole.get(Kind.BANK, frozenset()), vial_ids)
        self.lines = {line.id: line for line in lines}
        others = whole.get(Kind.LINE, frozenset()) - set(self.lines)
        if others:
            more = db.scalars(sa.select(Line).where(Line.id.in_(others)), execution_options=OF_ANY_OWNER)
            self.lines |= {line.id: line for line in more}
        self.gifts = gifts_of(db, actor, whole.get(Kind.DONATION, frozenset()))

    def of(self, things: Things) -> dict[str, Any]:
        """The part of it that one lineage has."""
        return {
            "today": self.today,
            "holds": tuple(hold for hold in self.holds if _is_on(hold, things)),
            "lines": tuple(self.lines[key] for key in sorted(things.get(Kind.LINE, ()))),
            "gifts": tuple(
                gift for key in sorted(things.get(Kind.DONATION, ())) for gift in self.gifts.get(key, ())
            ),
        }


def _is_on(hold: OpenHold, things: Things) -> bool:
    return hold.scope_id in things.get(hold.scope, ())


def _releases(db: Session, banks: Iterable[UUID], vial_ids: Sequence[UUID]) -> list[Release]:
    """Releases that nobody revoked, of these banks and vials, whoever gave them."""
    return list(
        db.scalars(
            sa.select(Release)
            .where(
                sa.or_(Release.bank_id.in_(list(banks)), Release.vial_id.in_(list(vial_ids))),
                Release.revoked_by.is_(None),
                Release.annulled_by.is_(None),
            )
            .order_by(Release.valid_from, Release.id),
            execution_options=OF_ANY_OWNER,
        )
    )


def today() -> date:
    """The day on the site's own clock."""
    return clock.now().astimezone(ZoneInfo(work.settings().site_zone)).date()
