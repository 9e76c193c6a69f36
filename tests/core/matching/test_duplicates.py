"""Near-duplicates: what is found, what is not, what is said of it."""

from __future__ import annotations

import random
import unicodedata
from decimal import Decimal
from typing import Any

import pytest

from madang.core.matching.documents import Document
from madang.core.matching.duplicates import NearDuplicates, near_duplicates, solve_duplicates, verify_duplicates
from madang.core.problem import read_problem
from madang.core.reasons import Malformed
from tests.core.matching.duplicate_problems import (
    ENGLISH,
    KOREAN,
    OTHERS,
    answer,
    codes,
    document,
    documents,
    edited,
    pairs,
    problem,
    quoted,
    solved,
)


@pytest.mark.parametrize("text", [KOREAN, ENGLISH, f"{KOREAN} {ENGLISH}"], ids=["Korean", "English", "both"])
def test_a_copy_with_words_changed_and_spaces_closed_is_found_among_others(text: str) -> None:
    given = documents(*OTHERS, text, edited(text, random.Random(1), 3))
    result = answer(given)
    assert list(pairs(result)) == [("d4", "d5")]
    assert Decimal(result["pairs"][0]["containment"]) > Decimal("0.6")


def test_spacing_case_punctuation_and_forms_of_letters_are_nothing() -> None:
    given = documents("스마트 도시: Bus Stop ①", "스마트도시ＢＵＳ ＳＴＯＰ 1")
    result = answer(given)
    assert pairs(result) == {("d0", "d1"): "1.000000"}
    assert result["identical"] == [["d0", "d1"]]
    assert quoted(given, result["pairs"][0]) == [("스마트 도시: Bus Stop ①", "스마트도시ＢＵＳ ＳＴＯＰ 1")]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("zero width", KOREAN.replace(" ", "\u200b \u2060")),
        ("bidi marks", "\u202e" + KOREAN.replace("다", "다\u2066\u2069\u200f")),
        ("soft hyphens and tags", "\U000e0041" + KOREAN.replace("를", "\u00ad를\ufe0f")),
        ("marks piled on letters", "".join(one + "\u0335\u0301" for one in KOREAN)),
        ("decomposed", unicodedata.normalize("NFD", KOREAN)),
        ("bullets", KOREAN.replace(", ", "\nㅇ ").replace(". ", "\nㅁ - ")),
        ("fillers", KOREAN.replace(" ", "\u3164\uffa0\u115f")),
    ],
)
def test_what_is_not_seen_on_the_screen_hides_nothing(name: str, other: str) -> None:
    assert pairs(answer(documents(KOREAN, other))) == {("d0", "d1"): "1.000000"}, name


def test_letters_of_another_alphabet_that_look_alike_are_other_letters() -> None:
    looks_alike = ENGLISH.translate(str.maketrans("aeopc", "аеорс"))  # Cyrillic
    assert pairs(answer(documents(ENGLISH, looks_alike))) == {}


def test_a_part_in_a_longer_text_is_contained_in_it() -> None:
    given = documents(" ".join([*OTHERS[:2], KOREAN, *OTHERS[2:]]), KOREAN)
    result = answer(given)
    assert result["pairs"][0]["containment"] == "1.000000"
    assert Decimal(result["pairs"][0]["resemblance"]) < Decimal("0.5")
    assert quoted(given, result["pairs"][0]) == [(KOREAN[:-1], KOREAN[:-1])]  # the full stop is no letter


def test_passages_are_the_longest_and_stand_in_order() -> None:
    first, second = OTHERS[0], OTHERS[1]
    given = documents(f"{first} 그리고 {second}", f"{second} 또한 {first}")
    result = answer(given)
    assert [a.strip(". ") for a, _ in quoted(given, result["pairs"][0])] == [one.strip(". ") for one in (first, second)]
    one = answer(given, passages={"most": 1})
    assert quoted(given, one["pairs"][0]) == [max(quoted(given, result["pairs"][0]), key=lambda pair: len(pair[0]))]
    assert answer(given, passages={"most": 0})["pairs"][0]["passages"] == []


def test_a_character_of_several_letters_is_in_a_passage_whole_or_not() -> None:
    given = documents("가로등 백이십 ㎢ 구역의 설치와 운영", "가로등 백이십 kg 구역의 설치와 운영")
    (pair,) = answer(given, threshold="0.3")["pairs"]
    assert all("㎢" not in a and "k" not in b for a, b in quoted(given, pair))


def test_what_most_documents_say_is_not_counted_and_it_is_said() -> None:
    label = "본 신청서는 공고문의 서식에 따라 작성하였으며 사실과 다름이 없음을 확인합니다. "
    given = documents(*(label + one for one in (*OTHERS, KOREAN, ENGLISH, edited(KOREAN, random.Random(2), 2))))
    result = answer(given)
    assert list(pairs(result)) == [("d4", "d6")]
    assert result["common"][0]["limit"] == 5
    assert result["common"][0]["shingles"] > 20
    assert "duplicates_common_left_out" in codes(result)
    assert not any("서식에" in a for a, _ in quoted(given, result["pairs"][0]))


def test_a_form_of_one_call_among_many_is_known_by_the_call() -> None:
    label = "제출 서류의 목록과 담당자의 연락처를 빠짐없이 적고 기관장의 직인을 찍어 주십시오. "
    chance = random.Random(3)
    alone = [
        "".join(chance.choices("가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허", k=30)) for _ in range(100)
    ]
    given = [document(f"d{n:03}", (label if n < 8 else "") + text, call=str(n // 8)) for n, text in enumerate(alone)]
    assert answer(given, threshold="0.3")["found"] == 28  # all of the eight: in 100 texts that is not common
    result = answer(given, threshold="0.3", common={"within": "call"})
    assert result["found"] == 0
    assert [one["within"] for one in result["common"]][:2] == [None, ["0"]]
    assert [one["shingles"] > 0 for one in result["common"]] == [False, True] + [False] * 12


def test_texts_to_be_ignored_do_not_count() -> None:
    given = documents(f"{ENGLISH} {OTHERS[0]}", f"{ENGLISH} {OTHERS[1]}")
    assert answer(given)["found"] == 1
    assert answer(given, ignore=[ENGLISH])["found"] == 0


def test_only_pairs_across_a_tag_and_of_one_call_are_named() -> None:
    given = [
        document("old", KOREAN, call="2025"), document("older", KOREAN, call=["2024", "2023"]),
        document("new", KOREAN, call="2026"), document("new-2", KOREAN, call="2026"),
    ]  # fmt: skip
    assert len(pairs(answer(given))) == 6
    across = answer(given, compare={"across": "call", "involving": {"call": "2026"}})
    assert sorted(pairs(across)) == [("new", "old"), ("new", "older"), ("new-2", "old"), ("new-2", "older")]
    assert across["found"] == 4


def test_ten_thousand_copies_are_one_text_and_a_stated_number_of_pairs() -> None:
    given = [document(f"d{number:05}", KOREAN + " " * (number % 3)) for number in range(10_000)]
    given += [document("other", edited(KOREAN, random.Random(1), 2))]
    result = answer(given, most_pairs=50)
    assert result["found"] == 10_000 * 9_999 // 2 + 10_000
    assert [(one["a"], one["b"]) for one in result["pairs"]][-1] == ("d00000", "d00050")
    assert {"duplicates_pairs_cut", "duplicates_identical"} <= codes(result)
    assert len(result["identical"][0]) == 10_000


def test_masses_of_texts_that_are_nearly_alike_are_called_common_and_named() -> None:
    given = [document(f"d{n}", f"{KOREAN} 신청 도시의 이름은 {n * 7919 % 9973}번입니다.") for n in range(60)]
    result = answer(given)
    assert result["found"] == 0
    named = next(one["params"] for one in result["reasons"] if one["code"] == "duplicates_mostly_common")
    assert named["count"] == 60


def test_documents_without_letters_and_with_few_are_named() -> None:
    given = documents("", "…—!", "가", "가", "가나다라마바", "가나다라마바사")
    result = answer(given, least_shingles=3)
    assert pairs(result) == {("d4", "d5"): "1.000000"}
    reasons = {one["code"]: one["params"] for one in result["reasons"]}
    assert reasons["duplicates_without_letters"]["documents"] == ["d0", "d1"]
    assert reasons["duplicates_too_few_shingles"]["documents"] == ["d2", "d3"]


def test_no_documents_and_one_are_an_answer() -> None:
    assert answer([])["pairs"] == []
    assert answer(documents(KOREAN))["pairs"] == []


def test_a_million_times_one_letter_is_one_shingle() -> None:
    given = documents("a" * 1_000_000, "a" * 999_999 + "b", "가" * 300_000 + KOREAN)
    result = solve_duplicates(problem(given, passages={"most": 1}))
    assert pairs(result) == {("d0", "d1"): "1.000000"}
    assert result["pairs"][0]["passages"] == [(0, 999_999, 0, 999_999)]


def test_the_order_of_documents_changes_nothing() -> None:
    chance = random.Random(5)
    given = [document(f"d{n}", edited(chance.choice((KOREAN, ENGLISH)), chance, n % 6)) for n in range(12)]
    expected = answer(given)
    for _ in range(5):
        chance.shuffle(given)
        assert answer(given) == expected


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"found": 5}, "/pairs"),
        ({"identical": []}, "/identical"),
        ({"seed": 2}, "/seed"),
        ({"common": []}, "/common"),
        ({"reasons": []}, "/reasons"),
        ({"pairs": []}, "/pairs"),
        ({"threshold": 1}, "/threshold"),
    ],
)
def test_a_changed_field_is_found(change: dict[str, Any], at: str) -> None:
    given = documents(KOREAN, edited(KOREAN, random.Random(1), 2), OTHERS[0], OTHERS[0])
    asked = problem(given)
    result = solved(asked)
    found = verify_duplicates(asked, result | change)
    assert at in {str(reason.params["at"]) for reason in found}


@pytest.mark.parametrize(
    "change",
    [
        {"shared": 60}, {"shingles": [90, 91]}, {"containment": "0.700000"}, {"resemblance": "0.500000"},
        {"passages": []}, {"passages": [[0, 40, 0, 40]]}, {"a": "d2"}, {"b": "nobody"}, {"a": "d1", "b": "d0"},
    ],
)  # fmt: skip
def test_a_changed_pair_is_found(change: dict[str, Any]) -> None:
    asked = problem(documents(KOREAN, edited(KOREAN, random.Random(1), 2), OTHERS[0]))
    result = solved(asked)
    result["pairs"][0] |= change
    assert verify_duplicates(asked, result)


def test_a_pair_that_is_left_out_or_put_in_or_moved_is_found() -> None:
    chance = random.Random(1)
    asked = problem(documents(KOREAN, edited(KOREAN, chance, 2), edited(KOREAN, chance, 6), OTHERS[0]))
    result = solved(asked)
    assert len(result["pairs"]) == 3
    for wrong in (result["pairs"][1:], result["pairs"][::-1], [result["pairs"][0]] * 3):
        assert verify_duplicates(asked, result | {"pairs": wrong})
    less = result | {"pairs": result["pairs"][:2], "found": 2}
    assert verify_duplicates(asked, less)


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"threshold": "0.05"}, "/threshold"), ({"threshold": 2}, "/threshold"), ({"shingle": 9}, "/shingle"),
        ({"colour": 1}, "/colour"), ({"documents": "docs.jsonl"}, "/documents"),
        ({"documents": [{"id": "a", "text": "\ud800"}]}, "/documents/0/text"),
        ({"documents": [{"id": "a", "text": "x" * 1_000_001}]}, "/documents/0/text"),
        ({"documents": [{"id": "a", "text": "x", "author": "y"}]}, "/documents/0/author"),
        ({"most_pairs": 100_001}, "/most_pairs"), ({"compare": {"across": ""}}, "/compare/across"),
    ],
)  # fmt: skip
def test_a_malformed_problem_is_refused_with_its_place(change: dict[str, Any], at: str) -> None:
    from madang.core.matching.duplicates import DuplicatesProblem

    with pytest.raises(Malformed) as refused:
        read_problem(DuplicatesProblem, {"kind": "duplicates", "version": 1, "documents": [], **change})
    assert [fault.at for fault in refused.value.faults] == [at]


def test_faults_of_meaning_are_named() -> None:
    asked = problem([document("a", "x"), document("a", "y")], compare={"involving": {"call/year": "2026"}})
    with pytest.raises(Malformed) as refused:
        solved(asked)
    told = [(fault.code, fault.at) for fault in refused.value.faults]
    assert told == [
        ("document_id_twice", "/documents/1/id"),
        ("duplicates_involving_nobody", "/compare/involving/call~1year"),
    ]


def near(given: list[dict[str, Any]], **more: Any) -> NearDuplicates:
    return near_duplicates([Document.model_validate(one) for one in given], **more)


def test_a_screen_gets_this_call_s_documents_beside_the_earlier_ones() -> None:
    old, new = edited(KOREAN, random.Random(1), 2), f"{OTHERS[2]} {KOREAN}"
    given = [document("a-old", old, call="2025"), document("new", new, call="2026"), document("z", old, call="2024")]
    found = near(given, call="2026")
    assert [(one.this.id, one.other.id) for one in found.pairs] == [("new", "a-old"), ("new", "z")]
    one = found.pairs[0]
    assert "".join(part.text for part in one.this_text) == new
    assert "".join(part.text for part in one.other_text) == old
    letters = [
        {part.passage: "".join(filter(str.isalnum, part.text)) for part in side if part.passage}
        for side in (one.this_text, one.other_text)
    ]
    assert letters[0] == letters[1]
    assert list(letters[0]) == [*range(1, len(letters[0]) + 1)]
    assert found.reasons[0].code == "duplicates_computed"


def test_a_call_without_documents_has_no_pairs() -> None:
    assert near([document("a", KOREAN, call="2025"), document("b", KOREAN, call="2025")], call="2026").pairs == []
    assert near([], call="2026").pairs == []
    assert len(near([document("a", KOREAN), document("b", KOREAN)]).pairs) == 1
