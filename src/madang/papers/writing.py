"""A `Case` -> the tables of a folder, as `folder.read` reads them back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import xlsxwriter
from ruamel.yaml import YAML

from madang.core.callspec import parse
from madang.core.callspec.asked import WON_PER_UNIT, RowsField
from madang.core.callspec.model import Definition
from madang.core.deciding.case import Application, Case, Sheet
from madang.papers.assigning.roster import NOBODY, ROSTER, Roster
from madang.papers.folder import ABOUT, DEFINITION
from madang.papers.plan import NUMERIC, Column, TablePlan, plan
from madang.papers.sisters import FOLDER as SISTERS
from madang.papers.values import plain

_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """A table ready to be written: the header, and each row's cells as text, numbers (`Decimal`, `int`) or nothing."""

    name: str
    header: list[str]
    rows: list[list[Any]]


def write_folder(
    definition_text: str,
    case: Case,
    folder: Path,
    kind: Literal["csv", "xlsx"] = "csv",
    *,
    note: Mapping[str, str] | None = None,
    decided_at: str | None = None,
    roster: Roster = NOBODY,
) -> list[Path]:
    """Write a folder that `madang decide` takes: the definition, `folder.yaml`, and each table that holds rows.

    Files of the same names are replaced; nothing is removed. Returns the files in the order written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    definition = parse(definition_text)
    files = [folder / DEFINITION]
    files[0].write_text(definition_text, "utf-8")
    if about := _about(case, note, decided_at):
        files.append(folder / ABOUT)
        with files[-1].open("w", encoding="utf-8") as stream:
            _yaml().dump(about, stream)
    for table in tables_of(definition, case, roster):
        files.append(folder / f"{table.name}.{kind}")
        (_write_csv if kind == "csv" else _write_xlsx)(files[-1], table)
    return [*files, *_write_sisters(case, folder)]


def tables_of(definition: Definition, case: Case, roster: Roster = NOBODY) -> Iterator[Written]:
    """The tables of a case that hold rows, and those that a decision cannot do without."""
    for table in plan(definition).values():
        rows = list(_rows(table.name, definition, case, roster))
        if rows or table.required:
            yield _written(table, rows)


def header_of(column: Column) -> str:
    return f"{column.id} [{column.unit}]" if column.kind == "money" and column.unit != "one" else column.id


def _about(case: Case, note: Mapping[str, str] | None, decided_at: str | None) -> dict[str, Any]:
    about: dict[str, Any] = {"sample": True} if case.sample else {}
    if note:
        about["note"] = dict(note)
    if decided_at:
        about["decided_at"] = decided_at
    if case.batch:
        about["cut_off"] = case.batch[0].cut_off
    return about


def _yaml() -> YAML:
    yaml = YAML()
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


# -- a case as rows of columns ------------------------------------------------------------------------------------


def _rows(name: str, definition: Definition, case: Case, roster: Roster) -> Iterable[_Row]:
    if name == "applications":
        return (_application(definition, application) for application in case.applications)
    if name == "members":
        return ({"application": a.id, **member} for a in case.applications for member in a.members)
    if name.startswith("rows-"):
        return _repeated(name.removeprefix("rows-"), case)
    if name in ROSTER:
        return (row.as_json() for row in getattr(roster, name))
    if name == "lots":
        return ({"application": application} for application in case.lot_order)
    if name == "sheets":
        return (_sheet(sheet) for sheet in case.sheets)
    rows: tuple[Any, ...] = getattr(case, name)
    return (row.as_json() for row in rows)


def _write_sisters(case: Case, folder: Path) -> Iterator[Path]:
    """Who applied in each sister call, as an applicant list of that call."""
    for call in dict.fromkeys(row.call for row in case.sisters):
        rows = [row.as_json() for row in case.sisters if row.call == call]
        listed = [{name: value for name, value in row.items() if name != "call"} for row in rows]
        path = folder / SISTERS / f"{call}.json"
        path.parent.mkdir(exist_ok=True)
        text = json.dumps({"madang_applicants": 1, "call": call, "applicants": listed}, ensure_ascii=False, indent=1)
        path.write_text(text + "\n", "utf-8")
        yield path


def _application(definition: Definition, application: Application) -> _Row:
    answers = {f.id: application.answers.get(f.id) for f in definition.fields() if not isinstance(f, RowsField)}
    general = ("applicant", "kind", "organisation", "track", "country", "received")
    return answers | {"application": application.id} | {name: getattr(application, name) for name in general}


def _repeated(field: str, case: Case) -> Iterator[_Row]:
    for application in case.applications:
        rows = application.answers.get(field) or []
        assert isinstance(rows, list)
        for row in rows:
            yield {"application": application.id, **row}


def _sheet(sheet: Sheet) -> _Row:
    notes = {f"note:{name}": text for name, text in sheet.notes.items()}
    row = {
        "application": sheet.application,
        "evaluator": sheet.evaluator,
        "stage": sheet.stage,
        "comment": sheet.comment,
    }
    return {**row, **sheet.scores, **notes}


# -- rows as cells ------------------------------------------------------------------------------------------------


def _written(table: TablePlan, rows: list[_Row]) -> Written:
    """Columns that nobody fills are left out, where the header may do without them."""
    used = {name for row in rows for name, value in row.items() if value not in (None, "", [], ())}
    columns = [column for column in table.columns if column.required or column.id in used]
    notes = sorted({name for row in rows for name in row if name.startswith("note:")}) if table.notes else []
    cells = [[_cell(row.get(c.id), c) for c in columns] + [row.get(note) for note in notes] for row in rows]
    return Written(table.name, [*(header_of(column) for column in columns), *notes], cells)


def _cell(value: Any, column: Column) -> Any:
    if value is None or value in ("", [], ()):
        return None
    if column.kind == "yes_no":
        return "yes" if value else "no"
    if column.kind == "money":
        return Decimal(value) / WON_PER_UNIT[column.unit]
    if column.kind in NUMERIC:
        return Decimal(value)
    return ";".join(value) if isinstance(value, list | tuple) else value


def csv_text(table: Written) -> str:
    """A table as the text of its CSV."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(table.header)
    for row in table.rows:
        writer.writerow(["" if c is None else plain(c) if isinstance(c, Decimal) else c for c in row])
    return stream.getvalue()


def _write_csv(path: Path, table: Written) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(csv_text(table))


def _write_xlsx(path: Path, table: Written) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet(table.name[:31])
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for index, title in enumerate(table.header):
            sheet.write_string(0, index, title, bold)
        for number, row in enumerate(table.rows, start=1):
            for index, cell in enumerate(row):
                if isinstance(cell, Decimal):
                    sheet.write_number(number, index, cell)
                elif cell is not None:
                    sheet.write_string(number, index, str(cell))
