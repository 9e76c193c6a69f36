"""Records opened for a page: each read once, held while memory allows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final

from madang.apps.decisions.models import Decision
from madang.core.reasons import Malformed
from madang.core.record.read import read
from madang.kernel import files
from madang.papers.decision import DecisionView, view
from madang.web.public.disclosure import Extent, disclose, extent
from madang.words import LANGUAGES

LARGEST: Final = 32 * 1024**2
"""A larger record is offered for download and shown by its summary only: opened it takes a multiple of its size."""
HELD: Final = 64 * 1024**2
"""So many bytes of records, as written, are held open by one process."""


class NotShown(Exception):
    """The record cannot be opened here; `code` is `too_large` or `damaged`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Opened:
    """A record in every language of the house, already cut down to what is public, and how far that is."""

    extent: Extent
    views: Mapping[str, DecisionView]


class _Shelf:
    """Opened records by file hash and kind, the least recently asked for leaving first."""

    def __init__(self, room: int = HELD) -> None:
        self._room = room
        self._lock = Lock()  # one record at a time is opened: two large ones at once would double the memory
        self._held: OrderedDict[tuple[str, bool], tuple[int, Opened]] = OrderedDict()

    def get(self, sha256: str, *, sample: bool) -> Opened:
        key = (sha256, sample)
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key][1]
            size = _size(sha256)
            opened = _open(sha256, sample=sample)
            self._held[key] = (size, opened)
            while sum(held for held, _ in self._held.values()) > self._room and len(self._held) > 1:
                self._held.popitem(last=False)
            return opened

    def __len__(self) -> int:
        return len(self._held)


_SHELF = _Shelf()


def opened(decision: Decision) -> Opened:
    """What is public of a decision. Raises `NotShown`. Cost: linear in the record the first time, nothing later."""
    return _SHELF.get(decision.record_sha256, sample=decision.is_sample)


def _size(sha256: str) -> int:
    try:
        size = files.path_of(sha256).stat().st_size
    except OSError:
        raise NotShown("damaged") from None
    if size > LARGEST:
        raise NotShown("too_large")
    return size


def _open(sha256: str, *, sample: bool) -> Opened:
    try:
        record = read(files.read(sha256).decode())
        sample = sample and record.meta.get("sample") is True
        to = extent(record.definition(), record.case(), sample=sample)
        return Opened(to, {language: disclose(view(record, language), to) for language in LANGUAGES})
    except (files.Corrupted, files.NotKept, UnicodeDecodeError, Malformed):
        raise NotShown("damaged") from None
