"""Sealed sample decisions for tests: each shipped programme by its own deciding rule."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from madang.core.callspec import parse
from madang.core.deciding import Case, decide
from madang.core.deciding.ruling import NOTHING_STATED, Stated
from madang.core.record.canonical import text_digest
from madang.core.record.seal import Meta, build, commitment, contents, root_of, sign, write
from madang.core.record.veil import veil
from madang.papers.classifications import for_call
from madang.papers.library import programmes
from madang.papers.samples import sample_case

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw().hex()
PROGRAMMES = tuple(sorted(programmes()))


@cache
def sealed_text(programme: str, applications: int = 12, seed: int = 1) -> str:
    """A signed record of invented applications, as its file holds it."""
    text = programmes()[programme].read_text("utf-8")
    definition = parse(text)
    case = veil(sample_case(definition, seed=seed, applications=applications), bytes(range(32)))
    return seal_case(text, case)


def seal_case(text: str, case: Case, stated: Stated = NOTHING_STATED) -> str:
    """The signed record of any case under the definition in `text`; `stated`: what a forger decides on."""
    definition = parse(text)
    classifications = for_call(definition.classifications, sample=True)
    computed = decide(definition, case, classifications, stated=stated)
    meta = Meta(
        call=definition.id,
        definition_sha256=text_digest(text),
        decided_at="2022-02-01 10:00",
        program="madang test",
        sample=True,
    )
    values = contents(
        meta=meta,
        definition_text=text,
        definition=definition,
        classifications=classifications,
        case=case,
        computed=computed,
    )
    return write(sign(build(values, salt_key=bytes(32)), KEY)).decode()


def sealed(programme: str, applications: int = 12) -> dict[str, Any]:
    """The same as a dict of its own, to be changed."""
    record: dict[str, Any] = json.loads(sealed_text(programme, applications))
    return record


def sealed_again(record: dict[str, Any], key: Ed25519PrivateKey = KEY) -> str:
    """What a forger does: padding, order, hash and signature made anew over what now stands there."""
    leaves = [leaf for leaf in record["leaves"] if not str(leaf.get("name", "")).startswith("padding/")]
    size = 1 << (len(leaves) - 1).bit_length()
    for number in range(size - len(leaves)):
        leaves.append({"name": f"padding/{number:06d}", "salt": "0" * 32, "value": None})
    leaves.sort(key=commitment)
    root = root_of(leaves)
    assert root is not None
    return write(sign({**record, "leaves": leaves, "root": root.hex(), "signatures": []}, key)).decode()


def leaf_of(record: dict[str, Any], start: str) -> dict[str, Any]:
    """The first open leaf, by name, whose name starts so."""
    found = [leaf for leaf in record["leaves"] if leaf.get("name", "").startswith(start)]
    return min(found, key=lambda leaf: leaf["name"])


Place = tuple[Any, Any, Any]


def places(part: Any) -> Iterator[Place]:
    """Every value inside that is neither a list nor a map, as (container, key, value)."""
    items = part.items() if isinstance(part, dict) else enumerate(part)
    for key, value in items:
        if isinstance(value, dict | list):
            yield from places(value)
        else:
            yield part, key, value


def changed(value: Any, chance: random.Random) -> Any:
    """Another value of the same type, near the old one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + chance.choice((-1, 1))
    if value is None:
        return chance.choice((0, "x", False))
    if not value:
        return "x"
    at = chance.randrange(len(value))
    other = chance.choice([c for c in "0123456789abcdef" if c != value[at]])
    return value[:at] + other + value[at + 1 :]


def with_one_change(record: dict[str, Any], inside: Any, chance: random.Random) -> tuple[dict[str, Any], str]:
    """A copy of the record with one value changed; `inside(copy)` gives the part to change. And what was changed."""
    copied = copy.deepcopy(record)
    container, key, value = chance.choice(list(places(inside(copied))))
    container[key] = changed(value, chance)
    return copied, f"{key}: {value!r} -> {container[key]!r}"
