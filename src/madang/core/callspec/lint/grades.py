"""Grades and groups: marks that go down, also within each group, and groups that somebody can fall into."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import product
from math import prod
from typing import Any

from madang.core.callspec.asked import ChoiceField, NumberField, YesNoField
from madang.core.callspec.expressions import Rule, RuleError, compile_rule
from madang.core.callspec.lint.common import Found, Sets
from madang.core.callspec.lint.scores import mark
from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByGrade, Grade
from madang.core.reasons import Malformed

MOST = 4_096
_NUMBER = r"-?\d+(?:\.\d+)?"
_COMPARISON = r"(?:[<>]=?|[!=]=)"


def grades(d: Definition, sets: Sets) -> Iterator[Found]:
    decide = d.decide
    if not isinstance(decide, ByGrade):
        return
    if not _falls([grade.at_least for grade in decide.grades]):
        yield ("decide", "grades"), "grades_out_of_order", {}
    if not any(grade.granted for grade in decide.grades):
        yield ("decide", "grades"), "no_grade_granted", {}
    known = [group.id for group in decide.groups]
    for number, grade in enumerate(decide.grades):
        path = ("decide", "grades", number)
        yield from mark((*path, "at_least"), grade.at_least)
        for group, own in grade.by_group.items():
            yield from mark((*path, "by_group", group), own)
            if group not in known:
                yield (*path, "by_group", group), "unknown_group", {"name": group, "known": known}
    for group in known:
        if any(group in grade.by_group for grade in decide.grades) and not _falls(_marks(decide.grades, group)):
            yield ("decide", "grades"), "group_grades_out_of_order", {"group": group}


def _marks(of: Sequence[Grade], group: str) -> list[Decimal]:
    return [grade.by_group.get(group, grade.at_least) for grade in of]


def _falls(marks: list[Decimal]) -> bool:
    return marks == sorted(set(marks), reverse=True)


def groups(d: Definition, sets: Sets) -> Iterator[Found]:
    """A group that nobody can fall into: its condition never holds, or an earlier group takes them all.

    Tried at every number that the conditions name, just below and just above, and over choices, yes/no and tracks;
    where a condition rests on anything else, nothing is claimed.
    """
    decide = d.decide
    if not isinstance(decide, ByGrade) or not decide.groups:
        return
    try:
        rules = [compile_rule(group.when) for group in decide.groups]
    except Malformed:  # told by `rules`
        return
    names = sorted(frozenset().union(*(rule.names for rule in rules)))
    values = [_values(d, name, rules) for name in names]
    if any(not known for known in values) or prod(len(known or ()) for known in values) > MOST:
        return
    reached = set()
    for combination in product(*(known or () for known in values)):
        facts = dict(zip(names, combination, strict=True))
        reached.add(next((number for number, rule in enumerate(rules) if _holds(rule, facts)), None))
    for number, group in enumerate(decide.groups):
        if number not in reached:
            yield ("decide", "groups", number), "unreachable_group", {"id": group.id, "rule": group.when}


def _holds(rule: Rule, facts: dict[str, Any]) -> bool:
    try:
        return rule(facts)
    except RuleError:
        return False


def _values(d: Definition, name: str, rules: list[Rule]) -> list[Any] | None:
    """Values of a name that stand for all others under these rules; nothing where that cannot be known."""
    if name == "track":
        return [track.id for track in d.tracks] or [""]
    field = d.field(name)
    if isinstance(field, YesNoField):
        return [True, False]
    if isinstance(field, ChoiceField):
        return [option.id for option in field.options] if not field.many else None
    if not isinstance(field, NumberField):
        return None
    marks: set[Decimal] = set()
    for rule in rules:
        compared = re.findall(rf"\b{name}\s*{_COMPARISON}\s*({_NUMBER})(?![\w.]|\s*[-+*/%])", rule.text)
        compared += re.findall(rf"(?<![\w.'])(?<![-+*/%] )({_NUMBER})\s*{_COMPARISON}\s*{name}\b", rule.text)
        if len(compared) != len(re.findall(rf"\b{name}\b", rule.text)):
            return None
        marks |= {Decimal(number) for number in compared}
    unit = Decimal(1).scaleb(-field.decimals)
    near = sorted({one for at in marks for one in (at - unit, at, at + unit)} | {*_bounds(field)})
    inside = [
        one for one in near if (field.min is None or one >= field.min) and (field.max is None or one <= field.max)
    ]
    return [int(one) if field.decimals == 0 else float(one) for one in inside] or None


def _bounds(field: NumberField) -> list[Decimal]:
    return [bound for bound in (field.min, field.max) if bound is not None]


CHECKS = (grades, groups)
