"""`selection` by `total_value`: the whole proof against a general MILP solver's first stage, in one run."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from madang.core.selection import SelectionProblem
from tests.bench import material
from tests.bench.measure import Spread, table, verdict

KINDS = ("scores", "in won", "weakly correlated", "strongly correlated", "whole scores, equal grants")


def problem(applications: int, kind: str) -> dict[str, Any]:
    """Budget, match, pass mark, seats, quotas with least and most, one per applicant; values of the `kind`."""
    made, random = material.selection_problem(applications, minimums=True), Random(applications)
    seats = next(rule["max"] for rule in made["rules"] if rule["type"] == "seats")
    each = 250_000_000 if "correlated" in kind else 210_000_000
    for a in made["applications"]:
        score = min(98.0, max(45.0, random.gauss(78, 7)))
        if kind == "in won":
            a["cost_krw"] += random.randrange(1_000_000)
        share = 50 if "correlated" in kind else random.choice([30, 40, 50, 50, 50, 60])
        a["own_krw"] = a["cost_krw"] * share // 100
        a["value"] = f"{score:.2f}"
        if kind == "weakly correlated":
            a["value"] = f"{a['own_krw'] / 1e7 + 40 + random.uniform(-3, 3):.2f}"
        elif kind == "strongly correlated":
            a["value"] = a["own_krw"] // 1_000_000 + 100
        elif kind == "whole scores, equal grants":
            a |= {"value": round(score), "cost_krw": 400_000_000, "own_krw": 200_000_000}
    down = sorted(made["applications"], key=lambda a: (-float(a["value"]), a["id"]))
    for rank, a in enumerate(down, start=1):
        a["rank"] = rank
    for rule in made["rules"]:
        if rule["id"] == "budget":
            rule["max_krw"] = seats * each
        elif rule["id"] == "per-applicant":
            rule["max"] = 1
    made["rules"] += [
        {"id": "match", "type": "match", "grant": 3, "own": 2},
        {"id": "pass", "type": "pass_mark", "min_value": 60},
    ]
    return made | {"objective": "total_value", "reserve": 3}


def selection_total(repeats: int, quick: bool, home: Path) -> str:
    """Processor seconds: the staged proof; everything that a result tells; the check; the MILP solver's first stage."""
    size, rows = (300 if quick else 2_000), []
    for kind in KINDS if not quick else KINDS[:2]:
        data = problem(size, kind)
        path = home / f"total-{KINDS.index(kind)}.json"
        path.write_text(json.dumps(data))
        given = SelectionProblem.model_validate(data)
        proofs, wholes, checks, plains, ratios = [], [], [], [], []
        for _ in range(min(repeats, 3)):
            proof, boxes = _staged(given)
            whole, check, status = _whole(given)
            plain = _plain(given)
            proofs.append(proof)
            wholes.append(whole)
            checks.append(check)
            plains.append(plain)
            ratios.append(proof / plain)
        reached = verdict(Spread.of(proofs), 5.0, at_most=True)
        cells = [Spread.of(values).shown() for values in (plains, proofs, ratios, wholes, checks)]
        rows.append((f"{size:,}, {kind}", *cells, str(boxes), status, reached))
    head = ("problem", "MILP, first stage (s)", "staged proof (s)", "to the MILP", "with all that is told (s)")
    return table((*head, "check (s)", "boxes", "status", "5 s"), rows)


def _seconds(work: Any) -> tuple[float, Any]:
    import resource

    def used() -> float:
        now = resource.getrusage(resource.RUSAGE_SELF)
        return now.ru_utime + now.ru_stime

    before = used()
    answer = work()
    return used() - before, answer


def _staged(given: SelectionProblem) -> tuple[float, int]:
    from madang.core.deadline import NO_DEADLINE
    from madang.core.selection import engine_glop
    from madang.core.selection.solve import rank_groups
    from madang.core.selection.total_best import best
    from madang.core.selection.total_system import system_of

    assert engine_glop.NAME

    def work() -> Any:
        system = system_of(given, rank_groups(given))
        return best(system, system.limits, NO_DEADLINE)

    seconds, found = _seconds(work)
    proof = found.proof
    trees = [proof.value, proof.grant, proof.rest, *(tree for _, tree in proof.ranks)]
    return seconds, sum(len(tree.flat()) for tree in trees)


def _whole(given: SelectionProblem) -> tuple[float, float, str]:
    from time import perf_counter

    from madang.core.deadline import Deadline
    from madang.core.selection import solve_selection
    from madang.core.selection.verify_total import verify_total

    started = perf_counter()
    deadline = Deadline(lambda: 30 - (perf_counter() - started))
    solving, result = _seconds(lambda: solve_selection(given, deadline))
    checking, found = _seconds(lambda: verify_total(given, result))
    assert found == [], found
    return solving, checking, result["status"]


def _plain(given: SelectionProblem) -> float:
    """SciPy's `milp` (HiGHS) on the same rows: the largest value, no stages, no certificate."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_matrix

    from madang.core.selection.solve import rank_groups
    from madang.core.selection.total_system import system_of

    system = system_of(given, rank_groups(given))
    sides = zip(system.rows, system.limits.least, system.limits.most, strict=True)
    kept = [(w, least, most) for w, least, most in sides if least is not None or most is not None]
    places = [(row, i, weight) for row, (weights, _, _) in enumerate(kept) for i, weight in weights.items()]
    rows, columns, weights = zip(*places, strict=True)
    matrix = csr_matrix((np.array(weights, float), (rows, columns)), shape=(len(kept), system.count))
    low = [-np.inf if least is None else least for _, least, _ in kept]
    high = [np.inf if most is None else most for _, _, most in kept]
    gains = np.zeros(system.count)
    for i, weight in system.rows[system.value].items():
        gains[i] = -weight
    top = np.ones(system.count)
    top[list(system.limits.outside)] = 0

    def work() -> Any:
        return milp(
            gains,
            integrality=np.ones(system.count),
            bounds=Bounds(0, top),
            constraints=LinearConstraint(matrix, low, high),
            options={"mip_rel_gap": 0, "time_limit": 60},
        )

    return _seconds(work)[0]
