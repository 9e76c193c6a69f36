"""A decision as a record: salted leaves under one root, signed. `docs/formats/record.md` is the format.

Each leaf is `{name, salt, value}`; its commitment is the RFC 9162 leaf hash of the canonical JSON of `[name, salt,
value]`. Leaves stand in the order of their names, so no name can stand twice. The root over all commitments is the
record's hash. An edition that must keep a leaf closed shows the commitment instead of salt and value, under the same
root.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from madang.core.callspec.model import Definition
from madang.core.deciding.case import TABLES, Case
from madang.core.record import merkle
from madang.core.record.canonical import canonical
from madang.core.statistics import Classifications

FORMAT = 1
SALT_BYTES = 16

Leaf = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What is known of a decision besides its content. `decided_at` is wall time in the zone of the call."""

    call: str
    definition_sha256: str
    decided_at: str
    program: str
    sample: bool = False
    note: Mapping[str, str] | None = None

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "call": self.call,
            "definition_sha256": self.definition_sha256,
            "decided_at": self.decided_at,
            "program": self.program,
            "sample": self.sample,
        }
        return {**told, "note": dict(self.note)} if self.note else told


def definition_json(definition: Definition) -> dict[str, Any]:
    """The definition as JSON values (decimals as text), without what is at its default."""
    found: dict[str, Any] = definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return found


def contents(
    *,
    meta: Meta,
    definition_text: str,
    definition: Definition,
    classifications: Classifications,
    case: Case,
    computed: Mapping[str, Any],
    deviations: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, Any]:
    """Every leaf's value by name. `deviations`: application -> `{outcome, reason}` where the decision departs."""
    values: dict[str, Any] = {
        "meta": meta.as_json(),
        "definition": definition_json(definition),
        "definition-text": definition_text,
        "classifications": classifications.as_json(),
    }
    for table in TABLES:
        rows = getattr(case, table)
        for number, row in enumerate(rows):
            name = f"{table}/{row.id}" if table == "applications" else f"{table}/{number:06d}"
            values[name] = {"number": number, **row.as_json()} if table == "applications" else row.as_json()
    values["lots"] = list(case.lot_order)
    values["draws"] = draws_of(case)
    values |= dict(computed_leaves(computed))
    for line in computed["outcomes"]:
        departs = (deviations or {}).get(line["application"])
        values[f"decided/{line['application']}"] = {
            "outcome": departs["outcome"] if departs else line["outcome"],
            "deviation": {"reason": departs["reason"]} if departs else None,
        }
    return values


def draws_of(case: Case) -> dict[str, str]:
    """Where panel and lot order come from: handed in with the case (drawn elsewhere), or none."""
    return {
        "panel": "handed_in" if case.panel else "none",
        "lots": "handed_in" if case.lot_order else "none",
    }


def computed_leaves(computed: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The computed part as leaves: one for each application where it speaks of one, so that editions can open it."""
    yield "computed/summary", {key: computed[key] for key in ("status", "reasons", "counts")}
    yield "computed/statistics", computed["statistics"]
    for part in ("eligibility", "outcomes", "ranking", "votes"):
        for line in computed[part]:
            yield f"computed/{part}/{line['application']}", line
    for stage in computed["stages"]:
        for line in stage["applications"]:
            yield f"computed/stages/{stage['id']}/{line['application']}", line
    for selection in computed["selections"]:
        yield f"computed/selections/{selection['list']}", selection["result"]


def build(values: Mapping[str, Any], *, salt_key: bytes) -> dict[str, Any]:
    """The unsigned auditor's edition. Salts are drawn from `salt_key` (32 secret random bytes) by name."""
    leaves: list[Leaf] = [
        {"name": name, "salt": _salt(salt_key, name), "value": values[name]} for name in sorted(values)
    ]
    return {
        "madang_record": FORMAT,
        "edition": "auditor",
        "root": root_of(leaves).hex(),
        "leaves": leaves,
        "signatures": [],
    }


def _salt(key: bytes, name: str) -> str:
    return hmac.new(key, name.encode(), hashlib.sha256).digest()[:SALT_BYTES].hex()


def commitment(leaf: Leaf) -> bytes:
    """The leaf hash of an open leaf, or the stated one of a closed leaf."""
    if "commitment" in leaf:
        return bytes.fromhex(leaf["commitment"])
    return merkle.leaf_hash(canonical([leaf["name"], leaf["salt"], leaf["value"]]))


def root_of(leaves: list[Leaf]) -> bytes:
    return merkle.root([commitment(leaf) for leaf in leaves])


def _signed_bytes(root: str) -> bytes:
    return canonical({"madang_record": FORMAT, "root": root})


def sign(record: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """The record with a signature over its root added (Ed25519: deterministic, 64 bytes)."""
    signature = {
        "algorithm": "Ed25519",
        "key": key.public_key().public_bytes_raw().hex(),
        "signature": key.sign(_signed_bytes(record["root"])).hex(),
    }
    return {**record, "signatures": [*record["signatures"], signature]}


def signature_holds(root: str, signature: Mapping[str, str]) -> bool:
    """Whether a signature belongs to this root and to the key that it names."""
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature["key"]))
        public.verify(bytes.fromhex(signature["signature"]), _signed_bytes(root))
    except (InvalidSignature, ValueError):
        return False
    return True


def write(record: Mapping[str, Any]) -> bytes:
    """The record's file: canonical JSON."""
    return canonical(record)
