"""Affinity: how well the order of expertise is found, and what large tables cost."""

from __future__ import annotations

import json
import os
import random
import string
import subprocess
import sys
from pathlib import Path
from statistics import mean, pstdev
from typing import Any

from tests.bench.measure import table
from tests.reference.expertise import Expertise, Similarity, loss, losses, read_expertise, tf_idf_mean

DRAWS = 2_000

#: Solves the problem named and says processor seconds (reading not counted), peak memory and the cells.
_PROGRAM = """
import json, os, resource, sys
from madang.core.affinity import AffinityProblem, solve_affinity
problem = AffinityProblem.model_validate(json.load(open(sys.argv[1])))
before = sum(os.times()[:2])
result = solve_affinity(problem)
used = sum(os.times()[:2]) - before
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
cells = sum(map(len, result["affinity"]))
json.dump({"seconds": used, "peak": peak, "cells": cells}, open(sys.argv[2], "w"))
"""


def expertise(repeats: int, quick: bool, home: Path) -> str:
    """The published loss of ours and of plain TF-IDF, with what it varies by over reviewers."""
    given = os.environ.get("MADANG_REFERENCE_DATA")
    if not given:
        return "MADANG_REFERENCE_DATA is not set: the gold-standard data are not at hand."
    data = read_expertise(Path(given) / "expertise")
    found = {"ours": losses(data, _ours(data)), "TF-IDF, mean over papers": losses(data, tf_idf_mean(data))}
    plain = found["TF-IDF, mean over papers"]
    names, chance = list(data.said), random.Random(1)
    drawn = [chance.choices(names, k=len(names)) for _ in range(DRAWS // 10 if quick else DRAWS)]
    halves = [chance.sample(names, len(names) // 2) for _ in drawn]
    rows = []
    for name, each in found.items():
        gained = [loss(plain, some) - loss(each, some) for some in drawn]
        of_halves = [loss(each, some) for some in halves]
        rows.append(
            (
                name,
                f"{loss(each):.4f}",
                f"± {pstdev([loss(each, some) for some in drawn]):.4f}",
                f"{mean(of_halves):.4f} ({_at(of_halves, 0.05):.4f}–{_at(of_halves, 0.95):.4f})",
                f"{mean(value < 0.26 for value in of_halves):.0%}",
                "" if each is plain else f"{mean(gained):.4f} ± {pstdev(gained):.4f}",
            )
        )
    head = ("", "loss", "reviewers drawn anew", "half of the reviewers (5–95 %)", "halves under 0.26", "gained")
    return table(head, rows)


def affinity_tables(repeats: int, quick: bool, home: Path) -> str:
    """Applications x evaluators with ten works each, about 190 words a text; the solver alone, each in a process."""
    rows = []
    first = 0.0
    for applications, evaluators in ((200, 100),) if quick else ((500, 250), (2_000, 1_000), (2_623, 1_373)):
        problem, said = home / "affinity.json", home / "affinity-said.json"
        problem.write_text(json.dumps(_invented(applications, evaluators)))
        taken = []
        for _ in range(min(repeats, 3)):
            subprocess.run([sys.executable, "-c", _PROGRAM, str(problem), str(said)], check=True)
            taken.append(json.loads(said.read_text()))
        seconds = sorted(one["seconds"] for one in taken)[len(taken) // 2]
        million = seconds / (applications * evaluators * 10 / 1e6)
        first = first or million
        shown = f"{seconds:.2f} ({min(o['seconds'] for o in taken):.2f}–{max(o['seconds'] for o in taken):.2f})"
        size = f"{applications:,} × {evaluators:,}"
        peak = max(one["peak"] for one in taken)
        rows.append((size, shown, f"{million:.3f}", f"{million / first:.2f}", f"{peak:,.0f}"))
    head = ("applications × evaluators", "CPU (s)", "s per million comparisons", "to the first", "peak (MiB)")
    return table(head, rows)


def _ours(data: Expertise) -> Similarity:
    from madang.core.affinity import AffinityProblem, solve_affinity

    result = solve_affinity(AffinityProblem.model_validate(data.problem()))
    return {
        (reviewer, paper): float(value)
        for paper, row in zip(result["applications"], result["affinity"], strict=True)
        for reviewer, value in zip(result["evaluators"], row, strict=True)
    }


def _invented(applications: int, evaluators: int) -> dict[str, Any]:
    """Texts of 30,000 invented words, as often as words of a language are (the n-th 1/n as often as the first)."""
    chance = random.Random(1)
    words = ["".join(chance.choices(string.ascii_lowercase, k=chance.randint(4, 10))) for _ in range(30_000)]
    sums = []
    total = 0.0
    for rank in range(1, len(words) + 1):
        total += 1 / rank
        sums.append(total)

    def text(count: int) -> str:
        return " ".join(chance.choices(words, cum_weights=sums, k=count))

    return {
        "kind": "affinity",
        "version": 1,
        "applications": [
            {"id": f"A{n}", "title": text(9), "text": text(180), "fields": [f"f{n % 7}"]} for n in range(applications)
        ],
        "evaluators": [
            {
                "id": f"E{n}",
                "fields": [f"f{n % 5}"],
                "works": [{"title": text(9), "text": text(180)} for _ in range(10)],
            }
            for n in range(evaluators)
        ],
    }


def _at(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]
