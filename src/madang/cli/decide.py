"""`madang decide FOLDER --out DIR`: a call from spreadsheets to a signed record, its editions, a report and a workbook.

Exit 0: decided. Exit 2: the folder cannot be read as its definition asks; every fault stands on stderr with its file,
row and column, and nothing is written.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import zoneinfo
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang import __version__
from madang.cli.edition import add_parties
from madang.cli.papers import LOOKED_AT, PRINTED, add_papers, chosen, write_papers
from madang.core.reasons import Fault, Malformed

if TYPE_CHECKING:
    from madang.papers.folder import Folder

RECORD, REPORT, WORKBOOK = "record.json", LOOKED_AT["html"], LOOKED_AT["xlsx"]


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="call.yaml with applications, sheets, ...")
    parser.add_argument("--out", metavar="DIR", type=Path, help="where record.json, report.html, results.xlsx go")
    parser.add_argument("--template", action="store_true", help="write the empty sheets that FOLDER/call.yaml asks for")
    parser.add_argument("--replace", action="store_true", help="replace an earlier record in DIR")
    parser.add_argument("--unsigned", action="store_true", help="do not sign; the record will say so")
    parser.add_argument("--data", metavar="DIR", type=Path, help="data folder with the signing key")
    parser.add_argument("--language", choices=("ko", "en"), help="language of the report and of what is said here")
    add_parties(parser)
    add_papers(parser, PRINTED, "none")


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
    papers = chosen(args.papers, PRINTED)
    if (out / RECORD).exists() and not args.replace:
        raise Malformed([Fault("record_exists", str(out / RECORD))])
    folder = read(args.folder)
    record, computed, hashes = _sealed(folder, key=None if args.unsigned else _key(args.data))
    told = args.language or language()
    _write_editions(record, folder, hashes, args)
    write_outputs(record, out, told, papers)
    _tell(folder, record, computed, out, told)


def seal_folder(folder: Folder, *, key: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Decide what a folder holds and build its record, signed where a key is given; and what was computed."""
    record, computed, _ = _sealed(folder, key=key)
    return record, computed


def _sealed(folder: Folder, *, key: Any) -> tuple[dict[str, Any], dict[str, Any], list[bytes]]:
    """The same, with the commitments of the record's leaves."""
    from madang.core.deciding import decide
    from madang.core.record.canonical import text_digest
    from madang.core.record.seal import Meta, build_hashed, contents, sign
    from madang.core.record.veil import veil
    from madang.papers.classifications import for_call

    definition = folder.definition
    classifications = for_call(definition.classifications, sample=folder.case.sample)
    case = veil(folder.case, secrets.token_bytes(32))  # the key is thrown away: no two records can be linked
    try:
        computed = decide(definition, case, classifications)
    except Malformed:
        decide(definition, folder.case, classifications)  # the same refusal, with the names that the office knows
        raise
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
        case=case,
        computed=computed,
    )
    record, hashes = build_hashed(values, salt_key=secrets.token_bytes(32))
    return (sign(record, key) if key else record), computed, hashes


def _write_editions(record: dict[str, Any], folder: Folder, hashes: list[bytes], args: argparse.Namespace) -> None:
    """The public edition and evaluators' receipts always; those of parties where asked for (there may be thousands)."""
    from madang.cli.edition import write
    from madang.core.record.editions import Editor

    editor = Editor(record, folder.definition, hashes)
    parties = editor.applications() if args.parties else args.party
    write(editor, args.out, public=True, parties=parties, receipts=True, anew=True)


def write_outputs(record: dict[str, Any], out: Path, language: str, papers: Iterable[str] = ()) -> None:
    """Workbook, report, the printed `papers` asked for, and the record, each put in place whole.

    The record comes last, so that it never stands alone.
    """
    from madang.cli.files import make_folder, write_bytes
    from madang.core.record.read import read as read_record
    from madang.core.record.seal import write as record_bytes
    from madang.papers.decision import view

    make_folder(out)
    data = record_bytes(record)
    sealed = read_record(data.decode())
    write_papers(view(sealed, language), sealed, ("xlsx", "html", *papers), out)
    write_bytes(data, out / RECORD)
    _leave_nothing_old(out, papers)


def _leave_nothing_old(out: Path, papers: Iterable[str]) -> None:
    """Papers of an earlier record, which were not made anew, must not lie beside this one; anchors of it are named."""
    from madang.core.reasons import Reason
    from madang.words import say

    for name, file in PRINTED.items():
        if name not in papers:
            (out / file).unlink(missing_ok=True)
    for anchor in sorted((*out.glob("*.tsr"), *out.glob("deposit.txt"))):
        told = Reason("anchor_may_be_older", {"file": anchor.name})
        print(say(told, "en"), say(told, "ko"), sep="\n", file=sys.stderr)


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
    from madang.kernel import clock

    return clock.now().astimezone(zoneinfo.ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S")


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
