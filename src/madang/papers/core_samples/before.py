"""Before the review: who must not evaluate what (`conflicts`), and who sits on the panel (`panel`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from madang.papers.core_samples.model import Answer, Board, Cell, Tile, Tone
from madang.papers.core_samples.telling import Teller, row

_STRENGTH: Mapping[str, Tone] = {"found": "danger", "declared": "danger", "suspected": "wait"}


def conflicts(t: Teller) -> Answer:
    problem, result = t.problem, t.result
    pairs = len(problem["applications"]) * len(problem["evaluators"])
    return Answer(
        headline=t.own("headline", apart=len(result["pairs"]), check=len(result["to_check"])),
        tiles=(
            Tile(t.own("tile.pairs"), str(pairs)),
            Tile(t.own("tile.apart"), str(len(result["pairs"]))),
            Tile(t.own("tile.check"), str(len(result["to_check"]))),
            Tile(t.own("tile.as_of"), problem["as_of"]),
        ),
        sections=(
            t.section("found", _found(t)),
            t.section("rules", _rules(t)),
            t.section("left", _left(t)),
        ),
    )


def _found(t: Teller) -> Board:
    rows = [
        row(
            Cell(f"{t.name(one['application'])} – {t.name(one['evaluator'])}"),
            Cell(t.own(f"strength.{one['strength']}"), tone=_STRENGTH[one["strength"]]),
            t.name(one["rule"]),
            Cell("", lines=tuple(map(t.say, one["evidence"]))),
        )
        for one in t.result["conflicts"]
    ]
    return Board(
        "found-table", t.own("found"), t.heads("pair strength rule evidence"), tuple(rows), t.own("found_note")
    )


def _rules(t: Teller) -> Board:
    rows = [
        row(
            t.name(one["id"]),
            Cell(t.own("since", day=one["since"]) if one["since"] else t.own("always")),
            *(str(one[strength]) for strength in _STRENGTH),
        )
        for one in t.result["per_rule"]
    ]
    columns = t.heads("rule counts_from >found >declared >suspected")
    return Board("rules-table", t.own("rules"), columns, tuple(rows), t.own("rules_note"))


def _left(t: Teller) -> Board:
    everybody = len(t.problem["evaluators"])
    rows = [
        row(
            t.name(one["application"]),
            Cell(t.own("free_of", free=one["free"], of=everybody), bar=100 * one["free"] // everybody),
            str(one["unsure"]),
            str(one["required"]),
            Cell(t.own("enough" if one["enough"] else "short"), tone="done" if one["enough"] else "danger"),
        )
        for one in t.result["free"]
    ]
    return Board("left-table", t.own("left"), t.heads("application free >unsure >required state"), tuple(rows))


def panel(t: Teller) -> Answer:
    problem, result = t.problem, t.result
    return Answer(
        headline=t.own("headline", members=t.listed(result["members"])),
        tiles=(
            Tile(t.own("tile.pool"), str(len(problem["pool"]))),
            Tile(t.own("tile.seats"), str(problem["seats"])),
            Tile(t.own("tile.passed"), str(len(result["passed_over"]))),
            Tile(t.own("tile.substitutes"), str(len(result["substitutes"]))),
        ),
        sections=(t.section("walk", _walk(t)), t.section("rules", _panel_rules(t))),
    )


def _walk(t: Teller) -> Board:
    tags = {one["id"]: one.get("tags", ()) for one in t.problem["pool"]}
    passed = {one["id"]: one for one in t.result["passed_over"]}
    excluded = {one["id"]: one["code"] for one in t.problem["excluded"]}
    rows = []
    for place, id_ in enumerate(t.result["lot_order"], start=1):
        seated = id_ in t.result["members"]
        if seated:
            state: Cell = Cell(t.own("seated"), tone="done")
        elif id_ in excluded:
            state = Cell(t.own("excluded"), tone="danger", lines=(t.own("because", reason=t.name(excluded[id_])),))
        elif id_ in passed:
            state = Cell(t.own("passed"), tone="plain", lines=(_rule_words(t, passed[id_]),))
        else:
            state = Cell(t.own("substitute"), tone="plain")
        rows.append(row(t.name(id_), str(place), ", ".join(map(t.name, tags[id_])), state, soft=not seated))
    return Board(
        "walk-table", t.own("walk"), t.heads("candidate >drawn carries state"), tuple(rows), t.own("walk_note")
    )


def _rule_words(t: Teller, passed: Mapping[str, Any]) -> str:
    """The reason with the rule in words instead of `at_most:same-institute`."""
    limit, _, key = passed["params"]["rule"].partition(":")
    rule = t.own(f"rule.{limit}", limit=t.name(key)) if key else limit
    return t.say({"code": passed["code"], "params": passed["params"] | {"rule": rule}})


def _panel_rules(t: Teller) -> Board:
    carried = {id_["id"]: id_.get("tags", ()) for id_ in t.problem["pool"]}
    rows = []
    for tag, least in t.problem["at_least"].items():
        sitting = [id_ for id_ in t.result["members"] if tag in carried[id_]]
        rows.append(row(t.own("least", tag=t.name(tag), least=least), str(len(sitting)), t.listed(sitting)))
    for key, most in t.problem["at_most"].items():
        prefix = f"{key.removeprefix('same-')}:"
        from_ = [tag for id_ in t.result["members"] for tag in carried[id_] if tag.startswith(prefix)]
        most_shared = max((from_.count(tag) for tag in from_), default=0)
        rows.append(row(t.own("most", limit=t.name(key), most=most), str(most_shared), t.listed(from_)))
    return Board("panel-rules", t.own("rules"), t.heads("rule >reached by"), tuple(rows))
