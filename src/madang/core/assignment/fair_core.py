"""Plans that keep a floor: among few pairs first, and then among exactly those that a better plan could use.

The prices of the relaxation say for every pair by how much a plan stays under the bound that takes it, or leaves it
out. Once a plan is known, every pair that loses more than the plan does is settled, and the rest is a small problem.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from madang.core.assignment import engine_fair as engine
from madang.core.assignment.fair_model import model_of, with_heads
from madang.core.assignment.fair_relax import Relaxation
from madang.core.assignment.fair_rows import Floor, Steps
from madang.core.assignment.instance import Flags, Instance
from madang.core.deadline import Deadline

_FIRST_NODES = 1
_WIDER_NODES = 400
_PER_SEAT = 2
_TORN = 12
_LOOSE = 0.003
_SHARES = (4, 1)


@dataclass(frozen=True, slots=True)
class Found:
    """`plan` if there is one; `closed`: there is none (or, for the best, no better one) at all."""

    plan: Flags | None
    closed: bool


@dataclass(frozen=True, slots=True)
class Task:
    """One floor of one instance, with its relaxation (of scale 1 and up)."""

    instance: Instance
    steps: Steps
    floor: Floor
    relaxed: Relaxation

    @property
    def most(self) -> int:
        """What no plan's total exceeds."""
        return self.steps.total_at_most(self.relaxed.total)

    @property
    def step(self) -> int:
        return max(self.steps.total_step, 1)

    def total(self, plan: Flags) -> int:
        return int(self.instance.affinity[plan].sum())


def first_plan(task: Task, deadline: Deadline) -> Found:
    """Any plan, a good one if that is easy."""
    loss, chosen = task.relaxed.bound.loss, task.relaxed.bound.chosen
    usable = task.floor.usable
    share = task.relaxed.share > 1e-9
    seats = int(task.instance.required.sum())
    candidates = loss[usable & ~chosen & ~share]
    room = _PER_SEAT * seats
    few = (share | chosen) & usable
    if len(candidates) > room:
        few |= usable & (loss < np.partition(candidates, room)[room])
    else:
        few |= usable
    torn = int((task.relaxed.share[share] < 1 - 1e-6).sum())
    # where the relaxation is nearly whole, the best plan comes at once; else any good one serves to settle pairs
    within = task.step * 0.4 if torn * _TORN < seats else max(task.step * 0.4, abs(task.most) * _LOOSE)
    found = _choose(task, few, None, within, deadline, _FIRST_NODES)
    if found.plan is not None:
        return Found(found.plan, False)
    if (few == usable).all() and found.closed:
        return found
    if seats < few.sum() < usable.sum() // 4:  # wider, but not yet all
        line = np.partition(loss[usable], min(int(few.sum()) * 4, int(usable.sum()) - 1))[int(few.sum()) * 4]
        found = _choose(task, few | (usable & (loss <= line)), None, None, deadline, _WIDER_NODES)
        if found.plan is not None:
            return Found(found.plan, False)
    return _choose(task, usable, None, None, deadline, None)


def best_plan(task: Task, plan: Flags, deadline: Deadline) -> Found:
    """The plan of the largest total, from one that keeps the floor; closed where that is proven."""
    for part in _SHARES:
        missing = task.most - task.total(plan) - task.step  # what a better plan may lose at most
        if missing < 0:
            return Found(plan, True)
        if deadline.expired():
            return Found(plan, False)
        reach = missing // part
        pairs, forced = _within(task, reach)
        if part > 1 and pairs.sum() * 2 > _within(task, missing)[0].sum():
            continue  # nearly as much work as all of it
        found = _choose(task, pairs, forced, task.step * 0.4, deadline, None)
        if found.plan is not None and task.total(found.plan) > task.total(plan):
            plan = found.plan
        if found.closed and task.most - task.total(plan) - task.step <= reach:
            return Found(plan, True)
    return Found(plan, False)


def _within(task: Task, reach: int) -> tuple[Flags, Flags]:
    """Pairs that plans of at most `reach` under the bound may differ in, and those that they all have."""
    scale = task.relaxed.prices.scale
    assert task.relaxed.bound.value is not None
    limit = task.relaxed.bound.value - (task.most - reach) * scale
    near = task.floor.usable & (task.relaxed.bound.loss <= limit)
    return near, task.relaxed.bound.chosen & task.floor.usable & ~near


def _choose(
    task: Task, pairs: Flags, forced: Flags | None, within: float | None, deadline: Deadline, nodes: int | None
) -> Found:
    """`within` None: any plan will do."""
    instance = task.instance
    model = model_of(instance, task.floor, pairs, forced)
    worth = instance.affinity[model.pairs_row, model.pairs_column] / task.step
    if within is None:
        worth = np.zeros(len(worth))
    allowed = (within or 1.0) / task.step
    rows = with_heads(instance, task.floor, pairs, forced, model)
    chosen = engine.choose(worth, rows, within=allowed, seconds=deadline.left(), nodes=nodes)
    if chosen.x is None:
        return Found(None, chosen.closed)
    plan = instance.fixed.copy() if forced is None else instance.fixed | forced
    plan[model.pairs_row[chosen.x], model.pairs_column[chosen.x]] = True
    if not keeps(instance, task.floor, plan):  # within the engine's tolerance, but not exactly
        return Found(None, False)
    return Found(plan, chosen.closed)


def keeps(instance: Instance, floor: Floor, plan: Flags) -> bool:
    """Whether a plan keeps every rule and the floor, in integers."""
    load = plan.sum(axis=0)
    ok = not (plan & ~(instance.allowed | instance.fixed)).any() and not (instance.fixed & ~plan).any()
    ok = ok and bool((plan.sum(axis=1) == instance.required).all())
    ok = ok and bool(((load >= instance.min_load) & (load <= instance.max_load)).all())
    ok = ok and bool((np.where(plan, floor.gain, 0).sum(axis=1) >= floor.need).all()) and floor.reachable
    for group in instance.groups:
        count = int((plan[group.application] & group.members).sum())
        ok = ok and group.least <= count <= (count if group.most is None else group.most)
    return ok
