"""Why each application is in or out, what it would take to let one in, and who would be let in next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from madang.core.reasons import Param, Reason
from madang.core.selection.conflict import Conflicts
from madang.core.selection.feasible import Feasibility, Selection
from madang.core.selection.lines import concerns_one_alone
from madang.core.selection.model import (
    Application,
    Budget,
    CapEach,
    ExcludeTogether,
    Match,
    PassMark,
    Quota,
    ReservePerTag,
    Rule,
    Seats,
    SelectionProblem,
    number,
)
from madang.core.selection.walk import Groups, Walk, Walker


def drawn_on(rule: Rule, inside: Iterable[Application]) -> int:
    """What those inside add up to on a budget, on seats or on a quota; 0 for other rules."""
    match rule:
        case Budget():
            return sum(rule.takes(a) for a in inside)
        case Seats():
            return sum(1 for _ in inside)
        case Quota():
            return sum(a.has(rule.tag, rule.equals) for a in inside)
    return 0


def rule_reason(
    rule: Rule, asked: Application | None, chosen: Iterable[Application], how: str, drawn: int | None = None
) -> Reason:
    """One rule with the facts of the moment: `chosen` are those already in, `asked` who is kept out (if anyone).

    `how`: `forbids` (this rule alone does), `jointly` (only together with others), `conflict` (no walk began).
    `drawn`: what `drawn_on` says of them, if it is known.
    """
    inside = chosen if isinstance(chosen, list) else list(chosen)
    drawn = drawn_on(rule, inside) if drawn is None else drawn
    params: dict[str, Param] = {"rule": rule.id}
    match rule:
        case Budget():
            params |= {"money": rule.money, "max_krw": rule.max_krw, "used_krw": drawn}
            params |= {"needed_krw": rule.takes(asked)} if asked else {}
        case Match():
            params |= {"grant": rule.grant, "own": rule.own}
            params |= {"grant_krw": asked.grant_krw, "own_krw": asked.own_krw} if asked else {}
        case Seats():
            params |= {"count": drawn, "min": rule.min, "max": rule.max}
        case Quota():
            params |= {"tag": rule.tag, "equals": rule.equals, "count": drawn, "min": rule.min, "max": rule.max}
        case CapEach():
            mine = asked.tags.get(rule.tag, ()) if asked else ()
            full = [v for v in mine if sum(a.has(rule.tag, v) for a in inside) >= rule.max]
            params |= {"tag": rule.tag, "max": rule.max, "values": sorted(full or mine)}
        case PassMark():
            params |= {"min_value": number(Fraction(rule.min_value))}
            params |= {"value": number(Fraction(asked.value))} if asked and asked.value is not None else {}
        case ExcludeTogether():
            others = [a.id for a in inside if a.id in rule.applications]
            params |= {"applications": list(rule.applications), "selected": others}
    return Reason(f"{how}_{rule.type}", params)


@dataclass(slots=True)
class Why:
    """Why each application is in or out, told from what the walk found."""

    problem: SelectionProblem
    ask: Feasibility
    inside: Selection = frozenset()
    chosen: list[Application] = field(default_factory=list)  # those inside
    drawn: dict[int, int] = field(default_factory=dict)  # rule -> what those inside draw on it

    def of_walk(self, walk: Walk, groups: Groups) -> list[dict[str, Any]]:
        """An entry per application, down the ranking. Cost: applications x those in."""
        chosen = set(walk.chosen)
        entries, before = [], -1
        inside: Selection = frozenset()
        sums = self.ask.sums(inside)
        reached = True
        for group in groups:
            for i in group:
                if i in chosen:
                    entries.append(self._entry(i, "selected"))
                elif i in walk.passed:
                    if walk.passed[i] != before:
                        before = walk.passed[i]
                        inside = frozenset(walk.chosen[:before])
                        sums = self.ask.sums(inside)
                    entries.append(self._passed(i, inside, sums, walk))
                else:
                    reached = False
                    entries.append(self._not_reached(i, walk))
        assert reached or not walk.settled
        return entries

    def _entry(self, i: int, code: str, **more: Any) -> dict[str, Any]:
        return {"id": self.problem.applications[i].id, "code": code, "rules": [], "also": [], "reasons": []} | more

    def _not_reached(self, i: int, walk: Walk) -> dict[str, Any]:
        alone = [r for r in self.ask.broken_by(i, [0] * len(self.ask.lines)) if self._own(r)]
        if alone:
            return self._alone(i, alone, frozenset())
        if i in walk.tied:
            tied = [self.problem.applications[j].id for j in walk.tied]
            return self._entry(i, "tied", reasons=[Reason("tie_at_the_line", {"applications": tied}).as_json()])
        code = "after_tie" if walk.tied else "not_settled"
        return self._entry(i, code, reasons=[Reason(code).as_json()])

    def _own(self, rule: int) -> bool:
        return concerns_one_alone(self.problem.rules[rule])

    def _alone(self, i: int, rules: list[int], inside: Selection) -> dict[str, Any]:
        ids = [self.problem.rules[rule].id for rule in rules]
        reasons = self._reasons(i, rules, inside, "forbids")
        return self._entry(i, "kept_out", rules=ids[:1], also=ids[1:], reasons=reasons)

    def _passed(self, i: int, inside: Selection, sums: list[int], walk: Walk) -> dict[str, Any]:
        """A rule that alone is broken is a smallest set; else the smallest set was searched for."""
        alone = list(self.ask.broken_by(i, sums))
        if alone:
            return self._alone(i, alone, inside)
        rules = walk.jointly[i]
        if rules is None:
            everything = [rule.id for rule in self.problem.rules]
            return self._entry(i, "not_narrowed", rules=everything, reasons=[Reason("not_narrowed").as_json()])
        places = sorted(rules)
        ids = [self.problem.rules[rule].id for rule in places]
        return self._entry(i, "kept_out_jointly", rules=ids, reasons=self._reasons(i, places, inside, "jointly"))

    def _reasons(self, i: int, rules: list[int], inside: Selection, how: str) -> list[dict[str, object]]:
        applications = self.problem.applications
        if inside != self.inside:
            self.inside, self.drawn = inside, {}
            self.chosen = [applications[j] for j in sorted(inside)]
        told = []
        for r in rules:
            rule = self.problem.rules[r]
            if r not in self.drawn:
                self.drawn[r] = drawn_on(rule, self.chosen)
            told.append(rule_reason(rule, applications[i], self.chosen, how, self.drawn[r]).as_json())
        return told


# --- who would be let in next ---


def reserve_of(
    problem: SelectionProblem, ask: Feasibility, walk: Walk, groups: Groups
) -> tuple[list[str] | dict[str, list[str]], list[Reason]]:
    """The reserve list (or one per value of a tag), in rank order, with what an equal rank leaves open.

    In reserve is an application that is not selected, keeps every rule that concerns it alone, and would be let in if
    some one of the selected left and the rest stayed: a selection that keeps every rule holds the rest and it, without
    the one who left. Raises `Unsettled`. Cost: for each asked, at most one question per kind of selected.
    """
    can_follow = _Reserve(ask, walk).can_follow
    known: dict[int, bool] = {}
    reasons: list[Reason] = []

    def first(count: int, tag: str = "", value: str | None = None) -> list[str]:
        listed: list[str] = []
        for group in groups:
            if len(listed) == count:
                break
            able = []
            for i in group:
                if value is None or problem.applications[i].has(tag, value):
                    if i not in known:
                        known[i] = can_follow(i)
                    if known[i]:
                        able.append(problem.applications[i].id)
            if len(able) > 1:
                fits = len(listed) + len(able) <= count
                of: dict[str, Param] = {} if value is None else {"value": value}
                reasons.append(Reason("tie_within_reserve" if fits else "tie_in_reserve", {"applications": able} | of))
                if not fits:
                    break
            listed += able
        return listed

    if not isinstance(problem.reserve, ReservePerTag):
        return first(problem.reserve), reasons
    tag, count = problem.reserve.tag, problem.reserve.count
    values = sorted({value for a in problem.applications for value in a.tags.get(tag, ())})
    return {value: first(count, tag, value) for value in values}, reasons


class _Reserve:
    def __init__(self, ask: Feasibility, walk: Walk) -> None:
        self.ask = ask
        self.selected = frozenset(walk.chosen)
        self.sums = ask.sums(self.selected)
        # Those with the same weights on every line leave the same gap: one of them is asked for all.
        self.leavers = list({ask.loads[s]: s for s in reversed(walk.chosen)}.values())
        self.answers: dict[tuple[object, object], bool] = {}
        self.tight = {n for n, line in enumerate(ask.lines) if line.at_least > 0 and self.sums[n] == line.at_least}

    def can_follow(self, i: int) -> bool:
        if i in self.selected:
            return False
        open_questions = []
        for leaver in self.leavers:
            fits, complete = self._exchange(i, leaver)
            if fits and complete:
                return True
            if fits:
                open_questions.append(leaver)
        return any(self._completes(i, leaver) for leaver in open_questions)

    def _exchange(self, i: int, leaver: int) -> tuple[bool, bool]:
        """Whether `i` in the place of `leaver` breaks no maximum, and whether it leaves no minimum short."""
        lines, leaves, comes = self.ask.lines, dict(self.ask.loads[leaver]), dict(self.ask.loads[i])
        for line, weight in comes.items():
            most = lines[line].at_most
            if most is not None and self.sums[line] - leaves.get(line, 0) + weight > most:
                return False, False
        return True, not any(line in self.tight and line not in comes for line in leaves)

    def _completes(self, i: int, leaver: int) -> bool:
        key = (self.ask.loads[i], self.ask.loads[leaver])
        if key not in self.answers:
            rest = self.selected - {leaver} | {i}
            self.answers[key] = self.ask.completion(rest, None, frozenset({leaver})) is not None
        return self.answers[key]


# --- what it would take ---


def explained(
    problem: SelectionProblem,
    ask: Feasibility,
    groups: Groups,
    walk: Walk,
    ask_about: Callable[[SelectionProblem], Feasibility],
) -> list[dict[str, Any]]:
    """For each application of `problem.explain` the smallest rise that lets it in, found by walking again.

    An application that comes earlier finds fewer in, so it never loses by a rise: the smallest is found by halving.
    Raises `Unsettled`. Cost: applications x log(groups) walks at most.
    """
    places = {application.id: place for place, application in enumerate(problem.applications)}
    answers = []
    for id_ in problem.explain:
        i = places[id_]
        answer = _unmoved(id_) | {"selected": i in walk.chosen}
        if i not in walk.chosen:
            raised, needs = _raised_to_the_mark(problem, i)
            rise = Rise(raised, ask_about(raised) if needs else ask, groups, i)
            answer |= needs | _smallest_rise(rise, walk, bool(needs))
        answers.append(answer)
    return answers


def _unmoved(id_: str) -> dict[str, Any]:
    return {
        "id": id_,
        "selected": True,
        "possible": True,
        "value": None,
        "value_rise": None,
        "rank": None,
        "overtakes": 0,
        "ahead_of": [],
        "leaves": [],
        "enters": [],
        "reasons": [],
    }


def _raised_to_the_mark(problem: SelectionProblem, i: int) -> tuple[SelectionProblem, dict[str, Any]]:
    """The problem with the value of `i` at the pass mark, and that value; unchanged where no mark is missed."""
    application = problem.applications[i]
    marks = [rule.min_value for rule in problem.rules if isinstance(rule, PassMark)]
    if not marks or application.value is None or application.value >= max(marks):
        return problem, {}
    raised = application.model_copy(update={"value": max(marks)})
    applications = (*problem.applications[:i], raised, *problem.applications[i + 1 :])
    rise = Fraction(max(marks)) - Fraction(application.value)
    needs = {"value": number(Fraction(max(marks))), "value_rise": number(rise)}
    return problem.model_copy(update={"applications": applications}), needs


@dataclass(frozen=True, slots=True)
class Rise:
    """One application `i` to be moved up among the groups of a problem."""

    problem: SelectionProblem
    ask: Feasibility
    groups: Groups
    i: int

    def others(self) -> list[tuple[int, ...]]:
        """The groups without `i`, each in its place (one may be empty)."""
        return [tuple(j for j in group if j != self.i) for group in self.groups]

    def walked(self, place: int | None, *, whole: bool = False) -> Walk:
        """The walk with `i` alone ahead of the group at `place` (where it stands, when None)."""
        start = self.ask.completion(frozenset())
        assert start is not None, "a rise takes no selection away"
        moved: Groups = self.groups
        if place is not None:
            others = self.others()
            moved = [group for group in (*others[:place], (self.i,), *others[place:]) if group]
        return Walker(self.ask, start).go(moved, None if whole else self.i)

    def lets_in(self, place: int | None) -> bool:
        return self.i in self.walked(place).chosen


def _smallest_rise(rise: Rise, walk: Walk, value_rose: bool) -> dict[str, Any]:
    """The lowest place at which a walk lets the application in: its own, if a rise of value is enough."""
    if value_rose and rise.lets_in(None):
        return _changes(rise, walk, None)
    own = next(place for place, group in enumerate(rise.groups) if rise.i in group)
    others = rise.others()
    high = own if others[own] else own - 1  # the least rise there is
    if high < 0 or not rise.lets_in(0):
        return {"possible": False, "reasons": [reason.as_json() for reason in _never(rise)]}
    low = 0
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if rise.lets_in(middle) else (low, middle - 1)
    applications = rise.problem.applications
    rank = applications[others[low][0]].rank
    return {
        "rank": low + 1 if rank is None else rank,
        "overtakes": sum(len(group) for group in others[low : own + 1]),
        "ahead_of": [applications[j].id for j in others[low]],
    } | _changes(rise, walk, low)


def _never(rise: Rise) -> list[Reason]:
    """The rules that keep it out even in the first place."""
    alone = list(rise.ask.broken_by(rise.i, [0] * len(rise.ask.lines)))
    rules = alone or sorted(Conflicts(rise.ask).smallest(frozenset(), rise.i))
    how = "forbids" if alone else "jointly"
    application = rise.problem.applications[rise.i]
    told = [rule_reason(rise.problem.rules[rule], application, [], how) for rule in rules]
    return [Reason("no_rise_lets_in"), *told]


def _changes(rise: Rise, before: Walk, place: int | None) -> dict[str, Any]:
    """Who leaves and who comes in when the walk is done again to its end."""
    after = rise.walked(place, whole=True)
    ids = [application.id for application in rise.problem.applications]
    return {
        "leaves": [ids[j] for j in before.chosen if j not in after.chosen],
        "enters": [ids[j] for j in after.chosen if j not in before.chosen],
        "reasons": [] if after.settled else [Reason("later_not_settled").as_json()],
    }
