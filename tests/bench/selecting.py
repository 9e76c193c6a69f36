"""`madang solve selection` down the ranking with twelve minimum quotas: what tight money, caps and second tags cost."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any, Literal

from tests.bench.measure import MADANG, Spread, race, ratio, table, verdict

SEATS_TO_APPLICATIONS = 6
LIMIT_S = 2.0

#: The solver alone, without the command's start, before minimums were answered by sums and prices: measured once, on
#: two cores. "Cut": who is selected was not settled when 60 seconds had passed.
BEFORE = {"tight": "cut at 60", "half": "cut at 60", "loose": "0.12", "two tags": "cut at 60"}


def problem(
    applications: int,
    *,
    money: float = 0.2,
    tags: Literal["one", "two"] = "one",
    minimums: bool = True,
    binding_caps: bool = False,
    time_limit_s: int = 30,
) -> dict[str, Any]:
    """All costs different; seats for a sixth, nine tenths of them spoken for by twelve minimums over one tag or two.

    `money`: 0 is what the cheapest would cost, 1 what as many of the usual would. A tenth misses the match.
    """
    random, seats = Random(applications), applications // SEATS_TO_APPLICATIONS
    costs = random.sample(range(100_000_000, 1_000_000_000), applications)
    values = {"region": [f"r{n}" for n in range(12 if tags == "one" else 6)]}
    if tags == "two":
        values["track"] = [f"t{n}" for n in range(6)]
    least, usual = sum(sorted(costs)[:seats]), sum(costs) * seats // applications
    cities = applications // 5 if binding_caps else (applications + 1) // 2
    rules: list[dict[str, Any]] = [
        {"id": "seats", "type": "seats", "max": seats},
        {"id": "budget", "type": "budget", "max_krw": int(least + (usual - least) * money), "money": "grant"},
        {"id": "per-applicant", "type": "cap_each", "tag": "applicant", "max": 2},
        {"id": "match", "type": "match", "grant": 1, "own": 1},
    ]
    for tag, named in values.items():
        share = seats * 9 // 10 // len(named)
        rules += [
            {"id": f"{tag}:{value}", "type": "quota", "tag": tag, "equals": value, "max": share + 30}
            | ({"min": share} if minimums else {})
            for value in named
        ]
    made = []
    for place, cost in enumerate(costs):
        own = cost if random.random() < 0.9 else cost // 3
        city = random.randrange(cities) if binding_caps else place // 2
        made.append(
            {
                "id": f"A{place + 1:05d}",
                "rank": place + 1,
                "cost_krw": cost + own,
                "own_krw": own,
                "tags": {tag: random.choice(named) for tag, named in values.items()} | {"applicant": f"city-{city}"},
            }
        )
    return {
        "kind": "selection",
        "version": 1,
        "applications": made,
        "rules": rules,
        "objective": "rank_order",
        "reserve": 3,
        "time_limit_s": time_limit_s,
    }


def minimums(repeats: int, quick: bool, home: Path) -> str:
    """The whole command, to the same problem without minimums and to 300 applications; its check beside it."""
    size = 600 if quick else 2_000
    problems = {
        "300": problem(300),
        f"{size:,} without minimums": problem(size, minimums=False),
        f"{size:,} tight": problem(size, money=0.2),
        f"{size:,} half": problem(size, money=0.5),
        f"{size:,} loose": problem(size, money=1.0),
        f"{size:,} tight, caps that bind": problem(size, money=0.3, binding_caps=True),
        f"{size:,} tight, two tags": problem(size, money=0.2, tags="two", time_limit_s=10),
    }
    solve, check, results = {}, {}, {}
    for number, (name, made) in enumerate(problems.items()):
        at, result = home / f"minimums-{number}.json", home / f"minimums-{number}-result.json"
        at.write_text(json.dumps(made))
        command = (*MADANG, "solve", "selection", str(at))
        solve[name], results[name] = (*command, "--out", str(result)), result
        check[name] = (*command, "--check", str(result))
    rounds = min(repeats, 5)
    times = race(solve, rounds, home)
    checked = race(check, 1, home)
    rows = []
    small, plain = times["300"], times[f"{size:,} without minimums"]
    for name, taken in times.items():
        result = json.loads(results[name].read_text())
        codes = [entry["code"] for entry in result["why"]]
        rows.append(
            (
                name,
                taken.seconds(),
                taken.processor(),
                ratio(taken, plain).shown(),
                ratio(taken, small).shown(),
                verdict(Spread.of(taken.wall), LIMIT_S, at_most=True),
                next((told for part, told in BEFORE.items() if name.endswith(part)), "—"),
                f"{result['status']}; {codes.count('kept_out_jointly'):,} joint, {codes.count('not_narrowed'):,} open",
                checked[name].processor(),
            )
        )
    head = ("problem", "whole command (s)", "processor (s)", "to no minimums", "to 300", "within 2 s")
    return table((*head, "solver before (s)", "status; reasons", "check (s)"), rows)
