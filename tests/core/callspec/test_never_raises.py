"""Whatever is done to a definition, the answer is a list of faults, never an exception; each fault has its words."""

from __future__ import annotations

import ast
import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madang.core import callspec
from madang.core.callspec import Source, check, lint
from madang.core.callspec.expressions import compile_rule
from madang.core.callspec.parse import parse_source
from madang.core.reasons import Malformed
from madang.papers.definitions import sets
from madang.words import LANGUAGES, catalogue, say
from tests.core.callspec.plant import ALL, text_of

SOURCES = [Source(text_of(name)) for name in ALL]
STRANGE: list[Any] = [
    None,
    True,
    0,
    -1,
    10**15,
    "",
    "x",
    "lot",
    "KR",
    "track",
    "2021-02-30",
    "9999-12-31",
    "a.b.c",
    "1/0 == 1",
    "'",
    "krw(1)",
    "krw('a', 'eok') > 1",
    "name",
    "track == 'q'",
    "member.country",
    "[1][5] == 1",
    "..",
    "Asia/Seoul",
    "../etc",
    [],
    ["a", "a"],
    [[]],
    {},
    {"en": "x"},
    {"id": "a"},
    "9223372036854775807 + 1 > 0",
    "int('x') == 1",
    "a.all(b, b)",
    "x" * 5000,
]


def _paths(part: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    steps = list(part) if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
    return [found for step in steps for found in [(*path, step), *_paths(part[step], (*path, step))]]


PATHS = [_paths(source.data) for source in SOURCES]


def _at(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


@st.composite
def mutated(draw: st.DrawFn) -> Source:
    """A real definition with one part removed, renamed, doubled, replaced, or swapped for another part."""
    number = draw(st.integers(0, len(SOURCES) - 1))
    source = copy.copy(SOURCES[number])
    source.data = copy.deepcopy(source.data)
    path = draw(st.sampled_from(PATHS[number]))
    around, last = _at(source.data, path[:-1]), path[-1]
    match draw(st.sampled_from(["remove", "rename", "double", "strange", "strange", "other"])):
        case "remove":
            del around[last]
        case "rename" if isinstance(around, dict):
            around["renamed"] = around.pop(last)
        case "double" if isinstance(around, list):
            around.append(copy.deepcopy(around[last]))
        case "other":
            around[last] = copy.deepcopy(_at(SOURCES[number].data, draw(st.sampled_from(PATHS[number]))))
        case _:
            around[last] = copy.deepcopy(draw(st.sampled_from(STRANGE)))
    return source


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_a_mutated_definition_gets_faults_in_words(source: Source) -> None:
    try:
        faults = lint(parse_source(source), source, sets())
    except Malformed as refused:
        faults = refused.faults
    for fault in faults:
        assert fault.at.startswith("line ")
        for language in LANGUAGES:
            sentence = say(fault, language)
            assert fault.code in catalogue(), fault.code
            assert "?" not in sentence.replace("?을", "").replace(str(fault.params), "") or _asks(fault), (
                fault,
                sentence,
            )


def _asks(fault: Any) -> bool:
    """A question mark may come from the definition's own words, never from a missing parameter."""
    return any("?" in str(value) for value in fault.params.values())


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(ALL) - 1), st.integers(0, 12_000), st.text(max_size=8), st.integers(0, 8))
def test_a_mutated_text_gets_faults(number: int, at: int, put: str, cut: int) -> None:
    text = text_of(ALL[number])
    _, faults = check(text[:at] + put + text[at + cut :], sets())
    assert all(fault.code in catalogue() for fault in faults)


def _codes() -> set[str]:
    """Every code that the package can emit, read from its source: faults, findings, and errors raised to pydantic."""
    found: set[str] = set()
    for file in Path(callspec.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Yield(value=ast.Tuple(elts=[_, code, _])):
                    found |= _constants(code) if not isinstance(code, ast.Name) else set()
                case ast.Call(func=ast.Name(id="Fault" | "PydanticCustomError" | "_refuse"), args=[code, *_]):
                    found |= _constants(code)
                case ast.Call(func=ast.Name(id="ValueError"), args=[ast.Constant(value=str() as code)]) if (
                    " " not in code
                ):
                    found.add(code)
                case ast.Assign(targets=[ast.Name(id="_CODES" | "_PATTERNS")], value=ast.Dict(values=values)):
                    found |= {code for value in values for code in _constants(value)}
    return found


def _constants(node: ast.AST) -> set[str]:
    match node:
        case ast.Constant(value=str() as code):
            return {code}
        case ast.IfExp(body=body, orelse=other):
            return _constants(body) | _constants(other)
    return set()


def test_every_code_has_a_sentence_in_both_languages() -> None:
    codes = _codes()
    assert len(codes) > 80
    assert {code for code in codes if set(catalogue().get(code, ())) < set(LANGUAGES)} == set()


def test_the_list_of_faults_in_the_documentation_is_complete() -> None:
    page = (Path(__file__).parents[3] / "docs/formats/call-definition.md").read_text("utf-8")
    assert {code for code in _codes() if f"`{code}`" not in page} == set()


@pytest.mark.parametrize(
    "rule",
    [
        "[1].all(a, [1].all(b, [1].all(c, true)))",
        "[1].all(a, [1].map (b , [1] . exists_one( c, true)) == [true])",
        "[1].all(a, // )\n [1].all(b, [1].all(c, true)))",
        "[1].all(a, r'\\' != ')' && [1].all(b, [1].all(c, true)))",
        "[1].all(a, ''' ' ) ''' != '' && [1].all(b, [1].all(c, true)))",
        "1 == 1 || " * 400 + "true",
    ],
)
def test_a_rule_that_might_never_end_is_no_rule(rule: str) -> None:
    with pytest.raises(Malformed):
        compile_rule(rule)


def test_rules_as_offices_write_them_still_are() -> None:
    pair = "members.all(m, m.kind != 'http://x)' || members.exists(n, n.role == m.role)) && members.exists(m, true)"
    assert compile_rule(pair)({"members": []}) is False
