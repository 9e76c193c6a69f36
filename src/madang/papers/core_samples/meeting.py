"""Who meets whom, when, at which table (`timetable`: a plan, and the same plan after a no-show)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from madang.papers.blocks import Bullets, Words
from madang.papers.core_samples.files import Sample
from madang.papers.core_samples.model import Answer, Board, Cell, Meeting, Planner, Tile
from madang.papers.core_samples.telling import Teller, row, share_of

Pair = tuple[str, str]


def timetable(t: Teller) -> Answer:
    plan, after = t.samples
    absent = [one["id"] for one in after.problem["companies"] if one.get("free") == []]
    new = _held(after) - _held(plan)
    return Answer(
        headline=t.own("headline", met=len(plan.result["meetings"]), wished=len(plan.problem["wishes"])),
        tiles=(
            Tile(t.own("tile.met"), f"{len(plan.result['meetings'])} / {len(plan.problem['wishes'])}"),
            Tile(t.own("tile.weight"), str(plan.result["weight"])),
            Tile(t.own("tile.bound"), str(plan.result["bound"])),
            Tile(t.own("tile.moved"), str(after.result["moved"])),
        ),
        sections=(
            t.section("plan", _grid(t, plan, set())),
            t.section("shares", _shares(t, plan, "companies"), _shares(t, plan, "agencies")),
            t.section("unmet", _unmet(t, plan)),
            t.section(
                "no_show",
                Bullets((Words(t.own("absent", who=t.listed(absent))), Words(_became(t, after, new)))),
                _grid(t, after, new),
            ),
        ),
    )


def _held(sample: Sample) -> set[Pair]:
    return {(one["company"], one["agency"]) for one in sample.result["meetings"]}


def _became(t: Teller, after: Sample, new: set[Pair]) -> str:
    listed = ", ".join(f"{t.name(company)} – {t.name(agency)}" for company, agency in sorted(new)) or "–"
    gone = sum(change["to"] is None for change in after.result["changes"])
    return t.own("became", gone=gone, moved=after.result["moved"], new=listed)


def _grid(t: Teller, sample: Sample, new: set[Pair]) -> Planner:
    weights = {(one["company"], one["agency"]): one["weight"] for one in sample.problem["wishes"]}
    at = {(one["slot"], one["table"]): one for one in sample.result["meetings"]}
    tables = range(1, sample.problem["tables"] + 1)

    def cell(slot: str, table: int) -> Meeting | None:
        one = at.get((slot, table))
        if one is None:
            return None
        pair = (one["company"], one["agency"])
        mark = t.own("new") if pair in new else ""
        return Meeting(t.name(pair[0]), t.name(pair[1]), t.own("wish", weight=weights[pair]), mark)

    slots = sample.problem["slots"]
    return Planner(
        f"grid-{sample.name}",
        t.own(f"grid.{sample.name}", weight=sample.result["weight"]),
        t.word("column.slot"),
        tuple(t.own("table", number=number) for number in tables),
        tuple((_times(slot), tuple(cell(slot["id"], number) for number in tables)) for slot in slots),
        free=t.own("free"),
        rest=tuple(place for place, (one, following) in enumerate(pairwise(slots)) if one["end"] != following["start"]),
    )


def _times(slot: Mapping[str, Any]) -> str:
    return f"{slot['start'][11:16]}–{slot['end'][11:16]}"


def _shares(t: Teller, plan: Sample, side: str) -> Board:
    about = {one["id"]: one for one in plan.problem[side]}
    rows = [
        row(
            t.name(one["id"]),
            t.listed(t.word(f"language.{language}") for language in about[one["id"]]["languages"]),
            Cell(t.own("met_of", met=one["met"], wished=one["wished"]), bar=share_of(one["met"], one["wished"])),
        )
        for one in plan.result[side]
    ]
    return Board(f"shares-{side}", t.own(f"shares.{side}"), t.heads(f"{side} speaks met"), tuple(rows))


def _unmet(t: Teller, plan: Sample) -> Board:
    rows = [
        row(
            Cell(f"{t.name(one['company'])} – {t.name(one['agency'])}"),
            t.say(one["reason"]),
            t.own("costs", cost=one["cost_at_least"]) if one["cost_at_least"] else "–",
        )
        for one in plan.result["unmet"]
    ]
    return Board("unmet-table", t.own("unmet"), t.heads("pair why forced"), tuple(rows), t.own("unmet_note"))
