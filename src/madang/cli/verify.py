"""`madang verify RECORD`: recompute and check a decision record, offline, and say in words what was checked.

Exit 0: nothing contradicts, even where authenticity cannot be judged. Exit 1: a contradiction. Exit 2: unreadable.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

MARKS = {"holds": "✓", "fails": "✗", "not_checked": "–"}
MAX_BYTES = 512 * 1024**2


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("record", metavar="RECORD", type=Path, help="record.json; - reads standard input")
    parser.add_argument("--key", metavar="PUB", help="the office's public key, known from elsewhere: hex, or a file")
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
        key = _key(args.key)
    except Malformed as malformed:
        return refuse(malformed.faults, args.language)
    result = verify(text, key=key, content_only=args.content_only)
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
    print(say(Reason("verdict_fails" if result.exit_code else "verdict_holds"), language))
    print()
    for finding in result.findings:
        print(f"{MARKS[finding.state.value]} {say(Reason('check_' + finding.check), language)}")
        for reason in finding.reasons[:20]:
            print(f"    {say(reason, language)}")


def _key(given: str | None) -> str | None:
    """A public key as 64 hexadecimal digits, or a file that holds them (or a PEM public key)."""
    from madang.cli.files import read_text
    from madang.core.reasons import Fault, Malformed

    if given is None:
        return None
    text = given.strip()
    if len(text) != 64:
        text = read_text(given).strip()
    if text.startswith("-----BEGIN PUBLIC KEY"):
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        try:
            text = load_pem_public_key(text.encode()).public_bytes_raw().hex()  # type: ignore[union-attr]  # Ed25519 has it
        except (ValueError, AttributeError):
            text = ""
    if len(text) != 64 or not all(char in "0123456789abcdefABCDEF" for char in text):
        raise Malformed([Fault("not_a_public_key", "--key")])
    return text.lower()
