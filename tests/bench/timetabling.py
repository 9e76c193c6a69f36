"""`madang solve timetable` against the same model given to a general solver; events of two sizes from a seed.

`python -m tests.bench.timetabling plain PROBLEM.json RESULT.json` is the general solver: wish x slot as 0/1 variables,
tables counted per slot, HiGHS as SciPy ships it. `... linear` is its linear relaxation.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

from tests.bench.measure import MADANG, race, ratio, run, table

SEED = 1
#: companies, agencies, slots, wishes, tables; everyone free in three quarters of the slots, companies 8 meetings.
NATIONAL = (100, 60, 16, 1_200, 40)
LARGE = (500, 200, 20, 6_000, 150)
#: The linear relaxation of LARGE with SEED, by `timetable-bound`: it takes minutes, so it stands here.
LINEAR_BOUND_OF_LARGE = 23_172


def event(companies: int, agencies: int, slots: int, wishes: int, tables: int, seed: int = SEED) -> dict[str, Any]:
    """Weights 1 to 10; wishes between any two, none twice."""
    chance = random.Random(seed)
    grid = [_slot(number) for number in range(slots)]

    def people(letter: str, count: int, most: int) -> list[dict[str, Any]]:
        return [
            {"id": f"{letter}{n}", "free": [s["id"] for s in grid if chance.random() < 0.75], "max_meetings": most}
            for n in range(count)
        ]

    sides = {"companies": people("c", companies, 8), "agencies": people("g", agencies, slots)}
    pairs = chance.sample([(c, g) for c in range(companies) for g in range(agencies)], wishes)
    wished = [{"company": f"c{c}", "agency": f"g{g}", "weight": chance.randint(1, 10)} for c, g in pairs]
    head = {"kind": "timetable", "version": 1, "slots": grid, "tables": tables, "time_limit_s": 60}
    return {**head, **sides, "wishes": wished}


def _slot(number: int) -> dict[str, str]:
    hour, half = divmod(number, 2)
    return {
        "id": f"s{number}",
        "start": f"2026-10-12T{9 + hour:02}:{30 * half:02}:00+09:00",
        "end": f"2026-10-12T{9 + hour:02}:{30 * half + 25:02}:00+09:00",
    }


def timetable(repeats: int, quick: bool, home: Path) -> str:
    """100 x 60 x 16 with 1,200 wishes: whole commands, ours and the general solver, in turn."""
    problem = home / "national.json"
    problem.write_text(json.dumps(event(*NATIONAL)))
    ours, theirs = home / "national-ours.json", home / "national-plain.json"
    fair = home / "national-fair.json"
    fair.write_text(json.dumps({**event(*NATIONAL), "objective": "fair"}))
    commands = {
        "`madang solve timetable`": (*MADANG, "solve", "timetable", str(problem), "--out", str(ours)),
        "the same, `fair`": (*MADANG, "solve", "timetable", str(fair), "--out", str(home / "fair-result.json")),
        "HiGHS, 0/1 variables, tables counted": _plain("plain", problem, theirs),
    }
    times = race(commands, min(repeats, 3), home)
    first = next(iter(times.values()))
    weights = [_weight(home / name) for name in ("national-ours.json", "fair-result.json", "national-plain.json")]
    rows = [
        (name, taken.seconds(), taken.processor(), "1" if taken is first else ratio(taken, first).shown(), weight)
        for (name, taken), weight in zip(times.items(), weights, strict=True)
    ]
    return table(("100 × 60 × 16, 1,200 wishes", "whole command (s)", "processor (s)", "to the first", "weight"), rows)


def timetable_large(repeats: int, quick: bool, home: Path) -> str:
    """500 x 200 x 20 with 6,000 wishes, and a no-show in that plan."""
    problem, result = home / "large.json", home / "large-result.json"
    data = event(*LARGE)
    problem.write_text(json.dumps(data))
    run((*MADANG, "solve", "timetable", str(problem), "--out", str(result)), home)
    before = json.loads(result.read_text())
    later, again = home / "large-later.json", home / "large-again.json"
    gone = before["meetings"][0]["company"]
    people = [{**one, "free": []} if one["id"] == gone else one for one in data["companies"]]
    later.write_text(json.dumps({**data, "companies": people, "keep": before["meetings"]}))
    commands = {
        "the plan": (*MADANG, "solve", "timetable", str(problem), "--out", str(result)),
        "after a no-show": (*MADANG, "solve", "timetable", str(later), "--out", str(again)),
        "`--check` of the plan": (*MADANG, "solve", "timetable", str(problem), "--check", str(result)),
    }
    times = race(commands, min(repeats, 3), home)
    after = json.loads(again.read_text())
    said = {
        "the plan": f"{_weight(result)}; linear bound {LINEAR_BOUND_OF_LARGE:,}",
        "after a no-show": f"{_weight(again)}; {after['moved']} of the others moved",
        "`--check` of the plan": "rules and proof hold",
    }
    rows = [(name, taken.seconds(), taken.processor(), said[name]) for name, taken in times.items()]
    head = ("500 × 200 × 20, 6,000 wishes", "whole command (s)", "processor (s)", "weight")
    return table(head, rows)


def timetable_bound(repeats: int, quick: bool, home: Path) -> str:
    """The linear relaxation of the large event: what `LINEAR_BOUND_OF_LARGE` holds."""
    problem, result = home / "large.json", home / "large-linear.json"
    problem.write_text(json.dumps(event(*(NATIONAL if quick else LARGE))))
    wall, cpu = run(_plain("linear", problem, result), home)
    return table(("linear relaxation", "seconds", "processor"), [(_weight(result), f"{wall:.1f}", f"{cpu:.1f}")])


def _weight(path: Path) -> str:
    result = json.loads(path.read_text())
    return f"{result['weight']:,} ({result['status']})"


def _plain(what: str, problem: Path, result: Path) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.bench.timetabling", what, str(problem), str(result))


def _general_solver(what: str, problem: Path, result: Path) -> None:
    import numpy as np
    from scipy import sparse
    from scipy.optimize import Bounds, LinearConstraint, linprog, milp

    data = json.loads(problem.read_text())
    free = {one["id"]: set(one["free"]) for one in (*data["companies"], *data["agencies"])}
    most: dict[Any, int] = {one["id"]: one["max_meetings"] for one in (*data["companies"], *data["agencies"])}
    most |= {slot["id"]: data["tables"] for slot in data["slots"]}
    rows: dict[Any, list[int]] = {}
    worth: list[int] = []
    for one in data["wishes"]:
        c, g = one["company"], one["agency"]
        for slot in data["slots"]:
            name = slot["id"]
            if name in free[c] & free[g]:
                for limit in ((c, g), c, g, (c, name), (g, name), name):
                    rows.setdefault(limit, []).append(len(worth))
                worth.append(-one["weight"])
    places = [(row, place) for row, members in enumerate(rows.values()) for place in members]
    matrix = sparse.csr_array((np.ones(len(places)), tuple(np.array(places).T)), shape=(len(rows), len(worth)))
    limits = np.array([most.get(limit, 1) for limit in rows], dtype=float)
    found: Any
    if what == "plain":
        found = milp(
            np.array(worth, dtype=float),
            constraints=LinearConstraint(matrix, -np.inf, limits),
            integrality=np.ones(len(worth), dtype=np.int64),
            bounds=Bounds(0, 1),
        )
    else:
        found = linprog(worth, A_ub=matrix, b_ub=limits, method="highs")
    result.write_text(json.dumps({"weight": round(-found.fun, 3), "status": str(found.message)[:40]}))


if __name__ == "__main__":
    _general_solver(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
