"""`madang verify RECORD`: recompute and check a decision record, offline, and say in words what was checked.

Exit 0: nothing contradicts, even where authenticity cannot be judged. Exit 1: a contradiction. Exit 2: unreadable.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from madang.core.record.authenticity import Known

MARKS = {"holds": "✓", "fails": "✗", "not_checked": "–"}
MAX_BYTES = 512 * 1024**2


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("record", metavar="RECORD", type=Path, help="a record of any edition; - reads standard input")
    parser.add_argument("--key", metavar="PUB", help="the office's public key, known from elsewhere: hex, or a file")
    parser.add_argument(
        "--keys", metavar="FILE", help="the office's published key list; --key says where it must begin"
    )
    parser.add_argument(
        "--anchor", metavar="FILE", action="append", default=[], help="a time stamp (RFC 3161) or a deposited root"
    )
    parser.add_argument("--anchor-ca", metavar="FILE", help="certificate of the time-stamp authority (PEM)")
    parser.add_argument(
        "--receipt", metavar="FILE", action="append", default=[], help="an evaluator's receipt; may be repeated"
    )
    parser.add_argument("--content-only", action="store_true", help="recompute only; leave hash and signature aside")
    parser.add_argument("--json", action="store_true", help="the findings as JSON")
    parser.add_argument("--language", choices=("ko", "en"))


def run(args: argparse.Namespace) -> int:
    from madang.cli.files import read_text, refuse
    from madang.cli.main import language
    from madang.core.reasons import Malformed
    from madang.core.record.verify import verify

    try:
        text = read_text(str(args.record))
        known = _known(args)
    except Malformed as malformed:
        return refuse(malformed.faults, args.language)
    result = verify(text, known=known, content_only=args.content_only)
    if args.json:
        print(json.dumps(as_json(result), ensure_ascii=False, indent=1))
    else:
        _tell(result, args.language or language())
    return result.exit_code


def as_json(result: Any) -> dict[str, Any]:
    """The findings for machines, and for the site that runs this command in a process of its own."""
    return {
        "exit_code": result.exit_code,
        "faults": [fault.as_json() for fault in result.faults],
        "findings": [finding.as_json() for finding in result.findings],
    }


def _tell(result: Any, language: str) -> None:
    from madang.core.reasons import Reason
    from madang.words import say, say_fault

    if result.faults:
        print(say(Reason("verdict_unreadable"), language))
        for fault in result.faults[:20]:
            print("  " + say_fault(fault, language))
        return
    unjudged = any(finding.check == "authenticity" for finding in result.findings)
    holds = "verdict_holds_unjudged" if unjudged else "verdict_holds"
    print(say(Reason("verdict_fails" if result.exit_code else holds), language))
    print()
    for finding in result.findings:
        print(f"{MARKS[finding.state.value]} {say(Reason('check_' + finding.check), language)}")
        for reason in finding.reasons[:20]:
            print(f"    {say(reason, language)}")


def _known(args: argparse.Namespace) -> Known:
    """What was given from elsewhere, read; raises `Malformed` with the file's name at every fault."""
    from madang.cli.files import read_text
    from madang.core.record.authenticity import Known

    told: dict[str, Any] = {}
    if args.key is not None:
        from madang.core.record.keylist import read_key_argument

        given = args.key.strip()
        text = given if len(given) == 64 else read_text(given)
        keys = _named("--key", read_key_argument, text)
        told |= {"key": keys.keys[0].key} if len(keys.keys) == 1 and keys.keys[0].from_ is None else {"keys": keys}
    if args.keys is not None:
        from madang.core.record.keylist import read_keys

        told["keys"] = _named(args.keys, read_keys, read_text(args.keys))
    if args.anchor:
        from madang.core.record.anchors import read_anchor
        from madang.core.record.stamps import read_trusted

        told["anchors"] = [_named(name, read_anchor, _bytes(name)) for name in args.anchor]
        if args.anchor_ca:
            told["trusted"] = _named(args.anchor_ca, read_trusted, _bytes(args.anchor_ca))
    if args.receipt:
        from madang.core.record.receipts import read_receipt

        told["receipts"] = [_named(name, read_receipt, read_text(name)) for name in args.receipt]
    return Known(**told)


def _named(name: str, read: Callable[[Any], Any], given: Any) -> Any:
    from madang.core.reasons import Fault, Malformed

    try:
        return read(given)
    except Malformed as malformed:
        faults = [Fault(f.code, f"{name}, {f.at}" if f.at else name, f.params) for f in malformed.faults]
        raise Malformed(faults) from None


def _bytes(path: str) -> bytes:
    from madang.core.reasons import Fault, Malformed

    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise Malformed([Fault("file_not_read", path, {"system": error.strerror or str(error)})]) from None
