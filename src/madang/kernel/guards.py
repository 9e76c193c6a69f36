"""What keeps rows that are written once inside the database, where our own code is not asked.

Every table of a model that is `AppendOnly` gets triggers against changing and removing its rows; which tables these
are is asked of Django, so a new one is covered without a word here. They are put up again after each `migrate`, because
SQLite drops them silently when a table is rebuilt. What a database can do more differs:

- SQLite: REPLACE removes a row without asking a trigger, so a trigger before each insert refuses a row whose place is
  taken. A view of all its columns makes every rebuild of a table fail (the rename that ends it finds a view whose table
  is gone); `migrate` takes the views down and puts them up again.
- PostgreSQL: one trigger for UPDATE, DELETE and TRUNCATE, which also fires under replication. Where the owner is a
  superuser, event triggers refuse ALTER, DROP and new triggers and rules on these tables outside of `migrate`.

All this stops mistakes and curious hands. Who owns the tables (or the file) can take it down; on PostgreSQL the site
should therefore run under a role that owns nothing (`madang role`). What was changed after all, the seals show.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from madang.core.reasons import Reason
from madang.core.record.canonical import digest
from madang.kernel import guards_postgresql, guards_sqlite
from madang.kernel.append_only import AppendOnly

State = Literal["missing", "changed", "foreign"]


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """A guard that does not stand as it should. `foreign`: something on the table that is not ours."""

    table: str
    guard: str
    state: State

    def __str__(self) -> str:
        return f"{self.table}: {self.guard} {self.state}"


@dataclass(frozen=True, slots=True)
class Look:
    """How the guards stood at one moment. `fingerprint` changes when one of them, or a table, was made anew."""

    gaps: tuple[Gap, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How strong the guards are here.

    `role`: `file` (SQLite: whoever can write the file can do all), `superuser`, `owner` (may take the guards down),
    `apart` (neither owns the tables nor may change or remove their rows), `granted` (owns nothing, but may still change
    or remove rows of `tables`). `rebuilds`: whether altering and dropping the tables is refused outside of `migrate`.
    """

    role: Literal["file", "superuser", "owner", "apart", "granted"]
    rebuilds: bool
    tables: tuple[str, ...] = ()


def tables() -> list[str]:
    """The tables whose rows are written once, of every installed app."""
    return sorted({model._meta.db_table for model in append_only_models()})


def append_only_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if issubclass(model, AppendOnly)]


def _backend(connection: BaseDatabaseWrapper) -> Any:
    return guards_sqlite if connection.vendor == "sqlite" else guards_postgresql


def install(connection: BaseDatabaseWrapper) -> list[Gap]:
    """Put up what is missing or changed; returns what that was. Where all stands, nothing is written.

    Something foreign is left where it is, and returned: only a person can say what it is for.
    """
    before = missing(connection)
    if any(gap.state != "foreign" for gap in before):
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            _backend(connection).install(cursor, tables())
    return before


def missing(connection: BaseDatabaseWrapper) -> list[Gap]:
    """Every guard that does not stand as it should, tables that are not there (yet) left aside. Reads only."""
    return list(look(connection).gaps)


def look(connection: BaseDatabaseWrapper) -> Look:
    """Gaps and fingerprint, read at once: a handful of statements on the catalogue."""
    with connection.cursor() as cursor:
        gaps, identity = _backend(connection).look(cursor, tables())
    return Look(tuple(sorted(Gap(*gap) for gap in gaps)), digest(identity))


def standing(connection: BaseDatabaseWrapper) -> Standing:
    """How far the guards reach here, for `madang doctor`. Reads only."""
    if connection.vendor == "sqlite":
        return Standing("file", True)
    with connection.cursor() as cursor:
        role, rebuilds, granted = guards_postgresql.standing(cursor, tables())
    return Standing(role, rebuilds, granted)


def told(connection: BaseDatabaseWrapper) -> list[Reason]:
    """How the guards stand, for `madang doctor`: gaps, or that there are none; then how far they reach. Reads only."""
    gaps, stands = missing(connection), standing(connection)
    reasons = [Reason(f"guards_gap_{gap.state}", {"table": gap.table or "-", "guard": gap.guard}) for gap in gaps]
    reasons = reasons or [Reason("guards_stand", {"tables": len(tables())})]
    reasons.append(
        Reason(f"guards_role_{stands.role}", {"tables": list(stands.tables)} if stands.role == "granted" else {})
    )
    return [*reasons, Reason("guards_rebuilds" if stands.rebuilds else "guards_no_rebuilds")]


def before_migrate(*, using: str = DEFAULT_DB_ALIAS, plan: Any = (), **_: Any) -> None:
    """Let a migration rebuild tables, where there is one to run. Listens to `pre_migrate`."""
    if plan:
        connection = connections[using]
        with connection.cursor() as cursor:
            _backend(connection).allow_rebuilds(cursor)


def after_migrate(*, using: str = DEFAULT_DB_ALIAS, **_: Mapping[str, Any]) -> None:
    """Put everything up again. Listens to `post_migrate`, which also follows the flush of a test database."""
    connection = connections[using]
    with connection.cursor() as cursor:
        _backend(connection).forbid_rebuilds(cursor)
    install(connection)
