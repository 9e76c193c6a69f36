"""The title page: what was decided, by whom, when, how it stands; and what departs from the computed result."""

from __future__ import annotations

from collections.abc import Iterator

from madang.papers.blocks import Block, Contents, Facts, Paragraph, Row, Tile, Tiles, Words
from madang.papers.chapters.telling import Teller, groups_of_four
from madang.papers.describe import describe


def opening(t: Teller) -> Iterator[Block]:
    """The title page, without a heading of its own."""
    seen = t.seen
    yield Paragraph(seen.headline, "lead")
    tiles = [Tile(t.word("received"), f"{seen.received:,}", "received")]
    tiles += [Tile(count.label, f"{count.count:,}", count.outcome) for count in seen.counts]
    tiles += [Tile(t.word("grant_total"), seen.grant_total, "money")] if seen.grant_total else []
    yield Tiles(tuple(tiles))
    if not seen.settled:
        yield Paragraph("\n".join((t.word("not_settled_more"), *seen.status_reasons)), "alert")
    elif seen.status_reasons:
        yield Paragraph("\n".join(seen.status_reasons), "alert")
    yield Facts(tuple(_facts(t)))
    yield Contents(t.say("contents"))


def host_of(t: Teller) -> str:
    """Who decides, as the call names it."""
    about = describe(t.definition, t.language).section("about")
    parts = about.parts if about else ()
    return next((row.values[0].text for part in parts if isinstance(part, Facts) for row in part.rows), "")


def _facts(t: Teller) -> Iterator[Row]:
    seen = t.seen
    keys = [groups_of_four(key) for key in seen.keys] or [t.word("fact_unsigned")]
    told = [
        (t.word("fact_decided"), [seen.decided_at]),
        (t.say("status"), [_status(t)]),
        *((name, [until]) for name, until in seen.days),
        (t.word("fact_root"), [groups_of_four(seen.root)]),
        (t.word("fact_signed"), keys),
        (t.word("fact_program"), [seen.program]),
        (t.word("fact_edition"), [t.word(f"edition_{seen.edition}")]),
        (t.word("fact_note"), [seen.note] if seen.note else []),
    ]
    for name, values in told:
        if values:
            yield Row(name, tuple(map(Words, values)))


def _status(t: Teller) -> str:
    open_ = next((count.count for count in t.seen.counts if count.outcome == "undetermined"), 0)
    if not t.seen.settled:
        return t.say("status.open")
    return t.say("status.partly", count=open_) if open_ else t.say("status.settled")


def decided_otherwise(t: Teller) -> Iterator[Block]:
    """Decisions that depart from what was computed, each with its reason."""
    if not t.seen.deviations:
        return
    yield Paragraph(t.word("deviations_shown"), "alert")
    rows = [
        (line.id, line.applicant, t.labels.outcome(line.computed), line.outcome_label, line.deviation)
        for line in t.seen.deviations
    ]
    yield t.table(t.word("table_deviations"), "id applicant computed decided reason", rows)
