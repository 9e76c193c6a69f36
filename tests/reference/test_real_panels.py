"""Real panels through the real folder, decision, record and verification, against plain arithmetic written here.

The expected scores and ranks are computed from the published files, not from the folders, and share no code with the
product: fractions, sorting, one rounding at the end.
"""

from __future__ import annotations

import copy
import csv
import gzip
import importlib.util
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from madang.cli.decide import seal_folder
from madang.core.deciding.case import Sheet
from madang.core.record.read import read as read_record
from madang.core.record.seal import write
from madang.core.record.verify import State, verify
from madang.papers.folder import read

pytestmark = pytest.mark.reference

PANELS = ("one-panel", "grants", "grants-with-impact", "grants-overall", "skating", "conference")


@dataclass(frozen=True)
class Decided:
    record: dict[str, Any]
    computed: dict[str, Any]

    @property
    def places(self) -> dict[str, tuple[str, int]]:
        return {line["application"]: (line["score"], line["rank"]) for line in self.computed["ranking"]}

    @property
    def scored(self) -> dict[str, dict[str, Any]]:
        return {line["application"]: line for line in self.computed["stages"][0]["applications"]}


@pytest.fixture(scope="module")
def decided(reference_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Decided]:
    """A panel decided from its folder, once for this module."""
    makers, found = _builders().ALL, dict[str, Decided]()

    def decide(name: str) -> Decided:
        if name not in found:
            folder = makers[name](reference_data, tmp_path_factory.mktemp(name))
            found[name] = Decided(*seal_folder(read(folder), key=None))
        return found[name]

    return decide


def _builders() -> ModuleType:
    spec = importlib.util.spec_from_file_location("real_panels", Path(__file__).parents[2] / "scripts/real_panels.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# -- plain arithmetic ---------------------------------------------------------------------------------------------


def published(path: Path) -> list[dict[str, str]]:
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def mean(values: Iterable[Fraction]) -> Fraction:
    values = list(values)
    return sum(values, Fraction(0)) / len(values)


def placed(scores: dict[str, Fraction]) -> dict[str, tuple[str, int]]:
    """Hundredths rounded half up, and one more than the number of those who have more."""
    hundredths = {name: int(score * 100 + Fraction(1, 2)) for name, score in scores.items()}
    return {
        name: (f"{mine // 100}.{mine % 100:02}", 1 + sum(other > mine for other in hundredths.values()))
        for name, mine in hundredths.items()
    }


def grant_scores(reference: Path, columns: list[str]) -> dict[str, Fraction]:
    """Of 1.0 (best) to 5.0 (worst), the columns equally; a review with a blank among them does not count."""
    sheets = defaultdict(list)
    for review in published(reference / "scores/aibs_grant_reviews.csv"):
        if all(review[column] for column in columns):
            merits = [(5 - Fraction(review[column])) / 4 for column in columns]
            sheets[f"g{review['ID']}"].append(100 * mean(merits))
    return {name: mean(totals) for name, totals in sheets.items()}


# -- the panels ---------------------------------------------------------------------------------------------------


def test_lower_is_better_and_blank_ratings_are_left_out(
    reference_data: Path, decided: Callable[[str], Decided]
) -> None:
    grid = published(reference_data / "evaluation/aibs-ratings-a.csv")
    proposals = [name for name in grid[0] if name != "reviewer"]
    ratings = {p: [Fraction(line[p]) for line in grid if line[p]] for p in proposals}
    found = decided("one-panel")
    assert found.places == placed({p: mean((40 - r) * 100 / 40 for r in given) for p, given in ratings.items()})
    assert {p: line["sheets"] for p, line in found.scored.items()} == {p: len(given) for p, given in ratings.items()}
    blank = sum(not line[p] for line in grid for p in proposals)
    assert blank == sum(len(line["skipped"]) for line in found.scored.values()) == 28
    selected = {line["application"] for line in found.computed["outcomes"] if line["outcome"] == "selected"}
    assert selected == {p for p, (_, rank) in found.places.items() if rank <= 5}


@pytest.mark.parametrize(
    ("name", "columns", "applications"),
    [
        ("grants", ["Innovation", "Approach", "Investig", "Signif"], 72),
        ("grants-with-impact", ["Innovation", "Approach", "Investig", "Signif", "Impact"], 21),
        ("grants-overall", ["Score"], 72),
    ],
)
def test_three_reviewers_in_decimals(
    reference_data: Path, decided: Callable[[str], Decided], name: str, columns: list[str], applications: int
) -> None:
    found = decided(name)
    assert found.places == placed(grant_scores(reference_data, columns))
    assert len(found.places) == applications


def test_without_a_complete_sheet_an_application_is_not_settled(decided: Callable[[str], Decided]) -> None:
    computed = decided("grants-with-impact").computed
    outcomes = [(line["outcome"], line["reasons"][0]["code"]) for line in computed["outcomes"]]
    assert outcomes.count(("undetermined", "too_few_sheets")) == 72 - 21
    assert computed["status"] == "undetermined"


def test_the_overall_score_repeats_the_published_order(reference_data: Path, decided: Callable[[str], Decided]) -> None:
    """The published rank numbers equals one after another; ours share a rank. Otherwise they are the same."""
    theirs = {
        f"g{review['ID']}": int(review["ScoreRank"])
        for review in published(reference_data / "scores/aibs_grant_reviews.csv")
    }
    tied = defaultdict(set)
    for name, (_, rank) in decided("grants-overall").places.items():
        tied[rank].add(theirs[name])
    assert all(ranks == set(range(ours, ours + len(ranks))) for ours, ranks in tied.items())
    assert sum(len(ranks) for ranks in tied.values()) == 72


def test_one_highest_and_one_lowest_go(reference_data: Path, decided: Callable[[str], Decided]) -> None:
    marks, event = defaultdict(list), dict[str, tuple[str, str]]()
    for line in published(reference_data / "scores/skating_components.csv.gz"):
        marks[line["performance_id"]].append(Fraction(line["component_total"]))
        event[line["performance_id"]] = (line["competition"], line["program"])
    trimmed = {name: mean(sorted(given)[1:-1]) for name, given in marks.items()}
    expected = dict[str, tuple[str, int]]()
    for one in set(event.values()):
        expected |= placed({name: score for name, score in trimmed.items() if event[name] == one})
    found = decided("skating")
    assert found.places == expected

    sheets = sheets_of(found)
    for name, line in found.scored.items():
        dropped = [Fraction(sheets[number].scores["components"]) for number in line["dropped"]]
        assert dropped == [max(marks[name]), min(marks[name])]
        assert {sheets[number].application for number in line["dropped"]} == {name}


def test_unequal_numbers_of_sheets(reference_data: Path, decided: Callable[[str], Decided]) -> None:
    ratings = {
        f"p{line['paper']}": [Fraction(rating) for rating in line["ratings"].split()]
        for line in published(reference_data / "scores/iclr2018_ratings.csv")
    }
    found = decided("conference")
    assert found.places == placed({p: mean((r - 1) * 100 / 9 for r in given) for p, given in ratings.items()})
    assert {p: line["sheets"] for p, line in found.scored.items()} == {p: len(given) for p, given in ratings.items()}


# -- the records --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PANELS)
def test_nothing_contradicts_and_a_changed_score_is_found(decided: Callable[[str], Decided], name: str) -> None:
    found = decided(name)
    intact = verify(write(found.record).decode())
    assert intact.faults == []
    assert [finding.check for finding in intact.findings if finding.state is State.FAILS] == []

    changed = verify(write(_with_a_changed_score(found)).decode())
    fails = {finding.check for finding in changed.findings if finding.state is State.FAILS}
    assert {"root", "computed"} <= fails
    assert changed.exit_code == 1


def sheets_of(found: Decided) -> tuple[Sheet, ...]:
    """The sheets in the order of the record, by which dropped ones are numbered."""
    return read_record(write(found.record).decode()).case().sheets


def _with_a_changed_score(found: Decided) -> dict[str, Any]:
    """The first sheet that counts gets another score on the scale: what a kept sheet says must bear on the result."""
    left_out = {number for line in found.scored.values() for number in (*line["dropped"], *line["skipped"])}
    record = copy.deepcopy(found.record)
    names = list(read_record(write(record).decode()).sheets())
    name = next(name for number, name in enumerate(names) if number not in left_out)
    scores = next(leaf["value"]["scores"] for leaf in record["leaves"] if leaf["name"] == name)
    criterion = next(iter(scores))
    scores[criterion] = "4" if scores[criterion] != "4" else "3"
    return record
