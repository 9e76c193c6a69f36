"""`madang solve KIND PROBLEM.json [--out RESULT.json]`: one decision, without the platform.

Exit 0: an answer, whatever its status. Exit 2: the problem is malformed; every fault stands on stderr with its JSON
pointer, and no result is written. Contract: `docs/formats/solve.md`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from madang.cli.files import read_text, refuse, write_json
from madang.core.reasons import Fault, Malformed

if TYPE_CHECKING:
    from madang.core.kinds import Kind

ANSWERED = 0


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("kind", metavar="KIND", help="lots, panel, ranking, selection or vote, as the problem says")
    parser.add_argument("problem", metavar="PROBLEM.json", help="the problem; - reads standard input")
    parser.add_argument("--out", metavar="RESULT.json", type=Path, help="default: standard output")
    parser.add_argument("--language", choices=("ko", "en"), help="language of messages")


def run(args: argparse.Namespace) -> int:
    """Reads, solves, writes. Nothing is written unless there is an answer."""
    from madang.core.kinds import KINDS

    kind = KINDS.get(args.kind)
    if kind is None:
        return refuse([Fault("unknown_kind", "", {"given": args.kind, "known": list(KINDS)})], args.language)
    try:
        write_json(_answer(kind, read_text(args.problem)), args.out)
    except Malformed as malformed:
        return refuse(malformed.faults, args.language)
    return ANSWERED


def _answer(kind: Kind, text: str) -> dict[str, Any]:
    """The result with the time it took, reading not counted."""
    from madang.core.problem import read_json

    problem = kind.read(read_json(text))
    started = perf_counter()
    result = kind.solve(problem)
    result["elapsed_ms"] = round((perf_counter() - started) * 1000)
    return result
