"""A self-test: every finding, and for what does not hold the smallest sets of changes that would make it hold.

The search asks the rule itself again and again, so that whatever it names does flip the rule. It tries one change, then
two together, then three. Choices are tried one by one; for a number or an amount the nearest value that flips the rule
is found on each side by doubling steps and bisection, exactly (in won, or in the field's last decimal).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import combinations
from typing import Any, Final, get_args

from madang.core.callspec.asked import WON_PER_UNIT, ChoiceField, MoneyField, NumberField
from madang.core.callspec.expressions import compile_rule
from madang.core.callspec.model import ConsortiumRole, Definition, OrganisationKind
from madang.core.selftest.judge import Check, Verdict, checks_of, track_id
from madang.core.selftest.model import COUNTRY, KIND, MEMBERS, SOMEWHERE_ELSE, TRACK, Change, Finding, Given, Question
from madang.core.selftest.questions import needs_of, questions_of

MOST_ASKED: Final = 2000
"""How often one rule is asked while changes to it are sought: a quarter of a second at worst."""
MOST_TOGETHER: Final = 3
MOST_SHOWN: Final = 6
_LARGEST: Final = 2**50
_KINDS: Final[tuple[str, ...]] = get_args(OrganisationKind)
_COUNTRY = re.compile(r"^[A-Z]{2}$")
_WON = re.compile(r"krw\(\s*([0-9.]+)\s*,\s*['\"](\w+)['\"]\s*\)")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")

Sets = Mapping[str, tuple[str, ...]]


def findings_of(definition: Definition, given: Given, sets: Sets | None = None) -> tuple[Finding, ...]:
    """What each rule says. `sets` are the ids of classification sets by name, for choices that are taken from one.

    Cost: under a millisecond a rule that holds; at most `MOST_ASKED` evaluations (0.1 ms each) for one that does not.
    """
    questions = {question.key: question for question in questions_of(definition)}
    wanted = needs_of(definition)
    return tuple(
        _finding(check, given, _Search(definition, check, questions, wanted[check.id], sets or {}))
        for check in checks_of(definition)
    )


def _finding(check: Check, given: Given, search: _Search) -> Finding:
    verdict = check.judge(given)
    changes = search.changes(given) if verdict.state in ("fails", "office") else ()
    return Finding(
        id=check.id,
        kind=check.kind,
        state=verdict.state,
        reasons=verdict.reasons,
        needs=verdict.needs,
        changes=changes,
    )


class _Spent(Exception):
    """The rule was asked often enough."""


@dataclass
class _Search:
    definition: Definition
    check: Check
    questions: Mapping[str, Question]
    keys: tuple[str, ...]
    sets: Sets
    asked: int = 0
    texts: tuple[str, ...] = field(init=False)
    numbers: tuple[Decimal, ...] = field(init=False)

    def __post_init__(self) -> None:
        rule = self.check.rule
        self.texts = tuple(dict.fromkeys(compile_rule(rule).literals())) if rule else ()
        won = [Decimal(amount) * WON_PER_UNIT[unit] for amount, unit in _WON.findall(rule) if unit in WON_PER_UNIT]
        self.numbers = (*won, *map(Decimal, _NUMBER.findall(_WON.sub("", rule))))

    def changes(self, given: Given) -> tuple[tuple[Change, ...], ...]:
        """The smallest sets, in the order of the questions, numbers last: those are found on what stands then."""
        open_keys = sorted((key for key in self.questions if key in self.keys), key=self._is_number)
        for size in range(1, MOST_TOGETHER + 1):
            found: list[tuple[Change, ...]] = []
            try:
                for keys in combinations(open_keys, size):
                    for changes in self._together(given, keys):
                        if changes not in found:
                            found.append(changes)
                        if len(found) == MOST_SHOWN:
                            return tuple(found)
            except _Spent:
                return tuple(found)
            if found:
                return tuple(found)
        return ()

    def _together(self, given: Given, keys: tuple[str, ...]) -> Iterator[tuple[Change, ...]]:
        """Changes of all these keys at once; the last one is found on the rule, the others are tried."""
        if len(keys) == 1:
            yield from ((change,) for change in self._flipping(given, keys[0]))
            return
        for change in self._tries(given, keys[0]):
            for rest in self._together(applied(self.definition, given, change), keys[1:]):
                yield (change, *rest)

    def _flipping(self, given: Given, key: str) -> Iterator[Change]:
        if self._is_number(key):
            yield from self._numbers(given, key)
            return
        yield from (
            change for change in self._tries(given, key) if self._holds(applied(self.definition, given, change))
        )

    def _holds(self, given: Given) -> bool:
        self.asked += 1
        if self.asked > MOST_ASKED:
            raise _Spent
        verdict: Verdict = self.check.judge(given)
        return verdict.state == "holds"

    def _is_number(self, key: str) -> bool:
        return isinstance(self.questions[key].field, MoneyField | NumberField)

    # -- what may be tried --------------------------------------------------------------------------------------------

    def _tries(self, given: Given, key: str) -> Iterator[Change]:
        """Other answers to one question, those that the rule names first."""
        if key == TRACK:
            now = track_id(self.definition, given)
            yield from (Change(key=key, how="to", value=t.id) for t in self.definition.tracks if t.id != now)
        elif key == KIND:
            yield from (Change(key=key, how="to", value=kind) for kind in self._kinds(given) if kind != given.kind)
        elif key == COUNTRY:
            yield from self._countries(given.country)
        elif key == MEMBERS:
            yield from self._member_changes(given)
        elif self._is_number(key):
            values = self._named_values(given, key)
            yield from (Change(key=key, how="to", value=self._value(key, units)) for units in values)
        else:
            yield from self._field_tries(given, key)

    def _field_tries(self, given: Given, key: str) -> Iterator[Change]:
        asked, now = self.questions[key], given.answers.get(key)
        form_field = asked.field
        if asked.kind == "yes_no":
            yield from (Change(key=key, how="to", value=value) for value in (True, False) if value is not now)
        elif isinstance(form_field, ChoiceField):
            ids = self._options(form_field)
            if form_field.many:
                chosen = now if isinstance(now, list) else []
                for one in ids:
                    other = [c for c in chosen if c != one] if one in chosen else [*chosen, one]
                    yield Change(key=key, how="to", value=other)
            else:
                yield from (Change(key=key, how="to", value=one) for one in ids if one != now)
        else:
            yield from (Change(key=key, how="to", value=text) for text in self.texts if text != now)
            if not now:
                yield Change(key=key, how="any", value="x")

    def _options(self, asked: ChoiceField) -> tuple[str, ...]:
        """The ids of a choice, those that the rule names first."""
        own = tuple(option.id for option in asked.options) or self.sets.get(asked.set or "", ())
        return tuple(sorted(own, key=lambda one: one not in self.texts))

    def _kinds(self, given: Given) -> tuple[str, ...]:
        now = track_id(self.definition, given)
        admitted = next((track.applicants for track in self.definition.tracks if track.id == now), ())
        return tuple(admitted) or _KINDS

    def _countries(self, now: str | None) -> Iterator[Change]:
        codes = [text for text in self.texts if _COUNTRY.match(text)]
        yield from (Change(key=COUNTRY, how="to", value=code) for code in codes if code != now)
        if now in codes:
            yield Change(key=COUNTRY, how="other_than", value=now)

    def _member_changes(self, given: Given) -> Iterator[Change]:
        """Members more, members less, and members of another kind."""
        for role in self._roles(given):
            needed = role.min - sum(1 for member in given.members or () if member.get("role") == role.role)
            for country, not_in in self._member_countries():
                kinds = tuple(role.kinds)
                for count in range(1, max(needed, 1) + 1):
                    yield Change(
                        key=MEMBERS, how="add", role=role.role, kinds=kinds, count=count, value=country, not_in=not_in
                    )
            standing = [member for member in given.members or () if member.get("role") == role.role]
            if role.kinds and any(member.get("kind") not in (*role.kinds, "", None) for member in standing):
                yield Change(key=MEMBERS, how="kinds", role=role.role, kinds=tuple(role.kinds))
            yield from (Change(key=MEMBERS, how="remove", role=role.role, count=n + 1) for n in range(len(standing)))

    def _roles(self, given: Given) -> list[ConsortiumRole]:
        """The roles of this type (of all types, while none is named) that the finding is about."""
        now = track_id(self.definition, given)
        found = {
            role.role: role for track in self.definition.tracks if now in (None, track.id) for role in track.consortium
        }
        if self.check.kind == "consortium":
            return [role for name, role in found.items() if f"consortium.{name}" == self.check.id]
        return list({name: found[name] for name in sorted(found, key=lambda name: name not in self.texts)}.values())

    def _member_countries(self) -> list[tuple[str, str]]:
        """(country, country that it must not be): one that the rule names, another one, or any."""
        codes = [text for text in self.texts if _COUNTRY.match(text)]
        return [("", ""), *((code, "") for code in codes), *(("", code) for code in codes)]

    # -- numbers ------------------------------------------------------------------------------------------------------

    def _scale(self, key: str) -> int:
        """How many of the smallest steps one is."""
        asked = self.questions[key].field
        return 10**asked.decimals if isinstance(asked, NumberField) else 1

    def _bounds(self, key: str) -> tuple[int, int]:
        asked, scale = self.questions[key].field, self._scale(key)
        if not isinstance(asked, NumberField):
            return 0, _LARGEST
        low = 0 if asked.min is None else int(Decimal(str(asked.min)) * scale)
        return low, _LARGEST if asked.max is None else int(Decimal(str(asked.max)) * scale)

    def _value(self, key: str, units: int) -> Any:
        """An answer as an application holds it: won, or decimal text."""
        scale = self._scale(key)
        if isinstance(self.questions[key].field, MoneyField):
            return units
        return str(units) if scale == 1 else str(Decimal(units) / scale)

    def _units(self, given: Given, key: str) -> int | None:
        value = given.answers.get(key)
        return None if value is None else int(Decimal(str(value)) * self._scale(key))

    def _named_values(self, given: Given, key: str) -> list[int]:
        """Values at which a rule may turn: its own numbers, the other amounts, their sums and differences."""
        scale, (low, high) = self._scale(key), self._bounds(key)
        others = [
            Decimal(str(given.answers[other]))
            for other in self.keys
            if other != key
            and other in self.questions
            and self._is_number(other)
            and given.answers.get(other) is not None
        ]
        sums = [one + other for one, other in combinations(others, 2)]
        differences = [abs(one - other) for one, other in combinations(others, 2)]
        near = {int(value * scale) for value in (*self.numbers, *others, *sums, *differences)}
        return sorted(value for value in near if low <= value <= high)

    def _numbers(self, given: Given, key: str) -> Iterator[Change]:
        """The nearest values that flip the rule, above and below what was answered."""
        low, high = self._bounds(key)
        now = self._units(given, key)

        def holds(units: int) -> bool:
            return self._holds(_answered(given, key, self._value(key, units)))

        if now is None:
            if holds(low) and holds(high):
                yield Change(key=key, how="any", value=self._value(key, low))
                return
            now = low
            if holds(now):
                yield self._turn(key, now, holds, now + 1 <= high, -1)
                return
        named = self._named_values(given, key)
        for sign, edge in ((1, high), (-1, low)):
            near = [value for value in named if (value - now) * sign > 0]
            found = _nearest(now, edge, near, holds)
            if found is not None:
                yield self._turn(key, found, holds, low <= found + sign <= high, sign)

    def _turn(self, key: str, units: int, holds: Callable[[int], bool], more: bool, sign: int) -> Change:
        """From here on, or exactly here."""
        value = self._value(key, units)
        if sign > 0:
            return Change(key=key, how="at_least" if more and holds(units + 1) else "to", value=value)
        return Change(key=key, how="at_most" if units > 0 and holds(units - 1) else "to", value=value)


def _nearest(now: int, edge: int, named: Iterable[int], holds: Callable[[int], bool]) -> int | None:
    """The value nearest to `now`, towards `edge`, at which `holds` turns true; nothing where no probe finds one.

    Probes: doubling steps, and the named values; between a false probe and the next true one it is bisected.
    """
    sign = 1 if edge > now else -1
    steps = [now + sign * (1 << power) for power in range(51)]
    probes = {probe for probe in (*steps, *named, edge) if 0 < (probe - now) * sign <= (edge - now) * sign}
    false = now
    for probe in sorted(probes, key=lambda value: abs(value - now)):
        if not holds(probe):
            false = probe
            continue
        true = probe
        while abs(true - false) > 1:
            middle = (true + false) // 2
            if holds(middle):
                true = middle
            else:
                false = middle
        return true
    return None


def applied(definition: Definition, given: Given, change: Change) -> Given:
    """What was answered, with this change made."""
    if change.key == TRACK:
        return replace(given, track=change.value)
    if change.key == KIND:
        return replace(given, kind=change.value)
    if change.key == COUNTRY:
        return replace(given, country=SOMEWHERE_ELSE if change.how == "other_than" else change.value)
    if change.key == MEMBERS:
        return replace(given, members=_members(given.members or (), change))
    return _answered(given, change.key, change.value)


def _answered(given: Given, key: str, value: Any) -> Given:
    return replace(given, answers={**given.answers, key: value})


def _members(members: tuple[Mapping[str, str], ...], change: Change) -> tuple[Mapping[str, str], ...]:
    if change.how == "add":
        kind = change.kinds[0] if change.kinds else ""
        country = SOMEWHERE_ELSE if change.not_in else change.value or ""
        return (*members, *({"role": change.role, "name": "", "kind": kind, "country": country},) * change.count)
    if change.how == "kinds":
        return tuple(
            {**one, "kind": change.kinds[0]}
            if one.get("role") == change.role and one.get("kind") not in (*change.kinds, "", None)
            else one
            for one in members
        )
    left, kept = change.count, []
    for one in reversed(members):
        if left and one.get("role") == change.role:
            left -= 1
        else:
            kept.append(one)
    return tuple(reversed(kept))
