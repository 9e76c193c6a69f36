"""What stands in a form: every place read, and every field shown or hidden by its condition.

Conditions are answered in their own order: a place waits for those that its condition names, and what stands in a
hidden place is `null` to every rule. A condition that cannot be answered yet shows nothing and requires nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from madang.core.callspec.asked import FileField, RowsField
from madang.core.callspec.expressions import compile_rule, fact_of
from madang.core.callspec.model import Definition, OrganisationKind, Track
from madang.core.deciding.case import Application
from madang.core.deciding.eligibility import ALONE, facts_with
from madang.core.form.conditions import Conditions
from madang.core.form.model import MEMBER_CELLS, MEMBERS, Entered, Typed
from madang.core.form.read import NOTHING, Known, Read, read, read_country, read_files, read_line, read_option
from madang.core.reasons import Malformed

KINDS: tuple[str, ...] = get_args(OrganisationKind)


def row_ids(typed: Typed | None) -> tuple[str, ...]:
    """The ids of the rows of a repeated place, each once, in their order."""
    given = (typed,) if isinstance(typed, str) else typed or ()
    return tuple(dict.fromkeys(str(one) for one in given if one))


@dataclass(slots=True)
class Row:
    id: str
    cells: dict[str, Read]
    shown: dict[str, bool]

    @property
    def filled(self) -> dict[str, Any]:
        """What counts of it: the cells that are shown and can be read."""
        return {
            name: cell.value for name, cell in self.cells.items() if self.shown.get(name) and cell.value is not None
        }


class Filled:
    """`shown`, `reads` and `rows` by field; `facts` are what every rule of the call sees now."""

    def __init__(self, definition: Definition, entered: Entered) -> None:
        self.definition, self.entered = definition, entered
        self._known = Known(entered.sets, entered.sample)
        self.conditions = Conditions(definition)
        self.kind = _first(read_line(entered.kind), read_option(entered.typed.get("applicant.kind"), KINDS))
        self.country = _first(
            read_line(entered.country), read_country(entered.typed.get("applicant.country"), self._known)
        )
        self.track_read = self._read_track()
        self.track = self.track_read.value or ""
        self.member_rows = self._read_members()
        self.fields = {field.id: (section, field) for section in definition.form for field in section.fields}
        self.reads: dict[str, Read] = {}
        self.rows: dict[str, list[Row]] = {}
        self.shown: dict[str, bool] = {}
        self.facts = facts_with(definition, self.application({}), {**ALONE, **entered.counts})
        if len(definition.tracks) > 1 and not self.track:
            del self.facts["track"]  # no rule can speak of a type that nobody has chosen
        self._settle()

    # -- reading --------------------------------------------------------------------------------------------------

    def _read_track(self) -> Read:
        tracks = tuple(track.id for track in self.definition.tracks)
        if len(tracks) == 1:
            return Read(tracks[0], there=True)
        return _first(
            read_option(self.entered.typed.get("applicant.track"), tracks), read_option(self.entered.track, tracks)
        )

    def track_now(self) -> Track | None:
        return next((track for track in self.definition.tracks if track.id == self.track), None)

    def _read_members(self) -> list[Row]:
        track = self.track_now()
        if track is None or not track.consortium:
            return []
        roles = tuple(role.role for role in track.consortium)
        rows = []
        for id_ in row_ids(self.entered.typed.get(MEMBERS)):
            typed = {cell: self.entered.typed.get(f"{MEMBERS}.{id_}.{cell}") for cell in MEMBER_CELLS}
            cells = {
                "role": read_option(typed["role"], roles),
                "name": read_line(typed["name"]),
                "kind": read_option(typed["kind"], KINDS),
                "country": read_country(typed["country"], self._known),
            }
            rows.append(Row(id_, cells, dict.fromkeys(MEMBER_CELLS, True)))
        return rows

    def members(self) -> dict[str, dict[str, str]]:
        """Row -> the member, of rows in which something stands; what is not known is blank."""
        found = {row.id: row.filled for row in self.member_rows}
        return {id_: {cell: row.get(cell, "") for cell in MEMBER_CELLS} for id_, row in found.items() if row}

    def required(self, required: bool | str, facts: Mapping[str, Any]) -> bool:
        """Of a place that is shown."""
        return required if isinstance(required, bool) else self.conditions.holds(required, facts)

    def application(self, answers: Mapping[str, Any]) -> Application:
        return Application(
            id="",
            applicant=self.entered.applicant,
            kind=self.kind.value or "",
            organisation=self.entered.organisation,
            track=self.track,
            country=self.country.value or "",
            answers=answers,
            members=tuple(self.members().values()),
        )

    # -- conditions -----------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Shows or hides every field, each after those that its conditions name; the facts grow with them."""
        for name in self._in_order():
            section, field = self.fields[name]
            shown = self.conditions.asked(section, field, self.facts)
            self.shown[name] = shown
            if isinstance(field, RowsField):
                self.rows[name] = [self._row(field, id_) for id_ in row_ids(self.entered.typed.get(name))]
                value: Any = [row.filled for row in self.rows[name] if row.filled] or None
            elif isinstance(field, FileField):
                self.reads[name] = read_files(self.entered.files.get(name, ()), field)
                value = self.reads[name].value
            else:
                self.reads[name] = read(field, self.entered.typed.get(name), self._known)
                value = fact_of(field, self.reads[name].value)
            if shown and value is not None:
                self.facts[name] = value

    def _row(self, field: RowsField, id_: str) -> Row:
        cells = {
            cell.id: read(cell, self.entered.typed.get(f"{field.id}.{id_}.{cell.id}"), self._known)
            for cell in field.fields
        }
        row = Row(id_, cells, {})
        facts = self.row_facts(field, row)
        by_id = {cell.id: cell for cell in field.fields}
        for name in _ordered({name: _named(cell.when) & by_id.keys() for name, cell in by_id.items()}):
            when = by_id[name].when
            row.shown[name] = when is None or self.conditions.holds(when, facts)
            if not row.shown[name]:
                facts[name] = None
        return row

    def row_facts(self, field: RowsField, row: Row) -> dict[str, Any]:
        """What the conditions of cells see: the form, and over it the cells of the row."""
        facts = dict(self.facts)
        for cell in field.fields:
            shown = row.shown.get(cell.id, True)
            facts[cell.id] = fact_of(cell, row.cells[cell.id].value) if shown else None
        return facts

    def _in_order(self) -> list[str]:
        waits = {}
        for name, (_, field) in self.fields.items():
            cells = field.fields if isinstance(field, RowsField) else ()
            named = set().union(_named(field.when), *(_named(cell.when) for cell in cells))
            waits[name] = (named & self.fields.keys()) - {name}
        return _ordered(waits)


def _first(*reads: Read) -> Read:
    """The first in which something stands."""
    return next((one for one in reads if one.there), NOTHING)


def _named(condition: object) -> frozenset[str]:
    if not isinstance(condition, str):
        return frozenset()
    try:
        return compile_rule(condition).names
    except Malformed:
        return frozenset()


def _ordered(waits: Mapping[str, set[str] | frozenset[str]]) -> list[str]:
    """Each name after those that it waits for; in a circle, which the linter forbids, in the order given."""
    order: dict[str, None] = {}
    seen: set[str] = set()
    for start in waits:
        stack: list[tuple[str, Iterator[str]]] = [] if start in seen else [(start, iter(sorted(waits[start])))]
        seen.add(start)
        while stack:
            name, rest = stack[-1]
            following = next((one for one in rest if one not in seen), None)
            if following is None:
                order[name] = None
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, iter(sorted(waits[following]))))
    return list(order)
