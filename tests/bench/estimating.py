"""Estimates of a ranking: what they foresee on real panels, and what a large call costs.

Three protocols, each with its seeds; real data are found by `MADANG_REFERENCE_DATA` and not shipped.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import resource
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from madang.core.problem import read_problem
from madang.core.scoring import RankingProblem, solve_ranking
from madang.core.scoring.estimates import predict
from tests.bench.measure import MADANG, Spread, race, table

Floats = NDArray[np.float64]
#: Applications of an event that are above the line.
SHARE = 0.3
JUDGES, DRAWN = 9, 3


def estimates(repeats: int, quick: bool, home: Path) -> str:
    """Left-out scores, the line from three of nine judges, and 6,000 sheets."""
    parts = [_large(min(repeats, 5), home)]
    if given := os.environ.get("MADANG_REFERENCE_DATA"):
        folder = Path(given) / "scores"
        parts += [_grants(folder), _skating(folder, range(2 if quick else 20))]
    else:
        parts.append("Real panels: not measured, `MADANG_REFERENCE_DATA` is not set.")
    return "\n\n".join(parts)


# --- a score that was left out ----------------------------------------------------------------------------------


def left_out(path: Path) -> tuple[float, float]:
    """Root mean squared error of (mean of the other sheets, model), on the published scale of 1.0 to 5.0.

    Each of the 216 overall scores is left out once and foreseen from the other 215: by the mean of the application's
    other sheets, and by application + evaluator as estimated from the 215 alone, variances included.
    """
    with path.open(encoding="utf-8") as text:
        sheets = [(row["ID"], row["RevID"], (5 - float(row["Score"])) * 25) for row in csv.DictReader(text)]
    errors = []
    for number, (application, evaluator, total) in enumerate(sheets):
        rest = sheets[:number] + sheets[number + 1 :]
        others = [other for name, _, other in rest if name == application]
        errors.append((np.mean(others) - total, predict(rest).total(application, evaluator) - total))
    plain, model = np.sqrt(np.mean(np.square(errors), axis=0)) / 25
    return float(plain), float(model)


def _grants(folder: Path) -> str:
    plain, model = left_out(folder / "aibs_grant_reviews.csv")
    under = f"{100 * (1 - model / plain):.2f} %"
    return table(
        ("a left-out grant score", "mean of the others", "model", "under", "goal"),
        [("RMSE, scale 1.0–5.0", f"{plain:.4f}", f"{model:.4f}", under, "7 %")],
    )


# --- three of nine judges ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One performance under one drawing of judges."""

    seed: int
    truth: bool  # among the top by all nine
    hard: bool  # among the top by the mean of three
    chosen: bool  # among the top by calibrated score
    chance: float


def events(path: Path) -> list[Floats]:
    """Performances x nine judges, per competition and programme, everything in the order of its name."""
    marks: dict[tuple[str, str], dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in csv.DictReader(gzip.decompress(path.read_bytes()).decode().splitlines()):
        marks[row["competition"], row["program"]][row["performance_id"]][row["judge"]] = float(row["component_total"])
    judges = [f"J{number}" for number in range(1, JUDGES + 1)]
    return [
        np.array([[marks[event][name][judge] for judge in judges] for name in sorted(marks[event])])
        for event in sorted(marks)
    ]


def three_of_nine(panels: Iterable[Floats], seeds: Iterable[int], *, once: bool, panel: int | None) -> list[Line]:
    """Every event by itself, as one problem. Three of its judges are drawn, anew for each performance or `once`.

    The line lies after round-half-up(30 %) of the event; equal means stand in the order of names.
    """
    panels, lines = list(panels), []
    for seed in seeds:
        chance = np.random.default_rng(seed)
        for marks in panels:
            lines += _event(marks, seed, chance, once=once, panel=panel)
    return lines


def _event(marks: Floats, seed: int, chance: np.random.Generator, *, once: bool, panel: int | None) -> list[Line]:
    count = len(marks)
    top = max(1, int(SHARE * count + 0.5))
    same = chance.permutation(JUDGES)[:DRAWN]
    drawn = [same if once else chance.permutation(JUDGES)[:DRAWN] for _ in range(count)]
    names = [f"{number:02}" for number in range(count)]
    problem = _problem(
        [(name, f"J{j}", marks[n, j]) for n, name in enumerate(names) for j in drawn[n]], top, panel, seed
    )
    found = {line["id"]: line for line in solve_ranking(read_problem(RankingProblem, problem))["estimates"]}
    truth = _first(marks.mean(axis=1), top)
    hard = _first(np.array([marks[n, judges].mean() for n, judges in enumerate(drawn)]), top)
    chosen = _first(np.array([found[name]["calibrated"] for name in names]), top)
    return [Line(seed, n in truth, n in hard, n in chosen, found[name]["p_top"]) for n, name in enumerate(names)]


def _first(values: Floats, top: int) -> set[int]:
    return set(np.argsort(-values, kind="stable")[:top].tolist())


def _problem(sheets: list[tuple[str, str, float]], top: int, panel: int | None, seed: int) -> dict[str, Any]:
    return {
        "kind": "ranking",
        "version": 1,
        "higher_is_better": True,
        "criteria": [{"id": "components", "weight_bp": 10000, "min": 0, "max": 100}],
        "sheets": [{"application": a, "evaluator": e, "scores": {"components": f"{s:.2f}"}} for a, e, s in sheets],
        "rule": {"trim": "none", "decimals": 2},
        "uncertainty": {"top": top, "draws": 2000, "panel": panel},
        "seed": seed,
    }


def judged(lines: list[Line]) -> Mapping[str, float]:
    """Brier ratio to the hard list, calibration error over 10 equal-count bins, recall, and its gain with its error."""
    truth = np.array([line.truth for line in lines], dtype=float)
    hard = np.array([line.hard for line in lines], dtype=float)
    chosen = np.array([line.chosen for line in lines], dtype=float)
    chance = np.array([line.chance for line in lines])
    bins = np.array_split(np.argsort(chance, kind="stable"), 10)
    off = sum(len(part) * abs(truth[part].mean() - chance[part].mean()) for part in bins) / len(lines)
    seeds = np.array([line.seed for line in lines])
    gains = [
        100 * ((truth * (chosen - hard))[seeds == seed].sum() / truth[seeds == seed].sum()) for seed in np.unique(seeds)
    ]
    return {
        "brier": float(((chance - truth) ** 2).mean() / ((hard - truth) ** 2).mean()),
        "calibration": float(off),
        "recall": float(100 * (truth * hard).sum() / truth.sum()),
        "gain": float(np.mean(gains)),
        "gain_error": float(np.std(gains) / np.sqrt(len(gains))),
    }


def _skating(folder: Path, seeds: Iterable[int]) -> str:
    panels, seeds, rows = events(folder / "skating_components.csv.gz"), list(seeds), []
    for name, once, panel in (
        ("drawn for each performance", False, JUDGES),
        ("drawn once for the event", True, JUDGES),
        ("for each performance, no `panel`", False, None),
    ):
        found = judged(three_of_nine(panels, seeds, once=once, panel=panel))
        gain = f"{found['gain']:+.2f} ± {found['gain_error']:.2f}"
        rows.append((name, f"{found['brier']:.3f}", f"{found['calibration']:.4f}", f"{found['recall']:.2f} %", gain))
    rows.append(("goal", "0.700", "0.0150", "", "+0.50"))
    head = (
        f"3 of 9 judges, {len(seeds)} seeds",
        "Brier to hard list",
        "calibration error",
        "recall of the mean",
        "points more",
    )
    return table(head, rows)


# --- a large call -----------------------------------------------------------------------------------------------


def large(applications: int = 2000, evaluators: int = 4500, each: int = 3) -> dict[str, Any]:
    """Invented: application 8, leniency 5, residual 7 points; 30 % lie above the line."""
    chance = Random(5)
    good = [chance.gauss(65, 8) for _ in range(applications)]
    lenient = [chance.gauss(0, 5) for _ in range(evaluators)]

    def score(application: int, evaluator: int) -> int:
        return round(min(100.0, max(0.0, good[application] + lenient[evaluator] + chance.gauss(0, 7))))

    return {
        "kind": "ranking",
        "version": 1,
        "higher_is_better": True,
        "criteria": [
            {"id": "need", "weight_bp": 3000, "min": 0, "max": 100},
            {"id": "plan", "weight_bp": 7000, "min": 0, "max": 100},
        ],
        "sheets": [
            {"application": f"A{a}", "evaluator": f"E{e}", "scores": {"need": score(a, e), "plan": score(a, e)}}
            for a in range(applications)
            for e in chance.sample(range(evaluators), each)
        ],
        "rule": {"trim": "none", "decimals": 2},
        "uncertainty": {"top": applications * 3 // 10, "draws": 20000},
    }


def _large(repeats: int, home: Path) -> str:
    problem = large()
    paths = {name: home / f"{name.replace(' ', '-')}.json" for name in ("with estimates", "without")}
    paths["with estimates"].write_text(json.dumps(problem))
    paths["without"].write_text(json.dumps({**problem, "uncertainty": None}))
    commands = {
        name: (*MADANG, "solve", "ranking", str(path), "--out", str(path.with_suffix(".out")))
        for name, path in paths.items()
    }
    times = race(commands, repeats, home)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    rows = [(name, taken.seconds(), Spread.of(taken.cpu).shown(3)) for name, taken in times.items()]
    rows.append(("goal", "5", f"(most memory of any child: {memory:.0f} MB, goal 1,000)"))
    return table(("2,000 applications, 4,500 evaluators, 6,000 sheets", "whole command (s)", "processor (s)"), rows)
