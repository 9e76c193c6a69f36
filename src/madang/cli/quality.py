"""`madang quality RECORD`: how far a decided ranking can be trusted, for the auditor; the decision is not touched.

Exit 0: written. Exit 2: the record cannot be read, is not the auditor's, or was not decided by score sheets.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from madang.cli.papers import PRINTED

DATA = "quality.json"


def add(parser: argparse.ArgumentParser) -> None:
    known = ", ".join(("json", *PRINTED))
    parser.add_argument(
        "record", metavar="RECORD", type=Path, help="record.json of the auditor; - reads standard input"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help="where it goes (default: beside the record)")
    parser.add_argument(
        "--papers", metavar="LIST", default="json,pdf", help=f"any of {known}, with commas; all (default: json,pdf)"
    )
    parser.add_argument("--language", choices=("ko", "en"), help="language of the paper and of what is said here")


def run(args: argparse.Namespace) -> int:
    from madang.cli.files import refuse
    from madang.core.reasons import Malformed

    try:
        _write(args)
    except Malformed as malformed:
        return refuse(malformed.faults, args.language)
    return 0


def _write(args: argparse.Namespace) -> None:
    from importlib import import_module

    from madang.cli.files import make_folder, read_text, write_bytes, write_json
    from madang.cli.main import language
    from madang.cli.papers import chosen
    from madang.core.reasons import Reason
    from madang.core.record.read import read
    from madang.papers.decision import view
    from madang.papers.quality import as_json, paper_of, quality
    from madang.words import say

    told = args.language or language()
    names = chosen(args.papers, ("json", *PRINTED))
    record = read(read_text(str(args.record)))
    seen = view(record, told)
    found = quality(record)
    out = args.out or (args.record.parent if str(args.record) != "-" else Path())
    make_folder(out)
    paper = paper_of(seen, record, found) if set(names) - {"json"} else None
    written = []
    for name in names:
        path = out / (DATA if name == "json" else f"quality.{name}")
        if name == "json":
            write_json(as_json(record, found), path)
        else:
            write_bytes(import_module(f"madang.papers.{name}").render(paper), path)
        written.append(str(path))
    print(say(Reason("papers_written", {"root": record.root, "names": written}), told))
