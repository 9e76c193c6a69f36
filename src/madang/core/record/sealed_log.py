"""The journal's sealed log: what a leaf hashes, what a seal signs, and the proof that one row stands in the log.

Rows of the journal are leaves of an RFC 9162 Merkle log in the order in which they were sealed. A seal signs its size
and root with the office's key, and names the seal before. `docs/formats/journal.md` is the format. Nothing here reads a
database: `madang journal check` needs none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AfterValidator, Field, StringConstraints

from madang.core.problem import LARGEST, Items, Strict, day_text, read_json, read_problem
from madang.core.reasons import Reason
from madang.core.record import merkle
from madang.core.record.canonical import canonical

FORMAT = 1

COLUMNS = (
    "id",
    "at",
    "actor_kind",
    "actor_id",
    "actor_label",
    "command",
    "object_kind",
    "object_id",
    "before_sha256",
    "after_sha256",
    "payload",
)
"""Every column of a row of the journal, all as text; a test holds it against the table."""


def leaf(row: Mapping[str, Any]) -> bytes:
    """The leaf hash of a row. Raises `NotCanonical` on what no row of ours ever holds."""
    return merkle.leaf_hash(canonical({"madang_journal": FORMAT, **{name: row[name] for name in COLUMNS}}))


@dataclass(frozen=True, slots=True)
class SignedRoot:
    """One seal: the log had `size` rows and this root at `at`, says the holder of `key`.

    `previous` is the `digest` of the seal before (none: the first). `day` is the office's own calendar day, by which
    its keys are judged. `guards` is a fingerprint of what keeps the tables in the database, `gaps` what was missing.
    """

    number: int
    size: int
    root: str
    previous: str | None
    at: str
    day: str
    guards: str
    gaps: tuple[str, ...]
    key: str
    signature: str = ""

    def signed(self) -> bytes:
        """The bytes that are signed: canonical JSON of everything but the signature."""
        told = self.as_json()
        del told["signature"]
        return canonical(told)

    def digest(self) -> str:
        """How the next seal names this one."""
        return hashlib.sha256(self.signed()).hexdigest()

    def holds(self) -> bool:
        """Whether the signature belongs to this content and the key that it names."""
        try:
            public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key))
            public.verify(bytes.fromhex(self.signature), self.signed())
        except (InvalidSignature, ValueError):
            return False
        return True

    def as_json(self) -> dict[str, Any]:
        return {
            "madang_seal": FORMAT,
            "number": self.number,
            "size": self.size,
            "root": self.root,
            "previous": self.previous,
            "at": self.at,
            "day": self.day,
            "guards": self.guards,
            "gaps": list(self.gaps),
            "key": self.key,
            "signature": self.signature,
        }


def sign(unsigned: SignedRoot, key: Ed25519PrivateKey) -> SignedRoot:
    """The same with the key's name and signature (Ed25519: deterministic, 64 bytes)."""
    named = replace(unsigned, key=key.public_key().public_bytes_raw().hex())
    return replace(named, signature=key.sign(named.signed()).hex())


# -- proofs ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proof:
    """That a row stands at `place` (from 0) of the log that `seal` signs: the siblings from the leaf up to the root."""

    row: Mapping[str, str]
    place: int
    path: tuple[str, ...]
    seal: SignedRoot

    def as_json(self) -> dict[str, Any]:
        return {
            "madang_journal_proof": FORMAT,
            "row": dict(self.row),
            "place": self.place,
            "path": list(self.path),
            "seal": self.seal.as_json(),
        }


def contradictions(proof: Proof) -> Iterator[Reason]:
    """What in a proof does not follow; whose key it is must be judged apart (`keylist.judge`)."""
    steps = [bytes.fromhex(step) for step in proof.path]
    found = merkle.root_of_path(leaf(proof.row), proof.place, proof.seal.size, steps)
    if found is None or found.hex() != proof.seal.root:
        yield Reason("journal_proof_other_root", {"entry": proof.row["id"], "place": proof.place + 1})
    if not proof.seal.holds():
        yield Reason("journal_seal_signature_bad", {"seal": proof.seal.number})


# -- reading --------------------------------------------------------------------------------------------------------


def _hex(digits: int) -> Any:
    def check(text: str) -> str:
        if not re.fullmatch(rf"[0-9a-f]{{{digits}}}", text):
            raise ValueError("not_a_hash")
        return text

    return AfterValidator(check)


_Hash = Annotated[str, _hex(64)]
_Text = Annotated[str, StringConstraints(max_length=100_000)]
_Count = Annotated[int, Field(ge=0, le=LARGEST)]


class _Seal(Strict):
    madang_seal: Literal[1]
    number: Annotated[int, Field(ge=1, le=LARGEST)]
    size: Annotated[int, Field(ge=1, le=LARGEST)]
    root: _Hash
    previous: _Hash | None
    at: Annotated[str, StringConstraints(max_length=40)]
    day: Annotated[str, AfterValidator(day_text)]
    guards: _Hash
    gaps: Annotated[Items[Annotated[str, StringConstraints(max_length=300)]], Field(max_length=1000)]
    key: _Hash
    signature: Annotated[str, _hex(128)]

    def as_seal(self) -> SignedRoot:
        told = self.model_dump(exclude={"madang_seal"})
        return SignedRoot(**{**told, "gaps": tuple(self.gaps)})


class _Row(Strict):
    id: _Text
    at: _Text
    actor_kind: _Text
    actor_id: _Text
    actor_label: _Text
    command: _Text
    object_kind: _Text
    object_id: _Text
    before_sha256: _Text
    after_sha256: _Text
    payload: _Text


class _Proof(Strict):
    madang_journal_proof: Literal[1]
    row: _Row
    place: _Count
    path: Annotated[Items[_Hash], Field(max_length=64)]
    seal: _Seal


def read_seal(text: str) -> SignedRoot:
    """One line of a file of seals; raises `Malformed`. Its signature is not checked here."""
    return read_problem(_Seal, read_json(text)).as_seal()


def read_proof(text: str) -> Proof:
    """A proof as `madang journal proof` wrote it; raises `Malformed` with every fault and its JSON pointer."""
    read = read_problem(_Proof, read_json(text))
    return Proof(read.row.model_dump(), read.place, tuple(read.path), read.seal.as_seal())


def split(data: bytes) -> Sequence[bytes]:
    """Hashes that lie one after another, 32 bytes each; raises `ValueError` where some of one are missing."""
    if len(data) % 32:
        raise ValueError("not a whole number of hashes")
    return [data[i : i + 32] for i in range(0, len(data), 32)]


def line(seal: SignedRoot) -> bytes:
    """A seal as one line of a file of seals: canonical JSON."""
    return canonical(seal.as_json()) + b"\n"
