"""Folders to decide, made from four published sets of scores. For measuring only: none of them is shipped.

Each function writes `call.yaml` and its tables into a folder; `ALL` names them. The scores stand as published; weights,
seats and rules are ours, so that something can be decided. Used by `scripts/report_real_data.py` and the tests.
The sources stand in `evaluation` and `scores` of the reference data.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterable
from pathlib import Path

Row = dict[str, str]

CALL = """\
# Scores as published; weights, seats and rules are ours, for measuring.
madang: 1
id: {id}
programme: {id}
languages: [en]
title: {{en: "{title}"}}
host: {{organisation: measuring}}
intake: {{mode: invited}}
schedule: {{zone: Etc/UTC}}
tracks: [{tracks}]
evaluation:
  - id: reviews
    kind: judged
    scale: {{min: {low}, max: {high}, step: "{step}"}}
    higher_is_better: {higher}
    criteria: [{criteria}]
    score: {{trim: {trim}, min_sheets_to_trim: 5, blanks: {blanks}}}
    sample: true
decide: {{by: rank, combine: {{reviews: 100}}, decimals: 2, {select}, sample: true}}
outcome: {{kind: award, sample: true}}
"""


def call(
    id_: str,
    title: str,
    criteria: dict[str, int],
    *,
    scale: tuple[int, int, str],
    higher_is_better: bool,
    seats: int,
    trim: str = "none",
    blanks: str = "refuse",
    tracks: Iterable[str] = (),
) -> str:
    """The definition. With `tracks` each has a list of its own, and so many seats."""
    tracks = list(tracks)
    share = ", ".join(f"{track}: {{max: {seats}}}" for track in tracks)
    own_lists = f", list: per_track, rules: [{{id: places, quota: track, values: {{{share}}}}}]"
    return CALL.format(
        id=id_,
        title=title,
        tracks=", ".join(f"{{id: {track}, title: {{en: {track}}}}}" for track in tracks),
        low=scale[0],
        high=scale[1],
        step=scale[2],
        higher=str(higher_is_better).lower(),
        criteria=", ".join(f"{{id: {c}, weight: {weight}, label: {{en: {c}}}}}" for c, weight in criteria.items()),
        trim=trim,
        blanks=blanks,
        select=f"seats: {{max: {seats * max(1, len(tracks))}}}{own_lists if tracks else ''}",
    )


def write(folder: Path, definition: str, applications: Iterable[Row], sheets: Iterable[Row]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "call.yaml").write_text(definition, "utf-8")
    for name, rows in (("applications", list(applications)), ("sheets", list(sheets))):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def applicants(ids: Iterable[str]) -> list[Row]:
    return [{"application": id_, "applicant": id_} for id_ in dict.fromkeys(ids)]


def _rows(path: Path) -> list[Row]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(data.decode().splitlines()))


# -- a grant panel whose members rated nearly everything ----------------------------------------------------------


def one_panel(reference: Path, folder: Path) -> Path:
    """12 reviewers x 14 proposals, whole numbers 0-40, lower is better; who did not rate left the cell blank."""
    grid = _rows(reference / "evaluation/aibs-ratings-a.csv")
    proposals = [name for name in grid[0] if name != "reviewer"]
    sheets = [{"application": p, "evaluator": line["reviewer"], "merit": line[p]} for line in grid for p in proposals]
    definition = call(
        "one-panel",
        "Grant panel, 14 proposals",
        {"merit": 100},
        scale=(0, 40, "1"),
        higher_is_better=False,
        seats=5,
        blanks="skip_sheet",
    )
    return write(folder, definition, applicants(proposals), sheets)


# -- three reviewers each, in decimals ----------------------------------------------------------------------------

#: Column -> criterion. `Impact` was asked in 2014 only.
GRANT_CRITERIA = {
    "Innovation": "innovation",
    "Approach": "approach",
    "Investig": "investigators",
    "Signif": "significance",
}
WITH_IMPACT = {**GRANT_CRITERIA, "Impact": "impact"}
OVERALL = {"Score": "overall"}


def grants(columns: dict[str, str]) -> Callable[[Path, Path], Path]:
    """72 applications, 3 reviewers each, 1.0-5.0, lower is better; these columns, equally weighted."""

    def make(reference: Path, folder: Path) -> Path:
        reviews = _rows(reference / "scores/aibs_grant_reviews.csv")
        sheets = [
            {
                "application": f"g{review['ID']}",
                "evaluator": f"r{review['RevID']}",
                **{name: review[column] for column, name in columns.items()},
            }
            for review in reviews
        ]
        definition = call(
            "grants",
            "Grant applications of three years",
            dict.fromkeys(columns.values(), 100 // len(columns)),
            scale=(1, 5, "0.1"),
            higher_is_better=False,
            seats=12,
            blanks="skip_sheet",
        )
        return write(folder, definition, applicants(sheet["application"] for sheet in sheets), sheets)

    return make


# -- nine judges, the highest and the lowest left out -------------------------------------------------------------


def skating(reference: Path, folder: Path) -> Path:
    """1,143 performances in 88 events, nine judges each; one highest and one lowest total go. A list for each event."""
    marks = _rows(reference / "scores/skating_components.csv.gz")
    events = {key: f"event-{n}" for n, key in enumerate(dict.fromkeys((m["competition"], m["program"]) for m in marks))}
    event_of = {mark["performance_id"]: events[mark["competition"], mark["program"]] for mark in marks}
    sheets = [
        {
            "application": mark["performance_id"],
            "evaluator": f"{event_of[mark['performance_id']]}-{mark['judge']}",
            "components": mark["component_total"],
        }
        for mark in marks
    ]
    applications = [{"application": p, "applicant": p, "track": track} for p, track in event_of.items()]
    definition = call(
        "skating",
        "Judged performances",
        {"components": 100},
        scale=(0, 100, "0.01"),
        higher_is_better=True,
        seats=3,
        trim="total",
        tracks=events.values(),
    )
    return write(folder, definition, applications, sheets)


# -- unequal numbers of sheets ------------------------------------------------------------------------------------


def conference(reference: Path, folder: Path) -> Path:
    """978 papers with one to four ratings of 1-10 by reviewers who are not named across papers."""
    papers = _rows(reference / "scores/iclr2018_ratings.csv")
    sheets = [
        {"application": f"p{paper['paper']}", "evaluator": f"p{paper['paper']}-{number}", "rating": rating}
        for paper in papers
        for number, rating in enumerate(paper["ratings"].split(), 1)
    ]
    definition = call(
        "conference", "Papers of a conference", {"rating": 100}, scale=(1, 10, "1"), higher_is_better=True, seats=336
    )
    return write(folder, definition, applicants(f"p{paper['paper']}" for paper in papers), sheets)


ALL: dict[str, Callable[[Path, Path], Path]] = {
    "one-panel": one_panel,
    "grants": grants(GRANT_CRITERIA),
    "grants-with-impact": grants(WITH_IMPACT),
    "grants-overall": grants(OVERALL),
    "skating": skating,
    "conference": conference,
}
