"""What a record names by id, in the words of its definition; and its reasons as sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from madang.core.callspec.asked import ChoiceField, RowsField
from madang.core.callspec.blocks import Text
from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByGrade, ByRank, ByVote, CapEach
from madang.core.deciding import OUTCOMES
from madang.core.deciding.draws import BODY
from madang.core.reasons import Malformed
from madang.papers import classifications
from madang.words import sentence


def words(code: str, language: str, **params: Any) -> str:
    """The words of a report: `words("heading_reasons", "en")`; their codes start with `report_` in the catalogue."""
    return sentence(f"report_{code}", params, language)


class Labels:
    """What the definition calls the things that a record names by id."""

    def __init__(self, definition: Definition, language: str, on: str | None = None) -> None:
        self.definition = definition
        self.language = language
        self.on = on

    def say(self, code: str, **params: Any) -> str:
        return words(code, self.language, **params)

    def text(self, text: Text | None) -> str:
        """In the reader's language, else English, else whatever there is."""
        if not text:
            return ""
        return text.get(self.language) or text.get("en") or next(iter(text.values()))

    def track(self, name: str) -> str:
        found = next((track for track in self.definition.tracks if track.id == name), None)
        return self.text(found.title) if found else name

    def country(self, code: str) -> str:
        return classifications.country_label(code, self.language, self.on) if code else ""

    def classified(self, role: str, id_: str) -> str:
        """The label of an entry of the set that the definition names for `role`."""
        name = self.definition.classifications.get(role)
        try:
            return classifications.label(name, id_, self.language, self.on) if name else id_
        except Malformed:  # a set that this installation does not have
            return id_

    def stage(self, name: str) -> str:
        found = next((stage for stage in self.definition.evaluation if stage.id == name), None)
        return (self.text(found.title) or self.say("stage")) if found else name

    def part(self, name: str) -> str:
        """A stage, a criterion or `stage.criterion`; `lot` is the drawing of lots."""
        if name == "lot":
            return self.say("lot")
        stage, _, criterion = name.rpartition(".")
        for found in self.definition.evaluation:
            if name == found.id:
                return self.stage(name)
            if stage in ("", found.id):
                for one in found.criteria:
                    if one.id == criterion:
                        return self.text(one.label)
        return name

    def tag(self, name: str) -> str:
        """What a quota or cap looks at: a form field, or one of the tags that every application has."""
        field = self.definition.field(name)
        if field is not None and name not in ("country", "field"):
            return self.text(field.label)
        return self.say(f"tag_{name}") if name in TAGS else name

    def tag_value(self, tag: str, value: str) -> str:
        field = self.definition.field(tag)
        if tag == "track":
            return self.track(value)
        if tag == "country":
            return self.country(value)
        if tag == "region":
            return self.classified("region", value)
        if isinstance(field, ChoiceField):
            option = next((o for o in field.options if o.id == value), None)
            return self.text(option.label) if option else self.classified(field.set or "", value)
        if value in ("true", "false"):
            return self.say("yes" if value == "true" else "no")
        return value

    def kind(self, name: str) -> str:
        return self.say(f"kind_{name}") if name in KINDS else name

    def role(self, name: str) -> str:
        roles = (role for track in self.definition.tracks for role in track.consortium)
        found = next((role for role in roles if role.role == name), None)
        return (self.text(found.title) if found else "") or name

    def option(self, name: str) -> str:
        return self.say(f"option_{name}") if name in ("yes", "no", "abstain") else name

    def grade(self, name: str | None) -> str:
        rule = self.definition.decide
        grades = rule.grades if isinstance(rule, ByGrade) else ()
        return next((self.text(grade.label) for grade in grades if grade.id == name), name or "")

    def rule(self, name: str) -> str:
        """A selection rule; `per-track:development` is one value of the quota `per-track`."""
        if name in ("seats", "budget", "match"):
            return self.say(f"rule_name_{name}")
        rules = self.definition.decide.rules if isinstance(self.definition.decide, ByRank) else ()
        found = next((rule for rule in rules if rule.id in (name, name.partition(":")[0])), None)
        if found is None:
            return name
        kind = "cap" if isinstance(found, CapEach) else "quota"
        tag = found.cap_each if isinstance(found, CapEach) else found.quota
        return self.text(found.label) or self.say(f"rule_name_{kind}", tag=self.tag(tag))

    def group(self, name: str) -> str:
        """A group of applications that has its own marks."""
        rule = self.definition.decide
        return self._of(rule.groups if isinstance(rule, ByGrade) else (), name)

    def check(self, name: str) -> str:
        return self._of(self.definition.outside_checks, name)

    def adjustment(self, name: str) -> str:
        return self._of(self.definition.adjustments, name)

    def condition(self, name: str) -> str:
        return self._of(self.definition.outcome.conditions, name)

    def advice(self, name: str) -> str:
        """An opinion is named by its question."""
        found = next((opinion for opinion in self.definition.opinions if opinion.id == name), None)
        return self.text(found.question) if found else name

    def _of(self, blocks: Iterable[Any], name: str) -> str:
        return next((self.text(block.label) for block in blocks if block.id == name), name)

    def draw(self, name: str) -> str:
        """`panel:written`: what is drawn, and for which stage."""
        kind, _, of = name.partition(":")
        if of == BODY:
            return self.say("draw_of_body")
        return self.say(f"draw_of_{kind}", stage=self.stage(of)) if kind in ("panel", "order", "lots") else name

    def task(self, key: str) -> str:
        """A task by the labels of its key cells."""
        units = self.definition.decide.tasks
        rows = self.definition.field(units.rows) if units else None
        if units is None or not isinstance(rows, RowsField):
            return key
        cells = {cell.id: cell for cell in rows.fields}
        parts = zip(units.key, key.split("/"), strict=False)
        return " · ".join(self._cell(cells.get(name), value) for name, value in parts if value != "-")

    def _cell(self, cell: Any, value: str) -> str:
        if not isinstance(cell, ChoiceField):
            return value
        option = next((option for option in cell.options if option.id == value), None)
        return self.text(option.label) if option else self.classified(cell.set or "", value)

    def outcome_of(self, line: Mapping[str, Any], outcome: str) -> str:
        """The outcome of an application or a task, as conditional where one of its conditions is still pending."""
        pending = any(one["state"] == "pending" for one in line.get("conditions", ()))
        label = self.outcome(outcome)
        return self.say("outcome_conditional", outcome=label) if pending and outcome == "selected" else label

    def outcome(self, name: str) -> str:
        """`selected` in the words of what was to be had: selected, admitted, certified, designated."""
        if name in ("selected", "not_selected"):
            return self.say(f"outcome_{self.definition.outcome.kind}_{name}")
        return self.say(f"outcome_{name}") if name in OUTCOMES else name


TAGS = ("track", "country", "region", "applicant", "organisation", "field")
KINDS = (
    "government", "city", "public_body", "international_organisation", "university", "company", "research_institute",
    "association", "institution", "place", "person",
)  # fmt: skip


class Speaker:
    """A record's reasons as sentences, with the definition's labels in the place of its ids."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels

    def say(self, reason: Mapping[str, Any]) -> str:
        code, params = str(reason["code"]), dict(reason["params"])
        definition = self._labels.definition
        if code == "rule_not_met":
            rule = next((rule for rule in definition.eligibility if rule.id == params.get("rule")), None)
            if rule is not None:
                return self._labels.text(rule.otherwise)
        if code == "review_failed":
            item = next((item for item in definition.review if item.id == params.get("item")), None)
            params["item"] = self._labels.text(item.label) if item else params.get("item")
        if code == "score_is" and "sheets" not in params:  # of a whole call, over all its stages
            code = "total_score_is"
        if code == "joined_without_vote" and isinstance(definition.decide, ByVote) and definition.decide.without_vote:
            return self._labels.text(definition.decide.without_vote.label)
        tag = str(params.get("tag", ""))
        told = {name: self._param(name, value, tag) for name, value in params.items()}
        return sentence(code, told, self._labels.language).strip()

    def all(self, reasons: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
        return tuple(self.say(reason) for reason in reasons)

    def _quoted_rule(self, name: str) -> str:
        return self._labels.say("quoted", name=self._labels.rule(name))

    def _param(self, name: str, value: Any, tag: str) -> Any:
        labels = self._labels
        if isinstance(value, list):
            one: dict[str, Callable[[str], str]] = {
                "allowed": labels.kind,
                "kinds": labels.kind,
                "rules": self._quoted_rule,
                "values": lambda v: labels.tag_value(tag, v),
                "options": labels.option,
                "tasks": labels.task,
            }
            return [one[name](str(v)) if name in one else str(v) for v in value]
        if value is None:
            return "–"
        if name.endswith("_krw") and isinstance(value, int):
            return f"{value:,}"
        single: dict[str, Callable[[str], str]] = {
            "stage": labels.stage,
            "criterion": labels.part,
            "part": labels.part,
            "kind": labels.kind,
            "role": labels.role,
            "track": labels.track,
            "tag": labels.tag,
            "equals": lambda v: labels.tag_value(tag, v),
            "value": lambda v: labels.tag_value(tag, v) if tag else v,
            "rule": self._quoted_rule,
            "grade": labels.grade,
            "option": labels.option,
            "group": labels.group,
            "check": labels.check,
            "adjustment": labels.adjustment,
            "condition": labels.condition,
            "advice": labels.advice,
            "draw": labels.draw,
            "task": labels.task,
            "money": lambda v: labels.say(f"money_{v}") if v in ("grant", "cost") else v,
        }
        return single[name](value) if isinstance(value, str) and name in single else value
