"""Which questions of the form one application is asked, and which it must answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from madang.core.callspec.asked import FormField, RowCell, Section
from madang.core.callspec.expressions import RuleError, compile_rule
from madang.core.callspec.model import Definition
from madang.core.deciding.case import Application
from madang.core.deciding.eligibility import ALONE, facts_with
from madang.core.reasons import Malformed


class Conditions:
    """Answers `when` and `required` for one application after the other; equal facts are asked once.

    Each application is looked at alone here, so the counts over applications are 1. A condition on a question that is
    itself unanswered does not hold.
    """

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._answered: dict[tuple[str, str], bool] = {}

    def facts(self, application: Application) -> dict[str, Any]:
        return facts_with(self._definition, application, ALONE)

    def asked(self, section: Section, field: FormField, facts: Mapping[str, Any]) -> bool:
        if section.tracks and facts.get("track") not in section.tracks:
            return False
        return field.when is None or self.holds(field.when, facts)

    def required(self, field: FormField | RowCell, facts: Mapping[str, Any]) -> bool:
        """Of a question that is asked."""
        return field.required if isinstance(field.required, bool) else self.holds(field.required, facts)

    def holds(self, condition: str, facts: Mapping[str, Any]) -> bool:
        try:
            rule = compile_rule(condition)
            key = (condition, repr([facts.get(name) for name in sorted(rule.names)]))
            if key not in self._answered:
                self._answered[key] = rule(facts)
            return self._answered[key]
        except (RuleError, Malformed):
            return False
