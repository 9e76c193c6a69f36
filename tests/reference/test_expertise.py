"""Affinity against what reviewers said of their own expertise: the published loss, and a plain TF-IDF beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from madang.core.affinity import AffinityProblem, check_affinity, solve_affinity
from madang.core.problem import read_problem
from tests.reference.expertise import loss, losses, read_expertise, tf_idf_mean

pytestmark = pytest.mark.reference


def test_the_order_of_expertise_is_found_better_than_by_plain_tf_idf(reference_data: Path) -> None:
    data = read_expertise(reference_data / "expertise")
    problem = read_problem(AffinityProblem, data.problem())
    result = solve_affinity(problem)
    assert check_affinity(problem, result).contradictions == []
    similarity = {
        (reviewer, paper): float(value)
        for paper, row in zip(result["applications"], result["affinity"], strict=True)
        for reviewer, value in zip(result["evaluators"], row, strict=True)
    }
    ours, plain = loss(losses(data, similarity)), loss(losses(data, tf_idf_mean(data)))
    assert ours < 0.26
    assert ours < plain - 0.05
