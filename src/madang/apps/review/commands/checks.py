"""What other bodies say: entered one by one with its proof, or taken from a list."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from madang.apps.accounts.models import Person
from madang.apps.applications.models import Dossier
from madang.apps.applications.rules import HANDLE_DOSSIER
from madang.apps.calls.models import Call
from madang.apps.enquiries.rules import text_faults, tidy
from madang.apps.review import rules
from madang.apps.review.commands.shared import acting_person, locked_review
from madang.apps.review.models import OutsideResult
from madang.apps.review.queries import RESULTS, CheckState, reviewed
from madang.core.form.read import MEGABYTE
from madang.core.form.written import shown
from madang.core.reasons import Reason
from madang.kernel import files
from madang.kernel.actors import Actor
from madang.kernel.clock import now
from madang.kernel.commands import Refused, command, locked, record, refuse_if, unchanged
from madang.kernel.file_formats import harmless_name
from madang.kernel.incoming.take import take_in
from madang.kernel.permissions import allowed

MOST_PROOF_MB: Final = 50
FIRST_DAY: Final = dt.date(1990, 1, 1)
"""No answer that is still worth anything is older; an earlier day is a slip of the pen."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A file that lies in the store."""

    sha256: str = ""
    name: str = ""
    format: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What another body said of one application: `result` (one of `RESULTS`), who, as of which day, a note."""

    result: str
    source: str
    on: dt.date
    note: str = ""


def enter_result(
    *,
    actor: Actor,
    dossier: Dossier,
    check: str,
    said: Said,
    after: int | None = None,
    proof: tuple[str, BinaryIO] | None = None,
) -> OutsideResult:
    """Enter what another body said, with a file (name, content) that proves it.

    The file is looked at and streamed into the store first. Raises `Refused`: as `keep_result`; what no place takes
    (`kernel.incoming`), too large, empty, of unknown format; no room, store or scanner.
    """
    kept = Proof()
    if proof is not None:
        refuse_if(allowed(actor, HANDLE_DOSSIER, dossier))
        kept = _proof(*proof)
    return keep_result(actor=actor, dossier=dossier, check=check, said=said, after=after, proof=kept)


def _proof(name: str, content: BinaryIO) -> Proof:
    called = shown(name)

    def accept(size: int, format: str | None) -> None:
        if not size:
            raise Refused([Reason("draft_file_empty", {"name": called})])
        if format is None:
            raise Refused([Reason("draft_file_unknown", {"name": called})])

    try:
        kept, format = take_in(content, name=called, most=MOST_PROOF_MB * MEGABYTE, accept=accept)
    except files.TooLarge:
        raise Refused([Reason("form_file_too_large", {"name": called, "most_mb": MOST_PROOF_MB})]) from None
    return Proof(kept.sha256, harmless_name(name, format), format)


@command("review.enter_result")
def keep_result(
    *, actor: Actor, dossier: Dossier, check: str, said: Said, after: int | None = None, proof: Proof = Proof()
) -> OutsideResult:
    """Enter what another body said; the proof lies in the store already. Use `enter_result`, which looks at it first.

    `after`: the last result of the check that was on screen (0: none). The same again, without a new proof: nothing
    changes. Raises `Refused`: no right, not open, decided, no such check, not asked here, no such result, no source,
    a day that lies ahead or far back, somebody else was quicker.
    """
    person, review = locked_review(actor, dossier)
    refuse_if(review.against("judge"))
    state = review.check(check)
    if state is None:
        raise Refused([Reason("review_no_such_check")])
    if not state.asked:
        raise Refused([Reason("review_check_not_asked")])
    said = _tidy(said)
    refuse_if(against_said(said))
    last = state.last
    if last is not None and after is not None and last.pk != after and last.by_id != person.pk:
        raise Refused([Reason("review_judged_meanwhile", {"by": last.by.shown})])
    if last is not None and _says(last) == said and proof.sha256 in ("", last.proof_sha256):
        return unchanged(last)
    row = _row(review.dossier, check, said, person, proof=proof)
    row.save()
    told = {"check": check, "result": said.result, "on": said.on.isoformat()}
    record(row, after=told, payload={**told, "dossier": dossier.uid, "proof_sha256": proof.sha256})
    return row


@command("review.import_results")
def import_results(
    *, actor: Actor, call: Call, check: str, results: Sequence[tuple[Dossier, Said]], sheet_sha256: str
) -> int:
    """Enter what a list says of many applications at once; how many changed. `queries.preview` reads the list.

    What stands already as the list says it is left alone, so the same list again changes nothing. All or nothing.
    Raises `Refused`: an application that the person does not handle, or twice; what `enter_result` refuses.
    """
    person = acting_person(actor)
    call = Call.objects.select_related("programme").get(pk=call.pk)
    said_of = {dossier.pk: _tidy(said) for dossier, said in results}
    mine = rules.handled_by(person, Dossier.objects.filter(call=call, pk__in=said_of))
    rows = list(locked(Dossier.objects.filter(pk__in=mine.values("pk"))).select_related("call").order_by("pk"))
    if len(rows) != len(results):
        raise Refused([Reason("not_permitted")])
    new = []
    for review in reviewed(call, rows):
        said, state = said_of[review.dossier.pk], review.check(check)
        if not changes(state, said):
            continue
        refuse_if(review.against("judge"))
        if state is None or not state.asked:
            raise Refused([Reason("review_no_such_check" if state is None else "review_check_not_asked")])
        refuse_if(against_said(said))
        new.append(_row(review.dossier, check, said, person, sheet=sheet_sha256))
    if not new:
        return unchanged(0)
    OutsideResult.objects.bulk_create(new, batch_size=500)
    told = {"check": check, "count": len(new), "sheet_sha256": sheet_sha256}
    record(call, after=told, payload={**told, "call": call.slug})
    return len(new)


def changes(state: CheckState | None, said: Said) -> bool:
    """Whether this is news: another result, source, day or note than what stands."""
    return state is None or state.last is None or _says(state.last) != said


def against_said(said: Said) -> list[Reason]:
    """Why this cannot be entered."""
    found = [] if said.result in RESULTS else [Reason("review_no_such_result")]
    found += text_faults(said.source, "review_needs_source", rules.LONGEST_SOURCE)
    found += text_faults(said.note, "", rules.LONGEST_REASON)
    if said.on > now().date() + dt.timedelta(days=1):  # wherever the office lies, its tomorrow is no later
        found.append(Reason("review_day_ahead", {"day": said.on.isoformat()}))
    if said.on < FIRST_DAY:
        found.append(Reason("review_day_too_early", {"day": said.on.isoformat(), "first": FIRST_DAY.isoformat()}))
    return found


def _tidy(said: Said) -> Said:
    return Said(said.result, " ".join(tidy(said.source).split()), said.on, tidy(said.note))


def _says(row: OutsideResult) -> Said:
    return Said(row.result, row.source, row.on, row.note)


def _row(
    dossier: Dossier, check: str, said: Said, person: Person, *, proof: Proof = Proof(), sheet: str = ""
) -> OutsideResult:
    given: dict[str, Any] = {
        "proof_sha256": proof.sha256,
        "proof_name": proof.name,
        "proof_format": proof.format,
        "sheet_sha256": sheet,
    }
    return OutsideResult(
        dossier=dossier,
        check_id=check,
        result=said.result,
        source=said.source,
        on=said.on,
        note=said.note,
        by=person,
        at=now(),
        **given,
    )
