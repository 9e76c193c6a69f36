"""Which projects fit the money (`selection`: down the ranking, and the largest total value, side by side)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from madang.papers.core_samples.files import Sample
from madang.papers.core_samples.model import Answer, Board, Cell, Tile
from madang.papers.core_samples.telling import Teller, row


def selection(t: Teller) -> Answer:
    walk, best = t.samples
    only = {"walk": _without(walk, best), "best": _without(best, walk)}
    budget = next(rule for rule in walk.problem["rules"] if rule["type"] == "budget")["max_krw"]
    return Answer(
        headline=t.own(
            "headline",
            value=best.result["value"],
            walk=walk.result["value"],
            enters=t.listed(only["best"]),
            leaves=t.listed(only["walk"]),
        ),
        tiles=(
            Tile(t.own("tile.budget"), t.won(budget)),
            *(
                Tile(t.own(f"tile.{key}"), str(one.result["value"]), t.own("count", n=len(one.result["selected"])))
                for key, one in (("walk", walk), ("best", best))
            ),
            Tile(t.own("tile.bound"), str(best.result["bound"])),
        ),
        sections=(
            t.section("beside", _beside(t, walk, best)),
            t.section("reasons", _reasons(t, walk, best)),
            t.section("rules", _rules(t, walk, best)),
            t.section("let_in", _let_in(t, walk, best)),
        ),
    )


def _without(one: Sample, other: Sample) -> list[str]:
    return [id_ for id_ in one.result["selected"] if id_ not in other.result["selected"]]


def _beside(t: Teller, walk: Sample, best: Sample) -> Board:
    rows = []
    for one in walk.problem["applications"]:
        inside = [one["id"] in sample.result["selected"] for sample in (walk, best)]
        change = {(False, True): "comes", (True, False): "goes"}.get((inside[0], inside[1]))
        rows.append(
            row(
                t.name(one["id"]),
                str(one["rank"]),
                str(one["value"]),
                t.won(one["cost_krw"] - one["own_krw"]),
                ", ".join(t.name(tag) for tag in one["tags"].values()),
                *(Cell(t.own("in" if there else "out"), tone="done" if there else "closed") for there in inside),
                Cell(t.own(change), tone="wait") if change else "",
            )
        )
    columns = t.heads("application >rank >value >grant carries by_rank by_value difference")
    return Board("beside-table", t.own("beside"), columns, tuple(rows), t.own("beside_note"))


def _reasons(t: Teller, walk: Sample, best: Sample) -> Board:
    """Why not, under either rule, for each that one of the two leaves out."""
    why = [{one["id"]: one for one in sample.result["why"]} for sample in (walk, best)]
    rows = []
    for one in walk.problem["applications"]:
        told = [tuple(_said(t, found[one["id"]])) for found in why]
        if any(told):
            cells = [Cell("" if lines else t.own("in"), tone="" if lines else "done", lines=lines) for lines in told]
            rows.append(row(t.name(one["id"]), *cells))
    return Board("reasons-table", t.own("reasons"), t.heads("application by_rank by_value"), tuple(rows))


def _said(t: Teller, why: Mapping[str, Any]) -> Iterator[str]:
    if why["code"] == "selected":
        return
    for reason in why["reasons"]:
        if reason["code"] != "outvalued" or reason["params"]["rise_at_least"]:
            yield t.say(reason)
        else:
            yield t.own("outvalued")


def _rules(t: Teller, walk: Sample, best: Sample) -> Board:
    rows = []
    for before, after in zip(walk.result["per_rule"], best.result["per_rule"], strict=True):
        cells = [Cell(_used(t, use)) for use in (before, after)]
        rows.append(row(t.name(before["id"]), *cells, _gain(t, after["if_dropped"])))
    columns = t.heads("rule by_rank by_value if_dropped")
    return Board("rules-table", t.own("rules"), columns, tuple(rows), t.own("rules_note"))


def _gain(t: Teller, dropped: Mapping[str, Any] | None) -> Cell:
    """What the largest total would gain without a rule, and who would change; nothing is known where time ended."""
    if dropped is None:
        return Cell("–")
    if not dropped["value_gain"]:
        return Cell(t.own("no_gain"))
    change = t.own("exchange", enters=t.listed(dropped["enters"]), leaves=t.listed(dropped["leaves"]))
    return Cell(f"+{dropped['value_gain']}", lines=(change,))


def _used(t: Teller, use: Mapping[str, Any]) -> str:
    match use["type"]:
        case "budget":
            return t.own("use.budget", used=t.won(use["used_krw"]), left=t.won(use["slack_krw"]))
        case "match":
            return t.own("use.match", grant=t.won(use["grant_krw"]), own=t.won(use["own_krw"]))
        case "quota":
            return t.own("use.quota", count=use["count"], tag=t.name(use["equals"]))
        case "cap_each":
            return t.own("use.cap_each", values=t.listed(use["values_at_cap"]))
        case _:
            return t.own("use.pass_mark", lowest=use["lowest_value"], mark=use["min_value"])


def _let_in(t: Teller, walk: Sample, best: Sample) -> Board:
    rows = []
    for sample, key in ((walk, "by_rank"), (best, "by_value")):
        for one in sample.result["explain"]:
            if not one["selected"] and one["possible"]:
                needs = (
                    t.own("needs_place", rank=one["rank"], ahead=t.listed(one["ahead_of"]))
                    if key == "by_rank"
                    else t.own("needs_value", value=one["value"], rise=one["value_rise"])
                )
                change = t.own("exchange", enters=t.listed(one["enters"]), leaves=t.listed(one["leaves"]))
                rows.append(row(t.name(one["id"]), t.word(f"column.{key}"), needs, change))
    columns = t.heads("application walk needs then")
    return Board("let-in-table", t.own("let_in"), columns, tuple(rows), t.own("let_in_note"))
