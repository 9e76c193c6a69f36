"""A decision as one HTML file: no script, nothing from elsewhere, for the screen, the phone and A4 paper.

The page is built as a tree (`xml.etree.ElementTree`) and written out in one go. A tree cannot be broken by what an
applicant writes: every text and attribute is escaped when it is written, and tags always balance. A template language
would bring a dependency and the duty to remember escaping; text joined by hand would be neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from unicodedata import east_asian_width
from xml.etree.ElementTree import Element, tostring  # writes only; nothing is parsed

from madang.core.problem import decimal_text
from madang.core.record.read import Record
from madang.papers.blocks import Block
from madang.papers.chapters.band import band
from madang.papers.chapters.checks import checks
from madang.papers.chapters.draws import draws
from madang.papers.chapters.largest import largest
from madang.papers.chapters.readers import readers
from madang.papers.chapters.telling import Teller
from madang.papers.decision import (
    ApplicationLine,
    Ballot,
    Board,
    Count,
    DecisionView,
    StatisticTable,
    TaskLine,
    view,
    words,
)
from madang.papers.html import Part, h
from madang.papers.report_blocks import drawn

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_IN_CHART = 30
"""So many bars fit one printed page; the table has them all."""
_LONG, _SHORT = 36, 26  # cells of a label beside and above its bar

#: In the margin of every printed page, where the browser can; the stamp behind the text is for all of them.
_PAGE_BANNER = '@page {{ @top-center {{ content: "{}"; font-size: 10pt; font-weight: 700; color: #4a1d78; }} }}'


def render_html(record: Record, language: str) -> str:
    """The report of a record in one language (`ko`, else English) as a whole HTML file.

    Raises `Malformed` like `decision.view`. Cost: linear in the applications.
    """
    return render_view(view(record, language), record)


def render_view(seen: DecisionView, record: Record) -> str:
    """The same from a view that is made already."""
    page = _Page(seen, Teller(seen, record))
    return "<!DOCTYPE html>\n" + tostring(page.html(), encoding="unicode", method="html") + "\n"


@cache
def _style() -> str:
    return files(__package__).joinpath("report.css").read_text("utf-8")


class _Page:
    def __init__(self, seen: DecisionView, teller: Teller) -> None:
        self.seen = seen
        self.teller = teller
        self.lines = {line.id: line for line in seen.applications}

    def say(self, code: str, **params: object) -> str:
        return words(code, self.seen.language, **params)

    # -- the page -----------------------------------------------------------------------------------------------------

    def html(self) -> Element:
        seen = self.seen
        title = f"{seen.title} – {self.say('subtitle')}"
        head = h(
            "head",
            h("meta", charset="utf-8"),
            h("meta", http_equiv="Content-Security-Policy", content=POLICY),
            h("meta", name="viewport", content="width=device-width, initial-scale=1"),
            h("meta", name="referrer", content="no-referrer"),
            h("title", f"[{self.say('sample')}] {title}" if seen.sample else title),
            h("style", _style() + (_PAGE_BANNER.format(self.say("sample_long")) if seen.sample else "")),
        )
        sections = [section for section in self._sections() if section is not None]
        body = h(
            "body",
            h("aside", self.say("sample_long"), class_="sample", aria_label=self.say("sample"))
            if seen.sample
            else None,
            h("div", self.say("sample"), class_="stamp", aria_hidden="true") if seen.sample else None,
            h("main", self._head(), self._tiles(), self._contents(sections), *sections, self._foot()),
            class_="sampled" if seen.sample else None,
        )
        return h("html", head, body, lang=seen.language)

    def _sections(self) -> Iterator[Element | None]:
        yield self._unsettled()
        yield self._facts()
        yield self._deviations()
        yield self._rule()
        for number, board in enumerate(self.seen.boards):
            yield self._board(number, board)
        yield self._votes()
        yield self._use()
        yield self._reserve()
        yield self._chapter("largest", largest)
        yield self._chapter("band", band)
        yield self._reasons()
        yield self._chapter("readers", readers)
        yield self._chapter("checks", checks)
        yield self._chapter("draws", draws)
        yield self._statistics()
        yield self._verify()

    def _section(self, name: str, title: str, *parts: Part, class_: str = "") -> Element:
        heading = h("h2", title, id=f"{name}-title")
        classes = f"card {class_}".strip()
        return h("section", heading, *parts, id=name, class_=classes, aria_labelledby=f"{name}-title")

    def _head(self) -> Element:
        return h(
            "header",
            h("p", self.say("subtitle"), class_="kicker"),
            h("h1", self.seen.title),
            h("p", self.seen.headline, class_="headline"),
            class_="head",
        )

    def _tiles(self) -> Element:
        received = Count("received", self.say("received"), self.seen.received)
        tiles = [
            h("div", h("dt", count.label), h("dd", f"{count.count:,}"), class_=f"tile {count.outcome}")
            for count in (received, *self.seen.counts)
        ]
        if self.seen.grant_total:
            tiles.append(
                h("div", h("dt", self.say("grant_total")), h("dd", self.seen.grant_total), class_="tile money")
            )
        return h("dl", *tiles, class_="tiles")

    def _contents(self, sections: Sequence[Element]) -> Element:
        links = [h("li", h("a", section[0].text, href=f"#{section.get('id')}")) for section in sections]
        return h("nav", h("ul", *links, class_="contents"), aria_label=self.say("heading_contents"))

    def _foot(self) -> Element:
        return h("footer", h("p", self.say("footer", root=self.seen.root[:16], call=self.seen.call)))

    # -- what it is ---------------------------------------------------------------------------------------------------

    def _unsettled(self) -> Element | None:
        if self.seen.settled and not self.seen.status_reasons:
            return None
        told = h("ul", *(h("li", reason) for reason in self.seen.status_reasons), class_="prose")
        if self.seen.settled:
            return self._section("remarks", self.say("heading_remarks"), told)
        return self._section(
            "open", self.say("not_settled"), h("p", self.say("not_settled_more")), told, class_="alert"
        )

    def _facts(self) -> Element:
        seen = self.seen
        keys = [h("div", key, class_="code") for key in seen.keys] or [h("span", self.say("fact_unsigned"))]
        edition = self.say(f"edition_{seen.edition}")
        facts: list[tuple[str, list[Part]]] = [
            ("decided", [seen.decided_at]),
            ("root", [h("span", seen.root, class_="code")]),
            ("signed", [*keys]),
            ("program", [seen.program]),
            ("edition", [edition]),
        ]
        if seen.note:
            facts.append(("note", [seen.note]))
        rows = [part for name, parts in facts for part in (h("dt", self.say(f"fact_{name}")), h("dd", *parts))]
        rows += [part for name, until in seen.days for part in (h("dt", name), h("dd", until))]
        return self._section("facts", self.say("heading_facts"), h("dl", *rows, class_="facts"))

    def _deviations(self) -> Element | None:
        if not self.seen.deviations:
            return None
        rows = [
            h(
                "tr",
                h("th", line.id, scope="row", class_="short"),
                h("td", line.applicant, class_="name"),
                h("td", self._outcome_words(line.computed)),
                h("td", self._badge(line)),
                h("td", line.deviation),
            )
            for line in self.seen.deviations
        ]
        table = self._table(
            self.say("table_deviations"), ["id", "applicant", "computed", "decided", "reason"], rows, numbers=()
        )
        told = h("p", self.say("deviations_shown"))
        return self._section("deviations", self.say("heading_deviations"), told, table, class_="alert")

    def _rule(self) -> Element:
        sentences = [h("li", one) for one in self.seen.rule]
        return self._section("rule", self.say("heading_rule"), h("ul", *sentences, class_="prose"))

    # -- scores -------------------------------------------------------------------------------------------------------

    def _board(self, number: int, board: Board) -> Element:
        title = self.say("heading_ranking" if board.ranked else "heading_scores")
        if board.title:
            title = f"{title}: {board.title}"
        lines = [self.lines[name] for name in board.ids]
        name = "ranking" if number == 0 else f"ranking-{number + 1}"
        return self._section(name, title, self._ranking_chart(name, board, lines), self._ranking_table(board, lines))

    def _ranking_chart(self, name: str, board: Board, lines: Sequence[ApplicationLine]) -> Element:
        first = max(0, min(board.line - _IN_CHART * 2 // 3, len(lines) - _IN_CHART))
        shown = lines[first : first + _IN_CHART]
        bars = [
            Bar(
                label=f"{line.rank}. {line.id} {line.applicant}" if line.rank else f"{line.id} {line.applicant}",
                share=Fraction(line.score or 0) / 100,
                text=f"{self.say('points', score=line.score)} {line.grade or line.outcome_label}",
                style=line.outcome,
            )
            for line in shown
        ]
        if board.ranked:
            title = self.say("chart_ranking")
        else:
            title = self.say("chart_scores", mark=board.mark) if board.mark else self.say("chart_scores_plain")
        told = {"shown": len(shown), "all": len(lines), "first": shown[0].score, "last": shown[-1].score}
        description = self.say("chart_described", **told)
        if board.line:
            description += " " + self.say("chart_line", line=board.line)
        chart = Chart(
            name=name,
            title=title,
            description=description,
            bars=bars,
            cut=board.line - first if 0 < board.line - first <= len(shown) else None,
            cut_word=self.say("line_here", count=sum(line.computed == "selected" for line in lines)),
            mark=Fraction(board.mark) / 100 if board.mark else None,
            mark_word=self.say("chart_mark", mark=board.mark) if board.mark else "",
            beside=True,
        )
        rest = len(lines) - len(shown)
        more = h("p", self.say("chart_left_out", count=rest), class_="note") if rest else None
        return h("figure", h("figcaption", title), chart.svg(), more)

    def _ranking_table(self, board: Board, lines: Sequence[ApplicationLine]) -> Element:
        seen = self.seen
        stages = seen.stages()
        shown = [i for i, c in enumerate(seen.columns) if (len(stages) > 1) != bool(c.criterion)]
        has = {
            name: any(getattr(line, name) for line in lines) for name in ("rank", "track", "country", "grade", "grant")
        }
        head = [self._column("rank", "number")] if has["rank"] else []
        head += [self._column("id"), self._column("applicant", "name")]
        head += [self._column("score", "number"), self._column("outcome")]
        head += [self._column("grant", "number")] if has["grant"] else []
        head += [self._column(name) for name, what in (("type", "track"), ("country", "country")) if has[what]]
        for i in shown:
            weight = seen.columns[i].weight
            aside = h("span", self.say("column_weight", weight=weight), class_="aside") if weight else None
            head.append(h("th", seen.columns[i].label, aside, scope="col", class_="number part"))
        rows = []
        for place, line in enumerate(lines, start=1):
            above = board.ranked and place < board.line and line.computed not in ("selected", "undetermined")
            cells: list[Part] = [h("td", str(line.rank), class_="number")] if has["rank"] else []
            cells += [h("th", line.id, scope="row", class_="short"), h("td", line.applicant, class_="name")]
            cells += [h("td", line.score, class_="number score"), h("td", *self._outcome(line, above=above))]
            cells += [h("td", line.grant, class_="number")] if has["grant"] else []
            cells += [h("td", line.track, class_="type")] if has["track"] else []
            cells += [h("td", line.country, class_="country")] if has["country"] else []
            cells += [h("td", line.parts[i] or "–", class_="number") for i in shown]
            rows.append(h("tr", *cells, class_=None if line.outcome in ("selected", "reserve") else "out"))
            if place == board.line:
                word = self.say("line_here", count=sum(other.computed == "selected" for other in lines))
                rows.append(h("tr", h("td", word, colspan=len(head)), class_="line"))
        title = self.say("table_ranking_of", title=board.title) if board.title else self.say("table_ranking")
        return self._framed(title, head, rows)

    def _outcome(self, line: ApplicationLine, *, above: bool = False) -> Iterator[Part]:
        yield self._badge(line)
        asides = [self.say("places", place=line.place)] if line.place and line.outcome == "reserve" else []
        asides += [line.grade] if line.grade else []
        asides += [self.say("skipped")] if above else []
        if line.deviation:
            asides.append(self.say("computed_was", outcome=self._outcome_words(line.computed)))
        for aside in asides:
            yield h("span", aside, class_="aside")

    def _badge(self, line: ApplicationLine | Ballot | TaskLine) -> Element:
        return h("span", line.outcome_label, class_=f"badge {_class(line.outcome)}")

    def _outcome_words(self, outcome: str) -> str:
        known = next((count.label for count in self.seen.counts if count.outcome == outcome), "")
        code = f"outcome_{self.seen.outcome_kind}_{outcome}" if "selected" in outcome else f"outcome_{outcome}"
        return known or self.say(code)

    # -- votes, rules, reserve ----------------------------------------------------------------------------------------

    def _votes(self) -> Element | None:
        seen = self.seen
        if not seen.ballots:
            return None
        by_task = any(ballot.task for ballot in seen.ballots)
        head = [self._column("id"), self._column("applicant", "name")]
        head += [self._column("task")] if by_task else []
        head += [h("th", option, scope="col", class_="number") for option in seen.options]
        head += [self._column("cast", "number"), self._column("seats", "number")]
        head += [self._column("quorum"), self._column("outcome")]
        rows = [
            h(
                "tr",
                h("th", ballot.application, scope="row", class_="short"),
                h("td", ballot.applicant, class_="name"),
                h("td", ballot.task) if by_task else None,
                *(h("td", str(count), class_="number") for count in ballot.counts),
                h("td", str(ballot.cast), class_="number"),
                h("td", str(ballot.seats), class_="number"),
                h("td", self.say("quorum_met" if ballot.quorum_met else "quorum_not_met"), class_="short"),
                h("td", self._badge(ballot)),
            )
            for ballot in seen.ballots
        ]
        return self._section("votes", self.say("heading_votes"), self._framed(self.say("table_votes"), head, rows))

    def _use(self) -> Element | None:
        tables = []
        for title, uses in self.seen.rules:
            rows = [
                h(
                    "tr",
                    h("th", use.label, scope="row", class_="name"),
                    *(h("td", cell, class_="number") for cell in (use.least, use.used, use.most, use.left)),
                )
                for use in uses
            ]
            caption = self.say("table_rules_of", title=title) if title else self.say("table_rules")
            columns = ["rule", "least", "used", "most", "left"]
            tables.append(self._table(caption, columns, rows, numbers=("least", "used", "most", "left")))
        return self._section("rules", self.say("heading_rules"), *tables) if tables else None

    def _reserve(self) -> Element | None:
        if not self.seen.reserve:
            return None
        lists = []
        for title, ids in self.seen.reserve:
            names = [h("li", f"{name} {self.lines[name].applicant}") for name in ids]
            lists.append(h("div", h("h3", title) if title else None, h("ol", *names, class_="prose")))
        return self._section("reserve", self.say("heading_reserve"), h("div", *lists, class_="columns"))

    # -- reasons ------------------------------------------------------------------------------------------------------

    def _reasons(self) -> Element:
        return self._section(
            "reasons",
            self.say("heading_reasons"),
            h("div", *(self._reason(line) for line in self.seen.applications), class_="reasons"),
        )

    def _reason(self, line: ApplicationLine) -> Element:
        who = h("div", h("h3", f"{line.id} {line.applicant}"), *self._outcome(line), class_="who")
        told = [h("li", reason) for reason in line.reasons]
        if line.deviation:
            told.insert(0, h("li", f"{self.say('heading_deviations')}: {line.deviation}", class_="deviation"))
        told += [h("li", task.task, " ", self._badge(task), *self._told_of(task)) for task in line.tasks]
        return h("article", who, h("ul", *told), class_="reason")

    def _told_of(self, task: TaskLine) -> Iterator[Part]:
        for reason in task.reasons:
            yield h("span", reason, class_="aside")

    # -- checks, draws, statistics ------------------------------------------------------------------------------------

    def _chapter(self, name: str, told: Callable[[Teller], Iterator[Block]]) -> Element | None:
        """A chapter of the printed paper as a section of the page; one without content is left out."""
        blocks = list(told(self.teller))
        if not blocks:
            return None
        title = self.teller.say(f"chapter.{name}")
        return self._section(name, title, h("div", *drawn(blocks), class_="blocks"))

    def _statistics(self) -> Element | None:
        if not self.seen.statistics:
            return None
        told = [h("p", self.say("as_of", on=self.seen.statistics_on), class_="note")]
        if self.seen.growth:
            told.append(h("p", self.seen.growth, class_="note"))
        tables = h("div", *(self._statistic(table) for table in self.seen.statistics), class_="columns")
        return self._section("reception", self.say("heading_statistics"), tables, *told)

    def _statistic(self, table: StatisticTable) -> Element:
        rows = []
        for row in (*table.rows, table.total):
            cells = [h("th", row.label, scope="row"), h("td", f"{row.cases:,}", class_="number")]
            cells += [h("td", f"{row.countries:,}", class_="number")] if table.countries else []
            cells += [h("td", row.share, class_="number")] if row.share is not None else []
            rows.append(h("tr", *cells, class_="total" if row is table.total else None))
        columns = ["group", "cases", *(["countries"] if table.countries else [])]
        columns += ["share"] if table.total.share is not None else []
        chart = self._statistic_chart(table) if table.id in ("type", "region") else None
        note = h("p", table.note, class_="note") if table.note else None
        drawn = self._table(table.title, columns, rows, numbers=("cases", "countries", "share"))
        return h("div", chart, drawn, note)

    def _statistic_chart(self, table: StatisticTable) -> Element:
        most = max((row.cases for row in table.rows), default=0) or 1
        bars = [
            Bar(row.label, Fraction(row.cases, most), self.say("cases", count=row.cases), "plain") for row in table.rows
        ]
        told = ", ".join(f"{row.label} {row.cases}" for row in table.rows)
        described = self.say("chart_reception", title=table.title, rows=told)
        chart = Chart(f"reception-{table.id}", table.title, described, bars)
        return h("figure", h("figcaption", h("h3", table.title)), chart.svg())

    def _verify(self) -> Element:
        told = h("ul", *(h("li", one) for one in self.seen.verify), class_="prose plain")
        commands = h("ol", *(h("li", h("code", command)) for command in self.seen.commands), class_="commands")
        return self._section("verify", self.say("heading_verify"), told, commands)

    # -- tables -------------------------------------------------------------------------------------------------------

    def _column(self, name: str, class_: str | None = None) -> Element:
        return h("th", self.say(f"column_{name}"), scope="col", class_=class_)

    def _table(
        self, caption: str, columns: Iterable[str], rows: Sequence[Element], *, numbers: Sequence[str]
    ) -> Element:
        head = [self._column(name, "number" if name in numbers else None) for name in columns]
        return self._framed(caption, head, rows)

    def _framed(self, caption: str, head: Sequence[Element], rows: Sequence[Element]) -> Element:
        """A table that scrolls by itself where the screen is narrow, with the keyboard too."""
        table = h("table", h("caption", caption), h("thead", h("tr", *head)), h("tbody", *rows))
        return h("div", table, class_="wide", role="region", aria_label=caption, tabindex=0)


# -- charts -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bar:
    """`share` of the whole width, 0..1; `style` is an outcome, or `plain`."""

    label: str
    share: Fraction
    text: str
    style: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Lying bars with their words above them, or `beside` them where there is room.

    `cut`: a line after so many bars. `mark`: a share to be reached.
    """

    name: str
    title: str
    description: str
    bars: Sequence[Bar]
    cut: int | None = None
    cut_word: str = ""
    mark: Fraction | None = None
    mark_word: str = ""
    beside: bool = False

    def svg(self) -> Element:
        """Percentages across and pixels down: it fits a phone without its letters shrinking.

        The style sheet places everything from a row's number (`--i`) and a share of the plot (`--w`).
        """
        rows: list[list[Element]] = []
        if self.mark is not None:
            rows.append([h("text", self.mark_word, y=14, class_="word", style=f"--w:{_decimal(self.mark)}")])
        for number, bar in enumerate(self.bars, start=1):
            rows.append(self._bar(bar))
            if number == self.cut:
                rows.append(self._cut())
        drawn = [h("g", *row, class_="row", style=f"--i:{i}") for i, row in enumerate(rows)]
        title, desc = f"{self.name}-chart", f"{self.name}-chart-told"
        return h(
            "svg",
            h("title", self.title, id=title),
            h("desc", self.description, id=desc),
            h("defs", _hatch(self.name)),
            *drawn,
            class_="chart beside" if self.beside else "chart",
            role="img",
            aria_labelledby=f"{title} {desc}",
            style=f"--n:{len(rows)}",
        )

    def _bar(self, bar: Bar) -> list[Element]:
        fill = f";fill:url(#{self.name}-hatch)" if bar.style == "reserve" else ""
        drawn = [
            h("text", _shortened(bar.label, _LONG), y=15, class_="long"),
            h("text", _shortened(bar.label, _SHORT), y=15, class_="short"),
            h("rect", class_="full"),
            h("rect", class_=f"bar {_class(bar.style)}", style=f"--w:{_decimal(bar.share)}{fill}"),
            h("text", bar.text, x="100%", y=15, text_anchor="end", class_="value"),
        ]
        if self.mark is not None:
            drawn.append(h("rect", class_="mark", style=f"--w:{_decimal(self.mark)}"))
        return drawn

    def _cut(self) -> list[Element]:
        return [
            h("line", x1="0", x2="100%", y1=1, y2=1, class_="cut"),
            h("text", self.cut_word, x="100%", y=18, text_anchor="end", class_="cutword"),
        ]


def _hatch(name: str) -> Element:
    line = (
        h("path", d="M0 0H7V7H0Z", fill="#fff"),
        h("path", d="M-1 8L8 -1M-1 1L1 -1M6 8L8 6", stroke="#0b50d0", stroke_width=2),
    )
    return h("pattern", *line, id=f"{name}-hatch", width=7, height=7, patternUnits="userSpaceOnUse")


def _decimal(share: Fraction) -> str:
    return decimal_text(max(Fraction(0), min(Fraction(1), share)), 4)


def _class(outcome: str) -> str:
    """An outcome as a class; one that is not known (a record may say anything) has no look of its own."""
    return outcome if re.fullmatch(r"[a-z_]+", outcome) else "unknown"


def _shortened(text: str, most: int) -> str:
    """At most so many cells, a Korean letter being two; the table has the whole."""
    cells = 0
    for place, letter in enumerate(text):
        cells += 2 if east_asian_width(letter) in "WF" else 1
        if cells > most:
            return text[:place].rstrip() + "…"
    return text
