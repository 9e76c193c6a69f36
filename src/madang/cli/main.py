"""`madang`: one entry for every command; each command's module is imported only when it is asked for."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module

from madang import __version__

#: command -> (module in madang.cli with `add(parser)` and `run(args) -> exit code`, one line of help)
COMMANDS: dict[str, tuple[str, str]] = {
    "solve": ("solve", "answer one problem: madang solve ranking PROBLEM.json"),
    "schema": ("schema", "print the JSON Schema of a problem kind, or of a call definition"),
    "call": ("call", "check or show a call definition"),
    "assign": ("assign", "who reads which application: by fit, without conflicts of interest"),
    "decide": ("decide", "decide a whole call from a folder: record, report and workbook"),
    "verify": ("verify", "recompute and check a decision record"),
    "receipt": ("receipt", "check the receipt of a filed application"),
    "report": ("report", "the papers of a record: HTML, workbook, PDF, Word, Hancom"),
    "quality": ("quality", "how far a decided ranking can be trusted: estimates for the auditor"),
    "edition": ("edition", "editions of a record for the public and the parties, and evaluators' receipts"),
    "anchor": ("anchor", "have a record's root time-stamped, or write its deposit note"),
    "keys": ("keys", "the office's signing keys: list, publish, rotate, revoke"),
    "rotate-keys": ("rotate_keys", "replace every key and secret, while the platform runs"),
    "journal": ("journal", "is the journal as it was sealed: verify, proof of one row, check of a proof"),
    "role": ("role", "SQL for a PostgreSQL role that can add to the journal and not change it"),
    "days": ("days", "count a legal period: its last day, and every day that did not count"),
    "statistics": ("statistics", "reception statistics of a call"),
    "import": ("imports", "take in applications that came outside: a table, a ZIP or a folder"),
    "sample": ("sample", "write a folder of invented applications and sheets for a definition"),
    "serve": ("serve", "run the platform: web processes and the worker, started again when they die"),
    "migrate": ("migrate", "bring the database to this code, and collect the browser's files"),
    "worker": ("worker", "send mail, remind and alert: the process behind the site"),
    "files": ("store", "the file store: check every file, or copy all to another place"),
    "doctor": ("doctor", "how the installation stands, and what to do about what does not stand well"),
    "backup": ("backup", "copy database and files while the platform runs; --check reads a copy again"),
    "restore": ("restore", "bring a backup into a new place, and prove that it is equal"),
    "outage": ("outage", "the log of our own outages: list, or add one that could not be noticed"),
    "bounces": ("bounces", "mark the mails that came back"),
    "admin": ("admin", "make somebody an administrator: madang admin name@example.org"),
    "demo": ("demo", "load the sample programmes and serve the site"),
}


def language() -> str:
    """`MADANG_LANGUAGE`, or the language of the terminal; Korean or English."""
    told = os.environ.get("MADANG_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "ko" if told.lower().startswith("ko") else "en"


def _parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="madang", description="Calls decided so that anyone can decide them again.")
    parser.add_argument("--version", action="version", version=f"madang {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    asked = next((word for word in argv if word in COMMANDS), None)
    for name, (module, help_line) in COMMANDS.items():
        command = commands.add_parser(name, help=help_line, description=help_line)
        if name == asked:  # the others are listed without loading what they need
            import_module(f"madang.cli.{module}").add(command)
            command.set_defaults(module=module)
    return parser


#: commands that go on for weeks: without the search for garbage in cycles their memory would grow without end
LASTING = frozenset({"serve", "worker", "demo"})


@contextmanager
def _uninterrupted(command: str) -> Iterator[None]:
    """No search for garbage in cycles: a command makes rows and trees, ends soon, and the search would take a tenth of
    its time. Those in `LASTING` keep it.
    """
    if command in LASTING:
        yield
        return
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Exit codes: 0 done, 1 a contradiction or a refusal, 2 the input cannot be read."""
    words = list(sys.argv[1:] if argv is None else argv)
    args = _parser(words).parse_args(words)
    try:
        with _uninterrupted(args.command):
            return int(import_module(f"madang.cli.{args.module}").run(args))
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
