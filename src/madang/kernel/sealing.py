"""The sealer: rows of the journal become leaves of a Merkle log, and the office signs its root, every few seconds.

What is sealed is found by membership: every row that has no leaf yet. A row that commits late with a smaller id is
sealed like any other. No writer waits long for the sealer: it reads and hashes outside of any transaction, because
rows never change, and then writes at most `BATCH` leaves and one seal in one short transaction. Of two sealers at once
one wins (the number of a seal is unique), and the other has done nothing. Each seal also goes as a line into
`seals.jsonl` in the data folder, so that a log that was cut off together with its last seals is found out.
What this is worth, and what not: `docs/formats/journal.md`. Checking it all: `madang.kernel.sealed_check`.
"""

import datetime as dt
import fcntl
import json
import logging
import os
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.models import Exists, Max, Min, OuterRef, QuerySet
from django.db.models.functions import Cast

from madang.core.reasons import Malformed
from madang.core.record.canonical import NotCanonical, canonical
from madang.core.record.merkle import Frontier
from madang.core.record.sealed_log import COLUMNS, SignedRoot, leaf, line, read_seal, sign, split
from madang.kernel import guards, keys
from madang.kernel.append_only import AppendOnly
from madang.kernel.clock import now
from madang.kernel.datadir import data_dir
from madang.kernel.journal import JournalEntry

log = logging.getLogger(__name__)

SEAL_EVERY_S = 10
"""How often the worker seals. `verify` says how long rows have really waited."""
BATCH = 500
"""Leaves in one transaction: SQLite has one pen, and writers of applications want it."""
MOST_BATCHES = 40
"""Batches in one go of the job; what is left waits for the next."""
RECENT = dt.timedelta(minutes=10)
"""Where most unsealed rows are. Every job looks here; every `SWEEP_EVERY_S` it looks through the whole journal."""
SWEEP_EVERY_S = 300
MOST_GAPS = 200
COPY = "seals.jsonl"


BENT = (DatabaseError, ValueError, TypeError, AttributeError, OverflowError)
"""What reading a row raises that was bent by hand: a text that is no time, bytes that are no text (on SQLite)."""


class LogDamaged(RuntimeError):
    """The last seal contradicts itself: nothing is built on it. `madang journal verify` says more."""


class Seal(AppendOnly):
    """The log at one moment, signed. `leaves` are the hashes of the rows that it added, in their order, `frontier` the
    roots of the log's full subtrees after it (32 bytes each): both are known good as soon as they give `root`.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    size = models.PositiveBigIntegerField(unique=True)
    root = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    day = models.DateField()  # the office's own calendar day, by which its keys are judged
    guards = models.CharField(max_length=64)
    gaps = models.TextField(default="[]")  # canonical JSON
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    frontier = models.BinaryField()
    leaves = models.BinaryField()

    class Meta(AppendOnly.Meta):
        ordering = ["number"]

    def __str__(self) -> str:
        return f"seal {self.number}"


class SealedRow(AppendOnly):
    """One row's place in the log, from 0, and its leaf hash. The foreign key keeps the journal from being dropped."""

    place = models.PositiveBigIntegerField(primary_key=True)
    entry = models.OneToOneField(JournalEntry, on_delete=models.PROTECT, related_name="sealed")
    leaf = models.CharField(max_length=64)

    class Meta(AppendOnly.Meta):
        ordering = ["place"]

    def __str__(self) -> str:
        return f"{self.place}: {self.entry_id}"


# -- rows and seals as they are hashed ------------------------------------------------------------------------------


def columns(values: Iterable[Any]) -> dict[str, Any]:
    """A row (its values in the order of `COLUMNS`) as its leaf hashes it."""
    row = dict(zip(COLUMNS, values, strict=True))
    row["id"], row["at"] = str(row["id"]), moment(row["at"])
    return row


def moment(at: dt.datetime) -> str:
    """`2026-12-01T09:03:07.000120Z`: always in UTC, always with six decimals."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def signed(seal: Seal) -> SignedRoot:
    """A seal of the database as it was signed. Raises `ValueError` (or `TypeError`) where nothing like it ever was."""
    gaps = tuple(str(gap) for gap in read_gaps(seal.gaps))
    return SignedRoot(
        seal.number, seal.size, seal.root, seal.previous or None, moment(seal.at), seal.day.isoformat(),
        seal.guards, gaps, seal.key, seal.signature,
    )  # fmt: skip


def read_gaps(text: str) -> list[Any]:
    """What was missing when a seal was made, as it stands there. Raises `ValueError`."""
    found = json.loads(text)
    if not isinstance(found, list):
        raise ValueError("gaps are a list")
    return found


def frontier_of(seal: Seal | None) -> Frontier:
    """The log as a seal left it. Raises `LogDamaged` where its subtrees do not give its root."""
    if seal is None:
        return Frontier()
    try:
        frontier = Frontier(seal.size, split(bytes(seal.frontier)))
    except ValueError as error:
        raise LogDamaged(f"seal {seal.number}: {error}") from None
    if frontier.root().hex() != seal.root:
        raise LogDamaged(f"seal {seal.number}: its subtrees do not give its root")
    return frontier


def _digest(seal: Seal | None) -> str | None:
    try:
        return signed(seal).digest() if seal else None
    except BENT as error:
        raise LogDamaged(f"{seal}: {error}") from None


# -- sealing --------------------------------------------------------------------------------------------------------

_swept_at: float | None = None  # of this process, by its monotonic clock
_copied = False  # whether this process has looked at the copy


def seal(*, sweep: bool | None = None) -> int:
    """Seal what has no leaf yet; returns how many rows. For the worker; several may run.

    Looks at the recent rows, and through the whole journal when this process last did so `SWEEP_EVERY_S` ago (or as
    `sweep` says). Raises `LogDamaged`, and `KeyUnusable` where the signing key may not be used.
    """
    global _swept_at, _copied  # noqa: PLW0603 - what this process has done, and only as a hint
    if sweep is None:
        sweep = _swept_at is None or time.monotonic() - _swept_at >= SWEEP_EVERY_S
    sealed, after = 0, None
    for _ in range(MOST_BATCHES):
        rows = _unsealed(sweep, after)
        if not rows:
            _swept_at = time.monotonic() if sweep else _swept_at
            break
        if not _seal_batch(rows):
            break
        sealed, after = sealed + len(rows), rows[-1][0]  # within one go no row is looked at twice; the next starts over
    if sealed or not _copied:
        keep_copy()
        _copied = True
    return sealed


def without_leaf() -> QuerySet[JournalEntry]:
    """Rows that stand in no seal yet, by membership."""
    return JournalEntry.objects.filter(~Exists(SealedRow.objects.filter(entry=OuterRef("pk"))))


def read_rows(rows: QuerySet[JournalEntry], most: int = BATCH) -> tuple[list[tuple[Any, ...]], list[str]]:
    """The first rows by id, their values in the order of `COLUMNS`; and the ids, as text, of those that cannot be read.

    One bent row must not hide the others, so where the batch cannot be read each is read by itself.
    """
    rows = rows.order_by("pk")
    try:
        return list(rows.values_list(*COLUMNS)[:most]), []
    except BENT:
        read, bent = list[tuple[Any, ...]](), list[str]()
        for text in list(rows.annotate(text=Cast("pk", models.TextField())).values_list("text", flat=True)[:most]):
            try:
                read.append(JournalEntry.objects.values_list(*COLUMNS).get(pk=uuid.UUID(text)))
            except (*BENT, JournalEntry.DoesNotExist):
                bent.append(str(text))
        return read, bent


def _unsealed(sweep: bool, after: uuid.UUID | None) -> list[tuple[uuid.UUID, bytes]]:
    """Ids and leaf hashes of the next rows. A row that no leaf can hash is left out, and said to be so."""
    rows = without_leaf() if after is None else without_leaf().filter(pk__gt=after)
    if not sweep:
        since = int((now() - RECENT).timestamp() * 1000)
        rows = rows.filter(pk__gte=uuid.UUID(int=max(since, 0) << 80))
    read, bent = read_rows(rows)
    found = []
    for row in read:
        try:
            found.append((row[0], leaf(columns(row))))
        except (NotCanonical, *BENT):
            bent.append(str(row[0]))
    if bent:
        log.error("rows of the journal that were written by hand cannot be sealed: %s", ", ".join(bent[:10]))
    return found


def _seal_batch(rows: list[tuple[uuid.UUID, bytes]]) -> bool:
    """One seal over these rows; `False` where another sealer was faster, and nothing was written."""
    last = Seal.objects.order_by("-number").defer("leaves").first()
    frontier, previous = frontier_of(last), _digest(last)
    start = frontier.size
    for _, one in rows:
        frontier.append(one)
    key, at = keys.load_or_make(), now()
    looked = guards.look(connection)
    made = sign(
        SignedRoot(
            number=last.number + 1 if last else 1,
            size=frontier.size,
            root=frontier.root().hex(),
            previous=previous,
            at=moment(at),
            day=at.astimezone().date().isoformat(),
            guards=looked.fingerprint,
            gaps=tuple(str(gap)[:300] for gap in looked.gaps[:MOST_GAPS]),
            key="",
        ),
        key,
    )
    try:
        with transaction.atomic():
            Seal.objects.create(
                number=made.number, size=made.size, root=made.root, previous=made.previous or "", at=at,
                day=dt.date.fromisoformat(made.day), guards=made.guards, gaps=canonical(list(made.gaps)).decode(),
                key=made.key, signature=made.signature, frontier=b"".join(frontier.roots),
                leaves=b"".join(one for _, one in rows),
            )  # fmt: skip
            SealedRow.objects.bulk_create(
                SealedRow(place=place, entry_id=entry, leaf=one.hex()) for place, (entry, one) in enumerate(rows, start)
            )
    except IntegrityError:
        log.info("seal %s was made by another sealer", made.number)
        return False
    if looked.gaps:
        log.error("seal %s: guards of the database are missing: %s", made.number, "; ".join(made.gaps[:10]))
    return True


# -- the copy outside of the database -------------------------------------------------------------------------------


def copy_path() -> Path:
    return data_dir() / COPY


def keep_copy(path: Path | None = None) -> int:
    """Add to `seals.jsonl` the seals after its last one; returns how many. On the disk when this returns.

    Also mends what a crash between commit and file left out. What stands in the copy is never cut or replaced: where it
    goes on further than the database, or otherwise, it is the evidence, and `verify` finds the difference.
    """
    last = Seal.objects.aggregate(last=Max("number"))["last"]
    if last is None:
        return 0
    with _alone(path or copy_path()) as handle:
        known = _last_seal(handle)
        if known is not None and (known.number > last or not _is_here(known)):
            log.error("seal %s stands in the copy and not in the database: see madang journal verify", known.number)
        added = 0
        new = Seal.objects.filter(number__gt=known.number if known else 0).order_by("number")
        for one in new.defer("leaves", "frontier").iterator(chunk_size=BATCH):
            os.write(handle, line(signed(one)))
            added += 1
        if added:
            os.fsync(handle)
        return added


def _is_here(known: SignedRoot) -> bool:
    return Seal.objects.filter(number=known.number, root=known.root, signature=known.signature).exists()


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    """The copy, open for adding to it by one process at a time; made with mode 0600."""
    was_there = path.exists()
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not was_there:
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        yield handle
    finally:
        os.close(handle)


def _last_seal(handle: int) -> SignedRoot | None:
    """The last seal that can be read at the end of the copy. Half a line, which a crash left, is taken away."""
    size = os.fstat(handle).st_size
    tail = os.pread(handle, 64 * 1024, max(size - 64 * 1024, 0))
    if half := len(tail) - (tail.rfind(b"\n") + 1):
        os.ftruncate(handle, size - half)
    for text in reversed(tail[: len(tail) - half].splitlines()):
        try:
            return read_seal(text.decode())
        except (Malformed, UnicodeDecodeError):
            continue
    return None


# -- how it stands --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class State:
    """How far the log has come. `size`: rows in it. `unsealed`: rows that are not, the oldest written at
    `oldest_unsealed_at`.
    """

    size: int
    last_seal_at: dt.datetime | None
    unsealed: int
    oldest_unsealed_at: dt.datetime | None


def state() -> State:
    """For `madang doctor`. Cost: looks through the whole journal for rows without a leaf."""
    last = Seal.objects.order_by("-number").only("size", "at").first()
    try:
        oldest = without_leaf().aggregate(oldest=Min("at"))["oldest"]
    except BENT:  # a row was written by hand with a time that is none; verify names it
        oldest = None
    return State(last.size if last else 0, last.at if last else None, without_leaf().count(), oldest)
