"""Invented answers to the questions of a form."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from madang.core.callspec.asked import (
    ChoiceField,
    FormField,
    MoneyField,
    NumberField,
    RowCell,
    RowsField,
    TextField,
    YesNoField,
)
from madang.core.callspec.model import Definition, Track
from madang.core.callspec.scored import Computed, Indicator, Step
from madang.papers.classifications import load
from madang.papers.samples.common import COUNTRIES, Sampling, named
from madang.papers.samples.money import Amounts
from madang.papers.samples.topics import Topics
from madang.papers.values import plain

_NUMBER = re.compile(r"(?<![\w.'\"-])\d{1,9}(?:\.\d{1,6})?(?![\w.'\"-])")
_DAY = re.compile(r"['\"](\d{4}-\d{2}-\d{2})['\"]")


class Answers:
    """Answers of one applicant after the other: near what rules and steps name, so that both sides of them occur."""

    def __init__(self, sampling: Sampling) -> None:
        self._s = sampling
        self._amounts = Amounts(sampling)
        self._topics = Topics(sampling)
        self._rules = [*sampling.rules, *_group_rules(sampling.definition)]

    def draw(self, number: int, width: int, track: Track | None, *, adding_up: bool) -> dict[str, Any]:
        answers: dict[str, Any] = {}
        amounts = self._amounts.draw(track, adding_up=adding_up)
        for field in self._s.definition.fields():
            if field.required is False and not self._needed(field) and self._s.random.randrange(10) < 3:
                continue
            answer = amounts.get(field.id) if isinstance(field, MoneyField) else self._answer(field, number, width)
            if answer is not None:
                answers[field.id] = answer
        return answers

    def _needed(self, field: FormField) -> bool:
        """Fields that money or a computed stage rests on are answered, but for an amount that need not be."""
        money = self._s.definition.money
        measured = {one.field for stage in self._s.definition.computed() for one in _indicators(stage)}
        return field.id in measured or (field.id in (money.cost, money.own) and bool(money.match or money.budget_krw))

    def _answer(self, field: FormField | RowCell, number: int, width: int) -> Any:
        if (told := self._topics.answer(field, number)) is not None:
            return told
        match field:
            case RowsField():
                return self._rows(field, number, width)
            case YesNoField():
                return self._s.random.randrange(2) == 1
            case NumberField():
                return self._number(field)
            case MoneyField():
                return self._s.random.randrange(1, 100) * 10_000_000
            case ChoiceField():
                return self._choice(field)
            case TextField():
                return _words(field, number, width)
            case _:
                return self._plain(field.type, field.id, number, width)

    def _rows(self, field: RowsField, number: int, width: int) -> list[dict[str, Any]]:
        """The fewest rows that are asked; of tasks, one to three that differ in what tells them apart."""
        tasks = self._s.definition.decide.tasks
        key = tasks.key if tasks and tasks.rows == field.id else ()
        count = max(field.min, number % 3 + 1 if key else 1)
        rows = [self._row(field, number, width) for _ in range(count)]
        return list({tuple(row.get(name) for name in key): row for row in rows}.values()) if key else rows

    def _row(self, field: RowsField, number: int, width: int) -> dict[str, Any]:
        return {c.id: a for c in field.fields if (a := self._answer(c, number, width)) is not None}

    def _plain(self, kind: str, field: str, number: int, width: int) -> str:
        random = self._s.random
        if kind == "country":
            return random.choice(COUNTRIES)
        if kind == "date":
            days = [day for rule in self._rules_on(field) for day in _DAY.findall(rule)]
            opens = (self._s.definition.schedule.opens or "2021-01-04")[:10]
            day = dt.date.fromisoformat(random.choice(days) if days else opens)
            return (day + dt.timedelta(days=random.randrange(-400, 200 if days else 0))).isoformat()
        if kind == "file":
            return f"{field}-{number:0{width}}.pdf"
        return named("city" if kind == "place" else "institution", number, width)

    def _choice(self, field: ChoiceField) -> str | list[str] | None:
        random = self._s.random
        options = [option.id for option in field.options] or self._set(field.set or "")
        if not options:
            return None
        if not field.many:
            return random.choice(options)
        chosen = random.sample(options, min(len(options), random.randrange(1, 4)))
        return sorted(chosen, key=options.index)

    def _set(self, role: str) -> list[str]:
        if self._s.known is not None:
            return sorted(self._s.known.get(role, ()))
        name = self._s.definition.classifications.get(role)
        return list(load(name).ids) if name else []

    def _number(self, field: NumberField) -> str:
        """Near the steps that a computed stage reads off, or a number that a rule names; else anywhere in the range."""
        random = self._s.random
        low, high = field.min or Decimal(0), field.max
        steps = [step.from_ for stage in self._s.definition.computed() for step in _steps(stage, field.id)]
        steps += [Decimal(number) for rule in self._rules_on(field.id) for number in _NUMBER.findall(rule)]
        if steps:
            around = random.choice(steps)
            value = around * random.randrange(95, 125) / 100
        else:
            top = high if high is not None else low + 1000
            value = low + (top - low) * random.randrange(0, 1001) / 1000
        value = max(low, value if high is None else min(high, value))
        unit = Decimal(1).scaleb(-field.decimals)
        return plain(value // unit * unit)

    def _rules_on(self, field: str) -> list[str]:
        return [rule for rule in self._rules if re.search(rf"\b{field}\b", rule)]


def _group_rules(definition: Definition) -> list[str]:
    return [group.when for group in getattr(definition.decide, "groups", ())]


def _indicators(stage: Computed) -> Iterator[Indicator]:
    yield from stage.criteria
    for earlier in stage.earlier:
        yield from earlier.criteria


def _steps(stage: Computed, field: str) -> Iterator[Step]:
    for indicator in _indicators(stage):
        if indicator.field == field:
            yield from indicator.steps


def _words(field: TextField, number: int, width: int) -> str:
    if field.type == "email":
        return f"sample{number:0{width}}@example.org"
    if field.type == "url":
        return f"https://example.org/{number:0{width}}"
    text = f"예시 {number:0{width}} / Sample {number:0{width}}"
    if field.max_words is not None:
        text = " ".join(text.split()[: field.max_words])
    return text[: field.max_characters].strip() if field.max_characters else text
