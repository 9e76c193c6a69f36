"""`madang anchor RECORD --tsa URL --out record.tsr`, or `--deposit`: something outside the office that knows the root.

Exit 0: done. Exit 1: the authority refused, could not be reached, or answered something that does not fit; nothing is
written then. Exit 2: the record cannot be read.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from madang.core.reasons import Fault, Malformed, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.x509 import Certificate

    from madang.core.record.stamps import TimeStamp

TIMEOUT_S = 20.0
MAX_RESPONSE = 64 * 1024
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
REFUSED = 1


class NotStamped(Exception):
    """The authority gave no time stamp that fits; `reasons` say why."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(", ".join(reason.code for reason in reasons))


@dataclass(frozen=True, slots=True)
class Rooted:
    """What an anchor needs of a record."""

    root: str
    call: str
    decided_at: str


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("record", metavar="RECORD", help="record.json, of any edition; - reads standard input")
    ways = parser.add_mutually_exclusive_group(required=True)
    ways.add_argument("--tsa", metavar="URL", help="time-stamp authority (RFC 3161), http or https")
    ways.add_argument("--deposit", action="store_true", help="the note to deposit: the root, and how to compare it")
    parser.add_argument("--out", metavar="FILE", type=Path, help="where the answer or the note goes; never replaced")
    parser.add_argument("--anchor-ca", metavar="FILE", type=Path, help="certificate of the authority's root (PEM)")
    parser.add_argument("--timeout", metavar="SECONDS", type=float, default=TIMEOUT_S)
    parser.add_argument("--language", choices=("ko", "en"))


def run(args: argparse.Namespace) -> int:
    from madang.cli.files import read_text, refuse
    from madang.cli.main import language
    from madang.words import say

    try:
        rooted = rooted_in(read_text(args.record))
        if args.deposit:
            _deposit(rooted, args.out)
        else:
            _stamp(rooted, args)
    except Malformed as malformed:
        return refuse(malformed.faults, args.language)
    except NotStamped as refused:
        for reason in refused.reasons:
            print(say(reason, args.language or language()), file=sys.stderr)
        return REFUSED
    return 0


def rooted_in(text: str) -> Rooted:
    """Root, call and day of a record, which is not checked here: that is `madang verify`'s. Raises `Malformed`."""
    from madang.core.problem import read_json

    data = read_json(text)
    if not isinstance(data, dict) or "madang_record" not in data or not isinstance(data.get("leaves"), list):
        raise Malformed([Fault("not_a_record", "")])
    root = data.get("root")
    if not isinstance(root, str) or len(root) != 64 or not set(root) <= set("0123456789abcdef"):
        raise Malformed([Fault("not_a_hash", "/root")])
    leaves = (leaf for leaf in data["leaves"] if isinstance(leaf, dict) and leaf.get("name") == "meta")
    meta = next(leaves, {}).get("value")
    told: dict[str, Any] = meta if isinstance(meta, dict) else {}
    return Rooted(root, str(told.get("call", "?")), str(told.get("decided_at", "?")))


def _deposit(rooted: Rooted, out: Path | None) -> None:
    from madang.papers.deposit import deposit_note

    note = deposit_note(rooted.root, call=rooted.call, decided_at=rooted.decided_at)
    if out:
        write_anchor(note.encode(), out)
    else:
        sys.stdout.write(note)


def _stamp(rooted: Rooted, args: argparse.Namespace) -> None:
    from madang.cli.main import language
    from madang.core.record.stamps import read_trusted, time_text
    from madang.words import say

    if args.out is None:
        raise Malformed([Fault("anchor_out_missing", "--out")])
    if args.out.exists():
        raise Malformed([Fault("anchor_exists", str(args.out))])
    trusted = read_trusted(_read_bytes(args.anchor_ca)) if args.anchor_ca else ()
    response, stamp = ask_for_stamp(rooted.root, args.tsa, trusted=trusted, timeout_s=args.timeout)
    write_anchor(response, args.out)
    told = {"time": time_text(stamp.time), "authority": stamp.authority, "file": str(args.out)}
    print(say(Reason("anchor_written", told), args.language or language()))


def write_anchor(data: bytes, out: Path) -> None:
    """Into a new file, flushed to the disk. An earlier anchor is never replaced: it proves more. Raises `Malformed`."""
    try:
        with out.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise Malformed([Fault("anchor_exists", str(out))]) from None
    except OSError as error:
        raise Malformed([Fault("file_not_written", str(out), {"system": error.strerror or str(error)})]) from None


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Malformed([Fault("file_not_read", str(path), {"system": error.strerror or str(error)})]) from None


# -- the authority ------------------------------------------------------------------------------------------------


def ask_for_stamp(
    root: str, url: str, *, trusted: Sequence[Certificate] = (), timeout_s: float = TIMEOUT_S
) -> tuple[bytes, TimeStamp]:
    """The authority's answer for a root, checked: our root, our nonce, whole, and (given `trusted`) whose it is.

    Raises `NotStamped`. Sends nothing but a hash of the root and a random number.
    """
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    from madang.core.record.anchors import check_anchor
    from madang.core.record.stamps import read_response

    asked = TimestampRequestBuilder().data(bytes.fromhex(root)).hash_algorithm(HashAlgorithm.SHA256).build()
    response = _post(url, asked.as_bytes(), timeout_s)
    try:
        stamp = read_response(response)
    except Malformed as malformed:
        raise NotStamped([Reason(fault.code, fault.params) for fault in malformed.faults]) from None
    if stamp.nonce != asked.nonce:
        raise NotStamped([Reason("anchor_of_another_request")])
    if wrong := check_anchor(root, stamp, trusted).wrong:
        raise NotStamped(wrong)
    return response, stamp


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A query that was posted must not wander: the reader is told the other address instead."""

    def redirect_request(self, req: Any, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str) -> None:
        raise NotStamped([Reason("anchor_redirected", {"to": newurl[:300]})])


def _post(url: str, body: bytes, timeout_s: float) -> bytes:
    """The body of the answer, at most `MAX_RESPONSE` bytes and within `timeout_s`. Raises `NotStamped`."""
    if not url.lower().startswith(("http://", "https://")):
        raise NotStamped([Reason("anchor_address", {"url": url[:300]})])
    until = time.monotonic() + timeout_s
    try:
        request = urllib.request.Request(url, body, {"Content-Type": QUERY, "Accept": REPLY})  # noqa: S310 - http(s) only
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=timeout_s) as answer:
            if (kind := answer.headers.get_content_type()) != REPLY:
                raise NotStamped([Reason("anchor_other_content", {"type": kind[:100]})])
            return _read_within(answer, until, timeout_s)
    except urllib.error.HTTPError as error:
        raise NotStamped([Reason("anchor_http_status", {"status": error.code})]) from None
    except TimeoutError:
        raise NotStamped([Reason("anchor_timeout", {"seconds": f"{timeout_s:g}"})]) from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise NotStamped([Reason("anchor_timeout", {"seconds": f"{timeout_s:g}"})]) from None
        raise NotStamped([Reason("anchor_not_reached", {"problem": str(error.reason)[:200]})]) from None
    except (OSError, HTTPException, ValueError) as error:
        raise NotStamped([Reason("anchor_not_reached", {"problem": str(error)[:200]})]) from None


def _read_within(answer: Any, until: float, timeout_s: float) -> bytes:
    """Piece by piece, so that neither an endless nor a trickling answer holds us."""
    found = b""
    while piece := answer.read1(MAX_RESPONSE):
        found += piece
        if len(found) > MAX_RESPONSE:
            raise NotStamped([Reason("anchor_answer_too_large", {"most": MAX_RESPONSE})])
        if time.monotonic() > until:
            raise NotStamped([Reason("anchor_timeout", {"seconds": f"{timeout_s:g}"})])
    return found
