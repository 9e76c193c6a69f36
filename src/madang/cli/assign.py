"""`madang assign FOLDER --out DIR`: who reads which application, before there are scores.

Writes `assignments.csv`, `assignment_plans.csv` and `conflicts.csv`, ready to be put into the folder, an overview for
the officer, and for each stage the problems with their answers, which `madang solve KIND PROBLEM --check RESULT`
checks. Nothing is overwritten. Exit 0: written. Exit 1: no plan keeps all rules, or none was found in time (why stands
on stderr; what was found is written, but no plan). Exit 2: the folder cannot be read, or DIR holds such files already.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from madang.cli.papers import PRINTED, chosen
from madang.core.reasons import Fault, Malformed

if TYPE_CHECKING:
    from madang.core.callspec.scored import Judged
    from madang.core.deadline import Deadline
    from madang.papers.assigning.matching import Matched
    from madang.papers.folder import Folder

INFEASIBLE = 1
TABLES = ("assignments", "assignment_plans", "conflicts")
OVERVIEW = "assignment"
PAPERS = ("xlsx", *PRINTED)
#: problem -> the kind by which it is solved
FILES = {"conflicts": "conflicts", "affinity": "affinity", "assignment": "assignment", "explained": "assignment"}


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="call.yaml with applications, evaluators, ...")
    parser.add_argument("--out", metavar="DIR", type=Path, help="where the plan goes (default: FOLDER/assigned)")
    parser.add_argument("--stage", metavar="ID", help="one stage only (default: all that assign)")
    parser.add_argument("--keep", metavar="assignments.csv", type=Path, help="an earlier plan to change least")
    parser.add_argument("--objective", choices=("fair", "total"), help="another objective than the call announced")
    parser.add_argument("--on", metavar="DAY", help="the day as of which conflicts count (default: the call's closing)")
    parser.add_argument("--time-limit", type=int, default=60, metavar="SECONDS", help="for each search (default: 60)")
    parser.add_argument(
        "--papers", metavar="LIST", default="xlsx", help=f"the overview as any of {', '.join(PAPERS)}, with commas; all"
    )
    parser.add_argument("--language", choices=("ko", "en"), help="language of the overview and of what is said here")


def run(args: argparse.Namespace) -> int:
    from madang.cli.files import refuse

    try:
        return _assign(args)
    except Malformed as malformed:
        return refuse(malformed.faults, args.language)


def _assign(args: argparse.Namespace) -> int:
    from madang.cli.main import language
    from madang.papers.folder import read
    from madang.words import say_fault

    told = args.language or language()
    papers = chosen(args.papers, PAPERS)
    out = args.out or args.folder / "assigned"
    folder = read(args.folder, before_scores=True)
    for remark in folder.remarks:
        print("!", say_fault(remark, told), file=sys.stderr)
    stages = _stages(folder, args.stage)
    _nothing_there(out, stages, papers)
    found = [_match(folder, stage, args) for stage in stages]
    _write(folder, found, out, papers, told)
    return _tell(found, out, told)


def _stages(folder: Folder, asked: str | None) -> list[Judged]:
    from madang.papers.plan_assigning import assigned_stages

    known = {stage.id: stage for stage in assigned_stages(folder.definition)}
    if not known:
        raise Malformed([Fault("no_stage_assigns", "call.yaml")])
    if asked is None:
        return list(known.values())
    if asked not in known:
        raise Malformed([Fault("stage_assigns_not", "--stage", {"given": asked, "known": list(known)})])
    return [known[asked]]


def _nothing_there(out: Path, stages: Sequence[Judged], papers: Sequence[str]) -> None:
    """Work is never overwritten: neither an officer's plan nor the problems that prove it."""
    names = [f"{table}.csv" for table in TABLES] + [f"{OVERVIEW}.{paper}" for paper in papers]
    names += [name for stage in stages for kind in FILES for name in _file_names(stage.id, kind)]
    if taken := [name for name in names if os.path.lexists(out / name)]:
        raise Malformed([Fault("assignment_file_exists", str(out / name)) for name in taken])


def _file_names(stage: str, kind: str) -> tuple[str, str]:
    return f"{stage}-{kind}.json", f"{stage}-{kind}-result.json"


def _match(folder: Folder, stage: Judged, args: argparse.Namespace) -> Matched:
    from madang.core.deciding.decide import prepare
    from madang.papers.assigning.matching import match
    from madang.papers.assigning.problems import as_of

    on = _day(args.on) if args.on else as_of(folder.definition) or (folder.decided_at or "")[:10]
    if not on:
        raise Malformed([Fault("assignment_day_missing", "--on")])
    keep = [(a, e) for of, a, e in _earlier(folder, args.keep) if of == stage.id] if args.keep else []
    eligible = prepare(folder.definition, folder.case).eligible
    return match(
        folder.definition, stage, folder.case, folder.roster, eligible, on=on, objective=args.objective, keep=keep,
        clock=_clock, time_limit_s=args.time_limit,
    )  # fmt: skip


def _day(text: str) -> str:
    from madang.core.problem import day_text

    try:
        return day_text(text)
    except ValueError:
        raise Malformed([Fault("not_a_day", "--on", {"given": text})]) from None


def _clock(seconds: int) -> Deadline:
    from madang.core.deadline import Deadline

    started = perf_counter()
    return Deadline(lambda: seconds - (perf_counter() - started))


def _earlier(folder: Folder, path: Path) -> list[tuple[str, str, str]]:
    """The pairs of an earlier plan; who or what is gone since is passed over by the solver, which says so."""
    from madang.papers.findings import Findings
    from madang.papers.lines import Lines, recognised_by
    from madang.papers.plan import plan
    from madang.papers.plan_assigning import assigned_stages
    from madang.papers.tables import read_table
    from madang.papers.values import Known

    if not path.is_file():
        raise Malformed([Fault("file_not_read", str(path), {"system": "-"})])
    table_plan = plan(folder.definition)["assignments"]
    findings = Findings()
    table = Lines(
        read_table(path, *recognised_by(table_plan)), table_plan, file=1, findings=findings, known=Known(sample=True)
    )
    stages = [stage.id for stage in assigned_stages(folder.definition)]
    pairs = dict.fromkeys(
        (line.get("stage") or stages[0], line.get("application"), line.get("evaluator")) for line in table
    )
    if findings:
        raise Malformed(findings.faults())
    return list(pairs)


# -- what is written ----------------------------------------------------------------------------------------------


def _write(folder: Folder, found: Sequence[Matched], out: Path, papers: Sequence[str], language: str) -> None:
    from importlib import import_module

    from madang.cli.files import make_folder, write_bytes, write_text
    from madang.papers.assigning.matching import file_text
    from madang.papers.assigning.overview import paper_of, workbook

    make_folder(out)
    for matched in found:
        for name in matched.problems:
            problem, result = _file_names(matched.stage.id, name)
            write_text(file_text(matched.problems[name]), out / problem)
            write_text(file_text(matched.results[name]), out / result)
    for path, text in _tables(folder, found, out, language):
        write_text(text, path)
    paper = paper_of(folder, found, language)
    for name in papers:
        data = workbook(paper) if name == "xlsx" else import_module(f"madang.papers.{name}").render(paper)
        write_bytes(data, out / f"{OVERVIEW}.{name}")


def _tables(folder: Folder, found: Sequence[Matched], out: Path, language: str) -> Iterator[tuple[Path, str]]:
    """The tables for the folder. Without a plan for every stage there is none of assignments."""
    from dataclasses import replace

    from madang.core.reasons import Reason
    from madang.papers.assigning.matching import conflict_rows
    from madang.papers.writing import csv_text, tables_of
    from madang.words import say

    def tell(fact: Any) -> str:
        return say(Reason(fact["code"], fact["params"]), language)

    case = folder.case
    lines = [one for matched in found for one in matched.found()]
    whole = all(matched.there_is_one for matched in found)
    case = replace(
        case,
        conflicts=conflict_rows(case, lines, tell),
        assignments=tuple(row for matched in found for row in matched.assignments()) if whole else (),
        assignment_plans=tuple(matched.plan_row() for matched in found) if whole else (),
    )
    for table in tables_of(folder.definition, case):
        if table.name in TABLES and table.rows:
            yield out / f"{table.name}.csv", csv_text(table)


def _tell(found: Sequence[Matched], out: Path, language: str) -> int:
    from madang.core.reasons import Reason
    from madang.words import say

    wrong = False
    for matched in found:
        plan, stage = matched.plan, matched.stage.id
        stream = sys.stdout if matched.there_is_one else sys.stderr
        if matched.contradictions:
            print(say(Reason("assignment_contradicted", {"stage": stage}), language), file=stream)
        for reason in matched.contradictions:
            print("!", say(reason, language), file=stream)
        if matched.there_is_one:
            told = {"stage": stage, "pairs": len(plan["pairs"]), "applications": len(matched.applications),
                    "evaluators": sum(one["load"] > 0 for one in plan["evaluators"]), "worst": plan["worst"],
                    "total": plan["total"]}  # fmt: skip
            kept = "_kept" if matched.kept else ""
            print(say(Reason(f"assigned_{plan['status']}{kept}", told), language))
            if open_ := len({(one["application"], one["evaluator"]) for one in matched.suspected()}):
                print("!", say(Reason("assigned_to_check", {"count": open_}), language))
        else:
            if not matched.contradictions:
                code = "assigned_not" if plan["status"] == "infeasible" else "assigned_not_in_time"
                print(say(Reason(code, {"stage": stage}), language), file=stream)
            wrong = True
        for told_reason in (*(Reason(r["code"], r["params"]) for r in plan["reasons"]), *matched.more):
            print("!", say(told_reason, language), file=stream)
    print(say(Reason("assignment_written", {"folder": str(out)}), language))
    return INFEASIBLE if wrong else 0
