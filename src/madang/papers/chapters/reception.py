"""The reception statistics: every table with its picture, and the map of countries."""

from __future__ import annotations

from collections.abc import Iterator

from madang.papers import pictures
from madang.papers.blocks import Block, Grid, Heading, Line, Paragraph
from madang.papers.chapters.telling import Teller, grid
from madang.papers.decision import StatisticTable

_IN_PICTURE = 18  # so many bars fit half a page; the table has them all


def reception(t: Teller) -> Iterator[Block]:
    if not t.seen.statistics:
        return
    yield Paragraph(t.word("as_of", on=t.seen.statistics_on))
    if t.seen.growth:
        yield Paragraph(t.seen.growth)
    for table in t.seen.statistics:
        yield Heading(2, table.title)
        yield from _map(t) if table.id == "country" else _bars(t, table)
        yield _table(t, table)


def _bars(t: Teller, table: StatisticTable) -> Iterator[Block]:
    if not 1 < len(table.rows) <= _IN_PICTURE:
        return
    rows = [(row.label, row.cases, t.word("cases", count=f"{row.cases:,}")) for row in table.rows]
    told = t.say("bars.told", title=table.title, rows="; ".join(f"{label} {count}" for label, count, _ in rows))
    if figure := pictures.bars(rows, title=table.title, description=told):
        yield figure


def _map(t: Teller) -> Iterator[Block]:
    """The map knows countries by code; what it cannot show is named below it."""
    counts = {row["id"]: int(row["cases"]) for row in t.computed["statistics"]["by_country"]}
    told = t.say("map.told", rows="; ".join(f"{t.labels.country(code)} {n}" for code, n in counts.items()))
    left_out = [t.labels.country(code) for code in pictures.not_on_the_map(counts)]
    notes = [t.say("map.left_out", countries=left_out)] if left_out else []
    notes.append(t.say("map.source"))
    told_unit = t.word("cases", count="")
    figure = pictures.world(counts, title=t.say("map.title"), description=told, unit=told_unit, note=" ".join(notes))
    if figure and len(left_out) < len(counts):
        yield figure


def _table(t: Teller, table: StatisticTable) -> Grid:
    shares = table.total.share is not None or any(row.share is not None for row in table.rows)
    heads = [(t.word("column_group"), False), (t.word("column_cases"), True)]
    heads += [(t.word("column_countries"), True)] if table.countries else []
    heads += [(t.word("column_share"), True)] if shares else []
    rows = []
    for row in (*table.rows, table.total):
        cells = [row.label, f"{row.cases:,}"]
        cells += [f"{row.countries:,}"] if table.countries else []
        cells += [row.share or ""] if shares else []
        rows.append(Line(tuple(cells), "total" if row is table.total else "plain"))
    return grid("", heads, rows, table.note)
