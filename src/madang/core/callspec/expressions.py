"""Rules over the answers of one application, in CEL (Common Expression Language).

What a rule sees: every form field by its id (money in won; an unanswered field is `null`), `track`, `applicant`
(`id, kind, country, organisation`), `members` (list of `role, name, kind, country`), `received`, and the counts
`applications_of_applicant` and `applications_of_applicant_for_same_city`. `krw(10, 'eok')` is an amount with its unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from madang.core.callspec.asked import (
    WON_PER_UNIT,
    ChoiceField,
    FormField,
    MoneyField,
    NumberField,
    RowCell,
    RowsField,
    YesNoField,
)
from madang.core.callspec.engine_cel import Context, compile_expression
from madang.core.callspec.model import Definition
from madang.core.problem import LARGEST
from madang.core.reasons import Fault, Malformed

#: What every rule may name besides the form's fields.
GENERAL = (
    "track",
    "applicant",
    "members",
    "received",
    "applications_of_applicant",
    "applications_of_applicant_for_same_city",
)
FUNCTIONS = frozenset(
    {"krw", "size", "has", "matches", "startsWith", "endsWith", "contains", "int", "uint", "double", "string",
     "all", "exists", "exists_one", "map", "filter", "duration", "timestamp"}
)  # fmt: skip
_MACRO_VARIABLE = re.compile(r"\.\s*(?:all|exists_one|exists|map|filter)\s*\(\s*([A-Za-z_]\w*)\s*,")
_TEXT = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")


MOST_CHARACTERS = 4000
"""Of a rule: a page of it already, and what bounds the lists that stand in it."""
MOST_NESTED = 2
"""Macros inside each other: each one multiplies the steps of the whole, and the library cannot be stopped."""
_PARTS = re.compile(
    r"(?P<hidden>//|'''|\"\"\"|\b[rRbB]{1,2}['\"])|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\""
    r"|(?P<macro>\.\s*\w+\s*\(\s*[A-Za-z_]\w*\s*,)|(?P<bracket>[()])"
)


class RuleError(ValueError):
    """A rule could not be answered: it mixes types, or names what is not there."""


@dataclass(frozen=True)
class Rule:
    """A compiled expression: `names` are the variables and `calls` the functions that it uses.

    `reads` are the names that it is given, those of its macros among them: the library takes over each value that it is
    handed, and a form has a hundred long texts that no rule speaks of.
    """

    text: str
    program: Any
    names: frozenset[str]
    calls: frozenset[str]
    reads: frozenset[str]

    def __call__(self, facts: Mapping[str, Any]) -> bool:
        """True or false for these facts; raises `RuleError` otherwise. About 0.1 ms."""
        try:
            context = Context({name: facts[name] for name in self.reads if name in facts})
            context.add_function("krw", _krw)
            answer = self.program.execute(context)
        except (ValueError, TypeError, RuntimeError, ArithmeticError, LookupError) as error:
            raise RuleError(str(error).splitlines()[0]) from None
        if not isinstance(answer, bool):
            raise RuleError(f"{answer!r} is neither true nor false")
        return answer

    def literals(self) -> Iterator[str]:
        """Every text literal of the rule."""
        for match in _TEXT.finditer(self.text):
            yield match.group(1) if match.group(1) is not None else match.group(2)


def _krw(*given: Any) -> int | None:
    """Never raises: the library would print the trace. A null instead makes the rule around it fail with words."""
    match given:
        case (int() | float() as amount, str() as unit) if unit in WON_PER_UNIT and abs(amount) < LARGEST:
            return int(Decimal(str(amount)) * WON_PER_UNIT[unit])
        case _:
            return None


@lru_cache(maxsize=4096)
def compile_rule(text: str) -> Rule:
    """Compile once; raises `Malformed` with the column of the mistake, also for a rule that might never end."""
    if endless := _endless(text):
        told = {"rule": text[:200], "column": str(endless[0] + 1), "problem": endless[1]}
        raise Malformed([Fault("rule_syntax", "", told)])
    try:
        program = compile_expression(text)
    except ValueError as error:
        column = re.search(r"<input>:(\d+):(\d+): (.*)", str(error))
        told = {"rule": text, "column": column.group(2) if column else "1", "problem": _short(column, error)}
        raise Malformed([Fault("rule_syntax", "", told)]) from None
    bound = set(_MACRO_VARIABLE.findall(text))
    reads = frozenset(program.variables())
    names = reads - bound
    calls = frozenset(name for name in program.functions() if re.fullmatch(r"[A-Za-z_]\w*", name) and name[0] != "_")
    return Rule(text, program, names, calls, reads)


def _endless(text: str) -> tuple[int, str] | None:
    """Where and why a rule could cost without bound; nothing where it cannot.

    Remarks and the library's other ways of writing texts are refused, so that brackets can be counted here.
    """
    if len(text) > MOST_CHARACTERS:
        return MOST_CHARACTERS, f"more than {MOST_CHARACTERS} characters"
    open_brackets: list[bool] = []  # of each: whether a macro opened it
    for part in _PARTS.finditer(text):
        if part["hidden"]:
            return part.start(), "remarks, raw texts and texts of several lines have no place in a rule"
        if part["macro"]:
            open_brackets.append(True)
        elif part["bracket"] == "(":
            open_brackets.append(False)
        elif part["bracket"] and open_brackets:
            open_brackets.pop()
        if sum(open_brackets) > MOST_NESTED:
            return part.start(), f"more than {MOST_NESTED} macros inside each other"
    return None


def _short(match: re.Match[str] | None, error: Exception) -> str:
    text = match.group(3) if match else str(error).splitlines()[0]
    return text.removeprefix("Syntax error: ")[:160]


def names_of(definition: Definition) -> frozenset[str]:
    """Every name that a rule of this definition may use."""
    return frozenset(GENERAL) | {field.id for field in definition.fields()}


def facts_of(
    definition: Definition,
    *,
    answers: Mapping[str, Any],
    track: str,
    applicant: Mapping[str, str],
    members: tuple[Mapping[str, str], ...],
    received: str,
    counts: Mapping[str, int],
) -> dict[str, Any]:
    """What the rules see of one application. Decimal answers become doubles: fit for comparing, never for scoring."""
    facts: dict[str, Any] = {field.id: None for field in definition.fields()}
    for field in definition.fields():
        if field.id not in answers:
            continue
        facts[field.id] = fact_of(field, answers[field.id])
    facts |= {"track": track, "applicant": dict(applicant), "members": [dict(member) for member in members]}
    return facts | {"received": received, **counts}


def fact_of(field: FormField | RowCell, value: Any) -> Any:
    """One answer as rules see it."""
    if field.type == "number" and isinstance(value, str):
        return int(value) if field.decimals == 0 else float(value)
    return value


def samples_of(definition: Definition, field_id: str) -> tuple[Any, ...]:
    """Values that a field can take, for trying a rule out: all of them for yes/no, choice and track."""
    if field_id == "track":
        return tuple(track.id for track in definition.tracks) or ("",)
    general: dict[str, tuple[Any, ...]] = {
        "applicant": ({"id": "a", "kind": "city", "country": "KR", "organisation": "a"},),
        "members": ([], [{"role": "member", "name": "m", "kind": "company", "country": "KR"}]),
        "received": ("2021-01-01 00:00:00",),
        "applications_of_applicant": (1, 2),
        "applications_of_applicant_for_same_city": (1, 2),
    }
    if field_id in general:
        return general[field_id]
    field = definition.field(field_id)
    match field:
        case YesNoField():
            return (True, False)
        case ChoiceField(many=True):
            return ([], [option.id for option in field.options])
        case ChoiceField():
            return tuple(option.id for option in field.options) or ("x",)
        case MoneyField():
            return (0, 10**9, 10**12)
        case NumberField(decimals=0):
            return (0, 1, 100, 10**6)
        case NumberField():
            return (0.0, 0.5, 100.0)
        case RowsField():
            return ([], [{cell.id: "x" for cell in field.fields}])
        case None:
            return (None,)
        case _:
            return ("KR", "2021-01-01") if field.type == "country" else ("text",)
