"""Does this record fit this call? Pure questions; the answer is the reasons against, none where it may be sealed."""

from collections.abc import Collection

from madang.core.reasons import Reason
from madang.core.record.read import Record
from madang.core.record.verify import State, Verification


def holds(found: Verification) -> tuple[Reason, ...]:
    """Every contradiction in the record; and that it is the edition which can be computed again."""
    record = found.record
    if record is None or record.edition != "auditor":
        return (Reason("record_not_whole", {"edition": record.edition if record else "?"}),)
    return tuple(reason for finding in found.findings if finding.state is State.FAILS for reason in finding.reasons)


def belongs(record: Record, *, call: str, sample: bool, published: Collection[str]) -> tuple[Reason, ...]:
    """That the record is about this call, by a definition that was published. `published`: SHA-256 of each version."""
    if record.meta["call"] != call:
        return (Reason("record_of_another_call", {"call": str(record.meta["call"]), "expected": call}),)
    reasons = []
    if record.meta["definition_sha256"] not in published:
        reasons.append(Reason("definition_never_published", {"call": call}))
    if bool(record.meta.get("sample")) != sample:
        reasons.append(Reason("record_sample_differs"))
    return tuple(reasons)
