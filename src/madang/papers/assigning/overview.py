"""The officer's overview of a plan: who reads what, how well that fits, which conflicts were found, what to check.

`paper_of` lays it out once; `workbook` writes it as a spreadsheet, `pdf`, `docx` and `hwpx` as a paper.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import xlsxwriter

from madang.core.reasons import Reason
from madang.papers.assigning.matching import Matched, short, told
from madang.papers.assigning.problems import DECLARED
from madang.papers.blocks import Block, Bullets, Facts, Grid, Heading, Line, Paper, Paragraph, Row, Words
from madang.papers.chapters.telling import grid
from madang.papers.folder import Folder
from madang.words import say
from madang.words.labels import label

_EPOCH = dt.datetime(2000, 1, 1)  # noqa: DTZ001  # a file's own date, the same for the same plan
_LONGEST = 32_767


def paper_of(folder: Folder, found: Sequence[Matched], language: str) -> Paper:
    """All stages, one after the other."""
    t = _Telling(folder, language)
    title = folder.definition.title
    name = title.get(language) or next(iter(title.values()))
    return Paper(
        title=name,
        subtitle=t.own("subtitle"),
        language=language,
        sample_note=label("paper", "sample_mark", language) if folder.case.sample else "",
        parts=tuple(part for matched in found for part in _stage(t, matched)),
        kicker=t.own("kicker"),
        footer=folder.definition.id,
        sample_word=label("paper", "sample_mark", language),
    )


class _Telling:
    def __init__(self, folder: Folder, language: str) -> None:
        self.folder, self.language = folder, language
        self.applicants = {one.id: one.applicant for one in folder.case.applications}

    def own(self, key: str, **params: Any) -> str:
        return label("assign", key, self.language, **params)

    def say(self, reason: Reason | Mapping[str, Any]) -> str:
        if not isinstance(reason, Reason):
            reason = Reason(reason["code"], reason["params"])
        return say(reason, self.language)

    def grid(self, key: str, columns: str, rows: Sequence[Sequence[str]], note: str = "") -> Grid:
        heads = [(self.own(f"column.{name.lstrip('>')}"), name.startswith(">")) for name in columns.split()]
        return grid(self.own(key), heads, [Line(tuple(row)) for row in rows], note)


def _stage(t: _Telling, found: Matched) -> Iterator[Block]:
    title = found.stage.title
    yield Heading(1, (title or {}).get(t.language) or found.stage.id)
    if found.contradictions:
        yield Paragraph(t.own("contradicted"), "alert")
        yield Bullets(tuple(Words(t.say(reason)) for reason in found.contradictions))
    if not found.there_is_one:
        if not found.contradictions:
            key = "no_plan" if found.plan["status"] == "infeasible" else "no_plan_in_time"
            yield Paragraph(t.own(key), "alert")
        reasons = [*map(t.say, found.plan["reasons"]), *map(t.say, found.more)]
        yield Bullets(tuple(map(Words, reasons)))
    else:
        yield Facts(tuple(_facts(t, found)))
        yield _applications(t, found)
        yield _evaluators(t, found)
    yield from _conflicts(t, found)
    if "explained" in found.results:
        yield _why_not(t, found)


def _facts(t: _Telling, found: Matched) -> Iterator[Row]:
    plan, kept = found.plan, "_kept" if found.kept else ""
    told_ = {
        "objective": t.own(f"objective.{plan['objective']}"),
        "proven": t.own(f"status.{plan['status']}{kept}"),
        "worst": _with_bound(t, plan["worst"], plan["bound"]["worst"], kept=kept),
        "total": _with_bound(t, plan["total"], plan["bound"]["total"], so=plan["objective"] == "fair", kept=kept),
        "loads": _loads(t, found),
        "as_of": found.problems["conflicts"]["as_of"],
    }
    for key, value in told_.items():
        yield Row(t.own(key), (Words(value),))
    notes = [t.say(reason) for reason in (*plan["reasons"], *found.results["conflicts"]["reasons"])]
    changed = plan["changed"]
    if changed:
        gone = found.gone()
        told_changes = {"kept": changed["kept"], "lost": len(changed["lost"]) - gone, "new": len(changed["new"])}
        notes.append(t.own("changed_gone" if gone else "changed", **told_changes, gone=gone))
    for more in found.results.get("explained", {}).get("one_more", ()):
        key = "one_more_tagged" if more["tag"] else "one_more"
        notes.append(t.own(key, tag=more["tag"] or "", like=more["like"], gain=short(more["gain"])))
    if notes:
        yield Row(t.own("notes"), tuple(map(Words, dict.fromkeys(notes))))


def _with_bound(t: _Telling, value: str | None, bound: str | None, *, so: bool = False, kept: str = "") -> str:
    """`so`: the bound is of the plans whose worst-served application is served as well; `kept`: that keep most."""
    if value is None:
        return "–"
    if bound is None:
        return short(value)
    best = "proven_best_so" if so else "proven_best"
    return t.own((best if value == bound else "bounded") + kept, value=short(value), bound=short(bound))


def _loads(t: _Telling, found: Matched) -> str:
    loads = [one["load"] for one in found.plan["evaluators"]]
    return t.own("load_range", least=min(loads), most=max(loads), idle=loads.count(0))


def _applications(t: _Telling, found: Matched) -> Grid:
    rows = [
        (
            one["id"],
            t.applicants.get(one["id"], ""),
            short(one["sum"]),
            ", ".join(f"{name} ({short(found.affinities[one['id'], name])})" for name in one["evaluators"]),
        )
        for one in found.plan["applications"]
    ]
    return t.grid("readers", "application applicant >sum evaluators", rows, t.own("readers_note"))


def _evaluators(t: _Telling, found: Matched) -> Grid:
    reads: dict[str, list[str]] = {}
    for application, evaluator in found.plan["pairs"]:
        reads.setdefault(evaluator, []).append(application)
    rows = [
        (
            who.evaluator,
            ", ".join(who.tags),
            str(len(reads.get(who.evaluator, ()))),
            ", ".join(reads.get(who.evaluator, ())),
        )
        for who in found.people
    ]
    return t.grid("loads_of", "evaluator tags >load applications", rows)


def _conflicts(t: _Telling, found: Matched) -> Iterator[Block]:
    for key, lines in (("conflicts", found.found()), ("to_check", found.suspected())):
        pairs: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for line in lines:
            pairs.setdefault((line["application"], line["evaluator"]), []).append(line)
        taken = {tuple(pair) for pair in found.plan["pairs"]}
        rows = [
            (
                application,
                evaluator,
                ", ".join(dict.fromkeys(t.own(f"rule.{line['rule']}") for line in own)),
                _evidence(t, application, evaluator, own),
                *((t.own("yes" if (application, evaluator) in taken else "no"),) if key == "to_check" else ()),
            )
            for (application, evaluator), own in pairs.items()
        ]
        if not rows:
            yield Paragraph(t.own(f"no_{key}"))
        elif key == "to_check":
            yield t.grid(key, "application evaluator rule evidence in_plan", rows, t.own("to_check_note"))
        else:
            yield t.grid(key, "application evaluator rule evidence", rows)


def _evidence(t: _Telling, application: str, evaluator: str, lines: Sequence[Mapping[str, Any]]) -> str:
    """What was found, and of what was declared the words of the folder."""
    found = told([line for line in lines if line["rule"] != DECLARED], t.say)
    if not any(line["rule"] == DECLARED for line in lines):
        return found
    rows = t.folder.case.conflicts
    said = next((r.reason for r in rows if (r.application, r.evaluator) == (application, evaluator)), "")
    return " ".join(filter(None, (said, found)))


def _why_not(t: _Telling, found: Matched) -> Grid:
    rows = [
        (
            one["application"],
            one["evaluator"],
            short(found.affinities[one["application"], one["evaluator"]]),
            " ".join(_reasons(t, found, one)),
        )
        for one in found.results["explained"]["explain"]
    ]
    return t.grid("why_not", "application evaluator >affinity why", rows, t.own("why_not_note"))


def _reasons(t: _Telling, found: Matched, one: Mapping[str, Any]) -> Iterator[str]:
    """Why, and what the plan would be with this pair, as far as that was worked out."""
    forced = found.forced.get((one["application"], one["evaluator"]))
    for reason in one["reasons"]:
        if reason["code"] != "explain_not_forced":
            yield t.say(reason)
    if forced is not None:
        yield t.say(forced)


# -- as a spreadsheet ---------------------------------------------------------------------------------------------


def workbook(paper: Paper) -> bytes:
    """A worksheet of what is said, then one for each table; numbers as numbers, all other cells as text."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": paper.title[:250], "created": _EPOCH})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        head = book.add_format({"bold": True, "bg_color": "#EEF2F7", "bottom": 2, "text_wrap": True})
        bold = book.add_format({"bold": True, "font_size": 14})
        front = book.add_worksheet(label("assign", "summary", paper.language))
        front.set_column(0, 0, 34, wrap)
        front.set_column(1, 1, 90, wrap)
        row, taken = 0, {front.get_name().casefold()}
        for text in filter(None, (paper.title, paper.subtitle, paper.sample_note)):
            front.write_string(row, 0, text, bold if row == 0 else None)
            row += 1
        for part in paper.parts:
            if isinstance(part, Grid):
                _worksheet(book, part, head, wrap, taken)
            else:
                row = _front(front, part, row, bold)
    return out.getvalue()


def _front(sheet: Any, part: Block, row: int, bold: Any) -> int:
    match part:
        case Heading(text=text):
            sheet.write_string(row + 1, 0, text, bold)
            return row + 2
        case Paragraph(text=text):
            sheet.write_string(row, 1, text[:_LONGEST])
            return row + 1
        case Bullets(items=items):
            for item in items:
                sheet.write_string(row, 1, str(item.text)[:_LONGEST])
                row += 1
        case Facts(rows=rows):
            for fact in rows:
                sheet.write_string(row, 0, fact.label)
                for value in fact.values:
                    sheet.write_string(row, 1, value.text[:_LONGEST])
                    row += 1
    return row


def _worksheet(book: Any, table: Grid, head: Any, wrap: Any, taken: set[str]) -> None:
    name = next(n for i in range(1, 99) if (n := table.title[:27] + (f" {i}" if i > 1 else "")).casefold() not in taken)
    taken.add(name.casefold())
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(table.columns):
        widest = max([len(column.label), *(len(row.cells[index]) for row in table.rows)])
        sheet.set_column(index, index, min(80, max(10, widest + 2)), wrap)
        sheet.write_string(0, index, column.label, head)
        for number, row in enumerate(table.rows, start=1):
            value = _number(row.cells[index]) if column.align == "right" else None
            if value is None:
                sheet.write_string(number, index, row.cells[index][:_LONGEST])
            else:
                sheet.write_number(number, index, value)
    if table.note:
        sheet.write_string(len(table.rows) + 2, 0, table.note)
    sheet.autofilter(0, 0, max(1, len(table.rows)), len(table.columns) - 1)


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
