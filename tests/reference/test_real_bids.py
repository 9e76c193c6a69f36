"""The bids of AAMAS 2015: the best known totals, proven."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from madang.core.assignment import AssignmentProblem, solve_assignment, verify_assignment
from madang.core.matrix import Matrix
from madang.core.problem import read_problem

pytestmark = pytest.mark.reference


@pytest.mark.parametrize(
    ("loads", "total"), [({"max_load": 12}, "1406.25"), ({"min_load": 9, "max_load": 12}, "1357.5")]
)
def test_the_largest_total_is_reached_and_proven(reference_data: Path, loads: dict[str, int], total: str) -> None:
    bids = np.load(reference_data / "assignment" / "aamas2015.npz")["similarity"]
    data: dict[str, Any] = {
        "kind": "assignment",
        "version": 1,
        "applications": [{"id": f"A{row}", "required": 3} for row in range(bids.shape[0])],
        "evaluators": [{"id": f"E{column}", **loads} for column in range(bids.shape[1])],
        "affinity": Matrix.of_floats(bids),
    }
    problem = read_problem(AssignmentProblem, data)
    result = json.loads(json.dumps(solve_assignment(problem)))
    assert (result["status"], result["total"], result["bound"]["total"]) == ("optimal", total, total)
    assert verify_assignment(problem, result) == []
