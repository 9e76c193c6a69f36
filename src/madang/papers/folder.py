"""A folder with a definition and its tables -> a `Case`, or every fault by file, row and column. Nothing is computed.

Format: `docs/formats/folder.md`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from madang.core.callspec import parse
from madang.core.callspec.blocks import Moment, Text
from madang.core.callspec.model import Definition
from madang.core.callspec.rule import ByRank
from madang.core.callspec.source import Source
from madang.core.deciding.case import Batch, Case
from madang.core.problem import Strict, read_problem
from madang.core.reasons import Fault, Malformed
from madang.papers.assigning.roster import NOBODY, Roster
from madang.papers.classifications import load
from madang.papers.days import Order
from madang.papers.findings import Findings
from madang.papers.gather import Gather
from madang.papers.lines import Lines, recognised_by
from madang.papers.plan import NAMES, TablePlan, plan
from madang.papers.sisters import FOLDER as SISTERS
from madang.papers.sisters import read_sisters
from madang.papers.tables import SUFFIXES, read_table
from madang.papers.values import Known, nearest, shown

DEFINITION = "call.yaml"
ABOUT = "folder.yaml"
INVENTED = "iso-user-assigned"
MAX_YAML_BYTES = 4 * 10**6
_OTHER_TABLES = frozenset({".xls", ".xlsm", ".xlsb", ".tsv", ".fods", ".numbers", ".et", ".hcell", ".cell"})


@dataclass(frozen=True, slots=True)
class Folder:
    """What a folder holds. `note`: its provenance, shown on outputs; `remarks`: worth knowing, but no faults.

    `roster`: who may evaluate, where evaluators are assigned; it enters no record.
    """

    definition: Definition
    definition_text: str
    case: Case
    note: Mapping[str, str] | None = None
    decided_at: str | None = None
    remarks: tuple[Fault, ...] = ()
    roster: Roster = NOBODY


class About(Strict):
    """`folder.yaml`."""

    sample: bool = False
    note: Text | None = None
    decided_at: Moment | None = None
    cut_off: Moment | None = None
    dates: Order | None = None  # how dates with the year last are written in every table


#: What `madang assign` does not read: the scores, and the plan that it makes.
_AFTER_ASSIGNING = ("assignments", "assignment_plans", "sheets", "votes", "appointments")


def read(
    folder: Path,
    *,
    known: Mapping[str, Collection[str]] | None = None,
    for_decision: bool = True,
    before_scores: bool = False,
) -> Folder:
    """Read a folder and hold its tables against its definition and each other.

    `known`: the ids of each classification by its role (`country`, `field`, ...), else those that the definition names.
    `for_decision=False` asks for applications only, and no answers of them (reception statistics); `before_scores` asks
    for applications and evaluators, and reads no plan and no sheets. Raises `Malformed`
    with every fault in the order of files, rows and columns (the first 200, then how many more). Linear in the cells.
    """
    if not folder.is_dir():
        raise Malformed([Fault("folder_missing", shown(str(folder)))])
    text = _yaml_text(folder, DEFINITION)
    if text is None:
        raise Malformed([Fault("definition_missing", DEFINITION)])
    with _within(DEFINITION):
        definition = parse(text)
    findings = Findings()
    about = _about(folder, findings)
    with _within(DEFINITION):
        sets = known if known is not None else known_sets(definition, sample=about.sample)
    tables, remarks = _tables(folder, definition, about, findings, sets, for_decision, before_scores)
    gathered = Gather(definition, tables, for_decision=for_decision, sample=about.sample)
    case = gathered.case()
    sisters, more = read_sisters(folder, definition, findings)
    case = replace(case, sisters=sisters, batch=_batch(definition, about, findings, for_decision=for_decision))
    if findings:
        raise Malformed(findings.faults())
    if for_decision and definition.sisters is not None and not sisters:
        more = (*more, Fault("sisters_not_compared", SISTERS, {"calls": list(definition.sisters.calls)}))
    return Folder(
        definition, text, case, about.note, about.decided_at, (*remarks, *gathered.remarks, *more), gathered.roster
    )


def _batch(definition: Definition, about: About, findings: Findings, *, for_decision: bool) -> tuple[Batch, ...]:
    """Which cut-off is decided. A ranking with several must say which: who came later counts for the next."""
    announced = [cut_off.at for cut_off in definition.intake.cut_offs]
    if about.cut_off is not None:
        if about.cut_off in announced:
            return (Batch(about.cut_off),)
        findings.add(0, 0, 0, Fault("no_such_cut_off", ABOUT, {"given": about.cut_off, "known": announced}))
    elif for_decision and announced and isinstance(definition.decide, ByRank):
        findings.add(0, 0, 0, Fault("cut_off_missing", ABOUT, {"known": announced}))
    return ()


def known_sets(definition: Definition, *, sample: bool) -> dict[str, Collection[str]]:
    """The ids of each set that the definition names; a sample may also come from the invented countries."""
    chosen = {role: load(name) for role, name in definition.classifications.items()}
    invented = load(INVENTED).ids if sample else ()
    return {role: (*found.ids, *invented) if found.kind == "country" else found.ids for role, found in chosen.items()}


@contextmanager
def _within(name: str) -> Iterator[None]:
    """Puts the file's name before each place of a `Malformed` that passes."""
    try:
        yield
    except Malformed as error:
        placed = [Fault(f.code, f"{name}, {f.at}" if f.at else name, f.params) for f in error.faults]
        raise Malformed(placed) from None


def _yaml_text(folder: Path, name: str) -> str | None:
    path = folder / name
    if path.is_symlink():
        raise Malformed([Fault("file_is_link", name)])
    if not path.is_file():
        return None
    if path.stat().st_size > MAX_YAML_BYTES:
        raise Malformed([Fault("file_too_large", name, {"max_mb": MAX_YAML_BYTES // 10**6})])
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed([Fault("encoding_not_utf8", name, {"byte": error.start})]) from None


def _about(folder: Path, findings: Findings) -> About:
    try:
        text = _yaml_text(folder, ABOUT)
        with _within(ABOUT):
            return read_problem(About, Source(text).data) if text and text.strip() else About()
    except Malformed as error:
        for fault in error.faults:
            findings.add(0, 0, 0, fault)
        return About()


def _tables(
    folder: Path,
    definition: Definition,
    about: About,
    findings: Findings,
    known: Mapping[str, Collection[str]],
    for_decision: bool,
    before_scores: bool,
) -> tuple[dict[str, Lines], tuple[Fault, ...]]:
    plans = plan(definition, answers_required=for_decision)
    files = _files(folder, plans, findings)
    order = {name: number for number, name in enumerate(plans, start=1)}
    tables: dict[str, Lines] = {}
    remarks: list[Fault] = []
    for name, table_plan in plans.items():
        if before_scores and name in _AFTER_ASSIGNING:
            continue
        if name not in files:
            if _needed(table_plan, for_decision, before_scores):
                findings.add(order[name], 0, 0, Fault("table_missing", f"{name}.csv", {"table": name}))
            continue
        try:
            table = read_table(files[name], *recognised_by(table_plan))
        except Malformed as error:
            for fault in error.faults:
                findings.add(order[name], 0, 0, fault)
            continue
        remarks.extend(table.remarks)
        given = Known(known, sample=about.sample, dates=about.dates)
        tables[name] = Lines(table, table_plan, file=order[name], findings=findings, known=given)
    return tables, tuple(remarks)


def _needed(table: TablePlan, for_decision: bool, before_scores: bool) -> bool:
    if before_scores:
        return table.name in ("applications", "evaluators")
    return table.required and (for_decision or table.name == "applications")


def _files(folder: Path, plans: Mapping[str, TablePlan], findings: Findings) -> dict[str, Path]:
    """Table -> its file. Hidden files, lock files, subfolders and other papers are left alone."""
    files: dict[str, Path] = {}
    for path in _table_files(folder):
        name, suffix, title = path.stem, path.suffix.lower(), shown(path.name)
        if path.is_symlink():
            findings.add(0, 0, 0, Fault("file_is_link", title))
        elif suffix not in SUFFIXES:
            findings.add(0, 0, 0, Fault("table_format_unknown", title))
        elif name in files:
            findings.add(0, 0, 0, Fault("table_twice", title, {"other": files[name].name}))
        elif name in plans:
            files[name] = path
        elif name in NAMES:
            findings.add(0, 0, 0, Fault("table_not_asked", title, {"table": name}))
        else:
            near = nearest(name, plans)
            findings.add(0, 0, 0, Fault("table_unknown", title, {"given": shown(name), "nearest": near or "-"}))
    return files


def _table_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        ignored = path.name.startswith((".", "~$")) or (path.is_dir() and not path.is_symlink())
        if not ignored and (path.suffix.lower() in SUFFIXES or path.suffix.lower() in _OTHER_TABLES):
            yield path
