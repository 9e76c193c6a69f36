"""What somebody with the rights of the tables' owner does to rows that are written once."""

from django.db import connection

from madang.kernel import guards
from madang.kernel.guards_postgresql import MIGRATING, NAME


def take_down() -> None:
    """Every guard of every table, gone."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT type, name FROM sqlite_master WHERE name LIKE 'append\\_only\\_%' ESCAPE '\\'")
            for kind, name in cursor.fetchall():
                cursor.execute(f'DROP {kind.upper()} "{name}"')
        else:
            cursor.execute(f"SET {MIGRATING} = 'on'")
            for table in guards.tables():
                cursor.execute(f'DROP TRIGGER IF EXISTS {NAME} ON "{table}"')
            cursor.execute(f"RESET {MIGRATING}")
