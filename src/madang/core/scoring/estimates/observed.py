"""The sheets as arrays: totals, who gave them to whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from madang.core.scoring.estimates.tables import table
from madang.core.scoring.model import RankingProblem
from madang.core.scoring.totals import full_total, sheet_totals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from madang.core.scoring.estimates.tables import Table

    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]


@dataclass(frozen=True)
class Observed:
    """Complete sheets: `totals[s]` (0..100 less their `centre`, higher is better) of application and evaluator s."""

    applications: tuple[str, ...]  # sorted, so that input order changes no figure
    evaluators: tuple[str, ...]
    of: Places  # per sheet its application's place
    by: Places  # per sheet its evaluator's place
    totals: Floats
    centre: float

    @classmethod
    def of_problem(cls, problem: RankingProblem) -> Observed:
        """All complete sheets, those that the rule trims among them. Cost: sheets x criteria."""
        full = full_total(problem)
        return cls.of_totals((a, e, 100 * total / full) for a, e, total in sheet_totals(problem))

    @classmethod
    def of_totals(cls, sheets: Iterable[tuple[str, str, float]]) -> Observed:
        """From (application, evaluator, total of 0..100); a pair stands once. Raises `ValueError` without a sheet."""
        lines = sorted(sheets)
        applications = tuple(sorted({line[0] for line in lines}))
        evaluators = tuple(sorted({line[1] for line in lines}))
        place_a = {name: place for place, name in enumerate(applications)}
        place_e = {name: place for place, name in enumerate(evaluators)}
        totals = np.array([line[2] for line in lines])
        if not len(totals):
            raise ValueError("no sheets")
        centre = float(totals.mean())
        return cls(
            applications,
            evaluators,
            np.array([place_a[line[0]] for line in lines], dtype=np.intp),
            np.array([place_e[line[1]] for line in lines], dtype=np.intp),
            totals - centre,
            centre,
        )

    @property
    def size(self) -> int:
        return len(self.totals)

    @cached_property
    def shape(self) -> tuple[int, int]:
        return len(self.applications), len(self.evaluators)

    @cached_property
    def met(self) -> Table:
        """Applications x evaluators, 1 where a sheet stands."""
        return table(self.of, self.by, self.shape)

    @cached_property
    def sheets_of(self) -> Floats:
        """Sheets per application."""
        return np.bincount(self.of, minlength=self.shape[0]).astype(np.float64)

    @cached_property
    def sheets_by(self) -> Floats:
        """Sheets per evaluator."""
        return np.bincount(self.by, minlength=self.shape[1]).astype(np.float64)

    @cached_property
    def sums_of(self) -> Floats:
        """Sum of the centred totals per application."""
        return np.bincount(self.of, self.totals, minlength=self.shape[0]).astype(np.float64)

    @cached_property
    def sums_by(self) -> Floats:
        """Sum of the centred totals per evaluator."""
        return np.bincount(self.by, self.totals, minlength=self.shape[1]).astype(np.float64)
