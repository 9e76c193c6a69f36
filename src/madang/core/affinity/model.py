"""The affinity problem (`madang solve affinity`) and its result: texts, fields and languages of both sides.

Contract: `docs/formats/solve.md`, "affinity".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints

from madang.core.matrix import MOST_CELLS, SCALE
from madang.core.problem import LARGEST, BasisPoints, Id, Items, Problem, ReasonModel, Seed, Status, Strict, pointer
from madang.core.reasons import Fault, Malformed

#: Refused beyond: applications or evaluators; works of all evaluators; characters of one text, and of all.
MOST_PARTIES: Final = 100_000
MOST_WORKS: Final = 500_000
LONGEST_TEXT: Final = 1_000_000
MOST_CHARACTERS: Final = 300_000_000
MOST_EXPLAINED: Final = 10_000

Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
Language = Annotated[
    str, StringConstraints(min_length=2, max_length=35, pattern=r"^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$")
]
Part = Annotated[str, StringConstraints(pattern=r"^[01]\.\d{6}$")]
Count = Annotated[int, Field(ge=0, le=LARGEST)]


class Work(Strict):
    """One work of an evaluator: a paper, a report, a project described."""

    title: Text = ""
    text: Text = ""


class Application(Strict):
    """What is to be evaluated. `languages`: those it can be read in; one is enough."""

    id: Id
    title: Text = ""
    text: Text = ""
    fields: Items[Id] = ()
    languages: Items[Language] = ()


class Evaluator(Strict):
    """Who may evaluate: works, declared fields, languages read."""

    id: Id
    works: Items[Work] = ()
    fields: Items[Id] = ()
    languages: Items[Language] = ()


class Weights(Strict):
    """What each part counts, in basis points that add up to 10000."""

    text: BasisPoints = 0
    fields: BasisPoints = 0
    languages: BasisPoints = 0

    @property
    def total(self) -> int:
        return self.text + self.fields + self.languages


#: Where a problem gives no weights.
USUAL: Final = Weights(text=7000, fields=3000)
USUAL_PREFERRING: Final = Weights(text=6000, fields=3000, languages=1000)


class AffinityProblem(Problem):
    """Applications and evaluators; which parts count how much; which pairs are to be explained."""

    kind: Literal["affinity"]
    applications: Items[Application] = ()
    evaluators: Items[Evaluator] = ()
    weights_bp: Weights | None = None
    languages: Literal["require", "prefer", "ignore"] = "require"
    explain: Items[Annotated[tuple[Id, Id], Field(strict=False)]] = ()

    @property
    def weights(self) -> Weights:
        """As given, or the usual ones."""
        if self.weights_bp is not None:
            return self.weights_bp
        return USUAL_PREFERRING if self.languages == "prefer" else USUAL


class CloseWork(Strict):
    """A work by its place in the evaluator's list, from 0, and its likeness to the application."""

    work: Count
    likeness: Part


class Carrier(Strict):
    """A word of the application, and what of the likeness it carries."""

    word: str
    likeness: Part


class Why(Strict):
    """One pair taken apart. A part is null where it does not count or is not known."""

    application: Id
    evaluator: Id
    affinity: Part
    text: Part | None
    fields: Part | None
    languages: Part | None
    works: Items[CloseWork]
    words: Items[Carrier]
    reasons: Items[ReasonModel]


class AffinityResult(Strict):
    """`affinity`: a row for each application, in it a number for each evaluator, as decimal text from 0 to 1."""

    kind: Literal["affinity"]
    version: Annotated[int, Field(ge=1, le=1)]
    status: Literal[Status.COMPUTED]
    reasons: Items[ReasonModel]
    seed: Seed
    elapsed_ms: Count
    engine: str
    scale: Literal[1_000_000] = SCALE
    applications: Items[Id]
    evaluators: Items[Id]
    affinity: Items[Items[Part]] | Annotated[str, StringConstraints(pattern=r"^.+\.npz#.+$")]
    why: Items[Why]


def declared(name: str) -> str:
    """A declared field as it is compared: compatible forms, case and spaces do not matter."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def language(tag: str) -> str:
    """A language as it is compared: `en-GB` and `en_us` are `en`."""
    return tag.replace("_", "-").split("-")[0].lower()


def require_sound(problem: AffinityProblem) -> None:
    """Raises `Malformed` with every fault of meaning."""
    if faults := faults_in(problem):
        raise Malformed(faults)


def faults_in(problem: AffinityProblem) -> list[Fault]:
    """Every fault of meaning with its JSON pointer. A problem that is too large is told only that."""
    if too_large := list(_size_faults(problem)):
        return too_large
    return [*_twice(problem), *_weight_faults(problem), *_explain_faults(problem)]


def _size_faults(problem: AffinityProblem) -> Iterator[Fault]:
    rows, columns = len(problem.applications), len(problem.evaluators)
    for name, count in (("applications", rows), ("evaluators", columns)):
        if count > MOST_PARTIES:
            yield Fault("affinity_too_many", f"/{name}", {"count": count, "most": MOST_PARTIES})
    if rows * columns > MOST_CELLS:
        yield Fault("matrix_too_large", "", {"cells": rows * columns, "most": MOST_CELLS})
    works = sum(len(one.works) for one in problem.evaluators)
    if works > MOST_WORKS:
        yield Fault("affinity_too_many", "/evaluators", {"count": works, "most": MOST_WORKS})
    if len(problem.explain) > MOST_EXPLAINED:
        yield Fault("affinity_too_many", "/explain", {"count": len(problem.explain), "most": MOST_EXPLAINED})
    texts: list[Application | Work] = [*problem.applications]
    texts += [work for one in problem.evaluators for work in one.works]
    characters = sum(len(one.title) + len(one.text) for one in texts)
    if characters > MOST_CHARACTERS:
        yield Fault("affinity_texts_too_long", "", {"characters": characters, "most": MOST_CHARACTERS})


def _twice(problem: AffinityProblem) -> Iterator[Fault]:
    names = {
        "applications": [one.id for one in problem.applications],
        "evaluators": [one.id for one in problem.evaluators],
    }
    for name, ids in names.items():
        seen: dict[str, int] = {}
        for number, one in enumerate(ids):
            if (first := seen.setdefault(one, number)) != number:
                yield Fault("affinity_id_twice", pointer((name, number, "id")), {"id": one, "first": first})


def _weight_faults(problem: AffinityProblem) -> Iterator[Fault]:
    weights = problem.weights
    if weights.total != 10_000:
        yield Fault("affinity_weights_not_10000", "/weights_bp", {"sum": weights.total})
    if (weights.languages > 0) != (problem.languages == "prefer"):
        params: dict[str, Any] = {"mode": problem.languages, "weight": weights.languages}
        yield Fault("affinity_language_weight", "/weights_bp/languages", params)


def _explain_faults(problem: AffinityProblem) -> Iterator[Fault]:
    known = ({one.id for one in problem.applications}, {one.id for one in problem.evaluators})
    for number, pair in enumerate(problem.explain):
        for side, (name, ids) in enumerate(zip(pair, known, strict=False)):  # a broken pair is a fault of form
            if name not in ids:
                yield Fault("affinity_explain_unknown", pointer(("explain", number, side)), {"id": name})
