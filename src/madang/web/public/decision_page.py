"""A decision's page from its view: which rows stand where, what the filter leaves, where the line is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from madang.papers.blocks import Block
from madang.papers.decision import ApplicationLine, Board, DecisionView, words
from madang.papers.decision.model import TaskLine
from madang.web.public.blocks import drawn
from madang.web.public.disclosure import Extent
from madang.words.labels import label

TONES: Final = {
    "selected": "done",
    "reserve": "wait",
    "ineligible": "danger",
    "undetermined": "wait",
    "later": "closed",
}
ORDER: Final = ("selected", "reserve", "undetermined", "not_selected", "ineligible", "later")
LIMIT: Final = 200
"""So many applications stand on one page."""


class Words:
    """The words of the report for a template: `{{ say.heading_votes }}`."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __getitem__(self, code: str) -> str:
        return words(code, self._language)


def is_settled(status: str) -> bool:
    """Whether a status of the computation leaves nothing open."""
    return status in ("computed", "feasible")


def context(seen: DecisionView, to: Extent, asked: Mapping[str, str]) -> dict[str, Any]:
    """Everything that the template shows of a view that is already cut down to what is public.

    `asked` may hold `outcome`, `q` and `page`; unknown values are ignored. Cost: linear in the applications.
    """
    outcome = asked.get("outcome", "")
    known = {line.outcome: line.outcome_label for line in seen.applications}
    outcome = outcome if outcome in known else ""
    query = asked.get("q", "").strip()[:100]
    found = [line for line in arranged(seen) if _matches(line, outcome, query)]
    page, pages, shown = paged(found, asked.get("page", ""))
    ids = {line.id for line in shown}
    kept = {name: value for name, value in (("outcome", outcome), ("q", query)) if value}
    return {
        "seen": seen,
        "tiles": _tiles(seen, to),
        "rankings": [
            _ranking(seen, board, number, ids) for number, board in enumerate(_ranked(seen)) if ids & {*board.ids}
        ],
        "others": _others(seen, shown),
        "details": [_details(seen, line) for line in shown] if to.whole or seen.columns else [],
        "score_name": words("column_score", seen.language) if any(line.score for line in shown) else "",
        "found": len(found),
        "all": len(seen.applications),
        "outcomes": [(name, known[name]) for name in ORDER if name in known],
        "asked": {"outcome": outcome, "q": query},
        "filtered": bool(kept),
        "page": page,
        "pages": [
            {"number": n, "url": "?" + urlencode({**kept, "page": n}) + "#list", "current": n == page}
            for n in range(1, pages + 1)
        ],
        "mark": next((board.mark for board in seen.boards if board.mark), None),
        "uses": [_uses(title, uses, number, seen) for number, (title, uses) in enumerate(seen.rules)],
        "votes": _votes(seen, ids),
        "by_task": any(line.tasks for line in seen.applications),
        "by_group": any(line.group for line in seen.applications),
        "reserve": _reserve(seen),
    }


def chapters(told: Mapping[str, Sequence[Block]], language: str) -> list[dict[str, Any]]:
    """Chapters of the printed paper as sections of the page: titles, and blocks for `parts/_blocks.html`."""
    return [
        {"id": name, "title": label("paper", f"chapter.{name}", language), "blocks": drawn(blocks, name)}
        for name, blocks in told.items()
    ]


def arranged(seen: DecisionView) -> list[ApplicationLine]:
    """In the order to read: by rank where there are ranks; else by outcome and then by number, so that an order of
    scores does not pass for a ranking that nobody made.
    """
    if any(line.rank is not None for line in seen.applications):
        return list(seen.applications)
    place = {name: number for number, name in enumerate(ORDER)}
    return sorted(seen.applications, key=lambda line: (place.get(line.outcome, len(ORDER)), line.id))


def _matches(line: ApplicationLine, outcome: str, query: str) -> bool:
    about = (line.id, line.applicant, line.track, line.country, line.group, *(task.task for task in line.tasks))
    text = " ".join(about).casefold()
    return (not outcome or line.outcome == outcome) and all(word in text for word in query.casefold().split())


def paged(found: Sequence[ApplicationLine], asked: str, limit: int = LIMIT) -> tuple[int, int, list[ApplicationLine]]:
    """(page, number of pages, its lines); a page that is none is the nearest one."""
    pages = max(1, -(-len(found) // limit))
    page = min(max(int(asked), 1), pages) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    return page, pages, list(found[(page - 1) * limit : page * limit])


# -- the table and its line -------------------------------------------------------------------------------------------


def _ranked(seen: DecisionView) -> list[Board]:
    return [board for board in seen.boards if board.ranked]


def _ranking(seen: DecisionView, board: Board, number: int, ids: set[str]) -> dict[str, Any]:
    """What `parts/_ranking.html` draws; the line stands where it belongs also when rows around it are filtered out."""
    rows = []
    known = {line.id: line for line in seen.applications}
    lines = [(place, known[name]) for place, name in enumerate(board.ids, 1) if name in ids]
    selected = sum(known[name].computed == "selected" for name in board.ids)
    for at, (place, line) in enumerate(lines):
        following = lines[at + 1][0] if at + 1 < len(lines) else None
        row = _row(line, seen)
        if place == board.line or (following and place < board.line < following):
            row["line_after"] = words("line_here", seen.language, count=selected)
        above = place < board.line and line.computed not in ("selected", "undetermined")
        if above and len(line.reasons) <= _STATED:  # no reason says which rule it was
            row["reasons"] = [words("skipped", seen.language), *row["reasons"]]
        rows.append(row)
    whole = words("heading_ranking", seen.language)
    caption = f"{whole}: {board.title}" if board.title else whole
    if board.mark:
        caption += f" · {words('chart_mark', seen.language, mark=board.mark)}"
    return {
        "id": f"ranking-{number + 1}",
        "caption": caption,
        "score_name": words("column_score", seen.language),
        "rows": rows,
    }


def _row(line: ApplicationLine, seen: DecisionView) -> dict[str, Any]:
    about = [line.id, line.track, line.country, line.group, line.grant if line.outcome == "selected" else ""]
    return {
        "rank": "–" if line.rank is None else str(line.rank),
        "name": line.applicant,
        "url": f"#of-{line.id}" if line.reasons or any(line.parts) else "",
        "detail": " · ".join(part for part in about if part),
        "score": line.score or "–",
        "share": _share(line.score),
        "state": _state(line),
        "tone": TONES.get(line.outcome, "plain"),
        "reasons": _telling(line, seen.kind),
        "tasks": [_task(task) for task in line.tasks],
    }


def _task(task: TaskLine) -> dict[str, Any]:
    tone = TONES.get(task.outcome, "plain")
    return {"name": task.task, "state": task.outcome_label, "tone": tone, "reasons": task.reasons}


def _share(score: str | None) -> str:
    """How long the bar beside a score is, of 100; blank where the score does not lie on that scale."""
    return score if score and 0 <= Decimal(score) <= 100 else ""


def _state(line: ApplicationLine) -> str:
    """The outcome; with the grade, or the place in reserve."""
    if line.outcome == "reserve" and line.place:
        return f"{line.outcome_label} {line.place}"
    return f"{line.outcome_label} · {line.grade}" if line.grade else line.outcome_label


def _telling(line: ApplicationLine, kind: str) -> list[str]:
    """The reasons to see at first glance: why not, what was granted otherwise than asked, or a deviation. All reasons
    stand with the application.
    """
    if line.deviation:
        return [line.deviation]
    if line.tasks:  # each task has its own
        return []
    if line.outcome == "selected":
        return _beyond(line, kind)
    stated = _STATED if line.rank is not None else 1 if line.group else 0
    return list(line.reasons[stated:] or line.reasons[-1:])


_STATED: Final = 2
"""So many reasons of a ranked application, its score and its rank, stand in columns of their own."""


def _beyond(line: ApplicationLine, kind: str) -> list[str]:
    """Of a selected application what is more than its being selected: bonus points, a reduction, a condition."""
    match kind:
        case "rank":
            return list(line.reasons[_STATED:-1])
        case "threshold":
            return list(line.reasons[1:])
        case "grade":  # the grade stands at the outcome, the group under the name
            return list(line.reasons[2 if line.group else 1 :])
        case "appointment":
            return list(line.reasons)
    return []


def _others(seen: DecisionView, shown: Sequence[ApplicationLine]) -> list[dict[str, Any]]:
    """Those who stand in no ranking."""
    ranked = {name for board in _ranked(seen) for name in board.ids}
    return [_row(line, seen) for line in shown if line.id not in ranked]


def _details(seen: DecisionView, line: ApplicationLine) -> dict[str, Any]:
    """One application with all its reasons, and its scores by stage."""
    stages: dict[str, dict[str, Any]] = {}
    for column, value in zip(seen.columns, line.parts, strict=False):
        stage = stages.setdefault(column.stage, {"label": column.stage_label, "criteria": []})
        if column.criterion:
            stage["criteria"].append({"label": column.label, "weight": column.weight, "value": value or "–"})
        else:
            stage |= {"weight": column.weight, "value": value or "–"}
    computed = next((other.label for other in seen.counts if other.outcome == line.computed), line.computed)
    return {
        **_row(line, seen),
        "id": line.id,
        "reasons": line.reasons,
        "stages": list(stages.values()) if any(line.parts) else [],
        "deviation": line.deviation,
        "computed": words("computed_was", seen.language, outcome=computed) if line.computed != line.outcome else "",
        "grant": line.grant,
    }


# -- around it --------------------------------------------------------------------------------------------------------


def _tiles(seen: DecisionView, to: Extent) -> list[dict[str, Any]]:
    tiles = [{"name": words("received", seen.language), "value": f"{seen.received:,}"}]
    tiles += [{"name": count.label, "value": f"{count.count:,}"} for count in seen.counts]
    if to.whole and seen.grant_total:
        tiles.append({"name": words("grant_total", seen.language), "value": seen.grant_total})
    return tiles


def _uses(title: str, uses: Sequence[Any], number: int, seen: DecisionView) -> dict[str, Any]:
    say = Words(seen.language)
    caption = words("table_rules_of", seen.language, title=title) if title else say["table_rules"]
    columns = [{"text": say[f"column_{name}"]} for name in ("rule", "least", "used", "most", "left")]
    rows = [[{"text": cell or "–"} for cell in (use.label, use.least, use.used, use.most, use.left)] for use in uses]
    return {"id": f"rules-{number + 1}", "caption": caption, "columns": columns, "rows": rows}


def _votes(seen: DecisionView, ids: set[str]) -> dict[str, Any]:
    say = Words(seen.language)
    number = {"kind": "number"}
    by_task = any(ballot.task for ballot in seen.ballots)
    columns: list[dict[str, str]] = [{"text": say["column_applicant"]}]
    columns += [{"text": label("paper", "column.task", seen.language)}] if by_task else []
    columns += [{"text": option, **number} for option in seen.options]
    columns += [{"text": say["column_cast"], **number}, {"text": say["column_seats"], **number}]
    columns += [{"text": say["column_quorum"]}, {"text": say["column_outcome"]}]
    rows = [
        [
            {"text": f"{ballot.application} {ballot.applicant}", "url": f"#of-{ballot.application}"},
            *([{"text": ballot.task}] if by_task else []),
            *({"text": str(count)} for count in ballot.counts),
            {"text": str(ballot.cast)},
            {"text": str(ballot.seats)},
            {"text": say["quorum_met" if ballot.quorum_met else "quorum_not_met"]},
            {"text": ballot.outcome_label},
        ]
        for ballot in seen.ballots
        if ballot.application in ids
    ]
    return {"id": "votes", "caption": say["table_votes"], "columns": columns, "rows": rows} if rows else {}


def _reserve(seen: DecisionView) -> list[dict[str, Any]]:
    return [
        {"title": title, "names": [f"{seen.application(name).applicant} ({name})" for name in ids]}
        for title, ids in seen.reserve
    ]
