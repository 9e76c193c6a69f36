"""A selection within limits by the other engine (CP-SAT): quick where very many are equally good. Proves nothing."""

from __future__ import annotations

from madang.core.selection.total_system import Limits, Selection, System, broken

MOST_COUNTED = 2**60


def counted(system: System, limits: Limits, time: float) -> Selection | None:
    """A selection within the limits, exactly checked; None says nothing. `time` in that engine's own units."""
    places = [i for i in range(system.count) if i not in limits.outside and i not in limits.inside]
    column = {i: n for n, i in enumerate(places)}
    inside = system.sums(limits.inside)
    rows = []
    for row, weights in enumerate(system.rows):
        least, most = limits.least[row], limits.most[row]
        here = {column[i]: weight for i, weight in weights.items() if i in column}
        if sum(map(abs, here.values())) > MOST_COUNTED:
            return None
        if here and (least is not None or most is not None):
            low = -MOST_COUNTED if least is None else least - inside[row]
            rows.append((here, low, None if most is None else most - inside[row]))
    from madang.core.selection import engine_cpsat  # loads the solver: only where many are equally good

    try:
        counts = engine_cpsat.find_counts(
            [1] * len(places), [engine_cpsat.Row(*row) for row in rows], seed=1, limit=time
        )
    except engine_cpsat.TimeEnded:
        return None
    if counts is None:
        return None
    chosen = limits.inside | {i for i, count in zip(places, counts, strict=True) if count}
    return chosen if broken(limits, system.sums(chosen)) is None else None
