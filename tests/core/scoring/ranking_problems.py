"""Small random ranking problems, and the published rule applied as naively as it reads."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

SCALES = [("0", "5"), ("0", "100"), ("1", "10"), ("-2", "5"), ("0", "0.7")]
WEIGHTS = [[10000], [3000, 7000], [5000, 5000], [3333, 3333, 3334], [0, 2500, 7500]]


@st.composite
def problems(draw: st.DrawFn) -> dict[str, Any]:
    """A sound problem; scores lie on a coarse grid, so that totals, scores and means tie often."""
    criteria = [
        {
            "id": f"c{place}",
            "weight_bp": weight,
            **dict(zip(("min", "max"), draw(st.sampled_from(SCALES)), strict=True)),
        }
        for place, weight in enumerate(draw(st.sampled_from(WEIGHTS)))
    ]
    blanks = draw(st.sampled_from(["refuse", "skip_sheet"]))
    applications = [f"A{number}" for number in range(draw(st.integers(1, 4)))]
    pairs = [(a, f"E{e}") for a in applications for e in range(6)]
    sheets: list[dict[str, Any]] = [
        {"application": a, "evaluator": e, "scores": dict(_scores(draw, criteria, blanks == "skip_sheet"))}
        for a, e in draw(st.lists(st.sampled_from(pairs), unique=True, max_size=18))
    ]
    adjustments: list[dict[str, Any]] = [
        {"application": a, "points": draw(st.sampled_from(["1.5", "-3", "0.005", "70"])), "id": "bonus"}
        for a in draw(st.lists(st.sampled_from(applications), max_size=2))
    ]
    named = sorted({entry["application"] for entry in [*sheets, *adjustments]})
    ties = draw(st.lists(st.sampled_from([c["id"] for c in criteria]), unique=True))
    return {
        "kind": "ranking",
        "version": 1,
        "higher_is_better": draw(st.booleans()),
        "criteria": criteria,
        "sheets": sheets,
        "adjustments": adjustments,
        "rule": {
            "trim": draw(st.sampled_from(["none", "total", "criterion"])),
            "min_sheets_to_trim": draw(st.integers(3, 5)),
            "decimals": draw(st.integers(0, 3)),
            "pass_mark": draw(st.sampled_from([None, "50", "33.335"])),
            "ties": [*ties, *draw(st.sampled_from([[], ["lot"]]))],
            "blanks": blanks,
        },
        "lot_order": draw(st.permutations(named))[: draw(st.sampled_from([0, 1, 9]))],
        "seed": draw(st.integers(0, 9)),
    }


def _scores(draw: st.DrawFn, criteria: list[dict[str, Any]], with_blanks: bool) -> Iterator[tuple[str, str | None]]:
    for criterion in criteria:
        low, high = Decimal(criterion["min"]), Decimal(criterion["max"])
        if with_blanks and draw(st.integers(0, 9)) == 0:
            if draw(st.booleans()):
                yield criterion["id"], None
            continue
        yield criterion["id"], str(low + (high - low) * draw(st.integers(0, 4)) / 4)


def naive(problem: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Per application: exact, score (rounded), rank, dropped, sheets, passed, by_criterion; None where unscored."""
    lines = {
        entry["application"]: _naive_line(problem, entry["application"])
        for entry in [*problem["sheets"], *problem["adjustments"]]
    }
    for name, line in lines.items():
        if line["exact"] is not None:
            line["rank"] = 1 + sum(_beats(problem, lines, other, name) for other in lines if other != name)
    return lines


def _naive_line(problem: dict[str, Any], application: str) -> dict[str, Any]:
    names = [c["id"] for c in problem["criteria"]]
    shares: dict[int, list[Fraction]] = {}
    for number, sheet in enumerate(problem["sheets"]):
        scores = sheet["scores"]
        if sheet["application"] == application and all(scores.get(name) is not None for name in names):
            shares[number] = [_share(problem, c, scores[c["id"]]) for c in problem["criteria"]]
    weights = [Fraction(c["weight_bp"], 100) for c in problem["criteria"]]
    totals = {n: sum((w * s for w, s in zip(weights, row, strict=True)), Fraction(0)) for n, row in shares.items()}
    rule = problem["rule"]
    enough = len(shares) >= rule["min_sheets_to_trim"]
    gone: list[list[int]] = [[] for _ in names]
    dropped: list[int] = []
    if enough and rule["trim"] == "total":
        dropped = _ends({n: [totals[n], *shares[n]] for n in shares})
        gone = [dropped] * len(names)
    elif enough and rule["trim"] == "criterion":
        gone = [_ends({n: [shares[n][place], *shares[n]] for n in shares}) for place in range(len(names))]
    means = []
    for place in range(len(names)):
        kept = [row[place] for n, row in shares.items() if n not in gone[place]]
        means.append(sum(kept, Fraction(0)) / len(kept) if kept else Fraction(0))
    exact = sum((w * m for w, m in zip(weights, means, strict=True)), Fraction(0))
    exact += sum(
        (Fraction(a["points"]) for a in problem["adjustments"] if a["application"] == application), Fraction(0)
    )
    unit = 10 ** rule["decimals"]
    score = Fraction(math.floor(abs(exact) * unit + Fraction(1, 2)), unit) * (-1 if exact < 0 else 1)
    mark = rule["pass_mark"]
    return {
        "exact": exact if shares else None,
        "score": score if shares else None,
        "rank": None,
        "dropped": dropped,
        "by_criterion": dict(zip(names, gone, strict=True)) if enough and rule["trim"] == "criterion" else {},
        "means": dict(zip(names, means, strict=True)),
        "sheets": len(shares),
        "passed": (mark is None or score >= Fraction(mark)) if shares else None,
    }


def _share(problem: dict[str, Any], criterion: dict[str, Any], score: str) -> Fraction:
    low, high = Fraction(criterion["min"]), Fraction(criterion["max"])
    share = (Fraction(score) - low) / (high - low)
    return share if problem["higher_is_better"] else 1 - share


def _ends(rows: dict[int, list[Fraction]]) -> list[int]:
    highest = next(n for n in rows if rows[n] == max(rows.values()))
    rest = {n: row for n, row in rows.items() if n != highest}
    return [highest, next(n for n in rest if rest[n] == min(rest.values()))]


def _beats(problem: dict[str, Any], lines: dict[str, dict[str, Any]], one: str, other: str) -> bool:
    def key(name: str) -> list[Any]:
        line = lines[name]
        ties = [line["means"][tie] for tie in problem["rule"]["ties"] if tie != "lot"]
        return [line["passed"], line["score"], *ties]

    if lines[one]["exact"] is None or key(one) != key(other):
        return lines[one]["exact"] is not None and key(one) > key(other)
    equals = [name for name in lines if lines[name]["exact"] is not None and key(name) == key(one)]
    drawn = problem["lot_order"] if "lot" in problem["rule"]["ties"] else []
    return all(name in drawn for name in equals) and drawn.index(one) < drawn.index(other)
