"""Which leaf an edition opens: one table, from what the definition announces. What is not in it stays closed.

To audit an edition read `PUBLIC` and `OWN`, nothing else: a leaf is opened by its kind, by whom it is about, and by
`announcement.publish` and `announcement.party` of the definition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from madang.core.callspec.model import Definition, Party, Publish
from madang.core.callspec.rule import ByGrade, ByRank, ByThreshold


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom an edition is for, and what its definition grants.

    `selected`: whom the decision selected. `as_computed`: those of them who were computed as selected too. `scored`:
    who has a score or rank, and so is named where these are published. `mine`: the application of a party, None in
    the public edition.
    """

    publish: Publish
    party: Party
    by_rank: bool
    by_score: bool
    selected: frozenset[str]
    as_computed: frozenset[str]
    scored: frozenset[str]
    mine: str | None = None

    def names(self, name: str) -> bool:
        """Whether the public learns that this application was selected."""
        return self.publish.selected == "all" and name in self.selected

    def ranks(self, name: str) -> bool:
        return self._grants(self.publish.ranking, name)

    def scores(self, name: str) -> bool:
        return self._grants(self.publish.scores, name)

    def _grants(self, share: str, name: str) -> bool:
        return share == "all" or (share == "selected" and name in self.selected)


def audience(definition: Definition, values: Mapping[str, Any], mine: str | None = None) -> Audience:
    """What a definition grants over a record whose decisions are open (the auditor's)."""

    def selected(prefix: str) -> frozenset[str]:
        lines = (value for name, value in values.items() if name.startswith(prefix))
        return frozenset(line["application"] for line in lines if line["outcome"] == "selected")

    decided = selected("decided/")
    lines = (value for name, value in values.items() if name.startswith(("computed/scores/", "computed/ranking/")))
    return Audience(
        publish=definition.announcement.publish,
        party=definition.announcement.party,
        by_rank=isinstance(definition.decide, ByRank),
        by_score=isinstance(definition.decide, ByRank | ByThreshold | ByGrade),
        selected=decided,
        as_computed=decided & selected("computed/outcomes/"),
        scored=frozenset(line["application"] for line in lines),
        mine=mine,
    )


Opens = Callable[[Audience, str, Any], bool]


def _always(_: Audience, __: str, ___: Any) -> bool:
    return True


def _named(to: Audience, name: str, _: Any) -> bool:
    """Not who has no score: of a published ranking the rest of the applicants would be those who were ineligible."""
    return to.names(name) or (name in to.scored and (to.ranks(name) or to.scores(name)))


def _granted(to: Audience, name: str, _: Any) -> bool:
    return to.names(name) and name in to.as_computed


def _reasoned(to: Audience, name: str, value: Any) -> bool:
    """A reason may tell a score or a place even without a number, so it opens only where both are public anyway."""
    known = to.scores(name) and (to.ranks(name) or not to.by_rank)
    return _granted(to, name, value) and to.by_score and known and not _free_words(value)


def _free_words(value: Any) -> bool:
    """Whether a reason quotes what somebody wrote, rather than ids and numbers."""
    if isinstance(value, str):
        return any(map(str.isspace, value))
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return any(map(_free_words, parts))


#: What the public edition opens. Called with the audience, the application that the leaf is about, and its value.
PUBLIC: Mapping[str, Opens] = {
    "meta": _always,
    "definition": _always,
    "definition-text": _always,
    "classifications": _always,
    "rounds": _always,
    "batch": _always,
    "origin": _always,
    "panel-names": _always,  # a leaf only where the definition publishes the names
    "computed/summary": _always,
    "computed/statistics": _always,
    "decided-summary": _always,
    "applications": _named,
    "decided": lambda to, name, _: to.names(name),
    "computed/outcomes": _granted,
    "computed/tasks": lambda to, name, task: _granted(to, name, task) and task["outcome"] == "selected",
    "computed/ranking": lambda to, name, _: to.ranks(name),
    "computed/scores": lambda to, name, _: to.scores(name),
    "computed/stages": lambda to, name, _: to.scores(name) and name in to.scored,
    "computed/why": _reasoned,
    "computed/figures": _reasoned,
}


def _own_scores(to: Audience, _: str, __: Any) -> bool:
    return to.party.own_scores


#: What a party's edition opens besides, of the leaves about its own application.
OWN: Mapping[str, Opens] = {
    "applications": _always,
    "answers": _always,
    "checklist": _always,
    "outside_checks": _always,
    "adjustments": _always,
    "reductions": _always,
    "conditions": _always,
    "appointments": _always,
    "decided": _always,
    "deviations": _always,
    "computed/eligibility": _always,
    "computed/outcomes": _always,
    "computed/tasks": _always,
    "computed/votes": _always,
    "computed/votes-several": _always,
    "computed/why": _always,
    "computed/figures": lambda to, _, __: to.party.own_scores or not to.by_score,
    "computed/ranking": _own_scores,
    "computed/scores": _own_scores,
    "computed/stages": _own_scores,
    "computed/counted": _own_scores,
    "sheets": _own_scores,
    "comments": lambda to, _, __: to.party.comments == "released_by_rule",
}


def kind_of(name: str) -> str:
    """The kind of a leaf: `sheets/000001` -> `sheets`, `computed/stages/written/A1` -> `computed/stages`."""
    first, _, rest = name.partition("/")
    return f"{first}/{rest.partition('/')[0]}" if first == "computed" else first


def about(name: str, value: Any) -> str:
    """The application that a leaf is about, or nothing."""
    key = "id" if kind_of(name) == "applications" else "application"
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def opens(name: str, value: Any, to: Audience) -> bool:
    """Whether the leaf is open in the edition for this audience."""
    kind, of = kind_of(name), about(name, value)
    if kind in PUBLIC and PUBLIC[kind](to, of, value):
        return True
    return bool(of) and of == to.mine and kind in OWN and OWN[kind](to, of, value)
