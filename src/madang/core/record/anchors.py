"""Anchors: what outside the office shows that a record with this root existed: a time stamp, or a deposited root.

A forger who holds the whole record can make hash and signature anew, and a thief of the key can date it back. A root
that a time-stamp authority stamped, or that lies with an audit office, stays what it was. `docs/formats/anchors.md` is
the format.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from cryptography import x509

from madang.core.reasons import Fault, Malformed, Reason
from madang.core.record.judgement import Judgement
from madang.core.record.stamps import (
    SHA256,
    TimeStamp,
    UnknownSignature,
    authority_faults,
    read_response,
    time_text,
    whole,
)

MAX_BYTES = 1024 * 1024
ROOT_DIGITS = 64


@dataclass(frozen=True, slots=True)
class DepositNote:
    """A root that was deposited, printed or published somewhere."""

    root: str


# -- reading ------------------------------------------------------------------------------------------------------


def read_anchor(data: bytes) -> TimeStamp | DepositNote:
    """A time stamp (response or token, DER or PEM-armoured) or a text that holds one root. Raises `Malformed`."""
    if len(data) > MAX_BYTES:
        raise Malformed([Fault("anchor_too_large", "", {"most": MAX_BYTES})])
    text = _text(data)
    if text is None:
        return read_response(data)
    if armour := re.search(r"-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----", text):
        return read_response(_unarmoured(armour[1], armour[2]))
    return _read_note(text)


def _text(data: bytes) -> str | None:
    """The file as text, where it is one: DER holds control bytes, a text only those that move to the next line.

    Its root is plain ASCII: a Korean code page that is not UTF-8 does no harm.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    if any(byte < 32 and byte not in b"\t\n\r\f" for byte in data):
        return None
    return data.decode("utf-8-sig", errors="replace")


def _unarmoured(label: str, body: str) -> bytes:
    if label == "CERTIFICATE":
        raise Malformed([Fault("anchor_is_certificate", "")])
    try:
        return base64.b64decode("".join(body.split()), validate=True)
    except binascii.Error:
        raise Malformed([Fault("anchor_broken", "", {"problem": "base64"})]) from None


def _read_note(text: str) -> DepositNote:
    roots = sorted({*_roots_in(text)})
    if not roots:
        raise Malformed([Fault("not_an_anchor", "")])
    if len(roots) > 1:
        raise Malformed([Fault("anchor_several_roots", "", {"roots": roots})])
    return DepositNote(roots[0])


_LABEL = re.compile(r"(?:\broot|루트)\s*[:=]", re.IGNORECASE)
_HEX_GROUP = re.compile(r"[0-9a-f]+(?:[-:·.][0-9a-f]+)*[-:·.]?", re.IGNORECASE)


def _roots_in(text: str) -> Iterator[str]:
    """Every run of hexadecimal groups that makes 64 digits, all of one size or standing alone among other words; after
    the word `root:`, also every run that starts with them (a word such as "add" may follow).
    """
    for number, part in enumerate(_LABEL.split(text)):
        for place, run in enumerate(_runs(part)):
            whole_root = "".join(run)
            if len(whole_root) == ROOT_DIGITS:
                yield whole_root
            elif number > 0 and place == 0 and ROOT_DIGITS in accumulate(map(len, run)):
                yield whole_root[:ROOT_DIGITS]
            for size, groups in groupby(run, key=len):
                even = list(groups)
                if len(even) * size == ROOT_DIGITS:
                    yield "".join(even)


def _runs(text: str) -> Iterator[list[str]]:
    """The hexadecimal groups that stand one after the other, without their separators; other words part the runs."""
    run: list[str] = []
    for word in text.split():
        if _HEX_GROUP.fullmatch(word):
            run.append(re.sub(r"[^0-9a-f]", "", word.lower()))
        else:
            yield run
            run = []
    yield run


# -- checking -----------------------------------------------------------------------------------------------------


def imprint_of(root: str) -> bytes:
    """What is stamped for a root: SHA-256 of its 32 bytes (not of its hexadecimal digits)."""
    return hashlib.sha256(bytes.fromhex(root)).digest()


def check_anchor(root: str, anchor: TimeStamp | DepositNote, trusted: Sequence[x509.Certificate] = ()) -> Judgement:
    """Whether the anchor belongs to a record with this root (64 hexadecimal digits), as found from its leaves.

    `trusted`: certificates of time-stamp authorities, known from elsewhere (`stamps.read_trusted`). Without them a
    token can be found changed, or another record's, but who stamped it is not judged. Raises nothing.
    """
    if isinstance(anchor, DepositNote):
        if anchor.root == root.lower():
            return Judgement(holds=(Reason("deposit_is_root"),))
        return Judgement(wrong=(Reason("deposit_of_another_root", {"deposited": anchor.root, "found": root}),))
    told = {"time": time_text(anchor.time), "authority": anchor.authority}
    if wrong := list(_imprint_faults(root, anchor)):
        return Judgement(wrong=tuple(wrong))
    try:
        if wrong := whole(anchor):
            return Judgement(wrong=tuple(wrong))
    except UnknownSignature as unknown:  # OpenSSL may know it, which judges the authority
        if not trusted:
            return Judgement(unjudged=(Reason("anchor_signature_unknown", {**told, "kind": unknown.kind}),))
    if not trusted:
        return Judgement(unjudged=(Reason("anchor_authority_not_judged", told),))
    if wrong := authority_faults(anchor, trusted):
        return Judgement(wrong=tuple(wrong))
    return Judgement(holds=(Reason("anchor_stamped", told),))


def _imprint_faults(root: str, stamp: TimeStamp) -> Iterator[Reason]:
    if stamp.imprint_algorithm != SHA256:
        yield Reason("anchor_other_algorithm", {"algorithm": stamp.imprint_algorithm})
    elif stamp.imprint != imprint_of(root):
        yield Reason("anchor_of_another_root", {"time": time_text(stamp.time)})
