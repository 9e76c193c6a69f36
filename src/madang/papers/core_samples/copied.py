"""Who repeats whom (`duplicates`): the pairs with their figures, and the passages side by side."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from madang.papers.blocks import Bullets, Words
from madang.papers.core_samples.model import Answer, Board, Cell, Head, Tile
from madang.papers.core_samples.telling import Teller, row, short


def duplicates(t: Teller) -> Answer:
    problem, result = t.problem, t.result
    across = problem["compare"]["across"]
    calls = [one["tags"][across] for one in problem["documents"]]
    compared = sum(one != other for place, one in enumerate(calls) for other in calls[:place])
    return Answer(
        headline=t.own(
            "headline", found=result["found"], of=compared, threshold=short(100 * Decimal(str(problem["threshold"])), 0)
        ),
        tiles=(
            Tile(t.own("tile.documents"), str(len(problem["documents"]))),
            Tile(t.own("tile.found"), str(result["found"])),
            Tile(t.own("tile.closest"), short(result["pairs"][0]["containment"])),
            Tile(t.own("tile.common"), str(result["common"][0]["shingles"])),
        ),
        sections=(
            t.section("pairs", _pairs(t)),
            t.section("beside", *(_beside(t, pair) for pair in result["pairs"])),
            t.section("said", Bullets(tuple(Words(t.say(one)) for one in result["reasons"]))),
        ),
    )


def _pairs(t: Teller) -> Board:
    rows = [
        row(
            t.own("beside", one=t.name(one["a"]), other=t.name(one["b"])),
            Cell(short(one["containment"]), bar=int(100 * Decimal(one["containment"]))),
            short(one["resemblance"]),
            str(one["shared"]),
        )
        for one in t.result["pairs"]
    ]
    columns = t.heads("pair containment >resemblance >shared")
    return Board("pairs-table", t.own("pairs"), columns, tuple(rows), t.own("pairs_note"))


def _beside(t: Teller, pair: Mapping[str, Any]) -> Board:
    """The passages of a pair as they stand in either text."""
    texts = {one["id"]: one["text"] for one in t.problem["documents"]}
    rows = [
        row(
            str(number),
            t.word("quoted", text=texts[pair["a"]][from_:to]),
            t.word("quoted", text=texts[pair["b"]][other_from:other_to]),
        )
        for number, (from_, to, other_from, other_to) in enumerate(pair["passages"], start=1)
    ]
    names = [t.name(pair[side]) for side in "ab"]
    columns = (*t.heads("passage"), *map(Head, names))
    return Board(f"beside-{pair['a']}-{pair['b']}", t.own("beside", one=names[0], other=names[1]), columns, tuple(rows))
