"""`madang schema KIND`: the JSON Schema (2020-12) of a kind's problem and result, or of a call definition."""

from __future__ import annotations

import argparse
from typing import Any

from madang.cli.files import refuse, write_json


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("kind", metavar="KIND", help="ranking ... as for madang solve; call: the call definition")
    parser.add_argument("--language", choices=("ko", "en"), help="language of messages")


def run(args: argparse.Namespace) -> int:
    """Prints `{"problem": schema, "result": schema}`, or the one schema of a call definition."""
    from madang.core.kinds import KINDS
    from madang.core.reasons import Fault

    if args.kind == "call":
        from madang.core import callspec

        schema: Any = callspec.schema()
    elif args.kind in KINDS:
        schema = KINDS[args.kind].schema()
    else:
        return refuse([Fault("unknown_kind", "", {"given": args.kind, "known": [*KINDS, "call"]})], args.language)
    write_json(schema)
    return 0
