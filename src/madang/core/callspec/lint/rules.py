"""Rules in CEL: they compile, name only what exists, compare with values that exist, and answer true or false."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Any, get_args

from madang.core.callspec import expressions
from madang.core.callspec.asked import WON_PER_UNIT, ChoiceField, RowsField
from madang.core.callspec.lint.common import Found, Path, Sets, country_codes
from madang.core.callspec.model import Definition, OrganisationKind
from madang.core.callspec.rule import ByGrade, ByVote
from madang.core.callspec.scored import Judged
from madang.core.reasons import Malformed

_QUOTED = r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_NAME = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
_UNIT = re.compile(rf"krw\([^()'\"]*,\s*({_QUOTED})\s*\)")
#: `name == 'x'`, `'x' != name`, `'x' in name`, `name in ['x', 'y']`
_COMPARED = (
    re.compile(rf"(?P<name>{_NAME})\s*[!=]=\s*(?P<values>{_QUOTED})"),
    re.compile(rf"(?P<values>{_QUOTED})\s*(?:[!=]=|in\b)\s*(?P<name>{_NAME})(?!\s*\()"),
    re.compile(rf"(?P<name>{_NAME})\s+in\s+\[(?P<values>[^\[\]]*)\]"),
)
_MACRO = re.compile(r"\b(\w+)\s*\.\s*(?:all|exists_one|exists|map|filter)\s*\(\s*(\w+)\s*,")
_PARTS: dict[str, tuple[str, ...]] = {
    "applicant": ("id", "kind", "country", "organisation"),
    "members": ("role", "name", "kind", "country"),
}
_SPECIAL: dict[str, tuple[Any, ...]] = {
    "member": ({"role": "member", "name": "m", "kind": "company", "country": "KR"},),
    "score": (0, 50, 100),
    "spread": (0, 50),
}


def written(d: Definition) -> Iterator[tuple[Path, str, frozenset[str]]]:
    """Every rule of the definition with the names that it may use."""
    own = expressions.names_of(d)
    for t, track in enumerate(d.tracks):
        for r, role in enumerate(track.consortium):
            if role.subsidy:
                yield ("tracks", t, "consortium", r, "subsidy"), role.subsidy, frozenset({"member"})
    for s, section in enumerate(d.form):
        for f, field in enumerate(section.fields):
            yield from _conditions(("form", s, "fields", f), field, own)
            if isinstance(field, RowsField):
                for c, cell in enumerate(field.fields):
                    names = own | {other.id for other in field.fields}
                    yield from _conditions(("form", s, "fields", f, "fields", c), cell, names)
    for n, document in enumerate(d.documents):
        if isinstance(document.required, str):
            yield ("documents", n, "required"), document.required, own
    for n, rule in enumerate(d.eligibility):
        yield ("eligibility", n, "rule"), rule.rule, own
    for n, item in enumerate(d.review):
        if item.when:
            yield ("review", n, "when"), item.when, own
    for n, check in enumerate(d.outside_checks):
        if check.when:
            yield ("outside_checks", n, "when"), check.when, own
    for n, stage in enumerate(d.evaluation):
        if isinstance(stage, Judged) and stage.score.comment_required_when:
            path = ("evaluation", n, "score", "comment_required_when")
            yield path, stage.score.comment_required_when, frozenset({"score", "spread"})
    if isinstance(d.decide, ByVote) and d.decide.without_vote:
        yield ("decide", "without_vote", "when"), d.decide.without_vote.when, own
    if isinstance(d.decide, ByGrade):
        for n, group in enumerate(d.decide.groups):
            yield ("decide", "groups", n, "when"), group.when, own
    for n, condition in enumerate(d.outcome.conditions):
        if condition.when:
            yield ("outcome", "conditions", n, "when"), condition.when, own


def _conditions(path: Path, field: Any, names: frozenset[str]) -> Iterator[tuple[Path, str, frozenset[str]]]:
    for key in ("when", "required"):
        if isinstance(rule := getattr(field, key), str):
            yield (*path, key), rule, names


def rules_hold(d: Definition, sets: Sets) -> Iterator[Found]:
    for path, text, names in written(d):
        try:
            rule = expressions.compile_rule(text)
        except Malformed as refused:
            yield path, refused.faults[0].code, dict(refused.faults[0].params)
            continue
        strange = [*_unknown(path, rule, names), *_parts(path, rule, d)]
        yield from strange
        yield from _values(path, rule, d, sets)
        if not strange:
            yield from _tried_out(path, rule, d)


def _unknown(path: Path, rule: expressions.Rule, names: frozenset[str]) -> Iterator[Found]:
    for name in sorted(rule.names - names):
        yield path, "unknown_name_in_rule", {"name": name, "known": sorted(names)}
    for name in sorted(rule.calls - expressions.FUNCTIONS):
        yield path, "unknown_function_in_rule", {"name": name, "known": sorted(expressions.FUNCTIONS)}


def _parts(path: Path, rule: expressions.Rule, d: Definition) -> Iterator[Found]:
    """`member.nation`: what an applicant, a member or a row does not have."""
    code = re.sub(_QUOTED, "''", rule.text)
    known = {"applicant": _PARTS["applicant"], "member": _PARTS["members"]}
    for listed, variable in _MACRO.findall(code):
        field = d.field(listed)
        if isinstance(field, RowsField):
            known[variable] = tuple(cell.id for cell in field.fields)
        elif listed in _PARTS:
            known[variable] = _PARTS[listed]
    for name, parts in known.items():
        for part in re.findall(rf"(?<![\w.]){re.escape(name)}\.(\w+)(?!\s*\(|\w)", code):
            if part not in parts:
                yield path, "unknown_part_in_rule", {"name": f"{name}.{part}", "known": [f"{name}.{p}" for p in parts]}


def _values(path: Path, rule: expressions.Rule, d: Definition, sets: Sets) -> Iterator[Found]:
    """Units, countries, tracks, roles and choices that a rule compares with must exist."""
    for quoted in _UNIT.findall(rule.text):
        if (unit := quoted[1:-1]) not in WON_PER_UNIT:
            yield path, "unknown_unit_in_rule", {"name": unit, "known": list(WON_PER_UNIT)}
    for name, value in _compared(rule.text):
        known, countries = _known_values(d, sets, name)
        if not known or value in known or value == "":
            continue
        if countries:
            yield path, "unknown_country_in_rule", {"name": value}
        else:
            yield path, "unknown_value_in_rule", {"name": value, "field": name, "known": sorted(known)}


def _compared(text: str) -> Iterator[tuple[str, str]]:
    """Each name with each text that a rule compares it with."""
    for form in _COMPARED:
        for match in form.finditer(text):
            for quoted in re.findall(_QUOTED, match["values"]):
                yield match["name"], quoted[1:-1]


def _known_values(d: Definition, sets: Sets, name: str) -> tuple[frozenset[str], bool]:
    """The values that a name can take (empty where anything may stand), and whether they are countries."""
    head, _, part = name.partition(".")
    if part == "country":
        return country_codes(d, sets), True
    if part == "role":
        return frozenset(role.role for track in d.tracks for role in track.consortium), False
    if part == "kind":
        return frozenset(get_args(OrganisationKind)), False
    if part:
        return frozenset(), False
    if head == "track":
        return frozenset(track.id for track in d.tracks), False
    field = d.field(head)
    if isinstance(field, ChoiceField):
        own = frozenset(option.id for option in field.options)
        return own or sets.get(d.classifications.get(field.set or "", ""), frozenset()), False
    if field is not None and field.type == "country":
        return country_codes(d, sets), True
    return frozenset(), False


def _tried_out(path: Path, rule: expressions.Rule, d: Definition) -> Iterator[Found]:
    """Run the rule on values that its fields can take: it must answer true or false, not stumble over types."""
    problem = None
    for facts in _trials(d, rule, most=200):
        try:
            rule(facts)
        except expressions.RuleError as error:
            problem = str(error).split(":")[0]
        else:
            return
    if problem:
        yield path, "rule_does_not_answer", {"rule": rule.text, "problem": problem}


def _trials(d: Definition, rule: expressions.Rule, most: int) -> Iterator[dict[str, Any]]:
    names = sorted(rule.names)
    values: list[Sequence[Any]] = []
    for name in names:
        options = list(_SPECIAL.get(name) or expressions.samples_of(d, name))
        field = d.field(name)
        if field is not None and field.type in ("choice", "text", "country", "organisation", "place"):
            many = isinstance(field, ChoiceField) and field.many
            options = options if many else [*rule.literals(), *options]
        if name in {cell.id for rows in d.fields() if isinstance(rows, RowsField) for cell in rows.fields}:
            options = [*options, "x", *rule.literals(), 0, 1, True, False]
        values.append(options)
    return (dict(zip(names, combination, strict=True)) for combination in islice(product(*values), most))


CHECKS = (rules_hold,)
