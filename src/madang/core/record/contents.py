"""What a record says, leaf by leaf: which value stands under which name, cut so that editions can open what is theirs.

A leaf is opened whole or not at all. So what is for everybody, for the applicant and for the auditor stands in leaves
of its own: an application and its answers, a sheet and who wrote it, an outcome and the reasons for it.
`docs/formats/record.md` lists them; `opens.py` says who sees which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from madang.core.callspec.model import Definition
from madang.core.deciding.case import TABLES, Application, Case, Evaluator, Sheet
from madang.core.record import splitting
from madang.core.statistics import Classifications

#: Parts of `computed` that have leaves of their own kind; every other part is cut by application, or stands whole.
_WHOLE = ("status", "reasons", "counts", "statistics", "stages", "selections", "draws", "ranking", "bands")
#: What a stage's leaf tells of the score; the rest (how many sheets, which were dropped) is in `computed/counted`.
_STAGE = ("application", "score", "exact", "criteria")
_RANK, _SCORE = ("application", "rank"), ("application", "score", "exact", "passed")
#: What of the rest names sheets by their number.
_SHEET_NUMBERS = frozenset({"dropped", "skipped", "dropped_by_criterion"})
#: What an application's leaf holds; the rest is in `answers`.
_OPENLY = ("id", "applicant", "kind", "track", "country")
PADDING = "padding/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What is known of a decision besides its content. `decided_at` is wall time in the zone of the call."""

    call: str
    definition_sha256: str
    decided_at: str
    program: str
    sample: bool = False
    note: Mapping[str, str] | None = None

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "call": self.call,
            "definition_sha256": self.definition_sha256,
            "decided_at": self.decided_at,
            "program": self.program,
            "sample": self.sample,
        }
        return {**told, "note": dict(self.note)} if self.note else told


def definition_json(definition: Definition) -> dict[str, Any]:
    """The definition as JSON values (decimals as text), without what is at its default."""
    found: dict[str, Any] = definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return found


def contents(
    *,
    meta: Meta,
    definition_text: str,
    definition: Definition,
    classifications: Classifications,
    case: Case,
    computed: Mapping[str, Any],
    deviations: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, Any]:
    """Every leaf's value by name. `deviations`: application -> `{outcome, reason}` where the decision departs.

    `case` should have gone through `veil` before it was decided: what speaks of evaluators then uses pseudonyms.
    Cost: linear in the case.
    """
    values: dict[str, Any] = {
        "meta": meta.as_json(),
        "definition": definition_json(definition),
        "definition-text": definition_text,
        "classifications": classifications.as_json(),
    }
    values |= dict(case_leaves(definition, case))
    values |= dict(panel_names(definition, case, computed))
    values |= dict(computed_leaves(computed, case))
    selected = 0
    for line in computed["outcomes"]:
        name = line["application"]
        departs = (deviations or {}).get(name)
        outcome = departs["outcome"] if departs else line["outcome"]
        values[f"decided/{name}"] = {"application": name, "outcome": outcome, "departs": departs is not None}
        if departs:
            values[f"deviations/{name}"] = {"application": name, "reason": departs["reason"]}
        selected += outcome == "selected"
    values["decided-summary"] = {"selected": selected}
    return values


# -- the case -----------------------------------------------------------------------------------------------------


def case_leaves(definition: Definition, case: Case) -> Iterator[tuple[str, Any]]:
    """The rows of every table. A table added to `TABLES` comes along whole, one leaf a row.

    Rows about an application are numbered within it: a number over all of them would tell its applicant how many rows
    there are about others.
    """
    public = frozenset(field.id for field in definition.fields() if field.public)
    for table in TABLES:
        told: Counter[str] = Counter()
        for number, row in enumerate(getattr(case, table)):
            about = getattr(row, "application", None)
            at = f"{number:06d}" if about is None else f"{about}/{told[about]:03d}"
            told[about or ""] += 1
            if isinstance(row, Application):
                yield from _application(number, row, public)
            elif isinstance(row, Sheet):
                yield from _sheet(at, row)
            elif isinstance(row, Evaluator):
                yield f"evaluators/{row.pseudonym}", row.as_json()
            else:
                yield f"{table}/{at}", row.as_json()
    yield "lots", list(case.lot_order)
    yield "origin", origin_of(case)


def _application(number: int, row: Application, public: frozenset[str]) -> Iterator[tuple[str, Any]]:
    """What is published of a selected application, and everything else that it told."""
    told = row.as_json()
    answers = told.pop("answers", {})
    openly = {name: answers[name] for name in answers if name in public}
    head = {name: told.pop(name) for name in _OPENLY if name in told}
    yield f"applications/{row.id}", {"number": number, **head, **({"answers": openly} if openly else {})}
    closed = {name: value for name, value in answers.items() if name not in public}
    yield f"answers/{row.id}", {"application": row.id, **told, **({"answers": closed} if closed else {})}


def _sheet(at: str, row: Sheet) -> Iterator[tuple[str, Any]]:
    """The scores, who gave them, and what was written beside them: three leaves, so that an applicant may see the
    first without the second.
    """
    told = row.as_json()
    yield f"scored-by/{at}", {"evaluator": told.pop("evaluator")}
    said = {name: told.pop(name) for name in ("comment", "notes") if name in told}
    if said:
        yield f"comments/{at}", {"application": row.application, **said}
    yield f"sheets/{at}", told


def origin_of(case: Case) -> dict[str, str]:
    """Where panel and lot order come from: drawn in this record, handed in (drawn elsewhere), or none."""
    drawn = {draw.draw for draw in case.draws}
    panel = any(name.startswith("panel:") for name in drawn)
    return {
        "panel": "drawn" if panel else "handed_in" if case.panel else "none",
        "lots": "drawn" if "lots" in drawn else "handed_in" if case.lot_order else "none",
    }


def panel_names(definition: Definition, case: Case, computed: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Who sat on each panel, in the order of their ids, where the definition publishes it; never with a pseudonym."""
    if definition.announcement.publish.panel != "names":
        return
    true = {one.pseudonym: one.id for one in case.evaluators}
    stages: dict[str, set[str]] = {}
    for member in case.panel:
        stages.setdefault(member.stage, set()).add(true.get(member.evaluator, member.evaluator))
    for draw in computed.get("draws", ()):
        kind, _, stage = draw["draw"].partition(":")
        if kind == "panel" and draw.get("members"):
            stages.setdefault(stage, set()).update(draw["members"])
    for stage, names in stages.items():
        yield f"panel-names/{stage}", sorted(names)


# -- the computed part --------------------------------------------------------------------------------------------


def computed_leaves(computed: Mapping[str, Any], case: Case) -> Iterator[tuple[str, Any]]:
    """The computed part as leaves: one for each application wherever it speaks of one. `case` is what was decided: its
    sheets, which the stages name by number, are numbered here within their application.
    """
    own = own_numbers([sheet.application for sheet in case.sheets])
    counts = computed["counts"]
    yield "computed/summary", {"status": computed["status"], "selected": counts.get("selected", 0)}
    yield "computed/counts", counts
    yield "computed/reasons", computed["reasons"]
    statistics = dict(computed["statistics"])
    yield "computed/unclassified", statistics.pop("unclassified", [])  # names applications
    yield "computed/statistics", statistics
    yield from _ranking(computed["ranking"])
    for stage in computed["stages"]:
        for line in stage["applications"]:
            at = f"{stage['id']}/{line['application']}"
            yield f"computed/stages/{at}", {name: line[name] for name in _STAGE if name in line}
            rest = {name: value for name, value in line.items() if name not in _STAGE}
            yield f"computed/counted/{at}", {"application": line["application"], **renumbered(rest, own)}
    for selection in computed["selections"]:
        yield f"computed/selections/{selection['list']}", selection["result"]
    for band in computed["bands"]:
        yield f"computed/bands/{band['list']}", band
    for draw in computed.get("draws", ()):
        yield f"computed/draws/{draw['draw']}", draw
    yield from _by_application({part: value for part, value in computed.items() if part not in _WHOLE})


def own_numbers(applications: list[str]) -> dict[int, int]:
    """The place of each sheet in the case -> its place among its application's sheets."""
    seen: Counter[str] = Counter()
    numbers = {}
    for place, name in enumerate(applications):
        numbers[place] = seen[name]
        seen[name] += 1
    return numbers


def renumbered(line: Mapping[str, Any], numbers: Mapping[int, int]) -> dict[str, Any]:
    """A stage's line with its numbers of sheets replaced."""
    found = dict(line)
    for key in _SHEET_NUMBERS & line.keys():
        value = line[key]
        if isinstance(value, dict):
            found[key] = {name: [numbers[n] for n in gone] for name, gone in value.items()}
        else:
            found[key] = [numbers[n] for n in value]
    return found


def _ranking(lines: list[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Rank and score apart: a call may publish one without the other."""
    for line in lines:
        name = line["application"]
        if "rank" in line:
            yield f"computed/ranking/{name}", {key: line[key] for key in _RANK}
        rest = {key: value for key, value in line.items() if key not in ("application", "rank")}
        yield f"computed/scores/{name}", {"application": name, **rest}


def _by_application(parts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each line without its reasons; the reasons of an application together, whole and in what may be shown of them."""
    ids = frozenset(line["application"] for line in parts["outcomes"])
    reasons: dict[str, dict[str, Any]] = {}
    for part, lines in parts.items():
        if not (isinstance(lines, list) and lines and all(isinstance(x, dict) and "application" in x for x in lines)):
            if lines != []:
                yield f"computed/{part}", lines
            continue
        several = Counter(line["application"] for line in lines)
        told: Counter[str] = Counter()
        for line in lines:
            name = line["application"]
            shown, aside = splitting.cut(line, name, ids)
            if part == "outcomes":
                yield from _tasks(name, shown, aside)
            if several[name] > 1:
                yield f"computed/{part}-several/{name}/{told[name]:03d}", shown
            else:
                yield f"computed/{part}/{name}", shown
            told[name] += 1
            reasons.setdefault(name, {}).setdefault(part, []).append(aside)
    ineligible = {line["application"] for line in parts["outcomes"] if line["outcome"] == "ineligible"}
    for name, full in reasons.items():
        yield f"computed/all-reasons/{name}", {"application": name, **full}
        kept = splitting.shares(full.get("outcomes", []), name, ids, figures_apart=name not in ineligible)
        for leaf, value in kept.items():
            if value:
                yield f"computed/{leaf}/{name}", {"application": name, "reasons": value}


def _tasks(name: str, shown: dict[str, Any], aside: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Takes the tasks out of an outcome: a refused one is closed to the public, and so is how many there are."""
    tasks = shown.pop("tasks", [])
    for task in tasks:
        key = str(task.get("task", "")).replace("%", "%25").replace("/", "%2F")
        yield f"computed/tasks/{name}/{key}", {"application": name, **task}
    for task, other in zip(tasks, aside.get("tasks", ()), strict=False):
        other["task"] = task.get("task", "")
