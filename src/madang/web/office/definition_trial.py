"""A rule tried out: what it says for sample answers, and for answers that one types."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice, product
from typing import Any, Final

from django.utils.translation import gettext

from madang.core.callspec import Definition
from madang.core.callspec.asked import MoneyField, NumberField, YesNoField
from madang.core.callspec.edit.document import number_of
from madang.core.callspec.expressions import Rule, RuleError, compile_rule, facts_of, names_of, samples_of
from madang.core.reasons import Malformed
from madang.web.public.call_view import reader
from madang.words import say

MOST_CASES: Final = 12
_SCORES: Final = ("score", "spread")
_MEMBER: Final = {
    "role": "member", "name": "m", "kind": "company", "country": "KR", "organisation": "m",
}  # fmt: skip


@dataclass
class Trial:
    """`names`: all that may be used, with words; `inputs`: fields for one's own answers; `cases`: sample answers, each
    with what the rule says.
    """

    problem: str = ""
    names: list[tuple[str, str]] = field(default_factory=list)
    inputs: list[dict[str, Any]] = field(default_factory=list)
    answer: str = ""
    cases: list[tuple[str, str]] = field(default_factory=list)


def trial_of(definition: Definition | None, text: str, typed: Mapping[str, str]) -> Trial:
    """Bounded: a dozen sample cases. A definition whose shape does not hold tells no names."""
    if definition is None:
        return Trial(gettext("Mend the shape of the definition first: then its fields are known here."))
    tried = Trial(names=_names(definition))
    if not text.strip():
        tried.problem = gettext("Write a rule, then try it out here.")
        return tried
    try:
        rule = compile_rule(text.strip()[:2000])
    except Malformed as malformed:
        tried.problem = " ".join(say(fault, reader().language) for fault in malformed.faults)
        return tried
    used = sorted(rule.names)
    unknown = [name for name in used if name not in names_of(definition) and name not in (*_SCORES, "member")]
    if unknown:
        tried.problem = gettext("The rule names what is not there: %(names)s") % {"names": ", ".join(unknown)}
        return tried
    simple = [name for name in used if name not in ("applicant", "members", "member")]
    tried.inputs = [_input(definition, name, typed.get(name)) for name in simple]
    if any(name in typed for name in simple):
        answers = {name: _value(definition, name, typed.get(name, "")) for name in simple}
        tried.answer = _answer(definition, rule, answers)
    tried.cases = list(_cases(definition, rule, used))
    return tried


def _names(definition: Definition) -> list[tuple[str, str]]:
    words = {field.id: reader().of(field.label) for field in definition.fields()}
    return [(name, words.get(name, "")) for name in sorted(names_of(definition))]


def _cases(definition: Definition, rule: Rule, used: list[str]) -> Iterator[tuple[str, str]]:
    choices = [[*_samples(definition, name)] for name in used]
    for combination in islice(product(*choices), MOST_CASES):
        answers = dict(zip(used, combination, strict=True))
        told = ", ".join(f"{name} = {_told(value)}" for name, value in answers.items())
        yield told or gettext("always"), _answer(definition, rule, answers)


def _samples(definition: Definition, name: str) -> tuple[Any, ...]:
    if name in _SCORES:
        return (0, 50, 100)
    if name == "member":
        return (_MEMBER, {**_MEMBER, "country": "XA"})
    found = samples_of(definition, name)
    return (*found, None) if definition.field(name) and len(found) < MOST_CASES else found


def _answer(definition: Definition, rule: Rule, answers: Mapping[str, Any]) -> str:
    """True, false, or why neither."""
    track = str(answers.get("track", "")) or next((track.id for track in definition.tracks), "")
    facts = facts_of(
        definition,
        answers={},
        track=track,
        applicant={"id": "a", "kind": "city", "country": "KR", "organisation": "a"},
        members=(),
        received="2026-01-01 00:00:00",
        counts={"applications_of_applicant": 1, "applications_of_applicant_for_same_city": 1},
    )
    try:
        return gettext("true") if rule({**facts, **answers}) else gettext("false")
    except RuleError as error:
        return gettext("no answer: %(why)s") % {"why": str(error)[:200]}


def _told(value: Any) -> str:
    if value is None:
        return gettext("(blank)")
    if isinstance(value, dict):
        return " ".join(str(one) for key, one in value.items() if key in ("role", "kind", "country"))
    if isinstance(value, list):
        return f"[{', '.join(map(_told, value))}]" if value else "[]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _input(definition: Definition, name: str, typed: str | None) -> dict[str, Any]:
    samples = _samples(definition, name)
    first = "" if samples[0] is None else _told(samples[0])
    found = definition.field(name)
    label = reader().of(found.label) if found else ""
    return {"name": name, "label": label, "value": typed if typed is not None else first}


def _value(definition: Definition, name: str, typed: str) -> Any:
    """What was typed as the kind of answer that the field has; blank is no answer."""
    found, bare = definition.field(name), typed.strip()[:500]
    if not bare:
        return None
    if isinstance(found, YesNoField):
        return {"true": True, "false": False}.get(bare.lower())
    if isinstance(found, MoneyField | NumberField) or name in _SCORES or name.startswith("applications_of"):
        number = number_of(bare)
        return float(number) if isinstance(number, Decimal) else number
    return bare
