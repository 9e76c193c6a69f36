"""Writes the tables of `examples/digital-public-goods` from published nominations, screenings and reviews.

Every score is an answer that stands in the published reviews; nothing is added up, filled in or guessed. The source
files (`dpg-nominees.json`, `dpg-screenings.json`, `dpg-reviews.json`; DPGAlliance/publicgoods-candidates, Unlicense)
are read from the folder `solutions` in `MADANG_REFERENCE_DATA`:
`MADANG_REFERENCE_DATA=DIR python scripts/make_digital_public_goods.py`.
`call.yaml` and `README.md` in the folder are written by hand; the README says what was left out and why.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "examples/digital-public-goods"

#: Criterion -> the names it has in the reviews: these four stand in every one of them, under one name or the other.
CRITERIA = {
    "license": ("license",),
    "ownership": ("clearOwnership", "ownership"),  # one question that was renamed; no review holds both
    "documentation": ("documentation",),
    "first_goal": ("SDG[0]",),
}
FURTHER_GOALS = tuple(f"SDG[{number}]" for number in range(1, 17))
NON_PII = "nonPII"
NOT_ANSWERS = frozenset({"item", "user", "timestamp", "timeTaken"})

Json = Mapping[str, Any]
Row = dict[str, str]


class Published(NamedTuple):
    """The three files as published."""

    nominees: list[Json]
    screenings: list[Json]
    reviews: list[Json]


def published(reference: Path) -> Published:
    """The source files; `reference` is the folder that holds `solutions`."""
    return Published(
        *(
            json.loads((reference / f"solutions/dpg-{name}.json").read_text("utf-8"))
            for name in ("nominees", "screenings", "reviews")
        )
    )


# -- applications -------------------------------------------------------------------------------------------------


def applications(source: Published) -> list[Row]:
    """Every nomination. It stands in its own name: who sent it is not shipped (one name is a person's)."""
    screened = {screening["_id"] for screening in source.screenings}
    return [
        {
            "application": nominee["_id"],
            "applicant": nominee["name"],
            "types": "; ".join(nominee["type"]),
            "licences": ", ".join(dict.fromkeys(licence["spdx"] for licence in nominee["license"])),
            "goals": "; ".join(f"sdg{goal['SDGNumber']}" for goal in nominee["SDGs"]),
            "screened": "yes" if nominee["_id"] in screened else "no",
        }
        for nominee in source.nominees
    ]


# -- screenings -> checklist --------------------------------------------------------------------------------------


def _yes(answer: str) -> str:
    return {"Yes": "pass", "No": "fail"}[answer]


#: Review item -> its verdict. Only questions that every screening answers with a plain yes or no.
SCREENED: dict[str, Callable[[Json], str]] = {
    "ownership": lambda s: _yes(s["clearOwnership"]["isOwnershipExplicit"]),
    "documentation": lambda s: _yes(s["documentation"]["isDocumentationAvailable"]),
    "privacy": lambda s: _yes(s["privacy"]["isPrivacyCompliant"]),
    "standards": lambda s: _yes(s["standards"]["supportStandards"]),
    "practices": lambda s: _yes(s["standards"]["implementBestPractices"]),
}


def checklist(source: Published) -> list[Row]:
    return [
        {"application": screening["_id"], "item": item, "verdict": verdict(screening)}
        for screening in source.screenings
        for item, verdict in SCREENED.items()
    ]


# -- reviews -> sheets --------------------------------------------------------------------------------------------


def ids_by_name(source: Published) -> dict[str, str]:
    """Nominations by their exact name: a review of anything else is left out and counted, never guessed."""
    return {nominee["name"]: nominee["_id"] for nominee in source.nominees}


def matched(source: Published) -> Iterator[tuple[str, Json]]:
    """Each review with the nomination that it is about, in the order of the nominations."""
    ids = ids_by_name(source)
    order = {id_: number for number, id_ in enumerate(ids.values())}
    found = [(ids[review["item"]], review) for review in source.reviews if review["item"] in ids]
    yield from sorted(found, key=lambda pair: (order[pair[0]], pair[1]["timestamp"], pair[1]["user"]))


def answer(review: Json, names: tuple[str, ...]) -> Json:
    """The one answer under these names."""
    (name,) = (name for name in names if name in review)
    given: Json = review[name]
    return given


def sheet(application: str, review: Json) -> Row:
    """One review as a sheet: yes 1, no 0. What is not asked in every review, and all confidence, are notes."""
    answers = {criterion: answer(review, names) for criterion, names in CRITERIA.items()}
    further = [review[name] for name in FURTHER_GOALS if name in review]
    non_pii = [review[NON_PII]] if NON_PII in review else []
    unknown = set(review) - NOT_ANSWERS - {*sum(CRITERIA.values(), ()), *FURTHER_GOALS, NON_PII}
    assert not unknown, f"answers that nobody has looked at: {sorted(unknown)}"
    return {
        "application": application,
        "evaluator": review["user"],
        **{criterion: "1" if given["answer"] else "0" for criterion, given in answers.items()},
        **{f"note:{criterion}_confidence": str(given["confidence"]) for criterion, given in answers.items()},
        **_notes("further_goals", further),
        **_notes("non_pii", non_pii),
    }


def _notes(name: str, answers: list[Json]) -> Row:
    return {
        f"note:{name}": "; ".join("yes" if given["answer"] else "no" for given in answers),
        f"note:{name}_confidence": "; ".join(str(given["confidence"]) for given in answers),
    }


def sheets(source: Published) -> list[Row]:
    """A sheet for each review of a nomination. Two by one reviewer of one nomination would need a rule; none exist."""
    pairs = list(matched(source))
    assert len({(id_, review["user"]) for id_, review in pairs}) == len(pairs), "a reviewer reviewed something twice"
    return [sheet(id_, review) for id_, review in pairs]


# -- the folder ---------------------------------------------------------------------------------------------------


NOTE = """\
# Written by scripts/make_digital_public_goods.py.
note:
  en: >-
    Real input, repeated as published: {nominees} nominations with names from A to M, {screenings} screenings and
    {sheets} reviews of {reviewed} nominations from DPGAlliance/publicgoods-candidates (Unlicense, public domain).
    No score is invented: yes is 1, no is 0; the reviewers' confidence is shown and never weighed. The weights, the
    marks and the rule are ours. This is not the registry's decision. {left_out} reviews whose item is not a nomination
    by its exact name are left out, as are free-text comments, contacts and the names of those who nominated.
  ko: >-
    실제 공개 자료를 그대로 옮긴 것입니다. DPGAlliance/publicgoods-candidates(Unlicense, 공유저작물)의 A~M 추천
    {nominees}건과 사전검토 {screenings}건, 추천 {reviewed}건에 대한 심사 {sheets}건을 담았습니다. 새로 만든 점수는
    없습니다. '예'는 1, '아니요'는 0이며, 심사자가 밝힌 확신도는 표시만 하고 점수에 반영하지 않습니다. 가중치와 기준
    점수, 결정 규칙은 저희가 정했으며, 등록기관의 결정이 아닙니다. 추천 명칭과 정확히 일치하지 않는 심사 {left_out}건과
    자유 서술 의견, 연락처, 추천한 사람과 기관의 이름은 싣지 않았습니다.
"""


def write(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main(folder: Path = FOLDER, reference: Path | None = None) -> None:
    source = published(reference or _reference())
    tables = {"applications": applications(source), "checklist": checklist(source), "sheets": sheets(source)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        write(folder / f"{name}.csv", rows)
    counts = {
        "nominees": len(source.nominees),
        "screenings": len(source.screenings),
        "sheets": len(tables["sheets"]),
        "reviewed": len({row["application"] for row in tables["sheets"]}),
        "left_out": len(source.reviews) - len(tables["sheets"]),
    }
    (folder / "folder.yaml").write_text(NOTE.format(**counts), "utf-8")
    print(", ".join(f"{name} {count}" for name, count in counts.items()), "->", folder)


def _reference() -> Path:
    given = os.environ.get("MADANG_REFERENCE_DATA")
    if not given:
        sys.exit("Set MADANG_REFERENCE_DATA to the folder that holds solutions/dpg-reviews.json.")
    return Path(given)


if __name__ == "__main__":
    main()
