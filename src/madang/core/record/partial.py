"""The party's and the public edition: what can be checked of a record of which much is closed, and what cannot."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByGrade, ByRank, ByThreshold, ByVote, CapEach
from madang.core.callspec.scored import Judged, basis_points
from madang.core.deciding.case import Application
from madang.core.deciding.eligibility import track_of
from madang.core.deciding.rules import tags_of
from madang.core.deciding.scores import ranking_problem
from madang.core.problem import decimal_text
from madang.core.reasons import Param, Reason
from madang.core.record.findings import Verification
from madang.core.record.opens import Audience, about, audience, kind_of, opens
from madang.core.record.read import Record
from madang.core.record.recompute import decision_faults, verify_stage
from madang.core.votes.model import ABSTAIN, NO_QUORUM, REJECTED

Lines = Mapping[str, Mapping[str, Any]]

#: What no edition but the auditor's ever opens: with these open it is the auditor's under another name.
_NEVER_OPEN = ("scored-by/", "assignments/", "evaluators/", "computed/all-reasons/")
_FRACTION = re.compile(r"-?\d{1,400}(\.\d{1,400}|/[1-9]\d{0,400})?")


def _exact(text: str) -> Fraction:
    """A number of a record; `1e999999999` would be one too, and take an hour."""
    if not _FRACTION.fullmatch(text):
        raise ValueError(f"not a number: {text[:40]}")
    return Fraction(text)


def check(result: Verification, record: Record, definition: Definition) -> None:
    """Adds what was found to the result. Raises what a hostile record may trip; the caller says so."""
    mine = next(iter(record.named("answers")), None) if record.edition == "party" else None
    to = audience(definition, record.values, mine)
    _edition(result, record, to)
    closed = {"edition": record.edition}
    result.skip("inputs", Reason("edition_closes_inputs", closed))
    result.skip("computed", Reason("edition_not_recomputable", closed))
    if "drawn" in record.values.get("origin", {}).values():
        result.skip("draws", Reason("edition_closes_draws", closed))
    _scores(result, record, definition)
    _ranking(result, record, definition)
    _selection(result, record, definition)
    _votes(result, record, definition)
    wrong = [Reason("statistics_differ", told) for told in _sums(record.values["computed/statistics"])]
    result.add("statistics", wrong, Reason("statistics_sums_checked"))
    _decided(result, record)


# -- what is open -------------------------------------------------------------------------------------------------


def _edition(result: Verification, record: Record, to: Audience) -> None:
    """Everybody whom the decision selected is in it, with what the definition announces; nothing beyond that is."""
    decided = record.named("decided")
    selected = sum(line["outcome"] == "selected" for line in decided.values())
    wrong = []
    if to.publish.selected == "all" and record.values["decided-summary"]["selected"] != selected:
        told = {"stated": record.values["decided-summary"]["selected"], "found": selected}
        wrong.append(Reason("selected_not_all_open", told))
    wrong += [Reason("edition_leaf_missing", {"leaf": name}) for name in _announced(record, to)]
    secret = [name for name in record.values if name.startswith(_NEVER_OPEN)]
    if secret:
        wrong.append(Reason("edition_opens_secret", {"leaves": secret[:20]}))
    wrong += [Reason("leaf_about_another", {"leaf": name, "application": of}) for name, of in _misnamed(record)]
    result.add("edition", wrong, Reason("edition_opens_announced", {"edition": record.edition, "selected": selected}))
    beyond = [name for name, value in record.values.items() if not opens(name, value, to)]
    if beyond:
        result.skip("edition", Reason("edition_opens_more", {"leaves": beyond[:20]}))


def _misnamed(record: Record) -> Iterator[tuple[str, str]]:
    """Open leaves whose value speaks of another application than their name."""
    for name, value in record.values.items():
        of, kind = about(name, value), kind_of(name)
        rest = name[len(kind) + 1 :]
        if of and not _belongs(kind, rest, of):
            yield name, of


_ROWS = frozenset({
    "sheets", "comments", "votes", "checklist", "opinions", "outside_checks", "adjustments", "reductions", "conditions",
    "appointments", "conflicts", "assignments", "scored-by",
})  # fmt: skip
_BEHIND_ANOTHER = frozenset({"computed/stages", "computed/counted"})
_BEFORE_ANOTHER = frozenset({"computed/tasks", "computed/votes-several"})


def _belongs(kind: str, rest: str, of: str) -> bool:
    """Whether what stands behind a leaf's kind in its name is this application, and nothing else."""
    if kind in _ROWS:
        return rest.rpartition("/")[0] == of and rest.rpartition("/")[2].isdigit()
    if kind in _BEHIND_ANOTHER:
        return rest.partition("/")[2] == of
    return rest.rpartition("/")[0] == of if kind in _BEFORE_ANOTHER else rest == of


def _announced(record: Record, to: Audience) -> Iterator[str]:
    for name, line in record.named("decided").items():
        if line["outcome"] != "selected":
            continue
        needed = ["applications", *([] if line["departs"] else ["computed/outcomes"])]
        for kind in needed:
            if (to.names(name) or name == to.mine) and f"{kind}/{name}" not in record.values:
                yield f"{kind}/{name}"


# -- scores and ranks ---------------------------------------------------------------------------------------------


def _scores(result: Verification, record: Record, definition: Definition) -> None:
    rule = definition.decide
    if not isinstance(rule, ByRank | ByThreshold | ByGrade):
        return
    wrong = [*_stages(record, definition, rule.decimals), *_totals(record, definition, rule)]
    stages = {sheet["stage"] for sheet in record.named("sheets").values() if "stage" in sheet}
    totals = len(record.named("computed/scores"))
    if wrong:
        result.add("scores", wrong)
    elif stages or totals:
        result.add("scores", [], Reason("scores_checked_as_open", {"stages": sorted(stages), "totals": totals}))
    else:
        result.skip("scores", Reason("edition_closes_scores", {"edition": record.edition}))


def _stages(record: Record, definition: Definition, decimals: int) -> Iterator[Reason]:
    """Each stage of the party's own from its own sheets, by the verifier that shares no code with the solver."""
    case = record.open_case()
    mine = frozenset(sheet.application for sheet in case.sheets)
    if not mine:
        return
    only = len(definition.judged()) == 1
    for stage in definition.evaluation:
        counted = record.named(f"computed/counted/{stage.id}")
        lines: list[Mapping[str, Any]] = [
            {**line, **counted[name]}
            for name, line in record.named(f"computed/stages/{stage.id}").items()
            if name in counted and name in mine
        ]
        if isinstance(stage, Judged) and lines:
            yield from verify_stage(ranking_problem(stage, case, mine, decimals, only=only), stage.id, lines)


def _totals(record: Record, definition: Definition, rule: ByRank | ByThreshold | ByGrade) -> Iterator[Reason]:
    """Each open total from the open scores of its stages; adjustments may stand in closed leaves."""
    for name, line in record.named("computed/scores").items():
        counting = [s.id for s in definition.evaluation if s.id in rule.combine]
        parts = {stage: record.values.get(f"computed/stages/{stage}/{name}", {}) for stage in counting}
        exact = _exact(line["exact"])
        told = {"application": name, "stated": str(line["score"])}
        if line["score"] != decimal_text(exact, rule.decimals):
            yield Reason("total_differs", told)
        elif not definition.adjustments and all(part.get("exact") for part in parts.values()):
            total = sum(
                (_exact(part["exact"]) * basis_points(rule.combine[stage]) / 10_000 for stage, part in parts.items()),
                Fraction(0),
            )
            if total != exact:
                yield Reason("total_differs", told)


def _ranking(result: Verification, record: Record, definition: Definition) -> None:
    """Who has the higher score has the smaller rank, and who passed stands before who did not."""
    if not isinstance(definition.decide, ByRank):
        return
    scores, applications = record.named("computed/scores"), record.named("applications")
    lists: dict[str, list[tuple[tuple[bool, Fraction], int, str]]] = {}
    for name, line in record.named("computed/ranking").items():
        if name in scores:
            of = str(applications.get(name, {}).get("track", "")) if definition.decide.list == "per_track" else ""
            value = (bool(scores[name]["passed"]), _exact(scores[name]["score"]))
            lists.setdefault(of, []).append((value, line["rank"], name))
    lines = [line for own in lists.values() for line in own]
    if len(lines) < 2:
        result.skip("ranking", Reason("edition_closes_ranking", {"edition": record.edition}))
        return
    wrong = []
    for own in lists.values():
        best_first = sorted(own, key=lambda line: (line[0], -line[1]), reverse=True)
        for before, after in pairwise(best_first):
            if before[1] > after[1] or (before[1] == after[1] and before[0] != after[0]):
                wrong.append(Reason("rank_against_score", {"application": after[2], "other": before[2]}))
    result.add("ranking", wrong, Reason("ranking_checked", {"applications": len(lines)}))


# -- who was selected ---------------------------------------------------------------------------------------------


def _selection(result: Verification, record: Record, definition: Definition) -> None:
    """The announced bounds over those who are named as selected, as far as amounts and tags are open."""
    chosen = [name for name, line in record.named("decided").items() if line["outcome"] == "selected"]
    chosen = [name for name in chosen if not record.values[f"decided/{name}"]["departs"]]
    if not chosen or definition.announcement.publish.selected != "all":
        result.skip("selection", Reason("edition_closes_selection", {"edition": record.edition}))
        return
    wrong = [*_bounds(record, definition, chosen), *_caps(record, definition, chosen)]
    result.add("selection", wrong, Reason("selection_bounds_checked", {"selected": len(chosen)}))
    if not wrong:
        result.skip("selection", Reason("selection_order_closed", {"edition": record.edition}))


def _bounds(record: Record, definition: Definition, chosen: list[str]) -> Iterator[Reason]:
    stated = record.values["computed/summary"]["selected"]
    if len(chosen) > stated:
        yield Reason("more_selected_than", {"found": len(chosen), "most": stated})
    rule, money = definition.decide, definition.money
    most = rule.places if isinstance(rule, ByVote) else None
    if isinstance(rule, ByRank) and rule.list == "one":
        most = rule.seats.max
    if most is not None and len(chosen) > most:
        yield Reason("more_selected_than", {"found": len(chosen), "most": most})
    grants = {name: record.values.get(f"computed/outcomes/{name}", {}).get("grant_krw") for name in chosen}
    known = {name: grant for name, grant in grants.items() if isinstance(grant, int)}
    ranked = isinstance(rule, ByRank) and rule.list == "one"
    if (
        ranked
        and money.budget_krw is not None
        and money.budget_of == "grant"
        and sum(known.values()) > money.budget_krw
    ):
        yield Reason("grants_over_budget", {"found_krw": sum(known.values()), "most_krw": money.budget_krw})
    for name, grant in known.items():
        track = track_of(definition, _application(record, name))
        limits = money.limits.get(track.id if track else "") or money.limits.get("default")
        if limits and limits.grant_krw.max is not None and grant > limits.grant_krw.max:
            told: dict[str, Param] = {"application": name, "found_krw": grant, "most_krw": limits.grant_krw.max}
            yield Reason("grant_over_announced", told)


def _caps(record: Record, definition: Definition, chosen: list[str]) -> Iterator[Reason]:
    """Caps, and the maxima of quotas, by tags that are read from open answers alone."""
    rule = definition.decide
    if not isinstance(rule, ByRank):
        return
    tags = [tags_of(definition, rule, _application(record, name), {}) for name in chosen]
    for one in rule.rules:
        tag = one.cap_each if isinstance(one, CapEach) else one.quota
        if not _is_open(definition, tag):
            continue
        found = Counter(value for told in tags for value in told.get(tag, ()))
        most = (
            dict.fromkeys(found, one.max)
            if isinstance(one, CapEach)
            else {value: share.max for value, share in one.values.items() if share.max is not None}
        )
        for value, limit in most.items():
            if limit is not None and found[value] > limit and (rule.list == "one" or not isinstance(one, CapEach)):
                yield Reason("more_selected_of", {"tag": tag, "value": value, "found": found[value], "most": limit})


def _is_open(definition: Definition, tag: str) -> bool:
    field = definition.field(tag)
    return field.public if field is not None else tag in ("track", "country")


def _application(record: Record, name: str) -> Application:
    value = record.values.get(f"applications/{name}", {"id": name, "applicant": ""})
    return Application.from_json({key: item for key, item in value.items() if key != "number"})


# -- votes, statistics, decision ----------------------------------------------------------------------------------


def _votes(result: Verification, record: Record, definition: Definition) -> None:
    rule = definition.decide
    if not isinstance(rule, ByVote):
        return
    lines = {**record.named("computed/votes"), **record.named("computed/votes-several")}
    if not lines:
        result.skip("votes", Reason("edition_closes_votes", {"edition": record.edition}))
        return
    wrong = [
        Reason("vote_differs", {"application": line["application"]})
        for line in lines.values()
        if not _counts_lead_there(line, rule)
    ]
    result.add("votes", wrong, Reason("votes_checked_as_counted", {"votes": len(lines)}))


def _counts_lead_there(line: Mapping[str, Any], rule: ByVote) -> bool:
    """Quorum and majority over the counts as stated; the single votes are closed."""
    counts, cast, seats = line["counts"], line["cast"], line["seats"]
    if sum(counts.values()) != cast or cast > seats or min(counts.values(), default=0) < 0:
        return False
    met = cast * 10_000 >= basis_points(rule.quorum) * seats
    base = cast if rule.of == "cast" else seats
    over = [o for o, n in counts.items() if o != ABSTAIN and n * 10_000 > basis_points(rule.majority) * base]
    outcome = NO_QUORUM if not met else None if len(over) > 1 else over[0] if over else REJECTED
    return line["quorum_met"] is met and line["outcome"] == outcome


def _sums(told: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """What does not add up inside the statistics."""
    total = told["total"]
    tables = ["by_type", "by_region", "by_country", *([] if told["by_field_overlaps"] else ["by_field"])]
    for table in tables:
        rows = told[table]
        cases = sum(row["cases"] for row in rows)
        unnamed = table == "by_country" and cases < total["cases"]  # a call at home need not ask for the country
        if rows and cases != total["cases"] and not unnamed:
            yield {"at": f"/{table}", "code": "sum"}
        if any(row["countries"] > total["countries"] for row in rows):
            yield {"at": f"/{table}", "code": "countries"}
    if told["by_country"] and sum(row["id"] != "unclassified" for row in told["by_country"]) != total["countries"]:
        yield {"at": "/total/countries", "code": "countries"}
    for name in ("cases", "countries"):
        change = told["growth"][name]
        if change is not None and (
            change["now"] != total[name] or change["change"] != total[name] - change["previous"]
        ):
            yield {"at": f"/growth/{name}", "code": "growth"}


def _decided(result: Verification, record: Record) -> None:
    lines, outcomes = record.named("decided"), record.named("computed/outcomes")
    wrong = [
        fault
        for name, line in lines.items()
        if name in outcomes
        for fault in decision_faults(name, line, str(outcomes[name].get("outcome")))
    ]
    departing = sorted(name for name, line in lines.items() if line["departs"])
    result.add("decided", wrong, Reason("decided_as_open", {"decisions": len(lines)}))
    if departing and not wrong:
        result.skip("decided", Reason("deviations_closed", {"applications": departing}))
