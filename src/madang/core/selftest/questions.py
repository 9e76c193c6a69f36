"""What must be asked: only what some rule needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from madang.core.callspec.asked import (
    ChoiceField,
    FileField,
    FormField,
    MoneyField,
    NumberField,
    RowsField,
    YesNoField,
)
from madang.core.callspec.expressions import compile_rule
from madang.core.callspec.model import Definition
from madang.core.selftest.model import COUNTRY, KIND, MEMBERS, OFFICE, TRACK, Question

_APPLICANT = re.compile(r"\bapplicant\.(kind|country)\b")


def questions_of(definition: Definition) -> tuple[Question, ...]:
    """The questions in the order of the form: type, applicant, consortium, fields."""
    needed: dict[str, list[str]] = {}
    for finding, keys in needs_of(definition).items():
        for key in keys:
            needed.setdefault(key, []).append(finding)
    kinds: dict[str, Any] = {TRACK: "track", KIND: "kind", COUNTRY: "country", MEMBERS: "members"}
    asked = [Question(key=key, kind=kinds[key], field=None, of=tuple(needed[key])) for key in kinds if key in needed]
    for field in definition.fields():
        if field.id in needed and (kind := _kind(field)):
            asked.append(Question(key=field.id, kind=kind, field=field, of=tuple(needed[field.id])))
    return tuple(asked)


def needs_of(definition: Definition) -> dict[str, tuple[str, ...]]:
    """For each finding, in its order, the keys of the questions that it may need."""
    return {finding: tuple(dict.fromkeys(keys)) for finding, keys in _needs(definition)}


def _needs(definition: Definition) -> Iterator[tuple[str, list[str]]]:
    several = [TRACK] if len(definition.tracks) > 1 else []
    if any(track.applicants for track in definition.tracks):
        yield "applicant.kind", [*several, KIND]
    for role in roles_of(definition):
        yield f"consortium.{role}", [*several, MEMBERS]
    for rule in definition.eligibility:
        yield (
            rule.id,
            [*several, *keys_of(rule.rule, definition)]
            if _depends(rule.rule, definition)
            else keys_of(rule.rule, definition),
        )
    money = definition.money
    amounts = [name for name in (money.cost, money.own) if name]
    bounded = any(
        bound is not None
        for limits in money.limits.values()
        for limit in (limits.cost_krw, limits.grant_krw)
        for bound in (limit.min, limit.max)
    )
    if money.cost and bounded:
        yield "money.limits", [*(several if len(money.limits) > 1 else []), *amounts]
    if money.cost and money.own and money.match:
        yield "money.match", amounts


def _depends(rule: str, definition: Definition) -> bool:
    """Whether a field of this rule is asked for some types only."""
    names = compile_rule(rule).names
    return any(field.id in names for section in definition.form if section.tracks for field in section.fields)


def keys_of(rule: str, definition: Definition) -> list[str]:
    """The questions behind the names that a rule uses."""
    found = []
    fields = {field.id for field in definition.fields()}
    for name in sorted(compile_rule(rule).names - set(OFFICE)):
        if name == "applicant":
            found += [{"kind": KIND, "country": COUNTRY}[part] for part in _APPLICANT.findall(rule)]
        elif name == "track":
            found += [TRACK] if len(definition.tracks) > 1 else []
        elif name == "members" or name in fields:
            found.append(name)
    return found


def roles_of(definition: Definition) -> tuple[str, ...]:
    """Consortium roles that some type bounds, in the order of the definition."""
    bounded = (
        role.role
        for track in definition.tracks
        for role in track.consortium
        if role.min or role.max is not None or role.kinds
    )
    return tuple(dict.fromkeys(bounded))


def _kind(field: FormField) -> Any:
    match field:
        case YesNoField():
            return "yes_no"
        case ChoiceField():
            return "choice"
        case MoneyField():
            return "money"
        case NumberField():
            return "number"
        case FileField() | RowsField():
            return None  # what stands in a file, or in rows, is for the form
        case _:
            return "text"
