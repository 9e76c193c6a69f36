"""The guards of `madang.kernel.guards` as PostgreSQL has them: two functions, one trigger a table, event triggers where
a superuser puts them up.
"""

from collections.abc import Sequence
from typing import Any, Literal

from madang.kernel.guards_sqlite import Found

NAME = "madang_append_only"
DDL = "madang_append_only_ddl"
DROP = "madang_append_only_drop"
MIGRATING = "madang.migrating"
"""A setting of the session: `on` while `migrate` runs. It stops mistakes, no one who knows it."""

_REFUSE = """
BEGIN
  RAISE EXCEPTION 'append-only: rows of % are written once', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END
"""

_KEEP = f"""
-- Refuses what alters, drops or bends the tables, outside of migrate.
DECLARE
  touched text;
BEGIN
  IF current_setting('{MIGRATING}', true) = 'on' THEN
    RETURN;
  END IF;
  IF TG_EVENT = 'sql_drop' THEN
    SELECT d.object_identity INTO touched FROM pg_event_trigger_dropped_objects() d
      WHERE d.object_type = 'trigger' AND d.object_identity LIKE '{NAME} on %' LIMIT 1;
  ELSE
    SELECT c.object_identity INTO touched FROM pg_event_trigger_ddl_commands() c
      LEFT JOIN pg_trigger made ON c.classid = 'pg_trigger'::regclass AND made.oid = c.objid
      LEFT JOIN pg_rewrite rule ON c.classid = 'pg_rewrite'::regclass AND rule.oid = c.objid
      JOIN pg_trigger ours ON ours.tgname = '{NAME}'
        AND CASE WHEN c.classid = 'pg_proc'::regclass THEN ours.tgfoid = c.objid
          ELSE ours.tgrelid = COALESCE(made.tgrelid, rule.ev_class, c.objid) END
      LIMIT 1;
  END IF;
  IF touched IS NOT NULL THEN
    RAISE EXCEPTION 'append-only: % is altered by migrate alone', touched
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
END
"""  # noqa: S608 - our names

_EVENTS = {
    DDL: "ddl_command_end WHEN TAG IN ('ALTER TABLE', 'CREATE TRIGGER', 'ALTER TRIGGER', 'CREATE RULE', 'ALTER RULE',"
    " 'CREATE FUNCTION', 'ALTER FUNCTION')",
    DROP: "sql_drop",
}


def install(cursor: Any, tables: Sequence[str]) -> None:
    """Put up functions, triggers and, as a superuser, event triggers."""
    cursor.execute(f"SET LOCAL {MIGRATING} = 'on'")
    cursor.execute(f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $${_REFUSE}$$")
    for table in _there(cursor, tables):
        cursor.execute(f'DROP TRIGGER IF EXISTS {NAME} ON "{table}"')
        cursor.execute(
            f'CREATE TRIGGER {NAME} BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}"'
            f" FOR EACH STATEMENT EXECUTE FUNCTION {NAME}()"
        )
        cursor.execute(f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER {NAME}')  # under replication, too
    if _is_superuser(cursor):
        cursor.execute(f"CREATE OR REPLACE FUNCTION {DDL}() RETURNS event_trigger LANGUAGE plpgsql AS $${_KEEP}$$")
        for name, event in _EVENTS.items():
            cursor.execute(f"DROP EVENT TRIGGER IF EXISTS {name}")
            cursor.execute(f"CREATE EVENT TRIGGER {name} ON {event} EXECUTE FUNCTION {DDL}()")
            cursor.execute(f"ALTER EVENT TRIGGER {name} ENABLE ALWAYS")


def look(cursor: Any, tables: Sequence[str]) -> tuple[list[Found], list[list[str]]]:
    """What does not stand as it should, and the identity of tables and guards (their numbers and last change)."""
    there, found = _there(cursor, tables), list[Found]()
    triggers = _triggers(cursor, there)
    function = _function(cursor)
    for table in there:
        ours = [one for one in triggers if one["table"] == table and one["name"] == NAME]
        if not ours or function is None:
            found.append((table, NAME, "missing"))
        elif not ours[0]["whole"] or function["source"] != _REFUSE:
            found.append((table, NAME, "changed"))
        found += [(table, one["name"], "foreign") for one in triggers if one["table"] == table and one["name"] != NAME]
    found += [(table, name, "foreign") for table, name in _rules(cursor, there)]
    events = _events(cursor)
    if _is_superuser(cursor) and there:
        for name in _EVENTS:
            if name not in events:
                found.append(("", name, "missing"))
            elif events[name][1] != "A":
                found.append(("", name, "changed"))
    identity = [[one["table"], one["name"], one["identity"]] for one in triggers]
    identity += [[name, *told] for name, told in sorted(events.items())]
    return found, [*identity, [function["identity"] if function else ""], *_identities(cursor, there)]


def allow_rebuilds(cursor: Any) -> None:
    cursor.execute(f"SET {MIGRATING} = 'on'")


def forbid_rebuilds(cursor: Any) -> None:
    cursor.execute(f"RESET {MIGRATING}")


def standing(
    cursor: Any, tables: Sequence[str]
) -> tuple[Literal["superuser", "owner", "granted", "apart"], bool, tuple[str, ...]]:
    """Who we are to the tables, whether event triggers stand, and the tables that we could change rows of."""
    cursor.execute(
        "SELECT c.relname, pg_has_role(current_user, c.relowner, 'MEMBER'),"
        " has_table_privilege(c.oid, 'UPDATE') OR has_any_column_privilege(c.oid, 'UPDATE')"
        " OR has_table_privilege(c.oid, 'DELETE') OR has_table_privilege(c.oid, 'TRUNCATE')"
        " OR has_table_privilege(c.oid, 'TRIGGER')"
        " FROM pg_class c WHERE c.oid = ANY(%s::text[]::regclass[])",
        [[f'"{table}"' for table in _there(cursor, tables)]],
    )
    rows = cursor.fetchall()
    rebuilds = set(_EVENTS) <= {name for name, told in _events(cursor).items() if told[1] == "A"}
    granted = tuple(sorted(name for name, _, may in rows if may))
    if _is_superuser(cursor):
        return "superuser", rebuilds, granted
    if any(owns for _, owns, _ in rows):
        return "owner", rebuilds, granted
    return ("granted" if granted else "apart"), rebuilds, granted


# -- reading the catalogue ------------------------------------------------------------------------------------------


def _is_superuser(cursor: Any) -> bool:
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    return bool(cursor.fetchone()[0])


def _there(cursor: Any, tables: Sequence[str]) -> list[str]:
    cursor.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname = ANY(%s) ORDER BY 1",
        [list(tables)],
    )
    return [name for (name,) in cursor.fetchall()]


def _triggers(cursor: Any, tables: Sequence[str]) -> list[dict[str, Any]]:
    """Triggers on the tables but those of foreign keys. 58 = before, delete, update, truncate, for each statement."""
    cursor.execute(
        "SELECT c.relname, t.tgname, t.tgenabled = 'A' AND t.tgtype = 58 AND p.proname = %s AND t.tgqual IS NULL"
        " AND t.tgattr = ''::int2vector, t.oid || '/' || t.xmin"
        " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE NOT t.tgisinternal AND c.oid = ANY(%s::text[]::regclass[]) ORDER BY 1, 2",
        [NAME, [f'"{table}"' for table in tables]],
    )
    return [
        {"table": table, "name": name, "whole": whole, "identity": identity}
        for table, name, whole, identity in cursor.fetchall()
    ]


def _function(cursor: Any) -> dict[str, Any] | None:
    cursor.execute(
        "SELECT p.prosrc, p.oid || '/' || p.xmin FROM pg_proc p WHERE p.proname = %s"
        " AND p.pronamespace = current_schema()::regnamespace",
        [NAME],
    )
    row = cursor.fetchone()
    return {"source": row[0], "identity": row[1]} if row else None


def _rules(cursor: Any, tables: Sequence[str]) -> list[tuple[str, str]]:
    """Rules on the tables, and row security, which hides rows: neither is ours."""
    cursor.execute(
        "SELECT c.relname, r.rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class"
        " WHERE c.oid = ANY(%s::text[]::regclass[])"
        " UNION SELECT relname, 'row security' FROM pg_class WHERE relrowsecurity AND oid = ANY(%s::text[]::regclass[])"
        " ORDER BY 1, 2",
        [[f'"{table}"' for table in tables]] * 2,
    )
    return list(cursor.fetchall())


def _events(cursor: Any) -> dict[str, list[str]]:
    cursor.execute(
        "SELECT evtname, oid || '/' || xmin, evtenabled FROM pg_event_trigger WHERE evtname = ANY(%s)", [list(_EVENTS)]
    )
    return {name: [identity, enabled] for name, identity, enabled in cursor.fetchall()}


def _identities(cursor: Any, tables: Sequence[str]) -> list[list[str]]:
    cursor.execute(
        "SELECT relname, oid::text FROM pg_class WHERE oid = ANY(%s::text[]::regclass[]) ORDER BY 1",
        [[f'"{table}"' for table in tables]],
    )
    return [list(row) for row in cursor.fetchall()]
