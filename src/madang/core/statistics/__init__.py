"""Reception statistics: who applied, counted so that anyone can count again (`docs/algorithms/statistics.md`)."""

from madang.core.statistics.model import (
    NOT_ITEMISED,
    UNCLASSIFIED,
    Classifications,
    EarlierRound,
    Membership,
    Received,
    Reception,
    Region,
)
from madang.core.statistics.reception import NO_DAY, counted_of, of_call, reception_of
from madang.core.statistics.tables import change, growth, shares, tabulate, with_shares
from madang.core.statistics.verify import verify

__all__ = [
    "NOT_ITEMISED",
    "NO_DAY",
    "UNCLASSIFIED",
    "Classifications",
    "EarlierRound",
    "Membership",
    "Received",
    "Reception",
    "Region",
    "change",
    "counted_of",
    "growth",
    "of_call",
    "reception_of",
    "shares",
    "tabulate",
    "verify",
    "with_shares",
]
