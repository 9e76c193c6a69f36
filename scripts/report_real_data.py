"""Prints the figures of `docs/real-data.md`: what real reviews and panels show when Madang decides them.

`MADANG_REFERENCE_DATA=DIR python scripts/report_real_data.py`. Every decision goes through the real folder, rule,
record and verification.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import make_digital_public_goods as dpg
import real_panels

from madang.cli.decide import seal_folder
from madang.core.deciding.scores import ranking_problem
from madang.core.record.seal import write
from madang.core.record.verify import verify
from madang.core.scoring.solve import connected_groups
from madang.papers.folder import Folder, read

Line = tuple[str, object]


def main() -> None:
    given = os.environ.get("MADANG_REFERENCE_DATA")
    if not given:
        sys.exit("Set MADANG_REFERENCE_DATA to the folder that holds solutions, evaluation and scores.")
    reference = Path(given)
    tell("digital-public-goods: the source", of_source(dpg.published(reference)))
    tell("digital-public-goods: decided", of_decision(read(dpg.FOLDER)))
    tell("digital-public-goods: other rules on the same reviews", other_rules(dpg.published(reference)))
    with tempfile.TemporaryDirectory() as folder:
        for name, make in real_panels.ALL.items():
            tell(name, of_decision(read(make(reference, Path(folder) / name))))


def tell(title: str, lines: Iterable[Line]) -> None:
    print(f"\n{title}")
    for name, value in lines:
        print(f"  {name:<58} {value}")


# -- any folder ---------------------------------------------------------------------------------------------------


def of_decision(folder: Folder) -> Iterator[Line]:
    """Sizes, what came out, and whether the record holds."""
    record, computed = seal_folder(folder, key=None)
    scored = computed["stages"][0]["applications"]
    per_application = Counter(line["sheets"] for line in scored)
    yield "applications, sheets", f"{len(folder.case.applications)}, {len(folder.case.sheets)}"
    yield "complete sheets per application: applications", _counted(per_application)
    yield "incomplete sheets left out", sum(len(line["skipped"]) for line in scored)
    yield "sheets trimmed", sum(len(line["dropped"]) for line in scored)
    yield "groups that no evaluator connects", len(_groups(folder))
    yield "outcomes", _counted({name: count for name, count in computed["counts"].items() if count})
    yield "why not settled", _counted(_why_undetermined(computed))
    yield from _ties(folder, computed["ranking"])
    yield "verify: exit code", verify(write(record).decode()).exit_code


def _counted(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in sorted(counts.items())) or "-"


def _groups(folder: Folder) -> list[Any]:
    (stage,) = folder.definition.judged()
    everybody = frozenset(application.id for application in folder.case.applications)
    problem = ranking_problem(stage, folder.case, everybody, 2, only=True)
    return [g for g in connected_groups(problem.criteria, problem.sheets) if g["applications"]]


def _why_undetermined(computed: Mapping[str, Any]) -> Counter[str]:
    lines = [line for line in computed["outcomes"] if line["outcome"] == "undetermined"]
    general = {"total_score_is", "rank_is", "tied_with"}
    return Counter(next(r["code"] for r in line["reasons"] if r["code"] not in general) for line in lines)


def _ties(folder: Folder, ranking: list[dict[str, Any]]) -> Iterator[Line]:
    """Ties as ranked (rounded), and those that exist before rounding."""
    if not ranking or "rank" not in ranking[0]:
        return
    track = {application.id: application.track for application in folder.case.applications}
    shown = Counter((track[line["application"]], line["rank"]) for line in ranking)
    exact = Counter((track[line["application"]], line["exact"]) for line in ranking)
    yield "ranked", len(ranking)
    yield "share a rank: applications, groups, largest group", _tied(shown)
    yield "the same before rounding", _tied(exact)


def _tied(counts: Counter[Any]) -> str:
    groups = [count for count in counts.values() if count > 1]
    return f"{sum(groups)}, {len(groups)}, {max(groups, default=0)}"


# -- the published reviews ----------------------------------------------------------------------------------------


def of_source(source: dpg.Published) -> Iterator[Line]:
    """What the files hold, and what of it a sheet can carry."""
    ids = dpg.ids_by_name(source)
    stages = {nominee["_id"]: nominee["stage"] for nominee in source.nominees}
    used = list(dpg.matched(source))
    reviewed = {id_ for id_, _ in used}
    yield "nominations, screenings, reviews", f"{len(ids)}, {len(source.screenings)}, {len(source.reviews)}"
    yield "registry's stage of the nominations", _counted(Counter(stages.values()))
    yield "registry's stage of the screened", _counted(Counter(stages[s["_id"]] for s in source.screenings))
    yield "registry's stage of the reviewed", _counted(Counter(stages[id_] for id_ in reviewed))
    yield "reviews used, nominations reviewed", f"{len(used)}, {len(reviewed)}"
    yield "reviews without a nomination of that exact name", len(source.reviews) - len(used)
    yield "reviewers; with one review; most reviews", _reviewers(used)
    yield "one reviewer twice on one nomination", len(used) - len({(id_, r["user"]) for id_, r in used})
    yield "reviews per nomination: nominations", _counted(Counter(Counter(id_ for id_, _ in used).values()))
    answers = [(key, answer) for _, review in used for key, answer in review.items() if key not in dpg.NOT_ANSWERS]
    yield "answers, of them no", f"{len(answers)}, {sum(not a['answer'] for _, a in answers)}"
    kept = {name for names in dpg.CRITERIA.values() for name in names}
    weighed = [answer for key, answer in answers if key in kept]
    yield "answers in the four criteria, of them no", f"{len(weighed)}, {sum(not a['answer'] for a in weighed)}"
    noes = Counter(_criterion(key) for key, answer in answers if not answer["answer"])
    yield "answers of no by criterion", _counted(noes)
    yield "reviews that hold it, where not all do", _counted(_held(used))
    yield "stated confidence: answers", _counted(Counter(int(answer["confidence"]) for _, answer in answers))
    screened = [row["verdict"] for row in dpg.checklist(source)]
    yield "lines of the checklist, of them fail", f"{len(screened)}, {screened.count('fail')}"


def _criterion(key: str) -> str:
    merged = {name: criterion for criterion, names in dpg.CRITERIA.items() for name in names}
    return merged.get(key, "further goals" if key in dpg.FURTHER_GOALS else key)


def _held(used: list[tuple[str, dpg.Json]]) -> dict[str, int]:
    counts = Counter(key for _, review in used for key in review if key not in dpg.NOT_ANSWERS)
    return {key: count for key, count in counts.items() if count < len(used)}


def _reviewers(used: list[tuple[str, dpg.Json]]) -> str:
    by_reviewer = Counter(review["user"] for _, review in used)
    return f"{len(by_reviewer)}; {list(by_reviewer.values()).count(1)}; {max(by_reviewer.values())}"


def other_rules(source: dpg.Published) -> Iterator[Line]:
    """How many of those with three reviews or more each mark confirms, with the goals read in three ways."""
    reviews = defaultdict(list)
    for id_, review in dpg.matched(source):
        reviews[id_].append(review)
    enough = {id_: found for id_, found in reviews.items() if len(found) >= 3}
    readings = {"first goal": first_goal, "all goals of the review": all_goals, "any goal of the review": any_goal}
    for title, goal in readings.items():
        weakest = {id_: min(_shares(found, goal)) for id_, found in enough.items()}
        confirmed = {f"{mark} %": sum(share * 100 >= mark for share in weakest.values()) for mark in (67, 75, 90, 100)}
        yield f"of {len(enough)} confirmed ({title})", _in_order(confirmed)


def _in_order(counts: Mapping[str, int]) -> str:
    return ", ".join(f"at {name}: {count}" for name, count in counts.items())


def _shares(reviews: list[dpg.Json], goal: Any) -> Iterator[Fraction]:
    plain = [names for criterion, names in dpg.CRITERIA.items() if criterion != "first_goal"]
    for names in plain:
        yield Fraction(sum(dpg.answer(review, names)["answer"] for review in reviews), len(reviews))
    yield Fraction(sum(goal(review) for review in reviews), len(reviews))


def first_goal(review: dpg.Json) -> bool:
    return bool(review["SDG[0]"]["answer"])


def all_goals(review: dpg.Json) -> bool:
    return all(answer["answer"] for key, answer in review.items() if key.startswith("SDG["))


def any_goal(review: dpg.Json) -> bool:
    return any(answer["answer"] for key, answer in review.items() if key.startswith("SDG["))


if __name__ == "__main__":
    main()
