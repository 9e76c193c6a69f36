"""Records opened for a page: each read once, held while memory allows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final

from madang.apps.decisions.models import Decision
from madang.core.reasons import Malformed
from madang.core.record.read import Record, read
from madang.kernel import files
from madang.papers.blocks import Block
from madang.papers.chapters.band import band
from madang.papers.chapters.checks import checks
from madang.papers.chapters.draws import draws
from madang.papers.chapters.largest import largest
from madang.papers.chapters.readers import readers
from madang.papers.chapters.telling import Teller
from madang.papers.decision import DecisionView, Labels, Speaker, view
from madang.web.public.disclosure import Extent, disclose, extent, published_reasons
from madang.words import LANGUAGES

LARGEST: Final = 32 * 1024**2
"""A larger record is offered for download and shown by its summary only: opened it takes a multiple of its size."""
HELD: Final = 64 * 1024**2
"""So many bytes of records, as written, are held open by one process."""


class NotShown(Exception):
    """The record cannot be opened here; `code` is `too_large`, `damaged` or `gone` (for now)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Opened:
    """A record in every language of the house, already cut down to what is public, and how far that is.

    `chapters`: of a decision that may be shown whole the chapters of its printed paper by name, as far as it has them.
    """

    extent: Extent
    views: Mapping[str, DecisionView]
    chapters: Mapping[str, Mapping[str, tuple[Block, ...]]]


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
        size = files.size(sha256)
    except files.NotKept:
        raise NotShown("damaged") from None
    except files.StoreGone:
        raise NotShown("gone") from None
    if size > LARGEST:
        raise NotShown("too_large")
    return size


def _open(sha256: str, *, sample: bool) -> Opened:
    try:
        record = read(files.read(sha256).decode())
        sample = sample and record.meta.get("sample") is True
        to = extent(record.definition(), sample=sample)
        seen = {language: view(record, language) for language in LANGUAGES}
        told = {language: _chapters(one, record) if to.whole else {} for language, one in seen.items()}
        views = {language: disclose(one, to, _reasons(record, language)) for language, one in seen.items()}
        return Opened(to, views, told)
    except (files.Corrupted, files.NotKept, UnicodeDecodeError, Malformed):
        raise NotShown("damaged") from None
    except files.StoreGone:
        raise NotShown("gone") from None


def _reasons(record: Record, language: str) -> Mapping[str, tuple[str, ...]]:
    speaker = Speaker(Labels(record.definition(), language, record.computed()["statistics"]["on"]))
    return {name: speaker.all(reasons) for name, reasons in published_reasons(record).items()}


def _chapters(seen: DecisionView, record: Record) -> Mapping[str, tuple[Block, ...]]:
    teller = Teller(seen, record)
    told = {"band": tuple(band(teller))} if teller.computed["bands"] else {}
    if total := tuple(largest(teller)):
        told["largest"] = total
    if teller.case.assignments:
        told["readers"] = tuple(readers(teller))
    told["checks"] = tuple(checks(teller))
    if teller.computed.get("draws") or teller.case.panel or teller.case.lot_order:  # else it says that there were none
        told["draws"] = tuple(draws(teller))
    return told
