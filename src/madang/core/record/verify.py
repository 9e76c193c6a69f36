"""Checks a decision record, offline and from itself alone.

Two questions are kept apart. *Content*: does the result follow from the inputs? Everything is computed again, and the
ranking, selection, votes and statistics are checked once more by verifiers that share no code with the solvers.
*Authenticity*: are these the inputs that were sealed? That rests on the root, the signatures, and on a key known from
elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from madang import __version__
from madang.core.callspec.model import ByGrade, ByRank, ByThreshold, Definition, Judged
from madang.core.deciding import Case, decide
from madang.core.deciding.decide import OUTCOMES, never
from madang.core.deciding.decide import regions as regions_of
from madang.core.deciding.eligibility import eligibility
from madang.core.deciding.inputs import contradictions
from madang.core.deciding.rules import selection_problem, vote_problem
from madang.core.deciding.scores import Scores, ranking_problem, score_all
from madang.core.problem import pointer
from madang.core.reasons import Fault, Malformed, Reason
from madang.core.record.canonical import NotCanonical, canonical, digest, text_digest
from madang.core.record.read import Record, read
from madang.core.record.seal import computed_leaves, definition_json, draws_of, root_of, signature_holds, write
from madang.core.scoring import Place
from madang.core.scoring.verify import independent_lines
from madang.core.selection.verify import check_selection
from madang.core.statistics import reception_of
from madang.core.statistics import verify as verify_statistics
from madang.core.votes import solve_vote, verify_vote


class State(StrEnum):
    HOLDS = "holds"
    FAILS = "fails"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was asked, how it came out, and why."""

    check: str
    state: State
    reasons: tuple[Reason, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"check": self.check, "state": self.state.value, "reasons": [r.as_json() for r in self.reasons]}


@dataclass(slots=True)
class Verification:
    """Every finding, in the order checked. `faults` says why a record is unreadable."""

    findings: list[Finding] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    record: Record | None = None

    @property
    def exit_code(self) -> int:
        """0: nothing contradicts. 1: a contradiction. 2: unreadable."""
        if self.faults:
            return 2
        return 1 if any(finding.state is State.FAILS for finding in self.findings) else 0

    def add(self, check: str, contradictions: list[Reason], holds: Reason | None = None) -> bool:
        state = State.FAILS if contradictions else State.HOLDS
        self.findings.append(Finding(check, state, tuple(contradictions or ([holds] if holds else []))))
        return not contradictions

    def skip(self, check: str, reason: Reason) -> None:
        self.findings.append(Finding(check, State.NOT_CHECKED, (reason,)))


def verify(
    text: str, *, key: str | None = None, content_only: bool = False, expired: Callable[[], bool] = never
) -> Verification:
    """Check a record; never raises on what a file may hold. `key`: the office's public key (hexadecimal), known from
    elsewhere. `content_only` leaves root and signatures aside. Cost: about that of deciding, plus the verifiers.
    """
    result = Verification()
    try:
        record = read(text)
    except Malformed as refused:
        result.faults = refused.faults
        return result
    result.record = record
    if not content_only:
        _authenticity(result, record, text, key)
    try:
        _content(result, record, expired)
    except Malformed as refused:
        reasons = [Reason("inputs_do_not_fit", {"at": fault.at, "code": fault.code}) for fault in refused.faults[:20]]
        result.add("content", reasons)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        # A hostile record may hold any shape below its leaves; whatever trips the computation is a contradiction.
        result.add("content", [Reason("inputs_not_computable", {"problem": f"{type(error).__name__}: {error}"[:300]})])
    return result


# -- authenticity -------------------------------------------------------------------------------------------------


def _authenticity(result: Verification, record: Record, text: str, key: str | None) -> None:
    try:
        root = root_of([dict(leaf) for leaf in record.leaves]).hex()
    except NotCanonical as error:
        result.add("root", [Reason("leaf_not_canonical", {"problem": str(error)})])
        return
    told = {"stated": record.root, "found": root}
    result.add("root", [] if root == record.root else [Reason("root_differs", told)], Reason("root_is", {"root": root}))
    bad = [Reason("signature_bad", {"key": s["key"]}) for s in record.signatures if not signature_holds(record.root, s)]
    if not record.signatures:
        result.skip("signature", Reason("unsigned"))
        if key:
            result.add("key", [Reason("key_did_not_sign", {"key": key})])
    elif result.add("signature", bad, Reason("signature_holds", {"keys": [s["key"] for s in record.signatures]})):
        if key is None:
            result.skip("key", Reason("key_not_given"))
        else:
            signed = any(s["key"] == key.lower() for s in record.signatures)
            result.add("key", [] if signed else [Reason("key_did_not_sign", {"key": key})], Reason("key_signed"))
    frame = {"madang_record": 1, "edition": record.edition, "root": record.root}
    whole = {**frame, "leaves": list(record.leaves), "signatures": list(record.signatures)}
    if text.encode() != write(whole):
        result.skip("canonical", Reason("not_canonical"))


# -- content ------------------------------------------------------------------------------------------------------


def _content(result: Verification, record: Record, expired: Callable[[], bool]) -> None:
    if record.edition != "auditor":
        result.skip("content", Reason("edition_not_recomputable", {"edition": record.edition}))
        return
    definition = record.definition()
    told = {"call": record.meta["call"]}
    result.add("definition", list(_definition(record, definition)), Reason("definition_is", told))
    case, classifications = record.case(), record.classifications()
    if not result.add("inputs", list(contradictions(definition, case)), _counted(case)):
        return
    _draws(result, record, case)
    computed = decide(definition, case, classifications, expired)
    differences = list(_compare(record, dict(computed_leaves(computed))))
    wrote, checks = str(record.meta.get("program", "")), f"madang {__version__}"
    if differences and wrote != checks:  # rules and reasons may have changed since
        differences.append(Reason("written_by_another_version", {"wrote": wrote, "checks": checks}))
    told_outcomes = Reason("outcomes_are", {name: computed["counts"][name] for name in OUTCOMES})
    result.add("computed", differences, told_outcomes)
    if differences:
        return
    _independent(result, definition, case, record, computed)
    result.add("decided", list(_decided(record, computed)), _deviations(record))


def _definition(record: Record, definition: Definition) -> Iterator[Reason]:
    if canonical(definition_json(definition)) != canonical(record.values["definition"]):
        yield Reason("definition_texts_differ")
    if definition.id != record.meta["call"]:
        yield Reason("definition_of_another_call", {"call": str(record.meta["call"]), "found": definition.id})
    if text_digest(record.values["definition-text"]) != record.meta["definition_sha256"]:
        yield Reason("definition_hash_differs", {"stated": str(record.meta["definition_sha256"])})


def _draws(result: Verification, record: Record, case: Case) -> None:
    """A panel or lot order that was handed in cannot be checked: the record does not hold how it was drawn."""
    stated, follows = record.values.get("draws"), draws_of(case)
    if stated != follows:
        result.add("draws", [Reason("draws_differ", {"stated": _brief(stated), "follows": _brief(follows)})])
    elif handed_in := [name for name, how in follows.items() if how == "handed_in"]:
        reasons = {"panel": Reason("panel_handed_in"), "lots": Reason("lots_handed_in")}
        told = tuple(reasons[name] for name in handed_in)
        result.findings.append(Finding("draws", State.NOT_CHECKED, told))


def _counted(case: Case) -> Reason:
    told = {"applications": len(case.applications), "sheets": len(case.sheets), "votes": len(case.votes)}
    return Reason("inputs_read", {**told, "evaluators": len({sheet.evaluator for sheet in case.sheets})})


def _compare(record: Record, expected: Mapping[str, Any]) -> Iterator[Reason]:
    """Every computed leaf that does not follow, with the first place inside it."""
    stated = {name: value for name, value in record.values.items() if name.startswith("computed/")}
    for name in sorted(stated.keys() | expected.keys()):
        if name not in expected:
            yield Reason("leaf_does_not_follow", {"leaf": name})
        elif name not in stated:
            yield Reason("leaf_missing", {"leaf": name})
        elif digest(stated[name]) != digest(expected[name]):
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
    return pointer(path), _brief(stated), _brief(expected)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _brief(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _independent(
    result: Verification, definition: Definition, case: Case, record: Record, computed: Mapping[str, Any]
) -> None:
    """The same result through verifiers that share no code with the solvers."""
    eligible = frozenset(name for name, reasons in eligibility(definition, case).items() if not reasons)
    rule = definition.decide
    scores = Scores()
    if isinstance(rule, ByRank | ByThreshold | ByGrade):
        scores = score_all(definition, case, eligible, rule)
        found: list[Reason] = []
        for stage, lines in zip(definition.evaluation, computed["stages"], strict=True):
            if isinstance(stage, Judged):
                problem = ranking_problem(stage, case, eligible, rule.decimals, only=len(definition.judged()) == 1)
                found += verify_stage(problem, stage.id, lines["applications"])
        result.add("scores", found, Reason("scores_checked", {"stages": [s.id for s in definition.evaluation]}))
    if isinstance(rule, ByRank):
        _selections(result, definition, rule, case, record, computed, scores)
    if computed["votes"]:
        _votes(result, rule, case, computed)
    reception = reception_of(definition, case, record.classifications())
    faults = verify_statistics(computed["statistics"], reception)
    told = {
        "cases": computed["statistics"]["total"]["cases"],
        "countries": computed["statistics"]["total"]["countries"],
    }
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
    for selection in computed["selections"]:
        inside = {entry["id"] for entry in selection["result"]["why"]} or set(selection["result"]["selected"])
        ranked = [(Place(name, rank), applications[name]) for name, rank in ranks.items() if name in inside]
        problem = selection_problem(definition, rule, selection["list"], ranked, scores, region_of)
        checked = check_selection(problem, {**selection["result"], "elapsed_ms": 0, "engine": ""})
        wrong += checked.contradictions
        open_ += checked.not_checked
    result.add("selection", wrong, Reason("selection_checked", {"selected": computed["counts"]["selected"]}))
    for reason in open_:
        result.skip("selection", reason)


def _votes(result: Verification, rule: Any, case: Case, computed: Mapping[str, Any]) -> None:
    wrong: list[Reason] = []
    for line in computed["votes"]:
        problem = vote_problem(rule, case, line["application"])
        solved = solve_vote(problem)
        told = {name: solved[name] for name in line if name != "application"}
        if told != {name: value for name, value in line.items() if name != "application"}:
            wrong.append(Reason("vote_differs", {"application": line["application"]}))
        wrong += verify_vote(problem, solved)
    result.add("votes", wrong, Reason("votes_checked", {"votes": len(computed["votes"])}))


# -- what was decided ---------------------------------------------------------------------------------------------


def _decided(record: Record, computed: Mapping[str, Any]) -> Iterator[Reason]:
    """The decision must be the computed outcome, or a deviation that says its reason."""
    follows = {line["application"]: line["outcome"] for line in computed["outcomes"]}
    decided = record.decided()
    for name in sorted(follows.keys() | decided.keys()):
        line = decided.get(name)
        if line is None or name not in follows:
            yield Reason("decision_missing" if line is None else "decision_on_nobody", {"application": name})
            continue
        deviation, outcome = line.get("deviation"), line.get("outcome")
        if line.keys() != {"outcome", "deviation"} or outcome not in OUTCOMES:
            yield Reason("decision_malformed", {"application": name})
        elif deviation is None:
            if outcome != follows[name]:
                told = {"application": name, "decided": str(outcome), "computed": follows[name]}
                yield Reason("decision_departs_silently", told)
        elif outcome == follows[name]:
            yield Reason("deviation_without_difference", {"application": name})
        elif not isinstance(deviation, dict) or deviation.keys() != {"reason"} or not str(deviation["reason"]).strip():
            yield Reason("deviation_without_reason", {"application": name})


def _deviations(record: Record) -> Reason:
    departing = sorted(name for name, line in record.decided().items() if line.get("deviation"))
    return (
        Reason("decided_with_deviations", {"applications": departing}) if departing else Reason("decided_as_computed")
    )
