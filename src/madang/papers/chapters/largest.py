"""The largest total value, where a call announced it: the sum that was reached, its proof, and what each rule costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from madang.core.callspec.rule import ByRank
from madang.core.problem import decimal_text
from madang.papers.blocks import Block, Grid, Heading, Paragraph
from madang.papers.chapters.telling import Teller


def largest(t: Teller) -> Iterator[Block]:
    """A section for each list."""
    rule = t.definition.decide
    if not isinstance(rule, ByRank) or rule.walk != "total_value":
        return
    yield Paragraph(t.say("largest.lead"))
    for selection in t.computed["selections"]:
        result = selection["result"]
        if selection["list"] != "all":
            yield Heading(2, t.labels.track(selection["list"]))
        if result["status"] == "optimal":
            yield Paragraph(t.say("largest.proven", value=result["value"], count=len(result["selected"])))
        if any(use.get("if_dropped") for use in result["per_rule"]):
            yield _rules(t, result["per_rule"], rule.decimals)


def _rules(t: Teller, uses: list[Mapping[str, Any]], decimals: int) -> Grid:
    rows = []
    for use in uses:
        change = use.get("if_dropped")
        if change is None:
            continue
        label = t.labels.rule(use["id"])
        if use["type"] == "quota":
            label = f"{label}: {t.labels.tag_value(use['tag'], use['equals'])}"
        gain = decimal_text(Fraction(change["value_gain"]), decimals)
        nothing = not change["enters"] and not change["leaves"]
        rows.append(
            (
                label,
                "–" if nothing else f"+{gain}",
                t.say("largest.nobody") if nothing else ", ".join(change["enters"]),
                "" if nothing else ", ".join(change["leaves"]),
            )
        )
    return t.table(t.say("largest.rules"), "rule >gain enters leaves", rows, t.say("largest.note"))
