"""Tables: three kinds, and the vocabulary of their columns.

* ``Recorded``: the bank's facts. Every change is journalled by the database itself, under an event; nothing is deleted.
* ``Journal``: append-only (events, their subjects, their changes).
* ``Operational``: everything that is not a fact of the bank (sign-in sessions, jobs, drafts); each says why.
"""

from __future__ import annotations

import enum
from datetime import UTC, date, datetime
from typing import Any, ClassVar, dataclass_transform
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, declared_attr, mapped_column

from cellbank.core import ids

CANONICAL_MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC with microseconds.

    SQLite keeps the canonical text ``YYYY-MM-DDTHH:MM:SS.ffffffZ`` (so the journal's triggers copy it as it is and
    it sorts by time); PostgreSQL keeps ``timestamptz``.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.engine.Dialect) -> sa.types.TypeEngine[Any]:
        """Text on SQLite, timestamptz elsewhere."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.String(27))
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: sa.engine.Dialect) -> Any:
        """Refuse a naive datetime: it would mean another moment on another machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        value = value.astimezone(UTC)
        return value.strftime(CANONICAL_MOMENT) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: sa.engine.Dialect) -> datetime | None:
        """Always aware, always UTC."""
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return value.astimezone(UTC)  # type: ignore[no-any-return]


# SQLAlchemy inherits kw_only; type checkers learn it from this decorator.
@dataclass_transform(kw_only_default=True, field_specifiers=(mapped_column,))
class Model(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """The root of all tables."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment(),
        date: sa.Date(),
        str: sa.Text(),
        int: sa.BigInteger(),
        bool: sa.Boolean(create_constraint=False),
        UUID: sa.Uuid(),
        enum.StrEnum: sa.Enum(
            enum.StrEnum,
            native_enum=False,
            create_constraint=False,
            length=40,
            values_callable=lambda words: [word.value for word in words],
        ),
    }

    def __init_subclass__(cls, **kw: Any) -> None:
        # Owned tables always get UNIQUE(organisation_id, id): it is what composite foreign keys point at.
        if "__tablename__" in cls.__dict__ and issubclass(cls, OrganisationOwned):
            own = cls.__dict__.get("__table_args__", ())
            cls.__table_args__ = (sa.UniqueConstraint("organisation_id", "id"), *own)
        super().__init_subclass__(**kw)


class Recorded(Model):
    """A fact of the bank: journalled by trigger, never deleted.

    ``SUBJECTS`` names the columns whose things an event about this row is about: its own ``id`` and foreign keys
    such as ``vial_id``. The journal's triggers write them, so a story cannot miss an act.
    """

    __abstract__ = True
    SUBJECTS: ClassVar[tuple[str, ...]] = ("id",)

    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.uuid7)
    version: Mapped[int] = mapped_column(init=False, default=1, nullable=False)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return {"version_id_col": cls.version}


class Journal(Model):
    """Append-only: written by the unit of work and by triggers, changed by nobody."""

    __abstract__ = True


class Operational(Model):
    """Not a fact of the bank; ``WHY`` says why it needs no journal."""

    __abstract__ = True
    WHY: ClassVar[str] = ""


@dataclass_transform(kw_only_default=True, field_specifiers=(mapped_column,))
class OrganisationOwned(MappedAsDataclass, kw_only=True):
    """Belongs to one organisation; others cannot see it.

    Mixin for tables; the tenant filter of :mod:`cellbank.core.tenancy` and composite foreign keys rest on it.
    """

    organisation_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("organisation.id", deferrable=True, initially="DEFERRED")
    )


def refers_to(table: str) -> sa.ForeignKey:
    """A foreign key to another table's id, checked at COMMIT: one act may insert its rows in any order."""
    return sa.ForeignKey(f"{table}.id", deferrable=True, initially="DEFERRED")


def by_event() -> sa.ForeignKey:
    """A foreign key to the event that began or ended something: its time and its people are found there."""
    return sa.ForeignKey("event.seq", deferrable=True, initially="DEFERRED")


def unique_while(where: str, name: str, *columns: str) -> sa.Index:
    """A unique rule for the rows that satisfy ``where`` (an open interval, an act not annulled)."""
    return sa.Index(name, *columns, unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def same_organisation(column: str, table: str) -> sa.ForeignKeyConstraint:
    """A foreign key that also demands the same organisation on both sides.

    Deferred to COMMIT, so that a change of owner can move a thing and all that hangs on it in one transaction.
    """
    return sa.ForeignKeyConstraint(
        ["organisation_id", column],
        [f"{table}.organisation_id", f"{table}.id"],
        deferrable=True,
        initially="DEFERRED",
    )


@dataclass_transform(kw_only_default=True, field_specifiers=(mapped_column,))
class Annullable(MappedAsDataclass, kw_only=True):
    """An act that can turn out to be recorded by mistake: the row stays, and names the event that annulled it."""

    annulled_by: Mapped[int | None] = mapped_column(by_event(), default=None)


class Precision(enum.StrEnum):
    """How exactly a time in the past is known."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    UNKNOWN = "unknown"


def every_table(kind: type[Model]) -> list[type[Any]]:
    """The mapped classes of one kind (Recorded, Journal or Operational), by table name."""
    found = [m.class_ for m in Model.registry.mappers if issubclass(m.class_, kind)]
    return sorted(found, key=lambda c: c.__tablename__)


def index_deferred_keys() -> None:
    """Give every deferred foreign key an index on its own side.

    While an event is current, one deferred rule is always open (see :mod:`cellbank.core.triggers_sqlite`), and
    then SQLite looks through the child table at each insert into the parent: without an index that is a whole scan
    for each new vial. The journal's own rows are exempt: their parent is inserted before the rule opens.
    """
    for table in Model.metadata.tables.values():
        served = {
            index.expressions[0].name
            for index in table.indexes
            if hasattr(index.expressions[0], "name")
            and str(index.dialect_options["sqlite"].get("where")).removeprefix(f"{table.name}.")
            in ("None", f"{index.expressions[0].name} IS NOT NULL")
        }
        served |= {
            next(iter(rule.columns)).name
            for rule in table.constraints
            if isinstance(rule, sa.UniqueConstraint | sa.PrimaryKeyConstraint) and len(rule.columns)
        }
        for rule in sorted(table.foreign_key_constraints, key=lambda found: str(found.column_keys)):
            own = [
                name for name in rule.column_keys if len(rule.column_keys) == 1 or name != "organisation_id"
            ]
            if rule.deferrable and rule.referred_table.name != "event" and not served.intersection(own):
                column = table.columns[own[0]]
                present = column.is_not(None) if column.nullable else None
                sa.Index(
                    f"ix_{table.name}_{column.name}", column, sqlite_where=present, postgresql_where=present
                )
                served.add(column.name)
