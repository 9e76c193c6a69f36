"""The table of affinities, in whole millionths that are the same on every machine.

Model, guarantees, cost and a worked example: `docs/algorithms/affinity.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from madang import __version__
from madang.core.affinity.explain import Carried, Facts, PartTaken, Taken, about_all, millionths, why
from madang.core.affinity.model import AffinityProblem, require_sound
from madang.core.affinity.parts import (
    SHARES,
    Mask,
    Part,
    Table,
    Texts,
    field_part,
    language_part,
    read_texts,
    text_part,
)
from madang.core.affinity.vectors import UNIT
from madang.core.matrix import SCALE
from madang.core.problem import Status, frame

OWN = f"own {__version__}"


def solve_affinity(problem: AffinityProblem) -> dict[str, Any]:
    """How well every evaluator fits every application, from 0 to 1, ready for JSON (`AffinityResult`).

    Raises `Malformed` for an unsound problem (ids twice, weights that do not add up, too large). Cost: reading all
    texts, then the terms that an application and a work share, over all pairs; memory: three tables of the pairs.
    Example:

    >>> works = [{"title": "Night buses and safe streets"}]
    >>> data = {"kind": "affinity", "version": 1,
    ...         "applications": [{"id": "A1", "title": "A night bus for shift workers"}, {"id": "A2", "title": "Bees"}],
    ...         "evaluators": [{"id": "E1", "works": works}, {"id": "E2", "works": [{"title": "Bees on roofs"}]}]}
    >>> solve_affinity(AffinityProblem.model_validate(data))["affinity"]
    [['0.871855', '0.000000'], ['0.000000', '0.946836']]
    """
    require_sound(problem)
    weights = problem.weights
    shape = (len(problem.applications), len(problem.evaluators))
    texts = read_texts(problem) if weights.text else None
    parts = {"text": text_part(problem, texts)} if texts else {}
    if weights.fields:
        parts["fields"] = field_part(problem)
    if weights.languages:
        parts["languages"] = language_part(problem)
    table, barred = combined(parts, weights.model_dump(), shape), np.zeros(shape, bool)
    if problem.languages == "require":
        barred = _barred(problem, language_part(problem))
        table = np.where(barred, 0, table)
    return {
        **frame("affinity", Status.COMPUTED, about_all(problem, _facts(problem, texts, barred)), problem.seed, OWN),
        "scale": SCALE,
        "applications": [one.id for one in problem.applications],
        "evaluators": [one.id for one in problem.evaluators],
        "affinity": _as_text(table),
        "why": _explained(problem, table, parts, texts),
    }


def combined(parts: Mapping[str, Part], weights: Mapping[str, int], shape: tuple[int, int]) -> Table:
    """The weighted mean of the parts, half up.

    A part known for nobody leaves an application's row, and the rest take its weight. Whoever is not known in a part
    is counted with the mean of those who are: that neither helps nor harms. Known in neither text nor fields: 0.
    """
    above, below = np.zeros(shape, np.int64), np.zeros((shape[0], 1), np.int64)
    subject = np.zeros(shape, bool)
    for name, part in parts.items():
        above += weights[name] * filled(part)
        below += weights[name] * part.known.any(axis=1, keepdims=True)
        if name != "languages":
            subject |= part.known
    below = np.maximum(below, 1)
    return np.where(subject, (2 * above + below) // (2 * below), 0)


def filled(part: Part) -> Table:
    """The part, with a row's mean (half up) where it is not known."""
    count = part.known.sum(axis=1, keepdims=True)
    mean = (2 * part.values.sum(axis=1, keepdims=True) + count) // np.maximum(2 * count, 1)
    return np.where(part.known, part.values, mean)


def _barred(problem: AffinityProblem, spoken: Part) -> Mask:
    asks = np.array([bool(one.languages) for one in problem.applications], bool)[:, None]
    barred: Mask = asks & (spoken.values == 0)
    return barred


def _facts(problem: AffinityProblem, texts: Texts | None, barred: Mask) -> Facts:
    """Who has no text to read; whom nobody can read."""
    unread = [
        one.id for one, nobody in zip(problem.applications, np.all(barred, axis=1).tolist(), strict=True) if nobody
    ]
    unread = unread if problem.evaluators else []
    if texts is None:
        return Facts(frozenset(), frozenset(), unread)
    empty, rows = texts.vectors.empty, len(problem.applications)
    applications = (one.id for number, one in enumerate(problem.applications) if empty[number])
    spans = zip(problem.evaluators, texts.first, texts.first[1:], strict=False)
    evaluators = (one.id for one, low, high in spans if empty[low:high].all())
    assert texts.first[0] == rows
    return Facts(frozenset(applications), frozenset(evaluators), unread)


def _explained(
    problem: AffinityProblem, table: Table, parts: Mapping[str, Part], texts: Texts | None
) -> list[dict[str, Any]]:
    rows = {one.id: number for number, one in enumerate(problem.applications)}
    columns = {one.id: number for number, one in enumerate(problem.evaluators)}
    means = (
        {name: (filled(part), np.any(part.known, axis=1).tolist()) for name, part in parts.items()}
        if problem.explain
        else {}
    )
    told = []
    for application, evaluator in problem.explain:
        row, column = rows[application], columns[evaluator]
        values = {
            name: PartTaken(bool(part.known[row, column]), int(filling[row, column]) if counts[row] else None)
            for (name, part), (filling, counts) in zip(parts.items(), means.values(), strict=True)
        }
        works, words = _carriers(problem, texts, row, column) if texts and values["text"].known else ([], [])
        taken = Taken(int(table[row, column]), values, works, words)
        told.append(why(problem, problem.applications[row], problem.evaluators[column], taken))
    return told


def _carriers(problem: AffinityProblem, texts: Texts, row: int, column: int) -> tuple[list[Carried], list[Carried]]:
    """The closest works by their place, and the words of the application, with what they carry of the likeness."""
    mine = texts.vectors.row(row)
    low, high = texts.first[column], texts.first[column + 1]
    works = []
    for number in range(low, high):
        if not texts.vectors.empty[number]:
            theirs = texts.vectors.row(number)
            shared = {term: value * theirs[term] for term, value in mine.items() if term in theirs}
            works.append((min(sum(shared.values()) // UNIT, UNIT), number - low, shared))
    works.sort(key=lambda work: (-work[0], work[1]))
    shares = SHARES[: len(works)]
    words = texts.reader.first_words(problem.applications[row].title, problem.applications[row].text)
    carried: dict[str, int] = {}
    for share, (_, _, shared) in zip(shares, works, strict=False):
        for term, value in shared.items():
            carried[words[term]] = carried.get(words[term], 0) + share * value
    whole = sum(shares) * UNIT
    ordered = sorted(((value // whole, word) for word, value in carried.items()), key=lambda one: (-one[0], one[1]))
    return [(place, likeness) for likeness, place, _ in works[: len(shares)]], [
        (word, value) for value, word in ordered
    ]


def _as_text(table: Table) -> list[list[str]]:
    """Decimal text; equal numbers share one string, which keeps a large table small."""
    found, where = np.unique(table, return_inverse=True)
    texts = np.array([millionths(value) for value in found.tolist()], dtype=object)
    rows: list[list[str]] = texts[where.reshape(table.shape)].tolist()
    return rows
