"""Fair assignment: the largest sum of the worst application, then the largest total at that floor.

A floor is tried from above. For each one the relaxation either proves that no plan keeps it, or says which few pairs
matter; the plans among these are searched (`fair_core`). On real bids the relaxation is tight and the first floor that
it leaves open is the answer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from madang.core.assignment import engine_fair as engine
from madang.core.assignment.fair_core import Task, best_plan, first_plan, keeps
from madang.core.assignment.fair_prices import FloorPrices, nothing
from madang.core.assignment.fair_relax import relax
from madang.core.assignment.fair_rows import NEVER, Steps, best_sums, floor_rows, no_floor, steps_of
from madang.core.assignment.instance import Flags, Instance
from madang.core.deadline import Deadline

_START_PER_SEAT = 3
_FEW = 6
_HALVINGS = 9
_SHARE = 0.35


@dataclass(frozen=True, slots=True)
class FairAnswer:
    """Sums in millionths. `pairs` None: no plan found; with `infeasible` there is none (at the given floor)."""

    pairs: Flags | None
    worst: int | None
    total: int | None
    worst_bound: int | None
    total_bound: int | None
    proven_worst: bool
    proven_total: bool
    certificate: dict[str, Any] | None
    engine: str
    infeasible: bool


def solve_fair(
    instance: Instance, start: Flags | None, floor: int | None, deadline: Deadline, seed: int = 1
) -> FairAnswer:
    """The plan of the largest worst sum, and of the largest total among those; with `floor` only the latter, over it.

    `start`: a plan that keeps every rule, if one is known. Deterministic unless the time ends (`seed` settles nothing
    that the objective leaves open). Cost: a few relaxations over about 10 pairs for each seat, each with a look at all
    pairs; then a search over the pairs that the prices leave open. Bounds are added up in integers.
    """
    search = _Search(instance, deadline, start)
    return search.fairest() if floor is None else search.above(floor)


class _Search:
    def __init__(self, instance: Instance, deadline: Deadline, start: Flags | None) -> None:
        self.instance, self.deadline = instance, deadline
        self.steps: Steps = steps_of(instance)
        self.start_pairs = start_pairs(instance)
        self.plan: Flags | None = None
        self.worst = 0  # of the plan
        self.task: Task | None = None  # the last one that was left open, and its floor
        self.level = 0
        self.floor: int | None = None  # a given one
        self.refuted: dict[str, Any] | None = None  # the lowest floor that prices refute
        if start is not None and keeps(instance, no_floor(instance), start):
            self._take(start)

    # --- answers ---

    def fairest(self) -> FairAnswer:
        best = int(best_sums(self.instance).min(initial=2**57))
        if best == 2**57:  # no application
            return FairAnswer(self.instance.fixed.copy(), 0, 0, 0, 0, True, True, self._trivial(), engine.NAME, False)
        if best < NEVER // 2:
            return self._none(True)
        top = self._attainable(best)
        self._refute(best + 1, nothing(self.instance, 0))
        found = self._try(top, _part(self.deadline, 0.5))
        proven = bool(found)
        if not found:
            if not (known := self._any()):
                return self._none(known is False)
            top, proven = self._climb(self._attainable(top - 1) if found is False else top)
        level, total = self.worst, self._best_total(self.worst)
        while self.worst > level:  # a better floor by the way: only where the first stage is not proven
            level, total = self.worst, self._best_total(self.worst)
        return self._answer(total, level if proven else top, proven)

    def above(self, floor: int) -> FairAnswer:
        """The largest total with every sum at least `floor`."""
        if not self.instance.shape[0]:
            return self.fairest()
        self.floor = floor
        found = self._try(floor, self.deadline)
        if not found:
            return self._none(found is False)
        return self._answer(self._best_total(floor), None, True)

    def _answer(self, total: _Total, worst_bound: int | None, proven: bool) -> FairAnswer:
        assert self.plan is not None
        certificate = self._certificate(total.prices, proven, total)
        worst, sum_ = _worst(self.instance, self.plan), int(self.instance.affinity[self.plan].sum())
        if worst_bound is not None:
            worst_bound = max(worst_bound, worst)
        return FairAnswer(
            self.plan, worst, sum_, worst_bound, total.most, proven, total.proven, certificate, engine.NAME, False
        )

    def _none(self, infeasible: bool) -> FairAnswer:
        certificate = self._certificate(None, infeasible, None)
        return FairAnswer(None, None, None, None, None, infeasible, infeasible, certificate, engine.NAME, infeasible)

    def _certificate(self, prices: dict[str, Any] | None, proven: bool, total: _Total | None) -> dict[str, Any]:
        """The prices of both stages, and what closed each proof: they, or the engine's search over what they leave."""
        refuted = None if self.refuted is None else self.refuted["floor"]
        enough = refuted is not None and self._closed_by(refuted)
        worst_by = ("prices" if enough else "search") if proven else None
        total_by = None if total is None or not total.proven else "prices" if total.by_prices else "search"
        return {"worst": self.refuted, "total": prices, "worst_by": worst_by, "total_by": total_by}

    def _closed_by(self, refuted: int) -> bool:
        """Whether the refuted floor leaves nothing above the answer."""
        if self.floor is not None:
            return self.plan is None and refuted <= self.floor
        return self.plan is not None and self._attainable(refuted - 1) == _worst(self.instance, self.plan)

    def _trivial(self) -> dict[str, Any]:
        return {"worst": None, "total": None, "worst_by": "prices", "total_by": "prices"}

    # --- one floor ---

    def _try(self, floor: int, deadline: Deadline) -> bool | None:
        """Whether a plan keeps this floor (then it is taken); None: not known when the time ended."""
        task = self._open(floor, deadline)
        if task is None or isinstance(task, FloorPrices):
            return None if task is None else False
        found = first_plan(task, deadline)
        if found.plan is None:
            return False if found.closed else None
        self._take(found.plan)
        return True

    def _open(self, floor: int, deadline: Deadline) -> Task | FloorPrices | None:
        """The task of a floor, or the prices that refute it; None: time ended."""
        if self.task is not None and self.level == floor:
            return self.task
        rows = floor_rows(self.instance, self.steps, floor)
        if not rows.reachable:
            prices = nothing(self.instance, 0)
            self._refute(floor, prices)
            return prices
        relaxed = relax(self.instance, rows, self.start_pairs, deadline)
        if relaxed is None:
            return None
        self.start_pairs = self.start_pairs | relaxed.pairs
        if relaxed.empty:
            self._refute(floor, relaxed.prices)
            return relaxed.prices
        self.task, self.level = Task(self.instance, self.steps, rows, relaxed), floor
        return self.task

    def _any(self) -> bool | None:
        """Whether there is a plan at all."""
        if self.plan is not None:
            return True
        rows = no_floor(self.instance)
        relaxed = relax(self.instance, rows, self.start_pairs, self.deadline)
        if relaxed is None or relaxed.empty:
            return None if relaxed is None else False
        found = first_plan(Task(self.instance, self.steps, rows, relaxed), self.deadline)
        if found.plan is None:
            return False if found.closed else None
        self._take(found.plan)
        return True

    def _take(self, plan: Flags) -> None:
        worst = _worst(self.instance, plan)
        if self.plan is None or worst >= self.worst:
            self.plan, self.worst = plan, worst

    def _refute(self, floor: int, prices: FloorPrices) -> None:
        if self.refuted is None or floor < self.refuted["floor"]:
            self.refuted = {"floor": floor, **prices.as_json()}

    def _attainable(self, most: int) -> int:
        return int(self.steps.at_most(most).max())

    # --- between a plan's worst sum and the first floor that is refuted ---

    def _climb(self, top: int) -> tuple[int, bool]:
        """What no plan's worst sum exceeds, and whether the plan at hand reaches it."""
        high = most = self._left_open(top)
        known = True
        while self.worst < high and not self.deadline.expired():
            probe = high if self._few(self.worst, high) else self._between(self.worst, high, 4 if known else 2)
            found = self._try(probe, _part(self.deadline, _SHARE))
            if not found:
                high = self._attainable(probe - 1)
                most = high if found is False else most
                known = known and found is False
        return max(most, self.worst), most <= self.worst

    def _left_open(self, top: int) -> int:
        """About the largest floor that the relaxation leaves open; all above what is given are refuted."""
        low = self.worst
        for _ in range(_HALVINGS):
            if low >= top or self._few(low, top):
                break
            probe = self._between(low, top, 2)
            task = self._open(probe, self.deadline)
            if task is None:
                break
            if isinstance(task, FloorPrices):
                top = max(self._attainable(probe - 1), self.worst)
            else:
                low = probe
        return top

    def _few(self, low: int, high: int) -> bool:
        """Whether so few floors are possible that each is worth a try from above."""
        steps = self.steps.step[self.steps.step > 0]
        return high - low <= _FEW * int(steps.min(initial=2**57))

    def _between(self, low: int, high: int, parts: int) -> int:
        """A floor a part under `high`, over `low`."""
        probe = self._attainable(high - (high - low) // parts)
        return probe if probe > low else high

    # --- the total ---

    def _best_total(self, floor: int) -> _Total:
        """The best plan at the floor is taken."""
        assert self.plan is not None
        task = self._open(floor, self.deadline)
        if not isinstance(task, Task):
            return _Total(None, False, False, None)
        found = best_plan(task, self.plan, self.deadline)
        assert found.plan is not None
        self.plan, self.worst = found.plan, _worst(self.instance, found.plan)
        most = task.total(found.plan) if found.closed else task.most
        by_prices = task.most == task.total(found.plan)
        return _Total(most, found.closed, by_prices, {"floor": floor, **task.relaxed.prices.as_json()})


@dataclass(frozen=True, slots=True)
class _Total:
    most: int | None
    proven: bool
    by_prices: bool
    prices: dict[str, Any] | None


def _worst(instance: Instance, plan: Flags) -> int:
    return int(np.where(plan, instance.affinity, 0).sum(axis=1).min(initial=2**57))


def _part(deadline: Deadline, share: float) -> Deadline:
    """A share of what is left."""
    left = deadline.left()
    return deadline if math.isinf(left) else Deadline(lambda: deadline.left() - left * (1 - share))


def start_pairs(instance: Instance) -> Flags:
    """Each application's best evaluators and each evaluator's best applications: where the relaxation begins.

    Equal affinities are spread over all who have them by a fixed scattering of the places.
    """
    n, m = instance.shape
    pairs = np.zeros((n, m), dtype=np.bool_)
    if not n * m:
        return pairs
    scattered = (np.arange(n)[:, None] * 40503 + np.arange(m) * 2654435761) % 65521 / 65521.0
    value = np.where(instance.allowed, instance.affinity + scattered, float(NEVER))
    seats = instance.required
    across = min(m, _START_PER_SEAT * int(np.ceil(seats.mean())) + 1)
    down = min(n, 2 * int(np.ceil(seats.sum() / m)) + 2)
    np.put_along_axis(pairs, np.argpartition(value, m - across, axis=1)[:, m - across :], True, axis=1)
    np.put_along_axis(pairs, np.argpartition(value, n - down, axis=0)[n - down :], True, axis=0)
    return pairs & instance.allowed
