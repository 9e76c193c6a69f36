"""`madang edition RECORD --out DIR`: what may be handed on of a record, from the auditor's edition alone.

Exit 0: written. Exit 2: the record is not an auditor's edition, or has no such application; nothing is written then.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from madang.core.reasons import Fault, Malformed

if TYPE_CHECKING:
    from madang.core.record.editions import Editor

PUBLIC = "record.public.json"
PARTIES, PARTY = "parties", "record.party-{}.json"
RECEIPTS, RECEIPT = "receipts", "receipt-{}.json"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("record", metavar="RECORD", help="record.json, the auditor's edition; - reads standard input")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="where the files go")
    parser.add_argument("--public", action="store_true", help=f"{PUBLIC}, for everybody")
    add_parties(parser)
    parser.add_argument("--receipts", action="store_true", help=f"{RECEIPTS}/, one for each evaluator")
    parser.add_argument("--language", choices=("ko", "en"))


def add_parties(parser: argparse.ArgumentParser) -> None:
    """The two options that `madang decide` has too."""
    parser.add_argument(
        "--party", metavar="ID", action="append", default=[], help=f"{PARTIES}/: the edition of this applicant"
    )
    parser.add_argument("--parties", action="store_true", help=f"{PARTIES}/: one edition for each applicant")


def run(args: argparse.Namespace) -> int:
    from madang.cli.files import read_text, refuse
    from madang.core.record.editions import Editor

    try:
        if not (args.public or args.party or args.parties or args.receipts):
            raise Malformed([Fault("edition_not_chosen", "")])
        editor = Editor(_whole(read_text(args.record)))
        parties = editor.applications() if args.parties else args.party
        for path in write(editor, args.out, public=args.public, parties=parties, receipts=args.receipts):
            if path.parent == args.out:
                print(path)
    except Malformed as malformed:
        return refuse(malformed.faults, args.language)
    return 0


def _whole(text: str) -> dict[str, Any]:
    """The record as its file holds it, once its leaves add up: an edition of anything else would not verify."""
    from madang.core.record.canonical import NotCanonical
    from madang.core.record.read import read
    from madang.core.record.seal import FORMAT, root_of

    record = read(text)
    try:
        root = root_of(record.leaves)
    except NotCanonical:
        root = None
    if root is None or root.hex() != record.root:
        raise Malformed([Fault("record_does_not_add_up", "/root")])
    return {
        "madang_record": FORMAT,
        "edition": record.edition,
        "root": record.root,
        "leaves": list(record.leaves),
        "signatures": list(record.signatures),
    }


def write(
    editor: Editor, out: Path, *, public: bool, parties: Iterable[str], receipts: bool, anew: bool = False
) -> list[Path]:
    """Writes what was asked for, each file whole. Everything is made before anything is written.

    Of the folders written to (`anew`: of both) what an earlier run left there is removed: it belongs to another root.
    Raises `Malformed`.
    """
    from madang.cli.files import write_text

    files = [*_files(editor, out, public=public, parties=[*parties], receipts=receipts)]
    folders = {path.parent for path, _ in files if path.parent != out}
    try:
        for folder in (out, *folders):
            folder.mkdir(parents=True, exist_ok=True)
        for name, pattern in ((PARTIES, PARTY), (RECEIPTS, RECEIPT)):
            if anew or out / name in folders:
                for old in (out / name).glob(pattern.format("*")):
                    old.unlink()
    except OSError as error:
        raise Malformed([Fault("file_not_written", str(out), {"system": error.strerror or str(error)})]) from None
    for path, data in files:
        write_text(data.decode(), path)
    return [path for path, _ in files]


def _files(
    editor: Editor, out: Path, *, public: bool, parties: list[str], receipts: bool
) -> Iterator[tuple[Path, bytes]]:
    from madang.core.record.seal import write as record_bytes

    if public:
        yield out / PUBLIC, record_bytes(editor.public())
    for application, name in _named(parties):
        yield out / PARTIES / PARTY.format(name), record_bytes(editor.party(application))
    if receipts:
        found = editor.receipts()
        for evaluator, name in _named(sorted(found)):
            yield out / RECEIPTS / RECEIPT.format(name), found[evaluator]


def _named(ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each id with a file name of its own, also where a system takes no notice of capital letters."""
    from madang.core.record.receipts import safe_name

    taken: set[str] = set()
    for id_ in dict.fromkeys(ids):
        name, number = safe_name(id_), 1
        while name.casefold() in taken:
            number += 1
            name = f"{safe_name(id_)}-{number}"
        taken.add(name.casefold())
        yield id_, name
