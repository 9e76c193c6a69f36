"""Who understands what (`affinity`), and who reads what (`assignment`: largest total and fair, side by side)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from madang.papers.blocks import Bullets, Words
from madang.papers.core_samples.files import Sample
from madang.papers.core_samples.model import Answer, Board, Cell, Shade, Shaded, Tile
from madang.papers.core_samples.telling import Teller, level, pairs_of, row, share_of, short

_LEVELS = ("0", "0.19", "0.39", "0.59", "0.79", "1")


def affinity(t: Teller) -> Answer:
    problem, result = t.problem, t.result
    best = max(Decimal(cell) for line in result["affinity"] for cell in line)
    return Answer(
        headline=t.own("headline"),
        tiles=(
            Tile(t.own("tile.applications"), str(len(result["applications"]))),
            Tile(t.own("tile.evaluators"), str(len(result["evaluators"]))),
            Tile(t.own("tile.weights"), t.own("weights", **_percent(problem["weights_bp"]))),
            Tile(t.own("tile.best"), short(str(best))),
        ),
        sections=(
            t.section("table", _affinities(t)),
            t.section("why", _why(t)),
            t.section("said", Bullets(tuple(Words(t.say(one)) for one in result["reasons"]))),
        ),
    )


def _percent(weights: Mapping[str, int]) -> dict[str, int]:
    return {name: weight // 100 for name, weight in weights.items()}


def _title(t: Teller, application: Mapping[str, Any]) -> str:
    return t.name(application["title"])


def _affinities(t: Teller) -> Shaded:
    problem, result = t.problem, t.result
    return Shaded(
        "affinity-table",
        t.own("table"),
        t.word("column.application"),
        tuple((t.name(one["id"]), t.listed(one["fields"])) for one in problem["evaluators"]),
        tuple(
            (t.name(one["id"]), _title(t, one), tuple(Shade(short(cell), level(cell)) for cell in cells))
            for one, cells in zip(problem["applications"], result["affinity"], strict=True)
        ),
        legend=_scale(t),
    )


def _scale(t: Teller) -> tuple[Shade, ...]:
    return tuple(Shade(t.word(f"level.{place}"), place) for place in range(len(_LEVELS)))


def _why(t: Teller) -> Board:
    rows = [
        row(
            Cell(f"{t.name(one['application'])} – {t.name(one['evaluator'])}"),
            Cell(short(one["affinity"]), bar=int(Decimal(one["affinity"]) * 100)),
            Cell("–" if one["text"] is None else short(one["text"])),
            Cell("–" if one["fields"] is None else short(one["fields"])),
            Cell("", lines=tuple(map(t.say, one["reasons"]))),
        )
        for one in t.result["why"]
    ]
    columns = t.heads("pair affinity >text >fields why")
    return Board("why-table", t.own("why"), columns, tuple(rows), t.own("why_note"))


# -- assignment -------------------------------------------------------------------------------------------------------


def assignment(t: Teller) -> Answer:
    total, fair = (sample.result for sample in t.samples)
    return Answer(
        headline=t.own(
            "headline",
            low=short(total["worst"]),
            high=short(fair["worst"]),
            price=short(Decimal(total["total"]) - Decimal(fair["total"])),
        ),
        tiles=(
            Tile(t.own("tile.total_total"), short(total["total"])),
            Tile(t.own("tile.total_worst"), short(total["worst"])),
            Tile(t.own("tile.fair_total"), short(fair["total"])),
            Tile(t.own("tile.fair_worst"), short(fair["worst"])),
        ),
        sections=(
            t.section("plans", *(_plan(t, sample, last=sample is t.samples[-1]) for sample in t.samples)),
            t.section("differ", _differ(t, total, fair)),
            t.section("loads", _loads(t, total, fair)),
            t.section("why_not", _why_not(t, t.samples[0]), _one_more(t, total)),
        ),
    )


def _plan(t: Teller, sample: Sample, *, last: bool) -> Shaded:
    problem, result = sample.problem, sample.result
    chosen, barred = pairs_of(result["pairs"]), pairs_of(problem["conflicts"])
    kind = result["objective"]

    def cell(application: str, evaluator: str, value: str) -> Shade:
        if (application, evaluator) in chosen:
            return Shade(short(value), level(value), "chosen", t.own("reads"))
        if (application, evaluator) in barred:
            return Shade(short(value), 0, "barred", t.own("barred"))
        return Shade(short(value), level(value))

    people = [one["id"] for one in problem["evaluators"]]
    rows = [
        (t.name(one["id"]), "", tuple(cell(one["id"], who, value) for who, value in zip(people, line, strict=True)))
        for one, line in zip(problem["applications"], problem["affinity"], strict=True)
    ]
    columns = tuple(
        (t.name(one["id"]), t.own("at_most", most=one["max_load"], tags=t.listed(one["tags"]) if one["tags"] else ""))
        for one in problem["evaluators"]
    )
    return Shaded(
        f"plan-{kind}",
        t.own(f"plan.{kind}", total=short(result["total"]), worst=short(result["worst"])),
        t.word("column.application"),
        columns,
        tuple(rows),
        legend=_legend(t) if last else (),
        sums=(t.word("column.sum"), tuple(short(one["sum"]) for one in result["applications"])),
    )


def _legend(t: Teller) -> tuple[Shade, ...]:
    return (Shade(t.own("reads"), 4, "chosen"), Shade(t.own("barred"), 0, "barred"), *_scale(t)[1:])


def _differ(t: Teller, total: Mapping[str, Any], fair: Mapping[str, Any]) -> Board:
    rows = []
    largest = max(Decimal(one["sum"]) for result in (total, fair) for one in result["applications"])
    for before, after in zip(total["applications"], fair["applications"], strict=True):
        sums = [
            Cell(short(one["sum"]), bar=int(100 * Decimal(one["sum"]) / largest), lines=(t.listed(one["evaluators"]),))
            for one in (before, after)
        ]
        gain = Decimal(short(after["sum"])) - Decimal(short(before["sum"]))
        rows.append(row(t.name(before["id"]), *sums, f"{gain:+}" if gain else t.word("same")))
    totals = [short(result["total"]) for result in (total, fair)]
    rows.append(row(t.word("column.total"), *totals, f"{Decimal(totals[1]) - Decimal(totals[0]):+}"))
    return Board("differ-table", t.own("differ"), t.heads("application in_total in_fair >change"), tuple(rows))


def _loads(t: Teller, total: Mapping[str, Any], fair: Mapping[str, Any]) -> Board:
    rows = []
    for place, one in enumerate(t.problem["evaluators"]):
        loads = [result["evaluators"][place]["load"] for result in (total, fair)]
        most = one["max_load"]
        cells = [Cell(t.own("load_of", load=load, most=most), bar=share_of(load, most)) for load in loads]
        rows.append(row(t.name(one["id"]), t.listed(one["tags"]), *cells))
    return Board("loads-table", t.own("loads"), t.heads("evaluator carries in_total in_fair"), tuple(rows))


def _why_not(t: Teller, sample: Sample) -> Board:
    rows = [
        row(
            Cell(f"{t.name(one['application'])} – {t.name(one['evaluator'])}"),
            "–" if one["cost"] is None else short(one["cost"]),
            Cell("", lines=(*map(t.say, one["reasons"]), *_moves(t, one))),
        )
        for one in sample.result["explain"]
    ]
    return Board("why-not-table", t.own("why_not"), t.heads("pair >cost why"), tuple(rows), t.own("why_not_note"))


def _moves(t: Teller, one: Mapping[str, Any]) -> tuple[str, ...]:
    """How the plan would change with the pair forced in."""
    if not one["enter"]:
        return ()
    told = {name: ", ".join(_pair(t, pair) for pair in one[name]) for name in ("leave", "enter")}
    return (t.own("moves", **told),)


def _pair(t: Teller, pair: list[str]) -> str:
    return f"{t.name(pair[0])} – {t.name(pair[1].removesuffix('+'))}"


def _one_more(t: Teller, total: Mapping[str, Any]) -> Bullets | None:
    told = [
        t.own(
            "one_more_tagged" if one["tag"] else "one_more",
            like=t.name(one["like"]),
            gain=short(one["gain"]),
            tag=t.name(one["tag"]) if one["tag"] else "",
        )
        for one in total["one_more"]
    ]
    return Bullets(tuple(map(Words, dict.fromkeys(told)))) if told else None
