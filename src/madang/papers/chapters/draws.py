"""The drawings of lots: who took part, what came out, and who was passed over by which rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from madang.papers.blocks import Block, Facts, Heading, Paragraph, Row, Words
from madang.papers.chapters.telling import Teller, groups_of_four

_EXCLUSIONS = ("excluded_by_law", "challenged", "withdrew")


def draws(t: Teller) -> Iterator[Block]:
    drawn = t.computed.get("draws") or []
    if t.case.panel and not drawn:
        yield Paragraph(t.word("panel_not_drawn_here"))
    if t.case.lot_order and not drawn:
        yield Paragraph(t.word("lots_not_drawn_here"))
    if not drawn:
        if not t.case.panel and not t.case.lot_order:
            yield Paragraph(t.say("draws.none"))
        return
    yield Paragraph(t.say("draws.lead"))
    for draw in drawn:
        yield from _draw(t, draw)


def _draw(t: Teller, draw: Mapping[str, Any]) -> Iterator[Block]:
    kind, _, of = str(draw["draw"]).partition(":")
    name = "draw.body" if of == "body" else f"draw.{kind}"
    yield Heading(2, t.say(name, of=t.labels.stage(of)))
    yield Facts(tuple(_facts(t, draw)))
    passed = [(str(one["id"]), _why(t, name=one["id"], stage=of, code=one)) for one in draw.get("passed_over") or ()]
    if passed:
        yield t.table(t.say("draw.passed_over"), "evaluator reason", passed)
    if kind != "panel" and draw["order"]:
        order = [(str(place), name, t.applicant(name)) for place, name in enumerate(draw["order"], 1)]
        yield t.table(t.say("draw.order_drawn"), ">place id applicant", order)


def _why(t: Teller, *, name: str, stage: str, code: Mapping[str, Any]) -> str:
    """Why somebody of the pool does not sit: a rule of composition, or an exclusion with the office's reason."""
    if code["code"] not in _EXCLUSIONS:
        return t.speaker.say(code)
    found = next((one.reason for one in t.case.exclusions if one.evaluator == name and one.stage == stage), "")
    told = t.say(f"exclusion.{code['code']}")
    return f"{told}: {found}" if found else told


def _facts(t: Teller, draw: Mapping[str, Any]) -> Iterator[Row]:
    name = draw["draw"]
    public = next((one.public for one in t.case.draws if one.draw == name), "")
    parties = [one.by for one in t.case.reveals if one.draw == name and one.by]
    told = {
        "status": [t.say(f"draw.status.{draw['status']}")],
        "public": [public] if public else [],
        "parties": [", ".join(parties)] if parties else [],
        "digest": [groups_of_four(draw["digest"])] if draw["digest"] else [],
        "members": [", ".join(draw.get("members") or ())],
        "substitutes": [", ".join(draw.get("substitutes") or ())],
        "left": [", ".join(draw.get("left") or ())],
        "moved_up": [", ".join(draw.get("moved_up") or ())],
        "reasons": [t.speaker.say(reason) for reason in draw["reasons"]],
    }
    for key, values in told.items():
        if any(values):
            yield Row(t.say(f"draw.{key}"), tuple(map(Words, values)))
