"""The tenant filter: a session shows its actor's organisation only.

SQLAlchemy's ``with_loader_criteria`` filters ORM selects; measured, it leaks eight other ways. Those ways raise here
unless the statement says ``execution_options(tenant_ok="why")``.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql.visitors import iterate

from cellbank.core.actor import Actor
from cellbank.core.model import Model, OrganisationOwned


class TenantLeak(Exception):
    """A statement on owned tables goes round the tenant filter: a fault of the program, never of a person."""


def owned_tables() -> frozenset[str]:
    """Names of the tables whose rows belong to one organisation."""
    return frozenset(
        str(m.local_table) for m in Model.registry.mappers if issubclass(m.class_, OrganisationOwned)
    )


def fence(session_class: type[Session]) -> None:
    """Put the fence round every session of this class; its ``actor`` says whose."""
    event.listen(session_class, "do_orm_execute", _on_execute)
    event.listen(session_class, "before_flush", _on_flush)


def _on_execute(state: ORMExecuteState) -> None:
    actor: Actor = state.session.actor  # type: ignore[attr-defined]
    if actor.sees_all or state.execution_options.get("tenant_ok"):
        return
    statement = state.statement
    is_filtered = (
        state.is_orm_statement
        and (state.is_select or state.is_update or state.is_delete)
        and not state.is_from_statement
        and not isinstance(state.parameters, list)
    )
    if is_filtered:
        mine = actor.organisation_id
        state.statement = statement.options(
            with_loader_criteria(
                OrganisationOwned,
                lambda cls: cls.organisation_id == mine,
                include_aliases=True,
                track_closure_variables=True,
            )
        )
        return
    if state.is_insert and _all_mine(state.parameters, actor):
        return
    if _touches_owned(statement):
        raise TenantLeak(f"say tenant_ok or use the ORM: {statement.__class__.__name__}")


def _all_mine(rows: Any, actor: Actor) -> bool:
    """Whether a bulk insert names the actor's own organisation in every row."""
    given = rows if isinstance(rows, list) else [rows]
    return all(isinstance(row, dict) and row.get("organisation_id") == actor.organisation_id for row in given)


def _touches_owned(statement: Any) -> bool:
    if isinstance(statement, sa.TextClause):
        return True
    owned = owned_tables()
    return any(
        getattr(part, "name", None) in owned for part in iterate(statement) if isinstance(part, sa.Table)
    )


def _on_flush(session: Session, *_: Any) -> None:
    actor: Actor = session.actor  # type: ignore[attr-defined]
    if actor.sees_all:
        return
    for row in [*session.new, *session.dirty]:
        if isinstance(row, OrganisationOwned) and row.organisation_id != actor.organisation_id:
            raise TenantLeak(f"{type(row).__name__} of another organisation written by {actor.name}")
