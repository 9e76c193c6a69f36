"""`python -m tests.torture [--only NAME] [--rounds N] [--database sqlite|postgresql|both] [--short] [--write]`

Tries every fault at full counts, prints a table, and ends with 1 where anything was lost, doubled, half-written, not
said in words, or not ready again in time. `--write` puts the table into `docs/faults.md`.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.bench.machine import described
from tests.torture.figures import Figures, table
from tests.torture.plan import FILINGS_A_DEATH, LONG, NAMES, SHORT, run, store_alone

DOCUMENT = Path(__file__).parents[2] / "docs" / "faults.md"
BEGIN, END = "<!-- torture -->", "<!-- /torture -->"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--only", choices=NAMES, action="append", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--rounds", type=int, metavar="N", help="this many of each (30 filings to a kill)")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--short", action="store_true", help="the counts of the tests")
    parser.add_argument("--write", action="store_true", help="put the table into docs/faults.md")
    args = parser.parse_args()
    counts = dict(SHORT if args.short else LONG)
    if args.rounds:
        counts = dict.fromkeys(counts, args.rounds) | {"filings": args.rounds * FILINGS_A_DEATH}
    databases = ("sqlite", "postgresql") if args.database == "both" else (args.database,)
    found: list[Figures] = []
    measured = described()
    for database in databases:
        began = time.monotonic()
        for one in run(args.only or list(NAMES), database, counts):
            one.ready_in_time()
            found.append(one)
            print(f"{one.shown()}\n  took {time.monotonic() - began:.0f} s", flush=True)
            began = time.monotonic()
    if not args.only or "files" in args.only:
        found += store_alone(counts["files"])
    shown = table(found)
    print(f"\n{shown}")
    if args.write:
        _write(f"{shown}\n\n{measured}")
    return 0 if all(one.good for one in found) else 1


def _write(text: str) -> None:
    before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{text.rstrip()}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
