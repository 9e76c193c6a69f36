"""Which papers a command makes of a record, and putting them in place."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from madang.core.reasons import Fault, Malformed

if TYPE_CHECKING:
    from madang.core.record.read import Record
    from madang.papers.decision import DecisionView
    from madang.papers.paper import Paper

PRINTED = {"pdf": "report.pdf", "docx": "report.docx", "hwpx": "report.hwpx"}
"""The papers with pages, each made by the module of `madang.papers` of its name."""

LOOKED_AT = {"html": "report.html", "xlsx": "results.xlsx"}


def add_papers(parser: argparse.ArgumentParser, names: Iterable[str], default: str) -> None:
    told = ", ".join(names)
    parser.add_argument(
        "--papers", metavar="LIST", default=default, help=f"any of {told}, with commas; all; none (default: {default})"
    )


def chosen(given: str, names: Iterable[str]) -> tuple[str, ...]:
    """The papers that are asked for, in their own order; raises `Malformed` for one that we do not make."""
    known = tuple(names)
    asked = {name.strip().lower() for name in given.split(",") if name.strip()}
    if unknown := asked - {*known, "all", "none"}:
        told = {"given": ", ".join(sorted(unknown)), "known": ", ".join(known)}
        raise Malformed([Fault("paper_unknown", "--papers", {**told})])
    return known if "all" in asked else tuple(name for name in known if name in asked)


def write_papers(seen: DecisionView, record: Record, names: Iterable[str], out: Path) -> list[Path]:
    """Make the papers of a record that is read already and put each in place whole; the files in order.

    Raises `Malformed` where one cannot be written. Cost: a second or two for the charts, then well under a second each.
    """
    from madang.cli.files import write_bytes

    made: Paper | None = None
    written = []
    for name in names:
        path = out / (LOOKED_AT | PRINTED)[name]
        if name == "xlsx":
            from madang.papers.workbook import write_view

            write_view(seen, path)
        elif name == "html":
            from madang.papers.report import render_view

            write_bytes(render_view(seen, record).encode(), path)
        else:
            from madang.papers.paper import paper_of

            made = made or paper_of(seen, record)
            render: Callable[[Paper], bytes] = import_module(f"madang.papers.{name}").render
            write_bytes(render(made), path)
        written.append(path)
    return written
