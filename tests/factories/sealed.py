"""Rows of a journal, some of them sealed."""

import uuid
from collections.abc import Sequence

from madang.core.record.canonical import digest
from madang.kernel import sealing
from madang.kernel.clock import now
from madang.kernel.journal import JournalEntry, new_id


def written(rows: int, *, start: int = 0) -> list[JournalEntry]:
    """So many rows, as commands would have written them."""
    return JournalEntry.objects.bulk_create(
        JournalEntry(
            id=new_id(), at=now(), actor_kind="person", actor_id=f"p{number}", actor_label="", command="tests.act",
            object_kind="tests.thing", object_id=str(number), after_sha256=digest({"number": number}),
            payload=f'{{"number":{number},"말":"값"}}',
        )
        for number in range(start, start + rows)
    )  # fmt: skip


def sealed(*batches: int) -> list[uuid.UUID]:
    """The ids of so many rows a batch, each batch sealed by itself, in the order of the log."""
    made: list[uuid.UUID] = []
    for rows in batches:
        made += [row.pk for row in written(rows, start=len(made))]
        assert sealing.seal(sweep=True) == rows
    return made


def log() -> Sequence[tuple[int, uuid.UUID]]:
    return list(sealing.SealedRow.objects.values_list("place", "entry_id"))
