"""1:1 business meetings and orders of presentations: who meets whom, in which slot, at which table.

Model, guarantees, cost and a worked example: `docs/algorithms/timetable.md`. Importing this loads no solver.
"""

from madang.core.timetable.faults import faults_in
from madang.core.timetable.model import TimetableProblem, TimetableResult
from madang.core.timetable.solve import solve_timetable
from madang.core.timetable.verify import verify_timetable

__all__ = ["TimetableProblem", "TimetableResult", "faults_in", "solve_timetable", "verify_timetable"]
