"""The heaviest plan that is found, and the least bound that is proven: relaxations, search, and HiGHS for the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from madang import __version__
from madang.core.deadline import Deadline
from madang.core.timetable.chains import Plan
from madang.core.timetable.packing import Packing
from madang.core.timetable.prices import Floors, Prices, bound
from madang.core.timetable.search import Guide, begin, close

#: Above these HiGHS would not end in any time that an office waits.
MOST_PLACES_LP = 100_000
MOST_PLACES_MILP = 40_000

#: Equally good relaxations begin the search elsewhere; the steps that each gets; the steps of the best one after that.
STARTS = 8
STEPS_OF_A_START = 500
STEPS = 10_000
NOISE = 16
MOST_NOISY = 2**50


@dataclass(frozen=True, slots=True)
class Best:
    """Places of the plan, and the prices that prove `bound` (in units of 1/`prices.scale`); who computed."""

    places: list[int]
    prices: Prices
    bound: int
    engines: list[str]


@dataclass(frozen=True, slots=True)
class Bounded:
    """Prices, the bound that they prove (in units of 1/`scale`), the places that the relaxation uses, and which it was.

    `tables_on` and `floors` are what the relaxation was asked for; without a relaxation `tables_on` is None.
    """

    prices: Prices
    bound: int
    places: list[int]
    tables_on: str | None
    floors: Floors


def bounded(packing: Packing, floors: Floors) -> Bounded:
    """The least bound among the relaxations.

    It holds for every plan that reaches the floors; for every plan, less what the floors are worth, where the premiums
    stay under the total weight. Cost: three flows.
    """
    from madang.core.timetable.engine_flow import relax

    premium = int(packing.weight.sum()) + 1
    free, none = Prices.free(packing), Floors.none(packing)
    found = [Bounded(free, bound(packing, free, packing.weight, floors), [], None, none)]
    for tables_on, held in (
        ("agency", Floors(floors.companies, none.agencies)),
        ("company", Floors(none.companies, floors.agencies)),
        ("neither", floors),
    ):
        one = relax(packing, tables_on, held, packing.weight, premium)
        if one is not None:
            prices = _clipped(one.prices, premium)
            given = bound(packing, prices, packing.weight, floors)
            found.append(Bounded(prices, given, one.places, tables_on, held))
    return min(found, key=lambda one: one.bound)


def search(packing: Packing, floors: Floors, seed: int, seconds: int, deadline: Deadline) -> Best:
    """The best plan that is found within `seconds` and the deadline."""
    from madang.core.timetable.engine_flow import NAME

    if not len(packing.wish):
        free = Prices.free(packing)
        return Best([], free, bound(packing, free, packing.weight, floors), [f"own {__version__}"])
    relaxed = bounded(packing, floors)
    premium = int(packing.weight.sum()) + 1 if floors.total() else 0
    enough = relaxed.bound + premium * floors.total()
    guide = Guide.of(packing, relaxed.prices, packing.weight)
    plan, places = Plan(packing, packing.weight.tolist(), floors, premium), relaxed.places
    best, held = -1, list[int]()
    for number in range(STARTS):
        plan.clear()
        begin(plan, places, enough, guide, deadline.expired)
        close(plan, enough, guide, seed + number, deadline.expired, STEPS_OF_A_START)
        if plan.worth() > best:
            best, held = plan.worth(), sorted(plan.held())
        if best >= enough or deadline.expired():
            break
        if not (places := _other_start(packing, relaxed, seed + number, premium)):
            break
    plan.clear(held)
    close(plan, enough, guide, seed, deadline.expired, STEPS)
    found = Best(sorted(plan.held()), relaxed.prices, relaxed.bound, [f"own {__version__}", NAME])
    return found if plan.worth() >= enough else _last_few(packing, floors, plan, found, seconds, deadline)


def _other_start(packing: Packing, relaxed: Bounded, seed: int, premium: int) -> list[int]:
    """Places of another flow that is as good: chance decides among equals. None where the numbers grow too large."""
    from madang.core.timetable.engine_flow import relax

    scale = NOISE * len(packing.weight) + 1
    if relaxed.tables_on is None or scale * (int(packing.weight.sum()) + premium) > MOST_NOISY:
        return []
    noise = np.random.default_rng(seed).integers(0, NOISE, len(packing.weight))
    one = relax(packing, relaxed.tables_on, relaxed.floors, packing.weight * scale + noise, premium * scale)
    return one.places if one is not None else []


def _last_few(packing: Packing, floors: Floors, plan: Plan, best: Best, seconds: int, deadline: Deadline) -> Best:
    """HiGHS: better prices, and then the whole problem over the places that a better plan can have."""
    from madang.core.timetable import engine_highs

    left: Callable[[], float] = lambda: min(deadline.left(), seconds)  # noqa: E731
    if len(packing.wish) > MOST_PLACES_LP or left() < 0.2:
        return best
    weight, premium = packing.weight, plan.premium
    engines = [*best.engines, engine_highs.NAME]
    for prices in engine_highs.prices(packing, weight, floors, left() / 2):
        prices = _clipped(prices, premium)
        given = bound(packing, prices, weight, floors)
        if given // prices.scale < best.bound // best.prices.scale:
            best = replace(best, prices=prices, bound=given, engines=engines)
    worth = plan.worth()
    gap = best.bound // best.prices.scale + premium * floors.total() - worth
    if gap <= 0 or left() < 0.2:
        return best
    guide = Guide.of(packing, best.prices, weight)
    useful = packing.only(np.array(guide.loss) < (gap + 1) * best.prices.scale)
    if len(useful.wish) > MOST_PLACES_MILP:
        return best
    found = engine_highs.best_places(useful, weight, floors, left() * 0.8)
    if found is None:
        return best
    numbers = packing.place_of()
    other = Plan(packing, weight.tolist(), floors, premium)
    for key in zip(useful.wish[found].tolist(), useful.slot[found].tolist(), strict=True):
        if other.fits(numbers[key]):
            other.put(numbers[key])
    if other.worth() <= worth:
        return best
    return replace(best, places=sorted(other.held()), engines=engines)


def _clipped(prices: Prices, premium: int) -> Prices:
    """No premium above what the search pays, so that the bound also holds for plans that miss a floor."""
    most = premium * prices.scale
    return replace(prices, companies=np.minimum(prices.companies, most), agencies=np.minimum(prices.agencies, most))
