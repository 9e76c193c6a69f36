"""What a mail server sends back (RFC 3464, delivery status notifications), read without believing it.

Anybody can write such a mail. So it counts only where it names a mail of ours by its Message-ID, which nobody but its
reader has seen, and this very reader (`madang.apps.outbox.commands.take_bounce` holds that against the outbox).
"""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Final

from madang.kernel.tokens import UID_LENGTH

MOST_BYTES: Final = 2_000_000
"""Of a mail that came back; what stands behind is not read."""
_OURS: Final = re.compile(rf"<([0-9A-Za-z]{{{UID_LENGTH}}})@[^<>\s]{{1,255}}>")
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail that will not reach its reader: `uid` of the mail, the addresses that the report names for its reader
    (as we wrote it, and as it was after forwarding), and the status code (`5.1.1`).
    """

    uid: str
    addresses: tuple[str, ...]
    status: str


def read_bounces(raw: bytes) -> list[Bounce]:
    """The final failures that a report tells, one for each reader; nothing for any other mail. Never raises."""
    try:
        message = email.message_from_bytes(raw[:MOST_BYTES], policy=email.policy.compat32)
        parts = list(message.walk())
        return list(_failures(parts)) if message.get_content_type() == "multipart/report" else []
    except (RecursionError, LookupError, ValueError, TypeError, AttributeError):
        return []  # no report that a mail server would write


def _failures(parts: list[Message]) -> Iterator[Bounce]:
    uid = next((found for part in parts if (found := _uid_in(part))), "")
    reports = [part.get_payload() for part in parts if part.get_content_type() == "message/delivery-status"]
    for block in (block for report in reports if isinstance(report, list) for block in report):
        if not isinstance(block, Message) or str(block.get("Action", "")).strip().lower() != "failed":
            continue
        told = (str(block.get(name, "")) for name in ("Original-Recipient", "Final-Recipient"))
        addresses = tuple(address for one in told if (address := one.partition(";")[2].strip(" <>\t").lower()))
        status = _STATUS.search(str(block.get("Status", "")))
        if uid and addresses:
            yield Bounce(uid, addresses, status[0] if status else "5.0.0")


def _uid_in(part: Message) -> str:
    """The uid in the Message-ID of the mail that came back: it is there whole, or its head only."""
    kind, payload = part.get_content_type(), part.get_payload()
    if kind == "message/rfc822" and isinstance(payload, list) and payload and isinstance(payload[0], Message):
        head = payload[0]
    elif kind == "text/rfc822-headers":
        head = email.message_from_bytes(bytes(part.get_payload(decode=True) or b""), policy=email.policy.compat32)
    else:
        return ""
    found = _OURS.search(str(head.get("Message-ID", "")))
    return found[1] if found else ""
