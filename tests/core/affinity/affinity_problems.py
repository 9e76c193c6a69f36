"""Small affinity problems in several scripts; all names and texts are invented."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from madang.core.affinity import AffinityProblem
from madang.core.problem import read_problem

_ENGLISH = "transport transporting bus Buses cities city gas access tries the and of"
_LATIN = "Verkehr Verkehrsplanung für übergänge réseau mobilité é e\u0301"
_KOREAN = "버스 버스를 저상버스 저상버스가 교통약자들을 스마트도시 스마트 도시의 전문가가 고속도로를 및 위한 하였습니다"
_OTHERS = "도시計画 都市計画 デジタル化 транспорт परिवहन ระบบขนส่ง AI기반 5G 2024 \ufb01ber co\u00adoperation a\u200db"
_ODD = "… — \u1100\u1161\u11a8 \U00020000\U00020001 가가가"
WORDS = (*_ENGLISH.split(), *_LATIN.split(), *_KOREAN.split(), *_OTHERS.split(), *_ODD.split())


def problem_of(data: dict[str, Any]) -> AffinityProblem:
    return read_problem(AffinityProblem, data)


texts = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join) | st.text(max_size=12).filter(
    lambda text: text.isprintable() or not any("\ud800" <= c <= "\udfff" for c in text)
)
fields = st.lists(st.sampled_from(["Transport", "transport ", "energy", "water", "안전"]), max_size=3)
languages = st.lists(st.sampled_from(["ko", "en", "en-GB", "KO_kr", "de"]), max_size=2)


@st.composite
def problems(draw: st.DrawFn) -> dict[str, Any]:
    """Up to 5 x 5, every mode, parts missing here and there, every pair to be explained."""
    applications = [
        {"id": f"A{n}", "title": draw(texts), "text": draw(texts), "fields": draw(fields), "languages": draw(languages)}
        for n in range(draw(st.integers(0, 5)))
    ]
    works = st.lists(st.fixed_dictionaries({"title": texts, "text": texts}), max_size=12)
    evaluators = [
        {"id": f"E{n}", "works": draw(works), "fields": draw(fields), "languages": draw(languages)}
        for n in range(draw(st.integers(0, 5)))
    ]
    mode = draw(st.sampled_from(["require", "prefer", "ignore"]))
    data: dict[str, Any] = {
        "kind": "affinity",
        "version": 1,
        "applications": applications,
        "evaluators": evaluators,
        "languages": mode,
        "explain": [[a["id"], e["id"]] for a in applications for e in evaluators],
    }
    if draw(st.booleans()):
        spoken = draw(st.integers(1, 10_000)) if mode == "prefer" else 0
        text = draw(st.integers(0, 10_000 - spoken))
        data["weights_bp"] = {"text": text, "fields": 10_000 - spoken - text, "languages": spoken}
    return data


def town() -> dict[str, Any]:
    """Three applications of a city and who might evaluate them."""
    return {
        "kind": "affinity",
        "version": 1,
        "applications": [
            {
                "id": "버스",
                "title": "교통약자를 위한 저상버스 실시간 안내",
                "text": "휠체어를 쓰는 시민이 저상버스의 도착을 정류장에서 미리 알 수 있도록 버스도착정보를 제공한다.",
                "fields": ["교통", "복지"],
                "languages": ["ko"],
            },
            {
                "id": "하수",
                "title": "하수처리장의 악취와 수질 감시",
                "text": "방류수의 수질을 센서로 측정하고 악취를 예측하는 인공지능(AI) 모델을 구축하였습니다.",
                "fields": ["환경"],
                "languages": ["ko", "en"],
            },
            {
                "id": "heat",
                "title": "Cooling streets in heat waves",
                "text": "Trees, fountains and shaded pavements against urban heat; temperatures measured by citizens.",
                "fields": ["climate"],
                "languages": ["en"],
            },
        ],
        "evaluators": [
            {
                "id": "Han",
                "works": [{"title": "저상 버스가 이동권에 미치는 영향"}, {"title": "대중 교통의 접근성"}],
                "fields": ["교통"],
                "languages": ["ko-KR"],
            },
            {
                "id": "Seo",
                "works": [{"title": "하수의 수질이 나빠지는 원인"}, {"title": "Odour prediction with AI sensors"}],
                "fields": ["환경"],
                "languages": ["ko", "en"],
            },
            {
                "id": "Weber",
                "works": [{"title": "Measuring urban heat: temperature at street level", "text": "Street trees cool."}],
                "fields": ["Climate"],
                "languages": ["en", "de"],
            },
            {"id": "Noh", "fields": ["복지"], "languages": ["ko"]},
        ],
    }
