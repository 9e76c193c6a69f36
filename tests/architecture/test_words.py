"""Every reason and fault that the source can give is said in every language, once, with the same parameters."""

import ast
import json
import re
import string
from collections import Counter

import pytest

from madang.words import LANGUAGES, catalogue, sentence
from tests.architecture.source import PACKAGE, modules

AREAS = {path.stem: json.loads(path.read_text("utf-8")) for path in (PACKAGE / "words" / "catalogue").glob("*.json")}


def codes_given() -> list[tuple[str, str]]:
    """`(code, place)` of each literal `Reason("code")` and `Fault("code")`, also in both branches of a condition."""
    found = []
    for path, tree in modules():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id not in ("Reason", "Fault", "PydanticCustomError"):
                continue
            given = [node.args[0]] if node.args else [word.value for word in node.keywords if word.arg == "code"]
            for first in given:
                choices = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
                found += [
                    (choice.value, f"{path}:{node.lineno}")
                    for choice in choices
                    if isinstance(choice, ast.Constant) and isinstance(choice.value, str)
                ]
    return found


def parameters(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_every_code_in_the_source_has_its_sentence():
    assert len(codes_given()) > 20
    assert [f"{code} ({place})" for code, place in codes_given() if code not in catalogue()] == []


def test_every_reason_of_a_lifecycle_has_its_sentence():
    from madang.core.lifecycle import CALL

    codes = {*CALL.wrong_state.values(), *(code for move in CALL.moves for code in move.needs.values())}
    assert codes - set(catalogue()) == set()


def test_a_code_stands_in_one_area_only():
    counted = Counter(code for area in AREAS.values() for code in area)
    assert [code for code, n in counted.items() if n > 1] == []


@pytest.mark.parametrize("area", sorted(AREAS))
def test_every_sentence_is_there_in_every_language_with_the_same_parameters(area):
    assert [code for code, entry in AREAS[area].items() if set(entry) != set(LANGUAGES)] == []
    assert [code for code, entry in AREAS[area].items() if not all(text.strip() for text in entry.values())] == []
    different = [
        code for code, entry in AREAS[area].items() if len({frozenset(parameters(t)) for t in entry.values()}) > 1
    ]
    assert different == []


@pytest.mark.parametrize("area", sorted(AREAS))
def test_every_sentence_takes_its_parameters(area):
    for code, entry in AREAS[area].items():
        for language, text in entry.items():
            said = sentence(code, dict.fromkeys(parameters(text), "값"), language)
            assert said.count("값") >= len(parameters(text)), (code, language, said)


@pytest.mark.parametrize("area", sorted(AREAS))
def test_korean_is_korean(area):
    words = {code: re.sub(r"{[^}]*}", "", entry["en"]) for code, entry in AREAS[area].items()}
    spoken = [code for code, english in words.items() if any(char.isalpha() for char in english)]
    assert [code for code in spoken if not any("가" <= char <= "힣" for char in AREAS[area][code]["ko"])] == []
