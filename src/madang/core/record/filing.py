"""The receipt of a filing: what was filed, when it arrived, signed by the office. `docs/formats/receipts.md`.

It states the SHA-256 of the form that was filed, in canonical JSON; whoever holds the form can check that nothing of it
was changed, and whoever holds the receipt, that the office gave it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from madang.core.problem import read_json
from madang.core.reasons import Fault, Malformed, Reason
from madang.core.record.canonical import canonical, text_digest
from madang.core.record.keylist import KeyList, judge
from madang.core.record.numbers import read_number, receipt_number
from madang.core.record.read import is_hex, signature_faults

FORMAT: Final = 1
FRAME: Final = "madang_filing_receipt"
FORM: Final = "madang_filed_form"
_TEXTS: Final = ("number", "call", "track", "zone", "site")
_HASHES: Final = ("definition_sha256", "form_sha256")
_COUNTS: Final = ("revision", "definition_version", "files")
_MOMENTS: Final = ("arrived_at", "counts_until")
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2}")
_FIELDS: Final = frozenset({FRAME, *_TEXTS, *_HASHES, *_COUNTS, *_MOMENTS, "late_admission", "sample", "signatures"})
_OPTIONAL: Final = frozenset({"supplement"})
"""Stated only where they say something, so that every receipt from before them reads as it did."""
_LONGEST: Final = 20_000
_BROKEN: Final = re.compile(r"\s*[\r\n]+[>\s]*|\u200b")

Receipt = Mapping[str, Any]


def signed(
    key: Ed25519PrivateKey,
    *,
    number: str,
    revision: int,
    call: str,
    track: str,
    definition_version: int,
    definition_sha256: str,
    form_sha256: str,
    files: int,
    arrived_at: str,
    counts_until: str,
    zone: str,
    site: str,
    sample: bool,
    late_admission: str = "",
    supplement: str = "",
) -> str:
    """The receipt's text: canonical JSON with one signature (Ed25519; 0.1 ms).

    `arrived_at` and `counts_until` (blank: no end) are `2026-12-01T18:00:00+09:00`, wall time in the call's `zone`.
    `late_admission` names the act by which a press after the end was admitted; `supplement` the office's request that
    it answers, whose end is then `counts_until`.
    """
    stated: dict[str, Any] = {
        FRAME: FORMAT,
        "number": number,
        "revision": revision,
        "call": call,
        "track": track,
        "definition_version": definition_version,
        "definition_sha256": definition_sha256,
        "form_sha256": form_sha256,
        "files": files,
        "arrived_at": arrived_at,
        "counts_until": counts_until,
        "zone": zone,
        "site": site,
        "sample": sample,
        "late_admission": late_admission,
    }
    if supplement:
        stated["supplement"] = supplement
    signature = {
        "algorithm": "Ed25519",
        "key": key.public_key().public_bytes_raw().hex(),
        "signature": key.sign(canonical(stated)).hex(),
    }
    return canonical({**stated, "signatures": [signature]}).decode()


def read_filing_receipt(text: str) -> Receipt:
    """Raises `Malformed` with every fault of its shape; nothing else is checked."""
    if len(text) > _LONGEST:
        raise Malformed([Fault("not_a_filing_receipt", "")])
    data = read_json(text)
    if not isinstance(data, dict) or FRAME not in data:
        raise Malformed([Fault("not_a_filing_receipt", "")])
    if data[FRAME] != FORMAT or isinstance(data[FRAME], bool):
        raise Malformed([Fault("receipt_version", f"/{FRAME}", {"known": str(FORMAT)})])
    faults = [Fault("unknown_field", f"/{name}") for name in sorted(data.keys() - _FIELDS - _OPTIONAL)]
    faults += [Fault("missing_field", f"/{name}") for name in sorted(_FIELDS - data.keys())]
    if faults:
        raise Malformed(faults)
    texts = (*_TEXTS, "late_admission", *sorted(_OPTIONAL & data.keys()))
    faults += [Fault("not_text", f"/{n}") for n in texts if not _is_text(data[n])]
    faults += [Fault("not_a_hash", f"/{n}") for n in _HASHES if not is_hex(data[n], 64)]
    faults += [
        Fault("not_an_integer", f"/{n}") for n in _COUNTS if isinstance(data[n], bool) or not isinstance(data[n], int)
    ]
    faults += [Fault("filing_moment", f"/{n}") for n in _MOMENTS if not _moment(data[n], blank=n == "counts_until")]
    faults += [] if isinstance(data["sample"], bool) else [Fault("not_yes_or_no", "/sample")]
    faults += signature_faults(data["signatures"])
    if faults:
        raise Malformed(faults)
    return data


def mended(text: str) -> str:
    """The text of a receipt without the breaks that a mail program, or a PDF that it was copied from, put into it."""
    return _BROKEN.sub("", text.strip("\r\n\t >"))


def _is_text(value: Any) -> bool:
    """Half of a pair of surrogates is no letter: it can neither be hashed nor shown."""
    return isinstance(value, str) and not any("\ud800" <= char <= "\udfff" for char in value)


def _moment(value: Any, *, blank: bool) -> bool:
    return isinstance(value, str) and ((blank and not value) or _MOMENT.fullmatch(value) is not None)


def contradictions(receipt: Receipt, form: str | None = None) -> tuple[Reason, ...]:
    """What is wrong with a receipt by itself, and with the form it belongs to, where its exact text is given."""
    found: list[Reason] = []
    if read_number(receipt["number"]) != (receipt["number"], None):
        found.append(Reason("filing_number_wrong", {"number": receipt["number"][:40]}))
    if not receipt["signatures"]:
        found.append(Reason("filing_receipt_unsigned"))
    found += [Reason("signature_bad", {"key": one["key"]}) for one in receipt["signatures"] if not _holds(receipt, one)]
    if form is not None and text_digest(form) != receipt["form_sha256"]:
        found.append(Reason("filing_form_differs", {"stated": receipt["form_sha256"], "found": text_digest(form)}))
    return tuple(found)


def signers(receipt: Receipt) -> Sequence[str]:
    """The keys whose signatures hold."""
    return [one["key"] for one in receipt["signatures"] if _holds(receipt, one)]


def authentic(receipt: Receipt, keys: KeyList, *, pinned: str | None = None) -> Any:
    """Whether one of the office's keys signed it, good on the day of arrival (`keylist.judge`)."""
    return judge(keys, signers(receipt), receipt["arrived_at"], pinned=pinned)


def number_on(receipt: Receipt) -> str:
    """The receipt's own number."""
    return receipt_number(receipt["number"], receipt["revision"])


def _holds(receipt: Receipt, signature: Mapping[str, str]) -> bool:
    stated = {name: value for name, value in receipt.items() if name != "signatures"}
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature["key"]))
        public.verify(bytes.fromhex(signature["signature"]), canonical(stated))
    except (InvalidSignature, ValueError):
        return False
    return True
