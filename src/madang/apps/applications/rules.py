"""May this batch come in? Pure questions; the answer is the reasons against, none where it is allowed."""

from collections import Counter
from collections.abc import Collection

from madang.core.callspec import Definition
from madang.core.deciding.case import Application
from madang.core.reasons import Reason

NAMED = 20
"""How many references one reason names; of more it says how many there are."""


def fit(definition: Definition, applications: Collection[Application]) -> tuple[Reason, ...]:
    """Every type that the call does not have is named with its application."""
    tracks = {track.id for track in definition.tracks} or {""}
    return tuple(
        Reason("type_not_in_call", {"application": one.id, "track": one.track or "-"})
        for one in applications
        if one.track not in tracks
    )


def not_received_before(standing: Collection[str], applications: Collection[Application]) -> tuple[Reason, ...]:
    """A reference comes in once: in this batch, and in all that stand."""
    times = Counter(one.id for one in applications)
    twice = [id_ for id_, n in times.items() if n > 1 or id_ in standing]
    if not twice:
        return ()
    return (Reason("application_received_before", {"applications": twice[:NAMED], "count": len(twice)}),)
