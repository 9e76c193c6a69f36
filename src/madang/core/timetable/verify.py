"""Is this timetable one that keeps every rule, and is its bound proven? Without the solver's code, without a solver.

- Every meeting is wished, possible and within every limit; fixed ones stand; tables are numbered without a clash.
- Weight, shares, changes to the earlier plan and the reason of every wish that is not met are made anew.
- The prices are added up in integers: no plan can weigh more than `bound`, or give everyone more than `worst_bound`.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from pydantic import ValidationError

from madang.core.reasons import Malformed, Param, Reason
from madang.core.timetable.faults import faults_in
from madang.core.timetable.model import Meeting, Prices, TimetableProblem, TimetableResult
from madang.core.timetable.verify_rules import Name, Pair, Rules

_FREE = ("engine", "elapsed_ms")

_EVERYWHERE = (
    ("tables_at", "timetable_tables_full"),
    ("interpreters_at", "timetable_interpreters_busy"),
    ("apart", "timetable_kept_apart"),
    ("breaks", "timetable_break_needed"),
    ("company_at", "timetable_company_busy"),
    ("agency_at", "timetable_agency_busy"),
)


def verify_timetable(problem: TimetableProblem, result: object) -> list[Reason]:
    """Everything in `result` (as read from JSON) that does not follow from `problem`; empty where all does.

    Raises `Malformed` for an unsound problem. Cost: limits used by wishes in their slots, in plain Python.
    """
    if faults := faults_in(problem):
        raise Malformed(faults)
    try:
        read = TimetableResult.model_validate_json(json.dumps(result))
    except (ValidationError, TypeError, ValueError):
        return [Reason("timetable_result_not_readable")]
    assert isinstance(result, dict)
    check = _Check(problem, read)
    check.meetings()
    return check.found or check.rest(result)


class _Check:
    def __init__(self, problem: TimetableProblem, result: TimetableResult) -> None:
        self.problem, self.result, self.rules = problem, result, Rules(problem)
        self.found: list[Reason] = []
        self.slots = {pair: self.rules.slots(pair) for pair in self.rules.weight}
        self.held = {(one.company, one.agency): one.slot for one in result.meetings}

    def _wrong(self, code: str, **params: Param) -> None:
        self.found.append(Reason(code, params))

    # --- the plan ---

    def meetings(self) -> None:
        """Every rule, on the meetings as they stand."""
        listed = [(one.company, one.agency) for one in self.result.meetings]
        if listed != sorted(set(listed)):
            self._wrong("timetable_meetings_not_in_order")
            return
        for (company, agency), slot in self.held.items():
            if slot not in self.slots.get((company, agency), ()):
                self._wrong("timetable_meeting_not_possible", company=company, agency=agency, slot=slot)
        if self.found:
            return
        for (rule, ids), (used, most) in self.load(self.held).items():
            if used > most:
                self._wrong("timetable_over_limit", rule=rule, of=list(ids), used=used, most=most)
        self._tables()
        for one in self.problem.fixed:
            if self.held.get((one.company, one.agency)) != one.slot:
                self._wrong("timetable_fixed_moved", company=one.company, agency=one.agency, slot=one.slot)

    def load(self, held: Mapping[Pair, str]) -> dict[Name, tuple[int, int]]:
        used: Counter[Name] = Counter()
        most: dict[Name, int] = {}
        for pair, slot in held.items():
            for name, capacity in self.rules.uses(pair, slot):
                used[name] += 1
                most[name] = capacity
        return {name: (count, most[name]) for name, count in used.items()}

    def _tables(self) -> None:
        fixed = {(one.company, one.agency): one.table for one in self.problem.fixed if one.table is not None}
        at: dict[int, list[Meeting]] = defaultdict(list)
        partly = any(
            mine != yours and self.rules.at_once(mine, yours) for mine in self.rules.span for yours in self.rules.span
        )
        for one in self.result.meetings:
            number = one.table
            asked = fixed.get((one.company, one.agency), number)
            if number != asked or (number is None and not partly) or not 1 <= (number or 1) <= self.problem.tables:
                self._wrong("timetable_table_wrong", company=one.company, agency=one.agency)
            elif number is not None:
                if any(self.rules.at_once(one.slot, other.slot) for other in at[number]):
                    self._wrong("timetable_table_wrong", company=one.company, agency=one.agency)
                at[number].append(one)

    # --- what is said about it ---

    def rest(self, given: Mapping[str, Any]) -> list[Reason]:
        """Everything else made anew and compared; once the plan itself stands."""
        fixed = {(one.company, one.agency): one.slot for one in self.problem.fixed}
        could = self._could_stay(fixed)
        stay = {pair: slot for pair, slot in could.items() if self.held.get(pair) == slot}
        all_kept = len(stay) == len(could)
        base = _Base(self, {**fixed, **stay} if all_kept else fixed)
        weight = sum(self.rules.weight[pair] for pair in self.held)
        worst, worst_bound = self._worst()
        met = Counter(person for pair in self.held for person in (("company", pair[0]), ("agency", pair[1])))
        if worst_bound is not None and not self._worst_holds(base, worst_bound):
            return [Reason("timetable_certificate_wrong", {"part": "worst"})]
        proven_by = base.bound(
            self.result.certificate.weight, self.rules.weight.__getitem__, lambda wished: self._floor(worst, wished)
        )
        if proven_by is None:
            return [Reason("timetable_certificate_wrong", {"part": "weight"})]
        bound = base.weight + proven_by // self.result.certificate.weight.scale
        proven = weight == bound and all_kept and worst == worst_bound
        reasons = [] if proven else [Reason("timetable_not_proven")]
        if not all_kept:
            reasons.append(Reason("timetable_earlier_plan_too_full", {"meetings": len(could) - len(stay)}))
        changes = self._changes(could)
        expected: dict[str, Any] = {
            "kind": "timetable",
            "version": 1,
            "status": "optimal" if proven else "feasible",
            "reasons": [reason.as_json() for reason in reasons],
            "seed": self.problem.seed,
            "weight": weight,
            "bound": bound,
            "worst": None if worst is None else str(worst),
            "worst_bound": None if worst_bound is None else str(worst_bound),
            "moved": sum(change["reason"]["code"] == "timetable_gave_way" for change in changes),
            "changes": changes,
            "companies": self._shares("company", met),
            "agencies": self._shares("agency", met),
            "unmet": self._unmet(base, weight, proven_by),
        }
        return [
            Reason("does_not_follow", {"at": f"/{name}", "given": _brief(given.get(name)), "expected": _brief(follows)})
            for name, follows in expected.items()
            if json.dumps(given.get(name), sort_keys=True) != json.dumps(follows, sort_keys=True)
        ]

    def _could_stay(self, fixed: dict[Pair, str]) -> dict[Pair, str]:
        """Meetings of the earlier plan that are possible beside the fixed ones, each alone."""
        load = self.load(fixed)
        return {
            (one.company, one.agency): one.slot
            for one in self.problem.keep
            if (pair := (one.company, one.agency)) not in fixed
            and one.slot in self.slots.get(pair, ())
            and all(load.get(name, (0, 0))[0] < most for name, most in self.rules.uses(pair, one.slot))
        }

    def _changes(self, could: Mapping[Pair, str]) -> list[dict[str, Any]]:
        return [
            {
                "company": one.company,
                "agency": one.agency,
                "slot": one.slot,
                "to": self.held.get((one.company, one.agency)),
                "reason": {
                    "code": "timetable_gave_way"
                    if (one.company, one.agency) in could
                    else "timetable_no_longer_possible",
                    "params": {},
                },
            }
            for one in self.problem.keep
            if self.held.get((one.company, one.agency)) != one.slot
        ]

    def _wished(self) -> Counter[tuple[str, str]]:
        return Counter(one for pair in self.rules.weight for one in (("company", pair[0]), ("agency", pair[1])))

    def _shares(self, side: str, met: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
        wished = self._wished()
        people = self.problem.companies if side == "company" else self.problem.agencies
        return [
            {
                "id": one.id,
                "wished": (count := wished[side, one.id]),
                "met": (held := met.get((side, one.id), 0)),
                "share": str(Fraction(held, count)) if count else None,
            }
            for one in people
        ]

    # --- the worst share ---

    def counted(self) -> dict[tuple[str, str], int]:
        """Who can meet somebody at all: how many wishes."""
        able = {
            one for pair, slots in self.slots.items() if slots for one in (("company", pair[0]), ("agency", pair[1]))
        }
        return {one: count for one, count in self._wished().items() if one in able}

    def _worst(self) -> tuple[Fraction | None, Fraction | None]:
        counted = self.counted() if self.problem.objective == "fair" else {}
        if not counted:
            return None, None
        met = Counter(one for pair in self.held for one in (("company", pair[0]), ("agency", pair[1])))
        worst = min(Fraction(met[one], wished) for one, wished in counted.items())
        try:
            return worst, Fraction(self.result.worst_bound or "")
        except (ValueError, ZeroDivisionError):
            return worst, Fraction(-1)

    @staticmethod
    def _floor(share: Fraction | None, wished: int) -> int:
        return 0 if share is None else -(-share.numerator * wished // share.denominator)

    def _worst_holds(self, base: _Base, most: Fraction) -> bool:
        """The prices show that not everyone can have more than this; of a whole share there is no more."""
        prices = self.result.certificate.worst
        if not 0 <= most <= 1 or prices is None:
            return False
        if most == 1:
            return True
        over = base.bound(prices, lambda _: 0, lambda wished: most.numerator * wished // most.denominator + 1)
        return over is not None and over < 0

    # --- wishes that are not met ---

    def _unmet(self, base: _Base, weight: int, proven_by: int) -> list[dict[str, Any]]:
        load = {name: used for name, (used, _) in self.load(self.held).items()}
        lines = []
        for pair in self.rules.weight:
            if pair in self.held:
                continue
            reason = self._why(pair, load)
            cost = 0
            if (margin := base.margin(pair)) is not None:
                scale = self.result.certificate.weight.scale
                cost = max(weight - base.weight - (proven_by + min(margin, 0)) // scale, 0)
            told = {"company": pair[0], "agency": pair[1], "reason": reason.as_json(), "cost_at_least": cost}
            lines.append(told)
        return lines

    def _why(self, pair: Pair, load: Mapping[Name, int]) -> Reason:
        company, agency = pair
        if not self.slots[pair]:
            return self._why_nowhere(pair)
        blocked = [
            {name[0] for name, most in self.rules.uses(pair, slot) if load.get(name, 0) >= most}
            for slot in self.slots[pair]
        ]
        for side, who in (("company", company), ("agency", agency)):
            if all(side in rules for rules in blocked):
                return Reason("timetable_most_reached", {"participant": who})
        for rule, code in _EVERYWHERE:
            if all(rule in rules for rules in blocked):
                return Reason(code, {"company": company, "agency": agency, "slots": len(blocked)})
        if all(blocked):
            return Reason("timetable_all_taken", {"slots": len(blocked)})
        if self.rules.weight[pair] == 0:
            return Reason("timetable_no_weight", {"slots": len(blocked)})
        return Reason("timetable_not_reached", {"slots": len(blocked)})

    def _why_nowhere(self, pair: Pair) -> Reason:
        if pair in set(self.problem.vetoes):
            return Reason("timetable_vetoed")
        if pair in set(self.problem.met_before):
            return Reason("timetable_met_before")
        if not self.rules.common(pair):
            return Reason("timetable_no_common_slot")
        return Reason("timetable_no_interpreter")


class _Base:
    """What no plan lacks (the pins), and what prices prove of the rest beside it."""

    def __init__(self, check: _Check, pins: Mapping[Pair, str]) -> None:
        self.check, self.pins = check, pins
        self.load = {name: used for name, (used, _) in check.load(pins).items()}
        self.weight = sum(check.rules.weight[pair] for pair in pins)
        self.margins: dict[Pair, int] = {}

    def margin(self, pair: Pair) -> int | None:
        """By the prices of the last bound: what the wish is worth over its cheapest slot; None where it has none."""
        return self.margins.get(pair)

    def bound(self, prices: Prices, weight: Callable[[Pair], int], floor: Callable[[int], int]) -> int | None:
        """The sum that no plan beside the pins exceeds, in units of 1/`scale`; None where a price is not one."""
        price: dict[Name, int] = {(one.rule, one.of): one.price for one in prices.prices}
        premium = {(one.rule, one.of[0]): one.price for one in prices.premiums if len(one.of) == 1}
        whole = len(price) == len(prices.prices) and len(premium) == len(prices.premiums)
        if not whole or any(value < 0 for value in (*price.values(), *premium.values())):
            return None
        self.margins = {}
        capacity: dict[tuple[str, tuple[str, ...]], int] = {}
        for pair, slots in self.check.slots.items():
            worth = (
                weight(pair) * prices.scale + premium.get(("company", pair[0]), 0) + premium.get(("agency", pair[1]), 0)
            )
            for slot in slots:
                uses = list(self.check.rules.uses(pair, slot))
                capacity.update((name, most) for name, most in uses if name in price)
                if pair in self.pins or any(self.load.get(name, 0) >= most for name, most in uses):
                    continue
                margin = worth - sum(price.get(name, 0) for name, _ in uses)
                self.margins[pair] = max(margin, self.margins.get(pair, margin))
        # a limit that no possible meeting uses proves nothing, and has no place in a proof
        if any(value and name not in capacity for name, value in price.items()):
            return None
        counted = self.check.counted()
        met = Counter(one for pair in self.pins for one in (("company", pair[0]), ("agency", pair[1])))
        if any(value and one not in counted for one, value in premium.items()):
            return None
        return (
            sum(value * (capacity[name] - self.load.get(name, 0)) for name, value in price.items() if value)
            + sum(max(margin, 0) for margin in self.margins.values())
            - sum(value * max(floor(counted[one]) - met[one], 0) for one, value in premium.items() if value)
        )


def _brief(value: object) -> Param:
    return value if isinstance(value, str | int | bool) or value is None else repr(value)[:200]
