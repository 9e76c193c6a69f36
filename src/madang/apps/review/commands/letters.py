"""Official letters about an application: entered with number, date and scan, and marked where that was a mistake."""

import datetime as dt
from typing import Any, BinaryIO, Final

from madang.apps.accounts.models import Person, is_person
from madang.apps.applications.models import Dossier
from madang.apps.applications.rules import HANDLE_DOSSIER
from madang.apps.enquiries.rules import text_faults, tidy
from madang.apps.review.models import Letter
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

DIRECTIONS: Final = ("out", "in")
LETTER_ACTS: Final = ("supplement", "exclusion", "outside_check", "opinion", "receipt", "result", "other")
"""What a letter is about."""
WAYS: Final = ("document_system", "post", "mail", "hand", "fax", "diplomatic")
LONGEST_NUMBER: Final = 80
LONGEST_COUNTERPART: Final = 200
LONGEST_TITLE: Final = 300
LONGEST_WHY: Final = 1_000
MOST_LETTER_MB: Final = 50
LETTER_FORMATS: Final = ("pdf", "png", "jpg", "hwp", "hwpx", "docx")
EARLIEST: Final = dt.date(1990, 1, 1)


def enter_letter(
    *,
    actor: Actor,
    dossier: Dossier,
    direction: str,
    number: str,
    dated: dt.date | None,
    counterpart: str,
    title: str,
    way: str,
    act: str,
    act_uid: str = "",
    name: str = "",
    content: BinaryIO | None = None,
) -> Letter:
    """Enter a letter, with its scan where there is one. The scan is looked at and kept before anything is locked.

    Raises `Refused`: no right, something is missing or unknown (each thing named), a day that is none of ours, an act
    that this application does not have, a number that is entered already, a file that no place takes.
    """
    given: dict[str, Any] = {
        "direction": direction,
        "number": _one_line(number),
        "dated": dated,
        "counterpart": _one_line(counterpart),
        "title": _one_line(title),
        "way": way,
        "act": act,
        "act_uid": act_uid,
    }
    refuse_if(allowed(actor, HANDLE_DOSSIER, dossier) or _faults(dossier, given))
    scan = _scan(name, content) if content is not None else {}
    return keep_letter(actor=actor, dossier=dossier, given=given, scan=scan)


@command("review.enter_letter")
def keep_letter(*, actor: Actor, dossier: Dossier, given: dict[str, Any], scan: dict[str, Any]) -> Letter:
    """Enter it with a scan that is in the store already. Use `enter_letter`, which looks at it first."""
    person = _person(actor)
    dossier = locked(Dossier.objects.select_related("call__programme")).get(pk=dossier.pk)
    refuse_if(allowed(actor, HANDLE_DOSSIER, dossier) or _faults(dossier, given))
    letter = Letter.objects.create(dossier=dossier, **given, **scan, entered_by=person, entered_at=now())
    record(letter, after=_state(letter), payload=_state(letter))
    return letter


@command("review.remove_letter")
def remove_letter(*, actor: Actor, letter: Letter, reason: str) -> Letter:
    """Mark a letter that was entered by mistake; it stays, with the reason. Marked already: nothing changes.

    Raises `Refused`: no right, no reason.
    """
    person = _person(actor)
    letter = locked(Letter.objects.select_related("dossier__call__programme")).get(pk=letter.pk)
    refuse_if(allowed(actor, HANDLE_DOSSIER, letter.dossier))
    if letter.removed_at:
        return unchanged(letter)
    reason = tidy(reason)
    refuse_if(text_faults(reason, "letter_needs_reason", LONGEST_WHY))
    before = _state(letter)
    letter.removed_by, letter.removed_at, letter.removed_reason = person, now(), reason
    letter.save(update_fields=["removed_by", "removed_at", "removed_reason"])
    record(letter, before=before, after=_state(letter), payload=_state(letter))
    return letter


def _faults(dossier: Dossier, given: dict[str, Any]) -> list[Reason]:
    """Everything that is missing or unknown, each with the field that it is about."""
    found = []
    for name, most in (
        ("number", LONGEST_NUMBER), ("counterpart", LONGEST_COUNTERPART), ("title", LONGEST_TITLE),
    ):  # fmt: skip
        missing = "" if name == "number" else f"letter_needs_{name}"
        found += [Reason(one.code, {**one.params, "field": name}) for one in text_faults(given[name], missing, most)]
    if given["direction"] not in DIRECTIONS or given["way"] not in WAYS or given["act"] not in LETTER_ACTS:
        found.append(Reason("letter_unknown_choice"))
    dated = given["dated"]
    if dated is None:
        found.append(Reason("letter_needs_day"))
    elif not EARLIEST <= dated <= now().date() + dt.timedelta(days=1):  # a day ahead: zones before ours
        found.append(Reason("letter_day_wrong"))
    if given["act_uid"] and not dossier.supplements.filter(uid=given["act_uid"]).exists():
        found.append(Reason("letter_unknown_choice"))
    same = dossier.letters.filter(direction=given["direction"], number=given["number"], removed_at=None)
    if given["number"] and same.exists():
        found.append(Reason("letter_is_entered", {"number": given["number"]}))
    return found


def _scan(name: str, content: BinaryIO) -> dict[str, Any]:
    called = shown(name)

    def accept(size: int, format: str | None) -> None:
        if not size:
            raise Refused([Reason("draft_file_empty", {"name": called})])
        if format not in LETTER_FORMATS:
            raise Refused([Reason("letter_scan_format", {"name": called})])

    try:
        kept, format = take_in(content, name=called, most=MOST_LETTER_MB * MEGABYTE, accept=accept)
    except files.TooLarge:
        raise Refused([Reason("form_file_too_large", {"name": called, "most_mb": MOST_LETTER_MB})]) from None
    return {
        "scan_sha256": kept.sha256,
        "scan_name": harmless_name(name, format),
        "scan_format": format,
        "scan_bytes": kept.size,
    }


def _one_line(text: str) -> str:
    return " ".join(tidy(text).split())


def _person(actor: Actor) -> Person:
    if not is_person(actor.person):
        raise Refused([Reason("people_only")])
    person: Person = actor.person
    return person


def _state(letter: Letter) -> dict[str, Any]:
    """Without title and counterpart: they may name people."""
    return {
        "uid": letter.uid,
        "dossier": letter.dossier.uid,
        "direction": letter.direction,
        "dated": letter.dated.isoformat(),
        "act": letter.act,
        "act_uid": letter.act_uid,
        "scan_sha256": letter.scan_sha256,
        "removed": letter.removed_at is not None,
    }
