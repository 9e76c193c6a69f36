"""`madang journal verify|proof|check`: is the journal as it was sealed, and does one row stand in it?

Exit 0: nothing contradicts, even where something cannot be judged. Exit 1: a contradiction, or refused with the reason.
Exit 2: what was given, or the database, cannot be read. `check` needs no database.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from madang.core.record.findings import Verification
    from madang.core.record.keylist import KeyList

REFUSED = 1


def add(parser: argparse.ArgumentParser) -> None:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--language", choices=("ko", "en"))
    reading = argparse.ArgumentParser(add_help=False)
    reading.add_argument("--data", metavar="DIR", type=Path, help="data folder (MADANG_DATA, ./var)")
    judging = argparse.ArgumentParser(add_help=False)
    judging.add_argument(
        "--key", metavar="KEY", help="the office's key list, or public key, from elsewhere: a file, or 64 digits"
    )
    judging.add_argument("--json", action="store_true", help="the findings as JSON")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    verify = actions.add_parser("verify", parents=[shared, reading, judging], help="compute the whole log again")
    verify.add_argument(
        "--seals", metavar="FILE", type=Path, action="append", default=[], help="a copy of seals.jsonl, kept elsewhere"
    )
    verify.add_argument(
        "--root", metavar="ROOT", action="append", default=[], help="a root that was noted down elsewhere"
    )
    proof = actions.add_parser("proof", parents=[shared, reading], help="a proof that one row stands in the log")
    proof.add_argument("entry", metavar="ENTRY", help="the id of the row")
    proof.add_argument("--out", metavar="FILE", type=Path, help="where it goes; standard output without")
    check = actions.add_parser("check", parents=[shared, judging], help="check a proof, offline")
    check.add_argument("file", metavar="FILE", help="a proof; - reads standard input")


def run(args: argparse.Namespace) -> int:
    from madang.cli.files import refuse
    from madang.core.reasons import Malformed

    try:
        return {"verify": _verify, "proof": _proof, "check": _check}[args.action](args)
    except Malformed as malformed:
        return refuse(malformed.faults, args.language)


def _verify(args: argparse.Namespace) -> int:
    from django.db import DatabaseError

    _set_up(args)
    from madang.kernel.sealed_check import Known, check
    from madang.kernel.sealing import copy_path

    given = _key(args)
    own = _own_keys() if given is None else None
    roots = [_root(text) for text in args.root]
    known = Known(keys=given or own, copies=[copy_path(), *args.seals], roots=roots)
    try:
        result = check(known)
    except DatabaseError as error:
        raise _malformed("journal_no_database", problem=str(error).splitlines()[0][:200]) from None
    if own is not None:
        from madang.core.reasons import Reason

        result.skip("journal_key", Reason("journal_key_own"))
    _tell(result, args, "journal_holds", "journal_fails")
    return result.exit_code


def _proof(args: argparse.Namespace) -> int:
    from madang.cli.files import refuse, write_json
    from madang.core.reasons import Fault

    _set_up(args)
    from madang.kernel.journal import JournalEntry
    from madang.kernel.sealed_check import proof
    from madang.kernel.sealing import LogDamaged

    try:
        entry = UUID(args.entry)
    except ValueError:
        entry = UUID(int=0)
    found = None
    try:
        found = proof(entry)
        fault = Fault("journal_not_sealed_yet", "", {"entry": args.entry[:80]})
        if found is None and not JournalEntry.objects.filter(pk=entry).exists():
            fault = Fault("journal_no_entry", "", {"entry": args.entry[:80]})
    except LogDamaged as error:
        fault = Fault("journal_log_damaged", "", {"problem": str(error)})
    if found is None:
        refuse([fault], args.language)
        return REFUSED
    write_json(found.as_json(), args.out)
    return 0


def _check(args: argparse.Namespace) -> int:
    from madang.cli.files import read_text
    from madang.core.reasons import Reason
    from madang.core.record.findings import Verification
    from madang.core.record.keylist import judge
    from madang.core.record.sealed_log import contradictions, read_proof

    proof, keys = read_proof(read_text(args.file)), _key(args)
    result = Verification()
    told = {name: str(proof.row[name]) for name in ("command", "at")} | {"entry": str(proof.row["id"])}
    holds = Reason(
        "journal_proof_holds",
        {**told, "place": proof.place + 1, "size": proof.seal.size, "seal": proof.seal.number},
    )
    result.add("journal_proof", list(contradictions(proof)), holds)
    if keys is None:
        result.skip("journal_key", Reason("journal_key_not_given"))
    else:
        result.judged("journal_key", judge(keys, proof.seal.key, proof.seal.day))
    _tell(result, args, "journal_proof_valid", "journal_proof_invalid")
    return result.exit_code


# -- what was given -------------------------------------------------------------------------------------------------


def _set_up(args: argparse.Namespace) -> None:
    if args.data:
        os.environ["MADANG_DATA"] = str(args.data.expanduser().absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madang.site.settings")
    import django

    django.setup()


def _key(args: argparse.Namespace) -> KeyList | None:
    from madang.cli.files import read_text
    from madang.core.record.keylist import read_key_argument

    if args.key is None:
        return None
    given = args.key.strip()
    return read_key_argument(given if re.fullmatch(r"[0-9A-Fa-f]{64}", given) else read_text(given))


def _own_keys() -> KeyList | None:
    """The keys of this installation: its published list, or else the key that signs."""
    from madang.core.record.keylist import Key, KeyList, read_keys
    from madang.kernel import keyring, keys
    from madang.kernel.datadir import data_dir

    if (text := keyring.published()) is not None:
        return read_keys(text)
    if not (data_dir() / "keys" / f"{keys.RECORDS}.pem").exists():
        return None
    return KeyList((Key(keys.public_hex(keys.load_or_make())),))


def _root(text: str) -> str:
    root = "".join(text.split()).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", root):
        raise _malformed("journal_root_malformed")
    return root


def _malformed(code: str, **params: str) -> Exception:
    from madang.core.reasons import Fault, Malformed

    return Malformed([Fault(code, "", params)])


# -- telling --------------------------------------------------------------------------------------------------------


def _tell(result: Verification, args: argparse.Namespace, holds: str, fails: str) -> None:
    from madang.cli.main import language
    from madang.cli.verify import MARKS, as_json
    from madang.core.reasons import Reason
    from madang.words import say

    if args.json:
        json.dump(as_json(result), sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    spoken = args.language or language()
    print(say(Reason(fails if result.exit_code else holds), spoken))
    print()
    for finding in result.findings:
        print(f"{MARKS[finding.state.value]} {say(Reason('check_' + finding.check), spoken)}")
        for reason in finding.reasons:
            print(f"    {say(reason, spoken)}")
