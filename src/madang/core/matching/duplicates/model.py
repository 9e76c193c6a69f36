"""The problem of near-duplicates (`madang solve duplicates`) and its result.

Contract: `docs/formats/solve.md`, "duplicates". What it decides: `docs/algorithms/duplicates.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from madang.core.matching.documents import Documents, TagName, TagValue, Text, document_faults
from madang.core.problem import (
    LARGEST,
    BasisPoints,
    Exact,
    Id,
    Items,
    Problem,
    ReasonModel,
    Seed,
    Status,
    Strict,
    pointer,
)
from madang.core.reasons import Fault, Malformed

#: A threshold below relates everybody to everybody.
LEAST_THRESHOLD: Final = Decimal("0.1")
MOST_PAIRS: Final = 100_000
#: Passages are looked for in the first pairs, as long as their texts have so many characters together.
MOST_READ_BESIDE: Final = 200_000_000
#: How many columns a shingle may be wide.
NARROWEST, WIDEST = 4, 8

Count = Annotated[int, Field(ge=0, le=LARGEST)]
Share = Annotated[str, StringConstraints(pattern=r"^[01]\.\d{6}$")]
Threshold = Annotated[Exact, Field(ge=LEAST_THRESHOLD, le=1)]


class Common(Strict):
    """When a shingle belongs to a form and is not counted: it stands in more than `least` + `share_bp` of the texts.

    `within` names a tag: then the texts of each of its values are looked at by themselves as well.
    """

    share_bp: BasisPoints = 1_000
    least: Annotated[int, Field(ge=1, le=LARGEST)] = 5
    within: TagName | None = None


class Compare(Strict):
    """Which pairs count: `across` a tag (its values differ), and `involving` one document at least with these tags."""

    across: TagName | None = None
    involving: dict[TagName, TagValue] = {}


class Passages(Strict):
    """How many passages of a pair are named at most, and how many columns one has at least."""

    most: Annotated[int, Field(ge=0, le=1_000)] = 20
    least: Annotated[int, Field(ge=1, le=LARGEST)] = 16


class DuplicatesProblem(Problem):
    """Texts, from which containment on a pair is named, and what is left out of account."""

    kind: Literal["duplicates"]
    documents: Documents
    threshold: Threshold = Decimal("0.5")
    shingle: Annotated[int, Field(ge=NARROWEST, le=WIDEST)] = WIDEST
    least_shingles: Annotated[int, Field(ge=1, le=LARGEST)] = 1
    common: Common = Common()
    ignore: Items[Text] = ()
    compare: Compare = Compare()
    most_pairs: Annotated[int, Field(ge=0, le=MOST_PAIRS)] = 10_000
    passages: Passages = Passages()

    @property
    def at_least(self) -> Fraction:
        return Fraction(self.threshold)


#: From and to in the one text, from and to in the other; characters of the texts as given, the ends not included.
Passage = Annotated[tuple[Count, Count, Count, Count], Field(strict=False)]


class Pair(Strict):
    """Two documents, `a` before `b` by id. `shingles`: how many are counted of each; `shared`: of both."""

    a: Id
    b: Id
    containment: Share
    resemblance: Share
    shared: Count
    shingles: Annotated[tuple[Count, Count], Field(strict=False)]
    passages: Items[Passage]


class CommonFound(Strict):
    """Of the texts with a value of `common.within` (null: of all): how many, the limit, what stands in more of them."""

    within: Items[str] | None
    texts: Count
    limit: Count
    shingles: Count


class DuplicatesResult(Strict):
    """`pairs`: the closest first; `found`: how many there are; `identical`: documents with the same letters."""

    kind: Literal["duplicates"]
    version: Annotated[int, Field(ge=1, le=1)]
    status: Literal[Status.COMPUTED]
    reasons: Items[ReasonModel]
    seed: Seed
    elapsed_ms: Count
    engine: str
    found: Count
    pairs: Items[Pair]
    identical: Items[Items[Id]]
    common: Items[CommonFound]


def require_sound(problem: DuplicatesProblem) -> None:
    """Raises `Malformed` with every fault of meaning."""
    if faults := faults_in(problem):
        raise Malformed(faults)


def faults_in(problem: DuplicatesProblem) -> list[Fault]:
    """Every fault of meaning with its JSON pointer."""
    return list(_faults(problem))


def _faults(problem: DuplicatesProblem) -> Iterator[Fault]:
    yield from document_faults(problem.documents, "documents", sum(map(len, problem.ignore)))
    for name, value in problem.compare.involving.items():
        if not any(value in one.values(name) for one in problem.documents):
            at = pointer(("compare", "involving", name))
            yield Fault("duplicates_involving_nobody", at, {"tag": name, "value": value})
