"""Checking what a fair result claims: prices are added up in integers; no solver, and none of its code.

A certificate has two parts. `worst`: prices at a floor that no plan keeps. `total`: prices that bound the total of
every plan at the floor of the result. `worst_by` and `total_by` say what closed the proof: `prices`, which is checked
here, or `search`, the engine's own search over the pairs that the prices leave open; then the prices still bound the
claim, and no claim may pass them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madang.core.assignment.model import AssignmentProblem, floor_of
from madang.core.assignment.verify_bounds import Table, table_of
from madang.core.matrix import SCALE
from madang.core.reasons import Reason

_MOST_PRICE = 2**61
_FAR = 2**58  # beyond every sum of affinities


class _Wrong(Exception):
    """The certificate does not follow; where."""

    def __init__(self, at: str) -> None:
        self.at = at
        super().__init__(at)


def check(problem: AssignmentProblem, result: Mapping[str, Any], table: Table | None = None) -> list[Reason]:
    """What of the fair certificate does not follow; empty if all does. The plan's rules are checked elsewhere.

    `table`: the plans that were chosen among, where an earlier stage left only some. Cost: a few sorts of each row.
    """
    try:
        _Check(problem, result, table or table_of(problem)).everything()
    except _Wrong as wrong:
        return [Reason("fair_certificate_does_not_follow", {"at": wrong.at})]
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation, OverflowError):
        return [Reason("fair_certificate_not_readable", {})]
    return []


@dataclass(frozen=True, slots=True)
class _Part:
    """Prices at a floor."""

    floor: int
    scale: int
    evaluators: list[int]
    applications: list[int]
    groups: list[int]


class _Check:
    def __init__(self, problem: AssignmentProblem, result: Mapping[str, Any], table: Table) -> None:
        self.problem, self.result, self.table = problem, result, table
        self.able = table.open | table.fixed
        self.required = np.array(table.required, dtype=np.int64)
        self.origin, self.step = self._steps()

    def everything(self) -> None:
        certificate = self.result["certificate"]["fair"]
        by = (certificate["worst_by"], certificate["total_by"])
        if set(certificate) != {"worst", "total", "worst_by", "total_by"} or not set(by) <= {"prices", "search", None}:
            raise _Wrong("/certificate/fair")
        if not self.table.required:
            return
        status = self.result["status"]
        if status in ("infeasible", "unknown"):
            self._none(certificate, status)
            return
        worst, total = _millionths(self.result["worst"]), _millionths(self.result["total"])
        told = self.result["bound"]
        if (given := floor_of(self.problem)) is not None:
            if worst < given or told["worst"] is not None:
                raise _Wrong("/worst")
            proven, floor = True, given
        else:
            proven, floor = self._worst(certificate, worst, told["worst"]), worst
        closed = self._total(certificate, floor, total, told["total"] if proven else None)
        if (status == "optimal") != (proven and closed):
            raise _Wrong("/status")

    def _none(self, certificate: Mapping[str, Any], status: str) -> None:
        floor = floor_of(self.problem)
        if status == "infeasible" and floor is None:  # some plan has the largest worst sum, if there is any plan
            raise _Wrong("/status")
        part = self._part(certificate["worst"]) if certificate["worst"] is not None else None
        refuted = part is not None and self._refutes(part)
        if part is not None and not refuted:
            raise _Wrong("/certificate/fair/worst")
        by_prices = refuted and part is not None and floor is not None and part.floor <= floor
        if status == "infeasible" and certificate["worst_by"] == "prices" and not by_prices:
            raise _Wrong("/certificate/fair/worst")
        if status == "infeasible" and certificate["worst_by"] is None:
            raise _Wrong("/certificate/fair/worst_by")

    def _worst(self, certificate: Mapping[str, Any], worst: int, told: object) -> bool:
        """Whether the worst sum is proven to be the largest."""
        part = self._part(certificate["worst"])
        if not self._refutes(part):
            raise _Wrong("/certificate/fair/worst")
        most = int(self._at_most(part.floor - 1).max())
        bound = _millionths(told)
        if not worst <= bound <= most:
            raise _Wrong("/bound/worst")
        if certificate["worst_by"] == "prices" and worst != most:
            raise _Wrong("/certificate/fair/worst")
        if certificate["worst_by"] is not None and bound != worst:
            raise _Wrong("/bound/worst")
        return certificate["worst_by"] is not None

    def _total(self, certificate: Mapping[str, Any], floor: int, total: int, told: object) -> bool:
        """Whether the total is proven to be the largest at the floor."""
        if certificate["total"] is None:
            if certificate["total_by"] is not None:
                raise _Wrong("/certificate/fair/total")
            return False
        part = self._part(certificate["total"])
        value = self._bound(part)
        if part.floor != floor or part.scale < 1 or value is None:
            raise _Wrong("/certificate/fair/total")
        most = self._total_at_most(value // part.scale)
        if total > most or (certificate["total_by"] == "prices" and total != most):
            raise _Wrong("/certificate/fair/total")
        if told is not None and _millionths(told) != (most if certificate["total_by"] is None else total):
            raise _Wrong("/bound/total")
        return certificate["total_by"] is not None

    # --- adding up ---

    def _part(self, part: Mapping[str, Any]) -> _Part:
        n, m = self.able.shape
        read = _Part(
            _whole(part["floor"]),
            _whole(part["scale"]),
            [_whole(price) for price in part["evaluators"]],
            [_whole(price) for price in part["applications"]],
            [_whole(price) for price in part["groups"]],
        )
        sizes = (len(read.evaluators), len(read.applications), len(read.groups))
        if sizes != (m, n, len(self.table.rules)) or read.scale < 0 or min(read.applications, default=0) < 0:
            raise _Wrong("/certificate/fair")
        return read

    def _refutes(self, part: _Part) -> bool:
        """Whether no plan keeps the part's floor."""
        if part.scale:
            return False
        value = self._bound(part)
        return value is None or value < 0

    def _bound(self, part: _Part) -> int | None:
        """What `scale` times the total of no plan at the floor exceeds; None: an application cannot come up to it."""
        table = self.table
        rows = self._rows(part.floor)
        if rows is None:
            return None
        usable, gain, need = rows
        worth = table.affinity.astype(object) * part.scale if self._large(part) else table.affinity * part.scale
        prices = (part.evaluators, part.applications, part.groups)
        v, w, z = (np.array(of, dtype=worth.dtype) for of in prices)
        worth = worth + gain.astype(worth.dtype) * w[:, None] - v[None, :]
        bound: int = -sum(price * lacking for price, lacking in zip(part.applications, need.tolist(), strict=True))
        for price, rule in zip(z, table.rules, strict=True):
            worth[rule.row, rule.members] -= price
            most = table.required[rule.row] if rule.most is None else rule.most
            bound += int(price) * (most if price > 0 else rule.least)
        for price, least, most in zip(part.evaluators, table.least, table.most, strict=True):
            bound += price * (most if price > 0 else least)
        bound += sum(worth[table.fixed].tolist())
        seats = self.required - table.fixed.sum(axis=1)
        for row, on, count in zip(worth, usable, seats.tolist(), strict=True):
            bound += sum(np.sort(row[on])[int(on.sum()) - count :].tolist())
        return bound

    def _large(self, part: _Part) -> bool:
        """Whether a pair's worth might pass 64 bits."""
        most = int(np.abs(self.table.affinity).max(initial=0))
        prices = [abs(price) for price in (*part.evaluators, *part.applications)]
        size = most * part.scale + (2 * most + abs(part.floor)) * max(part.applications, default=0)
        return size + max(prices, default=0) + sum(abs(price) for price in part.groups) >= 2**62

    def _rows(self, floor: int) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]] | None:
        """Of each application: who can be among those that reach the floor, what each counts, what is needed."""
        table = self.table
        target = np.where(self.step > 0, floor + (self.origin - floor) % np.maximum(self.step, 1), floor)
        usable, gain = np.full(self.able.shape, False), np.zeros(self.able.shape, dtype=np.int64)
        need = np.zeros(len(target), dtype=np.int64)
        for row, aim in enumerate(target.tolist()):
            given = int(table.affinity[row][table.fixed[row]].sum())
            seats = table.required[row] - int(table.fixed[row].sum())
            on = self._able_in(row, seats, aim - given)
            if on is None:
                return None
            usable[row] = on
            with_fixed = on | table.fixed[row]
            if not with_fixed.any():
                continue
            base = int(table.affinity[row][with_fixed].min())
            lacking = max(aim - table.required[row] * base, 0)
            gain[row] = np.where(with_fixed, np.minimum(table.affinity[row] - base, lacking), 0)
            unit = max(int(np.gcd.reduce(gain[row])), 1)
            need[row] = -(-lacking // unit) * unit
        return usable, gain, need

    def _able_in(self, row: int, seats: int, aim: int) -> NDArray[np.bool_] | None:
        """The open pairs of a row with whom `seats` of them can add up to `aim`; None where none can."""
        is_open = self.table.open[row]
        nobody = np.full(len(is_open), False)
        if seats == 0:
            return nobody if aim <= 0 else None
        best = np.sort(self.table.affinity[row][is_open])[::-1]
        if seats < 0 or len(best) < seats:
            return None
        others = int(best[: seats - 1].sum())
        able: NDArray[np.bool_] = is_open & (others + np.minimum(self.table.affinity[row], best[seats - 1]) >= aim)
        return able if int(able.sum()) >= seats else None

    # --- sums come in steps ---

    def _steps(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        least = np.where(self.able, self.table.affinity, _FAR).min(axis=1, initial=_FAR)
        least[~self.able.any(axis=1)] = 0
        above = np.where(self.able, self.table.affinity - least[:, None], 0)
        step = np.gcd.reduce(above, axis=1) if above.size else np.zeros(len(least), dtype=np.int64)
        return self.required * least, np.where(self.required > 0, step, 0)

    def _at_most(self, most: int) -> NDArray[np.int64]:
        """The largest sum of each application up to `most`, as far as the remainder tells."""
        only = np.where(self.origin <= most, self.origin, -_FAR)
        return np.where(self.step > 0, most - (most - self.origin) % np.maximum(self.step, 1), only)

    def _total_at_most(self, most: int) -> int:
        step, origin = int(np.gcd.reduce(self.step)), int(self.origin.sum())
        return most - (most - origin) % step if step else min(most, origin)


def _whole(number: object) -> int:
    """An integer, or the digits of one that JSON readers may not hold."""
    if isinstance(number, str) and len(number) < 30:
        number = int(number)
    if not isinstance(number, int) or isinstance(number, bool) or abs(number) > _MOST_PRICE:
        raise ValueError
    return number


def _millionths(text: object) -> int:
    if not isinstance(text, str) or len(text) > 40:
        raise ValueError
    scaled = Decimal(text) * SCALE
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise ValueError
    return int(scaled)
