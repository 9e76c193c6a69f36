"""Problems of near-duplicates, and a brute force that knows only what the page says."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import combinations
from typing import Any

from madang.core.matching.duplicates import DuplicatesProblem, check_duplicates, solve_duplicates

KOREAN = (
    "하천 둔치 산책로 열두 곳에 수위 센서와 진입 차단기를 설치하고, 비가 시작되기 전에 주민의 휴대전화로 대피 안내를 "
    "보낸다. 지난 세 해 동안 둔치에서 고립된 사고는 해마다 네 건이었으며 모두 차단이 늦어 일어났다. 센서 값은 "
    "상황실과 하천관리과가 함께 보고, 차단은 담당자의 확인 없이 기준 수위에서 자동으로 이루어진다."
)
ENGLISH = (
    "Empty parking spaces of apartment blocks are shared between nine in the morning and six in the evening. Residents "
    "earn points that pay for buses; drivers see free spaces in the same application that sells bus tickets, and the "
    "city publishes how many kilometres of searching were saved."
)
OTHERS = (
    "청각장애인이 민원실에서 수어 영상 통화로 상담하고, 상담이 끝나면 쉬운 글로 적은 안내를 받는다.",
    "가로수와 건물의 그늘을 시간마다 재어 폭염에 가장 시원한 보행 길을 알려 주고 이듬해 나무를 심는다.",
    "Lighting that senses pedestrians saves electric power in lanes and tells the council which lamps have failed.",
    "A map of hospital beds is kept by ambulances themselves, so that nobody calls six wards in a row.",
)


def document(id_: str, text: str, **tags: Any) -> dict[str, Any]:
    return {"id": id_, "text": text, "tags": tags}


def documents(*texts: str) -> list[dict[str, Any]]:
    """By their place: `d0`, `d1` ..."""
    return [document(f"d{number}", text) for number, text in enumerate(texts)]


def problem(given: Iterable[Mapping[str, Any]], **more: Any) -> DuplicatesProblem:
    return DuplicatesProblem.model_validate({"kind": "duplicates", "version": 1, "documents": [*given], **more})


def solved(asked: DuplicatesProblem) -> dict[str, Any]:
    """As it stands in a file, and nothing in it contradicts."""
    result: dict[str, Any] = json.loads(json.dumps(solve_duplicates(asked)))
    checked = check_duplicates(asked, result)
    assert (checked.contradictions, checked.not_checked) == ([], [])
    return result


def answer(given: Iterable[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
    return solved(problem(given, **more))


def pairs(result: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    return {(one["a"], one["b"]): one["containment"] for one in result["pairs"]}


def codes(result: Mapping[str, Any]) -> set[str]:
    return {one["code"] for one in result["reasons"]}


def quoted(given: Iterable[Mapping[str, Any]], pair: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The passages as they stand in either text."""
    texts = {one["id"]: one["text"] for one in given}
    return [(texts[pair["a"]][a:b], texts[pair["b"]][c:d]) for a, b, c, d in pair["passages"]]


def edited(text: str, chance: random.Random, words: int) -> str:
    """So many words changed, one in three spaces closed."""
    parts = text.split()
    for place in chance.sample(range(len(parts)), words):
        parts[place] = "".join(chance.sample("가나다라마바사아자차카타파하", 3))
    return "".join(part + ("" if chance.random() < 1 / 3 else " ") for part in parts)


def brute_force(
    texts: Mapping[str, str], width: int, at_least: Fraction, limit: int
) -> dict[tuple[str, str], Fraction]:
    """Containment of every pair that reaches `at_least`; for plain Korean and English letters only."""
    columns = {id_: [one.lower() for one in text if one.isalnum()] for id_, text in texts.items()}
    sets = {id_: _shingles(letters, width) for id_, letters in columns.items()}
    carriers = Counter(one for some in sets.values() for one in some)
    counted = {id_: {one for one in some if carriers[one] <= limit} for id_, some in sets.items()}
    found = {}
    for a, b in combinations(sorted(counted), 2):
        least = min(len(counted[a]), len(counted[b]))
        if least and len(counted[a] & counted[b]) >= at_least * least:
            found[a, b] = Fraction(len(counted[a] & counted[b]), least)
    return found


def _shingles(letters: list[str], width: int) -> set[str]:
    wide = [2 if one >= "가" else 1 for one in letters]
    found = set()
    for start in range(len(letters)):
        if sum(wide[start:]) >= width or start == 0:
            end = start
            while end < len(letters) and sum(wide[start : end + 1]) <= width:
                end += 1
            found.add("".join(letters[start:end]))
    return found
