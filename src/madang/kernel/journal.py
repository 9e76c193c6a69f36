"""The journal: append-only, one row per command, no lock between writers.

A row says who did what to which object, when, and (as hashes of canonical JSON) from which state to which. Its payload
is small and stays readable; large content stands in the file store under its hash.
Sealing comes later: a sealer takes rows that have no leaf yet (by membership, never by an id cursor) into a Merkle
tree, and triggers keep the table. Nothing here may assume that ids are without gaps or commit in order.
"""

import json
import secrets
import threading
import time
import uuid
from typing import Any

from django.db import models

from madang.core.record.canonical import canonical, digest
from madang.kernel.actors import Actor
from madang.kernel.append_only import AppendOnly
from madang.kernel.clock import now

LARGEST_PAYLOAD = 16 * 1024
"""Bytes of canonical JSON; what is larger belongs into the file store, and its hash here."""


class TooLarge(ValueError):
    """A payload that does not belong into the journal."""


class _Ticks:
    """A clock of 1/4096 ms that never stands still and never goes back within this process."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        with self._lock:
            self._last = max(self._last + 1, time.time_ns() * 4096 // 1_000_000)
            return self._last


_ticks = _Ticks()


def new_id() -> uuid.UUID:
    """A UUID of version 7 (RFC 9562): time in 1/4096 ms, then chance; ids of one process grow in the order made.

    Why not a counter: `docs/adr/0004-journal-row-identity.md`.
    """
    milliseconds, fraction = divmod(_ticks.next(), 4096)
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | secrets.randbits(62))


class JournalEntry(AppendOnly):
    """One command that was carried out."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=100, blank=True)
    actor_label = models.CharField(max_length=200, blank=True)
    command = models.CharField(max_length=100)
    object_kind = models.CharField(max_length=50)
    object_id = models.CharField(max_length=200)
    before_sha256 = models.CharField(max_length=64, blank=True)
    after_sha256 = models.CharField(max_length=64, blank=True)
    payload = models.TextField(default="{}")  # canonical JSON, kept as text: byte for byte what a leaf will hash

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "journal entries"
        indexes = [
            models.Index(fields=["object_kind", "object_id"], name="journal_object"),
            models.Index(fields=["at"], name="journal_at"),
        ]

    def __str__(self) -> str:
        return f"{self.command} {self.object_kind} {self.object_id}"

    @property
    def details(self) -> dict[str, Any]:
        """The payload, read."""
        found: dict[str, Any] = json.loads(self.payload)
        return found


def write(
    *,
    actor: Actor,
    command: str,
    object_kind: str,
    object_id: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    payload: dict[str, Any] | None = None,
) -> JournalEntry:
    """Insert one row. Commands call `commands.record`, which knows who acts and by which command.

    `before` and `after` are the object's state as JSON values (`None`: there was none); only their hashes are kept.
    Raises `TooLarge`, and `NotCanonical` for what canonical JSON cannot hold (floats, integers beyond 2^53).
    """
    text = canonical(payload or {})
    if len(text) > LARGEST_PAYLOAD:
        raise TooLarge(f"{command}: the payload is larger than {LARGEST_PAYLOAD} bytes")
    return JournalEntry.objects.create(
        at=now(),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        command=command,
        object_kind=object_kind,
        object_id=object_id,
        before_sha256=digest(before) if before is not None else "",
        after_sha256=digest(after) if after is not None else "",
        payload=text.decode(),
    )
