"""`madang call check FILE` and `madang call show FILE|ID`.

`check`: exit 0 and one line when the definition can be published; exit 1 with every fault as `FILE:LINE: sentence`, in
the order of the file; exit 2 when the file cannot be read. `show`: the call in words; a faulty one is refused as above.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from madang.core.reasons import Fault

FINE, FAULTS, UNREADABLE = 0, 1, 2
NARROW, BROAD = 60, 120


def add(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, told in (
        ("check", "every fault of a definition, with its line and how to mend it"),
        ("show", "the call in words, as a programme officer would read it"),
    ):
        action = actions.add_parser(name, help=told, description=told)
        action.add_argument(
            "call", metavar="FILE|ID", help="a definition, a folder with call.yaml, or a programme's id"
        )
        action.add_argument("--language", choices=("ko", "en"), help="language of what is printed")


def run(args: argparse.Namespace) -> int:
    from madang.cli.main import language
    from madang.core.reasons import Malformed
    from madang.papers import definitions
    from madang.words.labels import label

    spoken = args.language or language()
    try:
        path = definitions.path_of(args.call)
        text = definitions.text_of(path)
    except Malformed as refused:
        return _refuse(args.call, refused.faults, spoken, UNREADABLE)
    definition, faults = definitions.checked(text)
    if definition is None or faults:
        return _refuse(str(path), faults, spoken, FAULTS)
    if args.action == "check":
        print(label("call", "fine", spoken, file=_shown(path), id=definition.id))
        return FINE
    from madang.cli.layout import outline_lines
    from madang.papers.describe import describe

    for line in outline_lines(describe(definition, spoken), _columns()):
        print(line)
    return FINE


def _refuse(name: str, faults: list[Fault], language: str, code: int) -> int:
    """`FILE:LINE: sentence` to standard output for faults (they are the answer), to standard error for a bad file."""
    from madang.words import say

    out = sys.stdout if code == FAULTS else sys.stderr
    for fault in faults:
        line = fault.at.removeprefix("line ")
        place = f"{name}:{line}" if line.isdigit() else name
        print(f"{place}: {say(fault, language)}", file=out)
    return code


def _shown(path: Path) -> str:
    """The path as the reader would type it."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _columns() -> int:
    return max(NARROW, min(BROAD, shutil.get_terminal_size((100, 24)).columns))
