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
from madang.core.callspec.parse import parse_source
from madang.core.callspec.source import Source
from madang.core.clocks import Calendars
from madang.core.reasons import Fault, Malformed

__all__ = ["Sets", "check", "lint"]

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
    held = (rule(definition, sets) for rule in CHECKS)
    dated = (rule(definition, calendars) for rule in schedule.DATED_CHECKS)
    found = [(source.line(path), code, params) for path, code, params in chain.from_iterable(chain(held, dated))]
    return [Fault(code, f"line {line}", params) for line, code, params in sorted(found, key=lambda f: f[0])]
