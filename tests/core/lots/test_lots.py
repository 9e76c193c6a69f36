"""Lots by commit, reveal, derive: the bytes, evenness, what is refused, what is remarked upon, and the checker."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections import Counter
from fractions import Fraction
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madang.core.kinds import KINDS
from madang.core.lots import (
    Drawn,
    LotsProblem,
    draw_order,
    entries_digest,
    in_fixed_order,
    order_from_seed,
    solve_lots,
    verify_lots,
)
from madang.core.problem import read_json, read_problem
from madang.core.reasons import Malformed, Reason
from madang.words import LANGUAGES, catalogue, say_fault, sentence

SCHEMA = KINDS["lots"].schema()
thorough = settings(max_examples=300, deadline=None)

FIRST = "rain on the courtyard, 7 October, Han"
SECOND = "the magpie came twice, Seo"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def lots(*reveals: str | None, entries: list[str] | None = None, **more: object) -> dict[str, Any]:
    """A draw with a commitment for each reveal."""
    return {
        "kind": "lots",
        "version": 1,
        "entries": ["A1", "A2", "A3"] if entries is None else entries,
        "commitments": [sha256(reveal or "kept back") for reveal in reveals],
        "reveals": list(reveals),
        "public": "9f8e7d",
        **more,
    }


def solved(data: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(solve_lots(read_problem(LotsProblem, data))))


def codes(data: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in solved(data)["reasons"]]


def in_order(*reveals: str) -> list[str]:
    return sorted(reveals, key=sha256)


def test_digest_and_order_are_what_the_format_page_says_byte_for_byte() -> None:
    entries = ["A1", "가나", "A3", 'quo"te\\', "tab\t"]
    result = solved(lots(FIRST, SECOND, entries=entries))
    text = '[["A1","가나","A3","quo\\"te\\\\","tab\\t"],["' + FIRST + '","' + SECOND + '"],"9f8e7d"]'
    assert result["digest"] == sha256(text)
    assert result["lot_order"] == sorted(entries, key=lambda entry: sha256(result["digest"] + entry))
    assert result["status"] == "computed"


def test_the_worked_example_of_the_algorithm_page() -> None:
    data = lots(*in_order(FIRST, SECOND), public="10 16 23 27 39 45")
    assert data["commitments"] == [
        "1d30975bc621ed7e6393614ec75213d451b01b3e2b97fc06bd9a6a5529bbf51c",
        "60193dd036b4bf1ee2c85568a1972725eeddee9b09df575f2bb3b5d9a390f17d",
    ]
    result = solved(data)
    assert result["digest"] == "a929ea5a80d1e403abe76d971cb8bac8ff9ba49a4e7ef36efc23b6ff4ce74158"
    assert result["lot_order"] == ["A2", "A1", "A3"]


@pytest.mark.parametrize(("size", "bound"), [(4, 49.728), (5, 172.4)])
def test_ten_thousand_draws_give_every_order_evenly(size: int, bound: float) -> None:
    """The inputs are fixed, so the figure is too; the bound is the 99.9 % point for 23 and 119 degrees of freedom."""
    entries = [f"A{number}" for number in range(size)]
    found: Counter[tuple[str, ...]] = Counter()
    draws = 10_000
    for number in range(draws):
        drawn = draw_order(entries, [sha256(f"reveal {number}")], [f"reveal {number}"], "")
        assert isinstance(drawn, Drawn)
        found[drawn.order] += 1
    due = Fraction(draws, math.factorial(size))
    orders = list(itertools.permutations(entries))
    assert sum((found[order] - due) ** 2 / due for order in orders) < bound
    assert sum(found[order] for order in orders) == draws


def test_every_part_changes_the_order() -> None:
    entries = [f"A{number}" for number in range(12)]
    base = solved(lots(FIRST, SECOND, entries=entries))
    for other in (
        lots(FIRST + "!", SECOND, entries=entries),
        lots(FIRST, SECOND + "!", entries=entries),
        lots(SECOND, FIRST, entries=entries),
        lots(FIRST, SECOND, entries=entries, public="9f8e7c"),
        lots(FIRST, SECOND, entries=entries[::-1]),
        lots(FIRST, SECOND, entries=[*entries, "A12"]),
    ):
        result = solved(other)
        assert result["digest"] != base["digest"]
        assert [entry for entry in result["lot_order"] if entry != "A12"] != base["lot_order"]


@pytest.mark.parametrize("reveals", [[FIRST, None], [FIRST, ""], [FIRST]])
def test_a_missing_reveal_settles_nothing_and_is_named(reveals: list[str | None]) -> None:
    data = {**lots(FIRST, SECOND), "reveals": reveals}
    result = solved(data)
    assert (result["status"], result["lot_order"], result["digest"]) == ("undetermined", [], None)
    named = {"numbers": ["2"], "commitments": [sha256(SECOND)]}
    assert result["reasons"] == [{"code": "reveal_missing", "params": named}]
    assert draw_order(["A1"], data["commitments"], reveals, "") == Reason("reveal_missing", named)


def test_a_wrong_reveal_settles_nothing_and_is_named() -> None:
    data = lots(FIRST, SECOND, None)
    data["reveals"] = [FIRST + "\n", SECOND, None]
    result = solved(data)
    assert (result["status"], result["lot_order"]) == ("undetermined", [])
    assert [(told["code"], told["params"]["numbers"]) for told in result["reasons"]] == [
        ("reveal_missing", ["3"]),
        ("reveal_wrong", ["1"]),
    ]


def test_a_commitment_to_nothing_is_never_opened() -> None:
    assert codes({**lots(FIRST, ""), "commitments": [sha256(FIRST), sha256("")]}) == ["reveal_missing"]


def test_bytes_that_are_no_text_are_revealed_in_lower_case_hexadecimal_and_in_no_other_way() -> None:
    """Two ways to open one commitment would be two orders to choose from."""
    raw = bytes(range(200, 232))
    commitment = hashlib.sha256(raw).hexdigest()
    data = {**lots(FIRST), "commitments": [commitment], "reveals": [raw.hex()]}
    assert solved(data)["status"] == "computed"
    assert codes({**data, "reveals": [raw.hex().upper()]}) == ["reveal_wrong"]
    assert codes({**data, "reveals": [raw.hex(" ")]}) == ["reveal_wrong"]
    text = {**lots(FIRST), "reveals": [FIRST.encode().hex()]}
    assert codes(text) == ["reveal_wrong"]
    hexadecimal = raw.hex()  # committed to as text, as `printf %s` hashes it
    assert solved({**lots(hexadecimal)})["status"] == "computed"


def test_commitments_may_be_in_capitals() -> None:
    data = lots(*in_order(FIRST, SECOND))
    assert solved({**data, "commitments": [one.upper() for one in data["commitments"]]}) == solved(data)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (lots(*in_order(FIRST, SECOND)), ["drawn_from_reveals"]),
        (lots(FIRST), ["drawn_from_reveals", "lots_by_one_party"]),
        (lots(FIRST, FIRST), ["drawn_from_reveals", "lots_by_one_party", "equal_commitments"]),
        (lots(*in_order(FIRST, SECOND, SECOND)), ["drawn_from_reveals", "equal_commitments"]),
        (lots(*in_order(FIRST, "short")), ["drawn_from_reveals", "reveal_guessable"]),
        (lots(*in_order(FIRST, "x" * 16)), ["drawn_from_reveals"]),
        (lots(*in_order(FIRST, "가" * 5)), ["drawn_from_reveals", "reveal_guessable"]),
        (lots(*in_order(FIRST, SECOND), public=""), ["drawn_from_reveals", "lots_without_public_value"]),
        (lots(*in_order(FIRST, SECOND)[::-1]), ["drawn_from_reveals", "commitments_not_sorted"]),
        (lots(*in_order(FIRST, SECOND), entries=["b", "a"]), ["drawn_from_reveals", "entries_not_sorted"]),
        (lots(), ["drawn_from_seed"]),
        (lots(public="", entries=["b", "a"]), ["drawn_from_seed", "entries_not_sorted"]),
        (lots(entries=[]), ["drawn_from_seed"]),
    ],
)
def test_what_leaves_room_for_steering_is_said(data: dict[str, Any], expected: list[str]) -> None:
    assert codes(data) == expected
    assert solved(data)["status"] == "computed"


def test_without_commitments_the_seed_stands_in_the_place_of_the_reveals() -> None:
    entries = [f"A{number}" for number in range(9)]
    result = solved({"kind": "lots", "version": 1, "entries": entries, "seed": 7})
    assert result["digest"] == sha256(json.dumps([entries, ["7"], ""], separators=(",", ":")))
    assert result["lot_order"] == list(order_from_seed(entries, 7).order)
    assert result["reasons"] == [{"code": "drawn_from_seed", "params": {"seed": 7}}]
    assert solved({"kind": "lots", "version": 1, "entries": entries})["lot_order"] != result["lot_order"]


def test_entries_other_than_those_published_are_not_drawn() -> None:
    data = lots(*in_order(FIRST, SECOND), entries=["A1", "A2"], entries_sha256=entries_digest(["A2", "A1"]).upper())
    assert solved(data)["status"] == "computed"
    result = solved({**data, "entries": ["A1", "A2", "A3"]})
    assert (result["status"], result["lot_order"]) == ("undetermined", [])
    assert [told["code"] for told in result["reasons"]] == ["lots_entries_changed"]
    assert entries_digest(["A2", "A1"]) == sha256('["A1","A2"]')


def test_the_order_for_the_deciding_core() -> None:
    commitments, reveals = in_fixed_order([sha256(SECOND), sha256(FIRST).upper()], [SECOND, FIRST])
    assert (commitments, reveals) == (sorted(commitments), in_order(FIRST, SECOND))
    assert in_fixed_order([sha256(SECOND)], [])[1] == [None]
    drawn = draw_order(["A1", "A2", "A3"], commitments, reveals, "9f8e7d")
    result = solved(lots(*in_order(FIRST, SECOND)))
    assert drawn == Drawn(tuple(result["lot_order"]), result["digest"])
    assert draw_order(["A1"], [], [], "") == Reason("nothing_to_draw_from")
    assert isinstance(draw_order(["A1"], [], [], "a public value"), Drawn)


@st.composite
def problems(draw: st.DrawFn) -> dict[str, Any]:
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    reveals = draw(st.lists(texts, max_size=4))
    opened: list[str | None] = [
        draw(st.sampled_from([reveal, reveal, reveal, reveal, None, reveal + "?", reveal.encode().hex()]))
        for reveal in reveals
    ]
    data: dict[str, Any] = {
        "kind": "lots",
        "version": 1,
        "entries": draw(st.lists(texts.filter(bool), unique=True, max_size=6)),
        "commitments": [sha256(reveal) for reveal in reveals],
        "reveals": opened[: draw(st.integers(max(0, len(opened) - 1), len(opened)))],
        "public": draw(texts),
        "seed": draw(st.integers(0, 3)),
    }
    if draw(st.booleans()):
        data["entries_sha256"] = draw(st.sampled_from([entries_digest(data["entries"]), "0" * 64]))
    return data


@thorough
@given(problems())
def test_the_checker_accepts_every_result_and_finds_every_change(data: dict[str, Any]) -> None:
    problem, result = read_problem(LotsProblem, data), solved(data)
    assert verify_lots(problem, result) == []
    jsonschema.Draft202012Validator(SCHEMA["problem"]).validate(data)
    jsonschema.Draft202012Validator(SCHEMA["result"]).validate(result)
    order = result["lot_order"]
    others: list[Any] = [None, True, 7, 1.0, "computed", "undetermined", "0" * 64, [], ["A1"], {}]
    others += [order[::-1], order[1:], [*order, *order[:1]]]
    for field in result.keys() - {"engine", "elapsed_ms"}:
        for other in others:
            if repr(other) != repr(result[field]):
                findings = verify_lots(problem, {**result, field: other})
                assert [reason.params["at"] for reason in findings] == [f"/{field}"]
        assert verify_lots(problem, {name: value for name, value in result.items() if name != field})
    assert verify_lots(problem, {**result, "drawn_at": "noon"})
    assert verify_lots(problem, None)
    for told in result["reasons"]:
        assert told["code"] in catalogue()
        assert all("?" not in sentence(told["code"], told["params"], language) for language in LANGUAGES)


def faults_of(data: object) -> list[tuple[str, str]]:
    kind = KINDS["lots"]
    with pytest.raises(Malformed) as refused:
        kind.solve(kind.read(read_json(json.dumps(data))))
    assert all("?" not in say_fault(fault, language) for fault in refused.value.faults for language in LANGUAGES)
    assert {fault.code for fault in refused.value.faults} <= catalogue().keys()
    return [(fault.at, fault.code) for fault in refused.value.faults]


def test_every_fault_is_named_at_once_and_a_broken_form_hides_none() -> None:
    data = lots(FIRST, entries=["A1", "A1", ""], entries_sha256="abc", seed=-1)
    data["commitments"].append("g" * 64)
    data["reveals"] += [SECOND, "one too many"]
    assert set(faults_of(data)) == {
        ("/entries/1", "duplicate_entry"),
        ("/entries/2", "empty_text"),
        ("/commitments/1", "not_a_sha256"),
        ("/reveals/2", "reveal_without_commitment"),
        ("/entries_sha256", "not_a_sha256"),
        ("/seed", "too_small"),
    }


@pytest.mark.parametrize(("change", "at"), [({"public": "\ud800"}, "/public"), ({"reveals": ["\ud800"]}, "/reveals/0")])
def test_half_a_character_has_no_bytes_and_is_refused(change: dict[str, Any], at: str) -> None:
    assert faults_of({**lots(FIRST), **change}) == [(at, "not_valid")]
