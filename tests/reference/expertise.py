"""The half of the gold-standard reviewer-paper data that is at hand, and its published measure.

Source: Stelmakh, Wieting, Xi, Neubig, Shah, "A Gold Standard Dataset for the Reviewer Assignment Problem" (2023).
Reviewers said for some papers how well they could judge them (1 to 5); their own papers stand beside.
"""

from __future__ import annotations

import csv
import gzip
import itertools
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: (reviewer, paper) -> how alike.
Similarity = Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Expertise:
    """Papers and each reviewer's own, as `(title, abstract)`; reviewer -> [(paper, expertise)]."""

    papers: dict[str, tuple[str, str]]
    own: dict[str, list[tuple[str, str]]]
    said: dict[str, list[tuple[str, float]]]

    def problem(self) -> dict[str, Any]:
        """All papers and all reviewers as an affinity problem, texts only, nothing else set."""
        return {
            "kind": "affinity",
            "version": 1,
            "applications": [{"id": name, "title": t, "text": a} for name, (t, a) in self.papers.items()],
            "evaluators": [
                {"id": name, "works": [{"title": t, "text": a} for t, a in works]} for name, works in self.own.items()
            ],
        }


def read_expertise(folder: Path) -> Expertise:
    def texts(name: str) -> Any:
        return json.loads(gzip.decompress((folder / name).read_bytes()))

    def pair(one: dict[str, str | None]) -> tuple[str, str]:
        return one["title"] or "", one["abstract"] or ""

    said: dict[str, list[tuple[str, float]]] = defaultdict(list)
    with (folder / "evaluations.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            said[row["reviewer"]].append((row["paper"], float(row["expertise"])))
    papers = {name: pair(one) for name, one in texts("papers.json.gz").items()}
    own = {name: [pair(one) for one in works] for name, works in texts("reviewer_profiles.json.gz").items()}
    return Expertise(papers, own, dict(said))


def losses(data: Expertise, similarity: Similarity) -> dict[str, tuple[float, float]]:
    """Of each reviewer: what was ordered wrongly (a tie counts half) and what there was to order."""
    found = {}
    for reviewer, papers in data.said.items():
        lost = whole = 0.0
        for (one, high), (other, low) in itertools.combinations(papers, 2):
            if high == low:
                continue
            gap = (similarity[reviewer, one] - similarity[reviewer, other]) * (high - low)
            whole += abs(high - low)
            lost += abs(high - low) * (1 if gap < 0 else 0.5 if gap == 0 else 0)
        found[reviewer] = (lost, whole)
    return found


def loss(found: Mapping[str, tuple[float, float]], reviewers: Sequence[str] | None = None) -> float:
    """The published measure over some reviewers (each as often as named), or all."""
    chosen = list(found) if reviewers is None else reviewers
    return sum(found[name][0] for name in chosen) / sum(found[name][1] for name in chosen)


def tf_idf_mean(data: Expertise) -> dict[tuple[str, str], float]:
    """The plain way: words as they stand, count x log rarity, cosine, mean over a person's papers."""
    papers = {name: Counter(_words(" ".join(text))) for name, text in data.papers.items()}
    own = {name: [Counter(_words(" ".join(text))) for text in texts] for name, texts in data.own.items()}
    everything = [*papers.values(), *(text for texts in own.values() for text in texts)]
    spread = Counter(word for text in everything for word in text)
    rare = {word: math.log((1 + len(everything)) / (1 + count)) + 1 for word, count in spread.items()}
    vectors = {name: _unit(text, rare) for name, text in papers.items()}
    theirs = {name: [_unit(text, rare) for text in texts] for name, texts in own.items()}
    return {
        (reviewer, paper): sum(
            value * work.get(word, 0.0) for work in theirs[reviewer] for word, value in vectors[paper].items()
        )
        / len(theirs[reviewer])
        for reviewer, said in data.said.items()
        for paper, _ in said
    }


def _words(text: str) -> list[str]:
    return re.findall(r"\w\w+", text.lower())


def _unit(text: Counter[str], rare: Mapping[str, float]) -> dict[str, float]:
    weights = {word: count * rare[word] for word, count in text.items()}
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {word: weight / length for word, weight in weights.items()}
