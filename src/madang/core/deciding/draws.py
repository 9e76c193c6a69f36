"""The draws of a call: panels from their pools, a voting body, the order of ties and of presentations.

Each draw is derived from what was committed to beforehand (`core.lots`), over its entries in the order of their ids, so
that nobody can steer it by putting them in another order. A draw that cannot be derived says why and settles nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByVote
from madang.core.callspec.scored import Panel
from madang.core.deciding.case import Case, Draw, Exclusion, Member, Reveal, Seat
from madang.core.problem import read_problem
from madang.core.reasons import Reason

if TYPE_CHECKING:
    from madang.core.panels import PanelProblem

BODY = "body"
LOTS = "lots"


def drawn(definition: Definition, case: Case, eligible: frozenset[str]) -> list[dict[str, Any]]:
    """Every draw that the case hands in, derived: digest, order, and for a panel its members and substitutes.

    JSON values, in the order of the case's `draws`. Cost: one hash an entry; for panels `docs/algorithms/panels.md`.
    """
    return [_one(definition, case, eligible, name) for name in dict.fromkeys(draw.draw for draw in case.draws)]


def entries_of(definition: Definition, case: Case, eligible: frozenset[str], draw: str) -> list[str]:
    """Between whom a draw decides, in the order of their ids."""
    kind, _, of = draw.partition(":")
    if kind == "panel":
        return sorted(candidate.evaluator for candidate in case.pool if candidate.stage == of)
    if kind == "order":
        return sorted(eligible)
    return sorted(application.id for application in case.applications)


def panels_of(definition: Definition) -> dict[str, Panel]:
    """Which panels a definition has drawn or may have drawn: by judged stage, and the voting `body`."""
    found = {stage.id: stage.panel for stage in definition.judged() if stage.panel is not None}
    if isinstance(definition.decide, ByVote) and definition.decide.drawn is not None:
        found[BODY] = definition.decide.drawn
    return found


def with_draws(case: Case, draws: list[dict[str, Any]]) -> Case:
    """The case as the later steps need it: drawn panels as panel, a drawn body as seats, the drawn order of ties."""
    panel, seats, order = list(case.panel), list(case.seats), case.lot_order
    tags = {(candidate.stage, candidate.evaluator): candidate.tags for candidate in case.pool}
    pseudonym = {one.id: one.pseudonym for one in case.evaluators}
    for draw in draws:
        kind, _, of = draw["draw"].partition(":")
        if draw["status"] != "computed":
            continue
        if kind == "panel" and of == BODY:
            seats = [Seat(name) for name in draw["members"]]
        elif kind == "panel":
            panel += [Member(of, pseudonym.get(name, name), tags.get((of, name), ())) for name in draw["members"]]
        elif kind == LOTS:
            order = tuple(draw["order"])
    return replace(case, panel=tuple(panel), seats=tuple(seats), lot_order=order)


def _one(definition: Definition, case: Case, eligible: frozenset[str], name: str) -> dict[str, Any]:
    draw = next(draw for draw in case.draws if draw.draw == name)
    parts = [reveal for reveal in case.reveals if reveal.draw == name]
    entries = entries_of(definition, case, eligible, name)
    told = {"draw": name, **_lots(draw, entries, parts)}
    kind, _, of = name.partition(":")
    panel = panels_of(definition).get(of)
    drawn_panel = kind == "panel" and panel is not None and told["status"] == "computed"
    return told | _panel(panel, case, of, told) if drawn_panel and panel is not None else told


def _lots(draw: Draw, entries: list[str], parts: list[Reveal]) -> dict[str, Any]:
    """The order of one draw. Commitments count in their own order, whatever order the rows stand in."""
    from madang.core.lots import Drawn, LotsProblem, draw_order, entries_digest, in_fixed_order, solve_lots

    if not parts:
        published = draw.entries_sha256.lower()
        if published and published != entries_digest(entries):
            told = {"stated": published, "found": entries_digest(entries)}
            return _order("undetermined", None, [], [Reason("lots_entries_changed", told).as_json()])
        alone = draw_order(entries, [], [], draw.public)
        if not isinstance(alone, Drawn):
            return _order("undetermined", None, [], [alone.as_json()])
        reason = Reason("draw_by_public_value_alone", {"draw": draw.draw})
        return _order("computed", alone.digest, list(alone.order), [reason.as_json()])
    commitments, reveals = in_fixed_order([part.commitment for part in parts], [part.reveal for part in parts])
    data = {
        "kind": "lots",
        "version": 1,
        "entries": entries,
        "commitments": commitments,
        "reveals": reveals,
        "public": draw.public,
        **({"entries_sha256": draw.entries_sha256} if draw.entries_sha256 else {}),
    }
    result = solve_lots(read_problem(LotsProblem, data))
    one = [Reason("draw_by_one_party", {"draw": draw.draw}).as_json()] if len({part.by for part in parts}) < 2 else []
    return _order(result["status"], result["digest"], result["lot_order"], [*result["reasons"], *one])


def _order(status: str, digest: str | None, order: list[str], reasons: list[dict[str, Any]]) -> dict[str, Any]:
    return {"status": status, "digest": digest, "order": order, "reasons": reasons}


def panel_problem(panel: Panel, case: Case, stage: str, order: list[str]) -> PanelProblem:
    """The draw of a panel as a `panel` problem: who was excluded before it never sits."""
    from madang.core.panels import PanelProblem

    before = [one for one in case.exclusions if one.stage == stage and not one.after_draw]
    pool = {candidate.evaluator: candidate for candidate in case.pool if candidate.stage == stage}
    return read_problem(
        PanelProblem,
        {
            "kind": "panel",
            "version": 1,
            "pool": [{"id": name, "tags": list(pool[name].tags)} for name in sorted(pool)],
            "seats": panel.seats,
            "at_least": {tag: share.min for tag, share in panel.compose.items() if share.min},
            "at_most": {tag: share.max for tag, share in panel.compose.items() if share.max is not None},
            "excluded": [{"id": name, "code": code} for name, code in _once(before).items() if name in pool],
            "lot_order": order,
        },
    )


def _once(exclusions: list[Exclusion]) -> Mapping[str, str]:
    return {one.evaluator: one.code for one in reversed(exclusions)}


def _panel(panel: Panel, case: Case, stage: str, told: dict[str, Any]) -> dict[str, Any]:
    from madang.core.panels import move_up, solve_panel

    problem = panel_problem(panel, case, stage, told["order"])
    result = solve_panel(problem)
    members, substitutes = list(result["members"]), list(result["substitutes"])
    if panel.substitutes == "none":
        substitutes = []
    reasons = [*told["reasons"], *result["reasons"]]
    left, moved_up = [], []
    for leaver in (one for one in case.exclusions if one.stage == stage and one.after_draw):
        if leaver.evaluator in substitutes:
            substitutes.remove(leaver.evaluator)
        if leaver.evaluator not in members:
            continue
        left.append(leaver.evaluator)
        now, waiting, risen = move_up(problem, members, substitutes, leaver.evaluator)
        members, substitutes = list(now), list(waiting)
        if risen is None:
            told_who = {"evaluator": leaver.evaluator, "stage": stage}
            reasons.append(Reason("no_substitute_fits", told_who).as_json())
        else:
            moved_up.append(risen)
    return {
        "status": result["status"],
        "members": list(members),
        "substitutes": list(substitutes),
        "passed_over": result["passed_over"],
        "left": left,
        "moved_up": moved_up,
        "reasons": reasons,
    }
