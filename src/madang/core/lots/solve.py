"""Lots by commit, reveal, derive. Model, what it protects against and what not: `docs/algorithms/lots.md`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from madang import __version__
from madang.core.lots.explain import Opening, remarks, seed_reasons, unopened
from madang.core.lots.model import LotsProblem, require_sound
from madang.core.problem import Status, frame
from madang.core.reasons import Reason
from madang.core.record.canonical import digest

ENGINE = f"own {__version__}"
_HEX = re.compile(r"(?:[0-9a-f]{2})+")


@dataclass(frozen=True, slots=True)
class Drawn:
    """An order, and the digest that it follows from."""

    order: tuple[str, ...]
    digest: str


def solve_lots(problem: LotsProblem) -> dict[str, Any]:
    """The order of the entries, ready for JSON (`LotsResult`).

    Digest: SHA-256 of the canonical JSON of `[entries, reveals, public]`. Order: by SHA-256 of the digest's 64
    hexadecimal digits followed by the entry's UTF-8 bytes. A commitment that is not opened, or entries other than those
    published: `undetermined`, never drawn without. Without commitments the seed stands in the place of the reveals.
    Raises `Malformed` for an unsound problem. Cost: one hash an entry and their sorting.
    """
    require_sound(problem)
    openings = _openings(problem.commitments, problem.reveals)
    if problem.entries_sha256 is not None and problem.entries_sha256.lower() != entries_digest(problem.entries):
        params = {"stated": problem.entries_sha256.lower(), "found": entries_digest(problem.entries)}
        return _result(problem, [Reason("lots_entries_changed", params)], None)
    if left_open := unopened(openings):
        return _result(problem, left_open, None)
    if not openings:
        drawn = order_from_seed(problem.entries, problem.seed, problem.public)
        return _result(problem, seed_reasons(problem), drawn)
    return _result(problem, remarks(problem, openings), _drawn(problem.entries, problem.reveals, problem.public))


def draw_order(
    entries: Sequence[str], commitments: Sequence[str], reveals: Sequence[str | None], public: str
) -> Drawn | Reason:
    """The order of `entries` as `solve_lots` draws it, or why nothing can be drawn: what was not opened.

    Entries and commitments count in the order given: give the entries sorted by id and the commitments (with their
    reveals) sorted by commitment (`in_fixed_order`), so that nobody steers by their order. With neither commitments
    nor a public value there is nothing to draw from.
    """
    if not commitments and not public:
        return Reason("nothing_to_draw_from")
    left_open = unopened(_openings(commitments, reveals))
    return left_open[0] if left_open else _drawn(entries, reveals, public)


def in_fixed_order(commitments: Sequence[str], reveals: Sequence[str | None]) -> tuple[list[str], list[str | None]]:
    """Commitments sorted (in lower case), and their reveals beside them: the one order that leaves no choice."""
    opened = [*reveals, *[None] * (len(commitments) - len(reveals))]
    pairs = sorted(
        zip((c.lower() for c in commitments), opened, strict=True), key=lambda pair: (pair[0], pair[1] or "")
    )
    return [commitment for commitment, _ in pairs], [reveal for _, reveal in pairs]


def order_from_seed(entries: Sequence[str], seed: int, public: str = "") -> Drawn:
    """The order where nobody committed to anything: the seed, as decimal text, is the only reveal."""
    return _drawn(entries, [str(seed)], public)


def entries_digest(entries: Iterable[str]) -> str:
    """SHA-256 of the canonical JSON of the sorted entries: what is published together with the commitments."""
    return digest(sorted(entries))


def _drawn(entries: Sequence[str], reveals: Sequence[str | None], public: str) -> Drawn:
    mixed = digest([list(entries), list(reveals), public])
    return Drawn(tuple(sorted(entries, key=lambda entry: (_sha256(f"{mixed}{entry}".encode()), entry))), mixed)


def _openings(commitments: Sequence[str], reveals: Sequence[str | None]) -> list[Opening]:
    """How each commitment was opened; a reveal too few is one that is missing."""
    given = [*reveals, *[None] * (len(commitments) - len(reveals))]
    return [_opening(commitment.lower(), reveal) for commitment, reveal in zip(commitments, given, strict=True)]


def _opening(commitment: str, reveal: str | None) -> Opening:
    """Every commitment has one reveal that opens it and no second: who could choose between two could steer.

    The reveal is a text, and its UTF-8 bytes are hashed. Bytes that are no UTF-8 text are revealed in hexadecimal, in
    lower case; bytes that are one must be revealed as that text.
    """
    if not reveal:
        return Opening(commitment, None)
    if _sha256(reveal.encode()) == commitment:
        return Opening(commitment, len(reveal.encode()))
    if _HEX.fullmatch(reveal):
        raw = bytes.fromhex(reveal)
        if _sha256(raw) == commitment and not _is_text(raw):
            return Opening(commitment, len(raw))
    return Opening(commitment, None, wrong=True)


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _result(problem: LotsProblem, reasons: Iterable[Reason], drawn: Drawn | None) -> dict[str, Any]:
    status = Status.UNDETERMINED if drawn is None else Status.COMPUTED
    return {
        **frame("lots", status, reasons, problem.seed, ENGINE),
        "lot_order": list(drawn.order) if drawn else [],
        "digest": drawn.digest if drawn else None,
    }
