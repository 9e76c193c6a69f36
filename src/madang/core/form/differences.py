"""What differs between two forms of one application: two that were filed, or a filed one and what stands now.

Places are compared by what stands in them; what is hidden counts as empty. Rows have no names of their own: equal ones
belong together, then those that share most. Two amendments may ask different things: a place that only one form has
was added or removed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Final, Literal

from madang.core.callspec.asked import Document, FileField, RowsField
from madang.core.form.filed import filled_rows, stands
from madang.core.form.model import MEMBERS, FormState, Place

Kept = Literal["same", "removed", "added"]
What = Literal["added", "removed", "changed", "moved"]
MOST_PAIRS: Final = 10_000
"""Pairs of rows that are weighed against each other; beyond them rows belong together by their order."""
MOST_TOKENS: Final = 1_500
"""Words of one text that are compared with another's; a longer stretch is shown as removed and added."""
_TOKEN: Final = re.compile(r"\s+|\S+")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that stands in a form."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One side of a comparison. `files` by place; `translations` by (key, language), rows in the key by number."""

    state: FormState
    applicant: str = ""
    files: Mapping[str, tuple[Attached, ...]] = field(default_factory=dict)
    translations: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A place of which the answer changed; one side may be empty (`None`: the form has no such place, or no row)."""

    key: str
    before: Place | None
    after: Place | None

    @property
    def what(self) -> What:
        if stands(self.before) is None:
            return "added"
        return "removed" if stands(self.after) is None else "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """A row by its number before and after (0: it was or is not there), with the cells that changed."""

    what: What
    before: int
    after: int
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place that differs. Which of the fields is filled says what kind of place it is; `language` that it is a
    translation of the answer at `key`, of which `texts` are before and after.
    """

    key: str
    step: str
    what: What = "changed"
    cell: Cell | None = None
    rows: tuple[RowChange, ...] = ()
    removed: tuple[Attached, ...] = ()
    added: tuple[Attached, ...] = ()
    language: str = ""
    texts: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text: the same in both, or in one of them alone."""

    what: Kept
    text: str


def differences(before: Form, after: Form) -> tuple[Difference, ...]:
    """Every difference, in the order of the newer form; what only the older one asked stands behind.

    Cost: about 2 µs a place; rows up to `MOST_PAIRS` weighed pairs.
    """
    return tuple(_all(before, after))


def _all(before: Form, after: Form) -> Iterator[Difference]:
    if before.applicant != after.applicant:
        yield Difference(key="applicant", step="applicant", texts=(before.applicant, after.applicant))
    tops = [key for key in after.state.places if key.count(".") < 2]
    tops += [key for key in before.state.places if key.count(".") < 2 and key not in after.state.places]
    for key in tops:
        old, new = before.state.places.get(key), after.state.places.get(key)
        here = new or old
        assert here is not None, "the key comes from one of them"
        if isinstance(here.field, RowsField) or key == MEMBERS:
            if rows := _rows(_filled(before.state, old), _filled(after.state, new)):
                yield Difference(key=key, step=here.step, rows=rows)
        elif isinstance(here.field, FileField | Document):
            yield from _files(here, _there(before, old), _there(after, new))
        elif stands(old) != stands(new):
            cell = Cell(key=key, before=old, after=new)
            yield Difference(key=key, step=here.step, what=cell.what, cell=cell)
    yield from _translations(before, after)


# -- files, translations ------------------------------------------------------------------------------------------


def _there(form: Form, place: Place | None) -> tuple[Attached, ...]:
    return form.files.get(place.key, ()) if place is not None and place.shown else ()


def _files(place: Place, before: Sequence[Attached], after: Sequence[Attached]) -> Iterator[Difference]:
    removed, added = (Counter(before) - Counter(after)), (Counter(after) - Counter(before))
    if removed or added:
        what: What = "changed" if removed and added else "removed" if removed else "added"
        told = tuple(removed.elements()), tuple(added.elements())
        yield Difference(key=place.key, step=place.step, what=what, removed=told[0], added=told[1])


def _translations(before: Form, after: Form) -> Iterator[Difference]:
    for at in dict.fromkeys((*after.translations, *before.translations)):
        texts = before.translations.get(at, ""), after.translations.get(at, "")
        if texts[0] == texts[1]:
            continue
        key, language = at
        place = after.state.places.get(key.partition(".")[0]) or before.state.places.get(key.partition(".")[0])
        what: What = "changed" if all(texts) else "added" if texts[1] else "removed"
        step = place.step if place is not None else ""
        yield Difference(key=key, step=step, what=what, language=language, texts=texts)


# -- rows ---------------------------------------------------------------------------------------------------------

_Row = Mapping[str, Place]


def _filled(state: FormState, place: Place | None) -> list[_Row]:
    if place is None or not place.shown:
        return []
    return [{cell.key.rpartition(".")[2]: cell for cell in row} for row in filled_rows(state, place.key)]


def _rows(before: list[_Row], after: list[_Row]) -> tuple[RowChange, ...]:
    """Equal rows in the same order first; of the others equal ones are moved, alike ones changed."""
    ours, theirs = [_told(row) for row in before], [_told(row) for row in after]
    if ours == theirs:
        return ()
    pairs: dict[int, int] = {}  # place after -> place before
    for start, other, size in SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks():
        pairs |= {other + n: start + n for n in range(size)}
    kept = set(pairs)
    left = [n for n in range(len(before)) if n not in pairs.values()]
    for number in (n for n in range(len(after)) if n not in kept):
        same = next((n for n in left if ours[n] == theirs[number]), None)
        if same is not None:
            pairs[number] = same
            left.remove(same)
    open_ = [n for n in range(len(after)) if n not in pairs]
    pairs |= _alike(ours, theirs, left, open_)
    found = [_row(number, pairs.get(number), before, after) for number in range(len(after)) if number not in kept]
    gone = [n for n in range(len(before)) if n not in pairs.values()]
    found += [RowChange(what="removed", before=n + 1, after=0, cells=_cells(before[n], {})) for n in gone]
    return tuple(found)


def _alike(
    ours: Sequence[Sequence[Any]], theirs: Sequence[Sequence[Any]], left: list[int], open_: list[int]
) -> dict[int, int]:
    """Of rows that have no equal: which became which. Those that share most cells first, then by their order."""
    pairs: dict[int, int] = {}
    if len(left) * len(open_) <= MOST_PAIRS:
        shared = [(-len(set(ours[old]) & set(theirs[new])), abs(old - new), new, old) for old in left for new in open_]
        for same, _, new, old in sorted(shared):
            if same and new not in pairs and old not in pairs.values():
                pairs[new] = old
    rest = [n for n in left if n not in pairs.values()]
    return pairs | dict(zip([n for n in open_ if n not in pairs], rest, strict=False))


def _row(number: int, old: int | None, before: list[_Row], after: list[_Row]) -> RowChange:
    if old is None:
        return RowChange(what="added", before=0, after=number + 1, cells=_cells({}, after[number]))
    cells = _cells(before[old], after[number])
    return RowChange(what="changed" if cells else "moved", before=old + 1, after=number + 1, cells=cells)


def _told(row: _Row) -> tuple[tuple[str, str], ...]:
    return tuple((name, repr(stands(cell))) for name, cell in row.items())


def _cells(before: _Row, after: _Row) -> tuple[Cell, ...]:
    names = dict.fromkeys((*after, *before))
    pairs = ((name, before.get(name), after.get(name)) for name in names)
    return tuple(Cell(key=name, before=old, after=new) for name, old, new in pairs if stands(old) != stands(new))


# -- words ----------------------------------------------------------------------------------------------------------


def marked(before: str, after: str) -> tuple[Piece, ...]:
    """Both texts as one, with the words that went and came. Put together, what is not `added` is the text before, what
    is not `removed` the one after.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    start = _same(old, new)
    end = _same(old[start:][::-1], new[start:][::-1])
    middle = old[start : len(old) - end], new[start : len(new) - end]
    pieces: list[tuple[Kept, list[str]]] = [("same", old[:start]), *_marked(*middle), ("same", old[len(old) - end :])]
    return tuple(Piece(what, text) for what, tokens in pieces if (text := "".join(tokens)))


def _marked(old: list[str], new: list[str]) -> Iterator[tuple[Kept, list[str]]]:
    if max(len(old), len(new)) > MOST_TOKENS:
        yield from (("removed", old), ("added", new))
        return
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            yield "same", old[i:j]
        else:
            yield from (("removed", old[i:j]), ("added", new[k:m]))


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """How many tokens both begin with."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
