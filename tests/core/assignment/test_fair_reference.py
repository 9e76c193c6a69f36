"""Real bids, measured and not shipped: the fair plans that are known to be best, proven and checked."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from madang.core.assignment import solve_assignment, verify_assignment
from madang.core.matrix import Matrix
from tests.core.assignment.assignment_problems import problem_of


@pytest.fixture
def bids(request: pytest.FixtureRequest) -> dict[str, Any]:
    given = os.environ.get("MADANG_REFERENCE_DATA")
    if not given:
        pytest.skip("MADANG_REFERENCE_DATA is not set: real data are not at hand")
    stored = np.load(Path(given) / "assignment" / f"{request.param}.npz")
    n, m = stored["similarity"].shape
    needed, most = int(stored["per_paper"]), int(stored["max_load"])
    conflicts = np.argwhere(stored["conflict"]).tolist() if "conflict" in stored else []
    return {
        "kind": "assignment",
        "version": 1,
        "applications": [{"id": f"A{row}", "required": needed} for row in range(n)],
        "evaluators": [{"id": f"E{column}", "max_load": most} for column in range(m)],
        "affinity": Matrix.of_floats(stored["similarity"]),
        "conflicts": [[f"A{row}", f"E{column}"] for row, column in conflicts],
        "objective": "fair",
    }


@pytest.mark.reference
@pytest.mark.parametrize(
    ("bids", "worst", "total"), [("aamas2015", "1.5", "1375.75"), ("preflib3", "0.75", "454.25")], indirect=["bids"]
)
def test_real_bids_are_proven_by_prices(bids: dict[str, Any], worst: str, total: str) -> None:
    problem = problem_of(bids)
    result = json.loads(json.dumps(solve_assignment(problem)))
    assert verify_assignment(problem, result) == []
    assert (result["status"], result["worst"], result["total"]) == ("optimal", worst, total)
    fair = result["certificate"]["fair"]
    assert (fair["worst_by"], fair["total_by"]) == ("prices", "prices")


@pytest.mark.reference
@pytest.mark.parametrize("bids", ["aamas2015"], indirect=True)
def test_least_loads_that_bind(bids: dict[str, Any]) -> None:
    """Loads of 9 to 10 with a mean of 9.15: the plain program needs about three times as long for the same."""
    bids["evaluators"] = [one | {"min_load": 9, "max_load": 10} for one in bids["evaluators"]]
    problem = problem_of(bids)
    result = json.loads(json.dumps(solve_assignment(problem)))
    assert verify_assignment(problem, result) == []
    assert (result["status"], result["worst"], result["total"]) == ("optimal", "1.25", "1340")
