"""`python -m tests.torture [--only NAME] [--rounds N] [--database sqlite|postgresql|both] [--short] [--write]`

Tries every fault at full counts, prints a table, and ends with 1 where anything was lost, doubled, half-written, not
said in words, or not ready again in time. `--write` puts the rows into the table of `docs/faults.md`; those of faults
that were not tried this time stay, each with its day.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.machine import described
from tests.torture.figures import Figures, read_rows, row, table
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
    rows = [row(one) for one in found]
    print(f"\n{table(rows)}")
    if args.write:
        _write(rows, measured)
    return 0 if all(one.good for one in found) else 1


def _write(rows: Sequence[Sequence[str]], measured: str) -> None:
    before, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    kept, _, after = rest.partition(END)
    found = {(one[0], one[1].lower()): one for one in [*read_rows(kept), *rows]}
    whole = [found[key] for key in sorted(found, key=_place)]
    DOCUMENT.write_text(f"{before}{BEGIN}\n{table(whole)}\n\n{measured.rstrip()}\n{END}{after}", "utf-8")


def _place(key: tuple[str, str]) -> tuple[int, int, str]:
    """Databases one after the other, their faults as they are tried, what needs no database last."""
    fault, database = key
    places = [number for number, name in enumerate(NAMES.values()) if fault.startswith(name)]
    return (["sqlite", "postgresql", "–"].index(database), places[-1] if places else -1, fault)


if __name__ == "__main__":
    sys.exit(main())
