"""Adding up a proof: what no plan exceeds, from the problem and a list of prices. No solver, and none of its code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madang.core.assignment.model import AssignmentProblem
from madang.core.problem import LARGEST

#: Prices beyond this are refused: sums of three still fit into 64 bits.
MOST_PRICE = 2**60
_CELLS = 1_000_000


class NoProof(Exception):
    """The proof does not have the form of one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """From `least` to `most` (None: any number) of the evaluators in `members`, for the application at `row`."""

    row: int
    tag: str
    members: NDArray[np.bool_]
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """The problem as the checker reads it."""

    affinity: NDArray[np.int64]
    open: NDArray[np.bool_]  # may be chosen: no conflict, not settled
    fixed: NDArray[np.bool_]
    required: list[int]
    least: list[int]
    most: list[int]
    rules: list[Rule]


def table_of(problem: AssignmentProblem) -> Table:
    rows = {one.id: place for place, one in enumerate(problem.applications)}
    columns = {one.id: place for place, one in enumerate(problem.evaluators)}
    shape = (len(rows), len(columns))
    is_open, fixed = np.full(shape, True), np.full(shape, False)
    for application, evaluator in problem.conflicts:
        is_open[rows[application], columns[evaluator]] = False
    for application, evaluator in problem.fixed:
        is_open[rows[application], columns[evaluator]] = False
        fixed[rows[application], columns[evaluator]] = True
    carriers = {
        tag: np.array([tag in one.tags for one in problem.evaluators], dtype=np.bool_)
        for tag in {tag for one in problem.applications for tag in (*one.at_least, *one.at_most)}
    }
    rules = [
        Rule(row, tag, carriers[tag], one.at_least.get(tag, 0), one.at_most.get(tag))
        for row, one in enumerate(problem.applications)
        for tag in [*one.at_least, *(tag for tag in one.at_most if tag not in one.at_least)]
    ]
    return Table(
        problem.affinity.values.reshape(shape),
        is_open,
        fixed,
        [one.required for one in problem.applications],
        [one.min_load for one in problem.evaluators],
        [len(rows) if one.max_load is None else min(one.max_load, len(rows)) for one in problem.evaluators],
        rules,
    )


def with_pair(table: Table, row: int, column: int) -> Table:
    """The same with one pair fixed that was open."""
    is_open, fixed = table.open.copy(), table.fixed.copy()
    is_open[row, column], fixed[row, column] = False, True
    return replace(table, open=is_open, fixed=fixed)


def with_second(table: Table, place: int) -> Table:
    """The same with one more evaluator like the one at `place`, without a least load."""

    def wider(array: NDArray[Any]) -> NDArray[Any]:
        return np.hstack((array, array[:, [place]]))

    nobody = np.full((len(table.required), 1), False)
    again = {rule.tag: np.append(rule.members, rule.members[place]) for rule in table.rules}
    return Table(
        wider(table.affinity),
        np.hstack((table.open, (table.open | table.fixed)[:, [place]])),
        np.hstack((table.fixed, nobody)),
        table.required,
        [*table.least, 0],
        [*table.most, table.most[place]],
        [replace(rule, members=again[rule.tag]) for rule in table.rules],
    )


@dataclass(frozen=True, slots=True)
class Proven:
    """`most` None: there is no plan. `exact`: the bound as added up, of a proof without splits."""

    most: int | None
    exact: int | None
    prices: Mapping[str, Any] | None


def proven_by(table: Table, values: NDArray[np.int64], stage: Mapping[str, Any], rows: Mapping[str, int]) -> Proven:
    """What a stage of a certificate proves. Raises `NoProof`. Cost: parts x applications x evaluators."""
    from madang.core.assignment.verify_own import own_best  # it reads tables too

    times, nodes = stage["times"], stage["nodes"]
    step = max(1, int(np.gcd.reduce(values, axis=None))) if values.size else 1
    found: list[int] = []
    ends = 0
    for rules, leaf in _ends(table, nodes, rows):
        ends += 1
        part = replace(table, rules=[*table.rules, *rules])
        add = own_best if leaf["own"] else added_up
        if leaf["empty"]:
            if add(part, None, leaf["prices"], 1) >= 0:
                raise NoProof
        else:
            exact = add(part, values, leaf["prices"], times)
            found.append(exact // (times * step) * step)
    if ends == 1 and found and not nodes[0]["own"]:
        return Proven(found[0], exact, nodes[0]["prices"])
    return Proven(max(found, default=None), None, None)


def _ends(
    table: Table, nodes: Sequence[Mapping[str, Any]], rows: Mapping[str, int]
) -> Iterator[tuple[list[Rule], Mapping[str, Any]]]:
    """The parts into which the splits divide all plans, each with the limits that hold in it."""
    stack: list[dict[tuple[int, tuple[str, ...]], tuple[int, int]]] = [{}]
    for node in nodes:
        if not stack:
            raise NoProof
        spans = stack.pop()
        if "split" not in node:
            yield [_kind_rule(table, *kind, *span) for kind, span in spans.items()], node
            continue
        split = node["split"]
        if split["application"] not in rows:
            raise NoProof
        kind = (rows[split["application"]], tuple(split["tags"]))
        low, high = spans.get(kind, _widest(table, *kind))
        if not low <= split["at"] < high:
            raise NoProof
        stack += ({**spans, kind: (split["at"] + 1, high)}, {**spans, kind: (low, split["at"])})
    if stack:
        raise NoProof


def _kind(table: Table, row: int, tags: tuple[str, ...]) -> NDArray[np.bool_]:
    """The evaluators with exactly these tags, of those that the application counts."""
    members = np.full(table.affinity.shape[1], True)
    mine = [rule for rule in table.rules if rule.row == row]
    if not set(tags) <= {rule.tag for rule in mine}:
        raise NoProof
    for rule in mine:
        members &= rule.members if rule.tag in tags else ~rule.members
    return members


def _widest(table: Table, row: int, tags: tuple[str, ...]) -> tuple[int, int]:
    able = (table.open | table.fixed)[row] & _kind(table, row, tags)
    return 0, min(int(able.sum()), table.required[row])


def _kind_rule(table: Table, row: int, tags: tuple[str, ...], low: int, high: int) -> Rule:
    return Rule(row, "", _kind(table, row, tags), low, high)


def added_up(table: Table, values: NDArray[np.int64] | None, prices: Mapping[str, Any], times: int) -> int:
    """The bound that the prices give, `times` over; `values` None: of an affinity of zero everywhere."""
    u, v, z = (whole_prices(prices[name]) for name in ("applications", "evaluators", "rules"))
    if (len(u), len(v)) != table.affinity.shape or len(z) != len(table.rules):
        raise NoProof
    if values is not None and times * LARGEST * 2 > 2**62 and int(np.abs(values).max(initial=0)) * times > MOST_PRICE:
        raise NoProof
    total = sum(price * need for price, need in zip(u, table.required, strict=True))
    for price, least, most in zip(v, table.least, table.most, strict=True):
        total += price * (most if price > 0 else least)
    for price, rule in zip(z, table.rules, strict=True):
        most = table.required[rule.row] if rule.most is None else rule.most
        total += price * (most if price > 0 else rule.least)
    for part, left in lefts(table, values, (u, v, z), times):
        total += _sum(left[table.fixed[part]])
        total += _sum(left[table.open[part] & (left > 0)])
    return total


def lefts(
    table: Table, values: NDArray[np.int64] | None, prices: tuple[list[int], list[int], list[int]], times: int
) -> Iterator[tuple[slice, NDArray[np.int64]]]:
    """What each pair is worth beyond its prices, some rows at a time."""
    u, v, z = prices
    n, m = table.affinity.shape
    of_row: dict[int, list[tuple[int, Rule]]] = {}
    for price, rule in zip(z, table.rules, strict=True):
        if price:
            of_row.setdefault(rule.row, []).append((price, rule))
    evaluators = np.array(v, dtype=np.int64)
    step = max(1, _CELLS // max(1, m))
    for start in range(0, n, step):
        part = slice(start, min(n, start + step))
        left = np.zeros((part.stop - start, m), dtype=np.int64)
        if values is not None:
            left += values[part] * times
        left -= np.array(u[part], dtype=np.int64)[:, None] + evaluators
        for row in range(start, part.stop):
            for price, rule in of_row.get(row, ()):
                left[row - start] -= price * rule.members
        yield part, left


def face(table: Table, values: NDArray[np.int64], prices: Mapping[str, Any]) -> Table:
    """Exactly the plans that reach the bound of these prices: whatever would lose against it is closed."""
    u, v, z = (whole_prices(prices[name]) for name in ("applications", "evaluators", "rules"))
    is_open, fixed = table.open.copy(), table.fixed.copy()
    for part, left in lefts(table, values, (u, v, z), 1):
        fixed[part] |= table.open[part] & (left > 0)
        is_open[part] &= left == 0
    rules = []
    for price, rule in zip(z, table.rules, strict=True):
        most = table.required[rule.row] if rule.most is None else rule.most
        rules.append(replace(rule, least=most) if price > 0 else replace(rule, most=rule.least) if price else rule)
    return replace(
        table,
        open=is_open,
        fixed=fixed,
        least=[most if price > 0 else least for price, least, most in zip(v, table.least, table.most, strict=True)],
        most=[least if price < 0 else most for price, least, most in zip(v, table.least, table.most, strict=True)],
        rules=rules,
    )


def whole_prices(numbers: Sequence[int | str]) -> list[int]:
    """Prices as integers. Raises `NoProof` where one is too large."""
    found = [int(number) for number in numbers]
    if any(abs(number) > MOST_PRICE for number in found):
        raise NoProof
    return found


def _sum(numbers: NDArray[np.int64]) -> int:
    """In two halves, so that nothing overflows."""
    return (int((numbers >> 31).sum()) << 31) + int((numbers & 0x7FFFFFFF).sum())
