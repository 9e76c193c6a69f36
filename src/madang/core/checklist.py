"""What a line of the review's checklist says now, from what people wrote about it one after the other.

Nothing that was written changes. What counts is read from the rows: about the revision that stands, the last one; where
two people must agree, one that another person has confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

PASS, FAIL, INCORRECT, INCOMPLETE, OPEN = VERDICTS = ("pass", "fail", "incorrect", "incomplete", "open")
"""`incorrect` and `incomplete` can be mended by a supplement; `open` takes an earlier verdict back."""
AGAINST: Final = (FAIL, INCORRECT, INCOMPLETE)
"""What speaks against an application, and needs a reason."""

UNJUDGED, SETTLED, SECOND, DIFFER, STALE = STATES = ("unjudged", "settled", "second", "differ", "stale")


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one person wrote: `by` names the person, `of` the revision, `confirms` the opinion that it follows."""

    id: int
    verdict: str
    by: int
    of: int
    confirms: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """`state`: one of `STATES`. `verdict` counts; blank unless settled.

    `opinions`: what stands now: the one that counts (with the one that confirms it), the first of two, those that
    differ, or the last one about an earlier revision where nothing was said about the one that stands.
    """

    state: str
    verdict: str = ""
    opinions: tuple[Opinion, ...] = ()

    def to_follow(self, person: int) -> tuple[Opinion, ...]:
        """The opinions that this person could settle by following them: somebody else's."""
        waiting = self.opinions if self.state in (SECOND, DIFFER) else ()
        return tuple(one for one in waiting if one.by != person)


def line_of(rows: Sequence[Opinion], revision: int, *, four_eyes: bool) -> Line:
    """What the line says of this revision. `rows`: everything written about the item, in the order of writing."""
    about = [row for row in rows if row.of == revision]
    if not about:
        last = rows[-1] if rows else None
        return Line(UNJUDGED) if last is None or last.verdict == OPEN else Line(STALE, opinions=(last,))
    last = about[-1]
    if last.verdict == OPEN:
        return Line(UNJUDGED)
    if not four_eyes:
        return Line(SETTLED, last.verdict, (last,))
    return _agreed(about)


def _agreed(rows: Iterable[Opinion]) -> Line:
    """Of each person the last opinion stands, until somebody follows another's. What is judged later begins anew."""
    by_id: dict[int, Opinion] = {}
    standing: dict[int, Opinion] = {}
    settled: tuple[Opinion, ...] = ()
    for row in rows:
        by_id[row.id] = row
        followed = by_id.get(row.confirms) if row.confirms is not None else None
        if row.verdict == OPEN:
            standing, settled = {}, ()
        elif followed is not None and followed.by != row.by and followed.verdict == row.verdict:
            settled = (followed, row)
        else:
            standing = {row.by: row} if settled else {**standing, row.by: row}
            settled = ()
    if settled:
        return Line(SETTLED, settled[0].verdict, settled)
    differ = len({one.verdict for one in standing.values()}) > 1
    return Line(DIFFER if differ else SECOND, opinions=tuple(standing.values()))
