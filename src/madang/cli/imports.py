"""`madang import FOLDER|FILE --call SLUG`: takes in applications that came outside, as the office's screen does.

FOLDER holds a table of applications (`applications.xlsx`, `.ods` or `.csv`) and files beside it; FILE is a table or a
ZIP of such a folder. `--preview` says what would happen and stores nothing. Exit 0: taken in (or nothing to do); 1:
refused; 2: faults, each on stderr by file, row and column. Format: `docs/guides/import-and-export.md`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from madang.cli.installation import add_data, set_up

if TYPE_CHECKING:
    from madang.apps.applications.models import Import
    from madang.apps.calls.models import Call

TAKEN, REFUSED, FAULTY = 0, 1, 2


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="FOLDER|FILE", type=Path)
    parser.add_argument("--call", metavar="SLUG", required=True, help="the call, as in its address")
    parser.add_argument("--preview", action="store_true", help="say what would happen; store nothing")
    parser.add_argument("--note", metavar="TEXT", default="", help="where the applications come from")
    parser.add_argument("--language", choices=("ko", "en"))
    add_data(parser)


def run(args: argparse.Namespace) -> int:
    set_up(args)
    from madang.apps.calls.queries import all_calls
    from madang.cli.files import refuse
    from madang.cli.main import language
    from madang.core.reasons import Fault, Reason
    from madang.kernel.commands import Refused
    from madang.words import say

    tongue = args.language or language()
    call = all_calls().filter(slug=args.call).first()
    if call is None:
        return refuse([Fault("import_no_such_call", "", {"call": args.call})], tongue)
    if not args.source.exists():
        return refuse([Fault("file_not_read", str(args.source), {"system": os.strerror(2)})], tongue)
    if not args.preview and not args.note.strip():
        print(say(Reason("import_needs_note"), tongue), file=sys.stderr)
        return REFUSED
    try:
        return _imported(args, call, tongue)
    except Refused as refused:
        for reason in refused.reasons:
            print(say(reason, tongue), file=sys.stderr)
        return REFUSED


def _imported(args: argparse.Namespace, call: Call, tongue: str) -> int:
    from madang.apps.applications import commands
    from madang.core.lifecycle.importing import DONE, READY
    from madang.kernel.actors import OFFICE
    from madang.words import sentence

    imported = commands.work_on(_handed_in(args.source, call))
    try:
        if imported.state != READY:
            return _told(imported, tongue)
        counts = imported.found["counts"]
        print(sentence("import_counts", counts, tongue))
        for path in imported.found["left"]:
            print(sentence("import_left_out", {"path": path}, tongue), file=sys.stderr)
        if args.preview or not counts["new"] + counts["changed"]:
            return TAKEN
        assert imported.seen_at is not None, "it has just been computed"
        seen = imported.seen_at.isoformat()
        imported = commands.confirm_import(actor=OFFICE, imported=imported, seen=seen, note={tongue: args.note})
        imported = commands.work_on(imported)
        if imported.state != DONE:
            return _told(imported, tongue)
        print(sentence("import_taken", {"batch": imported.batch_id}, tongue))
        return TAKEN
    finally:
        if imported.state != DONE:
            commands.drop_import(actor=OFFICE, imported=imported)


def _told(imported: Import, tongue: str) -> int:
    """Every fault, or every title that nobody knows, on stderr."""
    from madang.core.reasons import Fault, Reason
    from madang.words import say, say_fault, sentence

    for code, params in imported.reasons:
        print(say(Reason(code, params), tongue), file=sys.stderr)
    for code, at, params in imported.found.get("faults", []):
        print(say_fault(Fault(code, at, params), tongue), file=sys.stderr)
    for one in imported.found.get("columns", []) if imported.state == "asks" else []:
        if one["how"] in ("near", "none"):
            told = {"title": one["title"], "letter": one["letter"], "nearest": one["near"] or "-"}
            print(sentence("import_title_unknown", told, tongue), file=sys.stderr)
    return FAULTY if imported.found.get("faults") or imported.state == "asks" else REFUSED


def _handed_in(source: Path, call: Call) -> Import:
    from madang.apps.applications import commands
    from madang.kernel.actors import OFFICE
    from madang.papers.intake.archive import pack

    with ExitStack() as stack:
        if source.is_dir():
            content: BinaryIO = stack.enter_context(tempfile.TemporaryFile())
            pack(_files(source), content)
            size, name = content.tell(), f"{source.resolve().name}.zip"
            content.seek(0)
        else:
            content = stack.enter_context(source.open("rb"))
            size, name = source.stat().st_size, source.name
        return commands.hand_in_import(actor=OFFICE, call=call, name=name, content=content, size=size)


def _files(folder: Path) -> Iterator[tuple[str, BinaryIO]]:
    """Every file below the folder, in the order of their paths; links are not followed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as content:
                yield path.relative_to(folder).as_posix(), content
