"""Legal day counting: the last day of a period, which days counted and why others did not.

Source and worked examples: `docs/algorithms/clocks.md`.
Pure: the calendar of holidays and today's date are passed in.
"""

from madang.core.clocks.model import Calendar, Calendars, Count, Position, Skipped, Stop, Terms, faults_in
from madang.core.clocks.periods import add_period, latest_day_before
from madang.core.clocks.solve import count_days
from madang.core.clocks.stopping import SUPPLEMENT, Span, stops_of
from madang.core.clocks.verify import verify_count

__all__ = [
    "SUPPLEMENT",
    "Calendar",
    "Calendars",
    "Count",
    "Position",
    "Skipped",
    "Span",
    "Stop",
    "Terms",
    "add_period",
    "count_days",
    "faults_in",
    "latest_day_before",
    "stops_of",
    "verify_count",
]
