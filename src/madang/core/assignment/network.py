"""An assignment problem as a flow: applications -> composition rules -> evaluators -> loads.

The composition rules of an application must be nested or apart (`laminar`); others are priced, not in the network. Only
some pairs are arcs at first; prices show which others could matter, and those come in until none is left. So the flow
stays small, and the bound is over all pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from madang.core.assignment.duals import Prices, bound, exact_sum, gains, most_of
from madang.core.assignment.instance import Flags, Instance, Whole

#: Pairs per application that are arcs from the start, and that come in at each pricing.
ARCS, MORE_ARCS = 24, 12
#: A problem with so few pairs has them all as arcs.
SMALL = 20_000


@dataclass(frozen=True, slots=True)
class Flowed:
    """A plan, what no plan exceeds, and the prices that show it. `missing`: what could not be placed (0: a plan)."""

    pairs: Flags
    value: int
    bound: int
    prices: Prices
    missing: int


@dataclass(slots=True)
class Network:
    """The nodes of an instance: hubs (applications, then groups), evaluators, the sink, and one for what is missing."""

    instance: Instance
    inside: Sequence[int]  # the groups that are in the network, by number; laminar
    parents: dict[int, int] = field(init=False)  # group -> hub above it
    hubs: int = field(init=False)
    supplies: Whole = field(init=False)
    group_arcs: tuple[Whole, Whole, Whole] = field(init=False)  # tails, heads, capacities
    load_room: Whole = field(init=False)

    def __post_init__(self) -> None:
        instance = self.instance
        n, m = instance.shape
        self.hubs = n + len(self.inside)
        self._nest()
        rows, loads = instance.fixed.sum(axis=1), instance.fixed.sum(axis=0)
        least_load = np.maximum(instance.min_load - loads, 0)
        supplies = np.zeros(self.hubs + m + 2, dtype=np.int64)
        supplies[:n] = instance.required - rows
        supplies[self.hubs : self.hubs + m] = -least_load
        supplies[self.hubs + m] = -(supplies[:n].sum() - least_load.sum())
        self.load_room = instance.max_load - loads - least_load
        tails, heads, room = [], [], []
        for place, number in enumerate(self.inside):
            group = instance.groups[number]
            held = int((instance.fixed[group.application] & group.members).sum())
            least = max(0, group.least - held)
            hub, parent = n + place, self.parents[number]
            supplies[hub] += least
            supplies[parent] -= least
            tails.append(parent)
            heads.append(hub)
            room.append(most_of(group, instance) - held - least)
        self.supplies = supplies
        self.group_arcs = (_whole(tails), _whole(heads), _whole(room))

    def _nest(self) -> None:
        """The hub above each group: the smallest group that holds it, else its application."""
        instance = self.instance
        n = instance.shape[0]
        places = {number: n + place for place, number in enumerate(self.inside)}
        of_row: dict[int, list[int]] = {}
        for number in self.inside:
            of_row.setdefault(instance.groups[number].application, []).append(number)
        self.parents = {}
        for row, numbers in of_row.items():
            numbers.sort(key=lambda number: -int(instance.groups[number].members.sum()))
            for place, number in enumerate(numbers):
                mine = instance.groups[number].members
                above = [other for other in numbers[:place] if not (mine & ~instance.groups[other].members).any()]
                self.parents[number] = places[above[-1]] if above else row
        self._order = of_row
        self._places = places

    _order: dict[int, list[int]] = field(init=False)
    _places: dict[int, int] = field(init=False)

    def hubs_of(self, rows: Whole, columns: Whole) -> Whole:
        """The hub from which each pair's arc starts; `rows` ascending."""
        hubs = rows.copy()
        for row, numbers in self._order.items():
            start, end = np.searchsorted(rows, (row, row + 1))
            here = columns[start:end]
            for number in numbers:
                hubs[start:end][self.instance.groups[number].members[here]] = self._places[number]
        return hubs

    def prices(self, potentials: Whole) -> Prices:
        """Potentials of the nodes as prices; groups that are not in the network have none."""
        instance = self.instance
        n, m = instance.shape
        above = potentials - potentials[self.hubs + m]
        z = [0] * len(instance.groups)
        for place, number in enumerate(self.inside):
            price = int(above[n + place] - above[self.parents[number]])
            group = instance.groups[number]
            held = int((instance.fixed[group.application] & group.members).sum())
            z[number] = max(price, 0) if group.least <= held else price
        v = -above[self.hubs : self.hubs + m]
        free = instance.min_load <= instance.fixed.sum(axis=0)
        return Prices(above[:n].copy(), np.where(free, np.maximum(v, 0), v), tuple(z))


def flow(network: Network, values: Whole | None, penalty: int) -> Flowed:
    """The plan with the largest sum of `values` under the rules that are in the network, its bound and its prices.

    `values` None: a plan that misses as little as it must. What cannot be placed costs `penalty`. Cost: a few flows
    over applications x `ARCS` arcs, and after each a look at all pairs. Raises `CostsTooLarge`.
    """
    instance = network.instance
    free = instance.allowed & ~instance.fixed
    active = candidates(instance, values, free)
    while True:
        rows, columns = (places.astype(np.int64) for places in np.nonzero(active))
        arcs = _arcs(network, values, rows, columns, penalty)
        flows = _cheapest(arcs, network.supplies)
        prices = network.prices(_potentials(arcs, flows, len(network.supplies)))
        if not _bring_in(instance, values, prices, active, free):
            break
    pairs = instance.fixed.copy()
    taken = flows[: len(rows)] > 0
    pairs[rows[taken], columns[taken]] = True
    missing = int(flows[arcs.first_missing :][arcs.costs[arcs.first_missing :] > 0].sum())
    value = 0 if values is None else exact_sum(values[pairs])
    return Flowed(pairs, value, bound(instance, values, prices), prices, missing)


@dataclass(frozen=True, slots=True)
class _Arcs:
    """Pairs first, then groups, loads, and last what is missing."""

    tails: Whole
    heads: Whole
    capacities: Whole
    costs: Whole
    pairs: int
    first_missing: int


def _arcs(network: Network, values: Whole | None, rows: Whole, columns: Whole, penalty: int) -> _Arcs:
    m = network.instance.shape[1]
    sink = network.hubs + m
    loads = np.arange(network.hubs, sink)
    supplying, lacking = np.nonzero(network.supplies > 0)[0], np.nonzero(network.supplies < 0)[0]
    group_tails, group_heads, group_room = network.group_arcs
    supplied = network.supplies
    zeros = [np.zeros(len(part), dtype=np.int64) for part in (group_tails, loads, lacking)]
    gains_of = zeros[0][:0] if values is None else values[rows, columns]
    costs = np.zeros(len(rows), dtype=np.int64) if values is None else -gains_of
    return _Arcs(
        np.concatenate(
            (network.hubs_of(rows, columns), group_tails, loads, supplying, np.full(len(lacking), sink + 1))
        ),
        np.concatenate(
            (columns + network.hubs, group_heads, np.full(m, sink), np.full(len(supplying), sink + 1), lacking)
        ),
        np.concatenate(
            (np.ones(len(rows), np.int64), group_room, network.load_room, supplied[supplying], -supplied[lacking])
        ),
        np.concatenate((costs, zeros[0], zeros[1], np.full(len(supplying), penalty), zeros[2])),
        len(rows),
        len(rows) + len(group_tails) + m,
    )


def _cheapest(arcs: _Arcs, supplies: Whole, shift: int = 24) -> Whole:
    """The cheapest flow; where the engine's integers are too small, first for rounded costs, then for what is left.

    The rounded flow's prices leave reduced costs of which only small ones can still matter (Tardos): large ones are cut
    off. That this was enough is shown by the bound, not by this argument.
    """
    from madang.core.assignment import engine_flow  # loads the solver

    try:
        return engine_flow.cheapest(arcs.tails, arcs.heads, arcs.capacities, arcs.costs, supplies)
    except engine_flow.CostsTooLarge:
        rough = _Arcs(arcs.tails, arcs.heads, arcs.capacities, arcs.costs >> shift, arcs.pairs, arcs.first_missing)
        flows = engine_flow.cheapest(rough.tails, rough.heads, rough.capacities, rough.costs, supplies)
        levels = _potentials(rough, flows, len(supplies)) << shift
        most = (len(supplies) + 1) << (shift + 1)
        reduced = np.clip(arcs.costs + levels[arcs.tails] - levels[arcs.heads], -most, most)
        return engine_flow.cheapest(arcs.tails, arcs.heads, arcs.capacities, reduced, supplies)


def _potentials(arcs: _Arcs, flows: Whole, nodes: int) -> Whole:
    """Levels of the nodes with which no arc that has room costs less than nothing (Bellman and Ford on whole arrays).

    The flow is cheapest, so there are such levels. Cost: arcs x the length of the longest chain of exchanges.
    """
    level = np.zeros(nodes, dtype=np.int64)
    pair = np.zeros(len(flows), dtype=np.bool_)
    pair[: arcs.pairs] = True
    room, used = flows < arcs.capacities, flows > 0
    steps = [
        _Step(arcs.tails[pair & room], arcs.heads[pair & room], arcs.costs[pair & room]),
        _Step(arcs.tails[~pair & room], arcs.heads[~pair & room], arcs.costs[~pair & room]),
        _Step(arcs.heads[~pair & used], arcs.tails[~pair & used], -arcs.costs[~pair & used]),
        _Step(arcs.heads[pair & used], arcs.tails[pair & used], -arcs.costs[pair & used]),
    ]
    for _ in range(2 * nodes + 2):
        changed = [step.lower(level) for step in steps]
        if not any(changed):
            return level
    raise RuntimeError("the flow is not the cheapest")


class _Step:
    """Arcs in order of their heads, to lower all levels at once."""

    def __init__(self, tails: Whole, heads: Whole, costs: Whole) -> None:
        order = np.argsort(heads, kind="stable")
        self.tails, self.costs, heads = tails[order], costs[order], heads[order]
        self.starts = np.nonzero(np.diff(heads, prepend=-1))[0]
        self.heads = heads[self.starts]

    def lower(self, level: Whole) -> bool:
        if not len(self.heads):
            return False
        least = np.minimum.reduceat(level[self.tails] + self.costs, self.starts)
        before = level[self.heads]
        level[self.heads] = np.minimum(before, least)
        return bool((least < before).any())


def candidates(instance: Instance, values: Whole | None, free: Flags) -> Flags:
    """The pairs that are arcs at first: the best of each row and column, and some of every column by turns."""
    n, m = instance.shape
    if m <= 2 * ARCS or n * m <= SMALL:
        return free.copy()
    active = np.zeros((n, m), dtype=np.bool_)
    turns = (np.arange(n)[:, None] * 7 + np.arange(ARCS // 3)) % m
    np.put_along_axis(active, turns, True, axis=1)
    if values is not None:
        step = max(1, 1_000_000 // m)
        for start in range(0, n, step):
            part = slice(start, start + step)
            ranked = np.where(free[part], values[part], np.iinfo(np.int64).min)
            best = np.argpartition(ranked, m - ARCS, axis=1)[:, m - ARCS :]
            np.put_along_axis(active[part], best, True, axis=1)
    return active & free


def _bring_in(instance: Instance, values: Whole | None, prices: Prices, active: Flags, free: Flags) -> bool:
    """Adds to `active` the pairs that would gain at these prices, the best of each row; False where there is none."""
    found = False
    m = instance.shape[1]
    for part, gain in gains(instance, values, prices):
        waiting = free[part] & ~active[part]
        gain[~waiting] = 0
        rows = np.nonzero((gain > 0).any(axis=1))[0]
        if not len(rows):
            continue
        found = True
        some = gain[rows]
        if m > MORE_ARCS:
            best = np.argpartition(some, m - MORE_ARCS, axis=1)[:, m - MORE_ARCS :]
        else:
            best = np.broadcast_to(np.arange(m), some.shape)
        ahead = np.take_along_axis(some, best, axis=1) > 0
        active[part.start + np.repeat(rows, ahead.sum(axis=1)), best[ahead]] = True
    return found


def _whole(numbers: Sequence[int]) -> Whole:
    return np.array(numbers, dtype=np.int64)
