"""Names: unique where they are used, declared where another part names them, and `sample` in its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from madang.core.callspec import expressions
from madang.core.callspec.blocks import Block, Clock
from madang.core.callspec.lint.common import Found, Params, Path, Sets, repeated, walk
from madang.core.callspec.model import Definition, StageKind

#: A form field becomes a column of the sheet `applications`; these columns are taken, but for a field of such a type.
COLUMNS = {
    "application": (),
    "kind": (),
    "organisation": ("text", "organisation"),
    "country": ("country",),
}
_RESERVED_WORDS = frozenset({"true", "false", "null", "in", "as", "break", "const", "continue", "else", "for",
                             "function", "if", "import", "let", "loop", "package", "namespace", "return", "var",
                             "void", "while"})  # fmt: skip


def unique_ids(d: Definition, sets: Sets) -> Iterator[Found]:
    """Ids beside each other; the roles of a consortium; the fields over all sections."""
    for path, part in walk(d):
        if isinstance(part, tuple) and part and all(hasattr(item, "id") for item in part):
            for number, name in repeated([item.id for item in part]):
                yield (*path, number, "id"), "duplicate_id", {"id": name}
    for t, track in enumerate(d.tracks):
        for number, name in repeated([role.role for role in track.consortium]):
            yield ("tracks", t, "consortium", number, "role"), "duplicate_id", {"id": name}
    for number, name in repeated([section.section for section in d.form]):
        yield ("form", number, "section"), "duplicate_id", {"id": name}
    yield from _fields_over_sections(d)


def _fields_over_sections(d: Definition) -> Iterator[Found]:
    earlier: set[str] = set()
    for s, section in enumerate(d.form):
        for f, field in enumerate(section.fields):
            path = ("form", s, "fields", f, "id")
            if field.id in earlier:  # twice within one section is found above
                yield path, "duplicate_id", {"id": field.id}
            taken = field.id in COLUMNS and field.type not in COLUMNS[field.id]
            if taken or (field.id in expressions.GENERAL) or field.id in _RESERVED_WORDS:
                yield path, "reserved_field_id", {"id": field.id}
        earlier |= {field.id for field in section.fields}


def declared(d: Definition, sets: Sets) -> Iterator[Found]:
    """Secretariats, tracks and stages that some part names."""
    secretariats, tracks = [s.id for s in d.secretariats], [t.id for t in d.tracks]
    for number, track in enumerate(d.tracks):
        if track.secretariat and track.secretariat not in secretariats:
            told: Params = {"name": track.secretariat, "known": secretariats}
            yield ("tracks", number, "secretariat"), "unknown_secretariat", told
    for number, section in enumerate(d.form):
        for index, name in enumerate(section.tracks):
            if name not in tracks:
                yield ("form", number, "tracks", index), "unknown_track", {"name": name, "known": tracks}
    for name in d.money.limits:
        if name != "default" and name not in tracks:
            yield ("money", "limits", name), "unknown_track", {"name": name, "known": tracks}
    for number, spawn in enumerate(d.spawns):
        if spawn.after not in _steps(d):
            yield ("spawns", number, "after"), "unknown_stage", {"name": spawn.after, "known": _steps(d)}
    if d.sisters and d.id in d.sisters.calls:
        yield ("sisters", "calls"), "own_sister", {"id": d.id}
    for number, name in repeated(d.sisters.calls if d.sisters else ()):
        yield ("sisters", "calls", number), "repeated_name", {"name": name}


def _steps(d: Definition) -> list[str]:
    """The stages of the schedule, by id and by kind."""
    return list(dict.fromkeys([*(s.id for s in d.schedule.stages), *(s.kind for s in d.schedule.stages)]))


def clocks_stop(d: Definition, sets: Sets) -> Iterator[Found]:
    """What stops a clock is a stage of this call or a kind of stage (a supplement has no day of its own)."""
    known = list(dict.fromkeys([*(s.id for s in d.schedule.stages), *get_args(StageKind)]))
    for path, part in walk(d):
        if isinstance(part, Clock):
            for number, name in enumerate(part.stops_on):
                if name not in known:
                    yield (*path, "stops_on", number), "unknown_stage", {"name": name, "known": known}


def samples(d: Definition, sets: Sets) -> Iterator[Found]:
    """`sample: [hour]` needs an hour beside it; `sample` does not name itself, nor a field twice."""
    for path, part in walk(d):
        if isinstance(part, Block) and isinstance(part.sample, tuple):
            yield from _sample((*path, "sample"), part, part.sample)


def _sample(path: Path, part: Block, names: tuple[str, ...]) -> Iterator[Found]:
    for number, name in repeated(names):
        yield (*path, number), "repeated_name", {"name": name}
    if "sample" in names:
        yield path, "sample_names_unknown_field", {"field": "sample"}
    moments = (getattr(part, name, None) for name in ("at", "opens"))
    if "hour" in names and not any(isinstance(moment, str) and len(moment) > 10 for moment in moments):
        yield path, "sample_hour_without_hour", {}


CHECKS = (unique_ids, declared, clocks_stop, samples)
