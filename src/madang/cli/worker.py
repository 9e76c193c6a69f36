"""`madang worker`: sends mail, reminds and alerts, until it is told to stop."""

from __future__ import annotations

import argparse
import signal
import threading

from madang.cli.installation import add_data, set_up
from madang.kernel.children import end_with_parent, tell_ready


def add(parser: argparse.ArgumentParser) -> None:
    add_data(parser)
    parser.add_argument("--once", action="store_true", help="do what is due now, and stop")
    parser.add_argument("--with-parent", action="store_true", help="stop once standard input closes (madang serve)")


def run(args: argparse.Namespace) -> int:
    set_up(args)
    from madang.kernel import worker

    if args.once:
        for name, count in worker.run_once().items():
            print(f"{name}: {count}")
        return 0
    stop = threading.Event()
    for sent in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sent, lambda *_: stop.set())
    if args.with_parent:
        end_with_parent(stop.set)
    tell_ready()
    worker.run(stop)
    return 0
