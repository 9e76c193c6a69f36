"""Why each application is in or out of the best selection, and who could follow one who leaves."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from madang.core.reasons import Param, Reason
from madang.core.selection.explain import rule_reason
from madang.core.selection.model import Application, ReservePerTag, SelectionProblem, number
from madang.core.selection.total_best import Best
from madang.core.selection.total_search import Sum
from madang.core.selection.total_system import MILLION, Selection, System


def why_of(
    problem: SelectionProblem, system: System, best: Best | None, chosen: Selection = frozenset()
) -> list[dict[str, Any]]:
    """An entry for each application, down the ranking. Without a `best` (time ended) only own rules are told.

    `outvalued`: it keeps every rule that concerns it alone, but the best selections do without it. `rules` are those
    that have no room for it beside the selected; `rise_at_least` is a bound: a smaller rise never lets it in.
    """
    applications, entries = problem.applications, []
    inside = chosen if best is None else best.common
    selected = [applications[i] for i in sorted(inside)]
    sums, nothing = system.sums(inside), [0] * len(system.rows)
    least = {} if best is None else least_rises(system, best)
    tied = [] if best is None else [applications[i].id for group in system.groups for i in group if i in best.tied]
    for i in (i for group in system.groups for i in group):
        entry: dict[str, Any] = {"id": applications[i].id, "code": "selected", "rules": [], "also": [], "reasons": []}
        entries.append(entry)
        if i in inside:
            continue
        own = list(_broken_by(system, i, nothing))
        if own:
            ids = [problem.rules[rule].id for rule in own]
            told = [rule_reason(problem.rules[rule], applications[i], [], "forbids") for rule in own]
            entry |= {"code": "kept_out", "rules": ids[:1], "also": ids[1:]}
        elif best is None:
            told = [Reason("not_settled")]
            entry["code"] = "not_settled"
        elif i in best.tied:
            told = [Reason("tie_at_the_line", {"applications": tied})]
            entry["code"] = "tied"
        else:
            full = list(_broken_by(system, i, sums))
            rise = number(Fraction(least[i], MILLION))
            told = [Reason("outvalued", {"rise_at_least": rise})]
            told += [rule_reason(problem.rules[rule], applications[i], selected, "forbids") for rule in full]
            entry |= {"code": "outvalued", "rules": [problem.rules[rule].id for rule in full]}
        entry["reasons"] = [reason.as_json() for reason in told]
    return entries


def _broken_by(system: System, i: int, sums: list[int]) -> Iterable[int]:
    """The rules whose maximum `i` breaks on top of the sums, or that it fails alone; in their order."""
    rules = {rule for rule, failing in system.failing.items() if i in failing}
    for row, weight in system.loads[i]:
        most, rule = system.limits.most[row], system.rules[row]
        if rule is not None and most is not None and sums[row] + weight > most:
            rules.add(rule)
    return sorted(rules)


def least_rises(system: System, best: Best) -> dict[int, int]:
    """For each application at least how many millionths it must rise, from the first sum of the value proof.

    That sum is not negative for any selection that keeps the rules, whatever its value is asked to be; with the
    application in, it says how much value such a selection can have at most.
    """
    sums = best.proof.value.sums
    sum_: Sum = sums[0] if sums else {}
    times = sum_.get(system.value, 0)
    if times <= 0:
        return dict.fromkeys(range(system.count), 0)
    unit = system.divisors[system.value]
    free = 0
    gains = {}
    for row, by in sum_.items():
        side = system.limits.least[row] if by > 0 else system.limits.most[row]
        free -= by * (0 if row == system.value else side or 0)
    for i in range(system.count):
        gains[i] = sum(sum_[row] * weight for row, weight in system.loads[i] if row in sum_)
        if gains[i] > 0 and i not in system.limits.outside:
            free += gains[i]
    return {i: max(0, best.value - (free + min(0, gains[i])) // times * unit) for i in gains}


# --- who follows ---


def reserve_of(
    problem: SelectionProblem, system: System, chosen: Selection
) -> tuple[list[str] | dict[str, list[str]], list[Reason]]:
    """The reserve list (or one per value of a tag): who could take the place of some one of the selected.

    In reserve is one who is not selected and with whom, in the place of one of the selected, the others staying, every
    rule is kept. In order of value, then the smaller grant, then rank. Equal in all three: listed if all fit, else
    left off, and a reason says so. Cost: applications looked at x selected.
    """
    applications = problem.applications
    ranks = {i: n for n, group in enumerate(system.groups) for i in group}

    def key(i: int) -> tuple[Fraction, int, int]:
        a: Application = applications[i]
        return -Fraction(a.value or 0), a.grant_krw, ranks[i]

    order = sorted((i for i in range(system.count) if i not in chosen and i not in system.limits.outside), key=key)
    sums = system.sums(chosen)
    known: dict[int, bool] = {}
    reasons: list[Reason] = []

    def first(count: int, tag: str = "", value: str | None = None) -> list[str]:
        mine = [i for i in order if value is None or applications[i].has(tag, value)]
        listed: list[str] = []
        at = 0
        while at < len(mine) and len(listed) < count:
            equal = [i for i in mine[at:] if key(i) == key(mine[at])] if _same(key, mine, at) else [mine[at]]
            at += len(equal)
            able = []
            for i in equal:
                if i not in known:
                    known[i] = _can_follow(system, chosen, sums, i)
                if known[i]:
                    able.append(applications[i].id)
            if len(able) > 1:
                fit = len(listed) + len(able) <= count
                of: dict[str, Param] = {} if value is None else {"value": value}
                reasons.append(Reason("tie_within_reserve" if fit else "tie_in_reserve", {"applications": able} | of))
                if not fit:
                    break
            listed += able
        return listed

    if not isinstance(problem.reserve, ReservePerTag):
        return first(problem.reserve), reasons
    tag, count = problem.reserve.tag, problem.reserve.count
    values = sorted({value for a in applications for value in a.tags.get(tag, ())})
    return {value: first(count, tag, value) for value in values}, reasons


def _same(key: Any, mine: list[int], at: int) -> bool:
    return at + 1 < len(mine) and bool(key(mine[at]) == key(mine[at + 1]))


def _can_follow(system: System, chosen: Selection, sums: list[int], i: int) -> bool:
    """Some one of the selected can be exchanged for `i`."""
    limits = system.limits
    mine = dict(system.loads[i])
    return any(_fits_for(limits.least, limits.most, sums, mine, dict(system.loads[leaver])) for leaver in chosen)


def _fits_for(
    least: list[int | None], most: list[int | None], sums: list[int], mine: dict[int, int], theirs: dict[int, int]
) -> bool:
    for row in mine.keys() | theirs.keys():
        total = sums[row] + mine.get(row, 0) - theirs.get(row, 0)
        low, high = least[row], most[row]
        if (low is not None and total < low) or (high is not None and total > high):
            return False
    return True
