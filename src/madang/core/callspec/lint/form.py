"""The form: where choices come from, bounds that leave room, conditions that do not bite their own tail."""

from __future__ import annotations

from collections.abc import Iterator

from madang.core.callspec.asked import (
    FILE_FORMATS,
    ChoiceField,
    FileField,
    FormField,
    NumberField,
    RowCell,
    RowsField,
)
from madang.core.callspec.expressions import compile_rule
from madang.core.callspec.lint.common import Found, Params, Path, Sets
from madang.core.callspec.model import Definition
from madang.core.reasons import Malformed


def _asked(d: Definition) -> Iterator[tuple[Path, FormField | RowCell]]:
    """Every field and every cell of repeated rows, with its path."""
    for s, section in enumerate(d.form):
        for f, field in enumerate(section.fields):
            path = ("form", s, "fields", f)
            yield path, field
            if isinstance(field, RowsField):
                yield from (((*path, "fields", c), cell) for c, cell in enumerate(field.fields))


def sets_known(d: Definition, sets: Sets) -> Iterator[Found]:
    for name, used in d.classifications.items():
        if used not in sets:
            yield ("classifications", name), "unknown_set", {"name": used, "known": sorted(sets)}


def choices(d: Definition, sets: Sets) -> Iterator[Found]:
    for path, field in _asked(d):
        if isinstance(field, ChoiceField):
            if bool(field.set) == bool(field.options):
                yield path, "choice_without_options", {"id": field.id}
            elif field.set and field.set not in d.classifications:
                yield (*path, "set"), "set_not_declared", {"name": field.set}
        if field.type == "country" and "country" not in d.classifications:
            yield path, "set_not_declared", {"name": "country"}


def bounds(d: Definition, sets: Sets) -> Iterator[Found]:
    for path, field in _asked(d):
        if not isinstance(field, NumberField | RowsField) or field.min is None or field.max is None:
            continue
        if field.min > field.max:
            yield (*path, "min"), "least_over_most", {"id": field.id, "min": str(field.min), "max": str(field.max)}
    for t, track in enumerate(d.tracks):
        for r, role in enumerate(track.consortium):
            if role.max is not None and role.min > role.max:
                told: Params = {"id": role.role, "min": str(role.min), "max": str(role.max)}
                yield ("tracks", t, "consortium", r, "min"), "least_over_most", told
    for number, opinion in enumerate(d.opinions):
        if opinion.scale and opinion.scale[0] >= opinion.scale[1]:
            low, high = map(str, opinion.scale)
            yield ("opinions", number, "scale"), "least_over_most", {"id": opinion.id, "min": low, "max": high}


def formats(d: Definition, sets: Sets) -> Iterator[Found]:
    """A format that no file can have, because formats are told by content: nobody could ever hand it in."""
    places: list[tuple[Path, tuple[str, ...]]] = [
        (path, field.formats) for path, field in _asked(d) if isinstance(field, FileField)
    ]
    places += [(("documents", n), document.formats) for n, document in enumerate(d.documents)]
    for path, asked in places:
        for number, name in enumerate(asked):
            if name not in FILE_FORMATS:
                yield (*path, "formats", number), "unknown_format", {"name": name, "known": list(FILE_FORMATS)}


def own_condition(d: Definition, sets: Sets) -> Iterator[Found]:
    """A field that waits for its own answer, or for a field that waits for it."""
    waits: dict[str, frozenset[str]] = {}
    for path, field in _asked(d):
        for key in ("when", "required"):
            names = _names(getattr(field, key))
            if field.id in names:
                yield (*path, key), "condition_names_itself", {"id": field.id}
            elif key == "when" and len(path) == 4:
                waits[field.id] = names
    for path, field in _asked(d):
        if len(path) == 4 and (circle := _circle(field.id, waits)):
            yield (*path, "when"), "conditions_in_circle", {"fields": circle}


def _names(rule: object) -> frozenset[str]:
    try:
        return compile_rule(rule).names if isinstance(rule, str) else frozenset()
    except Malformed:  # told by `rules`
        return frozenset()


def _circle(start: str, waits: dict[str, frozenset[str]]) -> list[str]:
    """The fields from `start` back to `start` along their conditions, or nothing. Breadth first, each field once."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:  # grows while we walk
        for name in sorted(waits.get(way[-1], frozenset())):
            if name == start:
                return [*way, start]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


CHECKS = (sets_known, choices, bounds, formats, own_condition)
