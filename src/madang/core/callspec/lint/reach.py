"""Fields that no answer can reach: conditions tried over every choice, yes/no, country and track that they rest on.

A field is asked where its section is for the applicant's track and its own condition holds; until then it is `null` to
the conditions of others. So a condition is tried together with the conditions of the fields it names, and theirs. What
cannot be enumerated (a number, a text, a consortium) is left alone, unless it can never be asked itself.
Cost: at most `MOST` trials a field and `MOST_IN_ALL` a definition; beyond that nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations, product
from math import prod
from typing import Any

from madang.core.callspec.asked import ChoiceField, FormField
from madang.core.callspec.expressions import Rule, RuleError, compile_rule, names_of
from madang.core.callspec.lint.common import Found, Path, Sets, country_codes
from madang.core.callspec.model import Definition
from madang.core.reasons import Malformed

MOST = 4_096
MOST_IN_ALL = 40_000
MOST_OPTIONS_OF_MANY = 8


@dataclass(frozen=True)
class _Asked:
    field: FormField
    path: Path
    tracks: tuple[str, ...]
    rule: Rule | None  # nothing: always, within the section's tracks
    tryable: bool = True  # false where the rule does not compile, or names what is not there


def unreachable_fields(d: Definition, sets: Sets) -> Iterator[Found]:
    """Goes round until nothing new is found: a field behind an unreachable one is unreachable too."""
    asked = _asked(d)
    never: set[str] = set()
    left = MOST_IN_ALL
    found = True
    while found:
        found = False
        for name, part in asked.items():
            if name in never or part.rule is None or not part.tryable:
                continue
            trial = _Trial(d, sets, asked, frozenset(never), name)
            if trial.size > min(MOST, left):
                continue
            left -= trial.size
            if not trial.reaches():
                never.add(name)
                found = True
                yield (*part.path, "when"), "unreachable_field", {"id": name, "rule": part.rule.text}


def _asked(d: Definition) -> dict[str, _Asked]:
    known = names_of(d)
    asked: dict[str, _Asked] = {}
    for s, section in enumerate(d.form):
        for f, field in enumerate(section.fields):
            rule, tryable = None, True
            try:
                rule = compile_rule(field.when) if field.when else None
                tryable = rule is None or (rule.names <= known and field.id not in rule.names)
            except Malformed:
                tryable = False
            asked.setdefault(field.id, _Asked(field, ("form", s, "fields", f), section.tracks, rule, tryable))
    return asked


class _Trial:
    """All answers that the condition of one field rests on, one after the other."""

    def __init__(self, d: Definition, sets: Sets, asked: dict[str, _Asked], never: frozenset[str], name: str) -> None:
        self.asked, self.never, self.name = asked, never, name
        self.order = self._order(name)
        self.values = {part: self._values_of(d, sets, part) for part in self.order}
        self.values["track"] = tuple(track.id for track in d.tracks) or ("",)
        rule = asked[name].rule
        strangers = (rule.names if rule else frozenset()) - asked.keys() - {"track"}
        hopeless = bool(strangers) or any(values is None for values in self.values.values())
        self.size = MOST_IN_ALL + 1 if hopeless else prod(len(values or ()) for values in self.values.values())

    def _order(self, name: str) -> list[str]:
        """The fields that the condition rests on, those that others rest on first; without `name` itself."""
        order: list[str] = []
        seen = {name}

        def visit(part: str) -> None:
            seen.add(part)
            follow(part)
            order.append(part)

        def follow(part: str) -> None:
            rule = self.asked[part].rule
            for other in sorted(rule.names if rule and part not in self.never else ()):
                if other in self.asked and other not in seen:
                    visit(other)

        follow(name)
        return order

    def _values_of(self, d: Definition, sets: Sets, part: str) -> tuple[Any, ...] | None:
        """What a field can hold where it is asked; `None` where that cannot be listed."""
        asked = self.asked[part]
        if part in self.never:
            return (None,)
        if not asked.tryable or (asked.rule is not None and asked.rule.names - self.asked.keys() - {"track"}):
            return None
        field = asked.field
        blank = () if field.required is True else (None,)
        if field.type == "yes_no":
            return (True, False, *blank)
        if field.type == "country":
            return (*self._named(country_codes(d, sets)), *blank)
        if not isinstance(field, ChoiceField):
            return None
        options = tuple(option.id for option in field.options)
        if field.many:
            return (*_subsets(options), *blank) if options and len(options) <= MOST_OPTIONS_OF_MANY else None
        codes = sets.get(d.classifications.get(field.set or "", ""), frozenset())
        return (*(options or self._named(codes)), *blank)

    def _named(self, codes: frozenset[str]) -> tuple[str, ...]:
        """Of a long list the codes that the conditions name, and one that they do not."""
        rules = (part.rule for part in self.asked.values() if part.rule)
        named = sorted({literal for rule in rules for literal in rule.literals()})
        return (*(name for name in named if name in codes or not codes), "another")

    def reaches(self) -> bool:
        names = list(self.values)
        for combination in product(*(self.values[name] or () for name in names)):
            facts = dict(zip(names, combination, strict=True))
            for part in self.order:  # what is not asked is not answered
                if not self._is_asked(part, facts):
                    facts[part] = None
            if self._is_asked(self.name, facts):
                return True
        return False

    def _is_asked(self, part: str, facts: dict[str, Any]) -> bool:
        asked = self.asked[part]
        if asked.tracks and facts["track"] not in asked.tracks:
            return False
        try:
            return asked.rule is None or asked.rule(facts)
        except RuleError:
            return False


def _subsets(options: tuple[str, ...]) -> Iterator[list[str]]:
    return (list(some) for some in chain.from_iterable(combinations(options, n) for n in range(len(options) + 1)))


CHECKS = (unreachable_fields,)
