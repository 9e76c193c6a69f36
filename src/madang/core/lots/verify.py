"""Does the order follow from what was revealed? Hashed anew from the bytes up; shares no code with `solve.py`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from madang.core.differing import what_differs
from madang.core.lots.explain import Opening, remarks, seed_reasons, unopened
from madang.core.lots.model import LotsProblem, require_sound
from madang.core.reasons import Reason


def verify_lots(problem: LotsProblem, result: object) -> list[Reason]:
    """What in `result` (as read from JSON) does not follow from `problem`; empty if all of it does.

    Each finding is `does_not_follow` with the field, what is given and what follows. Raises `Malformed` for an unsound
    problem. Cost: one hash an entry and their sorting.
    """
    require_sound(problem)
    expected = _expected(problem)
    return what_differs(expected, result)


def _expected(problem: LotsProblem) -> dict[str, Any]:
    openings = [_opened(problem, place) for place in range(len(problem.commitments))]
    published = problem.entries_sha256
    if published is not None and published.lower() != (now := _hash_of_json(sorted(problem.entries))):
        reasons, mixed = [Reason("lots_entries_changed", {"stated": published.lower(), "found": now})], None
    elif any(opening.size is None for opening in openings):
        reasons, mixed = unopened(openings), None
    else:
        reasons = remarks(problem, openings) if openings else seed_reasons(problem)
        said = list(problem.reveals) if openings else [f"{problem.seed:d}"]
        mixed = _hash_of_json([list(problem.entries), said, problem.public])
    order = [] if mixed is None else _by_hash(problem.entries, mixed)
    return {
        "kind": "lots",
        "version": 1,
        "status": "undetermined" if mixed is None else "computed",
        "reasons": [reason.as_json() for reason in reasons],
        "seed": problem.seed,
        "lot_order": order,
        "digest": mixed,
    }


def order_by_seed(entries: Sequence[str], seed: int) -> list[str]:
    """The order where nothing was committed to and there is no public value."""
    return _by_hash(entries, _hash_of_json([list(entries), [f"{seed:d}"], ""]))


def _by_hash(entries: Iterable[str], mixed: str) -> list[str]:
    drawn = {sha256(mixed.encode("ascii") + entry.encode("utf-8")).digest(): entry for entry in entries}
    return [drawn[lot] for lot in sorted(drawn)]


def _opened(problem: LotsProblem, place: int) -> Opening:
    """The commitment's own bytes, where the reveal shows them: as text, or in hexadecimal if they are no text."""
    commitment = problem.commitments[place].lower()
    reveal = problem.reveals[place] if place < len(problem.reveals) else None
    if reveal is None or reveal == "":
        return Opening(commitment, None)
    for shown in (reveal.encode("utf-8"), _from_hex(reveal)):
        if shown is not None and sha256(shown).digest() == bytes.fromhex(commitment):
            return Opening(commitment, len(shown))
    return Opening(commitment, None, wrong=True)


def _from_hex(reveal: str) -> bytes | None:
    if len(reveal) % 2 or set(reveal) - set("0123456789abcdef"):
        return None
    shown = bytes.fromhex(reveal)
    return None if shown.decode("utf-8", "replace").encode("utf-8") == shown else shown


def _hash_of_json(value: list[Any]) -> str:
    """SHA-256 of RFC 8785 JSON: lists and texts need no more than the plain form without spaces."""
    return sha256(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")).hexdigest()
