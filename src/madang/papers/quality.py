"""The auditor's quality report: what the score sheets of a decided call say about the ranking that came of them.

`quality(record)` estimates, `paper_of` lays out, `as_json` gives the figures to other programs. Nothing here enters a
record, and nothing official depends on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from madang.core.deciding.quality import StageQuality, quality_of
from madang.core.reasons import Fault, Malformed
from madang.core.record.read import Record
from madang.papers import pictures
from madang.papers.blocks import Block, Bullets, Grid, Heading, Line, Paper, Paragraph, Words
from madang.papers.chapters.opening import host_of
from madang.papers.chapters.telling import Teller, grid, groups_of_four
from madang.papers.charts_estimates import Interval
from madang.papers.decision import DecisionView
from madang.words.labels import label

_IN_PICTURE = 40  # intervals that fit a page


def quality(record: Record) -> list[StageQuality]:
    """Raises `Malformed`: another edition than the auditor's, or nothing that was judged by sheets."""
    if record.edition != "auditor":
        raise Malformed([Fault("edition_without_report", "/edition", {"edition": record.edition})])
    return quality_of(record.definition(), record.case(), record.computed())


def as_json(record: Record, found: Sequence[StageQuality]) -> dict[str, Any]:
    """The figures with the root of the record that they speak of."""
    parts = ("estimates", "evaluators", "variance", "connected", "engine")
    lists = [
        {
            "stage": one.stage,
            "list": one.list,
            "top": one.top,
            **{part: one.result[part] for part in parts},
            "reasons": one.reasons(),
        }
        for one in found
    ]
    return {"kind": "quality", "version": 1, "call": record.meta["call"], "root": record.root, "lists": lists}


def paper_of(view: DecisionView, record: Record, found: Sequence[StageQuality]) -> Paper:
    """The report in the language of the view."""
    t = _Telling(view, record)
    return Paper(
        title=view.title,
        subtitle=host_of(t),
        language=view.language,
        sample_note=t.word("sample_long") if view.sample else "",
        parts=tuple(_parts(t, found)),
        kicker=t.own("kicker"),
        footer=t.say("footer", call=view.call, root=groups_of_four(view.root[:16])),
        made="",
        sample_word=t.say("sample_mark"),
    )


class _Telling(Teller):
    def own(self, key: str, **params: Any) -> str:
        return label("quality", key, self.language, **params)


def _parts(t: _Telling, found: Sequence[StageQuality]) -> Iterator[Block]:
    yield Paragraph(t.own("lead"), "lead")
    yield Bullets(tuple(Words(t.own(f"reading.{name}")) for name in ("score", "interval", "chance", "leniency")))
    for number, one in enumerate(found, 1):
        title = t.labels.stage(one.stage)
        if one.list != "all":
            title = f"{title}: {t.labels.track(one.list)}"
        yield Heading(1, title, str(number))
        yield from _stage(t, one)


def _stage(t: _Telling, one: StageQuality) -> Iterator[Block]:
    for reason in one.reasons():
        yield Paragraph(t.speaker.say(reason), "note")
    variance = one.result["variance"]
    if variance is not None:
        yield Paragraph(_where_differences_come_from(t, variance))
    lines = one.in_order()
    if lines:
        yield Heading(2, t.own("applications"))
        yield from _picture(t, one, lines)
        yield _applications(t, one, lines)
    if one.result["evaluators"]:
        yield Heading(2, t.own("evaluators"))
        yield _evaluators(t, one.result["evaluators"])


def _where_differences_come_from(t: _Telling, variance: Mapping[str, float]) -> str:
    whole = sum(variance.values())
    if not whole:
        return t.own("no_differences")
    shares = {name: f"{100 * value / whole:.0f}" for name, value in variance.items()}
    return t.own("variance", **shares)


def _picture(
    t: _Telling, one: StageQuality, lines: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]
) -> Iterator[Block]:
    first = max(0, min(one.top - _IN_PICTURE // 2, len(lines) - _IN_PICTURE))
    rows = [
        Interval(
            f"{one.ranks.get(line['id'], place)}. {line['id']} {t.applicant(line['id'])}"[:34],
            estimate["calibrated"],
            estimate["low"],
            estimate["high"],
            _percent(estimate["p_top"]),
            line["id"] in one.selected,
        )
        for place, (line, estimate) in enumerate(lines, 1)
    ][first : first + _IN_PICTURE]
    told = {"shown": len(rows), "all": len(lines), "top": one.top}
    figure = pictures.intervals(
        rows, title=t.own("chart"), description=t.own("chart_described", **told), line=_line(one, lines) - first
    )
    if figure is not None:
        yield figure


def _line(one: StageQuality, lines: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> int:
    """After how many the line stands: after the last one selected."""
    return max((place for place, (line, _) in enumerate(lines, 1) if line["id"] in one.selected), default=0)


def _applications(t: _Telling, one: StageQuality, lines: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> Grid:
    heads = [(t.word("column_rank"), True), (t.word("column_id"), False), (t.word("column_applicant"), False)]
    heads += [(t.word("column_score"), True)]
    heads += [(t.own(f"column.{name}"), True) for name in ("calibrated", "interval", "chance", "expected")]
    rows = [
        Line(
            (
                str(one.ranks.get(line["id"]) or line["rank"] or "–"),
                line["id"],
                t.applicant(line["id"]),
                line["score"] or "–",
                f"{estimate['calibrated']:.2f}",
                f"{estimate['low']:.2f}–{estimate['high']:.2f}",
                _percent(estimate["p_top"]),
                f"{estimate['expected_rank']:.1f}",
            ),
            "plain" if line["id"] in one.selected else "soft",
        )
        for line, estimate in lines
    ]
    if 0 < one.top < len(rows) and {line["id"] for line, _ in lines[: one.top]} == one.selected:
        rows.insert(one.top, Line((t.own("line", top=one.top),), "line"))
    return grid(t.own("applications"), heads, rows, t.own("note"))


def _evaluators(t: _Telling, evaluators: Sequence[Mapping[str, Any]]) -> Grid:
    heads = [(t.own("column.evaluator"), False), (t.own("column.sheets"), True), (t.own("column.leniency"), True)]
    heads += [(t.own("column.interval"), True), (t.own("column.says"), False)]
    rows = [
        Line(
            (
                one["id"],
                str(one["sheets"]),
                f"{one['leniency']:+.2f}",
                f"{one['low']:+.2f} … {one['high']:+.2f}",
                t.own("lenient" if one["low"] > 0 else "strict" if one["high"] < 0 else "not_told"),
            )
        )
        for one in sorted(evaluators, key=lambda one: (-one["leniency"], one["id"]))
    ]
    return grid(t.own("evaluators"), heads, rows, t.own("evaluators_note"))


def _percent(share: float) -> str:
    """Never 0 or 100: draws came out so, not the world."""
    if share < 0.005:
        return "< 0.5 %"
    return "> 99.5 %" if share > 0.995 else f"{100 * share:.0f} %"
