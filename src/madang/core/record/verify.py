"""Checks a decision record, offline and from itself alone.

Two questions are kept apart. *Content*: does the result follow from the inputs? Of the auditor's edition everything is
computed again (`recompute`); of the others what is open is held together (`partial`), and what cannot be checked is
named. *Authenticity*: are these the inputs that were sealed? That rests on the root, the signatures, and on something
known from elsewhere: a key, an anchor, an evaluator's receipt.
"""

from __future__ import annotations

from collections.abc import Iterator

from madang.core.callspec.model import Definition
from madang.core.deadline import NO_DEADLINE, Deadline
from madang.core.reasons import Malformed, Reason
from madang.core.record import authenticity, partial, recompute
from madang.core.record.authenticity import Known
from madang.core.record.canonical import canonical, text_digest
from madang.core.record.contents import definition_json
from madang.core.record.findings import Finding, State, Verification
from madang.core.record.read import Record, read

__all__ = ["Finding", "Known", "State", "Verification", "verify"]


def verify(
    text: str,
    *,
    key: str | None = None,
    known: Known | None = None,
    content_only: bool = False,
    deadline: Deadline = NO_DEADLINE,
) -> Verification:
    """Check a record of any edition; never raises on what a file may hold. `key`: the office's public key
    (hexadecimal), known from elsewhere; `known`: that and more. `content_only` leaves root and signatures aside.
    Cost: of the auditor's edition about that of deciding, plus the verifiers; of the others linear.
    """
    result = Verification()
    try:
        record = read(text)
    except Malformed as refused:
        result.faults = refused.faults
        return result
    result.record = record
    try:
        if not content_only:
            authenticity.check(result, record, text, known or Known(key=key))
        _content(result, record, deadline)
    except Malformed as refused:
        reasons = [Reason("inputs_do_not_fit", {"at": fault.at, "code": fault.code}) for fault in refused.faults[:20]]
        result.add("content", reasons)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, IndexError) as error:
        # A hostile record may hold any shape below its leaves; whatever trips the computation is a contradiction.
        result.add("content", [Reason("inputs_not_computable", {"problem": f"{type(error).__name__}: {error}"[:300]})])
    return result


def _content(result: Verification, record: Record, deadline: Deadline) -> None:
    definition = record.definition()
    told = {"call": record.meta["call"]}
    result.add("definition", list(_definition(record, definition)), Reason("definition_is", told))
    if record.whole:
        closed = sum("commitment" in leaf for leaf in record.leaves)
        if closed:  # what is closed could be what was sealed, and what is open what was put beside it
            result.add("edition", [Reason("auditor_edition_closed", {"leaves": closed})])
        recompute.check(result, record, definition, deadline)
    else:
        partial.check(result, record, definition)


def _definition(record: Record, definition: Definition) -> Iterator[Reason]:
    if canonical(definition_json(definition)) != canonical(record.values["definition"]):
        yield Reason("definition_texts_differ")
    if definition.id != record.meta["call"]:
        yield Reason("definition_of_another_call", {"call": str(record.meta["call"]), "found": definition.id})
    if text_digest(record.values["definition-text"]) != record.meta["definition_sha256"]:
        yield Reason("definition_hash_differs", {"stated": str(record.meta["definition_sha256"])})
