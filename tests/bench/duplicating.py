"""Near-duplicates among 20,000 texts: recall against brute force, and the time against datasketch on the same shingles.

datasketch is handed the shingles ready-made and without those of the form; reading the texts is counted for us only.
"""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from tests.bench.call_texts import texts
from tests.bench.measure import Spread, table

THRESHOLD = 0.5
PERMUTATIONS = 128

Pairs = dict[tuple[int, int], float]
Shingles = Sequence[set[bytes]]


def duplicates(repeats: int, quick: bool, home: Path) -> str:
    """Processor seconds of each way, in turn; pairs with a containment of 0.5 or more, and how many each way misses."""
    given, planted = texts(2_000 if quick else 20_000)
    ours = _ours(given, passages=0)  # not measured: modules and memory warm
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    shingles = _without_the_form(_shingles(given))
    truth = _brute_force(shingles)
    above = {pair for pair, containment in truth.items() if containment > THRESHOLD}
    ways: dict[str, Callable[[], Pairs]] = {
        "madang": lambda: _ours(given, passages=0),
        "madang, with passages": lambda: _ours(given, passages=20),
    }
    if find_spec("datasketch"):
        ways["datasketch MinHashLSHEnsemble"] = lambda: _ensemble(shingles)
        ways["datasketch MinHashLSH"] = lambda: _lsh(shingles)
    taken: dict[str, list[float]] = {name: [] for name in ways}
    found: dict[str, Pairs] = {}
    rounds = 1 if quick else min(repeats, 3)
    for number in range(rounds):
        for name in list(ways) if number % 2 == 0 else reversed(ways):
            started = time.process_time()
            found[name] = ways[name]()
            taken[name].append(time.process_time() - started)
    rows = []
    for name, seconds in taken.items():
        to_ours = Spread.of([one / ours for one, ours in zip(seconds, taken["madang"], strict=True)])
        recall = len(above & found[name].keys()) / max(1, len(above))
        wrong = sum(pair not in truth for pair in found[name])
        rows.append(
            (name, Spread.of(seconds).shown(), to_ours.shown(1), f"{len(found[name]):,}", f"{recall:.4f}", str(wrong))
        )
    exact = ours.keys() == truth.keys() and all(abs(ours[pair] - truth[pair]) < 1e-6 for pair in truth)
    theirs = (
        f"datasketch {version('datasketch')}, {PERMUTATIONS} permutations"
        if find_spec("datasketch")
        else "no datasketch"
    )
    head = ("", "processor (s)", "to madang", "pairs", "recall above 0.5", "wrong pairs")
    letters = sum(map(len, given))
    return "\n".join(
        (
            table(head, rows),
            "",
            f"- {len(given):,} texts, {letters:,} characters, {sum(map(len, shingles)):,} shingles that count; "
            f"{len(planted):,} copies planted, {len(above):,} pairs above 0.5.",
            f"- Every containment of ours is that of brute force: {'yes' if exact else '**no**'}. "
            f"Memory of ours with the texts: {peak:,} MiB.",
            f"- {theirs}, numpy {version('numpy')}.",
        )
    )


def _ours(given: Sequence[str], passages: int) -> Pairs:
    from madang.core.matching.duplicates import DuplicatesProblem, solve_duplicates

    problem = {
        "kind": "duplicates",
        "version": 1,
        "documents": [{"id": f"{number:05}", "text": text} for number, text in enumerate(given)],
        "passages": {"most": passages},
        "most_pairs": 100_000,
    }
    result = solve_duplicates(DuplicatesProblem.model_validate(problem))
    assert result["found"] == len(result["pairs"])
    return {(int(one["a"]), int(one["b"])): float(one["containment"]) for one in result["pairs"]}


def _signatures(shingles: Shingles) -> list[Any]:
    from datasketch import MinHash

    signatures = []
    for some in shingles:
        signature = MinHash(num_perm=PERMUTATIONS)
        signature.update_batch(some)
        signatures.append(signature)
    return signatures


def _ensemble(shingles: Shingles) -> Pairs:
    """Its index for containment, as its documentation shows it; candidates are then counted out."""
    from datasketch import MinHashLSHEnsemble

    signatures = _signatures(shingles)
    index = MinHashLSHEnsemble(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    index.index((number, one, len(shingles[number])) for number, one in enumerate(signatures) if shingles[number])
    return _counted_out(shingles, lambda number: index.query(signatures[number], len(shingles[number])))


def _lsh(shingles: Shingles) -> Pairs:
    """Its index for resemblance: texts of one length with a containment of 1/2 have a resemblance of 1/3."""
    from datasketch import MinHashLSH

    signatures = _signatures(shingles)
    index = MinHashLSH(threshold=THRESHOLD / (2 - THRESHOLD), num_perm=PERMUTATIONS)
    for number, one in enumerate(signatures):
        index.insert(number, one)
    return _counted_out(shingles, lambda number: index.query(signatures[number]))


def _counted_out(shingles: Shingles, candidates: Callable[[int], Any]) -> Pairs:
    pairs = {
        (min(number, other), max(number, other))
        for number, some in enumerate(shingles)
        if some
        for other in candidates(number)
        if other != number
    }
    found = {}
    for one, other in pairs:
        shared = len(shingles[one] & shingles[other])
        if shared >= THRESHOLD * min(len(shingles[one]), len(shingles[other])):
            found[one, other] = shared / min(len(shingles[one]), len(shingles[other]))
    return found


def _shingles(given: Sequence[str]) -> list[set[bytes]]:
    """By the verifier's reading: plain strings, no hash."""
    from madang.core.matching.duplicates.verify_texts import Reading, shingles

    reading = Reading()
    return [{shingle.encode() for _, shingle in shingles(reading.letters(text), 8)} for text in given]


def _without_the_form(shingles: Shingles) -> list[set[bytes]]:
    carriers: Counter[bytes] = Counter()
    different = {frozenset(some) for some in shingles}
    for some in different:
        carriers.update(some)
    limit = 5 + len(different) // 10
    common = {shingle for shingle, many in carriers.items() if many > limit}
    return [some - common for some in shingles]


def _brute_force(shingles: Shingles) -> Pairs:
    """Every pair: one product of all shingles, block by block."""
    number: dict[bytes, int] = {}
    columns = [number.setdefault(one, len(number)) for some in shingles for one in some]
    sizes = np.array([len(some) for some in shingles])
    first = np.concatenate(([0], np.cumsum(sizes)))
    shape = (len(shingles), len(number))
    matrix = sparse.csr_array((np.ones(len(columns), np.int32), np.array(columns), first), shape=shape)
    turned = matrix.T.tocsr()
    found: Pairs = {}
    for start, end in pairwise([*range(0, len(shingles), 250), len(shingles)]):
        block = (matrix[start:end] @ turned).tocoo()
        one, other = block.row + start, block.col
        least = np.minimum(sizes[one], sizes[other])
        kept = (one < other) & (block.data >= THRESHOLD * least)
        for a, b, shared in zip(one[kept].tolist(), other[kept].tolist(), block.data[kept].tolist(), strict=True):
            found[a, b] = shared / min(sizes[a], sizes[b])
    return found
