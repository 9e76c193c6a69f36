"""Empty tables for a definition: only those it needs, with lists to choose from and help in both languages."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from madang.core.callspec.blocks import Text
from madang.core.callspec.model import Definition
from madang.core.reasons import Fault, Malformed
from madang.papers.plan import Column, TablePlan, plan
from madang.papers.tables import SUFFIXES
from madang.papers.values import plain
from madang.papers.writing import header_of

README = "읽어 주세요 · Read me"
_LAST_ROW = 100_000  # as far down as choices are offered
_LIST_CHARACTERS = 255  # what a spreadsheet program allows in a list of its own; a longer one stands on the help page

_KINDS: dict[str, Text] = {
    "id": {"ko": "번호나 이름(앞자리 0이 있으면 셀 서식을 텍스트로)", "en": "an id (as text where it begins with 0)"},
    "text": {"ko": "글", "en": "text"},
    "choice": {"ko": "목록에서 하나", "en": "one of the list"},
    "choices": {"ko": "목록에서 여럿, ;로 나눔", "en": "any of the list, separated by ;"},
    "tags": {"ko": "여럿, ;로 나눔", "en": "any number, separated by ;"},
    "country": {"ko": "ISO 3166 두 글자(예: VN)", "en": "two letters of ISO 3166 (such as VN)"},
    "date": {"ko": "날짜 2021-04-20", "en": "a day: 2021-04-20"},
    "partial_date": {"ko": "날짜 2021-04-20, 모르면 2021-04나 2021", "en": "a day, month or year: 2021-04-20, 2021"},
    "moment": {"ko": "일시 2021-04-20 18:00:00", "en": "a moment: 2021-04-20 18:00:00"},
    "yes_no": {"ko": "yes(예) 또는 no(아니요)", "en": "yes or no"},
    "number": {"ko": "숫자", "en": "a number"},
    "score": {"ko": "점수", "en": "a score"},
    "whole": {"ko": "정수", "en": "a whole number"},
    "money": {"ko": "금액(단위는 열 이름의 대괄호 안, 없으면 원)", "en": "an amount (unit in the header, else won)"},
}
_RULES: tuple[Text, ...] = (
    {
        "ko": "첫 번째 시트의 1행(열 이름)은 바꾸지 마시고, 2행부터 적어 주십시오.",
        "en": "Keep row 1 of the first worksheet (the column names) as it is; fill in from row 2.",
    },
    {
        "ko": "셀 병합, 숨긴 행과 열은 쓸 수 없습니다. 숫자는 텍스트가 아니라 숫자로 적어 주십시오.",
        "en": "No merged cells, no hidden rows or columns; numbers as numbers, not as text.",
    },
    {
        "ko": "이 안내 시트는 읽지 않으므로 그대로 두셔도 되고 지우셔도 됩니다.",
        "en": "This page is not read: leave it or delete it.",
    },
)


def write_empty(definition: Definition, folder: Path) -> list[Path]:
    """Write `NAME.xlsx` for each table that this definition needs; returns the files.

    Raises `Malformed` naming every table that is there already, and then writes nothing: work is never overwritten.
    """
    tables = [table for table in plan(definition).values() if table.offered]
    taken = [name for table in tables for suffix in SUFFIXES if (folder / (name := f"{table.name}{suffix}")).exists()]
    if taken:
        raise Malformed([Fault("file_exists", name) for name in taken])
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(table, folder / f"{table.name}.xlsx") for table in tables]


def empty(table: TablePlan) -> bytes:
    """One empty table as the bytes of a workbook."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        _fill(book, table)
    return out.getvalue()


def _write(table: TablePlan, path: Path) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        _fill(book, table)
    return path


def _fill(book: xlsxwriter.Workbook, table: TablePlan) -> None:
    sheet = book.add_worksheet(table.name[:31])
    page = book.add_worksheet(README)
    bold = book.add_format({"bold": True, "bottom": 1})
    text = book.add_format({"num_format": "@"})  # ids and ISO days stay as they are typed
    lists = _help_page(table, page, bold, book.add_format({"text_wrap": True, "valign": "top"}))
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(table.columns):
        title = header_of(column)
        as_text = column.kind in ("id", "date", "partial_date", "moment")
        sheet.set_column(index, index, max(14, len(title) + 3), text if as_text else None)
        sheet.write_string(0, index, title, bold)
        if rule := _validation(column, lists.get(column.id)):
            sheet.data_validation(1, index, _LAST_ROW, index, rule)


def _validation(column: Column, listed: str | None) -> dict[str, Any] | None:
    """What the spreadsheet program may check while somebody types. `listed`: where a long list stands."""
    if column.kind == "yes_no":
        return _list(["yes", "no"])
    if column.kind == "choice" and column.options:
        return _list(listed or list(column.options))
    if column.kind in ("number", "score", "whole", "money"):
        return _bounds(column)
    return None


def _list(source: str | list[str]) -> dict[str, Any]:
    message = "목록에서 골라 주십시오. Choose from the list."
    return {"validate": "list", "source": source, "error_title": "목록 · List", "error_message": message}


def _bounds(column: Column) -> dict[str, Any] | None:
    low = Decimal(0) if column.kind in ("money", "whole") and column.low is None else column.low
    whole = column.kind == "whole" or (column.kind == "number" and column.decimals == 0)
    rule: dict[str, Any] = {"validate": "integer" if whole else "decimal", "error_title": "범위 · Range"}
    told = " ~ ".join("" if bound is None else plain(bound) for bound in (low, column.high))
    rule["error_message"] = f"숫자로 적어 주십시오 · A number: {told}"
    if low is not None and column.high is not None:
        return rule | {"criteria": "between", "minimum": _number(low), "maximum": _number(column.high)}
    if low is not None:
        return rule | {"criteria": ">=", "value": _number(low)}
    return rule | {"criteria": "<=", "value": _number(column.high)} if column.high is not None else None


def _number(bound: Decimal) -> int | float:
    return int(bound) if bound == bound.to_integral_value() else float(bound)


# -- the page of help ---------------------------------------------------------------------------------------------


def _help_page(table: TablePlan, page: Worksheet, bold: Format, wrap: Format) -> dict[str, str]:
    """Write the page; returns for each long list of options the cells where it stands."""
    page.set_column(0, 0, 26)
    page.set_column(1, 4, 44, wrap)
    row = 0
    title = {language: f"{_in(table.title, language)} ({table.name})" for language in ("ko", "en")}
    for said in (title, *_RULES):
        page.write_string(row, 0, said["ko"], bold if row == 0 else None)
        page.write_string(row + 1, 0, said["en"], bold if row == 0 else None)
        row += 2
    row += 1
    for index, heading in enumerate(
        ("열 · Column", "뜻 · Meaning (ko)", "뜻 · Meaning (en)", "적는 법", "How to fill in")
    ):
        page.write_string(row, index, heading, bold)
    for column in table.columns:
        row += 1
        for index, cell in enumerate(_help_of(column)):
            page.write_string(row, index, cell)
    return dict(_long_lists(table, page, bold))


def _help_of(column: Column) -> tuple[str, str, str, str, str]:
    said = tuple(_how(column, language) for language in ("ko", "en"))
    return header_of(column), _in(column.label, "ko"), _in(column.label, "en"), said[0], said[1]


def _how(column: Column, language: str) -> str:
    parts = [_in(_KINDS[column.kind], language)]
    if column.low is not None or column.high is not None:
        low, high = ("" if bound is None else plain(bound) for bound in (column.low, column.high))
        parts.append(f"{low} ~ {high}")
    if column.step is not None:
        parts.append({"ko": f"{plain(column.step)} 단위", "en": f"in steps of {plain(column.step)}"}[language])
    if column.options:
        parts.append(", ".join(column.options[:40]))
    if column.required:
        parts.append({"ko": "필수", "en": "required"}[language])
    return "; ".join(parts)


def _long_lists(table: TablePlan, page: Worksheet, bold: Format) -> Iterator[tuple[str, str]]:
    at = 6
    for column in table.columns:
        if column.kind == "choice" and len(",".join(column.options)) > _LIST_CHARACTERS:
            page.write_string(0, at, f"{column.id}: 목록 · list", bold)
            page.write_column(1, at, column.options)
            letter = chr(ord("A") + at)
            yield column.id, f"='{README}'!${letter}$2:${letter}${len(column.options) + 1}"
            at += 1


def _in(text: Text, language: str) -> str:
    """A label in this language, else in whichever the call has."""
    return text.get(language) or text.get("en") or next(iter(text.values()))
