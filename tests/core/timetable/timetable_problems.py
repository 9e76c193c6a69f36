"""Small timetables drawn at random, every plan of them tried by hand, and larger ones from a seed."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from madang.core.problem import read_problem
from madang.core.timetable import TimetableProblem

Plan = dict[tuple[str, str], str]
DAY = dt.datetime(2026, 10, 12, 9, tzinfo=dt.timezone(dt.timedelta(hours=9)))


def problem_of(data: dict[str, Any]) -> TimetableProblem:
    return read_problem(TimetableProblem, data)


def slot(number: int, begin: int, minutes: int = 25, **more: Any) -> dict[str, Any]:
    """`begin` minutes after nine in Seoul."""
    start, end = DAY + dt.timedelta(minutes=begin), DAY + dt.timedelta(minutes=begin + minutes)
    return {"id": f"s{number}", "start": start.isoformat(), "end": end.isoformat(), **more}


@st.composite
def problems(draw: st.DrawFn) -> dict[str, Any]:
    """Up to 3 companies, 3 agencies, 3 slots, 6 wishes, with every rule now and then."""
    companies = [f"c{n}" for n in range(draw(st.integers(0, 3)))]
    agencies = [f"g{n}" for n in range(draw(st.integers(0, 3)))]
    begins = [draw(st.integers(0, 3)) * 15 if draw(st.booleans()) else n * 30 for n in range(draw(st.integers(0, 3)))]
    slots = [slot(n, begin, session=draw(st.sampled_from([None, "am"]))) for n, begin in enumerate(begins)]
    apart_in_time = all(abs(a - b) >= 25 for a, b in itertools.combinations(begins, 2))
    names = [one["id"] for one in slots]
    languages = st.lists(st.sampled_from(["ko", "en", "vi"]), max_size=2, unique=True)

    def people(ids: list[str]) -> list[dict[str, Any]]:
        some = st.lists(st.sampled_from(names), unique=True) if names else st.just([])
        return [
            {
                "id": name,
                **({"free": draw(some)} if draw(st.booleans()) else {}),
                **({"max_meetings": draw(st.integers(0, 2))} if draw(st.booleans()) else {}),
                **({"languages": draw(languages)} if draw(st.integers(0, 3)) == 0 else {}),
            }
            for name in ids
        ]

    pairs = [(c, g) for c in companies for g in agencies]
    wished = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=6)) if pairs else []
    some_pairs = st.lists(st.sampled_from([list(pair) for pair in pairs]), max_size=1) if pairs else st.just([])
    data: dict[str, Any] = {
        "kind": "timetable",
        "version": 1,
        "slots": slots,
        "tables": draw(st.integers(0, 3)),
        "companies": people(companies),
        "agencies": people(agencies),
        "wishes": [{"company": c, "agency": g, "weight": draw(st.integers(0, 5))} for c, g in wished],
        "vetoes": draw(some_pairs),
        "met_before": draw(some_pairs),
        "objective": draw(st.sampled_from(["weight", "fair"])),
        "time_limit_s": 5,
    }
    if draw(st.booleans()):
        data["interpreters"] = [{"languages": ["ko", "vi"], "count": draw(st.integers(0, 1))}]
    if apart_in_time and draw(st.integers(0, 3)) == 0:
        data["breaks"] = {"max_in_a_row": draw(st.integers(1, 2))}
    if len(companies) > 1 and draw(st.integers(0, 3)) == 0:
        by = draw(st.sampled_from(["next_slot", "session"])) if any(one["session"] for one in slots) else "next_slot"
        data["apart"] = [{"companies": companies[:2], "by": by}]
    if wished and names and draw(st.integers(0, 2)) == 0:
        kept = draw(st.lists(st.sampled_from(wished), unique=True, max_size=3))
        data["keep"] = [{"company": c, "agency": g, "slot": draw(st.sampled_from(names))} for c, g in kept]
    return data


def plans(data: dict[str, Any]) -> Iterator[Plan]:
    """Every timetable that keeps the rules, in the words of the format page."""
    names = [one["id"] for one in data["slots"]]
    pairs = [(one["company"], one["agency"]) for one in data["wishes"]]
    options = [[None, *(name for name in names if possible(data, pair, name))] for pair in pairs]
    for chosen in itertools.product(*options):
        plan = {pair: name for pair, name in zip(pairs, chosen, strict=True) if name is not None}
        if keeps(data, plan):
            yield plan


def person(data: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in (*data["companies"], *data["agencies"]) if one["id"] == name)


def possible(data: dict[str, Any], pair: tuple[str, str], name: str) -> bool:
    barred = any(tuple(one) == pair for one in (*data.get("vetoes", []), *data.get("met_before", [])))
    free = all(name in one.get("free", [name]) for one in (person(data, pair[0]), person(data, pair[1])))
    return not barred and free and interpreter(data, pair) != "none"


def interpreter(data: dict[str, Any], pair: tuple[str, str]) -> str:
    """All small problems have one pool at most, of Korean and Vietnamese."""
    mine, yours = (set(person(data, name).get("languages", [])) for name in pair)
    if not mine or not yours or mine & yours:
        return "not needed"
    fits = ("ko" in mine and "vi" in yours) or ("vi" in mine and "ko" in yours)
    return "ko-vi" if fits and data.get("interpreters") else "none"


def keeps(data: dict[str, Any], plan: Plan) -> bool:
    spans = {
        s["id"]: (dt.datetime.fromisoformat(s["start"]), dt.datetime.fromisoformat(s["end"])) for s in data["slots"]
    }
    order = sorted(spans, key=spans.__getitem__)

    def at_once(a: str, b: str) -> bool:
        return spans[a][0] < spans[b][1] and spans[b][0] < spans[a][1]

    for name in {name for pair in plan for name in pair}:
        mine = sorted((slot for pair, slot in plan.items() if name in pair), key=order.index)
        if len(mine) > person(data, name).get("max_meetings", 99):
            return False
        if any(at_once(a, b) for a, b in itertools.combinations(mine, 2)):
            return False
        if "breaks" in data:
            row = 0
            for earlier, later in zip([None, *mine], mine, strict=False):
                near = earlier and spans[later][0] - spans[earlier][1] <= dt.timedelta(minutes=15)
                row = row + 1 if near else 1
                if row > data["breaks"]["max_in_a_row"]:
                    return False
    for moment in (begin for begin, _ in spans.values()):
        now = [pair for pair, slot in plan.items() if spans[slot][0] <= moment < spans[slot][1]]
        if len(now) > data["tables"]:
            return False
        interpreted = sum(interpreter(data, pair) == "ko-vi" for pair in now)
        if interpreted and interpreted > data["interpreters"][0]["count"]:
            return False
    sessions = {s["id"]: s["session"] for s in data["slots"]}
    for rule in data.get("apart", []):
        one, other = ([slot for pair, slot in plan.items() if pair[0] == name] for name in rule["companies"])
        for a, b in itertools.product(one, other):
            between = [s for s in order if spans[s][0] >= min(spans[a][1], spans[b][1])
                       and spans[s][1] <= max(spans[a][0], spans[b][0])]  # fmt: skip
            if rule["by"] == "session" and sessions[a] is not None and sessions[a] == sessions[b]:
                return False
            if rule["by"] == "next_slot" and (at_once(a, b) or not between):
                return False
    return True


def weight_of(data: dict[str, Any], plan: Plan) -> int:
    return sum(one["weight"] for one in data["wishes"] if (one["company"], one["agency"]) in plan)


def worst_of(data: dict[str, Any], plan: Plan) -> Fraction:
    """The smallest share of those who can meet somebody at all; 0 where nobody can."""
    able = {
        name
        for one in data["wishes"]
        for name in (one["company"], one["agency"])
        if any(possible(data, (one["company"], one["agency"]), slot["id"]) for slot in data["slots"])
    }
    shares = []
    for name in able:
        wished = sum(name in (one["company"], one["agency"]) for one in data["wishes"])
        shares.append(Fraction(sum(name in pair for pair in plan), wished))
    return min(shares, default=Fraction(0))


def stays(data: dict[str, Any], plan: Plan) -> int:
    return sum(plan.get((one["company"], one["agency"])) == one["slot"] for one in data.get("keep", []))


def business_fair(
    companies: int, agencies: int, slots: int, wishes: int, tables: int, seed: int = 1, **more: Any
) -> dict[str, Any]:
    """A larger event: everyone free in three quarters of the slots, weights 1 to 10, at most 8 meetings a company."""
    chance = random.Random(seed)
    grid = [slot(n, 30 * n) for n in range(slots)]

    def people(letter: str, count: int, most: int) -> list[dict[str, Any]]:
        return [
            {"id": f"{letter}{n}", "free": [s["id"] for s in grid if chance.random() < 0.75], "max_meetings": most}
            for n in range(count)
        ]

    sides = {"companies": people("c", companies, 8), "agencies": people("g", agencies, slots)}
    pairs = chance.sample([(c, g) for c in range(companies) for g in range(agencies)], wishes)
    wished = [{"company": f"c{c}", "agency": f"g{g}", "weight": chance.randint(1, 10)} for c, g in pairs]
    head = {"kind": "timetable", "version": 1, "slots": grid, "tables": tables}
    return {**head, **sides, "wishes": wished, **more}
