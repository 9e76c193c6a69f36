"""`madang files check|copy`: whether every stored file is what it was, and moving them to another place.

Exit 0: every file has its hash, and none is missing. Exit 1: some are damaged or missing (each is named), or the store
cannot be reached. Exit 2: an address is none.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from madang.core.reasons import Fault, Param, Reason

if TYPE_CHECKING:
    from madang.kernel.files import Store

NAMED: Final = {
    "applications.BatchSource": ("sha256",),
    "applications.DraftFile": ("sha256",),
    "applications.ReceivedFile": ("sha256",),
    "applications.Supplement": ("scan_sha256",),
    "decisions.Decision": ("record_sha256", "report_sha256", "workbook_sha256"),
    "review.Letter": ("scan_sha256",),
    "review.OutsideResult": ("proof_sha256", "sheet_sha256"),
    "review.PressPack": ("sha256",),
}
"""Where the database names files of the store; a test holds it against the models."""


def add(parser: argparse.ArgumentParser) -> None:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", metavar="DIR", type=Path, help="data folder (MADANG_DATA, ./var)")
    shared.add_argument("--language", choices=("ko", "en"))
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("check", parents=[shared], help="read every file, and look whether any is missing")
    copy = actions.add_parser("copy", parents=[shared], help="copy every file to another store, checked on both sides")
    copy.add_argument(
        "--to", metavar="URL", required=True, help="s3://KEY:SECRET@host:port/bucket/prefix, file:///folder"
    )


def run(args: argparse.Namespace) -> int:
    from madang.cli.files import refuse
    from madang.kernel import files

    if args.data:
        os.environ["MADANG_DATA"] = str(args.data.expanduser().absolute())
    try:
        here = files.store()
        return _copy(args, here) if args.action == "copy" else _check(args, here)
    except ValueError as error:
        return refuse([Fault("files_no_address", "", {"problem": str(error)})], args.language)
    except (files.StoreGone, files.DiskFull) as error:
        refuse([Fault("files_stopped", "", {"problem": str(error)})], args.language)
        return 1


def _check(args: argparse.Namespace, here: Store) -> int:
    from madang.kernel import files

    named, there, damaged = set(_named()), set(), 0
    for kept in here.all():
        there.add(kept.sha256)
        try:
            here.opened(kept.sha256).close()
        except (files.Corrupted, files.NotKept):
            damaged += 1
            _say(args, "files_damaged", sha256=kept.sha256)
    missing = sorted(named - there)
    for sha256 in missing:
        _say(args, "files_missing", sha256=sha256)
    unnamed = len(there - named)
    _say(args, "files_checked", count=len(there), damaged=damaged, missing=len(missing), unnamed=unnamed)
    return 1 if damaged or missing else 0


def _copy(args: argparse.Namespace, here: Store) -> int:
    from madang.kernel import files

    to, copied, size, damaged = files.store_at(args.to), 0, 0, 0
    for kept in here.all():
        try:
            size += files.copy(kept.sha256, source=here, to=to).size
            copied += 1
        except (files.Corrupted, files.NotKept):
            damaged += 1
            _say(args, "files_damaged", sha256=kept.sha256)
    _say(args, "files_copied", count=copied, mb=-(-size // 1024**2), damaged=damaged)
    return 1 if damaged else 0


def _named() -> Iterator[str]:
    """The hash of every file that the database names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")
    import django

    django.setup()
    from django.apps import apps

    for label, fields in NAMED.items():
        for field in fields:
            found = apps.get_model(label)._default_manager.exclude(**{field: ""}).values_list(field, flat=True)
            yield from found.distinct().iterator(chunk_size=2000)


def _say(args: argparse.Namespace, code: str, **params: Param) -> None:
    from madang.cli.main import language
    from madang.words import say

    print(say(Reason(code, params), args.language or language()))
