"""`madang sample PROGRAMME --out DIR`: invented applications, sheets and votes for a definition, to try a call out."""

from __future__ import annotations

import argparse
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("programme", metavar="ID|FILE", help="a shipped programme, or a call definition")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="a new or empty folder")
    parser.add_argument("--applications", type=int, default=30, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same seed gives the same folder")
    parser.add_argument("--format", choices=("csv", "xlsx"), default="xlsx")
    parser.add_argument("--language", choices=("ko", "en"))


def run(args: argparse.Namespace) -> int:
    from madang.cli.files import refuse
    from madang.core.reasons import Fault, Malformed
    from madang.papers import definitions
    from madang.papers.samples import sample_case, sample_roster, write_folder

    try:
        if args.out.exists() and (not args.out.is_dir() or any(args.out.iterdir())):
            raise Malformed([Fault("folder_not_empty", str(args.out))])
        definition, text = definitions.read(args.programme)
        case = sample_case(definition, seed=args.seed, applications=args.applications)
        roster = sample_roster(definition, case, seed=args.seed)
        write_folder(text, case, args.out, kind=args.format, roster=roster)
    except Malformed as malformed:
        return refuse(malformed.faults, args.language)
    print(f"madang decide {args.out} --out {args.out}-decided")
    return 0
