"""`madang decide FOLDER --out DIR`: a call from spreadsheets to a signed record, a report and a workbook.

Exit 0: decided. Exit 2: the folder cannot be read as its definition asks; every fault stands on stderr with its file,
row and column, and nothing is written.
"""

from __future__ import annotations

import argparse
import datetime as dt
import secrets
import sys
import zoneinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang import __version__
from madang.core.reasons import Fault, Malformed

if TYPE_CHECKING:
    from madang.papers.folder import Folder

RECORD, REPORT, WORKBOOK = "record.json", "report.html", "results.xlsx"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="call.yaml with applications, sheets, ...")
    parser.add_argument("--out", metavar="DIR", type=Path, help="where record.json, report.html, results.xlsx go")
    parser.add_argument("--template", action="store_true", help="write the empty sheets that FOLDER/call.yaml asks for")
    parser.add_argument("--replace", action="store_true", help="replace an earlier record in DIR")
    parser.add_argument("--unsigned", action="store_true", help="do not sign; the record will say so")
    parser.add_argument("--data", metavar="DIR", type=Path, help="data folder with the signing key")
    parser.add_argument("--language", choices=("ko", "en"), help="language of the report and of what is said here")


def run(args: argparse.Namespace) -> int:
    from madang.cli.files import refuse

    try:
        if args.template:
            return _template(args)
        if args.out is None:
            raise Malformed([Fault("out_missing", "--out")])
        _decide(args)
    except Malformed as malformed:
        return refuse(malformed.faults, args.language)
    return 0


def _template(args: argparse.Namespace) -> int:
    from madang.papers import definitions
    from madang.papers.templates import write_empty

    definition, _ = definitions.read(args.folder / "call.yaml")
    for path in write_empty(definition, args.folder):
        print(path)
    return 0


def _decide(args: argparse.Namespace) -> None:
    from madang.cli.main import language
    from madang.papers.folder import read

    out: Path = args.out
    if (out / RECORD).exists() and not args.replace:
        raise Malformed([Fault("record_exists", str(out / RECORD))])
    folder = read(args.folder)
    record, computed = seal_folder(folder, key=None if args.unsigned else _key(args.data))
    chosen = args.language or language()
    write_outputs(record, out, chosen)
    _tell(folder, record, computed, out, chosen)


def seal_folder(folder: Folder, *, key: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Decide what a folder holds and build its record, signed where a key is given."""
    from madang.core.deciding import decide
    from madang.core.record.canonical import text_digest
    from madang.core.record.seal import Meta, build, contents, sign
    from madang.papers.classifications import for_call

    definition = folder.definition
    classifications = for_call(definition.classifications, sample=folder.case.sample)
    computed = decide(definition, folder.case, classifications)
    meta = Meta(
        call=definition.id,
        definition_sha256=text_digest(folder.definition_text),
        decided_at=folder.decided_at or _now(definition.schedule.zone),
        program=f"madang {__version__}",
        sample=folder.case.sample,
        note=folder.note,
    )
    values = contents(
        meta=meta,
        definition_text=folder.definition_text,
        definition=definition,
        classifications=classifications,
        case=folder.case,
        computed=computed,
    )
    record = build(values, salt_key=secrets.token_bytes(32))
    return (sign(record, key) if key else record), computed


def write_outputs(record: dict[str, Any], out: Path, language: str) -> None:
    """Record, report and workbook, each put in place whole; the record last, so that it never stands alone."""
    from madang.cli.files import write_text
    from madang.core.record.read import read as read_record
    from madang.core.record.seal import write as record_bytes
    from madang.papers.decision import view
    from madang.papers.report import render_view
    from madang.papers.workbook import write_view

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Malformed([Fault("file_not_written", str(out), {"system": error.strerror or str(error)})]) from None
    data = record_bytes(record)
    seen = view(read_record(data.decode()), language)
    write_view(seen, out / WORKBOOK)
    write_text(render_view(seen), out / REPORT)
    write_text(data.decode(), out / RECORD)


def _key(data: Path | None) -> Any:
    from madang.kernel import datadir, keys

    try:
        folder = datadir.private(data.expanduser().absolute() / "keys") if data else None
        return keys.load_or_make(keys.RECORDS, folder=folder)
    except keys.KeyUnusable as error:
        raise Malformed([Fault("key_unusable", "", {"problem": str(error)})]) from None
    except OSError as error:
        raise Malformed([Fault("file_not_written", str(error.filename), {"system": error.strerror or ""})]) from None


def _now(zone: str) -> str:
    return dt.datetime.now(zoneinfo.ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


def _tell(folder: Folder, record: dict[str, Any], computed: dict[str, Any], out: Path, language: str) -> None:
    from madang.core.deciding import OUTCOMES
    from madang.core.reasons import Reason
    from madang.words import say, say_fault

    for remark in folder.remarks:
        print(say_fault(remark, language), file=sys.stderr)
    title = folder.definition.title
    print(title.get(language) or next(iter(title.values())))
    print(say(Reason("decided_counts", {name: computed["counts"][name] for name in OUTCOMES}), language))
    for reason in computed["reasons"]:
        print("!", say(Reason(reason["code"], reason["params"]), language))
    print(say(Reason("record_written", {"root": record["root"], "folder": str(out)}), language))
    print(f"madang verify {out / RECORD}")
