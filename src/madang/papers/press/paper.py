"""A report as a `Paper` in one language: its text, then every table with its picture. PDF, Word, HWPX and HTML are made
from it.
"""

from __future__ import annotations

from collections.abc import Iterator

from madang.papers import pictures
from madang.papers.blocks import Block, Figure, Grid, Heading, Line, Paper, Paragraph
from madang.papers.chapters.telling import grid
from madang.papers.press.model import Report
from madang.papers.press.naming import Naming
from madang.papers.press.tables import MOST_BARS, Table, shown, tables_of
from madang.words.labels import label


def paper_of(report: Report, language: str) -> Paper:
    """The paper. Cost: up to a fifth of a second for each picture, in the child that draws."""
    naming = Naming(report.counts, language)
    as_of = naming.say("as_of", day=naming.day(report.counts.day))
    return Paper(
        title=report.title(language),
        subtitle=f"{naming.host}, {as_of}",
        language=language,
        sample_note=naming.say("sample_note") if report.counts.sample else "",
        parts=tuple(_parts(report, naming)),
        kicker=naming.say("kicker"),
        footer=naming.say("footer", call=report.counts.call, as_of=as_of),
        made=report.made,
        sample_word=naming.say("sample_word"),
    )


def _parts(report: Report, naming: Naming) -> Iterator[Block]:
    if report.counts.sample:  # in the text too: it is copied without what stands at the head of a page
        yield Paragraph(naming.say("sample_note"), "alert")
    for text in report.body(naming.language):
        yield Paragraph(text)
    tables = tables_of(report.counts, report.tables, naming.language)
    if tables:
        yield Heading(1, naming.say("tables"))
    for table in tables:
        yield Heading(2, table.title)
        if figure := picture(table, naming):
            yield figure
        yield drawn(table)
    yield Paragraph(known(report, naming), "note")


def known(report: Report, naming: Naming) -> str:
    """As of when, and known when, in a sentence."""
    counts = report.counts
    told = naming.wording.day(counts.known)
    if counts.as_of is None:
        return naming.say("as_known_all", known=told)
    return naming.say("as_known", as_of=naming.day(counts.as_of.isoformat()), known=told)


def drawn(table: Table) -> Grid:
    rows = [Line(tuple(map(shown, row))) for row in table.rows]
    rows += [Line(tuple(map(shown, table.total)), "total")] if table.total else []
    return grid("", list(table.columns), rows, table.note)


def picture(table: Table, naming: Naming) -> Figure | None:
    """Bars, or the map of countries; nothing where a picture would show less than the table."""
    if table.on_the_map:
        return _map(table, naming)
    if not 1 < len(table.bars) <= MOST_BARS:
        return None
    bars = [(name, n, naming.say("count.cases", n=f"{n:,}")) for name, n in table.bars]
    rows = "; ".join(f"{name} {told}" for name, _, told in bars)
    return pictures.bars(bars, title=table.title, description=naming.say("chart.told", title=table.title, rows=rows))


def _map(table: Table, naming: Naming) -> Figure | None:
    """The words of the map are those of a decision's report."""
    counts = dict(table.on_the_map)
    language = naming.language
    rows = "; ".join(f"{naming.entry('country', code)} {n}" for code, n in counts.items())
    left_out = [naming.entry("country", code) for code in pictures.not_on_the_map(counts)]
    if len(left_out) == len(counts):
        return None
    notes = [label("paper", "map.left_out", language, countries=left_out)] if left_out else []
    return pictures.world(
        counts,
        title=label("paper", "map.title", language),
        description=label("paper", "map.told", language, rows=rows),
        unit=naming.say("count.cases", n=""),
        note=" ".join([*notes, label("paper", "map.source", language)]),
    )
