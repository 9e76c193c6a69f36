"""`madang report RECORD --papers pdf,docx,hwpx`: the papers of a record that is there already, in either language.

Exit 0: written. Exit 2: the record cannot be read, or a paper cannot be written.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from madang.cli.papers import LOOKED_AT, PRINTED, add_papers, chosen

_ALL = (*LOOKED_AT, *PRINTED)


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("record", metavar="RECORD", type=Path, help="record.json; - reads standard input")
    parser.add_argument("--out", metavar="DIR", type=Path, help="where the papers go (default: beside the record)")
    add_papers(parser, _ALL, "all")
    parser.add_argument("--language", choices=("ko", "en"), help="language of the papers and of what is said here")


def run(args: argparse.Namespace) -> int:
    from madang.cli.files import refuse
    from madang.core.reasons import Malformed

    try:
        _report(args)
    except Malformed as malformed:
        return refuse(malformed.faults, args.language)
    return 0


def _report(args: argparse.Namespace) -> None:
    from madang.cli.files import make_folder, read_text
    from madang.cli.main import language
    from madang.cli.papers import write_papers
    from madang.core.reasons import Reason
    from madang.core.record.read import read
    from madang.papers.decision import view
    from madang.words import say

    told = args.language or language()
    names = chosen(args.papers, _ALL)
    record = read(read_text(str(args.record)))
    out = args.out or (args.record.parent if str(args.record) != "-" else Path())
    make_folder(out)
    written = write_papers(view(record, told), record, names, out)
    print(say(Reason("papers_written", {"root": record.root, "names": [str(path) for path in written]}), told))
