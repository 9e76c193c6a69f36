"""`madang journal verify`: every finding about the sealed log, and `madang journal proof`.

The walk itself is `madang.kernel.sealed_walk`; here stand the questions around it: keys, copies and roots from outside,
the database's guards, and what is not sealed yet.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

from django.db.models import Max

from madang.core.reasons import Malformed, Param, Reason
from madang.core.record.findings import Verification
from madang.core.record.merkle import Frontier, path_in
from madang.core.record.sealed_log import COLUMNS, Proof, SignedRoot, read_seal, split
from madang.kernel.clock import now
from madang.kernel.journal import JournalEntry
from madang.kernel.sealed_walk import MOST_TOLD, Known, Walk, seals_until, told_time, unsealed_rows
from madang.kernel.sealing import BATCH, SEAL_EVERY_S, LogDamaged, Seal, SealedRow, columns, signed

__all__ = ["Known", "check", "proof"]


def check(known: Known) -> Verification:
    """Every finding. Cost: reads each row once, and once more where one does not fit; memory for two batches."""
    result = Verification()
    highest = SealedRow.objects.aggregate(top=Max("place"))["top"]
    last = Seal.objects.aggregate(last=Max("number"))["last"]
    walk = Walk(known, last_number=last or 0, top=-1 if highest is None else highest)
    walk.run()
    if not walk.count:
        result.skip("journal_seals", Reason("journal_no_seals"))
    else:
        result.add("journal_seals", walk.wrong_seals[:MOST_TOLD], Reason("journal_seals_hold", {"seals": walk.count}))
    result.add("journal_rows", walk.wrong_rows(), Reason("journal_rows_hold", {"rows": walk.size - walk.unsure}))
    if walk.unsure:
        result.skip("journal_rows", Reason("journal_rows_unsure", {"rows": walk.unsure}))
    _keys(result, known, walk)
    for copy in known.copies:
        _copy(result, copy, walk)
    _roots(result, known, walk)
    _guards(result, walk)
    _unsealed(result, walk)
    return result


# -- the other findings ---------------------------------------------------------------------------------------------


def _keys(result: Verification, known: Known, walk: Walk) -> None:
    if known.keys is None:
        if walk.count:
            result.skip("journal_key", Reason("journal_key_not_given"))
        return
    used = sorted({key for key, _ in walk.judged})
    if walk.wrong_keys:
        result.add("journal_key", walk.wrong_keys)
        return
    if used:
        result.add("journal_key", [], Reason("journal_key_holds", {"keys": used}))
    open_ = {reason.code: reason for judged in walk.judged.values() for reason in judged.unjudged}
    if open_:
        result.skip("journal_key", *open_.values())


def _copy(result: Verification, path: Path, walk: Walk) -> None:
    """Holds a file of seals, line by line, against the seals of the database."""
    told: dict[str, Param] = {"file": str(path)}
    try:
        with path.open("rb") as file:
            wrong, lines, last = _compare(file, walk)
    except OSError as error:
        result.skip("journal_copy", Reason("journal_copy_not_read", {**told, "system": error.strerror or str(error)}))
        return
    holds = Reason("journal_copy_holds", {**told, "seals": lines, "last": last})
    result.add("journal_copy", [Reason(one.code, {**told, **one.params}) for one in wrong[:MOST_TOLD]], holds)


def _compare(file: Iterable[bytes], walk: Walk) -> tuple[list[Reason], int, int]:
    wrong: list[Reason] = []
    lines = last = 0
    for batch in _batches(file):
        read: list[SignedRoot] = []
        for text in batch:
            lines += 1
            try:
                read.append(read_seal(text.decode()))
            except (Malformed, UnicodeDecodeError):
                wrong.append(Reason("journal_copy_line", {"line": lines}))
        here = dict(Seal.objects.filter(number__in=[one.number for one in read]).values_list("number", "signature"))
        for one in read:
            last = max(last, one.number)
            if not one.holds():
                wrong.append(Reason("journal_copy_signature", {"seal": one.number}))
            elif walk.judge(one).wrong:
                wrong.append(Reason("journal_copy_key", {"seal": one.number}))
            elif one.number > walk.last_number and one.number not in here:
                wrong.append(
                    Reason(
                        "journal_log_shortened",
                        {"seal": one.number, "size": one.size, "at": one.at, "rows": walk.size},
                    )
                )
            elif here.get(one.number) != one.signature:
                wrong.append(Reason("journal_copy_differs", {"seal": one.number, "size": one.size, "at": one.at}))
        if len(wrong) > MOST_TOLD:
            break
    return wrong, lines, last


def _batches(file: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for text in file:
        batch.append(text)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _roots(result: Verification, known: Known, walk: Walk) -> None:
    for root in known.roots:
        if root in walk.found_roots:
            number, size = walk.found_roots[root]
            result.add("journal_root", [], Reason("journal_root_found", {"root": root, "seal": number, "size": size}))
        else:
            result.add("journal_root", [Reason("journal_root_unknown", {"root": root})])


def _guards(result: Verification, walk: Walk) -> None:
    told: list[Reason] = []
    if walk.guard_gaps:
        first, last = walk.guard_gaps
        told.append(
            Reason(
                "journal_guards_missing",
                {
                    "seals": walk.gaps, "first": first.number, "at": told_time(first.at),
                    "last": last.number, "gaps": last.gaps[:300],
                },
            )
        )  # fmt: skip
    if walk.guards_remade:
        before, after = walk.guards_remade
        told.append(
            Reason(
                "journal_guards_remade",
                {
                    "times": walk.remade, "first": before.number, "second": after.number,
                    "from": told_time(before.at), "until": told_time(after.at),
                },
            )
        )  # fmt: skip
    if told:
        result.skip("journal_guards", *told)
    elif walk.count:
        result.add("journal_guards", [], Reason("journal_guards_stood"))


def _unsealed(result: Verification, walk: Walk) -> None:
    """What nobody can vouch for yet, and how long that lasts."""
    count, oldest, bent = 0, None, list[Reason]()
    for row in unsealed_rows():
        count += 1
        if row.hash is None and len(bent) < MOST_TOLD:
            bent.append(Reason("journal_row_bent", {"entry": row.entry, "command": row.told()["command"]}))
        at = row.values[1] if row.values else None
        if isinstance(at, dt.datetime) and (oldest is None or at < oldest):
            oldest = at
    waited: dict[str, Param] = {"every": SEAL_EVERY_S}
    if walk.longest is None:
        interval = Reason("journal_interval", waited)
    else:
        longest = str(max(round(walk.longest.total_seconds(), 1), 0.0))
        interval = Reason("journal_interval_seen", {**waited, "longest": longest, "entry": walk.longest_row})
    if bent:
        result.add("journal_unsealed", bent)
    if count and oldest is not None:
        age = max(int((now() - oldest).total_seconds()), 0)
        told: dict[str, Param] = {"rows": count, "at": told_time(oldest), "age": age}
        result.skip("journal_unsealed", Reason("journal_rows_unsealed", told), interval)
    else:
        if not count:
            result.add("journal_unsealed", [], Reason("journal_all_sealed"))
        result.skip("journal_unsealed", interval)


# -- one row's proof ------------------------------------------------------------------------------------------------


def proof(entry: UUID) -> Proof | None:
    """That this row stands in the log which the last seal signs; `None` where it has no leaf. Raises `LogDamaged` where
    the log does not give that seal's root. Cost: every leaf hash once.
    """
    placed = SealedRow.objects.filter(entry_id=entry).values_list("place", flat=True).first()
    last = Seal.objects.order_by("-number").first()
    if placed is None or last is None:
        return None
    frontier = Frontier()

    def leaves() -> Iterator[bytes]:
        for seal in seals_until(last.number):
            for one in split(bytes(seal.leaves)):
                frontier.append(one)
                yield one

    steps = path_in(leaves(), placed)
    if frontier.root().hex() != last.root:
        raise LogDamaged(f"seal {last.number}: the leaves do not give its root")
    row = JournalEntry.objects.values_list(*COLUMNS).get(pk=entry)
    return Proof(columns(row), placed, tuple(step.hex() for step in steps), signed(last))
