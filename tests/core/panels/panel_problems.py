"""Small panels, and what the rule gives for them when every panel is tried."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import strategies as st

from madang.core.panels import PanelProblem
from madang.core.problem import read_problem

TAGS = ["external", "field", "institute:a", "institute:b", "institute:c", "region:n", "same-institute"]


def problem_of(data: dict[str, Any]) -> PanelProblem:
    return read_problem(PanelProblem, data)


@st.composite
def problems(draw: st.DrawFn) -> dict[str, Any]:
    """Pools of up to 8 with overlapping tags, up to 4 seats; many are infeasible."""
    names = [f"E{number}" for number in range(1, draw(st.integers(0, 8)) + 1)]
    tags = st.lists(st.sampled_from(TAGS), max_size=4)
    excluded = draw(st.lists(st.sampled_from(names), unique=True, max_size=3)) if names else []
    data: dict[str, Any] = {
        "kind": "panel",
        "version": 1,
        "pool": [{"id": name, "tags": draw(tags)} for name in names],
        "seats": draw(st.integers(1, 4)),
        "at_least": draw(st.dictionaries(st.sampled_from(["external", "field", "region:n"]), st.integers(0, 3))),
        "at_most": draw(
            st.dictionaries(st.sampled_from(["same-institute", "external", "same-region", "same-x"]), st.integers(0, 2))
        ),
        "excluded": [{"id": name, "code": "challenged"} for name in excluded],
        "seed": draw(st.integers(0, 3)),
    }
    if draw(st.booleans()):
        data["lot_order"] = draw(st.permutations(names))
    return data


def rules_of(data: dict[str, Any]) -> list[str]:
    """The rules in the order in which conflicts name them."""
    excluded = ["excluded"] if data.get("excluded") else []
    least = [f"at_least:{tag}" for tag in data.get("at_least", {})]
    return ["seats", *least, *(f"at_most:{key}" for key in data.get("at_most", {})), *excluded]


def keeps(data: dict[str, Any], panel: frozenset[str], rule: str) -> bool:
    """Whether a panel keeps one rule, in the words of the format page."""
    tags = {one["id"]: set(one.get("tags", [])) for one in data["pool"]}
    if rule == "seats":
        return len(panel) == data["seats"]
    if rule == "excluded":
        return not any(one["id"] in panel for one in data["excluded"])
    kind, key = rule.split(":", 1)
    if kind == "at_least":
        return sum(key in tags[name] for name in panel) >= data["at_least"][key]
    limited = {tag for mine in tags.values() for tag in mine if tag == key}
    if key.startswith("same-"):
        limited |= {tag for mine in tags.values() for tag in mine if tag.startswith(key[5:] + ":")}
    return all(sum(tag in tags[name] for name in panel) <= data["at_most"][key] for tag in limited)


def subsets(data: dict[str, Any]) -> list[frozenset[str]]:
    names = [one["id"] for one in data["pool"]]
    return [frozenset(some) for size in range(len(names) + 1) for some in itertools.combinations(names, size)]


def panels_by_hand(data: dict[str, Any]) -> list[frozenset[str]]:
    """Every panel that keeps every rule."""
    return [panel for panel in subsets(data) if all(keeps(data, panel, rule) for rule in rules_of(data))]


def drawn_by_hand(panels: list[frozenset[str]], order: list[str]) -> list[str]:
    """Down the order; seated if some panel holds those seated and this one. `panels` must not be empty."""
    seated: list[str] = []
    for name in order:
        if any({*seated, name} <= panel for panel in panels):
            seated.append(name)
    return seated


def conflict_by_hand(data: dict[str, Any]) -> list[str]:
    """The first among the smallest sets of rules that no set of candidates keeps."""
    rules = rules_of(data)
    kept = [frozenset(rule for rule in rules if keeps(data, panel, rule)) for panel in subsets(data)]
    for size in range(1, len(rules) + 1):
        for some in itertools.combinations(rules, size):
            if not any(set(some) <= held for held in kept):
                return list(some)
    raise AssertionError("all rules can be kept")


def pool_of_21() -> dict[str, Any]:
    """7 seats from 21: 4 external, 2 with field experience, at most one from an institute."""
    institutes = ["a", "b", "c", "d", "e", "f", "g"]
    pool = []
    for number in range(21):
        tags = [f"institute:{institutes[number % 7]}"]
        tags += ["external"] if number % 3 else []
        tags += ["field_expert"] if number in (1, 4, 9, 12, 18, 20) else []
        pool.append({"id": f"E{number + 1:02d}", "tags": tags})
    return {
        "kind": "panel",
        "version": 1,
        "pool": pool,
        "seats": 7,
        "at_least": {"external": 4, "field_expert": 2},
        "at_most": {"same-institute": 1},
        "excluded": [{"id": "E02", "code": "service_for_applicant"}],
    }
