"""The office's published signing keys: who signed, was it the office, and was that key good on that day?

A key list names every key with its days. Each later key is endorsed, that is signed, by the one before, so whoever
pinned the first key follows the chain offline. A revoked key counts for nothing from the day of its revocation on,
neither for records nor for endorsements: the key after it starts a new chain, which must be made known anew.
`docs/formats/keys.md` is the format.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import AfterValidator, Field, StringConstraints

from madang.core.problem import Items, Strict, day_text, read_json, read_problem
from madang.core.reasons import Fault, Malformed, Reason
from madang.core.record.canonical import canonical
from madang.core.record.judgement import Judgement

FORMAT = 1
MOST_KEYS = 1000


@dataclass(frozen=True, slots=True)
class Key:
    """One public key (64 hexadecimal digits) and its days. A key known by itself alone has no days at all."""

    key: str
    from_: dt.date | None = None
    until: dt.date | None = None
    endorsed_by: str | None = None
    endorsement: str | None = None
    revoked: dt.date | None = None
    reason: str | None = None

    @property
    def state(self) -> Literal["current", "retired", "revoked"]:
        if self.revoked:
            return "revoked"
        return "retired" if self.until else "current"

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "key": self.key,
            "from": _day_text(self.from_),
            "until": _day_text(self.until),
            "endorsed_by": self.endorsed_by,
            "endorsement": self.endorsement,
        }
        return {**told, "revoked": _day_text(self.revoked), "reason": self.reason} if self.revoked else told


@dataclass(frozen=True, slots=True)
class KeyList:
    """Keys in the order of their first days. Made by `read_keys`, its shape is sound; endorsements are not checked."""

    keys: tuple[Key, ...]

    @property
    def current(self) -> Key | None:
        """The key that signs now: the last one, unless it is retired or revoked."""
        return self.keys[-1] if self.keys[-1].state == "current" else None

    def find(self, key: str) -> Key | None:
        return next((entry for entry in self.keys if entry.key == key.lower()), None)

    def text(self) -> str:
        """The list as it is published."""
        data = {"madang_keys": FORMAT, "keys": [key.as_json() for key in self.keys]}
        return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _day_text(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


# -- endorsements -------------------------------------------------------------------------------------------------


def endorsed_bytes(*, by: str, by_until: dt.date, key: str, from_: dt.date) -> bytes:
    """What an endorsement signs: both keys, the last day of the one and the first day of the other."""
    return canonical(
        {
            "endorsed_by": by,
            "endorsed_by_until": by_until.isoformat(),
            "from": from_.isoformat(),
            "key": key,
            "madang_keys": FORMAT,
        }
    )


def endorse(old: Ed25519PrivateKey, *, until: dt.date, key: str, from_: dt.date) -> str:
    """The endorsement of `key`, first day `from_`, by the key before it, whose last day is `until` (hexadecimal)."""
    by = old.public_key().public_bytes_raw().hex()
    return old.sign(endorsed_bytes(by=by, by_until=until, key=key, from_=from_)).hex()


def rotated(keys: KeyList, old: Ed25519PrivateKey, *, key: str, day: dt.date) -> KeyList:
    """The list after a planned change on `day`: both keys are good that day. The last key must be `old`'s and current;
    raises `Malformed` where its first day is after `day`.
    """
    last = keys.keys[-1]
    if last.key != old.public_key().public_bytes_raw().hex() or last.state != "current":
        raise Malformed([Fault("keys_not_current", "", {"key": last.key})])
    if last.from_ and day < last.from_:
        raise Malformed([Fault("keys_day_before", "", {"day": day.isoformat(), "from": last.from_.isoformat()})])
    ended = Key(last.key, last.from_, day, last.endorsed_by, last.endorsement)
    new = Key(key, day, None, last.key, endorse(old, until=day, key=key, from_=day))
    return KeyList((*keys.keys[:-1], ended, new))


def revoked(keys: KeyList, key: str, *, day: dt.date, reason: str) -> KeyList:
    """The list with one key revoked from `day` on. Raises `Malformed` where there is no such key, or it is revoked."""
    entry = keys.find(key)
    if entry is None:
        raise Malformed([Fault("keys_unknown_key", "", {"key": key})])
    if entry.revoked:
        raise Malformed([Fault("keys_revoked_already", "", {"key": key, "day": entry.revoked.isoformat()})])
    marked = Key(entry.key, entry.from_, entry.until, entry.endorsed_by, entry.endorsement, day, reason)
    return KeyList(tuple(marked if other is entry else other for other in keys.keys))


# -- judging ------------------------------------------------------------------------------------------------------


def judge(
    keys: KeyList,
    signers: str | Sequence[str],
    decided_at: str,
    *,
    pinned: str | None = None,
    stamped_on: dt.date | None = None,
) -> Judgement:
    """Whether a record of `decided_at` (`2022-02-01 10:00`, wall time of its call) is signed by a key of this list.

    `signers`: the public keys whose signatures hold. `pinned`: a key known from elsewhere, from which an unbroken
    chain must lead to the signing key; without it the list itself is what is trusted. `stamped_on`: the day by which,
    as a checked time stamp says (`TimeStamp.latest_day`), the record existed; only that keeps records of a key that was
    revoked later.
    """
    signers = [signers] if isinstance(signers, str) else list(signers)
    used = [entry for entry in keys.keys if entry.key in {signer.lower() for signer in signers}]
    if not used:
        if len(keys.keys) == 1:
            return Judgement(wrong=(Reason("key_did_not_sign", {"key": keys.keys[0].key}),))
        return Judgement(wrong=(Reason("key_not_in_list", {"keys": signers}) if signers else Reason("key_unsigned"),))
    judged = [_judge_one(keys, entry, decided_at, pinned, stamped_on) for entry in used]
    return next((each for each in judged if not each.wrong), judged[0])


def _judge_one(keys: KeyList, entry: Key, decided_at: str, pinned: str | None, stamped_on: dt.date | None) -> Judgement:
    of_the_day = list(_on_its_day(entry, decided_at))
    early = entry is keys.keys[0] and [reason.code for reason in of_the_day] == ["key_not_yet_valid"]
    wrong = [*_chain(keys, entry, pinned), *([] if early else of_the_day)]
    if wrong:
        return Judgement(wrong=tuple(wrong))
    if early:  # the list begins too late, or the day of the decision is stated too early: nobody can tell which
        told = {"key": entry.key, "day": decided_at[:10], "from": _day_text(entry.from_)}
        return Judgement(unjudged=(Reason("key_list_begins_later", told),))
    told = {"key": entry.key, "from": _day_text(entry.from_), "until": _day_text(entry.until)}
    holds = Reason("key_of_list", told) if entry.from_ else Reason("key_signed")
    open_: list[Reason] = []
    if entry.revoked and (stamped_on is None or stamped_on >= entry.revoked):
        open_.append(Reason("key_revoked_later", {"key": entry.key, "day": _day_text(entry.revoked)}))
    if pinned is None and len(keys.keys) > 1:
        open_.append(Reason("key_list_trusted", {"first": keys.keys[0].key}))
    return Judgement(holds=(holds,), unjudged=tuple(open_))


def _on_its_day(entry: Key, decided_at: str) -> Iterator[Reason]:
    if entry.from_ is None:
        return
    try:
        day = dt.date.fromisoformat(decided_at[:10])
    except ValueError:
        yield Reason("key_day_unreadable", {"decided_at": decided_at[:40]})
        return
    told = {"key": entry.key, "day": day.isoformat()}
    if day < entry.from_:
        yield Reason("key_not_yet_valid", {**told, "from": _day_text(entry.from_)})
    elif entry.revoked and day >= entry.revoked:
        yield Reason("key_revoked", {**told, "revoked": _day_text(entry.revoked), "reason": entry.reason})
    elif entry.until and day > entry.until:
        yield Reason("key_no_longer_valid", {**told, "until": _day_text(entry.until)})


def _chain(keys: KeyList, entry: Key, pinned: str | None) -> Iterator[Reason]:
    """Every link from the pinned key, or from the start of the signing key's own chain, up to the signing key."""
    place = keys.keys.index(entry)
    start = _start(keys, place)
    if pinned is not None:
        known = keys.find(pinned)
        if known is None:
            yield Reason("key_pinned_not_in_list", {"key": pinned})
            return
        pinned_at = keys.keys.index(known)
        if not start <= pinned_at <= place:
            yield Reason("key_not_reached", {"pinned": known.key, "key": entry.key})
            return
        start = pinned_at
    for before, after in zip(keys.keys[start:place], keys.keys[start + 1 : place + 1], strict=True):
        if not endorsement_holds(before, after):
            yield Reason("key_endorsement_bad", {"key": after.key, "by": before.key})
        elif before.revoked and after.from_ and after.from_ >= before.revoked:
            told = {"key": after.key, "by": before.key, "day": _day_text(before.revoked)}
            yield Reason("key_endorsed_after_revocation", told)


def _start(keys: KeyList, place: int) -> int:
    """Where the chain of the key at `place` starts: the last key, from there back, that nobody endorsed."""
    return next(number for number in range(place, -1, -1) if keys.keys[number].endorsed_by is None)


def endorsement_holds(before: Key, after: Key) -> bool:
    """Whether the key before signed the key after, with the days that the list states."""
    if after.endorsement is None or after.from_ is None or before.until is None:
        return False
    signed = endorsed_bytes(by=before.key, by_until=before.until, key=after.key, from_=after.from_)
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(before.key)).verify(bytes.fromhex(after.endorsement), signed)
    except (InvalidSignature, ValueError):
        return False
    return True


# -- reading ------------------------------------------------------------------------------------------------------


def _hex(digits: int) -> Any:
    def check(text: str) -> str:
        if not re.fullmatch(rf"[0-9a-f]{{{digits}}}", text):
            raise ValueError("not_a_hash")
        return text

    return AfterValidator(check)


_Day = Annotated[str, AfterValidator(day_text)]
_PublicKey = Annotated[str, _hex(64)]
_Signature = Annotated[str, _hex(128)]


class _Entry(Strict):
    key: _PublicKey
    from_: _Day = Field(alias="from")
    until: _Day | None
    endorsed_by: _PublicKey | None
    endorsement: _Signature | None
    revoked: _Day | None = None
    reason: Annotated[str, StringConstraints(max_length=2000)] | None = None

    def as_key(self) -> Key:
        until, revoked = (dt.date.fromisoformat(day) if day else None for day in (self.until, self.revoked))
        from_ = dt.date.fromisoformat(self.from_)
        return Key(self.key, from_, until, self.endorsed_by, self.endorsement, revoked, self.reason)


class _List(Strict):
    madang_keys: Literal[1]
    keys: Annotated[Items[_Entry], Field(min_length=1, max_length=MOST_KEYS)]


def read_keys(text: str) -> KeyList:
    """A published key list; raises `Malformed` with every fault and its JSON pointer. Judging is `judge`'s."""
    read = read_problem(_List, read_json(text))
    keys = tuple(entry.as_key() for entry in read.keys)
    if faults := [*_faults_of_order(keys)]:
        raise Malformed(faults)
    return KeyList(keys)


def _faults_of_order(keys: Sequence[Key]) -> Iterator[Fault]:
    seen: set[str] = set()
    before: Key | None = None
    for number, key in enumerate(keys):
        at = f"/keys/{number}"
        if key.key in seen:
            yield Fault("keys_twice", f"{at}/key")
        seen.add(key.key)
        if key.until and key.from_ and key.until < key.from_:
            yield Fault("keys_ends_before", f"{at}/until")
        if bool(key.endorsed_by) != bool(key.endorsement):
            yield Fault("keys_half_endorsed", f"{at}/endorsement")
        if before is None:
            if key.endorsed_by:
                yield Fault("keys_first_endorsed", f"{at}/endorsed_by")
        else:
            yield from _faults_of_link(before, key, at)
        before = key


def _faults_of_link(before: Key, key: Key, at: str) -> Iterator[Fault]:
    if key.endorsed_by is None and not before.revoked:
        yield Fault("keys_unendorsed", f"{at}/endorsed_by")
    if key.endorsed_by and key.endorsed_by != before.key:
        yield Fault("keys_endorsed_by_another", f"{at}/endorsed_by")
    if before.until is None and not before.revoked:
        yield Fault("keys_open_before", f"{at}/from")
    if before.from_ and key.from_ and key.from_ < before.from_:
        yield Fault("keys_out_of_order", f"{at}/from")


def read_key_argument(text: str) -> KeyList:
    """What somebody knows of the office's keys: 64 hexadecimal digits, a PEM public key, or a published key list.

    A single key has no days: it is good whenever it signed. Raises `Malformed`.
    """
    text = text.strip().removeprefix("\ufeff")
    if text.startswith("{"):
        return read_keys(text)
    if text.startswith("-----BEGIN"):
        return KeyList((Key(_pem_key(text)),))
    digits = "".join(text.split()).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise Malformed([Fault("not_a_public_key", "")])
    return KeyList((Key(digits),))


def _pem_key(text: str) -> str:
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise Malformed([Fault("not_a_public_key", "")])
    return key.public_bytes_raw().hex()


def listed(keys: KeyList) -> Iterable[dict[str, str | None]]:
    """The list for a page or a table: each key in groups of four digits, its days and state, the newest first."""
    for key in reversed(keys.keys):
        yield {
            "key": in_fours(key.key),
            "from": _day_text(key.from_),
            "until": _day_text(key.until),
            "state": key.state,
            "revoked": _day_text(key.revoked),
            "reason": key.reason,
        }


def in_fours(digits: str) -> str:
    """Hexadecimal digits in groups of four, as people compare them."""
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))
