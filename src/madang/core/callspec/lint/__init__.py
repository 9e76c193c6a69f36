"""What does not fit together in a call definition: every fault with its line, a code, and (in `words`) the mend.

`parse` has already held the shape of each part. Here parts are held against each other: a definition without faults can
be published, and `decide` will not stumble over it. Each check is one small function that yields faults by their path;
the modules follow the subjects of a definition. Nothing here raises on a definition that `parse` accepted.
Cost: linear in the definition, but for `reach`, which tries the choices that a condition names (bounded).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from madang.core.callspec.lint import (
    bodies,
    form,
    grades,
    money,
    names,
    outcomes,
    reach,
    rules,
    schedule,
    scores,
    selection,
    words,
)
from madang.core.callspec.lint.common import Found, Sets
from madang.core.callspec.model import Definition
from madang.core.callspec.parse import parse_source, placed_faults
from madang.core.callspec.source import Path, Source
from madang.core.clocks import Calendars
from madang.core.reasons import Fault, Malformed

__all__ = ["Sets", "check", "lint", "placed"]

SUBJECTS = (words, names, form, schedule, rules, reach, scores, grades, selection, bodies, money, outcomes)
CHECKS: tuple[Callable[[Definition, Sets], Iterator[Found]], ...] = tuple(c for s in SUBJECTS for c in s.CHECKS)


def check(text: str, sets: Sets, calendars: Calendars | None = None) -> tuple[Definition | None, list[Fault]]:
    """Parse and lint in one go: the definition (where its shape holds) and every fault, in the order of the text."""
    try:
        source = Source(text)
        definition = parse_source(source)
    except Malformed as refused:
        return None, refused.faults
    return definition, lint(definition, source, sets, calendars)


def lint(definition: Definition, source: Source, sets: Sets, calendars: Calendars | None = None) -> list[Fault]:
    """Every fault of a definition whose shape holds, in the order of its text. Without `calendars` no business days."""
    return [fault for _, fault in _placed(definition, source, sets, calendars)]


def placed(
    text: str, sets: Sets, calendars: Calendars | None = None
) -> tuple[Definition | None, Source | None, list[tuple[Path, Fault]]]:
    """As `check`, each fault with the path of its place; without a source where the text is no YAML."""
    try:
        source = Source(text)
    except Malformed as refused:
        return None, None, [((), fault) for fault in refused.faults]
    definition, faults = placed_faults(source)
    if definition is not None:
        faults = _placed(definition, source, sets, calendars)
    return definition, source, faults


def _placed(
    definition: Definition, source: Source, sets: Sets, calendars: Calendars | None
) -> list[tuple[Path, Fault]]:
    held = (rule(definition, sets) for rule in CHECKS)
    dated = (rule(definition, calendars) for rule in schedule.DATED_CHECKS)
    found = [
        (tuple(path), Fault(code, source.at(path), params))
        for path, code, params in chain.from_iterable(chain(held, dated))
    ]
    return sorted(found, key=lambda one: int(one[1].at.split()[1]))
