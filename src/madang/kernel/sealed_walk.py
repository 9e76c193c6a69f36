"""One pass over the sealed log, seals and rows side by side, in constant memory. `sealed_check` reports what it found.

Each seal carries the leaf hashes that it added. They are sure once they lead to its signed root, so a row that does not
fit is named exactly, and what happened to it: changed, removed, inserted, or moved. The first is named alone, because
after it (a row taken out, all others moved up) the places of the others say little.
"""

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Subquery
from django.db.models.functions import Coalesce

from madang.core.reasons import Param, Reason
from madang.core.record.canonical import NotCanonical
from madang.core.record.judgement import Judgement
from madang.core.record.keylist import KeyList, judge
from madang.core.record.merkle import Frontier
from madang.core.record.sealed_log import COLUMNS, SignedRoot, leaf, split
from madang.kernel.journal import JournalEntry
from madang.kernel.sealing import (
    BATCH,
    BENT,
    LogDamaged,
    Seal,
    SealedRow,
    columns,
    frontier_of,
    read_rows,
    signed,
    without_leaf,
)

MOST_TOLD = 10


@dataclass(frozen=True, slots=True)
class Known:
    """What the auditor brings. `keys`: the office's published list, or one key; `pinned`: a key known from elsewhere,
    which must lead to the signing key. `copies`: files of seals. `roots`: roots that were noted down elsewhere.
    """

    keys: KeyList | None = None
    pinned: str | None = None
    copies: Sequence[Path] = ()
    roots: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What stands at one place: its stated leaf hash, the row (none: it is gone), and the hash that the row gives
    (none: it is gone, or was bent so that nothing can hash it).
    """

    place: int
    leaf: str
    entry: str
    values: tuple[Any, ...] | None
    hash: bytes | None

    def told(self) -> dict[str, Param]:
        """How a row is named."""
        row = dict(zip(COLUMNS, self.values or ["?"] * len(COLUMNS), strict=True))
        command, at = str(row["command"])[:100], told_time(row["at"])
        return {"place": self.place + 1, "entry": self.entry, "command": command, "at": at}


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place that is not as it was sealed. `expected`: its sealed leaf hash, where a seal still vouches for
    it; `before`: the id of the row that stands before it.
    """

    place: int
    expected: bytes | None
    found: Row | None
    before: str


@dataclass(slots=True)
class Walk:
    """One pass over seals and rows side by side."""

    known: Known
    last_number: int
    top: int  # the highest place of any leaf: beyond it nothing needs to be looked for
    wrong_seals: list[Reason] = field(default_factory=list)
    wrong_keys: list[Reason] = field(default_factory=list)
    judged: dict[tuple[str, str], Judgement] = field(default_factory=dict)
    found_roots: dict[str, tuple[int, int]] = field(default_factory=dict)
    guards_remade: tuple[Seal, Seal] | None = None  # the last two seals that differ in this
    guard_gaps: tuple[Seal, Seal] | None = None  # the first and the last seal with gaps
    remade: int = 0
    gaps: int = 0
    differ: int = 0
    unsure: int = 0
    first: Difference | None = None
    longest: dt.timedelta | None = None
    longest_row: str = ""
    count: int = 0
    size: int = 0
    base: Frontier = field(default_factory=Frontier)  # the log so far, as the seals' own lists give it

    def run(self) -> None:
        rows, before, last_row = _rows(), None, "-"
        here = next(rows, None)
        for seal in seals_until(self.last_number):
            start, leaves = self._seal(seal, before)
            for place, expected in self._expected(start, leaves):
                while here is not None and here.place < place:  # no place is below 0, and none stands twice
                    self._differs(Difference(here.place, None, here, last_row))
                    here = next(rows, None)
                found = here if here is not None and here.place == place else None
                if not _fits(found, expected):
                    self._differs(Difference(place, expected, found, last_row))
                elif found is not None:
                    self._waited(seal, found)
                if found is not None:
                    last_row, here = found.entry, next(rows, None)
            before, self.size = seal, max(self.size, start + len(leaves))

    def _expected(self, start: int, leaves: Sequence[bytes | None]) -> Iterator[tuple[int, bytes | None]]:
        """Every place that a seal adds, with its leaf hash where that is sure; also places that a lost seal added."""
        for place in range(self.size, min(start, self.top + 2)):
            self.unsure += 1
            yield place, None
        for place, expected in enumerate(leaves, start):
            if place >= self.size:
                self.unsure += expected is None
                yield place, expected

    # -- one seal

    def _seal(self, seal: Seal, before: Seal | None) -> tuple[int, Sequence[bytes | None]]:
        """Judges a seal; returns the first place that it adds and its leaf hashes, each `None` where nothing vouches
        for them.
        """
        self.count += 1
        number = before.number + 1 if before else 1
        if seal.number != number:
            self.wrong_seals.append(Reason("journal_seal_removed", {"seal": number}))
        signature_holds = False
        try:
            told = signed(seal)
            signature_holds = told.holds()
            if not signature_holds:
                self.wrong_seals.append(Reason("journal_seal_signature_bad", {"seal": seal.number}))
            elif seal.number == number and told.previous != _digest(before):
                self.wrong_seals.append(Reason("journal_seal_not_after", {"seal": seal.number}))
            self._key(told)
        except BENT:
            self.wrong_seals.append(Reason("journal_seal_unreadable", {"seal": seal.number}))
        self._note(seal, before)
        return self._leaves(seal, before, signature_holds)

    def _leaves(self, seal: Seal, before: Seal | None, signature_holds: bool) -> tuple[int, Sequence[bytes | None]]:
        """The seal's own list is sure as soon as it leads from the log before to the signed root."""
        try:
            leaves = split(bytes(seal.leaves))
        except BENT:
            leaves = []
        bases = [self.base]
        with contextlib.suppress(LogDamaged, *BENT):
            bases.append(frontier_of(before))
        for base in bases:
            grown = _grown(base, leaves)
            if leaves and grown.root().hex() == seal.root:
                self.base = grown
                return base.size, leaves
        self.wrong_seals.append(Reason("journal_seal_leaves", {"seal": seal.number}))
        start, self.base = self.base.size, _grown(self.base, leaves)
        if signature_holds:
            with contextlib.suppress(LogDamaged, *BENT):
                self.base = frontier_of(seal)
                start = max(self.base.size - len(leaves), self.size) if leaves else self.size
        return start, [None] * max(min(self.base.size, self.top + 2) - start, 0)

    def judge(self, told: SignedRoot) -> Judgement:
        """Whether the key of a seal counts on its day; nothing where no key is known. Judged once for a key and day."""
        if self.known.keys is None:
            return Judgement()
        if (told.key, told.day) not in self.judged:
            self.judged[told.key, told.day] = judge(self.known.keys, told.key, told.day, pinned=self.known.pinned)
        return self.judged[told.key, told.day]

    def _key(self, told: SignedRoot) -> None:
        wrong = self.judge(told).wrong
        if wrong and len(self.wrong_keys) < MOST_TOLD:
            self.wrong_keys += [Reason("journal_seal_key", {"seal": told.number, "key": told.key}), *wrong]

    def _note(self, seal: Seal, before: Seal | None) -> None:
        if seal.root in self.known.roots:
            self.found_roots[seal.root] = seal.number, seal.size
        if seal.gaps != "[]":
            self.gaps += 1
            self.guard_gaps = (self.guard_gaps[0] if self.guard_gaps else seal), seal
        if before is not None and before.guards != seal.guards:
            self.remade += 1
            self.guards_remade = before, seal

    # -- one row

    def _waited(self, seal: Seal, row: Row) -> None:
        at = row.values[1] if row.values else None
        if isinstance(at, dt.datetime) and (self.longest is None or seal.at - at > self.longest):
            self.longest, self.longest_row = seal.at - at, row.entry

    def _differs(self, difference: Difference) -> None:
        self.differ += 1
        self.first = self.first or difference

    def wrong_rows(self) -> list[Reason]:
        reasons = [self._what(self.first)] if self.first else []
        if self.differ > 1:
            reasons.append(Reason("journal_places_differ", {"places": self.differ, "rows": self.size}))
        newer = Seal.objects.filter(number__gt=self.last_number).order_by("-number").values("size")[:1]
        beyond = SealedRow.objects.filter(place__gte=Coalesce(Subquery(newer), self.size))  # the sealer may be at work
        if (
            self.first is None
            and (extra := beyond.order_by("place").values_list("place", "leaf", "entry_id").first()) is not None
        ):
            [row] = _with_entries([extra])
            reasons.append(Reason("journal_row_inserted", row.told()))
        return reasons

    def _what(self, first: Difference) -> Reason:
        """What happened there. Where a hash that does not fit belongs is looked for in the whole log."""
        place, expected, found = first.place, first.expected, first.found
        removed = Reason("journal_row_removed", {"place": place + 1, "after": first.before})
        if found is not None and found.place < 0:
            return Reason("journal_row_inserted", found.told())
        if found is not None and found.hash is not None and found.hash == expected:
            return Reason("journal_leaf_changed", found.told())
        elsewhere = _row_of(expected) if expected is not None else None
        if found is None:
            if elsewhere is not None:
                return Reason("journal_row_moved", {**elsewhere.told(), "belongs": place + 1})
            lost = next((row for row in unsealed_rows() if row.hash == expected), None) if expected else None
            return Reason("journal_leaf_removed", {**lost.told(), "place": place + 1}) if lost else removed
        belongs = self._place_of(found.hash) if found.hash is not None else None
        if elsewhere is not None:
            if belongs is None:
                return Reason("journal_row_inserted", found.told())
            return Reason("journal_row_moved", {**found.told(), "belongs": belongs + 1})
        if found.values is None:
            return Reason("journal_row_removed_known", {"place": place + 1, "entry": found.entry})
        if belongs is not None and belongs != place:
            return removed
        return Reason("journal_row_changed", found.told())

    def _place_of(self, hash_: bytes) -> int | None:
        """Where a seal says that this leaf stands."""
        start = 0
        for seal in seals_until(self.last_number):
            leaves = split(bytes(seal.leaves)) if len(seal.leaves) % 32 == 0 else []
            if hash_ in leaves:
                return start + leaves.index(hash_)
            start += len(leaves)
        return None


def _fits(found: Row | None, expected: bytes | None) -> bool:
    if found is None or found.hash is None:
        return False
    return found.leaf == found.hash.hex() and (expected is None or found.hash == expected)


def _grown(base: Frontier, leaves: Iterable[bytes]) -> Frontier:
    grown = Frontier(base.size, base.roots)
    for one in leaves:
        grown.append(one)
    return grown


def _digest(seal: Seal | None) -> str | None:
    return signed(seal).digest() if seal else None


# -- reading, a batch at a time -------------------------------------------------------------------------------------


def seals_until(last: int) -> Iterator[Seal]:
    number = None
    while True:
        batch = Seal.objects.filter(number__lte=last).order_by("number")
        found = list(batch[:100] if number is None else batch.filter(number__gt=number)[:100])
        if not found:
            return
        yield from found
        number = found[-1].number


def _rows() -> Iterator[Row]:
    """Every leaf with its row, in the order of the log."""
    place = None
    while True:
        batch = SealedRow.objects.order_by("place").values_list("place", "leaf", "entry_id")
        found = list(batch[:BATCH] if place is None else batch.filter(place__gt=place)[:BATCH])
        if not found:
            return
        yield from _with_entries(found)
        place = found[-1][0]


def _row_of(hash_: bytes) -> Row | None:
    """The row that gives this hash, wherever it stands."""
    return next((row for row in _rows() if row.hash == hash_), None)


def _with_entries(leaves: Sequence[tuple[int, str, UUID]]) -> Iterator[Row]:
    entries = _entries([entry for _, _, entry in leaves])
    for place, stated, entry in leaves:
        values = entries.get(entry)
        yield Row(place, stated, str(entry), values, _hash(values))


def _entries(ids: Sequence[UUID]) -> dict[UUID, tuple[Any, ...]]:
    """The rows of a batch; one that was bent so that it cannot be read has no values but its id and, maybe, command."""
    rows = JournalEntry.objects.order_by().filter(pk__in=ids)
    try:
        return {row[0]: row for row in rows.values_list(*COLUMNS)}
    except BENT:
        read, bent = read_rows(rows)
        return {row[0]: row for row in read} | {UUID(text): _bent(text) for text in bent}


def _bent(text: str) -> tuple[Any, ...]:
    try:
        command = JournalEntry.objects.values_list("command", flat=True).get(pk=UUID(text))
    except (*BENT, JournalEntry.DoesNotExist):
        command = "?"
    return tuple({"id": text, "at": None, "command": command}.get(name, "?") for name in COLUMNS)


def unsealed_rows() -> Iterator[Row]:
    """Rows without a leaf; those that cannot be read last in their batch, without a hash."""
    last = None
    while True:
        read, bent = read_rows(without_leaf() if last is None else without_leaf().filter(pk__gt=last))
        yield from (Row(-1, "", str(row[0]), row, _hash(row)) for row in read)
        yield from (Row(-1, "", text, _bent(text), None) for text in bent)
        if len(read) + len(bent) < BATCH or not read:
            return
        last = read[-1][0]


def _hash(values: tuple[Any, ...] | None) -> bytes | None:
    if values is None:
        return None
    try:
        return leaf(columns(values))
    except (NotCanonical, *BENT):
        return None


def told_time(at: Any) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC" if isinstance(at, dt.datetime) else "?"
