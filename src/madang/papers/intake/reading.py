"""Tables of applications -> the applications, or every fault by file, row and column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from madang.core.callspec.model import Definition
from madang.core.deciding.case import Application
from madang.core.reasons import Fault, Malformed
from madang.papers.columns import TablePlan
from madang.papers.days import Order
from madang.papers.findings import Findings
from madang.papers.folder import known_sets
from madang.papers.gather import Gather
from madang.papers.intake.columns import Titled, titled
from madang.papers.lines import Lines, recognised_by
from madang.papers.plan import plan
from madang.papers.tables import Table, read_table
from madang.papers.values import Known

#: What somebody has chosen: table -> title -> column, blank for a title that is left out.
Chosen = Mapping[str, Mapping[str, str]]
NOTHING_CHOSEN: Final[Chosen] = {}


@dataclass(frozen=True, slots=True)
class Intake:
    """The applications as the tables say them. `given`: table -> the columns that it has; `rows`: where each stands."""

    applications: tuple[Application, ...]
    given: Mapping[str, frozenset[str]]
    rows: Mapping[str, int]
    remarks: tuple[Fault, ...] = ()


def plans_of(definition: Definition) -> dict[str, TablePlan]:
    """The tables in which applications are handed in: themselves, consortium members, repeated rows of the form."""
    tables = plan(definition, answers_required=False)
    return {
        name: table for name, table in tables.items() if name in ("applications", "members") or name.startswith("rows-")
    }


def read_tables(paths: Mapping[str, Path], plans: Mapping[str, TablePlan]) -> dict[str, Table]:
    """Table -> its cells. Raises `Malformed` with every file that cannot be read. Linear in the cells."""
    found, faults = {}, []
    for name, path in paths.items():
        try:
            found[name] = read_table(path, *recognised_by(plans[name]))
        except Malformed as malformed:
            faults += malformed.faults
    if faults:
        raise Malformed(faults)
    return found


def titles_of(tables: Mapping[str, Table], plans: Mapping[str, TablePlan], chosen: Chosen) -> list[Titled]:
    """Every title of every table, with the column that it means."""
    return [one for name, table in tables.items() for one in titled(name, table, plans[name], chosen.get(name, {}))]


def read_intake(
    tables: Mapping[str, Table],
    definition: Definition,
    chosen: Chosen = NOTHING_CHOSEN,
    *,
    sample: bool,
    dates: Order | None = None,
) -> Intake:
    """Read the rows and hold them against the definition. Whether an application is complete is not asked here: that is
    the review's question.

    Raises `Malformed` with every fault in the order of files, rows and columns (the first 200, then how many more).
    """
    plans, findings = plans_of(definition), Findings()
    known = Known(known_sets(definition, sample=sample), sample=sample, dates=dates)
    lines = {
        name: Lines(tables[name], plans[name], file=number, findings=findings, known=known, chosen=chosen.get(name, {}))
        for number, name in enumerate(plans, start=1)
        if name in tables
    }
    gathered = Gather(definition, lines, for_decision=False, sample=sample)
    case = gathered.case()
    if findings:
        raise Malformed(findings.faults())
    return Intake(
        applications=case.applications,
        given={name: table.columns() for name, table in lines.items()},
        rows=gathered.rows_of_applications(),
        remarks=tuple(remark for table in tables.values() for remark in table.remarks),
    )
