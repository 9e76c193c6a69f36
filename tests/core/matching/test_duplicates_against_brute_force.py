"""Every pair and every figure against a brute force, and the parts that small problems do not reach by themselves."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.core.matching.duplicates import check_duplicates, overlaps, passages, shingles, solve_duplicates
from madang.core.matching.duplicates.letters import Alphabet, folded
from madang.core.matching.duplicates.verify_texts import Reading
from tests.core.matching.duplicate_problems import (
    ENGLISH,
    KOREAN,
    OTHERS,
    answer,
    brute_force,
    document,
    documents,
    edited,
    problem,
    quoted,
    solved,
)

LETTERS = st.text(st.sampled_from("가나다 ab.㎡ㅇé\u0301\u1100\u1161\u11a8漢ｶﾞß①กำ"), max_size=60)


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(LETTERS, max_size=12),
    asked=st.fixed_dictionaries(
        {
            "threshold": st.sampled_from(["0.1", "0.333333", "0.5", "1"]),
            "shingle": st.integers(4, 8),
            "least_shingles": st.integers(1, 3),
            "common": st.fixed_dictionaries({"share_bp": st.integers(0, 5_000), "least": st.integers(1, 5)}),
            "ignore": st.lists(LETTERS, max_size=1),
            "most_pairs": st.sampled_from([0, 2, 1_000]),
            "passages": st.fixed_dictionaries({"most": st.integers(0, 5), "least": st.integers(1, 16)}),
        }
    ),
)
def test_the_verifier_s_own_count_is_the_same(texts: list[str], asked: dict[str, Any]) -> None:
    """The verifier is a brute force too: it knows plain strings and sets only."""
    docs = documents(*texts, *(text + "a가" for text in texts[:3]))
    result = answer(docs, **asked)
    reading = Reading()
    for pair in result["pairs"]:
        for one, other in quoted(docs, pair):
            assert reading.letters(one) == reading.letters(other) != ""


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("width", "threshold"), [(8, "0.5"), (5, "0.2")])
def test_pairs_and_figures_are_those_of_a_brute_force(seed: int, width: int, threshold: str) -> None:
    chance = random.Random(seed)
    sources = [KOREAN, ENGLISH, *OTHERS, *(f"{one} {other}" for one in OTHERS for other in OTHERS)]
    texts = {}
    for number in range(60):
        text = edited(chance.choice(sources), chance, chance.randint(0, 8))
        texts[f"d{number}"] = text[: chance.randint(20, 400)] + str(number)
    docs = [document(id_, text) for id_, text in texts.items()]
    result = answer(docs, threshold=threshold, shingle=width, common={"least": 30}, passages={"most": 0})
    expected = brute_force(texts, width, Fraction(threshold), 36)
    assert len(expected) > 50
    found = {(one["a"], one["b"]): Fraction(one["shared"], min(one["shingles"])) for one in result["pairs"]}
    assert found == expected


def corpus(count: int, seed: int = 1) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    sources = [KOREAN, ENGLISH, *OTHERS]
    return [
        document(f"d{n}", edited(chance.choice(sources), chance, chance.randint(0, 7)) + f" {n}") for n in range(count)
    ]


def test_a_hash_that_puts_shingles_together_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    docs = corpus(40)
    expected = answer(docs)
    grouped = shingles.grouped
    monkeypatch.setattr("madang.core.matching.duplicates.solve.grouped", lambda stream: grouped(stream, most_hash=5))
    assert answer(docs) == expected


def test_small_parts_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    docs = corpus(60)
    expected = answer(docs, threshold="0.3", common={"least": 30})
    assert expected["found"] > 50
    monkeypatch.setattr(overlaps, "_PART", 16)
    monkeypatch.setattr(overlaps, "_HELD", 50)
    monkeypatch.setattr(shingles, "_CHUNK", 64)
    assert answer(docs, threshold="0.3", common={"least": 30}) == expected


@pytest.mark.parametrize("limit", ["MOST_STEPS", "MOST_CANDIDATES"])
def test_too_much_that_is_alike_lowers_the_limit_and_it_is_said(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    docs = corpus(60)
    asked = problem(docs, threshold="0.3", common={"least": 30})
    monkeypatch.setattr(overlaps, limit, 100)
    monkeypatch.setattr(overlaps, "_HELD", 10)
    result = solve_duplicates(asked)
    assert result["common"][0]["limit"] < 36
    assert "duplicates_limit_lowered" in {one["code"] for one in result["reasons"]}
    checked = check_duplicates(asked, result)
    assert checked.contradictions == []
    assert [one.code for one in checked.not_checked] == ["duplicates_lowering_not_checked"]


def test_of_a_large_problem_some_texts_are_looked_at_and_it_is_said() -> None:
    asked = problem(corpus(60))
    result = solved(asked)
    assert len(result["pairs"]) > 5
    checked = check_duplicates(asked, result, most_letters=4_000)
    assert checked.contradictions == []
    assert [one.code for one in checked.not_checked] == ["duplicates_texts_not_checked"]
    first = result["pairs"][0]
    first["shared"] += 1
    assert check_duplicates(asked, result, most_letters=8_000).contradictions


def test_many_alphabets_need_two_bytes_and_change_nothing() -> None:
    """Beyond 127 narrow letters the code is another one; figures and passages are not."""
    docs = corpus(12)
    expected = answer(docs)
    blocks = (0x430, 0x450), (0x5D0, 0x5EB), (0x10D0, 0x10FB), (0xE01, 0xE2F), (0x620, 0x64B)
    many = "".join(chr(point) for low, high in blocks for point in range(low, high))
    assert Alphabet([KOREAN]).type.itemsize == 1
    assert Alphabet([KOREAN, many]).type.itemsize == 2
    result = answer([*docs, document("many", many)])
    assert result["pairs"] == expected["pairs"]


def test_every_letter_of_unicode_has_a_code_of_its_own() -> None:
    """More narrow letters than fit into two bytes do not exist, and a character's letters are themselves letters."""
    points = [point for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    letters = {one for point in points for one in folded(chr(point))}
    assert all(folded(one) == one for one in letters)
    alphabet = Alphabet(["".join(sorted(letters))])
    (units,) = alphabet.read(["".join(sorted(letters))])
    numbers, _ = alphabet.letters(np.frombuffer(units, alphabet.type))
    assert len({*numbers.tolist()}) == len(letters) > 100_000


def test_stretches_beyond_a_thousand_are_left_and_the_longest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    docs = documents(f"{KOREAN} {OTHERS[0]}", f"{OTHERS[0]} {KOREAN}")
    asked = problem(docs)
    both = solve_duplicates(asked)["pairs"][0]["passages"]
    monkeypatch.setattr(passages, "MOST_STRETCHES", 1)
    (longest,) = solve_duplicates(asked)["pairs"][0]["passages"]
    assert longest == max(both, key=lambda one: one[1] - one[0])
    assert len(both) == 2


def test_the_same_bytes_whatever_python_s_hashes_are() -> None:
    program = (
        "import json\n"
        "from madang.core.matching.duplicates import DuplicatesProblem, solve_duplicates\n"
        "from tests.core.matching.test_duplicates_against_brute_force import corpus\n"
        "data = {'kind': 'duplicates', 'version': 1, 'documents': corpus(30)}\n"
        "print(json.dumps(solve_duplicates(DuplicatesProblem.model_validate(data))))\n"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1


def test_beyond_so_many_characters_pairs_have_no_passages_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    docs = documents(KOREAN, KOREAN, KOREAN + OTHERS[0])
    for module in ("solve", "verify"):
        monkeypatch.setattr(f"madang.core.matching.duplicates.{module}.MOST_READ_BESIDE", 3 * len(KOREAN))
    result = answer(docs)
    assert [bool(pair["passages"]) for pair in result["pairs"]] == [True, False, False]
    reason = next(one for one in result["reasons"] if one["code"] == "duplicates_passages_left_out")
    assert reason["params"] == {"count": 2}


def test_of_many_shared_shingles_some_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    docs = documents(f"{KOREAN} {OTHERS[0]}", f"{OTHERS[0]} {KOREAN}")
    expected = answer(docs)
    monkeypatch.setattr(passages, "MOST_FOLLOWED", 7)
    monkeypatch.setattr("madang.core.matching.duplicates.verify_texts._MOST_FOLLOWED", 7)
    assert answer(docs)["pairs"] == expected["pairs"]  # both stretches are longer than the steps
