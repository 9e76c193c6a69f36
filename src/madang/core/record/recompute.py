"""The auditor's edition, computed again: does everything follow from the inputs, and do other programs say the same?

After `decide` the ranking, selection, votes and statistics are checked once more by verifiers that share no code with
the solvers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from madang import __version__
from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByGrade, ByRank, ByThreshold, ByVote
from madang.core.callspec.scored import Judged
from madang.core.deadline import Deadline
from madang.core.deciding import Case, band, decide
from madang.core.deciding.bodies import vote_problem
from madang.core.deciding.decide import OUTCOMES, Prepared, prepare
from madang.core.deciding.decide import regions as regions_of
from madang.core.deciding.inputs import contradictions, not_seated
from madang.core.deciding.rules import lists_of, selection_problem
from madang.core.deciding.ruling import Stated
from madang.core.deciding.scores import Scores, ranking_problem, score_all
from madang.core.problem import pointer
from madang.core.reasons import Param, Reason
from madang.core.record.canonical import canonical
from madang.core.record.contents import PADDING, case_leaves, computed_leaves, origin_of, panel_names
from madang.core.record.findings import Verification
from madang.core.record.read import Record
from madang.core.scoring import Place
from madang.core.scoring.verify import independent_lines
from madang.core.selection import SelectionProblem
from madang.core.selection.verify import check_selection
from madang.core.statistics import reception_of
from madang.core.statistics import verify as verify_statistics
from madang.core.votes import solve_vote, verify_vote

#: Remarks of a draw that an auditor must hear: what somebody could have used to steer or to know it.
STEERING = ("lots_without_public_value", "lots_by_one_party", "equal_commitments", "reveal_guessable",
            "draw_by_one_party", "draw_by_public_value_alone")  # fmt: skip

#: Leaves that are neither inputs nor padding; what is under `_COMPARED` is held against what follows, name by name.
_OTHERS = frozenset({"meta", "definition", "definition-text", "classifications", "decided-summary"})
_COMPARED = ("computed/", "panel-names/")
_PADDING = re.compile(re.escape(PADDING) + r"\d{6,}")


def check(result: Verification, record: Record, definition: Definition, deadline: Deadline) -> None:
    """Adds what was found to the result. Raises what a hostile record may trip; the caller says so."""
    case, classifications = record.case(), record.classifications()
    wrong = [*_leaves(record, definition, case), *_evaluators(case), *contradictions(definition, case)]
    if wrong:
        result.add("inputs", wrong)
        return
    given = prepare(definition, case)
    if not result.add("inputs", list(not_seated(given.case, given.draws)), _counted(case)):
        return
    _draws(result, record, case, given)
    computed = decide(definition, case, classifications, deadline, _stated(record))
    expected = dict(computed_leaves(computed, case)) | dict(panel_names(definition, case, computed))
    differences = list(_compare(record, expected))
    wrote, checks = str(record.meta.get("program", "")), f"madang {__version__}"
    if differences and wrote != checks:  # rules and reasons may have changed since
        differences.append(Reason("written_by_another_version", {"wrote": wrote, "checks": checks}))
    told_outcomes = Reason("outcomes_are", {name: computed["counts"][name] for name in OUTCOMES})
    result.add("computed", differences, told_outcomes)
    if differences:
        return
    _independent(result, definition, given, record, computed)
    _estimates(result, definition, given, computed)
    result.add("decided", list(_decided(record, computed)), _deviations(record))


def _stated(record: Record) -> Stated:
    """What is not computed again but checked by itself: estimates, and what a certificate proves."""
    estimates = {name: band.stated_in(leaf) for name, leaf in record.named("computed/bands").items()}
    return Stated(estimates, record.named("computed/selections"))


def _leaves(record: Record, definition: Definition, case: Case) -> Iterator[Reason]:
    """Every leaf is one that this case has: nothing stands in a record that nothing reads."""
    expected = dict(case_leaves(definition, case))
    about = {f"{kind}/{a.id}" for a in case.applications for kind in ("decided", "deviations")}
    for name, value in record.values.items():
        if name.startswith(PADDING):
            if value is not None or not _PADDING.fullmatch(name):
                yield Reason("leaf_unknown", {"leaf": name})
        elif name in _OTHERS or name in about or name.startswith(_COMPARED):
            continue
        elif name not in expected:
            yield Reason("leaf_unknown", {"leaf": name})
        elif name != "origin" and expected[name] != value and canonical(expected[name]) != canonical(value):
            yield Reason("leaf_misread", {"leaf": name})
    for name in sorted(expected.keys() - record.values.keys()):
        yield Reason("input_leaf_missing", {"leaf": name})


def _evaluators(case: Case) -> Iterator[Reason]:
    """One person, one pseudonym: else somebody could score twice, or in spite of a conflict."""
    ids, pseudonyms = ([getattr(one, name) for one in case.evaluators] for name in ("id", "pseudonym"))
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield Reason("evaluator_twice", {"evaluator": name})
    if case.evaluators:
        tables = (case.sheets, case.conflicts, case.assignments, case.panel)
        spoken_of = {row.evaluator for rows in tables for row in rows}
        for name in sorted(spoken_of - set(pseudonyms)):
            yield Reason("evaluator_unknown", {"evaluator": name})


def _draws(result: Verification, record: Record, case: Case, given: Prepared) -> None:
    """A panel or lot order that was handed in cannot be checked: the record does not hold how it was drawn."""
    stated, follows = record.values.get("origin"), origin_of(case)
    if stated != follows:
        result.add("draws", [Reason("draws_differ", {"stated": brief(stated), "follows": brief(follows)})])
        return
    settled = [draw["draw"] for draw in given.draws if draw["status"] == "computed"]
    if settled:
        result.add("draws", [], Reason("draws_checked", {"draws": settled}))
    if settled:
        told = [Reason(r["code"], r["params"]) for d in given.draws for r in d["reasons"] if d["draw"] in settled]
        remarks = [reason for reason in told if reason.code in STEERING]
        result.skip("draws", Reason("draw_publication_not_here"), *dict.fromkeys(remarks))
    if open_ := [draw["draw"] for draw in given.draws if draw["draw"] not in settled]:
        result.skip("draws", *(Reason("draw_not_settled", {"draw": name}) for name in open_))
    if handed_in := [name for name, how in follows.items() if how == "handed_in"]:
        reasons = {"panel": Reason("panel_handed_in"), "lots": Reason("lots_handed_in")}
        result.skip("draws", *(reasons[name] for name in handed_in))


def _counted(case: Case) -> Reason:
    told = {"applications": len(case.applications), "sheets": len(case.sheets), "votes": len(case.votes)}
    return Reason("inputs_read", {**told, "evaluators": len({sheet.evaluator for sheet in case.sheets})})


def _compare(record: Record, expected: Mapping[str, Any]) -> Iterator[Reason]:
    """Every computed leaf that does not follow, with the first place inside it."""
    prefixes = ("computed/", "panel-names/")
    stated = {name: value for name, value in record.values.items() if name.startswith(prefixes)}
    for name in sorted(stated.keys() | expected.keys()):
        if name not in expected:
            yield Reason("leaf_does_not_follow", {"leaf": name})
        elif name not in stated:
            yield Reason("leaf_missing", {"leaf": name})
        elif canonical(stated[name]) != canonical(expected[name]):
            at, given, follows = first_difference(stated[name], expected[name])
            yield Reason("value_differs", {"leaf": name, "at": at, "stated": given, "follows": follows})


def first_difference(stated: Any, expected: Any, path: tuple[str | int, ...] = ()) -> tuple[str, str, str]:
    """The first place where two JSON values part, with both values there, briefly."""
    if isinstance(stated, dict) and isinstance(expected, dict):
        for key in sorted(stated.keys() | expected.keys()):
            if key not in stated or key not in expected or not _same(stated[key], expected[key]):
                return first_difference(stated.get(key), expected.get(key), (*path, key))
    if isinstance(stated, list) and isinstance(expected, list):
        for number, (one, other) in enumerate(zip(stated, expected, strict=False)):
            if not _same(one, other):
                return first_difference(one, other, (*path, number))
        return pointer(path), f"{len(stated)} entries", f"{len(expected)} entries"
    return pointer(path), brief(stated), brief(expected)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def brief(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:77] + "..."


# -- the same through other programs ------------------------------------------------------------------------------


def _independent(
    result: Verification, definition: Definition, given: Prepared, record: Record, computed: Mapping[str, Any]
) -> None:
    """The same result through verifiers that share no code with the solvers."""
    rule, case = definition.decide, given.case
    scores = Scores()
    if isinstance(rule, ByRank | ByThreshold | ByGrade):
        scores = score_all(definition, case, given.eligible, rule)
        found: list[Reason] = []
        for stage, lines in zip(definition.evaluation, computed["stages"], strict=True):
            if isinstance(stage, Judged):
                only = len(definition.judged()) == 1
                problem = ranking_problem(stage, case, given.eligible, rule.decimals, only=only)
                found += verify_stage(problem, stage.id, lines["applications"])
        result.add("scores", found, Reason("scores_checked", {"stages": [s.id for s in definition.evaluation]}))
    if isinstance(rule, ByRank):
        _selections(result, definition, rule, case, record, computed, scores)
    if computed["votes"] and isinstance(rule, ByVote):
        _votes(result, rule, case, computed)
    reception = reception_of(definition, case, record.classifications())
    faults = verify_statistics(computed["statistics"], reception)
    total = computed["statistics"]["total"]
    told = {"cases": total["cases"], "countries": total["countries"]}
    wrong = [Reason("statistics_differ", {"at": fault.at, "code": fault.code}) for fault in faults]
    checked = "statistics_checked" if told["countries"] else "statistics_checked_without_countries"
    result.add("statistics", wrong, Reason(checked, told))


def verify_stage(problem: Any, stage: str, lines: list[Mapping[str, Any]]) -> list[Reason]:
    """A stage's lines against the ranking verifier's own arithmetic: exact score and number of sheets."""
    own = {line["id"]: line for line in independent_lines(problem)}
    found = []
    for line in lines:
        name = line["application"]
        checked = own.pop(name, None)
        if checked is None or (line["exact"] is not None and checked["exact"] != line["exact"]):
            found.append(Reason("stage_score_differs", {"stage": stage, "application": name, "stated": line["exact"]}))
        elif checked["sheets"] != line["sheets"]:
            found.append(Reason("stage_sheets_differ", {"stage": stage, "application": name}))
    return [*found, *(Reason("stage_score_missing", {"stage": stage, "application": name}) for name in own)]


def _selections(
    result: Verification,
    definition: Definition,
    rule: ByRank,
    case: Case,
    record: Record,
    computed: Mapping[str, Any],
    scores: Scores,
) -> None:
    """Each selection against its problem, made from the ranks as stated, by the checker that loads no solver."""
    applications = {application.id: application for application in case.applications}
    ranks = {line["application"]: line["rank"] for line in computed["ranking"]}
    region_of = regions_of(definition, case, record.classifications())
    wrong: list[Reason] = []
    open_: list[Reason] = []
    members = lists_of(definition, rule, {name: one for name, one in applications.items() if name in scores.of})
    for selection in computed["selections"]:
        inside = {name for name in members[selection["list"]] if scores.of[name].passed}  # never from the result itself
        ranked = [(Place(name, rank), applications[name]) for name, rank in ranks.items() if name in inside]
        problem = selection_problem(definition, rule, selection["list"], ranked, scores, region_of, case.reductions)
        problem = _as_walked(problem, selection["list"], computed["bands"])
        checked = check_selection(problem, {**selection["result"], "elapsed_ms": 0, "engine": ""})
        wrong += checked.contradictions
        open_ += checked.not_checked
        if selection["result"]["status"] in ("unknown", "feasible") and rule.walk == "total_value":
            open_.append(Reason("total_value_not_finished", {"list": selection["list"]}))
    selected = sum(len(selection["result"]["selected"]) for selection in computed["selections"])
    checked_how = "selection_checked" if rule.walk == "rank_order" else "largest_total_checked"
    if wrong or not any(reason.code == "total_value_not_finished" for reason in open_):
        result.add("selection", wrong, Reason(checked_how, {"selected": selected}))
    for reason in open_:
        result.skip("selection", reason)


def _as_walked(problem: SelectionProblem, name: str, bands: list[Mapping[str, Any]]) -> SelectionProblem:
    """The problem in the order in which it was walked: that of the ranking, unless a settled band changed it."""
    for line in bands:
        if line["list"] == name and line["settled"] and len(line["band"]) > 1:
            return band.walked_by(problem, band.Band(name, line["top"], band.stated_in(line), tuple(line["band"])))
    return problem


def _estimates(result: Verification, definition: Definition, given: Prepared, computed: Mapping[str, Any]) -> None:
    """The probabilities that the band rests on, estimated anew: within the tolerance, or they do not follow."""
    rule = definition.decide
    if not isinstance(rule, ByRank) or not computed["bands"]:
        return
    wrong: list[Reason] = []
    ranked = {line["application"] for line in computed["ranking"]}
    members = lists_of(definition, rule, {a.id: a for a in given.case.applications if a.id in ranked})
    for line in computed["bands"]:
        stated = band.stated_in(line)
        own = band.estimated(definition, rule, given.case, frozenset(members[line["list"]]), line["top"])
        wrong += band.agreeing(stated, own, line["list"])
    told: dict[str, Param] = {"lists": [line["list"] for line in computed["bands"]], "tolerance": str(band.TOLERANCE)}
    result.add("estimates", wrong, Reason("estimates_checked", told))


def _votes(result: Verification, rule: ByVote, case: Case, computed: Mapping[str, Any]) -> None:
    wrong: list[Reason] = []
    for line in computed["votes"]:
        problem = vote_problem(rule, case, line["application"], line.get("task", ""))
        solved = solve_vote(problem)
        told = {name: value for name, value in line.items() if name not in ("application", "task")}
        if told != {name: solved[name] for name in told}:
            wrong.append(Reason("vote_differs", {"application": line["application"]}))
        wrong += verify_vote(problem, solved)
    result.add("votes", wrong, Reason("votes_checked", {"votes": len(computed["votes"])}))


# -- what was decided ---------------------------------------------------------------------------------------------


def _decided(record: Record, computed: Mapping[str, Any]) -> Iterator[Reason]:
    """The decision must be the computed outcome, or a deviation that says its reason."""
    follows = {line["application"]: line["outcome"] for line in computed["outcomes"]}
    decided, reasons = record.named("decided"), record.named("deviations")
    for name in sorted(follows.keys() | decided.keys() | reasons.keys()):
        line = decided.get(name)
        if line is None or name not in follows:
            yield Reason("decision_missing" if name in follows else "decision_on_nobody", {"application": name})
            continue
        yield from decision_faults(name, line, follows[name])
        if not isinstance(line, dict) or bool(line.get("departs")) != (name in reasons):
            yield Reason("deviation_without_reason", {"application": name})
        elif name in reasons:
            reason = reasons[name]
            whole = isinstance(reason, dict) and reason.keys() == {"application", "reason"}
            if not whole or reason["application"] != name or not str(reason["reason"]).strip():
                yield Reason("deviation_without_reason", {"application": name})
    selected = sum(isinstance(line, dict) and line.get("outcome") == "selected" for line in decided.values())
    if record.values.get("decided-summary") != {"selected": selected}:
        yield Reason("decided_count_differs", {"found": selected})


def decision_faults(name: str, line: Any, computed: str) -> Iterator[Reason]:
    """What is wrong with one decision, given what was computed."""
    keys = {"application", "outcome", "departs"}
    sound = isinstance(line, dict) and line.keys() == keys and isinstance(line["departs"], bool)
    if not sound or line["outcome"] not in OUTCOMES or line["application"] != name:
        yield Reason("decision_malformed", {"application": name})
    elif not line["departs"] and line["outcome"] != computed:
        told = {"application": name, "decided": str(line["outcome"]), "computed": computed}
        yield Reason("decision_departs_silently", told)
    elif line["departs"] and line["outcome"] == computed:
        yield Reason("deviation_without_difference", {"application": name})


def _deviations(record: Record) -> Reason:
    departing = sorted(name for name, line in record.decided().items() if line["departs"])
    return (
        Reason("decided_with_deviations", {"applications": departing}) if departing else Reason("decided_as_computed")
    )
