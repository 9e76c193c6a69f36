"""The PostgreSQL role of the site: all of the platform's work, and no way to change what is written once."""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, transaction

from madang.apps.directory import commands as directory
from madang.cli.main import main
from madang.kernel import guards, sealing, worker
from madang.kernel.journal import JournalEntry
from madang.kernel.roles import sql
from madang.kernel.sealed_check import Known, check
from tests.factories.people import acting, belongs, organisation, person
from tests.factories.world import build

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="roles are of PostgreSQL")

ROLE = "madang_site"
JOURNAL = JournalEntry._meta.db_table


@pytest.fixture
def under_the_role(committing: None) -> Iterator[None]:
    """A connection that signs in as the role, to a database of its own."""
    statements = sql(ROLE, database=connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        for _ in range(2):  # run again after each migrate
            cursor.execute(statements)
    owner = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = ROLE
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["USER"] = owner


def test_the_platform_works_under_the_role(under_the_role):
    """A whole world by its commands, a handover, and every job of the worker."""
    world = build()
    city, giver, taker = organisation("City of Hand"), person("giver"), person("taker")
    belongs(city, giver, "manage", "file")
    belongs(city, taker, "file")
    directory.hand_over(
        actor=acting("hand-admin", role="administrator"), giver=giver, taker=taker, organisation=city, reason="new post"
    )
    before = JournalEntry.objects.count()
    done = worker.run_once()
    assert done["seal"] >= before > 50
    assert world.people
    result = check(Known(copies=[sealing.copy_path()]))
    assert result.exit_code == 0
    assert guards.missing(connection) == []
    assert guards.standing(connection) == guards.Standing("apart", True)


@pytest.mark.parametrize(
    "statement",
    [
        'UPDATE "{0}" SET command = command',
        'UPDATE "{0}" SET command = command WHERE false',
        'DELETE FROM "{0}"',
        'TRUNCATE "{0}"',
        'TRUNCATE "{0}" CASCADE',
        'ALTER TABLE "{0}" DISABLE TRIGGER ALL',
        'ALTER TABLE "{0}" DISABLE TRIGGER madang_append_only',
        'ALTER TABLE "{0}" ADD COLUMN x text',
        'ALTER TABLE "{0}" RENAME TO x',
        'DROP TABLE "{0}" CASCADE',
        'DROP TRIGGER madang_append_only ON "{0}"',
        'CREATE RULE swallow AS ON INSERT TO "{0}" DO INSTEAD NOTHING',
        'CREATE TRIGGER swallow BEFORE INSERT ON "{0}" EXECUTE FUNCTION madang_append_only()',
        'CREATE TABLE x () INHERITS ("{0}")',
        "CREATE OR REPLACE FUNCTION madang_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "DROP EVENT TRIGGER madang_append_only_ddl",
        "SET session_replication_role = 'replica'",
        "SET ROLE postgres",
        'INSERT INTO "{0}" SELECT * FROM "{0}" ON CONFLICT (id) DO UPDATE SET command = excluded.command',
        "DELETE FROM django_migrations",
        'GRANT ALL ON "{0}" TO madang_site',
    ],
)
def test_the_role_changes_nothing_that_is_written_once(under_the_role, statement):
    person("one")
    before = list(JournalEntry.objects.values_list())
    with connection.cursor() as cursor:
        cursor.execute("SET madang.migrating = 'on'")  # whoever knows the switch is still nobody
    if statement.startswith("GRANT"):  # PostgreSQL only warns there
        with connection.cursor() as cursor:
            cursor.execute(statement.format(JOURNAL))
            cursor.execute("SELECT has_table_privilege(%s, 'UPDATE')", [JOURNAL])
            assert cursor.fetchone() == (False,)
        return
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
        connection.cursor().execute(statement.format(JOURNAL))
    assert list(JournalEntry.objects.values_list()) == before


def test_how_far_the_guards_reach_is_told(committing, capsys):
    assert guards.standing(connection).role == "superuser"
    assert [reason.code for reason in guards.told(connection)] == [
        "guards_stand", "guards_role_superuser", "guards_rebuilds",
    ]  # fmt: skip
    assert main(["role", "--role", "madang_site"]) == 0
    assert capsys.readouterr().out == sql("madang_site", database=connection.settings_dict["NAME"])
    assert main(["role", "--role", "x; DROP ROLE y"]) == 1


def test_a_right_too_many_is_told(under_the_role):
    connection.close()
    connection.settings_dict["USER"] = "postgres"
    with connection.cursor() as cursor:
        cursor.execute(f'GRANT UPDATE (command) ON "{JOURNAL}" TO {ROLE}')
    connection.close()
    connection.settings_dict["USER"] = ROLE
    assert guards.standing(connection) == guards.Standing("granted", True, (JOURNAL,))
