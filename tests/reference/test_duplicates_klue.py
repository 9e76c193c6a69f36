"""Containment on real Korean sentences: copies are found, paraphrases are not, and the page says so."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import pytest

from madang.core.matching.duplicates import DuplicatesProblem, check_duplicates, solve_duplicates
from tests.reference.sts import area, containments, found_at, read_sentences

pytestmark = pytest.mark.reference


def test_paraphrases_are_not_told_from_sentences_that_share_words(reference_data: Path) -> None:
    """What `docs/algorithms/duplicates.md` says of them: should this fail because they are, the page is wrong."""
    pairs = read_sentences(reference_data / "duplicates")
    assert (len(pairs), sum(pair.same for pair in pairs)) == (519, 220)
    scores, same = containments(pairs, 8), [pair.same for pair in pairs]
    assert 0.40 < area(scores, same) < 0.48
    recall, precision = found_at(scores, same, Fraction(1, 2))
    assert recall < 0.06
    assert precision < 0.5


def test_copies_of_real_paragraphs_are_found_whatever_their_spaces(reference_data: Path) -> None:
    """Eight sentences make a text; of its copy all spaces are closed and every tenth word is another."""
    sentences = [pair.one for pair in read_sentences(reference_data / "duplicates")]
    texts = [" ".join(sentences[start : start + 8]) for start in range(0, 512, 8)]
    chance = random.Random(1)
    copies = []
    for text in texts:
        words = text.split()
        for place in range(chance.randrange(10), len(words), 10):
            words[place] = chance.choice(chance.choice(texts).split())
        copies.append("".join(words))
    problem = DuplicatesProblem.model_validate(
        {
            "kind": "duplicates",
            "version": 1,
            "documents": [
                {"id": f"{number:02}{side}", "text": text}
                for side, some in (("a", texts), ("b", copies))
                for number, text in enumerate(some)
            ],
        }
    )
    result = solve_duplicates(problem)
    assert check_duplicates(problem, result).contradictions == []
    assert {(one["a"], one["b"]) for one in result["pairs"]} == {(f"{n:02}a", f"{n:02}b") for n in range(len(texts))}
