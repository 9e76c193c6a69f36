"""Near-duplicates for a screen: this call's documents against each other and against all others, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from madang.core.matching.documents import Document
from madang.core.matching.duplicates.model import Common, Compare, DuplicatesProblem, Passages
from madang.core.matching.duplicates.solve import solve_duplicates
from madang.core.reasons import Reason

#: A document of which less than a sentence counts would be contained in many by chance.
LEAST_SHINGLES: Final = 20


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a text; `passage` is the number of the passage that it is, from 1, or 0 where it is in none."""

    text: str
    passage: int


@dataclass(frozen=True, slots=True)
class Near:
    """Two documents that share much, that of this call first. The pieces put together are the texts as given.

    `containment` and `resemblance` as decimal text. Passages of the same number stand beside each other.
    """

    this: Document
    other: Document
    containment: str
    resemblance: str
    this_text: Sequence[Stretch]
    other_text: Sequence[Stretch]


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """The closest pairs first; what is to be said of the whole; the result as `madang solve duplicates` gives it."""

    pairs: Sequence[Near]
    reasons: Sequence[Reason]
    result: dict[str, Any]


def near_duplicates(
    documents: Iterable[Document],
    *,
    call: str | None = None,
    threshold: Decimal = Decimal("0.5"),
    ignore: Iterable[str] = (),
    most_pairs: int = 500,
    passages: Passages = Passages(),  # noqa: B008 (frozen)
) -> NearDuplicates:
    """What documents share, each with the tag `call`; with `call` only pairs of which one belongs to that call.

    What many documents of one call share (its form) is not counted; `ignore` takes texts of which nothing counts, such
    as the announcement's. Raises `Malformed` for ids that stand twice and for too much text. For a worker: it loads
    NumPy, and 20,000 summaries take seconds.
    """
    given = tuple(documents)
    of_call = {one.id for one in given if call is None or call in one.values("call")}
    problem = DuplicatesProblem(
        kind="duplicates",
        version=1,
        documents=given,
        threshold=threshold,
        least_shingles=LEAST_SHINGLES,
        common=Common(within="call"),
        ignore=tuple(ignore),
        compare=Compare(involving={"call": call} if call is not None and of_call else {}),
        most_pairs=most_pairs if of_call else 0,
        passages=passages,
    )
    result = solve_duplicates(problem)
    by_id = {one.id: one for one in given}
    return NearDuplicates(
        [_near(pair, by_id, of_call) for pair in result["pairs"]],
        [Reason(one["code"], one["params"]) for one in result["reasons"]],
        result,
    )


def _near(pair: dict[str, Any], by_id: dict[str, Document], of_call: set[str]) -> Near:
    this, other = by_id[pair["a"]], by_id[pair["b"]]
    places = [((one[0], one[1]), (one[2], one[3])) for one in pair["passages"]]
    if this.id not in of_call:
        this, other = other, this
        places = [(there, here) for here, there in places]
    places.sort()
    return Near(
        this,
        other,
        pair["containment"],
        pair["resemblance"],
        list(_cut(this.text, [here for here, _ in places])),
        list(_cut(other.text, [there for _, there in places])),
    )


def _cut(text: str, places: Sequence[tuple[int, int]]) -> Iterator[Stretch]:
    """The text in pieces, in its own order; passages are numbered by their place in the list."""
    done = 0
    for number, (start, end) in sorted(enumerate(places, start=1), key=lambda one: one[1]):
        if done < start:
            yield Stretch(text[done:start], 0)
        yield Stretch(text[start:end], number)
        done = end
    if done < len(text):
        yield Stretch(text[done:], 0)
