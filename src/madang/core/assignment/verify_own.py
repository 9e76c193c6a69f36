"""The checker's own count of what each application could have at most at given prices of the evaluators."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madang.core.assignment.verify_bounds import MOST_PRICE, NoProof, Rule, Table, whole_prices
from madang.core.problem import LARGEST

#: An application with more ways to share its places than this is not counted.
_MOST = 50_000


def own_best(table: Table, values: NDArray[np.int64] | None, prices: Mapping[str, Any], times: int) -> int:
    """The bound, `times` over: loads at their prices, and for each application the best it could have on its own.

    Raises `NoProof`. Cost: for each application a sort, and each way to share its places among kinds of evaluators.
    """
    evaluators = whole_prices(prices["evaluators"])
    if prices["applications"] or prices["rules"] or len(evaluators) != table.affinity.shape[1]:
        raise NoProof
    if values is not None and int(np.abs(values).max(initial=0)) * times > min(MOST_PRICE, LARGEST * 2**6):
        raise NoProof
    total = 0
    for price, least, most in zip(evaluators, table.least, table.most, strict=True):
        total += price * (most if price > 0 else least)
    priced = np.array(evaluators, dtype=np.int64)
    rules: dict[int, list[Rule]] = {}
    for rule in table.rules:
        rules.setdefault(rule.row, []).append(rule)
    for row in range(len(table.required)):
        left = -priced if values is None else values[row] * times - priced
        total += sum(left[table.fixed[row]].tolist()) + _best(table, row, left, rules.get(row, []))
    return total


def _best(table: Table, row: int, left: NDArray[np.int64], rules: Sequence[Rule]) -> int:
    """The most that the places which are not fixed can be worth under all rules of the application."""
    places = table.required[row] - int(table.fixed[row].sum())
    kinds: dict[tuple[bool, ...], list[int]] = {}
    marks = np.array([rule.members for rule in rules], dtype=np.bool_).reshape(len(rules), len(left))
    for column in np.nonzero(table.open[row])[0].tolist():
        kinds.setdefault(tuple(marks[:, column].tolist()), []).append(column)
    shares = _shares(places, len(kinds))
    within = np.all(shares <= [len(columns) for columns in kinds.values()], axis=1)
    for number, rule in enumerate(rules):
        held = int((table.fixed[row] & rule.members).sum())
        count = held + shares[:, [kind[number] for kind in kinds]].sum(axis=1)
        within &= (count >= rule.least) & (count <= (count if rule.most is None else rule.most))
    shares = shares[within]
    if not len(shares):
        raise NoProof
    worth = np.zeros(len(shares), dtype=np.int64)
    for number, columns in enumerate(kinds.values()):
        best = np.sort(left[columns])[::-1][:places]
        worth += np.concatenate(([0], np.cumsum(best)))[shares[:, number]]
    return int(worth.max())


@lru_cache(maxsize=256)
def _shares(places: int, kinds: int) -> NDArray[np.int64]:
    """Every way to share places among kinds, a row each."""
    if places < 0 or (places and not kinds) or (kinds and math.comb(places + kinds - 1, places) > _MOST):
        raise NoProof
    ways = list(itertools.combinations_with_replacement(range(kinds), places))
    return np.array([[way.count(kind) for kind in range(kinds)] for way in ways], dtype=np.int64).reshape(
        len(ways), kinds
    )
