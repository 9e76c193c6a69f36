"""The shipped real input: published reviews as they stand, nothing private, and a decision that holds."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from madang.cli.decide import seal_folder
from madang.core.callspec.rule import ByThreshold
from madang.core.record.seal import write
from madang.core.record.verify import State, verify
from madang.papers import folder, library

CRITERIA = ["license", "ownership", "documentation", "first_goal"]
WRITTEN_BY_HAND = {"call.yaml", "README.md"}
LONG_ENOUGH_TO_BE_A_REMARK = 12


@pytest.fixture(scope="module")
def path() -> Path:
    found = library.example("digital-public-goods")
    assert found
    return found


@pytest.fixture(scope="module")
def shipped(path: Path) -> folder.Folder:
    return folder.read(path)


@pytest.fixture(scope="module")
def solutions() -> dict[str, list[dict[str, Any]]]:
    """The published files, read plainly."""
    reference = os.environ.get("MADANG_REFERENCE_DATA")
    if not reference:
        pytest.skip("MADANG_REFERENCE_DATA is not set: the published files are not at hand")
    names = ("nominees", "screenings", "reviews")
    return {name: json.loads((Path(reference) / f"solutions/dpg-{name}.json").read_text("utf-8")) for name in names}


def rows(path: Path, table: str) -> list[dict[str, str]]:
    with (path / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# -- what is in it ------------------------------------------------------------------------------------------------


def test_sheets_hold_yes_and_no_of_hashed_reviewers_and_notes(path: Path) -> None:
    sheets = rows(path, "sheets")
    notes = [f"note:{name}_confidence" for name in CRITERIA]
    further = ["note:further_goals", "note:further_goals_confidence", "note:non_pii", "note:non_pii_confidence"]
    assert list(sheets[0]) == ["application", "evaluator", *CRITERIA, *notes, *further]
    assert {sheet[criterion] for sheet in sheets for criterion in CRITERIA} == {"0", "1"}
    assert {sheet[note] for sheet in sheets for note in notes} <= set("12345")
    answers = {answer for sheet in sheets for note in further[::2] for answer in sheet[note].split("; ")}
    assert answers == {"yes", "no", ""}
    assert all(re.fullmatch(r"reviewer-[0-9a-f]{8}", sheet["evaluator"]) for sheet in sheets)


def test_no_address_and_no_remark_is_shipped(path: Path) -> None:
    for file in path.iterdir():
        text = file.read_text("utf-8")
        assert "@" not in text, file.name
        if file.name not in WRITTEN_BY_HAND:
            assert "://" not in text, file.name
    assert list(rows(path, "checklist")[0]) == ["application", "item", "verdict"]
    assert list(rows(path, "applications")[0]) == [
        "application",
        "applicant",
        "types",
        "licences",
        "goals",
        "screened",
    ]


def test_it_says_that_scores_are_real_and_the_rule_is_ours(shipped: folder.Folder) -> None:
    first_line = shipped.definition_text.splitlines()[0]
    assert "The scores are real: published reviews" in first_line
    assert "weights" in first_line
    assert not shipped.case.sample
    assert shipped.note
    assert "No score is invented" in shipped.note["en"]
    assert "not the registry's decision" in shipped.note["en"]
    assert "등록기관의 결정이 아닙니다" in shipped.note["ko"]
    (stage,) = shipped.definition.judged()
    assert all(criterion.is_sample("weight") for criterion in stage.criteria)
    assert isinstance(shipped.definition.decide, ByThreshold)
    assert shipped.definition.decide.is_sample("each_at_least")


# -- what follows from it -----------------------------------------------------------------------------------------


def test_it_decides_and_verifies(shipped: folder.Folder) -> None:
    record, computed = seal_folder(shipped, key=None)
    counts = {"selected": 8, "reserve": 0, "not_selected": 0, "ineligible": 0, "undetermined": 102, "later": 0}
    assert computed["counts"] == counts
    checked = verify(write(record).decode())
    assert checked.faults == []
    assert [finding.check for finding in checked.findings if finding.state is State.FAILS] == []


def test_too_few_reviews_leave_an_entry_unsettled_with_the_reason(path: Path, shipped: folder.Folder) -> None:
    _, computed = seal_folder(shipped, key=None)
    reviews = {line["application"]: 0 for line in rows(path, "applications")}
    for sheet in rows(path, "sheets"):
        reviews[sheet["application"]] += 1
    for line in computed["outcomes"]:
        count = reviews[line["application"]]
        codes = [reason["code"] for reason in line["reasons"]]
        if count >= 3:
            assert (line["outcome"], codes) == ("selected", ["threshold_reached"])
        else:
            expected = "too_few_sheets" if count else "stage_without_sheets"
            assert (line["outcome"], codes) == ("undetermined", [expected])


def test_confidence_is_never_weighed(path: Path, shipped: folder.Folder, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(path, other)
    sheets = rows(path, "sheets")
    for sheet in sheets:
        sheet.update({name: "1" for name in sheet if name.endswith("_confidence")})
    with (other / "sheets.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(sheets[0]))
        writer.writeheader()
        writer.writerows(sheets)
    assert seal_folder(folder.read(other), key=None)[1] == seal_folder(shipped, key=None)[1]


# -- against the published files ----------------------------------------------------------------------------------


@pytest.mark.reference
def test_every_sheet_is_a_published_review_and_none_is_missing(
    path: Path, solutions: dict[str, list[dict[str, Any]]]
) -> None:
    names = {nominee["_id"]: nominee["name"] for nominee in solutions["nominees"]}
    given = {(review["item"], review["user"]): review for review in solutions["reviews"]}
    sheets = rows(path, "sheets")
    assert {(names[s["application"]], s["evaluator"]) for s in sheets} == {k for k in given if k[0] in names.values()}
    assert len(sheets) == len({(s["application"], s["evaluator"]) for s in sheets}) == 122
    for sheet in sheets:
        review = given[names[sheet["application"]], sheet["evaluator"]]
        assert ("ownership" in review) != ("clearOwnership" in review)
        answers = {
            "license": review["license"],
            "ownership": review.get("ownership") or review["clearOwnership"],
            "documentation": review["documentation"],
            "first_goal": review["SDG[0]"],
        }
        for criterion, answer in answers.items():
            assert sheet[criterion] == str(int(answer["answer"]))
            assert sheet[f"note:{criterion}_confidence"] == str(answer["confidence"])


@pytest.mark.reference
def test_every_verdict_is_a_published_answer(path: Path, solutions: dict[str, list[dict[str, Any]]]) -> None:
    fields = {
        "ownership": ("clearOwnership", "isOwnershipExplicit"),
        "documentation": ("documentation", "isDocumentationAvailable"),
        "privacy": ("privacy", "isPrivacyCompliant"),
        "standards": ("standards", "supportStandards"),
        "practices": ("standards", "implementBestPractices"),
    }
    published = {
        (screening["_id"], item, {"Yes": "pass", "No": "fail"}[screening[part][question]])
        for screening in solutions["screenings"]
        for item, (part, question) in fields.items()
    }
    assert {(row["application"], row["item"], row["verdict"]) for row in rows(path, "checklist")} == published


@pytest.mark.reference
def test_no_comment_and_no_name_of_a_person_is_shipped(path: Path, solutions: dict[str, list[dict[str, Any]]]) -> None:
    text = "\n".join(file.read_text("utf-8") for file in path.iterdir())
    answers = [a for review in solutions["reviews"] for a in review.values() if isinstance(a, dict)]
    comments = {answer["comment"].strip() for answer in answers}
    remarks = {comment for comment in comments if len(comment) >= LONG_ENOUGH_TO_BE_A_REMARK}
    assert len(remarks) > 20
    assert [remark for remark in remarks if remark in text] == []
    owners = {o["name"] for nominee in solutions["nominees"] for o in nominee["organizations"]}
    people = {owner.removesuffix("(person)").strip() for owner in owners if owner.endswith("(person)")}
    assert people
    assert [person for person in people if person in text] == []
    nominated = {nominee["name"] for nominee in solutions["nominees"]}
    unmatched = {review["item"].rpartition("-")[2] for review in solutions["reviews"]} - {
        name.rpartition("-")[2] for name in nominated
    }
    assert len(unmatched) == 2  # their endings look like accounts
    assert [ending for ending in unmatched if ending in text] == []


@pytest.mark.reference
def test_the_generator_writes_the_shipped_folder_again(
    path: Path, tmp_path: Path, solutions: dict[str, list[dict[str, Any]]]
) -> None:
    script = Path(__file__).parents[2] / "scripts/make_digital_public_goods.py"
    spec = importlib.util.spec_from_file_location("make_digital_public_goods", script)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(tmp_path, Path(os.environ["MADANG_REFERENCE_DATA"]))
    written = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert written == {file.name: file.read_bytes() for file in path.iterdir() if file.name not in WRITTEN_BY_HAND}
