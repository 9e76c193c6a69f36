"""`madang migrate`: brings the database to this code, and collects the browser's files. `--check` applies nothing.

Exit 0: the database is as this code wants it. 1 (`--check`): migrations wait. 3: the database does not answer.
"""

from __future__ import annotations

import argparse

from madang.cli.installation import add_data, set_up, tell
from madang.core.reasons import Reason

WAITING, UNREACHABLE = 1, 3


def add(parser: argparse.ArgumentParser) -> None:
    add_data(parser)
    parser.add_argument("--check", action="store_true", help="only say whether migrations wait (exit 1)")
    parser.add_argument("--quiet", action="store_true", help="say nothing where nothing had to be done")


def run(args: argparse.Namespace) -> int:
    set_up(args)
    from django.db import DatabaseError

    from madang.kernel import preparing

    try:
        waiting = preparing.unapplied()
        if waiting and args.check:
            tell(Reason("migrations_wait", {"count": len(waiting), "first": waiting[0]}))
            return WAITING
        if waiting:
            preparing.migrate()
    except DatabaseError as error:
        tell(Reason("database_gone", {"error": str(error).strip().partition("\n")[0][:200]}))
        return UNREACHABLE
    if waiting:
        tell(Reason("migrations_applied", {"count": len(waiting)}))
    elif not args.quiet:
        tell(Reason("migrations_none"))
    if preparing.collect() and not args.quiet:
        tell(Reason("static_collected"))
    return 0
