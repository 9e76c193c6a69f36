"""How far a decided ranking can be trusted: for the auditor, after the decision, beside it and never in it.

The official score is the published rule's. Here stands what the same sheets say about it: how strict or lenient each
evaluator was, how far each score is known, and how sure the line is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByGrade, ByRank, ByThreshold
from madang.core.callspec.scored import Judged
from madang.core.deciding.band import DRAWS
from madang.core.deciding.case import Case
from madang.core.deciding.decide import prepare
from madang.core.deciding.eligibility import track_of
from madang.core.deciding.scores import ranking_problem
from madang.core.reasons import Fault, Malformed
from madang.core.scoring import Uncertainty, solve_ranking


@dataclass(frozen=True, slots=True)
class StageQuality:
    """One judged stage over one list of applications; `result` is that of `madang solve ranking` with estimates."""

    stage: str
    list: str
    selected: frozenset[str]  # of the list, by computation
    result: Mapping[str, Any]
    ranks: Mapping[str, int]  # the official ones, best first; empty where nothing is ranked

    @property
    def top(self) -> int:
        return len(self.selected)

    def reasons(self) -> Sequence[Mapping[str, Any]]:
        """What is said of the estimates; ties of the stage alone are nobody's business."""
        return [reason for reason in self.result["reasons"] if reason["code"] != "tie_not_settled"]

    def in_order(self) -> Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """(line of the stage's own ranking, its estimate), in the order of the official ranking where there is one."""
        estimates = {line["id"]: line for line in self.result["estimates"]}
        lines = [line for line in self.result["applications"] if line["id"] in estimates]
        if self.ranks:
            lines.sort(key=lambda line: self.ranks.get(line["id"], len(self.ranks) + 1))
        return [(line, estimates[line["id"]]) for line in lines]


def quality_of(definition: Definition, case: Case, computed: Mapping[str, Any]) -> list[StageQuality]:
    """Estimates for each judged stage and each list, from the sheets of eligible applications.

    `case` is what was decided, `computed` what followed from it. Raises `Malformed` where nothing was judged by sheets.
    Cost: an estimate for each (`docs/algorithms/estimates.md`).
    """
    rule = definition.decide
    judged = definition.judged()
    if not judged or not isinstance(rule, ByRank | ByThreshold | ByGrade):
        raise Malformed([Fault("nothing_judged", "call.yaml", {"by": rule.by})])
    given = prepare(definition, case)
    selected = {line["application"] for line in computed["outcomes"] if line["outcome"] == "selected"}
    ranks = {line["application"]: line["rank"] for line in computed["ranking"]} if isinstance(rule, ByRank) else {}
    found = []
    for name, members in _lists(definition, case, given.eligible).items():
        for stage in judged:
            result = _estimates(stage, given.case, members, rule.decimals, len(selected & members), len(judged) == 1)
            if result is not None:
                mine = {one: rank for one, rank in ranks.items() if one in members}
                found.append(StageQuality(stage.id, name, frozenset(selected & members), result, mine))
    return found


def _lists(definition: Definition, case: Case, eligible: frozenset[str]) -> dict[str, frozenset[str]]:
    rule = definition.decide
    if not isinstance(rule, ByRank) or rule.list == "one":
        return {"all": eligible}
    tracks = {a.id: track_of(definition, a) for a in case.applications if a.id in eligible}
    return {t.id: frozenset(a for a, mine in tracks.items() if mine == t) for t in definition.tracks}


def _estimates(
    stage: Judged, case: Case, members: frozenset[str], decimals: int, top: int, only: bool
) -> dict[str, Any] | None:
    problem = ranking_problem(stage, case, members, decimals, only=only)
    if not problem.sheets:
        return None
    asked = Uncertainty(top=max(1, top), draws=DRAWS)
    return solve_ranking(problem.model_copy(update={"uncertainty": asked, "seed": 1}))
