"""What is said of the whole result. Read off facts that solver and verifier each find for themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from madang.core.matching.duplicates.model import DuplicatesProblem
from madang.core.problem import decimal_text
from madang.core.reasons import Param, Reason

#: How many ids a reason names.
NAMED = 50


@dataclass(frozen=True, slots=True)
class Facts:
    """Counts, and ids in their order. `common`, `limit`: of all texts together."""

    documents: int
    found: int
    shown: int
    without_passages: int
    common: int
    lowered: bool
    without_letters: Sequence[str]
    too_few: Sequence[str]
    mostly_common: Sequence[str]
    identical: Sequence[Sequence[str]]


def about_all(problem: DuplicatesProblem, facts: Facts) -> list[Reason]:
    return list(_about_all(problem, facts))


def _about_all(problem: DuplicatesProblem, facts: Facts) -> Iterator[Reason]:
    threshold = decimal_text(problem.at_least, 2 if problem.threshold * 100 % 1 == 0 else 6)
    size: dict[str, Param] = {"documents": facts.documents, "found": facts.found, "threshold": threshold}
    yield Reason("duplicates_computed", size)
    if facts.found > facts.shown:
        yield Reason("duplicates_pairs_cut", {"found": facts.found, "shown": facts.shown})
    if facts.without_passages:
        yield Reason("duplicates_passages_left_out", {"count": facts.without_passages})
    if facts.common:
        yield Reason("duplicates_common_left_out", {"count": facts.common})
    if facts.lowered:
        yield Reason("duplicates_limit_lowered")
    if facts.mostly_common:
        yield Reason("duplicates_mostly_common", _named(facts.mostly_common))
    if facts.identical:
        documents = sum(map(len, facts.identical))
        yield Reason("duplicates_identical", {"texts": len(facts.identical), "documents": documents})
    if facts.without_letters:
        yield Reason("duplicates_without_letters", _named(facts.without_letters))
    if facts.too_few:
        yield Reason("duplicates_too_few_shingles", {**_named(facts.too_few), "least": problem.least_shingles})


def _named(ids: Sequence[str]) -> dict[str, Param]:
    return {"count": len(ids), "documents": list(ids[:NAMED])}
