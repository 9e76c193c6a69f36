"""The guards of `madang.kernel.guards` as SQLite has them. Names of ours begin with `append_only_`."""

from collections.abc import Iterator, Sequence
from typing import Any

PREFIX = "append_only_"

Found = tuple[str, str, str]
"""Table, guard, and whether it is missing, changed or foreign."""


class NotGuardable(TypeError):
    """A unique index over an expression: what it forbids cannot be asked before an insert."""


def install(cursor: Any, tables: Sequence[str]) -> None:
    """Put up every trigger and view of the tables that there are, and take down what else bears our prefix."""
    wanted, standing = _wanted(cursor, tables), _standing(cursor)
    for name, (kind, _, sql) in standing.items():
        if name.startswith(PREFIX) and (name not in wanted or wanted[name][1] != sql):
            cursor.execute(f'DROP {kind.upper()} "{name}"')
    for name, (_, sql) in wanted.items():
        if name not in standing or standing[name][2] != sql:
            cursor.execute(sql)


def look(cursor: Any, tables: Sequence[str]) -> tuple[list[Found], list[list[str]]]:
    """What does not stand as it should, and the identity of tables and guards."""
    wanted, standing = _wanted(cursor, tables), _standing(cursor)
    found: list[Found] = []
    for name, (table, sql) in wanted.items():
        if name not in standing:
            found.append((table, name, "missing"))
        elif standing[name][2] != sql:
            found.append((table, name, "changed"))
    ours = set(tables)
    for name, (kind, table, _) in standing.items():
        if kind == "trigger" and table in ours and name not in wanted:
            found.append((table, name, "foreign"))
    cursor.execute("PRAGMA schema_version")
    counted = str(cursor.fetchone()[0])  # grows with every change of the schema, also with one that is taken back
    identity = [[name, sql] for name, (_, table, sql) in sorted(standing.items()) if table in ours or name in wanted]
    return found, [[counted], *identity]


def allow_rebuilds(cursor: Any) -> None:
    """Take down the views that make a rebuild fail."""
    for name, (kind, _, _) in _standing(cursor).items():
        if kind == "view" and name.startswith(PREFIX):
            cursor.execute(f'DROP VIEW "{name}"')


def forbid_rebuilds(cursor: Any) -> None:
    """Nothing: `install` puts the views up again."""


def _standing(cursor: Any) -> dict[str, tuple[str, str, str]]:
    """Tables, triggers and views by name: kind, table, SQL."""
    cursor.execute("SELECT name, type, tbl_name, sql FROM sqlite_master WHERE type IN ('table', 'trigger', 'view')")
    return {name: (kind, table, sql or "") for name, kind, table, sql in cursor.fetchall()}


def _wanted(cursor: Any, tables: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Every guard by name: its table and its SQL, exactly as the schema will keep it."""
    columns, unique = _columns(cursor), _unique(cursor)
    return {
        name: (table, sql)
        for table in tables
        if table in columns
        for name, sql in _guards(table, columns[table], unique.get(table, []))
    }


def _guards(
    table: str, columns: Sequence[str], unique: Sequence[tuple[Sequence[str | None], str]]
) -> Iterator[tuple[str, str]]:
    refuse = f"BEGIN SELECT RAISE(ABORT, 'append-only: rows of {table} are written once'); END"
    for what in ("update", "delete"):
        name = f"{PREFIX}{table}_{what}"
        yield name, f'CREATE TRIGGER "{name}" BEFORE {what.upper()} ON "{table}" {refuse}'
    name = f"{PREFIX}{table}_insert"
    taken = " OR ".join(_taken(table, columns, *key) for key in [(("rowid",), ""), *unique])
    yield name, f'CREATE TRIGGER "{name}" BEFORE INSERT ON "{table}" WHEN {taken} {refuse}'
    listed = ", ".join(f'"{table}"."{column}"' for column in columns)  # a bare "name" may be read as a text
    yield f"{PREFIX}{table}", f'CREATE VIEW "{PREFIX}{table}" AS SELECT {listed} FROM "{table}"'  # noqa: S608 - our names


def _taken(table: str, columns: Sequence[str], key: Sequence[str | None], condition: str) -> str:
    """SQL: whether a row stands where the new one would go, as a unique index (partial: with `condition`) sees it."""
    if None in key:
        raise NotGuardable(f"{table} has a unique index over an expression; make it one over a column")
    same = " AND ".join(f'"{table}"."{column}" = NEW."{column}"' for column in key)
    if not condition:
        return f'EXISTS (SELECT 1 FROM "{table}" WHERE {same})'  # noqa: S608 - our names
    new = ", ".join(f'NEW."{column}" AS "{column}"' for column in columns)
    return (
        f'(EXISTS (SELECT 1 FROM "{table}" WHERE {same} AND ({condition}))'  # noqa: S608 - our names
        f" AND EXISTS (SELECT 1 FROM (SELECT {new}) WHERE {condition}))"
    )


def _columns(cursor: Any) -> dict[str, list[str]]:
    cursor.execute(
        "SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c"
        " WHERE m.type = 'table' ORDER BY m.name, c.cid"
    )
    found: dict[str, list[str]] = {}
    for table, column in cursor.fetchall():
        found.setdefault(table, []).append(column)
    return found


def _unique(cursor: Any) -> dict[str, list[tuple[list[str | None], str]]]:
    """The columns of each unique index by table, and the condition of a partial one."""
    cursor.execute(
        "SELECT m.name, l.name, i.name, s.sql, l.partial"
        " FROM sqlite_master m, pragma_index_list(m.name) l, pragma_index_info(l.name) i"
        " LEFT JOIN sqlite_master s ON s.type = 'index' AND s.name = l.name"
        """ WHERE m.type = 'table' AND l."unique" ORDER BY 1, 2, i.seqno"""
    )
    indexes: dict[tuple[str, str], tuple[list[str | None], str]] = {}
    for table, index, column, sql, partial in cursor.fetchall():
        condition = sql.partition(" WHERE ")[2] if partial else ""
        indexes.setdefault((table, index), ([], condition))[0].append(column)
    found: dict[str, list[tuple[list[str | None], str]]] = {}
    for (table, _), key in indexes.items():
        found.setdefault(table, []).append(key)
    return found
