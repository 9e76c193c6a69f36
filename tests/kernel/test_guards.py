"""What keeps rows that are written once: no statement of any kind changes or removes one, and a lost guard is seen."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from madang.apps.accounts.models import Consent
from madang.apps.calls.models import DefinitionVersion
from madang.kernel import guards, sealing
from madang.kernel.append_only import AppendOnly, WrittenOnce
from madang.kernel.commands import locked
from madang.kernel.guards import Gap
from madang.kernel.guards_postgresql import DDL, MIGRATING, NAME
from madang.kernel.guards_sqlite import NotGuardable
from madang.kernel.journal import JournalEntry
from madang.kernel.sealing import SealedRow
from tests.factories import calls as call_factory
from tests.factories.people import person
from tests.factories.tampering import take_down

ON_SQLITE = connection.vendor == "sqlite"
only_sqlite = pytest.mark.skipif(not ON_SQLITE, reason="of SQLite")
only_postgresql = pytest.mark.skipif(ON_SQLITE, reason="of PostgreSQL")

JOURNAL = JournalEntry._meta.db_table


@pytest.fixture
def written(db: None) -> None:
    """A published call and a person with consents: rows in four tables that are written once."""
    call_factory.published("one-call")
    someone = person("one")
    for _ in range(2):
        Consent.objects.create(person=someone, kind="terms", version="1", given=True, at=dt.datetime.now(dt.UTC))


def rows(table: str) -> list[list[tuple[str, object]]]:
    """By name, because a rebuilt table has its columns in another order."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}" ORDER BY id')
        names = [column[0] for column in cursor.description]
        return [sorted(zip(names, row, strict=True)) for row in cursor.fetchall()]


def refused(sql: str, *values: object) -> bool:
    """Whether the database refuses the statement as one against rows that are written once."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
            connection.check_constraints()
    except IntegrityError as error:
        return "append-only" in str(error)
    return False


@pytest.mark.django_db
def test_every_table_of_rows_written_once_is_guarded():
    assert guards.missing(connection) == []
    assert {JOURNAL, "calls_definitionversion", "kernel_seal", "kernel_sealedrow"} <= set(guards.tables())
    found = {model._meta.db_table for model in guards.append_only_models()}
    assert found == {model._meta.db_table for model in AppendOnly.__subclasses__() if not model._meta.abstract}


@pytest.mark.parametrize("table", ["kernel_journalentry", "calls_definitionversion", "accounts_consent"])
def test_no_row_is_changed_or_removed(written, table):
    before = rows(table)
    assert before
    model = next(one for one in guards.append_only_models() if one._meta.db_table == table)
    column = model._meta.get_field("at" if table != "calls_definitionversion" else "published_at").column
    assert refused(f'UPDATE "{table}" SET "{column}" = "{column}"')
    assert refused(f'DELETE FROM "{table}"')
    for way in ("REPLACE", "IGNORE", "FAIL", "ABORT", "ROLLBACK") if ON_SQLITE else ():
        assert refused(f'UPDATE OR {way} "{table}" SET "{column}" = "{column}"')
    if not ON_SQLITE:
        connection.check_constraints()  # no event is pending, which would forbid a TRUNCATE by itself
        assert refused(f'TRUNCATE "{table}" CASCADE')
        assert refused(f'UPDATE ONLY "{table}" SET "{column}" = "{column}"')
        assert refused(f'MERGE INTO "{table}" old USING "{table}" new ON old.id = new.id WHEN MATCHED THEN DELETE')
    assert rows(table) == before


@pytest.mark.parametrize("table", ["kernel_journalentry", "calls_definitionversion", "accounts_consent"])
def test_no_row_is_replaced(written, table):
    """By its primary key, by any of its unique keys, or by SQLite's own row number."""
    before = rows(table)
    model = next(one for one in guards.append_only_models() if one._meta.db_table == table)
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    copied = f'INTO "{table}" ({columns}) SELECT {columns} FROM "{table}"'
    if not ON_SQLITE:
        pk = model._meta.pk.column
        assert refused(f'INSERT {copied} ON CONFLICT ("{pk}") DO UPDATE SET "{pk}" = excluded."{pk}"')
        assert rows(table) == before
        return
    for way in ("INSERT", "INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE"):
        assert refused(f"{way} {copied}"), way
    assert refused(f"INSERT {copied} WHERE true ON CONFLICT DO UPDATE SET rowid = rowid")
    fresh = ", ".join(
        {"id": f"'{'f' * 32}'" if table == JOURNAL else "NULL"}.get(field.column, f'"{field.column}"')
        for field in model._meta.concrete_fields
    )
    if table == JOURNAL:  # by the row number, under a new id
        assert refused(f'REPLACE INTO "{table}" (rowid, {columns}) SELECT rowid, {fresh} FROM "{table}"')
    if table == "calls_definitionversion":  # by (call, number), under a new id
        assert refused(f'REPLACE INTO "{table}" ({columns}) SELECT {fresh} FROM "{table}"')
    assert rows(table) == before


def test_our_own_code_is_told_before_the_database_must(written):
    version = DefinitionVersion.objects.get()
    for options in ({"update_conflicts": True}, {"ignore_conflicts": True}):
        with pytest.raises(WrittenOnce):
            DefinitionVersion.objects.bulk_create([version], **options)
    with pytest.raises(TypeError, match="lock what they are about"):
        locked(DefinitionVersion.objects)


@only_sqlite
def test_a_row_goes_where_no_row_stands(db):
    """The trigger before an insert knows partial unique indexes as SQLite does."""
    with connection.cursor() as cursor:
        cursor.execute('CREATE TABLE "once" ("id" integer PRIMARY KEY AUTOINCREMENT, "a" text, "b" text)')
        cursor.execute("""CREATE UNIQUE INDEX "one_open_a" ON "once" ("a") WHERE "b" IS NULL""")
        from madang.kernel.guards_sqlite import install

        install(cursor, ["once"])
        for a, b in (("x", None), ("x", "closed"), ("x", "closed again"), ("y", None), (None, None), (None, None)):
            cursor.execute("INSERT INTO once (a, b) VALUES (%s, %s)", [a, b])
        assert refused("REPLACE INTO once (a, b) VALUES ('x', NULL)")
        assert refused("REPLACE INTO once (id, a, b) VALUES (3, 'new', NULL)")
        cursor.execute("INSERT INTO once (a) VALUES ('z')")
        cursor.execute('CREATE UNIQUE INDEX "lower_a" ON "once" (lower("a") || "id")')
        with pytest.raises(NotGuardable):
            install(cursor, ["once"])
        cursor.execute("DROP TABLE once")


# -- tables that are made anew --------------------------------------------------------------------------------------


@pytest.fixture
def alone(committing: None) -> None:
    """A database of its own, in which schema changes are real."""


def another_length() -> models.Field:
    field = models.CharField(max_length=101)
    field.set_attributes_from_name("command")
    return field


def rebuild() -> None:
    """What a migration with AlterField does; on SQLite a new table, a copy, a DROP and a RENAME."""
    with connection.schema_editor() as editor:
        editor.alter_field(JournalEntry, JournalEntry._meta.get_field("command"), another_length())


def test_a_table_is_rebuilt_by_migrate_alone(alone):
    call_factory.published("one-call")
    before = rows(JOURNAL)
    with pytest.raises(DatabaseError, match=r"append[_-]only"):
        rebuild()
    assert (rows(JOURNAL), guards.missing(connection)) == (before, [])
    with pytest.raises(DatabaseError, match=r"append[_-]only"), connection.schema_editor() as editor:
        editor.remove_field(JournalEntry, JournalEntry._meta.get_field("actor_label"))
    assert (rows(JOURNAL), guards.missing(connection)) == (before, [])


def test_migrate_may_rebuild_and_puts_the_guards_up_again(alone):
    """The migration that rebuilds runs between `pre_migrate` and `post_migrate`, as the command sends them."""
    call_factory.published("one-call")
    before, looked = rows(JOURNAL), guards.look(connection)
    guards.before_migrate(using="default", plan=["a migration"])
    rebuild()
    assert bool(guards.missing(connection)) == ON_SQLITE  # dropped in silence, there
    guards.after_migrate(using="default")
    assert (rows(JOURNAL), guards.missing(connection)) == (before, [])
    assert refused(f'DELETE FROM "{JOURNAL}"')
    assert (guards.look(connection).fingerprint != looked.fingerprint) or not ON_SQLITE


def test_the_command_itself_puts_up_what_is_missing(alone):
    take_down()
    assert guards.missing(connection)
    [(app, last)] = MigrationLoader(connection).graph.leaf_nodes("decisions")
    MigrationRecorder(connection).record_unapplied(app, last)
    call_command("migrate", fake=True, verbosity=0)  # a plan with one migration in it
    assert guards.missing(connection) == []
    looked = guards.look(connection)
    call_command("migrate", verbosity=0)  # nothing to do: nothing is touched
    assert guards.look(connection) == looked


def test_a_sealed_journal_is_not_dropped(alone):
    """On SQLite by the leaves, which point to its rows; on PostgreSQL by the event trigger before that."""
    call_factory.published("one-call")
    sealing.seal()
    drop = f'DROP TABLE "{JOURNAL}"' + ("" if ON_SQLITE else " CASCADE")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(drop)
    assert JournalEntry.objects.count() == SealedRow.objects.count() == 1


# -- what is lost is seen -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_lost_guard_is_named_and_put_up_again():
    looked = guards.look(connection)
    take_down()
    lost = guards.missing(connection)
    assert {gap.table for gap in lost} == set(guards.tables())
    assert {gap.state for gap in lost} == {"missing"}
    assert guards.install(connection) == lost
    assert guards.missing(connection) == []
    assert guards.look(connection).fingerprint != looked.fingerprint  # taken down and put up again is not the same


@only_sqlite
@pytest.mark.django_db
def test_a_weakened_trigger_and_a_foreign_one_are_seen_on_sqlite():
    name = f"append_only_{JOURNAL}_delete"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TRIGGER "{name}"')
        cursor.execute(f'CREATE TRIGGER "{name}" BEFORE DELETE ON "{JOURNAL}" WHEN false BEGIN SELECT 1; END')
        cursor.execute(f'CREATE TRIGGER "swallow" BEFORE INSERT ON "{JOURNAL}" BEGIN SELECT RAISE(IGNORE); END')
    assert guards.missing(connection) == [Gap(JOURNAL, name, "changed"), Gap(JOURNAL, "swallow", "foreign")]
    guards.install(connection)
    assert guards.missing(connection) == [Gap(JOURNAL, "swallow", "foreign")]


@only_postgresql
@pytest.mark.django_db
def test_a_weakened_trigger_and_a_foreign_one_are_seen_on_postgresql():
    looked = guards.look(connection)
    with connection.cursor() as cursor:
        for ddl in (
            f'ALTER TABLE "{JOURNAL}" DISABLE TRIGGER {NAME}',
            f'ALTER TABLE "{JOURNAL}" ENABLE ROW LEVEL SECURITY',
            f'CREATE RULE swallow AS ON INSERT TO "{JOURNAL}" DO INSTEAD NOTHING',
            f'CREATE TRIGGER swallow BEFORE UPDATE ON "{JOURNAL}" EXECUTE FUNCTION {NAME}()',
            f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$",
            f'DROP TRIGGER {NAME} ON "{JOURNAL}"',
            f'DROP TABLE "{JOURNAL}" CASCADE',
            f"DROP FUNCTION {NAME} CASCADE",
        ):
            assert refused(ddl), ddl
        cursor.execute(f"SET {MIGRATING} = 'on'")
        cursor.execute(f'ALTER TABLE "{JOURNAL}" DISABLE TRIGGER {NAME}')
        cursor.execute(f'CREATE RULE swallow AS ON INSERT TO "{JOURNAL}" DO INSTEAD NOTHING')
        cursor.execute(f"ALTER EVENT TRIGGER {DDL} DISABLE")
        cursor.execute(f"RESET {MIGRATING}")
    assert guards.missing(connection) == [
        Gap("", DDL, "changed"), Gap(JOURNAL, NAME, "changed"), Gap(JOURNAL, "swallow", "foreign"),
    ]  # fmt: skip
    guards.install(connection)
    assert guards.missing(connection) == [Gap(JOURNAL, "swallow", "foreign")]
    assert guards.look(connection).fingerprint != looked.fingerprint


@only_postgresql
@pytest.mark.django_db
def test_a_replica_session_changes_nothing_either():
    call_factory.published("one-call")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = 'replica'")
        try:
            assert refused(f'DELETE FROM "{JOURNAL}"')
        finally:
            cursor.execute("RESET session_replication_role")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_the_guards_stand_after_the_flush_of_a_test(time):
    """The first time writes and is flushed; the second finds no row, and every guard."""
    assert (JournalEntry.objects.count(), guards.missing(connection)) == (0, [])
    call_factory.published("one-call")
    assert refused(f'DELETE FROM "{JOURNAL}"')
