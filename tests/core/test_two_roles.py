"""On PostgreSQL the serving role owns nothing: it works, and can neither delete a fact nor touch a trigger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from cellbank.core import founding, schema, work
from cellbank.core.engine import Database, connect
from cellbank.core.settings import Settings
from tests.core.notes import AddCompany, keeper
from tests.postgres import Cluster

pytestmark = pytest.mark.postgres


@pytest.fixture
def serving(cluster: Cluster) -> Iterator[Database]:
    """A bank migrated by its owner, opened by the serving role."""
    owner_url = cluster.create("two_roles")
    owner = connect(owner_url)
    with owner.write.begin() as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS serving")
        connection.exec_driver_sql("CREATE ROLE serving LOGIN")
    owner.close()
    serving_url = sa.make_url(owner_url).set(username="serving").render_as_string(hide_password=False)
    settings = Settings(database_url=serving_url, owner_url=owner_url)
    assert settings.serving_role == "serving"
    schema.upgrade(settings.migration_database)
    schema.let_in(settings.migration_database, "serving")
    database = connect(serving_url)
    work.use(database)
    yield database
    database.close()
    cluster.drop("two_roles")


def test_it_serves_and_is_journalled(serving: Database) -> None:
    schema.check(serving)
    founding.found()
    event = work.perform(AddCompany(name="Royan"), keeper(), key="k")
    with serving.read.connect() as connection:
        count = connection.execute(
            sa.text("SELECT count(*) FROM change WHERE event_seq = :e"), {"e": event.seq}
        )
        assert count.scalar() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM organisation",
        "TRUNCATE organisation CASCADE",
        "UPDATE event SET name = 'x'",
        "DELETE FROM change",
        "ALTER TABLE organisation DISABLE TRIGGER ALL",
        "DROP TRIGGER journal_organisation_update ON organisation",
        "DROP TABLE event CASCADE",
        "SET session_replication_role = 'replica'",
        "ALTER FUNCTION journal_current_event() OWNER TO serving",
        "CREATE OR REPLACE FUNCTION journal_current_event() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
    ],
)
def test_it_cannot_get_past_the_journal(serving: Database, statement: str) -> None:
    founding.found()
    with pytest.raises(DBAPIError), serving.write.begin() as connection:
        connection.exec_driver_sql(statement)
