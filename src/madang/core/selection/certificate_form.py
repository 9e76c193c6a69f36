"""The form of a `total_value` certificate, for the JSON Schema of a result; what it means: `docs/formats/solve.md`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from madang.core.problem import Strict

Multiplier = Annotated[str, Field(pattern=r"^-?[1-9][0-9]*$")]


class NodeModel(Strict):
    """A box of a search: sums (`[row, multiplier]`), and the application by which it is divided."""

    sums: list[list[tuple[int, Multiplier]]]
    branch: str | None


class RankStep(Strict):
    """No selection as good so far has one more of this rank."""

    rank: int
    nodes: list[NodeModel]


class ProofModel(Strict):
    """That `chosen` is best, and that nobody but those in whom `others` differ is tied."""

    chosen: list[str]
    value: list[NodeModel]
    grant: list[NodeModel]
    settled: list[list[tuple[int, Multiplier]]]
    ranks: list[RankStep]
    rest: list[NodeModel]
    others: list[list[str]]


class ConflictModel(Strict):
    """That rules cannot hold together, and that fewer can."""

    nodes: list[NodeModel]
    kept: list[list[str]]


class ProvenForm(Strict):
    """The selection is best; what else is told rests on proofs of its own, by application and by rule."""

    proof: ProofModel
    explain: dict[str, ProofModel | ConflictModel]
    dropped: dict[str, ProofModel]


class BoundForm(Strict):
    """Time ended in the search: nothing has more than the bound."""

    bound: list[NodeModel]


class ImpossibleForm(Strict):
    """No selection keeps the rules."""

    conflict: ConflictModel
