"""`madang receipt FILE`: check the receipt of a filed application, offline, and say in words what was checked.

Exit 0: nothing contradicts, even where who signed cannot be judged. Exit 1: a contradiction. Exit 2: unreadable.
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from madang.core.record.keylist import KeyList


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("receipt", metavar="FILE", help="the receipt (receipt.json); - reads standard input")
    parser.add_argument("--form", metavar="FILE", help="the form that it was given for (form.json), byte for byte")
    parser.add_argument("--keys", metavar="FILE", help="the office's published key list")
    parser.add_argument("--key", metavar="PUB", help="the office's public key, known from elsewhere: hex, or a file")
    parser.add_argument("--json", action="store_true", help="the findings as JSON")
    parser.add_argument("--language", choices=("ko", "en"))


def run(args: argparse.Namespace) -> int:
    from madang.cli.files import read_text, refuse
    from madang.cli.main import language
    from madang.cli.verify import as_json
    from madang.core.reasons import Malformed
    from madang.core.record.filing import mended, read_filing_receipt
    from madang.core.record.filing_check import check_filing

    try:
        receipt = read_filing_receipt(mended(read_text(args.receipt)))
        form = read_text(args.form) if args.form else None
        keys, pinned = _known(args)
    except Malformed as malformed:
        return refuse(malformed.faults, args.language)
    result = check_filing(receipt, form=form, keys=keys, pinned=pinned)
    if args.json:
        stated = {name: value for name, value in receipt.items() if name != "signatures"}
        print(json.dumps({**as_json(result), "receipt": stated}, ensure_ascii=False, indent=1))
    else:
        _tell(result, receipt, args.language or language())
    return result.exit_code


def _tell(result: Any, receipt: Any, language: str) -> None:
    from madang.cli.verify import MARKS
    from madang.core.reasons import Reason
    from madang.core.record.filing import number_on
    from madang.words import say

    open_ = any(finding.state.value == "not_checked" for finding in result.findings)
    code = "filing_verdict_fails" if result.exit_code else "filing_verdict_open" if open_ else "filing_verdict_holds"
    print(say(Reason(code), language))
    told = {name: receipt[name] for name in ("call", "revision", "arrived_at", "zone", "site", "form_sha256")}
    print(say(Reason("filing_stated", {**told, "number": number_on(receipt)}), language))
    if receipt["late_admission"]:
        print(say(Reason("filing_late_admitted", {"by": receipt["late_admission"]}), language))
    if receipt.get("supplement"):
        print(say(Reason("filing_answers_supplement", {"by": receipt["supplement"]}), language))
    if receipt["sample"]:
        print(say(Reason("filing_of_sample"), language))
    print()
    for finding in result.findings:
        print(f"{MARKS[finding.state.value]} {say(Reason('check_' + finding.check), language)}")
        for reason in finding.reasons:
            print(f"    {say(reason, language)}")


def _known(args: argparse.Namespace) -> tuple[KeyList | None, str | None]:
    """The key list, and the key that was known before; raises `Malformed`."""
    from madang.cli.files import read_text
    from madang.core.record.keylist import read_key_argument, read_keys

    keys = read_keys(read_text(args.keys)) if args.keys else None
    if not args.key:
        return keys, None
    given = args.key.strip()
    known = read_key_argument(given if len(given) == 64 else read_text(given))
    if keys is None:
        return known, None
    return keys, known.keys[0].key
