"""What "every application has at least this sum" means for each application, made as sharp as whole numbers allow.

Three things follow from a floor without any search, and a relaxation that knows them is much closer to the truth:

- sums come in steps (with affinities 0, 0.25, 0.5 and 1 in quarters): the floor is lifted to the next possible sum;
- an evaluator with whom an application cannot reach the floor, whoever else reads it, is out for it;
- above the least affinity `base` that is left, a sum of `k` must gain `target - k * base`, and no single evaluator
  needs to count for more than that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.core.assignment.instance import Flags, Instance, Whole

#: Below every sum that can occur; sums stay within 2^53.
NEVER = -(2**58)


@dataclass(frozen=True, slots=True)
class Steps:
    """The sums that an application can have, as far as one remainder tells: `origin` plus multiples of `step`.

    `step` 0: only `origin`. `total` is the step of the total of all applications.
    """

    origin: Whole  # [n]
    step: Whole  # [n]
    total_origin: int
    total_step: int

    def lifted(self, floor: int) -> Whole:
        """Each application's least possible sum that is at least `floor`."""
        step = np.maximum(self.step, 1)
        return np.where(self.step > 0, floor + (self.origin - floor) % step, floor)

    def at_most(self, most: int) -> Whole:
        """Each application's largest possible sum up to `most`, as far as the remainder tells."""
        step = np.maximum(self.step, 1)
        only = np.where(self.origin <= most, self.origin, NEVER)
        return np.where(self.step > 0, most - (most - self.origin) % step, only)

    def total_at_most(self, most: int) -> int:
        """The largest total up to `most` that the remainder allows."""
        return most - (most - self.total_origin) % self.total_step if self.total_step else min(most, self.total_origin)


def steps_of(instance: Instance) -> Steps:
    """From the common divisor of the differences within each row."""
    least = np.where(instance.allowed, instance.affinity, 2**58).min(axis=1, initial=2**58)
    least = np.where(instance.allowed.any(axis=1), least, 0)
    differences = np.where(instance.allowed, instance.affinity - least[:, None], 0)
    step = np.gcd.reduce(differences, axis=1) if differences.size else np.zeros(len(least), dtype=np.int64)
    step = np.where(instance.required > 0, step, 0)
    origin = instance.required * least
    return Steps(origin, step, int(origin.sum()), int(np.gcd.reduce(step)) if len(step) else 0)


@dataclass(frozen=True, slots=True)
class Floor:
    """The sharpened rows: a plan has every sum at the floor only if it uses `usable` (or fixed) pairs alone and
    `sum of gain >= need` in every row. `reachable` is false where some application cannot come up to the floor at all.
    """

    usable: Flags  # [n, m], without the fixed pairs
    gain: Whole  # [n, m]
    need: Whole  # [n]; 0: nothing to do
    unit: Whole  # [n], what every gain of a row is a multiple of, at least 1
    reachable: bool


def no_floor(instance: Instance) -> Floor:
    n, m = instance.shape
    usable = instance.allowed & ~instance.fixed
    return Floor(
        usable, np.zeros((n, m), dtype=np.int64), np.zeros(n, dtype=np.int64), np.ones(n, dtype=np.int64), True
    )


def floor_rows(instance: Instance, steps: Steps, floor: int) -> Floor:
    """The rows of `floor`. An application that needs nobody has the sum 0. Cost: a partition of each row."""
    free = instance.allowed & ~instance.fixed
    given = np.where(instance.fixed, instance.affinity, 0).sum(axis=1)
    open_seats = instance.required - instance.fixed.sum(axis=1)
    target = steps.lifted(floor)
    affinity = np.where(free, instance.affinity, NEVER)
    before, last = _best(affinity, open_seats)
    reach = given[:, None] + before[:, None] + np.minimum(affinity, last[:, None])
    usable = free & (reach >= target[:, None]) & (open_seats > 0)[:, None]
    short = (usable.sum(axis=1) < open_seats) | (open_seats < 0) | ((open_seats == 0) & (given < target))
    base = np.where(usable | instance.fixed, instance.affinity, 2**58).min(axis=1, initial=2**58)
    base = np.where(base == 2**58, 0, base)
    need = np.maximum(target - instance.required * base, 0)
    gain = np.where(usable | instance.fixed, np.minimum(instance.affinity - base[:, None], need[:, None]), 0)
    unit = np.maximum(np.gcd.reduce(gain, axis=1), 1) if gain.size else np.ones(len(need), dtype=np.int64)
    return Floor(usable, gain, -(-need // unit) * unit, unit, not bool(short.any()))


def best_sums(instance: Instance) -> Whole:
    """The largest sum of each application if it had the evaluators for itself; `NEVER` or less where it lacks some."""
    free = instance.allowed & ~instance.fixed
    open_seats = instance.required - instance.fixed.sum(axis=1)
    before, last = _best(np.where(free, instance.affinity, NEVER), open_seats)
    sums: Whole = (
        np.where(instance.fixed, instance.affinity, 0).sum(axis=1) + before + np.where(open_seats > 0, last, 0)
    )
    return np.where((free.sum(axis=1) < open_seats) | (open_seats < 0), NEVER, sums)


def _best(values: Whole, seats: NDArray[np.int64]) -> tuple[Whole, Whole]:
    """Of each row: the sum of its `seats - 1` largest, and the next one; (0, `NEVER`) where there is none."""
    n, m = values.shape
    before, last = np.zeros(n, dtype=np.int64), np.full(n, NEVER, dtype=np.int64)
    for count in np.unique(seats[(seats > 0) & (seats <= m)]).tolist():
        rows = np.flatnonzero(seats == count)
        top = np.partition(values[rows], m - count, axis=1)[:, m - count :]
        last[rows] = top[:, 0]
        before[rows] = np.where(top[:, 1:] > NEVER, top[:, 1:], 0).sum(axis=1)
    return before, last
