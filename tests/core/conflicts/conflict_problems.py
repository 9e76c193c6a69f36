"""Small calls with invented organisations and people in which nearly everything is related to everything."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from madang.core.conflicts import ConflictsProblem, solve_conflicts
from madang.core.kinds import KINDS
from madang.core.problem import read_json

NAMES = ["(주)한빛", "한빛 주식회사", "Hanbit Co., Ltd.", "HANBIT", "Ｈａｎｂｉｔ Inc.", "새솔", "Sae-Sol", "구름재"]
PEOPLE = ["김가람", "김 가람", "Ga-Ram Kim", "이나래"]
DAYS = ["2023", "2023-02", "2023-02-28", "2023-03", "2023-03-01", "2023-03-02", "2024-02-29", "2026-02", "2026-03"]
DOMAINS = ["hanbit.example", "cs.hanbit.example", "univ.ac.kr", "notuniv.ac.kr", "한빛.kr", "cs.univ.ac.kr"]
EMAILS = ["a@HANBIT.example", "b@cs.univ.ac.kr", "@univ.ac.kr", "c@notuniv.ac.kr", "d@gmail.com", "B@CS.univ.ac.kr"]
EMAILS += ["e@xn--xx3br43b.kr", "f@mail.한빛.kr", "g@cs.hanbit.example", "h@otheruniv.ac.kr", "i@korea.kr"]
TIES = ["employment", "director", "shareholder", "service", "advice", "contract", "research"]
KINDS_OF_RULE: list[dict[str, Any]] = [
    {"type": "same_organisation"},
    {"type": "same_parent"},
    {"type": "same_parent", "years": 3},
    {"type": "employment", "years": 3},
    {"type": "employment", "years": 3, "group": True},
    {"type": "service", "years": 2},
    {"type": "shareholding"},
    {"type": "shareholding", "years": 3, "group": True},
    {"type": "co_application", "years": 3},
    {"type": "co_application", "years": 3, "through_employer": False},
    {"type": "joint_work", "years": 2},
    {"type": "joint_contract", "years": 0},
    {"type": "email_domain"},
    {"type": "participant"},
    {"type": "declared"},
    {"type": "declared", "relations": ["adviser"], "years": 3},
    {"type": "challenged"},
]
ALL_RULES = [{"id": f"r{number}", **rule} for number, rule in enumerate(KINDS_OF_RULE)]


def read(data: dict[str, Any]) -> ConflictsProblem:
    problem: ConflictsProblem = KINDS["conflicts"].read(read_json(json.dumps(data)))
    return problem


def solved(data: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(json.dumps(solve_conflicts(read(data))))
    return result


def call(**parts: Any) -> dict[str, Any]:
    """A call of one day; every part is given by the test."""
    empty = {"organisations": [], "applications": [], "evaluators": [], "rules": ALL_RULES}
    return {"kind": "conflicts", "version": 1, "as_of": "2026-03-02", **empty, **parts}


def crowd(seed: int) -> dict[str, Any]:
    """A small call from a seed: up to six organisations, three applications, three evaluators, all densely related.

    Parents lead to later organisations; same_as and numbers may still close a cycle, which is refused.
    """
    chance = Random(seed)
    ids = [f"o{number}" for number in range(chance.randrange(7))]

    def some(values: list[Any], most: int, least: int = 0) -> list[Any]:
        return chance.sample(values, min(len(values), chance.randint(least, most)))

    def maybe(values: list[Any]) -> Any:
        return chance.choice([None, *values])

    def span() -> dict[str, Any]:
        first, last = maybe(DAYS), maybe(DAYS)
        if first and last and first[:4] >= last[:4]:
            first = None if first[:4] == last[:4] else "2022-11"
        return {"from": first, "to": last}

    def ref() -> dict[str, Any]:
        return {"organisation": chance.choice(ids)} if ids and chance.random() < 0.6 else {"name": chance.choice(NAMES)}

    def person() -> dict[str, Any]:
        return {"id": maybe(["p1", "p2"]), "name": maybe(PEOPLE), "email": maybe(EMAILS)}

    def party() -> dict[str, Any]:
        role = chance.choice(["lead", "member"])
        return {**ref(), "role": role, "people": [person() for _ in range(chance.randrange(3))]}

    organisations = [
        {
            "id": name,
            "names": some(NAMES, 2),
            "registry_numbers": some(["110111-1", "1101111", "220222-2"], 1),
            "domains": some(DOMAINS, 2),
            "parents": [{"organisation": above, **span()} for above in some(ids[n + 1 :], 2)],
            "same_as": some(ids, 1) if chance.random() < 0.15 else [],
            "umbrella": chance.random() < 0.25,
        }
        for n, name in enumerate(ids)
    ]
    known = {"name": "구름재", "people": [{"id": "p1", "name": PEOPLE[0], "email": EMAILS[1]}, {"id": "p2"}]}
    applications = [
        {
            "id": f"A{number}",
            "parties": [*(party() for _ in range(chance.randrange(3))), *([known] if number == 0 else [])],
            "required": maybe([0, 1, 2, 3]),
        }
        for number in range(chance.randint(1, 3))
    ]
    here = [one["id"] for one in applications]
    targets = [lambda: {"application": chance.choice(here)}, lambda: {"person": chance.choice(["p1", "p2"])}, ref]
    evaluators = [
        {
            "id": f"E{number}",
            "names": some(PEOPLE, 1),
            "emails": some(EMAILS, 2),
            "affiliations": [{**ref(), **span(), "kind": chance.choice(TIES)} for _ in range(chance.randrange(4))],
            "declared": [
                {**chance.choice(targets)(), **span(), "relation": chance.choice(["adviser", "kin"])}
                for _ in range(chance.randrange(2))
            ],
        }
        for number in range(chance.randrange(4))
    ]
    people = [one["id"] for one in evaluators]
    standing = [ref, ref, lambda: {"person": chance.choice(["p1", "p2"])}]
    standing += [lambda: {"evaluator": chance.choice(people)}] if people else []
    earlier = [
        {
            "id": f"W{number}",
            "kind": chance.choice(["application", "work", "contract"]),
            "on": chance.choice(DAYS),
            "parties": [chance.choice(standing)() for _ in range(chance.randrange(4))],
        }
        for number in range(chance.randrange(4))
    ]
    states = ["pending", "accepted", "rejected"]
    challenged = some([(a, e) for a in here for e in people], 2)
    return call(
        as_of=chance.choice(["2026-03-01", "2026-03-02", "2027-02-28"]),
        organisations=organisations,
        applications=applications,
        evaluators=evaluators,
        earlier=earlier,
        challenges=[{"application": a, "evaluator": e, "state": chance.choice(states)} for a, e in challenged],
        rules=[{**rule, "active": chance.random() < 0.8} for rule in ALL_RULES],
        treat_suspected=chance.choice(["ask", "exclude"]),
        required=chance.randrange(3),
        public_domains=some(["otheruniv.ac.kr"], 1),
    )
