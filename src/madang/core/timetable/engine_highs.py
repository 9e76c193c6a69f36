"""The one door to HiGHS (inside SciPy), for what the flow leaves open: better prices, and the last few meetings.

One thread. Every number that comes out is checked: prices are rounded and added up in integers by the caller, a plan is
held to its limits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from madang.core.timetable.packing import Ints, Packing
from madang.core.timetable.prices import Floors, Prices, trimmed

NAME = f"scipy {scipy.__version__} (HiGHS)"

#: Prices are tried in these units: most are whole, the rest to a millionth.
SCALES = (1, 2, 6, 1_000_000)


def _rows(packing: Packing) -> sparse.csr_array:
    """Limits, then wishes, by places."""
    places = len(packing.wish)
    column = np.repeat(np.arange(places), np.diff(packing.start))
    rows = np.concatenate([packing.limits, len(packing.capacity) + packing.wish])
    columns = np.concatenate([column, np.arange(places)])
    shape = (len(packing.capacity) + len(packing.weight), places)
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)


def _met(packing: Packing, floors: Floors) -> tuple[sparse.csr_array, Ints]:
    """Participants with a floor, by places; and the floors."""
    people = np.concatenate([floors.companies, floors.agencies])
    places = np.arange(len(packing.wish))
    rows = np.concatenate([packing.company[packing.wish], packing.companies + packing.agency[packing.wish]])
    table: Any = sparse.csr_array((np.ones(len(rows)), (rows, np.tile(places, 2))), shape=(len(people), len(places)))
    return table, people


def prices(packing: Packing, weight: Ints, floors: Floors, seconds: float) -> list[Prices]:
    """Prices from the linear relaxation, one candidate per scale; none where time ended or no plan is possible."""
    if not len(packing.wish):
        return []
    limits, wishes = len(packing.capacity), len(packing.weight)
    rows, most = _rows(packing), np.concatenate([packing.capacity, np.ones(wishes, dtype=np.int64)])
    met, least = _met(packing, floors)
    used = np.flatnonzero(least)
    table: Any = sparse.vstack([rows, -met[used]]) if len(used) else rows
    found = linprog(
        -weight[packing.wish].astype(float),
        A_ub=table,
        b_ub=np.concatenate([most, -least[used]]),
        bounds=(0, None),
        method="highs",
        options={"time_limit": seconds},
    )
    if found.status != 0:
        return []
    dual = np.maximum(-np.asarray(found.ineqlin.marginals), 0)
    premiums = np.zeros(len(least))
    premiums[used] = dual[limits + wishes :]
    parts = (dual[:limits], premiums[: packing.companies], premiums[packing.companies :])
    return [
        trimmed(packing, Prices(scale, *(np.rint(part * scale).astype(np.int64) for part in parts))) for scale in SCALES
    ]


def best_places(packing: Packing, weight: Ints, floors: Floors, seconds: float) -> list[int] | None:
    """The heaviest set of places within the limits that reaches the floors, or the best found in time; None if none."""
    if not len(packing.wish):
        return None
    rows, most = _rows(packing), np.concatenate([packing.capacity, np.ones(len(packing.weight), dtype=np.int64)])
    constraints = [LinearConstraint(rows, -np.inf, most)]
    met, least = _met(packing, floors)
    used = np.flatnonzero(least)
    if len(used):
        constraints.append(LinearConstraint(met[used], least[used], np.inf))
    found = milp(
        -weight[packing.wish].astype(float),
        constraints=constraints,
        integrality=np.ones(len(packing.wish), dtype=np.int64),
        bounds=Bounds(0, 1),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    return None if found.x is None else np.flatnonzero(found.x > 0.5).tolist()
