"""How far a ranking can be trusted (`ranking` with estimates)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from madang.papers.blocks import Bullets, Words
from madang.papers.core_samples.model import Answer, Board, Cell, Span, Tile
from madang.papers.core_samples.telling import Teller, row, short


def ranking(t: Teller) -> Answer:
    result, top = t.result, t.problem["uncertainty"]["top"]
    estimates = {one["id"]: one for one in result["estimates"]}
    order = result["applications"]
    unsure = min(order[:top], key=lambda one: estimates[one["id"]]["p_top"])
    unlucky = max(order[top:], key=lambda one: estimates[one["id"]]["p_top"])
    return Answer(
        headline=t.own(
            "headline",
            rank=unsure["rank"],
            inside=t.name(unsure["id"]),
            inside_chance=_percent(t, estimates[unsure["id"]]),
            next=unlucky["rank"],
            outside=t.name(unlucky["id"]),
            outside_chance=_percent(t, estimates[unlucky["id"]]),
        ),
        tiles=(
            Tile(t.own("tile.applications"), str(len(order))),
            Tile(t.own("tile.sheets"), str(len(t.problem["sheets"]))),
            Tile(t.own("tile.line"), str(top)),
            Tile(t.own("tile.open"), str(sum(0.05 < one["p_top"] < 0.95 for one in result["estimates"]))),
        ),
        sections=(
            t.section("intervals", _intervals(t, estimates, top)),
            t.section("evaluators", _evaluators(t)),
            t.section("variance", _variance(t)),
            t.section(
                "said",
                Bullets(tuple(map(Words, (*map(t.say, result["reasons"]), t.own("limits"))))),
            ),
        ),
    )


def _percent(t: Teller, estimate: Mapping[str, Any]) -> str:
    return t.word("percent", n=short(Decimal(str(estimate["p_top"])) * 100, 0))


def _scaled(rows: list[Mapping[str, Any]], middle: str, *, around: bool = False) -> dict[str, Span]:
    """Intervals by id, in thousandths between the lowest and the highest end (with 0 in the middle if `around`)."""
    low, high = min(one["low"] for one in rows), max(one["high"] for one in rows)
    if around:
        high = max(-low, high)
        low = -high

    def at(value: float) -> int:
        return round(1000 * (value - low) / (high - low))

    return {one["id"]: Span(at(one["low"]), at(one[middle]), at(one["high"])) for one in rows}


def _intervals(t: Teller, estimates: Mapping[str, Mapping[str, Any]], top: int) -> Board:
    spans = _scaled(list(estimates.values()), "calibrated")
    rows = []
    for place, one in enumerate(t.result["applications"], start=1):
        estimate, span = estimates[one["id"]], spans[one["id"]]
        drawn = Span(span.low, span.middle, span.high, strong=place <= top)
        chance = int(Decimal(str(estimate["p_top"])) * 100)
        rows.append(
            row(
                t.name(one["id"]),
                str(one["rank"]),
                one["score"],
                Cell(short(estimate["calibrated"]), span=drawn,
                     detail=t.own("from_to", low=short(estimate["low"]), high=short(estimate["high"]))),
                Cell(_percent(t, estimate), bar=chance),
                short(estimate["expected_rank"]),
                line_after=t.own("line", top=top) if place == top else "",
                soft=place > top,
            )
        )  # fmt: skip
    columns = t.heads("application >rank >score calibrated chance >expected")
    return Board("intervals-table", t.own("intervals"), columns, tuple(rows), t.own("intervals_note"))


def _evaluators(t: Teller) -> Board:
    spans = _scaled(t.result["evaluators"], "leniency", around=True)
    rows = [
        row(
            t.name(one["id"]),
            str(one["sheets"]),
            Cell(f"{Decimal(short(one['leniency'])):+}", span=spans[one["id"]],
                 detail=t.own("from_to", low=short(one["low"]), high=short(one["high"]))),
            Cell(t.own(_judged(one)), tone="plain" if _judged(one) == "fair" else "wait"),
        )
        for one in t.result["evaluators"]
    ]  # fmt: skip
    columns = t.heads("evaluator >sheets leniency state")
    return Board("evaluators-table", t.own("evaluators"), columns, tuple(rows), t.own("evaluators_note"))


def _judged(one: Mapping[str, Any]) -> str:
    """Strict or lenient only where the whole interval says so."""
    if one["high"] < 0:
        return "strict"
    return "lenient" if one["low"] > 0 else "fair"


def _variance(t: Teller) -> Board:
    parts = t.result["variance"]
    whole = sum(parts.values())
    rows = [
        row(
            t.own(f"variance.{name}"),
            Cell(t.word("percent", n=short(100 * value / whole, 0)), bar=round(100 * value / whole)),
        )
        for name, value in parts.items()
    ]
    return Board("variance-table", t.own("variance"), t.heads("part share"), tuple(rows), t.own("variance_note"))
