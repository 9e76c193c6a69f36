"""A decision as an XLSX workbook, for those who want to sort, filter and add up.

Every cell is a value. Text is always written as text, so that an applicant called `=HYPERLINK(...)` stays a name; a
score becomes a number only where a spreadsheet holds it exactly as it is printed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from madang.core.record.read import Record
from madang.papers.decision import ApplicationLine, DecisionView, view, words

_LONGEST = 32_767
"""So many characters fit a cell; XlsxWriter would leave a longer text out."""
_EPOCH = dt.datetime(2000, 1, 1)  # noqa: DTZ001  # a file's own date, the same for the same record

Cell = str | int | None
Row = Sequence[Cell]


def write_workbook(record: Record, path: Path, language: str) -> None:
    """Write the workbook of a record to `path`, in one language (`ko`, else English). The same record gives the same
    bytes. Raises `Malformed` like `decision.view`, and `OSError`. Cost: linear in the record, constant memory.
    """
    write_view(view(record, language), path)


def write_view(seen: DecisionView, path: Path) -> None:
    """The same from a view that is made already."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with path.open("wb") as file:
        book = xlsxwriter.Workbook(file, options)
        book.set_properties({"title": _fit(seen.title, 250), "created": _EPOCH})
        _Book(book, seen).write()
        try:
            book.close()
        except xlsxwriter.exceptions.FileCreateError as error:
            raise OSError(str(error)) from None


class _Book:
    def __init__(self, book: Any, seen: DecisionView) -> None:
        self.book = book
        self.seen = seen
        wrapped = {"text_wrap": True, "valign": "top"}
        self.head = book.add_format({"bold": True, "bg_color": "#EEF2F7", "bottom": 2, **wrapped})
        self.text = book.add_format(wrapped)
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.banner = book.add_format({"bold": True, "bg_color": "#FFE98A", "font_color": "#4A1D78"})
        self.numbers: dict[str, Any] = {}

    def say(self, code: str, **params: object) -> str:
        return words(code, self.seen.language, **params)

    def column(self, name: str) -> str:
        return self.say(f"column_{name}")

    def write(self) -> None:
        self._summary()
        self._results()
        if self.seen.columns:
            self._detail()
        self._reasons()
        self._sheets()
        if self.seen.rules:
            self._rules()
        self._statistics()
        if self.seen.ballots:
            self._votes()
        self._verify()

    # -- one function a sheet -----------------------------------------------------------------------------------------

    def _summary(self) -> None:
        seen, say = self.seen, self.say
        sheet = self._sheet("summary")
        row = self._banner(sheet)
        sheet.write_string(row, 0, _fit(seen.title), self.title)
        facts: list[Row] = [
            (say("subtitle"), seen.headline),
            (say("received"), seen.received),
            *((count.label, count.count) for count in seen.counts),
        ]
        if seen.grant_total:
            facts.append((say("grant_total"), seen.grant_total))
        facts += [(say("not_settled"), reason) for reason in seen.status_reasons]
        facts += [
            (say("fact_call"), seen.call),
            (say("fact_decided"), seen.decided_at),
            (say("fact_root"), seen.root),
            *((say("fact_signed"), key) for key in seen.keys or (say("fact_unsigned"),)),
            (say("fact_program"), seen.program),
            (say("fact_edition"), say(f"edition_{seen.edition}")),
        ]
        if seen.note:
            facts.append((say("fact_note"), seen.note))
        facts += [(say("heading_rule"), sentence) for sentence in seen.rule]
        facts += [
            (f"{say('heading_opinions')}: {opinion.question} {answer}", count)
            for opinion in seen.opinions
            for answer, count in opinion.answers
        ]
        facts += [(say("heading_conflicts"), f"{c.evaluator} – {c.application}: {c.reason}") for c in seen.conflicts]
        facts.append((say("column_notes"), say("workbook_made")))
        self._table(sheet, row + 2, (say("column_item"), say("column_value")), facts, widths=(30, 90))

    def _results(self) -> None:
        head = ["rank", "id", "applicant", "type", "country", "score", "passed", "outcome", "computed", "place"]
        head += ["grade", "grant_won", "reason"]
        rows = (
            (
                line.rank,
                line.id,
                line.applicant,
                line.track,
                line.country,
                line.score,
                None if line.passed is None else self.say("yes" if line.passed else "no"),
                line.outcome_label,
                line.outcome_label if line.computed == line.outcome else self._label(line.computed),
                line.place,
                line.grade,
                line.grant_krw,
                line.deviation,
            )
            for line in self.seen.applications
        )
        sheet = self._sheet("results")
        widths = (8, 12, 36, 30, 20, 10, 12, 14, 14, 10, 12, 18, 40)
        self._table(
            sheet, self._banner(sheet), [self.column(n) for n in head], rows, widths=widths, scores={5}, frozen=3
        )

    def _detail(self) -> None:
        columns = self.seen.columns
        head = [self.column(name) for name in ("rank", "id", "applicant", "score")]
        for column in columns:
            label = f"{column.stage_label} – {column.label}" if column.criterion else column.stage_label
            head.append(f"{label} ({column.weight})" if column.weight else label)
        lines = [line for line in self.seen.applications if any(part is not None for part in line.parts)]
        rows = ((line.rank, line.id, line.applicant, line.score, *line.parts) for line in lines)
        sheet = self._sheet("detail")
        widths = (8, 12, 36, 10, *(18 for _ in columns))
        scores = set(range(3, 4 + len(columns)))
        self._table(sheet, self._banner(sheet), head, rows, widths=widths, scores=scores, frozen=3)

    def _reasons(self) -> None:
        head = [self.column(name) for name in ("id", "applicant", "outcome", "reason")]
        rows = (
            (line.id, line.applicant, line.outcome_label, reason)
            for line in self.seen.applications
            for reason in self._told(line)
        )
        sheet = self._sheet("reasons")
        self._table(sheet, self._banner(sheet), head, rows, widths=(12, 36, 16, 100))

    def _told(self, line: ApplicationLine) -> Iterable[str]:
        if line.deviation:
            yield f"{self.say('heading_deviations')}: {line.deviation}"
        yield from line.reasons
        for task in line.tasks:
            yield " ".join((f"{task.task}: {task.outcome_label}.", *task.reasons))

    def _sheets(self) -> None:
        """As entered, one column for each criterion of each stage; a sheet fills those of its own."""
        criteria = [column for column in self.seen.columns if column.criterion]
        if not self.seen.sheets:
            return
        head = [self.column(name) for name in ("sheet", "stage", "id", "evaluator")]
        judged = [column for column in criteria if any(column.stage == sheet.stage for sheet in self.seen.sheets)]
        several = len({column.stage for column in judged}) > 1
        head += [f"{column.stage_label} – {column.label}" if several else column.label for column in judged]
        head += [self.column(name) for name in ("counted", "comment", "notes")]
        first = {
            stage: next(i for i, c in enumerate(judged) if c.stage == stage) for stage in {c.stage for c in judged}
        }

        def rows() -> Iterable[Row]:
            for line in self.seen.sheets:
                scores: list[Cell] = [None] * len(judged)
                start = first.get(line.stage, 0)
                scores[start : start + len(line.scores)] = line.scores
                told = (line.leaf, line.stage_label, line.application, line.evaluator)
                yield (*told, *scores[: len(judged)], line.state_label, line.comment, line.notes)

        sheet = self._sheet("sheets")
        widths = (16, 22, 12, 16, *(14 for _ in judged), 22, 50, 30)
        scores = set(range(4, 4 + len(judged)))
        self._table(sheet, self._banner(sheet), head, rows(), widths=widths, scores=scores, frozen=4)

    def _rules(self) -> None:
        head = [self.column(name) for name in ("list", "rule", "least", "used", "most", "left")]
        rows: list[Row] = [
            (title, use.label, *(_whole(cell) for cell in (use.least, use.used, use.most, use.left)))
            for title, uses in self.seen.rules
            for use in uses
        ]
        reserve = self.say("heading_reserve")
        rows += [
            (title, f"{reserve} {place}", None, name, None, None)
            for title, ids in self.seen.reserve
            for place, name in enumerate(ids, start=1)
        ]
        sheet = self._sheet("rules")
        self._table(sheet, self._banner(sheet), head, rows, widths=(30, 50, 22, 44, 16, 22))

    def _statistics(self) -> None:
        head = [self.column(name) for name in ("table", "group", "cases", "countries", "share")]
        rows = [
            (table.title, row.label, row.cases, row.countries if table.countries else None, row.share)
            for table in self.seen.statistics
            for row in (*table.rows, table.total)
        ]
        if not rows:
            return
        sheet = self._sheet("statistics")
        self._table(sheet, self._banner(sheet), head, rows, widths=(24, 44, 14, 14, 12), scores={4})

    def _votes(self) -> None:
        by_task = any(ballot.task for ballot in self.seen.ballots)
        head = [self.column("id"), self.column("applicant"), *([self.column("task")] if by_task else [])]
        head += self.seen.options
        head += [self.column(name) for name in ("cast", "seats", "quorum", "outcome")]
        rows: list[Row] = [
            (
                ballot.application,
                ballot.applicant,
                *([ballot.task] if by_task else []),
                *ballot.counts,
                ballot.cast,
                ballot.seats,
                self.say("quorum_met" if ballot.quorum_met else "quorum_not_met"),
                ballot.outcome_label,
            )
            for ballot in self.seen.ballots
        ]
        sheet = self._sheet("votes")
        widths = (12, 36, *((48,) if by_task else ()), *(10 for _ in self.seen.options), 10, 10, 12, 16)
        self._table(sheet, self._banner(sheet), head, rows, widths=widths)

    def _verify(self) -> None:
        sheet = self._sheet("verify")
        rows = [*((one,) for one in self.seen.verify), *((one,) for one in self.seen.commands), (self.seen.root,)]
        self._table(sheet, self._banner(sheet), (self.say("heading_verify"),), rows, widths=(120,))

    # -- cells --------------------------------------------------------------------------------------------------------

    def _sheet(self, name: str) -> Any:
        sheet = self.book.add_worksheet(_fit(self.say(f"sheet_{name}"), 31))
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        if self.seen.sample:
            sheet.set_header(f"&C&B{self.say('sample_long')}")
        return sheet

    def _banner(self, sheet: Any) -> int:
        """The sample banner, where there is one; the row after it."""
        if not self.seen.sample:
            return 0
        sheet.write_string(0, 0, self.say("sample_long"), self.banner)
        return 1

    def _table(
        self,
        sheet: Any,
        top: int,
        head: Sequence[str],
        rows: Iterable[Row],
        *,
        widths: Sequence[int],
        scores: frozenset[int] | set[int] = frozenset(),
        frozen: int = 0,
    ) -> None:
        """A head that stays in sight and filters, and rows below it. Texts in `scores` columns are decimals."""
        for number, width in enumerate(widths):
            sheet.set_column(number, number, width)
        sheet.freeze_panes(top + 1, frozen)
        sheet.repeat_rows(top)
        for number, label in enumerate(head):
            sheet.write_string(top, number, _fit(label), self.head)
        last = top
        for last, row in enumerate(rows, start=top + 1):
            for number, cell in enumerate(row):
                self._cell(sheet, last, number, cell, number in scores)
        sheet.autofilter(top, 0, max(last, top + 1), len(head) - 1)

    def _cell(self, sheet: Any, row: int, column: int, cell: Cell, score: bool) -> None:
        if cell is None or cell == "":
            return
        if isinstance(cell, int):
            sheet.write_number(row, column, cell, self._number("#,##0"))
        elif score and (decimals := _decimals(cell)) is not None:
            sheet.write_number(row, column, float(cell), self._number("0" + ("." + "0" * decimals if decimals else "")))
        else:
            sheet.write_string(row, column, _fit(cell), self.text)

    def _number(self, shape: str) -> Any:
        if shape not in self.numbers:
            self.numbers[shape] = self.book.add_format({"num_format": shape, "valign": "top"})
        return self.numbers[shape]

    def _label(self, outcome: str) -> str:
        code = f"outcome_{self.seen.outcome_kind}_{outcome}" if "selected" in outcome else f"outcome_{outcome}"
        return self.say(code)


def _decimals(text: str) -> int | None:
    """How many decimals a number has that a spreadsheet holds as printed (15 digits); None where it is none."""
    whole, dot, rest = text.removeprefix("-").partition(".")
    plain = whole.isascii() and whole.isdigit() and (not dot or (rest.isascii() and rest.isdigit()))
    return len(rest) if plain and len(whole) + len(rest) <= 15 else None


def _whole(text: str) -> Cell:
    """A count as a number; amounts and sentences stay words."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else text


def _fit(text: str, most: int = _LONGEST) -> str:
    """Without control characters, and not longer than a cell."""
    if text.isprintable() and len(text) <= most:  # nearly every cell: nothing to take out
        return text
    kept = "".join(letter if letter >= " " or letter in "\n\t" else "\ufffd" for letter in text)
    kept = kept.encode("utf-8", "replace").decode()
    return kept if len(kept) <= most else kept[: most - 1] + "…"
