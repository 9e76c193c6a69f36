"""The one door to OR-Tools' minimum-cost flow, fed with whole arrays. Imported only when a plan is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import ortools
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

NAME = f"ortools {ortools.__version__}"

Whole = NDArray[np.int64]


class CostsTooLarge(Exception):
    """The engine's own integers would overflow."""


def cheapest(tails: Whole, heads: Whole, capacities: Whole, costs: Whole, supplies: Whole) -> Whole:
    """The flow on each arc that meets all supplies (they add to 0) at the least cost.

    There must be such a flow. Deterministic, one thread. Raises `CostsTooLarge`.
    """
    flow: Any = SimpleMinCostFlow()  # its stubs name no shapes
    arcs = flow.add_arcs_with_capacity_and_unit_cost(tails.astype(np.int32), heads.astype(np.int32), capacities, costs)
    flow.set_nodes_supplies(np.arange(len(supplies), dtype=np.int32), supplies)
    status = flow.solve()
    if status == SimpleMinCostFlow.BAD_COST_RANGE:
        raise CostsTooLarge
    if status != SimpleMinCostFlow.OPTIMAL:
        raise RuntimeError(f"minimum-cost flow: {status}")
    found: Whole = np.asarray(flow.flows(arcs), dtype=np.int64)
    return found
