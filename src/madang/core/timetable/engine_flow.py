"""The one door to OR-Tools' minimum cost flow: a relaxation of the timetable that is nearly always tight.

Company - its slots - wish - agency's slots: a wish may lie in one slot for its company and in another for its agency;
otherwise every one-at-a-time rule holds. One side also keeps the tables of each slot, or the maxima of its
participants. What the flow earns bounds every timetable; its potentials are prices that prove it; its paths say where
to begin. Cost: one flow over wishes x slots arcs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import ortools
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from madang.core.timetable.packing import Ints, Packing
from madang.core.timetable.prices import Floors, Prices, trimmed

NAME = f"ortools {ortools.__version__}"

_PLENTY = 10**9


@dataclass(frozen=True, slots=True)
class Relaxed:
    """Prices that prove the flow's bound, the places that it would use, and how far it reaches the floors."""

    prices: Prices
    places: list[int]
    reached: int


def relax(packing: Packing, tables_on: str, floors: Floors, weight: Ints, premium: int) -> Relaxed | None:
    """The best flow; `tables_on` (`company`, `agency`, `neither`) says which side counts tables instead of maxima.

    Floors need the maxima of their side, so with floors `neither` is meant; each meeting up to a floor earns `premium`.
    None where the engine refuses (numbers too large for it).
    """
    network = _Network(packing, tables_on, floors, weight, premium)
    return network.solve()


class _Network:
    def __init__(self, packing: Packing, tables_on: str, floors: Floors, weight: Ints, premium: int) -> None:
        self.packing, self.tables_on, self.floors = packing, tables_on, floors
        self.weight, self.premium = weight, premium
        self.tails: list[Ints] = []
        self.heads: list[Ints] = []
        self.capacities: list[Ints] = []
        self.costs: list[Ints] = []
        #: (first arc, the limits that these arcs stand for)
        self.priced: list[tuple[int, Ints]] = []
        self.arcs = 0
        self.nodes = 0

    def solve(self) -> Relaxed | None:
        packing = self.packing
        wishes, moments = len(packing.weight), packing.moments
        source, begin, sink = self._node(1), self._node(1), self._node(1)
        company, agency = self._node(packing.companies), self._node(packing.agencies)
        company_at = self._node(packing.companies * moments)
        agency_at = self._node(packing.agencies * moments)
        moment = self._node(moments)
        enter, leave = self._node(wishes), self._node(wishes)
        at = packing.moment[packing.slot]
        tables = packing.capacity[packing.tables_at() : packing.tables_at() + moments]
        most = int(min(tables.sum(), wishes)) if self.tables_on == "neither" else wishes
        self._arcs(source, begin, most)
        needs = [
            self._side("company", begin, company, company_at, moment, forward=True),
            self._side("agency", sink, agency, agency_at, moment, forward=False),
        ]
        far = self._arcs(company_at + packing.company[packing.wish] * moments + at, enter + packing.wish, _PLENTY)
        self._arcs(enter + np.arange(wishes), leave + np.arange(wishes), 1, -self.weight)
        near = self._arcs(leave + packing.wish, agency_at + packing.agency[packing.wish] * moments + at, _PLENTY)
        self._arcs(source, sink, _PLENTY)
        flow: Any = SimpleMinCostFlow()  # its own types name no array that NumPy makes
        tails, heads, capacities, costs = map(np.concatenate, (self.tails, self.heads, self.capacities, self.costs))
        arcs = flow.add_arcs_with_capacity_and_unit_cost(tails, heads, capacities, costs)
        flow.set_node_supply(source, most + 1)
        flow.set_node_supply(sink, -most - 1)
        if flow.solve() != flow.OPTIMAL:
            return None
        used = np.asarray(flow.flows(arcs), dtype=np.int64)
        height = _potentials(self.nodes, tails, heads, capacities, costs, used)
        side = far if self.tables_on == "company" else near
        return Relaxed(
            prices=trimmed(packing, self._prices(height, tails, heads, company, agency, begin, sink)),
            places=np.flatnonzero(used[side : side + len(packing.wish)]).tolist(),
            reached=sum(int(used[first : first + count].sum()) for first, count in needs),
        )

    def _side(self, side: str, end: int, own: int, cells: int, moment: int, *, forward: bool) -> tuple[int, int]:
        """From the end of the network to each participant's slots; gives the arcs that earn a premium."""
        packing, moments = self.packing, self.packing.moments
        count, first, limit = (
            (packing.companies, 0, packing.company_at())
            if side == "company"
            else (packing.agencies, packing.companies, packing.agency_at())
        )
        each = np.repeat(np.arange(count), moments)
        when = np.tile(np.arange(moments), count)
        inner = cells + each * moments + when
        free = packing.capacity[limit : limit + count * moments]
        needs = (self.arcs, 0)
        if self.tables_on == side:
            tables = packing.tables_at() + np.arange(moments)
            self._limit(end, moment + np.arange(moments), packing.capacity[tables], tables, forward)
            outer = moment + when
        else:
            people, floor = own + np.arange(count), self.floors.companies if side == "company" else self.floors.agencies
            maxima = np.minimum(packing.capacity[first : first + count], _PLENTY)
            if floor.any():
                needs = (self._way(end, people, np.minimum(floor, maxima), -self.premium, forward), count)
            self._limit(end, people, np.maximum(maxima - floor, 0), first + np.arange(count), forward)
            outer = own + each
        self._limit(outer, inner, free, limit + np.arange(count * moments), forward)
        return needs

    def _limit(self, outer: Ints | int, inner: Ints, capacity: Ints, limits: Ints, forward: bool) -> None:
        self.priced.append((self._way(outer, inner, capacity, 0, forward), limits))

    def _way(self, outer: Ints | int, inner: Ints, capacity: Ints, cost: int, forward: bool) -> int:
        return self._arcs(outer, inner, capacity, cost) if forward else self._arcs(inner, outer, capacity, cost)

    def _node(self, count: int) -> int:
        self.nodes += count
        return self.nodes - count

    def _arcs(self, tails: Ints | int, heads: Ints | int, capacity: Ints | int, cost: Ints | int = 0) -> int:
        columns = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(x, dtype=np.int64)) for x in (tails, heads, capacity, cost))
        )
        for held, column in zip((self.tails, self.heads, self.capacities, self.costs), columns, strict=True):
            held.append(np.array(column))
        first, self.arcs = self.arcs, self.arcs + len(columns[0])
        return first

    def _prices(
        self, height: Ints, tails: Ints, heads: Ints, company: int, agency: int, begin: int, sink: int
    ) -> Prices:
        """Prices from potentials: how far the head lies over the tail. All tables together count in each moment."""
        packing = self.packing
        rise = height[heads] - height[tails]
        of = np.zeros(len(packing.capacity), dtype=np.int64)
        for first, limits in self.priced:
            of[limits] = np.maximum(rise[first : first + len(limits)], 0)
        if self.tables_on == "neither":
            tables = packing.tables_at() + np.arange(packing.moments)
            of[tables] = max(int(rise[0]), 0)
        floors = Floors.none(packing)
        ends = height[begin] - height[company : company + packing.companies]
        self._premiums(self.floors.companies, ends, floors.companies, of, 0)
        ends = height[agency : agency + packing.agencies] - height[sink]
        self._premiums(self.floors.agencies, ends, floors.agencies, of, packing.companies)
        return Prices(1, of, floors.companies, floors.agencies)

    def _premiums(self, floor: Ints, fall: Ints, premiums: Ints, of: Ints, first: int) -> None:
        """The premium of a floor is the fall to it; over the maximum it is whole, and the limit has its price."""
        if not floor.any():
            return
        premiums[:] = np.where(floor > 0, np.maximum(fall, 0), 0)
        over = np.flatnonzero(floor > self.packing.capacity[first : first + len(floor)])
        premiums[over] = self.premium
        of[first + over] = np.maximum(self.premium - fall[over], 0)


def _potentials(nodes: int, tails: Ints, heads: Ints, capacities: Ints, costs: Ints, used: Ints) -> Ints:
    """Shortest distances over the arcs that still have room, either way (Bellman and Ford, whole arrays)."""
    onward: NDArray[np.bool_] = used < capacities
    back: NDArray[np.bool_] = used > 0
    from_ = np.concatenate([tails[onward], heads[back]])
    to = np.concatenate([heads[onward], tails[back]])
    cost = np.concatenate([costs[onward], -costs[back]])
    height = np.zeros(nodes, dtype=np.int64)
    for _ in range(nodes):
        before = height.copy()
        np.minimum.at(height, to, before[from_] + cost)
        if np.array_equal(before, height):
            break
    return height
