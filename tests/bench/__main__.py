"""`python -m tests.bench [--quick] [--only NAME] [--write]`: measure, print, and with `--write` fill the docs in."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.bench import (
    affinities,
    assigning,
    assigning_fair,
    browsing,
    conflicting,
    deciding,
    duplicating,
    estimating,
    filing,
    forming,
    loading,
    machine,
    programmes,
    public_pages,
    reading,
    selecting,
    selecting_total,
    slow_line,
    solving,
    timetabling,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
Subject = Callable[[int, bool, Path], str]


def _told_by(module: str) -> Subject:
    """A subject that is a program of its own (it sets up Django, or must be measured alone): what it prints."""

    def told(_repeats: int, _quick: bool, _home: Path) -> str:
        done = subprocess.run([sys.executable, "-m", module], capture_output=True, text=True, check=True)
        return f"```\n{done.stdout.rstrip()}\n```"

    return told


SUBJECTS: dict[str, Subject] = {
    "decide": deciding.decide,
    "growth": deciding.growth,
    "verify": deciding.verify,
    "ranking": solving.ranking,
    "selection": solving.selection,
    "demo": loading.demo,
    "thirteen": programmes.thirteen,
    "rows": reading.rows,
    "browser": browsing.browser,
    "public-pages": public_pages.public_pages,
    "slow-line": slow_line.slow_line,
    "assignment": assigning.assignment,
    "assignment-fair": assigning_fair.fair,
    "affinity-expertise": affinities.expertise,
    "affinity-tables": affinities.affinity_tables,
    "conflicts": conflicting.conflicts,
    "estimates": estimating.estimates,
    "selection-minimums": selecting.minimums,
    "selection-total": selecting_total.selection_total,
    "timetable": timetabling.timetable,
    "timetable-large": timetabling.timetable_large,
    "duplicates": duplicating.duplicates,
    "form": forming.form,
    "filing": filing.filing,
    "report": _told_by("tests.bench.report"),
    "web-process": _told_by("tests.bench.web_process"),
    "door": _told_by("tests.bench.door"),
    "desk": _told_by("tests.bench.desk"),
    "serve": _told_by("tests.bench.serve_start"),
    "enumeration": _told_by("tests.bench.enumeration"),
    "importing": _told_by("tests.bench.importing"),
}
#: Subjects that are run once and whose figure stands as a constant: only when asked for.
ONCE: dict[str, Subject] = {
    "timetable-bound": timetabling.timetable_bound,
}


def main() -> None:
    """Exits 0 whatever the figures are: they are read, not enforced."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller calls and three rounds, to see that it runs")
    parser.add_argument("--only", choices=[*SUBJECTS, *ONCE], action="append", help="this subject; may be given again")
    parser.add_argument("--repeats", type=int, default=9, metavar="N", help="rounds of the short commands (9)")
    parser.add_argument("--write", action="store_true", help="put the tables between their marks in docs/benchmarks.md")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="madang-bench-") as home:
        for name in args.only or SUBJECTS:
            here = machine.described()
            body = (SUBJECTS | ONCE)[name](3 if args.quick else args.repeats, args.quick, Path(home))
            print(f"\n## {name}\n\n{here}\n\n{body}", flush=True)
            if args.write and name in SUBJECTS:
                DOCUMENT.write_text(placed(DOCUMENT.read_text("utf-8"), name, f"{body}\n\n{here}"), "utf-8")


def placed(document: str, name: str, body: str) -> str:
    """The document with this body between the marks of `name`; raises `ValueError` where the marks are missing."""
    marks = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    pattern = re.compile(f"{re.escape(marks[0])}.*?{re.escape(marks[1])}", re.DOTALL)
    new, count = pattern.subn(lambda _: f"{marks[0]}\n{body}\n{marks[1]}", document)
    if count != 1:
        raise ValueError(f"{count} places for {name}")
    return new


if __name__ == "__main__":
    main()
