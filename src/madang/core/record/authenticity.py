"""Are these the inputs that were sealed? Root, signatures, and what is known from elsewhere: key, anchor, receipts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madang.core.reasons import Reason
from madang.core.record.canonical import NotCanonical
from madang.core.record.findings import State, Verification
from madang.core.record.judgement import Judgement
from madang.core.record.read import Record
from madang.core.record.seal import FORMAT, commitment, root_of, signature_holds, write

if TYPE_CHECKING:
    import datetime as dt

    from cryptography import x509

    from madang.core.record.anchors import DepositNote
    from madang.core.record.keylist import KeyList
    from madang.core.record.receipts import Receipt
    from madang.core.record.stamps import TimeStamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a reader knows of a record from elsewhere, each already read from its file.

    `key`: the office's public key (64 hexadecimal digits); with `keys`, its published list, the key where the list's
    chain must begin. `trusted`: certificates of time-stamp authorities.
    """

    key: str | None = None
    keys: KeyList | None = None
    anchors: Sequence[TimeStamp | DepositNote] = ()
    trusted: Sequence[x509.Certificate] = ()
    receipts: Sequence[Receipt] = ()

    def nothing(self) -> bool:
        return not (self.key or self.keys or self.anchors or self.receipts)


def check(result: Verification, record: Record, text: str, known: Known) -> None:
    """Adds what was found to the result. Cost: hashing the record, and a signature each."""
    try:
        root = root_of(record.leaves)
        wrong = [*_root(record, root), *_order(record)]
    except NotCanonical as error:
        result.add("root", [Reason("leaf_not_canonical", {"problem": str(error)})])
        return
    result.add("root", wrong, Reason("root_is", {"root": record.root}))
    good = _signatures(result, record)
    found = root.hex() if root else record.root
    stamped = _anchors(result, found, known)
    _key(result, record, known, good, stamped)
    for receipt in known.receipts:
        _receipt(result, record, receipt)
    if known.nothing():
        result.skip("authenticity", Reason("authenticity_cannot_be_judged"))
    frame = {"madang_record": FORMAT, "edition": record.edition, "root": record.root}
    whole: Mapping[str, Any] = {**frame, "leaves": list(record.leaves), "signatures": list(record.signatures)}
    if text.encode() != write(whole):
        result.skip("canonical", Reason("not_canonical"))


def _root(record: Record, root: bytes | None) -> Iterator[Reason]:
    if root is None:
        yield Reason("leaves_fill_no_tree", {"leaves": len(record.leaves)})
    elif root.hex() != record.root:
        yield Reason("root_differs", {"stated": record.root, "found": root.hex()})


def _order(record: Record) -> Iterator[Reason]:
    """Single leaves next to each other ascend; the first that does not is named, no more."""
    last = b""
    for leaf in record.leaves:
        here = b"" if "height" in leaf else commitment(leaf)
        if here and here <= last:
            yield Reason("leaves_out_of_order", {"name": str(leaf.get("name", leaf.get("commitment", "")))})
            return
        last = here


def _signatures(result: Verification, record: Record) -> list[str]:
    """The keys whose signatures hold."""
    good = [s["key"] for s in record.signatures if signature_holds(record.root, s)]
    bad = [Reason("signature_bad", {"key": s["key"]}) for s in record.signatures if s["key"] not in good]
    if not record.signatures:
        result.skip("signature", Reason("unsigned"))
    else:
        result.add("signature", bad, Reason("signature_holds", {"keys": good}))
    return good


def _key(result: Verification, record: Record, known: Known, good: list[str], stamped: dt.date | None) -> None:
    from madang.core.record.keylist import Key, KeyList, judge

    if known.key is None and known.keys is None:
        if record.signatures:
            result.skip("key", Reason("key_not_given"))
        return
    keys = known.keys or KeyList((Key((known.key or "").lower()),))
    pinned = known.key.lower() if known.key and known.keys else None
    decided_at = str(record.values.get("meta", {}).get("decided_at", ""))
    result.judged("key", judge(keys, good, decided_at, pinned=pinned, stamped_on=stamped))


def _anchors(result: Verification, root: str, known: Known) -> dt.date | None:
    """Checks each anchor; the earliest day by which a checked time stamp says that the record existed."""
    if not known.anchors:
        return None
    from madang.core.record.anchors import DepositNote, check_anchor

    days = []
    for anchor in known.anchors:
        judgement = check_anchor(root, anchor, known.trusted)
        result.judged("anchor", judgement)
        if judgement.holds and not judgement.wrong and not isinstance(anchor, DepositNote):
            days.append(anchor.latest_day)
    return min(days, default=None)


def _receipt(result: Verification, record: Record, receipt: Receipt) -> None:
    from madang.core.record.receipts import check_receipt

    sheets = sum(leaf["name"].startswith("sheets/") for leaf in receipt.leaves)
    told = {"evaluator": receipt.evaluator, "sheets": sheets}
    try:
        wrong = check_receipt(record, receipt)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        wrong = [Reason("receipt_not_checkable", {"problem": f"{type(error).__name__}: {error}"[:300]})]
    result.add("receipt", wrong, Reason("receipt_holds", told))


__all__ = ["Judgement", "Known", "State", "check"]
