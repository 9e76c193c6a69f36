"""The three parts of an affinity as tables of millionths: texts, declared fields, languages; and what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from madang.core.affinity.model import AffinityProblem, declared, language
from madang.core.affinity.terms import Reader
from madang.core.affinity.vectors import UNIT, Vectors, vectors_of
from madang.core.matrix import SCALE

#: What the closest, second, ... tenth work counts: 1, 1/2, ... 1/10, over their common denominator.
SHARES = tuple(2520 // place for place in range(1, 11))

Table = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Part:
    """Millionths for each pair, and for which pairs they are known (0 elsewhere)."""

    values: Table
    known: Mask


@dataclass(frozen=True, slots=True)
class Texts:
    """The vectors of the applications, then of every work, evaluator by evaluator; `first[e]` is where `e` begins."""

    reader: Reader
    vectors: Vectors
    first: Sequence[int]


def read_texts(problem: AffinityProblem) -> Texts:
    """Every text read and weighed."""
    reader = Reader()
    counted = [reader.counts(one.title, one.text) for one in problem.applications]
    first = []
    for evaluator in problem.evaluators:
        first.append(len(counted))
        counted += [reader.counts(work.title, work.text) for work in evaluator.works]
    return Texts(reader, vectors_of(counted), [*first, len(counted)])


def text_part(problem: AffinityProblem, texts: Texts) -> Part:
    """The likeness of each application to each evaluator's closest works, spread out over 0..1 (`spread`)."""
    from madang.core.affinity.engine_sparse import likenesses

    rows, columns = len(problem.applications), len(problem.evaluators)
    empty = texts.vectors.empty
    alike = _alike(texts, empty)
    values = np.zeros((rows, columns), np.int64)
    for start, block in likenesses(texts.vectors, rows):
        inside = values[start : start + len(block)]
        for evaluators, works in alike:
            inside[:, evaluators] = spread(closest(block[:, works - rows]))
    able = np.zeros(columns, bool)
    for evaluators, _ in alike:
        able[evaluators] = True
    known = ~empty[:rows, None] & able[None, :]
    return Part(np.where(known, values, 0), known)


def _alike(texts: Texts, empty: Mask) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Evaluators with the same number of works that say something, and those works (a row for each evaluator)."""
    groups: dict[int, tuple[list[int], list[list[int]]]] = {}
    for evaluator, (low, high) in enumerate(zip(texts.first, texts.first[1:], strict=False)):
        works = [work for work in range(low, high) if not empty[work]]
        if works:
            members = groups.setdefault(len(works), ([], []))
            members[0].append(evaluator)
            members[1].append(works)
    return [(np.array(some, np.int64), np.array(works, np.int64)) for some, works in groups.values()]


def closest(likeness: Table) -> Table:
    """Over the last axis, the weighted mean of the ten largest: they count 1, 1/2, 1/3 ... 1/10."""
    count = min(len(SHARES), likeness.shape[-1])
    ordered = np.sort(likeness, axis=-1)[..., ::-1][..., :count]
    shares = np.array(SHARES[:count], np.int64)
    mean: Table = (ordered * shares).sum(axis=-1) // shares.sum()
    return mean


def spread(likeness: Table) -> Table:
    """1.1 x / (x + 0.1) in millionths, half up: 0 and 1 stay, and 0.1, usual within one subject, is over half."""
    below = 10 * likeness + UNIT
    out: Table = (22 * SCALE * likeness + below) // (2 * below)
    return out


def field_part(problem: AffinityProblem) -> Part:
    """What share of an application's fields the evaluator declares; known where both declare any."""
    asked = [frozenset(map(declared, one.fields)) for one in problem.applications]
    offered = [frozenset(map(declared, one.fields)) for one in problem.evaluators]
    shared = _common(asked, offered)
    count = np.array([len(fields) for fields in asked], np.int64)[:, None]
    known = (count > 0) & np.array([bool(fields) for fields in offered], bool)[None, :]
    below = np.maximum(count, 1)
    return Part(np.where(known, (2 * SCALE * shared + below) // (2 * below), 0), known)


def language_part(problem: AffinityProblem) -> Part:
    """1 where the evaluator reads one of the application's languages, else 0; known where both declare any."""
    written = [frozenset(map(language, one.languages)) for one in problem.applications]
    read = [frozenset(map(language, one.languages)) for one in problem.evaluators]
    known = np.array(list(map(bool, written)), bool)[:, None] & np.array(list(map(bool, read)), bool)[None, :]
    return Part(np.where(_common(written, read) > 0, SCALE, 0).astype(np.int64), known)


def _common(rows: Sequence[frozenset[str]], columns: Sequence[frozenset[str]]) -> Table:
    """How many names each row shares with each column. Cost: for each name its rows x its columns."""
    counted = np.zeros((len(rows), len(columns)), np.int64)
    carriers: dict[str, list[int]] = {}
    for column, names in enumerate(columns):
        for name in names:
            carriers.setdefault(name, []).append(column)
    for row, names in enumerate(rows):
        for name in names:
            if name in carriers:
                counted[row, carriers[name]] += 1
    return counted
