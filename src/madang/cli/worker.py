"""`madang worker`: sends mail, reminds and alerts, until it is told to stop."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", metavar="DIR", type=Path, help="data folder (MADANG_DATA, ./var)")
    parser.add_argument("--once", action="store_true", help="do what is due now, and stop")
    parser.add_argument("--with-parent", action="store_true", help="stop once standard input closes (madang demo)")


def run(args: argparse.Namespace) -> int:
    if args.data:
        os.environ["MADANG_DATA"] = str(args.data.expanduser().absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")
    import django

    django.setup()
    from madang.kernel import worker

    if args.once:
        for name, count in worker.run_once().items():
            print(f"{name}: {count}")
        return 0
    stop = threading.Event()
    for sent in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sent, lambda *_: stop.set())
    if args.with_parent:
        threading.Thread(target=_stop_at_the_end_of_input, args=(stop,), daemon=True).start()
    worker.run(stop)
    return 0


def _stop_at_the_end_of_input(stop: threading.Event) -> None:
    sys.stdin.buffer.read()
    stop.set()
