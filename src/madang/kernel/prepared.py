"""Queries that every press asks: compiled to SQL once in a process, then only run.

Django compiles a query anew each time it is run; for a row with two joins that costs more than SQLite needs to answer
it. A prepared query has a fixed shape and takes its values when it is
run. It gives what the queryset would give: model instances with their related ones, converted by the same fields.

Only for reads on hot paths, by whole numbers and texts; everything else is a plain queryset (ADR 29).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=models.Model)

_MARKS: Final[dict[type, Callable[[int], Any]]] = {
    int: lambda place: 4_611_686_018_427_387_000 + place,
    str: lambda place: f"\u0001prepared {place}\u0001",
}
"""Values that no query holds by itself; where they come out of the compiler, the real ones go in. The number needs a
column of 64 bits, as keys are: for a narrower one PostgreSQL's compiler knows that no row can have it."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    params: tuple[Any, ...]
    places: tuple[tuple[int, int], ...]  # (which parameter of the SQL, which value)
    model: Any
    names: list[str]
    first: int
    last: int
    populators: Sequence[Any]
    converters: Sequence[tuple[int, Sequence[Any], Any]]


class Prepared(Generic[M]):
    """`make` gives the queryset for values of these kinds (`int`, `str`); it is called once for each kind of database.

    Querysets of plain rows only: no annotations, no `values`, no prefetch. A locking one (`select_for_update`) must be
    run inside a transaction, as ever.
    """

    def __init__(self, make: Callable[..., models.QuerySet[M]], *kinds: type) -> None:
        self._make, self._kinds = make, kinds
        self._compiled: dict[str, _Compiled] = {}

    def first(self, *values: Any) -> M | None:
        """The first row, in the queryset's own order. One statement."""
        return next(self._rows(values), None)

    def all(self, *values: Any) -> list[M]:
        """Every row. One statement."""
        return list(self._rows(values))

    def _rows(self, values: tuple[Any, ...]) -> Iterator[M]:
        connection = connections[DEFAULT_DB_ALIAS]
        found = self._compiled.get(connection.vendor)
        if found is None:
            found = self._compiled[connection.vendor] = self._compile(connection)
        params = list(found.params)
        for place, number in found.places:
            params[place] = self._kinds[number](values[number])
        with connection.cursor() as cursor:
            cursor.execute(found.sql, params)
            rows = cursor.fetchall()
        for row in rows:
            read = list(row)
            for place, converters, expression in found.converters:
                value = read[place]
                for convert in converters:
                    value = convert(value, expression, connection)
                read[place] = value
            made = found.model.from_db(DEFAULT_DB_ALIAS, found.names, read[found.first : found.last])
            for populator in found.populators:
                populator.populate(read, made)
            yield made

    def _compile(self, connection: Any) -> _Compiled:
        marks = [_MARKS[kind](place) for place, kind in enumerate(self._kinds)]
        query = self._make(*marks).query
        if query.annotations or query.values_select or query.combinator:
            raise TypeError("a prepared query gives plain rows")
        compiler = query.get_compiler(using=DEFAULT_DB_ALIAS)
        # A locking query may only be compiled inside a transaction.
        with transaction.atomic() if query.select_for_update and not connection.in_atomic_block else nullcontext():
            try:
                sql, params = compiler.as_sql()
            except EmptyResultSet:
                raise TypeError("a number must be asked of a column of 64 bits") from None
        places = tuple((at, marks.index(value)) for at, value in enumerate(params) if value in marks)
        if {number for _, number in places} != set(range(len(marks))):
            raise TypeError("every value must come into the query as it is")
        selected = compiler.klass_info["select_fields"]
        first, last = selected[0], selected[-1] + 1
        converters = compiler.get_converters([column[0] for column in compiler.select])
        return _Compiled(
            sql=sql,
            params=tuple(params),
            places=places,
            model=compiler.klass_info["model"],
            names=[column[0].target.attname for column in compiler.select[first:last]],
            first=first,
            last=last,
            populators=get_related_populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS),
            converters=[(place, convert, expression) for place, (convert, expression) in converters.items()],
        )
