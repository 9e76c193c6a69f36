"""YAML 1.2 and its traps, faults of shape with their lines, and the JSON Schema."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from madang.core.callspec import Source, parse, schema
from madang.core.reasons import Malformed
from tests.core.callspec.plant import ALL, ALLIANCE, CITIES, KCITY, faults_of, line_of, planted, text_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("off", "off"),
        ("18:00", "18:00"),
        ("2021-04-20", "2021-04-20"),
        ("2021-04-20 18:00", "2021-04-20 18:00"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1e5", "1e5"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        (".inf", ".inf"),
        ("'5'", "5"),
        ("0.1", Decimal("0.1")),
        ("-3", -3),
        ("010", 10),
        ("true", True),
        ("null", None),
        ("", None),
        ("2022 # comment", 2022),
    ],
)
def test_a_plain_word_is_what_it_looks_like(text: str, value: object) -> None:
    found = Source(f"key: {text}\n").data["key"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("a: 1\nb: &x 2\n", "yaml_anchor", "line 2"),
        ("a: &x [1]\nb: 2\nc: *x\n", "yaml_anchor", "line 1"),
        ("a:\n  <<: *x\n", "yaml_anchor", "line 2"),
        ("a: 1\nb: !!str 5\n", "yaml_tag", "line 2"),
        ("a: !!python/object:os.system ls\n", "yaml_tag", "line 1"),
        ("a: ! x\n", "yaml_tag", "line 1"),
        ("a: 1\nb: 2\na: 3\n", "duplicate_key", "line 3"),
        ("a: {b: 1, c: 2,\n  b: 3}\n", "duplicate_key", "line 2"),
        ("? [a, b]\n: 1\n", "yaml_key", "line 1"),
        ("a: 1\n\tb: 2\n", "not_yaml", "line 2"),
        ("a: 1\n---\nb: 2\n", "not_yaml", "line 2"),
        ("a: [1, 2\n", "not_yaml", "line 2"),
        ("a: 90071992547409930\n", "integer_too_large", "line 1"),
        ("", "empty_definition", "line 1"),
        ("# nothing\n", "empty_definition", "line 1"),
        ("[" * 100_000, "nested_too_deeply", "line 1"),
        ("- " * 50_000 + "x", "nested_too_deeply", "line 1"),
        ("x" * 2_000_001, "text_too_long", ""),
        ("a: \x07\n", "not_yaml", ""),
    ],
)
def test_what_hides_or_explodes_is_refused(text: str, code: str, at: str) -> None:
    with pytest.raises(Malformed) as refused:
        Source(text)
    assert (refused.value.faults[0].code, refused.value.faults[0].at) == (code, at)


def test_a_billion_laughs_are_not_laughed() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    with pytest.raises(Malformed) as refused:
        Source("\n".join(lines))
    assert {fault.code for fault in refused.value.faults} == {"yaml_anchor"}


SHAPE = [
    ("missing_key", CITIES, ("programme: small-cities\n", ""), "madang: 1", {"field": "programme"}),
    ("missing_key", CITIES, ("  by: rank\n", ""), "decide:", {"field": "by"}),
    ("missing_key", CITIES, ("    kind: judged\n", ""), "- id: written", {"field": "kind"}),
    (
        "unknown_key",
        CITIES,
        ("  walk: rank_order", "  walks: rank_order"),
        "walks:",
        {"field": "walks", "near": "walk"},
    ),
    ("unknown_key_alone", CITIES, ("intake: {mode", "xyzzyq: 1\nintake: {mode"), "xyzzyq:", {"field": "xyzzyq"}),
    ("not_one_of", CITIES, ("by: rank", "by: merit"), "decide:", {}),
    ("not_one_of", CITIES, ("walk: rank_order", "walk: straight"), "walk:", {}),
    ("not_a_day", CITIES, ("announced: 2021-11-23", "announced: 2021-11-31"), "announced:", {}),
    ("not_a_moment", CITIES, ("2021-12-29 18:00,", "2021-12-29 25:00,"), "closes:", {}),
    ("not_a_percentage", CITIES, ("{id: plan, weight: 60", "{id: plan, weight: 160"), "weight: 160", {}),
    ("not_a_name", CITIES, ("id: small-city\n", "id: Small City\n"), "id: Small City", {"given": "Small City"}),
    ("not_a_language", CITIES, ("languages: [en, ko]", "languages: [english, ko]"), "languages:", {"given": "english"}),
    ("under_least", CITIES, ("seats: 7", "seats: 0"), "seats: 0", {"least": "1", "field": "seats"}),
    ("over_most", KCITY, ("max_mb: 20", "max_mb: 20000"), "max_mb: 20000", {"most": "2000"}),
    ("too_few_items", CITIES, ("languages: [en, ko]", "languages: []"), "languages:", {"least": "1"}),
    ("not_a_number", KCITY, ("pass_mark: 60", "pass_mark: sixty"), "pass_mark:", {}),
    ("too_many_decimals", KCITY, ("pass_mark: 60", "pass_mark: 60.0000001"), "pass_mark:", {}),
    ("not_yes_or_no", CITIES, ("many: true", "many: YES"), "many: YES", {}),
    # one fault, though a rule can be a quota or a cap, and `required` true, false or an expression
    (
        "unknown_key_alone",
        KCITY,
        ("cap_each: country, max: 2,", "cap_each: country, maxi: 2, max: 2,"),
        "maxi:",
        {"field": "maxi"},
    ),
    ("missing_key", KCITY, ("cap_each: country, max: 2,", "cap_each: country,"), "cap_each:", {"field": "max"}),
    ("not_yes_or_no", CITIES, ("required: true, public", "required: 5, public"), "required: 5", {}),
    ("sample_names_unknown_field", ALLIANCE, ("[seats, quorum,", "[seat, quorum,"), "[seat, quorum", {"field": "seat"}),
]


@pytest.mark.parametrize(
    ("code", "name", "change", "mark", "params"), SHAPE, ids=[f"{c[0]}-{n}" for n, c in enumerate(SHAPE)]
)
def test_a_fault_of_shape_names_its_line(code: str, name: str, change: Any, mark: str, params: dict[str, str]) -> None:
    text = planted(name, change)
    (fault,) = faults_of(text)
    assert (fault.code, fault.at) == (code, line_of(text, mark))
    assert params.items() <= dict(fault.params).items()


def test_every_fault_is_told_at_once() -> None:
    text = planted(
        CITIES, ("by: rank", "by: merit"), ("announced: 2021-11-23", "announced: soon"), ("many: true", "many: 1")
    )
    assert [fault.code for fault in faults_of(text)] == ["not_a_day", "not_yes_or_no", "not_one_of"]


def _plain(value: Any) -> Any:
    """As a JSON reader would hold it."""
    return json.loads(json.dumps(value, default=float))


@pytest.mark.parametrize("name", ALL)
def test_the_schema_accepts_what_we_ship(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(_plain(Source(text_of(name)).data))


@pytest.mark.parametrize("case", [case for case in SHAPE if case[0] in ("missing_key", "unknown_key", "under_least")])
def test_the_schema_refuses_what_the_reader_refuses(case: Any) -> None:
    data = _plain(Source(planted(case[1], case[2])).data)
    assert not jsonschema.Draft202012Validator(schema()).is_valid(data)


def test_from_is_the_key_and_not_the_name_it_has_in_python() -> None:
    text = planted(CITIES, ("from: 2022-01-03", "from_: 2022-01-03"))
    assert [fault.code for fault in faults_of(text)] == ["unknown_key"]


def test_a_definition_keeps_its_decimals_exact() -> None:
    definition = parse(planted(KCITY, ("pass_mark: 60", "pass_mark: 59.95")))
    assert getattr(definition.decide, "pass_mark", None) == Decimal("59.95")
