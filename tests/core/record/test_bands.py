"""A record whose call announced lots in the band: what follows from it, and what a forger may not move."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from madang.core.deciding.case import Case
from madang.core.deciding.ruling import Stated
from madang.core.record.editions import party, public
from madang.core.record.verify import State, verify
from madang.papers.folder import Folder
from madang.papers.folder import read as read_folder
from madang.papers.library import example
from tests.core.record.sealed import leaf_of, seal_case, sealed_again

IDEAS = "idea-fund-sample"


@cache
def ideas() -> Folder:
    path = example(IDEAS)
    assert path is not None
    return read_folder(path)


@cache
def sealed_ideas() -> str:
    folder = ideas()
    return seal_case(folder.definition_text, folder.case)


def failing(text: str) -> set[str]:
    found = verify(text).findings
    return {f.check for f in found if f.state is State.FAILS}


def test_the_record_holds_and_its_estimates_were_made_anew() -> None:
    result = verify(sealed_ideas())
    assert failing(sealed_ideas()) == set()
    assert "estimates" in {f.check for f in result.findings if f.state is State.HOLDS}


def other_order(band: dict[str, Any]) -> None:
    band["band"] = [band["band"][1], band["band"][0], *band["band"][2:]]


def one_out(band: dict[str, Any]) -> None:
    band["band"] = band["band"][1:]


def a_friend_in(band: dict[str, Any]) -> None:
    """Somebody far below the line is stated to be near it, so that a lot might lift them."""
    far = next(line for line in band["probabilities"] if Decimal(line["p_top"]) < Decimal("0.01"))
    far["p_top"] = "0.5"


def another_line(band: dict[str, Any]) -> None:
    band["top"] += 1


@pytest.mark.parametrize(
    ("forge", "check"),
    [
        (other_order, "computed"),
        (one_out, "computed"),
        (a_friend_in, "computed"),
        (another_line, "computed"),
    ],
)
def test_a_forged_band_is_found(forge: Callable[[dict[str, Any]], None], check: str) -> None:
    record = json.loads(sealed_ideas())
    forge(leaf_of(record, "computed/bands/")["value"])
    assert check in failing(sealed_again(record))


def test_an_office_that_decides_on_probabilities_of_its_own_is_found_by_estimating() -> None:
    """Everything else in such a record follows from the stated figures."""
    folder = ideas()
    (band,) = (
        leaf["value"] for leaf in json.loads(sealed_ideas())["leaves"] if leaf.get("name") == "computed/bands/all"
    )
    stated = {line["application"]: line["p_top"] for line in band["probabilities"]}
    lifted = next(name for name, p in stated.items() if Decimal(p) < Decimal("0.1"))
    text = seal_case(folder.definition_text, folder.case, Stated({"all": {**stated, lifted: "0.21"}}))
    assert failing(text) == {"estimates"}


@pytest.mark.parametrize("left", [0, 1, 30])
def test_whoever_leaves_applications_out_of_the_estimates_is_found(left: int) -> None:
    """Then the others would be better placed, or there would be no band at all."""
    folder = ideas()
    band = leaf_of(json.loads(sealed_ideas()), "computed/bands/all")["value"]
    stated = {line["application"]: line["p_top"] for line in band["probabilities"][:left]}
    record = json.loads(sealed_ideas())
    leaf_of(record, "computed/bands/all")["value"]["probabilities"] = band["probabilities"][:left]
    assert failing(sealed_again(record)) != set()
    with pytest.raises(ValueError, match="other applications"):
        seal_case(folder.definition_text, folder.case, Stated({"all": stated}))


def test_probabilities_are_never_published_and_a_party_sees_its_own_only() -> None:
    record = json.loads(sealed_ideas())
    everybody = json.dumps(public(record))
    one = json.dumps(party(record, "A07"))
    assert "p_top" not in everybody
    assert "computed/bands" not in everybody + one
    assert one.count("estimate_is") == 1


@pytest.mark.parametrize("given", ["2", "-0.1", "NaN", 5, None, ["0.1"]])
def test_what_is_no_probability_is_a_contradiction_and_never_a_traceback(given: Any) -> None:
    record = json.loads(sealed_ideas())
    leaf_of(record, "computed/bands/")["value"]["probabilities"][0]["p_top"] = given
    assert failing(sealed_again(record)) != set()


def test_without_lots_the_sealed_decision_says_that_it_is_open() -> None:
    folder = ideas()
    draws = tuple(d for d in folder.case.draws if d.draw != "lots")
    case: Case = replace(folder.case, draws=draws, reveals=tuple(r for r in folder.case.reveals if r.draw != "lots"))
    text = seal_case(folder.definition_text, case)
    assert failing(text) == set()
    outcomes = [
        leaf["value"]["outcome"]
        for leaf in json.loads(text)["leaves"]
        if leaf.get("name", "").startswith("computed/outcomes/")
    ]
    assert "undetermined" in outcomes
