"""From the relaxation to a timetable: first by chains, then by forcing what the prices say is missing.

Prices that prove a bound also say what a plan that reaches it looks like: which wishes are in it, which limits are used
up, and which places it never uses. Where the plan differs, a meeting is forced in and those displaced look for new
places; what is not worse stays. Deterministic: chance comes from the seed, and the count of steps is fixed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from madang.core.timetable.chains import Plan
from madang.core.timetable.packing import Ints, Packing
from madang.core.timetable.prices import Prices, margins

#: How many wishes a chain looks at when most of the plan stands.
REACH = 300
#: Meetings just forced in that may not be moved for a while.
STAY = 4


@dataclass(frozen=True, slots=True)
class Guide:
    """What prices say: a plan that reaches the bound loses nothing; `missing[wish]` and `loss[place]` say what it costs
    to leave a wish out and to use a place; limits with a price are used up.
    """

    missing: list[int]
    loss: list[int]
    least_loss: list[int]  # of the places of a wish
    priced: list[int]

    @classmethod
    def of(cls, packing: Packing, prices: Prices, weight: Ints) -> Guide:
        margin = margins(packing, prices, weight)
        best = np.zeros(len(weight), dtype=np.int64)
        np.maximum.at(best, packing.wish, margin)
        least = np.full(len(weight), np.iinfo(np.int64).max)
        loss = best[packing.wish] - margin
        np.minimum.at(least, packing.wish, loss)
        return cls(best.tolist(), loss.tolist(), least.tolist(), np.flatnonzero(prices.of).tolist())


def begin(plan: Plan, places: Sequence[int], enough: int, guide: Guide, expired: Callable[[], bool]) -> None:
    """The places of a relaxation as far as they fit, their other wishes by chains, then all that may gain."""
    out = []
    for place in places:
        if plan.at[plan.wish[place]] is None and plan.fits(place):
            plan.put(place)
        else:
            out.append(plan.wish[place])
    worth = plan.worth()
    turn = out
    while True:
        gained = 0
        for wish in turn:
            if worth + gained >= enough or expired():
                break
            if plan.at[wish] is None:
                gained += plan.insert(wish, reach=REACH if turn is not out else len(plan.at))
        worth += gained
        if worth >= enough or expired() or not (gained or turn is out):
            plan.accept()
            return
        turn = [
            wish
            for wish, place in enumerate(plan.at)
            if place is None and plan.places[wish] and guide.least_loss[wish] < enough - worth
        ]
        turn.sort(key=lambda wish: (-plan.gain(wish), -guide.missing[wish], wish))


def close(plan: Plan, enough: int, guide: Guide, seed: int, expired: Callable[[], bool], steps: int) -> None:
    """Forces meetings where the plan differs from what the prices ask, until the worth is `enough` or `steps` end."""
    worth = plan.worth()
    chance = _Chance(seed)
    level = [place for place, loss in enumerate(guide.loss) if loss == 0]
    users: list[list[int]] = [[] for _ in plan.capacity]
    for place, limits in enumerate(plan.limits):
        for limit in limits:
            users[limit].append(place)
    stay: list[int] = []
    defects: list[list[int]] | None = None
    for _ in range(steps if level else 0):
        if worth >= enough or expired():
            return
        if defects is None:
            defects = _defects(plan, guide, users)
        choice = defects[chance.below(len(defects))] if defects and chance.below(2) else level
        place = choice[chance.below(len(choice))]
        if plan.at[plan.wish[place]] == place or plan.wish[place] in stay or guide.loss[place] >= enough - worth:
            continue
        change = plan.force(place, reach=REACH, stay=stay)
        if change is None:
            continue
        if change < 0:
            plan.undo()
            continue
        plan.accept()
        worth += change
        stay = [*stay[1 - STAY :], plan.wish[place]]
        defects = None


def _defects(plan: Plan, guide: Guide, users: list[list[int]]) -> list[list[int]]:
    """The places that would mend each difference from what the prices ask."""
    missing = [wish for wish, place in enumerate(plan.at) if place is None and guide.missing[wish] > 0]
    misplaced = [wish for wish, place in enumerate(plan.at) if place is not None and guide.loss[place] > 0]
    slack = [limit for limit in guide.priced if len(plan.users[limit]) < plan.capacity[limit]]
    short = [one for one, floor in enumerate(plan.floor) if len(plan.users[one]) < floor]
    found = [plan.places[wish] for wish in (*missing, *misplaced)] + [users[limit] for limit in (*slack, *short)]
    return [places for places in found if places]


class _Chance:
    """Repeatable chance: a linear congruential generator (Knuth's MMIX constants), high bits."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, most: int) -> int:
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % most
