"""What other bodies say: entered one by one with its proof, or taken from a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from madang.apps.accounts.models import Person
from madang.apps.applications.models import Dossier
from madang.apps.applications.rules import HANDLE_DOSSIER
from madang.apps.calls.models import Call
from madang.apps.review import rules
from madang.apps.review.commands.shared import acting_person, locked_review
from madang.apps.review.models import OutsideResult
from madang.apps.review.queries import changes, reviewed, said_by
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

MOST_PROOF_MB: Final = 20


@dataclass(frozen=True, slots=True)
class Proof:
    """A file that lies in the store."""

    sha256: str = ""
    name: str = ""
    format: str = ""


def enter_result(
    *,
    actor: Actor,
    dossier: Dossier,
    check: str,
    said: rules.Said,
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
    *, actor: Actor, dossier: Dossier, check: str, said: rules.Said, after: int | None = None, proof: Proof = Proof()
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
    said = rules.tidied(said)
    refuse_if(rules.against_said(said))
    last = state.last
    if last is not None and after is not None and last.pk != after and last.by_id != person.pk:
        raise Refused([Reason("review_judged_meanwhile", {"by": last.by.shown})])
    if last is not None and said_by(last) == said and proof.sha256 in ("", last.proof_sha256):
        return unchanged(last)
    row = _row(review.dossier, check, said, person, proof=proof)
    row.save()
    told = {"check": check, "result": said.result, "on": said.on.isoformat()}
    record(row, after=told, payload={**told, "dossier": dossier.uid, "proof_sha256": proof.sha256})
    return row


@command("review.import_results")
def import_results(
    *, actor: Actor, call: Call, check: str, results: Sequence[tuple[Dossier, rules.Said]], sheet_sha256: str
) -> int:
    """Enter what a list says of many applications at once; how many changed. `queries.preview` reads the list.

    What stands already as the list says it is left alone, so the same list again changes nothing. All or nothing.
    Raises `Refused`: an application that the person does not handle, or twice; what `enter_result` refuses.
    """
    person = acting_person(actor)
    call = Call.objects.select_related("programme").get(pk=call.pk)
    said_of = {dossier.pk: rules.tidied(said) for dossier, said in results}
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
        refuse_if(rules.against_said(said))
        new.append(_row(review.dossier, check, said, person, sheet=sheet_sha256))
    if not new:
        return unchanged(0)
    OutsideResult.objects.bulk_create(new, batch_size=500)
    told = {"check": check, "count": len(new), "sheet_sha256": sheet_sha256}
    record(call, after=told, payload={**told, "call": call.slug})
    return len(new)


def _row(
    dossier: Dossier, check: str, said: rules.Said, person: Person, *, proof: Proof = Proof(), sheet: str = ""
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
