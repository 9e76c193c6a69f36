"""The announced use of estimates: who lay in the band around the line, how sure it was, and what decided there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from madang.core.callspec.rule import ByRank
from madang.papers.blocks import Block, Grid, Heading, Paragraph
from madang.papers.chapters.telling import Teller
from madang.papers.decision.formats import percent


def band(t: Teller) -> Iterator[Block]:
    """A section for each list that has a band."""
    rule = t.definition.decide
    if not isinstance(rule, ByRank) or rule.uncertainty.band is None or not t.computed["bands"]:
        return
    edges = rule.uncertainty.band
    told = {"from": percent(edges.from_, t.language), "to": percent(edges.to, t.language)}
    use = rule.uncertainty.announced_use
    yield Paragraph(t.say(f"band.{use}", **told))
    for line in t.computed["bands"]:
        if line["list"] != "all":
            yield Heading(2, t.labels.track(line["list"]))
        yield Paragraph(t.say("band.line", top=line["top"], count=len(line["band"])))
        if line["band"]:
            yield _members(t, line)
        if not line["settled"]:
            yield Paragraph(t.say("band.open"), "alert")
    yield Paragraph(t.say("band.checked"), "note")


def _members(t: Teller, line: Mapping[str, Any]) -> Grid:
    chances = {one["application"]: one["p_top"] for one in line["probabilities"]}
    rows = [
        (
            str(place) if line["settled"] else "–",
            name,
            t.applicant(name),
            percent(Decimal(chances[name]) * 100, t.language),
            t.lines[name].outcome_label,
        )
        for place, name in enumerate(line["band"], 1)
    ]
    return t.table(t.say("band.members"), ">place id applicant >chance outcome", rows)
