"""`madang solve conflicts`: an invented call of any size, the whole command, and how it grows."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from tests.bench.measure import MADANG, race, ratio, table

RULES = (
    {"id": "same-organisation", "type": "same_organisation"},
    {"id": "same-parent", "type": "same_parent"},
    {"id": "employment", "type": "employment", "years": 3},
    {"id": "service", "type": "service", "years": 3},
    {"id": "co-application", "type": "co_application", "years": 3},
    {"id": "mail", "type": "email_domain"},
    {"id": "people", "type": "participant"},
    {"id": "declared", "type": "declared"},
    {"id": "challenged", "type": "challenged"},
)


def conflicts(repeats: int, quick: bool, home: Path) -> str:
    """A quarter of the pool against all of it, beside reading the larger problem without any rule."""
    small, large = ((164, 86), (656, 343)) if quick else ((656, 343), (2_623, 1_373))
    problems = {
        f"{small[0]:,} × {small[1]:,}": call_of(*small),
        f"{large[0]:,} × {large[1]:,}, no rule": {**call_of(*large), "rules": []},
        f"{large[0]:,} × {large[1]:,}": call_of(*large),
    }
    commands = {}
    for number, (name, problem) in enumerate(problems.items()):
        path = home / f"conflicts-{number}.json"
        path.write_text(json.dumps(problem))
        commands[name] = (*MADANG, "solve", "conflicts", str(path), "--out", str(home / f"conflicts-{number}-out.json"))
    times = race(commands, min(repeats, 5), home)
    first = next(iter(times.values()))
    rows = []
    for (name, taken), command in zip(times.items(), commands.values(), strict=True):
        result = json.loads(Path(command[-1]).read_text())
        again = "1" if taken is first else ratio(taken, first).shown()
        found = f"{len(result['conflicts']):,}"
        rows.append((name, taken.seconds(), taken.processor(), again, found, f"{len(result['pairs']):,}"))
    head = (
        "applications × evaluators",
        "whole command (s)",
        "processor (s)",
        "to the first",
        "conflicts",
        "pairs apart",
    )
    return table(head, rows)


def call_of(applications: int, evaluators: int) -> dict[str, Any]:
    """Three ties an evaluator, two parties an application; groups of three over two depths; a tenth by name only."""
    chance = Random(applications)
    known = (applications + evaluators) // 2
    ids = [f"o{number:05d}" for number in range(known)]
    organisations = [_organisation(number, name, ids, chance) for number, name in enumerate(ids)]

    def ref() -> dict[str, Any]:
        number = chance.randrange(known)
        return {"name": f"주식회사 기관{number}"} if chance.random() < 0.1 else {"organisation": ids[number]}

    made = [f"A{number:05d}" for number in range(applications)]
    people = [f"E{number:05d}" for number in range(evaluators)]
    return {
        "kind": "conflicts",
        "version": 1,
        "as_of": "2026-03-02",
        "organisations": organisations,
        "applications": [
            {
                "id": name,
                "parties": [
                    {**ref(), "people": [{"name": f"신청인 {n}-{number}", "email": f"a{n}@org{n}.co.kr"}]}
                    for number in range(2)
                ],
            }
            for n, name in enumerate(made)
        ],
        "evaluators": [
            {
                "id": name,
                "names": [f"위원 {number}"],
                "emails": [f"e{number}@cs.org{chance.randrange(known)}.co.kr", f"e{number}@naver.com"],
                "affiliations": [
                    {**ref()},
                    {**ref(), "from": "2015", "to": f"20{chance.randint(20, 25)}-{chance.randint(1, 12):02d}"},
                    {**ref(), "kind": "service", "to": f"20{chance.randint(20, 25)}-05-31"},
                ],
                "declared": [{"application": chance.choice(made)}] if chance.random() < 0.2 else [],
            }
            for number, name in enumerate(people)
        ],
        "earlier": [
            {"id": f"W{number:05d}", "on": f"20{chance.randint(21, 25)}-04", "parties": [ref(), ref(), ref()]}
            for number in range(applications)
        ],
        "challenges": [
            {"application": name, "evaluator": chance.choice(people), "state": chance.choice(["pending", "accepted"])}
            for name in made[::20]
        ],
        "rules": list(RULES),
        "required": 3,
    }


def _organisation(number: int, name: str, ids: list[str], chance: Random) -> dict[str, Any]:
    return {
        "id": name,
        "names": [f"(주)기관{number}"],
        "registry_numbers": [f"110111-{number:07d}"],
        "domains": [f"org{number}.co.kr"],
        "parents": [{"organisation": ids[number // 3]}] if number > 2 and chance.random() < 0.6 else [],
    }
