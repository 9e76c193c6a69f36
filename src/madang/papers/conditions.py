"""Which questions of the form one application is asked, and which it must answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from madang.core.callspec.asked import FormField, Section
from madang.core.callspec.expressions import RuleError, compile_rule, facts_of
from madang.core.callspec.model import Definition
from madang.core.deciding.case import Application
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
        applicant = {
            "id": application.organisation or application.applicant,
            "kind": application.kind,
            "country": application.country,
            "organisation": application.organisation or application.applicant,
        }
        return facts_of(
            self._definition,
            answers=application.answers,
            track=application.track,
            applicant=applicant,
            members=application.members,
            received=application.received,
            counts={"applications_of_applicant": 1, "applications_of_applicant_for_same_city": 1},
        )

    def asked(self, section: Section, field: FormField, facts: Mapping[str, Any]) -> bool:
        if section.tracks and facts["track"] not in section.tracks:
            return False
        return field.when is None or self.holds(field.when, facts)

    def required(self, field: FormField, facts: Mapping[str, Any]) -> bool:
        """Of a question that is asked. A file is never required here: whether papers are there, the review says."""
        if field.type == "file":
            return False
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
