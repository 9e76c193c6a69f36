"""The results: ranking with its line, votes, how far each rule is used, the reserve; and the reasons, by outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from madang.papers import pictures
from madang.papers.blocks import Block, Grid, Heading, Line, Paragraph
from madang.papers.chapters.telling import Teller, grid
from madang.papers.charts_scores import Score
from madang.papers.decision import ApplicationLine, Board

_IN_PICTURE = 30  # so many bars fit a page
_PARTS = 6  # so many parts of a score fit a table on paper; results.xlsx has them all
_SHORT_ID = 14  # letters
_LABEL = 30  # letters of a label in a picture


def results(t: Teller) -> Iterator[Block]:
    seen = t.seen
    for board in seen.boards:
        yield Heading(2, _titled(t.word("heading_ranking" if board.ranked else "heading_scores"), board.title))
        lines = [t.lines[name] for name in board.ids]
        yield from _picture(t, board, lines)
        yield _ranking(t, board, lines)
    if seen.ballots:
        yield Heading(2, t.word("heading_votes"))
        yield _votes(t)
    if not seen.boards and not seen.ballots:
        yield t.table(t.say("results.list"), "id applicant outcome", _plain(seen.applications))
    if seen.rules:
        yield Heading(2, t.word("heading_rules"))
        for title, uses in seen.rules:
            told = [(use.label, use.least, use.used, use.most, use.left) for use in uses]
            yield t.table(title and t.word("table_rules_of", title=title), "rule >least >used >most >left", told)
    if seen.reserve:
        yield Heading(2, t.word("heading_reserve"))
        for title, ids in seen.reserve:
            rows = [(str(place), name, t.applicant(name)) for place, name in enumerate(ids, 1)]
            yield t.table(title, ">place id applicant", rows)


def reasons(t: Teller) -> Iterator[Block]:
    """Why, for every application; those of one outcome stand together."""
    yield Paragraph(t.say("reasons.lead"))
    for count in t.seen.counts:
        lines = [line for line in t.seen.applications if line.outcome == count.outcome]
        if lines:
            yield Heading(2, f"{count.label} ({count.count:,})")
            yield _whys(t, lines)


def _whys(t: Teller, lines: Sequence[ApplicationLine]) -> Grid:
    """Long ids stand above the names, so that the reasons keep their room."""
    if max(len(line.id) for line in lines) > _SHORT_ID:
        return t.table("", "applicant reasons", [(f"{line.id}\n{line.applicant}", _why(t, line)) for line in lines])
    return t.table("", "id applicant reasons", [(line.id, line.applicant, _why(t, line)) for line in lines])


def _why(t: Teller, line: ApplicationLine) -> str:
    told = list(line.reasons)
    if line.deviation:
        told.insert(0, f"{t.word('heading_deviations')}: {line.deviation}")
    return " ".join(told)


def _plain(lines: Sequence[ApplicationLine]) -> list[tuple[str, str, str]]:
    return [(line.id, line.applicant, line.outcome_label) for line in lines]


def _titled(text: str, of: str) -> str:
    return f"{text}: {of}" if of else text


# -- scores -----------------------------------------------------------------------------------------------------------


def _picture(t: Teller, board: Board, lines: Sequence[ApplicationLine]) -> Iterator[Block]:
    """So many bars as fit a page, around the line where there is one."""
    first = max(0, min(board.line - _IN_PICTURE * 2 // 3, len(lines) - _IN_PICTURE))
    shown = lines[first : first + _IN_PICTURE]
    if len(shown) < 2:
        return
    bars = [
        Score(_label(line), Fraction(line.score or 0), f"{line.score} {line.grade or line.outcome_label}", line.outcome)
        for line in shown
    ]
    told = {"shown": len(shown), "all": len(lines), "first": shown[0].score, "last": shown[-1].score}
    described, notes = t.word("chart_described", **told), []
    if board.line:
        described += " " + t.word("chart_line", line=board.line)
        notes.append(t.say("scores.line", count=sum(line.computed == "selected" for line in lines)))
    if board.mark:
        notes.append(t.say("scores.mark", mark=board.mark))
    notes.append(t.say("scores.bars"))
    if len(shown) < len(lines):
        notes.append(t.word("chart_left_out", count=len(lines) - len(shown)))
    title = t.word("chart_ranking") if board.ranked else t.word("chart_scores_plain")
    figure = pictures.scores(
        bars,
        title=title,
        description=described,
        line=board.line - first if board.line else None,
        mark=Fraction(board.mark) if board.mark else None,
        note=" ".join(notes),
    )
    if figure:
        yield figure


def _label(line: ApplicationLine) -> str:
    text = f"{line.rank}. {line.id} {line.applicant}" if line.rank else f"{line.id} {line.applicant}"
    return text if len(text) <= _LABEL else text[: _LABEL - 1].rstrip() + "…"


def _ranking(t: Teller, board: Board, lines: Sequence[ApplicationLine]) -> Grid:
    stages = t.seen.stages()
    parts = [i for i, c in enumerate(t.seen.columns) if (len(stages) > 1) != bool(c.criterion)]
    left_out = len(parts) > _PARTS
    parts = [] if left_out else parts
    has = {name: any(getattr(line, name) for line in lines) for name in ("rank", "grant")}
    heads = [(t.word("column_rank"), True)] if has["rank"] else []
    heads += [(t.word("column_id"), False), (t.word("column_applicant"), False)]
    heads += [(_part(t, i), True) for i in parts]
    heads += [(t.word("column_score"), True), (t.word("column_outcome"), False)]
    heads += [(t.word("column_grant"), True)] if has["grant"] else []
    rows = []
    for place, line in enumerate(lines, start=1):
        cells = [str(line.rank)] if has["rank"] else []
        cells += [line.id, _who(line)]
        cells += [line.parts[i] or "–" for i in parts]
        cells += [line.score or "–", _outcome(t, board, line, place)]
        cells += [line.grant] if has["grant"] else []
        rows.append(Line(tuple(cells), "plain" if line.outcome in ("selected", "reserve") else "soft"))
        if place == board.line:
            count = sum(other.computed == "selected" for other in lines)
            rows.append(Line((t.word("line_here", count=count),), "line"))
    return grid(t.word("table_ranking"), heads, rows, t.say("scores.note"))


def _who(line: ApplicationLine) -> str:
    """The applicant, with type and country below: columns of their own would turn the page."""
    below = " · ".join(filter(None, (line.track, line.country)))
    return f"{line.applicant}\n{below}" if below else line.applicant


def _part(t: Teller, i: int) -> str:
    column = t.seen.columns[i]
    return f"{column.label}\n{t.word('column_weight', weight=column.weight)}" if column.weight else column.label


def _outcome(t: Teller, board: Board, line: ApplicationLine, place: int) -> str:
    """The outcome, and what is told with it: reserve place, grade, passed over, computed otherwise."""
    told = [line.outcome_label]
    if line.place and line.outcome == "reserve":
        told = [t.say("outcome.place", outcome=line.outcome_label, place=line.place)]
    if line.grade:
        told.append(line.grade)
    if board.ranked and place < board.line and line.computed not in ("selected", "undetermined"):
        told.append(t.word("skipped"))
    if line.deviation:
        told.append(t.word("computed_was", outcome=t.labels.outcome(line.computed)))
    return "\n".join(told)


def _votes(t: Teller) -> Grid:
    seen = t.seen
    heads = [(t.word("column_id"), False), (t.word("column_applicant"), False)]
    heads += [(option, True) for option in seen.options]
    heads += [(t.word("column_cast"), True), (t.word("column_seats"), True)]
    heads += [(t.word("column_quorum"), False), (t.word("column_outcome"), False)]
    rows = []
    for ballot in seen.ballots:
        counts = [f"{n:,}" for n in (*ballot.counts, ballot.cast, ballot.seats)]
        quorum = t.word("quorum_met" if ballot.quorum_met else "quorum_not_met")
        rows.append(Line((ballot.application, ballot.applicant, *counts, quorum, ballot.outcome_label)))
    return grid(t.word("table_votes"), heads, rows)
