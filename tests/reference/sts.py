"""Korean pairs of sentences with how alike people find them (KLUE-STS, dev, CC BY-SA 4.0), and measures of an order.

Source: Park et al., "KLUE: Korean Language Understanding Evaluation" (2021). `python -m tests.reference.sts` prints
what `docs/algorithms/duplicates.md` says of them.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from madang.core.matching.duplicates import DuplicatesProblem, solve_duplicates


@dataclass(frozen=True, slots=True)
class Sentences:
    """`alike`: what seven people said on average, 0 (nothing) to 5 (the same); `same`: 3 or more."""

    one: str
    other: str
    alike: float
    same: bool
    source: str


def read_sentences(folder: Path) -> list[Sentences]:
    given = json.loads(gzip.decompress((folder / "klue-sts-v1.1_dev.json.gz").read_bytes()))
    return [
        Sentences(
            line["sentence1"],
            line["sentence2"],
            line["labels"]["label"],
            line["labels"]["binary-label"] == 1,
            line["source"],
        )
        for line in given
    ]


def containments(pairs: Sequence[Sentences], shingle: int) -> list[Fraction]:
    """The containment of each pair, by the solver, as far as it names any (0.1 and more; 0 below)."""
    documents = [
        {"id": f"{number:03}{side}", "text": text, "tags": {"pair": str(number), "side": side}}
        for number, pair in enumerate(pairs)
        for side, text in (("a", pair.one), ("b", pair.other))
    ]
    problem = {
        "kind": "duplicates",
        "version": 1,
        "documents": documents,
        "threshold": "0.1",
        "shingle": shingle,
        "common": {"share_bp": 10_000},
        "most_pairs": 100_000,
        "passages": {"most": 0},
    }
    result = solve_duplicates(DuplicatesProblem.model_validate(problem))
    assert result["found"] == len(result["pairs"])
    found = {
        one["a"][:3]: Fraction(one["shared"], min(one["shingles"]))
        for one in result["pairs"]
        if one["a"][:3] == one["b"][:3]
    }
    return [found.get(f"{number:03}", Fraction(0)) for number in range(len(pairs))]


def area(scores: Sequence[Fraction], good: Sequence[bool]) -> float:
    """The share of (good, other) pairs that stand in the right order; a tie counts half (area under the ROC curve)."""
    above = [score for score, is_good in zip(scores, good, strict=True) if is_good]
    below = [score for score, is_good in zip(scores, good, strict=True) if not is_good]
    right = sum((one > other) + (one == other) / 2 for one in above for other in below)
    return right / (len(above) * len(below))


def found_at(scores: Sequence[Fraction], good: Sequence[bool], least: Fraction) -> tuple[float, float]:
    """Of the good ones the share that reaches `least` (recall), and of those that reach it the share that is good."""
    reached = [is_good for score, is_good in zip(scores, good, strict=True) if score >= least]
    return sum(reached) / max(1, sum(good)), sum(reached) / max(1, len(reached))


def main() -> None:
    pairs = read_sentences(Path(os.environ["MADANG_REFERENCE_DATA"]) / "duplicates")
    sources = sorted({pair.source for pair in pairs})
    print(f"{len(pairs)} pairs, {sum(pair.same for pair in pairs)} alike")
    for shingle in (8, 6, 4):
        scores = containments(pairs, shingle)
        good = [pair.same for pair in pairs]
        line = [f"shingle {shingle}: area {area(scores, good):.3f}"]
        for least in (Fraction(1, 2), Fraction(3, 10), Fraction(1, 10)):
            recall, precision = found_at(scores, good, least)
            line.append(f"at {float(least)}: recall {recall:.2f}, precision {precision:.2f}")
        print("; ".join(line))
    scores = containments(pairs, 8)
    for source in sources:
        some = [(score, pair) for score, pair in zip(scores, pairs, strict=True) if pair.source == source]
        same = [pair.same for _, pair in some]
        recall, _ = found_at([score for score, _ in some], same, Fraction(1, 2))
        print(f"{source}: {len(some)} pairs, {sum(same)} alike, recall at 0.5 {recall:.2f}")
    nothing = sum(score == 0 for score, pair in zip(scores, pairs, strict=True) if pair.alike >= 4)
    print(f"nearly the same (4 or more): {sum(pair.alike >= 4 for pair in pairs)}, of them under 0.1: {nothing}")


if __name__ == "__main__":
    main()
