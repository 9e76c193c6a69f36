"""Affinities: the solver against a verifier that shares no code, languages of all kinds, hostile input."""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import example, given, settings

from madang.cli.main import main
from madang.core.affinity import check_affinity, faults_in, solve_affinity, verify_affinity
from madang.core.affinity.parts import closest, spread
from madang.core.affinity.terms import Reader, korean_stem
from madang.core.kinds import KINDS
from madang.core.matrix import Matrix
from madang.core.problem import read_json
from madang.core.reasons import Malformed
from madang.words import LANGUAGES, catalogue, say_fault, sentence
from tests.core.affinity.affinity_problems import problem_of, problems, town

SCHEMA = KINDS["affinity"].schema()


def solved(data: dict[str, Any]) -> dict[str, Any]:
    """The result as read back from JSON; every result in these tests is verified and fits the schema."""
    problem = problem_of(data)
    result: dict[str, Any] = read_json(json.dumps(solve_affinity(problem)))
    assert verify_affinity(problem, result) == []
    return result


def cells(result: dict[str, Any]) -> dict[tuple[str, str], float]:
    return {
        (application, evaluator): float(value)
        for application, row in zip(result["applications"], result["affinity"], strict=True)
        for evaluator, value in zip(result["evaluators"], row, strict=True)
    }


def faults_of(data: object) -> list[tuple[str, str]]:
    kind = KINDS["affinity"]
    with pytest.raises(Malformed) as refused:
        kind.solve(kind.read(read_json(json.dumps(data))))
    assert all("?" not in say_fault(fault, language) for fault in refused.value.faults for language in LANGUAGES)
    assert {fault.code for fault in refused.value.faults} <= catalogue().keys()
    return [(fault.at, fault.code) for fault in refused.value.faults]


def minimal(application: str, *evaluators: str | list[str]) -> dict[str, Any]:
    """One application's text, and evaluators E0, E1 ... with one work or several."""
    works = [[given] if isinstance(given, str) else given for given in evaluators]
    return {
        "kind": "affinity",
        "version": 1,
        "applications": [{"id": "A", "text": application}],
        "evaluators": [{"id": f"E{n}", "works": [{"text": text} for text in some]} for n, some in enumerate(works)],
    }


def first(application: str, *evaluators: str | list[str]) -> str:
    """Who fits best; there must be one."""
    values = cells(solved(minimal(application, *evaluators)))
    best = max(values.values())
    names = [name for (_, name), value in values.items() if value == best]
    assert len(names) == 1, values
    return names[0]


# --- the two ways of computing agree ---


@settings(max_examples=120, deadline=None)
@given(problems())
@example(town() | {"explain": [["버스", "Han"], ["버스", "Weber"], ["버스", "Noh"]]})
def test_the_verifier_finds_the_same_numbers_and_reasons_without_the_solvers_code(data: dict[str, Any]) -> None:
    result = solved(data)
    jsonschema.validate(json.loads(json.dumps(data)), SCHEMA["problem"])
    jsonschema.validate(result, SCHEMA["result"])
    told = [*result["reasons"], *(reason for pair in result["why"] for reason in pair["reasons"])]
    for reason in told:
        assert reason["code"] in catalogue()
        for language in LANGUAGES:
            assert sentence(reason["code"], reason["params"], language)


@settings(max_examples=60, deadline=None)
@given(problems())
def test_names_and_order_change_nothing(data: dict[str, Any]) -> None:
    other = copy.deepcopy(data) | {"explain": []}
    chance = random.Random(7)
    for side in ("applications", "evaluators"):
        for one in other[side]:
            one["id"] = f"new {one['id']}"
        chance.shuffle(other[side])
    for one in other["evaluators"]:
        chance.shuffle(one["works"])
    renamed = {(a.removeprefix("new "), e.removeprefix("new ")): v for (a, e), v in cells(solved(other)).items()}
    assert renamed == cells(solved(data))


def test_every_changed_field_of_a_result_is_found() -> None:
    data = town() | {"languages": "prefer", "explain": [["버스", "Han"], ["heat", "Noh"]]}
    problem, result = problem_of(data), solved(data)
    changed = 0
    for path, value in leaves(result):
        if path[0] in ("engine", "elapsed_ms"):
            continue
        for other in {str: [f"{value}x", "0.123456"], int: [7], type(None): ["0.500000"]}[type(value)]:
            if other == value:
                continue
            tampered = copy.deepcopy(result)
            place = tampered
            for step in path[:-1]:
                place = place[step]
            place[path[-1]] = other
            assert verify_affinity(problem, tampered), (path, other)
            changed += 1
    assert changed > 100
    for name in result.keys() - {"engine", "elapsed_ms"}:
        assert verify_affinity(problem, {key: value for key, value in result.items() if key != name}), name
    for wrong in (None, [], "x", {}, {"affinity": [[]]}, result | {"more": 1}, result | {"affinity": "a.npz#affinity"}):
        assert verify_affinity(problem, wrong)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return [leaf for step, part in items for leaf in leaves(part, (*path, step))]
    return [(path, value)]


def test_one_millionth_is_found() -> None:
    problem, result = problem_of(town()), solved(town())
    value = result["affinity"][0][0]
    result["affinity"][0][0] = f"{float(value) + 1e-6:.6f}"
    assert [reason.params["at"] for reason in verify_affinity(problem, result)] == ["/affinity/0/0"]


def test_of_a_large_table_some_rows_are_computed_anew_and_it_says_so() -> None:
    data = minimal("rail", *(["rail and road"] * 5))
    data["applications"] = [{"id": f"A{n}", "text": f"rail {n} depot{n}"} for n in range(40)]
    data["explain"] = [["A7", "E0"], ["A39", "E1"]]
    problem = problem_of(data)
    result = read_json(json.dumps(solve_affinity(problem)))
    checked = check_affinity(problem, result, work=50)
    assert checked.contradictions == []
    assert [(reason.code, reason.params.get("checked")) for reason in checked.not_checked] == [
        ("affinity_rows_not_checked", 10)
    ]
    tampered = copy.deepcopy(result)
    tampered["affinity"][39][0] = "2.000000"
    assert check_affinity(problem, tampered, work=50).contradictions


# --- languages ---


def test_in_a_korean_and_english_town_everybody_comes_first_where_they_belong() -> None:
    data = town() | {"languages": "ignore", "weights_bp": {"text": 10_000}}
    values = cells(solved(data))
    best = {
        name: max(("Han", "Seo", "Weber"), key=lambda evaluator: values[name, evaluator])
        for name in ("버스", "하수", "heat")
    }
    assert best == {"버스": "Han", "하수": "Seo", "heat": "Weber"}


@pytest.mark.parametrize("particle", ["이", "을", "은", "의", "에서", "에서는", "으로", "과", "들을"])
def test_particles_do_not_part_a_word_from_itself(particle: str) -> None:
    alone = Reader().counts("", "정류장")
    assert Reader().counts("", f"정류장{particle}") == alone
    assert first(f"정류장{particle} 고친다", "도서관을 새로 짓는다", "정류장 설치") == "E1"


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        ("교통약자들을", "교통약자"), ("구축하였습니다", "구축"), ("전문가가", "전문가"), ("고속도로를", "고속도로"),
        ("버스가", "버스"), ("버스는", "버스"), ("버스로", "버스"), ("지하철로", "지하철"), ("시민과", "시민"),
        ("효과", "효과"), ("도시와", "도시"), ("국가", "국가"), ("분석결과", "분석결과"), ("을", "을"),
    ],
)  # fmt: skip
def test_stems_of_korean_words(word: str, stem: str) -> None:
    assert korean_stem(word) == stem


@pytest.mark.parametrize(
    ("application", "other", "fitting"),
    [
        ("스마트도시통합플랫폼", "스마트폰 판매", "통합 플랫폼으로 잇는 도시"),
        ("AI기반 교통신호", "교육 과정", "AI로 조절하는 신호"),
        ("Verkehrsplanung in Städten", "Pflegeheime auf dem Land und in der Stadt", "Planung des Verkehrs in Städten"),
        ("Buses for small cities", "a small bussing table", "the bus in the city"),
        ("évaluation des réseaux d’eau", "évaluations d’un roman", "Le réseau d’EAU et l’évaluation"),
        ("都市計画と交通", "料理の歴史", "新しい交通計画"),
        ("परिवहन योजना", "पुस्तक", "शहर की परिवहन"),
        ("городской транспорт", "детская книга", "транспорта"),
        ("ระบบขนส่งมวลชน", "อาหาร", "ขนส่ง"),
        ("ＦＵＬＬ ｗｉｄｔｈ sensors", "empty halls", "full-width Sensor"),
        ("교통", "교육", "\u1100\u116d\u1110\u1169\u11bc"),  # the same letters taken apart
    ],
)
def test_the_fitting_evaluator_comes_first_in_any_script(application: str, other: str, fitting: str) -> None:
    assert first(application, other, fitting) == "E1"


def test_common_words_carry_nothing() -> None:
    result = solved(
        minimal("this is what we have done and it will be ours", "that which has been", "wells in villages")
    )
    assert result["affinity"] == [["0.000000", "0.000000"]]
    codes = [reason["code"] for reason in result["reasons"]]
    assert "affinity_applications_without_text" in codes
    assert "affinity_evaluators_without_works" in codes


def test_a_text_is_most_like_itself_and_more_so_than_like_a_longer_one() -> None:
    text = "Flood warning by water level sensors along the stream"
    values = cells(solved(minimal(text, text, text + " and much about festivals, food and music", "festivals")))
    assert values["A", "E0"] > values["A", "E1"] > values["A", "E2"] == 0
    assert values["A", "E0"] == pytest.approx(1, abs=1e-6)


def test_close_works_count_more_than_far_ones_but_not_they_alone() -> None:
    text = "flood warning sensors"
    values = cells(solved(minimal(text, [text], [text, "opera"], ["opera", "ballet", text], ["opera", "ballet"])))
    assert values["A", "E0"] > values["A", "E1"] > values["A", "E2"] > values["A", "E3"] == 0


def test_the_eleventh_work_counts_nothing() -> None:
    likeness = np.arange(1, 12, dtype=np.int64) * 10_000_000
    assert closest(likeness) == closest(likeness[1:])
    whole = sum(1 / rank for rank in range(1, 11))
    mean = sum((12 - rank) * 10_000_000 / rank for rank in range(1, 11)) / whole
    assert int(closest(likeness)) == pytest.approx(mean, abs=1)
    assert [int(spread(np.array(value))) for value in (0, 100_000_000, 10**9)] == [0, 550_000, 1_000_000]


# --- fields, languages, what is not known ---


def only_fields(asked: list[str], *offered: list[str]) -> list[str]:
    data = minimal("", *[[] for _ in offered])
    data["applications"][0]["fields"] = asked
    for one, fields in zip(data["evaluators"], offered, strict=True):
        one["fields"] = fields
    row: list[str] = solved(data)["affinity"][0]
    return row


def test_fields_count_as_the_share_of_those_asked_for() -> None:
    row = only_fields(["Water ", "energy", "heat"], ["water", "HEAT", "law"], ["law"], ["water", "energy", "heat"])
    assert row == ["0.666667", "0.000000", "1.000000"]


def test_who_has_no_works_counts_as_the_mean_in_text_and_is_told_apart_by_fields() -> None:
    data = town() | {"languages": "ignore", "explain": [["버스", "Noh"]]}
    result = solved(data)
    (why,) = result["why"]
    assert (why["text"], why["fields"], why["words"]) == (None, "0.500000", [])
    others = solved(data | {"weights_bp": {"text": 10_000}})["affinity"][0][:3]
    mean = sum(map(float, others)) / 3
    assert float(why["affinity"]) == pytest.approx(0.7 * mean + 0.3 * 0.5, abs=2e-6)
    assert "affinity_text_mean_counted" in [reason["code"] for reason in why["reasons"]]


def test_of_whom_nothing_is_known_fits_nothing() -> None:
    data = town()
    data["evaluators"].append({"id": "Ko", "languages": ["ko", "en"]})
    result = solved(data | {"explain": [["heat", "Ko"]]})
    assert [row[-1] for row in result["affinity"]] == ["0.000000"] * 3
    assert result["why"][0]["reasons"][-1]["code"] == "affinity_nothing_known"
    assert {"code": "affinity_evaluators_unknown", "params": {"count": 1, "evaluators": ["Ko"]}} in result["reasons"]


def test_a_required_language_that_nobody_reads_is_nought_and_says_so() -> None:
    data = town() | {"explain": [["버스", "Weber"], ["버스", "Han"], ["하수", "Weber"]]}
    result = solved(data)
    values = cells(result)
    assert values["버스", "Weber"] == 0 < values["버스", "Han"]
    assert values["heat", "Han"] == values["heat", "Noh"] == 0 < values["heat", "Weber"]
    codes = [[reason["code"] for reason in pair["reasons"]] for pair in result["why"]]
    assert "affinity_language_not_read" in codes[0]
    assert all("affinity_language_read" in some for some in codes[1:])
    for one in data["evaluators"]:
        one["languages"] = ["fr"] if one["id"] == "Han" else []
    result = solved(data)
    assert {reason["code"] for reason in result["reasons"]} >= {
        "affinity_nobody_reads",
        "affinity_evaluators_without_languages",
    }
    assert set(cells(result).values()) == {0}


def test_a_preferred_language_counts_its_weight() -> None:
    data = minimal("wells", "wells", "wells")
    data["applications"][0]["languages"] = ["en"]
    data["evaluators"][0]["languages"], data["evaluators"][1]["languages"] = ["en-GB"], ["ko"]
    data |= {"languages": "prefer", "weights_bp": {"text": 8_000, "languages": 2_000}}
    assert [float(value) for value in solved(data)["affinity"][0]] == pytest.approx([1, 0.8], abs=2e-6)


def test_an_explanation_names_the_words_and_the_work() -> None:
    result = solved(town() | {"explain": [["heat", "Weber"]]})
    (why,) = result["why"]
    assert {"heat", "streets", "trees", "temperatures"} <= {word["word"] for word in why["words"]}
    shared, closest_work, *_ = why["reasons"]
    assert "Measuring urban heat" in sentence(closest_work["code"], closest_work["params"], "en")
    assert "heat" in sentence(shared["code"], shared["params"], "ko")
    assert sum(float(word["likeness"]) for word in why["words"]) <= 1


# --- hostile and empty ---


def test_nothing_gives_nothing() -> None:
    assert solved({"kind": "affinity", "version": 1})["affinity"] == []
    assert solved(minimal("text"))["affinity"] == [[]]
    assert solved(minimal("", "", []))["affinity"] == [["0.000000", "0.000000"]]
    assert solved(minimal("\x00\x01 \u202e \x07", "\x00", "\x1b[31mwell"))["affinity"] == [["0.000000", "0.000000"]]


def test_long_runs_and_heaps_of_marks_are_read() -> None:
    heaps = "e" + "\u0301\u0323" * 100_000
    first_of = solved(minimal("가" * 200_000, heaps, "漢" * 200_000, "가나"))
    assert first_of["affinity"] == [["0.000000"] * 3]


def test_faults_have_their_place() -> None:
    data = town()
    data["applications"][2]["id"] = "버스"
    data["evaluators"][1]["id"] = "Han"
    data["weights_bp"] = {"text": 5_000, "fields": 4_000}
    data["explain"] = [["버스", "Nobody"], ["없음", "Han"]]
    assert faults_of(data) == [
        ("/applications/2/id", "affinity_id_twice"),
        ("/evaluators/1/id", "affinity_id_twice"),
        ("/weights_bp", "affinity_weights_not_10000"),
        ("/explain/0/1", "affinity_explain_unknown"),
        ("/explain/1/0", "affinity_explain_unknown"),
    ]
    assert faults_of(town() | {"languages": "prefer", "weights_bp": {"text": 10_000}}) == [
        ("/weights_bp/languages", "affinity_language_weight")
    ]
    assert faults_of(town() | {"weights_bp": {"text": 9_000, "languages": 1_000}}) == [
        ("/weights_bp/languages", "affinity_language_weight")
    ]
    assert faults_of(town() | {"explain": [["버스"]]}) == [("/explain/0/1", "missing_field")]


@pytest.mark.parametrize("language", ["", "k", "korean language", "ko;DROP", "ko--KR", "한국어"])
def test_a_language_is_a_tag(language: str) -> None:
    data = minimal("x", "y")
    data["applications"][0]["languages"] = [language]
    ((at, _),) = faults_of(data)
    assert at == "/applications/0/languages/0"


def test_what_is_too_large_is_refused_before_anything_is_read() -> None:
    assert faults_of(minimal("x" * 1_000_001, "y")) == [("/applications/0/text", "text_too_long")]
    many = minimal("x", "y")
    many["applications"] = [{"id": str(number)} for number in range(150_000)]
    assert [fault.code for fault in faults_in(problem_of(many))] == ["affinity_too_many"]
    wide = minimal("x")
    wide["applications"] = [{"id": str(number)} for number in range(10_000)]
    wide["evaluators"] = [{"id": str(number)} for number in range(10_000)]
    assert [fault.code for fault in faults_in(problem_of(wide))] == ["matrix_too_large"]


# --- the command ---


def test_the_table_goes_into_a_file_that_assignment_reads(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps(town()), "utf-8")
    arguments = ["solve", "affinity", str(tmp_path / "p.json"), "--out", str(tmp_path / "r.json")]
    assert main(arguments) == 0
    plain = read_json((tmp_path / "r.json").read_text("utf-8"))
    assert main([*arguments, "--npz", str(tmp_path / "scores.npz")]) == 0
    aside = read_json((tmp_path / "r.json").read_text("utf-8"))
    assert aside["affinity"] == "scores.npz#affinity"
    jsonschema.validate(aside, SCHEMA["result"])
    with np.load(tmp_path / "scores.npz") as file:
        table = Matrix.of_floats(file["affinity"])
    assert table == Matrix.of_lists(plain["affinity"])
    assert verify_affinity(problem_of(town()), aside | {"affinity": table}) == []


def test_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps(town() | {"explain": [["버스", "Han"]]}), "utf-8")
    code = (
        "import json,sys; from madang.core.affinity import *; from madang.core.problem import read_json;"
        f"p=AffinityProblem.model_validate(read_json(open({str(tmp_path / 'p.json')!r}).read()));"
        "print(json.dumps(solve_affinity(p)))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1


def test_importing_the_kind_loads_no_scipy() -> None:
    code = "import madang.core.affinity, sys; sys.exit(any(name.startswith('scipy') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
