"""`madang solve KIND PROBLEM.json`: one core problem, answered without the platform.

Contract: `docs/formats/solve.md`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from madang.cli.files import read_text, refuse, write_bytes, write_json
from madang.core.reasons import Fault, Malformed, Reason

if TYPE_CHECKING:
    from madang.core.kinds import Kind
    from madang.papers.json_lines import Lines

ANSWERED = 0
CONTRADICTED = 1


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("kind", metavar="KIND", help="assignment, selection, timetable ..., as the problem says")
    parser.add_argument("problem", metavar="PROBLEM.json", help="the problem; - reads standard input")
    parser.add_argument("--out", metavar="RESULT.json", type=Path, help="default: standard output")
    parser.add_argument("--npz", metavar="FILE.npz", type=Path, help="affinity: the table as a file for assignment")
    parser.add_argument(
        "--check",
        metavar="RESULT.json",
        help="solve nothing: does this result keep the rules, and does its proof hold?",
    )
    parser.add_argument("--language", choices=("ko", "en"), help="language of messages")


def run(args: argparse.Namespace) -> int:
    """Reads, solves (or checks), writes. Nothing is written unless there is an answer."""
    from madang.core.kinds import KINDS

    kind = KINDS.get(args.kind)
    if kind is None:
        return refuse([Fault("unknown_kind", "", {"given": args.kind, "known": list(KINDS)})], args.language)
    files: dict[str, Lines] = {}
    try:
        problem = _read(kind, args.problem, files)
        if args.check is not None:
            return _check(kind, problem, args.check, args.language)
        result = _answer(kind, problem)
        if args.npz is not None:
            _put_aside(result, args.npz, args.out)
        write_json(result, args.out)
    except Malformed as malformed:
        return refuse(_by_line(malformed.faults, files), args.language)
    return ANSWERED


def _by_line(faults: Sequence[Fault], files: Mapping[str, Lines]) -> Sequence[Fault]:
    """Faults of what stood in a file of its own, by its lines."""
    if not files:
        return faults
    from madang.papers.json_lines import by_line

    return by_line(faults, files)


def _read(kind: Kind, path: str, files: dict[str, Lines]) -> Any:
    """The problem, with the tables and documents that it keeps in files of their own; those of documents to `files`."""
    from madang.core.problem import read_json

    data = read_json(read_text(path))
    folder = Path() if path == "-" else Path(path).parent
    if named := _named(kind.matrices, data):
        from madang.papers.arrays import read_matrix

        for name in named:
            data[name] = read_matrix(data[name], folder, f"/{name}")
    if named := _named(kind.documents, data):
        from madang.papers.json_lines import read_lines

        for name in named:
            files[name] = read_lines(data[name], folder, f"/{name}")
            data[name] = files[name].values
    return kind.read(data)


def _named(fields: Iterable[str], data: object) -> list[str]:
    """The fields that name a file instead of holding a table."""
    return [name for name in fields if isinstance(data, dict) and isinstance(data.get(name), str)]


def _answer(kind: Kind, problem: Any) -> dict[str, Any]:
    """The result with the time it took, reading not counted; the time limit of the problem counts from here."""
    from madang.core.deadline import NO_DEADLINE, Deadline

    started = perf_counter()
    limit = getattr(problem, "time_limit_s", None)
    deadline = NO_DEADLINE if limit is None else Deadline(lambda: limit - (perf_counter() - started))
    result = kind.solve(problem, deadline)
    result["elapsed_ms"] = round((perf_counter() - started) * 1000)
    return result


def _check(kind: Kind, problem: Any, path: str, language: str | None) -> int:
    """What of a result does not follow, and what was not checked, a line each; 0 where nothing contradicts."""
    from madang.cli.main import language as own_language
    from madang.core.problem import read_json
    from madang.words import say

    result = read_json(read_text(path))
    for name in _named(kind.tables, result):  # put aside by --npz
        from madang.papers.arrays import read_matrix

        result[name] = read_matrix(result[name], Path(path).parent, f"/{name}")
    if not isinstance(result, dict) or result.get("kind") != kind.name:
        raise Malformed([Fault("result_of_another_kind", "/kind", {"kind": kind.name})])
    told, found = language or own_language(), kind.check(problem, result)
    for reason in found.contradictions:
        print(f"✗ {say(reason, told)}")
    for reason in found.not_checked:
        print(f"– {say(reason, told)}")
    if not found.contradictions:
        print(f"✓ {say(Reason('nothing_contradicts_result', {'kind': kind.name}), told)}")
    return CONTRADICTED if found.contradictions else ANSWERED


def _put_aside(result: dict[str, Any], path: Path, out: Path | None) -> None:
    """Moves the table of an `affinity` result into a file that `assignment` can name (`FILE.npz#affinity`).

    The result names it as its neighbour, so both must lie in one folder. Raises `Malformed`.
    """
    from madang.core.matrix import Matrix
    from madang.papers.arrays import matrix_bytes

    if result.get("kind") != "affinity":
        raise Malformed([Fault("no_table_to_put_aside", "", {"kind": str(result.get("kind"))})])
    folder = Path() if out is None else out.parent
    if path.parent.resolve() != folder.resolve():
        raise Malformed([Fault("table_not_beside_result", str(path), {"folder": str(folder)})])
    table = Matrix.of_lists(result["affinity"])
    write_bytes(matrix_bytes("affinity", table), path)
    result["affinity"] = f"{path.name}#affinity"
