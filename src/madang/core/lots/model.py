"""The lots problem (`madang solve lots`) and its result: commitments, what they were opened with, the order drawn.

Contract: `docs/formats/solve.md`, "lots". A commitment is a SHA-256 in hexadecimal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from madang.core.problem import Id, Items, Problem, ReasonModel, Seed, Status, Strict, pointer
from madang.core.reasons import Fault, Malformed
from madang.core.salvage import HOLE

Count = Annotated[int, Field(ge=0)]
#: What is hashed: a text that has UTF-8 bytes (JSON can write halves of characters, which have none).
Text = Annotated[str, StringConstraints(max_length=10_000)]
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


class LotsProblem(Problem):
    """Between whom lots are drawn, and from what. `reveals` stand in the order of `commitments`."""

    kind: Literal["lots"]
    entries: Items[Id]
    commitments: Items[str] = ()
    reveals: Items[Text | None] = ()  # null or empty: not opened
    public: Text = ""  # a value that nobody here controls, fixed after the commitments
    entries_sha256: str | None = None  # of the sorted entries, as published together with the commitments


class LotsResult(Strict):
    """`lot_order` is empty and `digest` null while `undetermined`."""

    kind: Literal["lots"]
    version: Annotated[int, Field(ge=1, le=1)]
    status: Literal[Status.COMPUTED, Status.UNDETERMINED]
    reasons: Items[ReasonModel]
    seed: Seed
    elapsed_ms: Count
    engine: str
    lot_order: Items[Id]
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None


def require_sound(problem: LotsProblem) -> None:
    """Raises `Malformed` with every fault of meaning."""
    if faults := faults_in(problem):
        raise Malformed(faults)


def faults_in(problem: LotsProblem) -> list[Fault]:
    """Every fault of meaning with its JSON pointer; steps over `HOLE`s."""
    return [*_entry_faults(problem), *_commitment_faults(problem), *_reveal_faults(problem)]


def _entry_faults(problem: LotsProblem) -> Iterator[Fault]:
    if problem.entries is HOLE:
        return
    seen: set[str] = set()
    for number, entry in enumerate(problem.entries):
        if entry is HOLE:
            continue
        if entry in seen:
            yield Fault("duplicate_entry", pointer(("entries", number)), {"entry": entry})
        seen.add(entry)


def _commitment_faults(problem: LotsProblem) -> Iterator[Fault]:
    if problem.commitments is not HOLE:
        for number, commitment in enumerate(problem.commitments):
            if commitment is not HOLE and not _SHA256.fullmatch(commitment):
                yield Fault("not_a_sha256", pointer(("commitments", number)))
    stated = problem.entries_sha256
    if stated is not None and stated is not HOLE and not _SHA256.fullmatch(stated):
        yield Fault("not_a_sha256", "/entries_sha256")


def _reveal_faults(problem: LotsProblem) -> Iterator[Fault]:
    if problem.reveals is HOLE or problem.commitments is HOLE:
        return
    made = len(problem.commitments)
    for number in range(made, len(problem.reveals)):
        yield Fault("reveal_without_commitment", pointer(("reveals", number)), {"commitments": made})
