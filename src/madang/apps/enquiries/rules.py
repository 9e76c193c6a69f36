"""Who reads and answers what is asked about a call, and what must not stand in an answer to all.

The desk of a question is the secretariat that the call's definition names for its track; a track that names none, and a
question about no track, belong to every secretariat of the programme. Above all desks stands the programme officer.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet
from rules import predicate

from madang.apps.accounts.enums import Role
from madang.apps.accounts.models import is_person
from madang.apps.accounts.rules import is_signed_in
from madang.apps.calls.models import Call
from madang.apps.enquiries.models import Enquiry, PublicAnswer, Registration
from madang.apps.enquiries.queries import desks_of, known_names, secretariat_of
from madang.core.callspec import Definition
from madang.core.reasons import Reason
from madang.kernel.permissions import permission

MOST_OPEN: Final = 5
"""Questions of one person about one call that wait for an answer at the same time."""
MOST_FOLLOWING: Final = 5
"""Messages in a row by the asker, before the office has answered."""
LONGEST_QUESTION: Final = 5_000
LONGEST_REPLY: Final = 10_000
LONGEST_REASON: Final = 1_000
LONGEST_LINE: Final = 200
DESK: Final = (Role.OFFICER, Role.SECRETARIAT, Role.AUDITOR)


@dataclass(frozen=True, slots=True)
class About:
    """What a right at the desk is about, where no question stands for it: a call, and one of its tracks or none."""

    call: Call
    track: str = ""


# --- Who --------------------------------------------------------------------------------------------------------------


@predicate("asker")
def is_asker(person: Any, enquiry: Any = None) -> bool:
    return is_person(person) and isinstance(enquiry, Enquiry) and enquiry.asker_id == person.pk


@predicate("answers-for")
def answers_for(person: Any, thing: Any = None) -> bool:
    """The programme's officer, or the secretariat of the thing's track. `thing` has `call`, and `track` where any."""
    if not is_person(person) or thing is None:
        return False
    programme = thing.call.programme.slug
    if person.holds(Role.OFFICER, programme=programme):
        return True
    if not person.holds(Role.SECRETARIAT, programme=programme):
        return False
    desk = secretariat_of(thing.call, getattr(thing, "track", ""))
    return bool(person.holds(Role.SECRETARIAT, programme=programme, secretariat=desk or None))


@predicate("audits")
def audits(person: Any, thing: Any = None) -> bool:
    return is_person(person) and thing is not None and person.holds(Role.AUDITOR, programme=thing.call.programme.slug)


@predicate("registered")
def is_registered(person: Any, registration: Any = None) -> bool:
    return is_person(person) and isinstance(registration, Registration) and registration.person_id == person.pk


@predicate("has-a-desk")
def has_a_desk(person: Any, thing: Any = None) -> bool:
    """Somebody to whom some programme's questions go, or who audits one."""
    return is_person(person) and any(map(person.holds, DESK))


def at_the_desk(person: Any, calls: QuerySet[Call], roles: Collection[Role] = DESK) -> Q:
    """For rows with a `call` of `calls` and a `track`: those for which `answers_for | audits` holds.

    One statement where a secretariat is named, else none.
    """
    seen = Q(pk__in=[])
    for grant in person.held:
        if grant.role not in roles:
            continue
        covered = Q(call__programme__slug=grant.programme) if grant.programme else Q()
        if grant.role == Role.SECRETARIAT and grant.secretariat:
            for call, desks in desks_of(calls).items():
                if others := [track for track, desk in desks.items() if desk and desk != grant.secretariat]:
                    covered &= ~Q(call=call, track__in=others)
        seen |= covered if covered else Q(pk__isnull=False)
    return seen


def _asked_about(person: Any) -> Q:
    return at_the_desk(person, Call.objects.filter(enquiries__isnull=False))


def _read(person: Any, rows: QuerySet[Enquiry]) -> QuerySet[Enquiry]:
    return rows.filter(Q(asker=person.pk) | _asked_about(person)) if is_person(person) else rows.none()


def _desk(person: Any, rows: QuerySet[Enquiry]) -> QuerySet[Enquiry]:
    return rows.filter(_asked_about(person)) if is_person(person) else rows.none()


def _own(person: Any, rows: QuerySet[Enquiry]) -> QuerySet[Enquiry]:
    return rows.filter(asker=person.pk) if is_person(person) else rows.none()


ASK = permission("enquiries.ask", is_signed_in)
ASK_ON = permission("enquiries.ask_on", is_asker, filter=_own)
READ_ENQUIRY = permission("enquiries.read_enquiry", is_asker | answers_for | audits, filter=_read)
READ_AT_DESK = permission("enquiries.read_at_desk", answers_for | audits, filter=_desk)
ANSWER = permission("enquiries.answer", answers_for)
SEE_DESK = permission("enquiries.see_desk", has_a_desk)
REGISTER = permission("enquiries.register", is_signed_in)
CANCEL_REGISTRATION = permission("enquiries.cancel_registration", is_registered)


# --- What an answer to all must not hold ------------------------------------------------------------------------------

_MAIL = re.compile(r"[^\s@<>()\[\],;:\"']{1,64}@[^\s@<>()\[\],;:\"']+\.[^\W\d_]{2,}")
_PHONE = re.compile(r"(?<![\w.])\+?\(?\d{1,4}\)?(?:[ .\-]?\(?\d{2,4}\)?){2,5}(?!\w)")
_DAY = re.compile(r"(19|20)\d\d[ .\-]\d{1,2}[ .\-]\d{1,2}")
_UNSEEN = dict.fromkeys([0x00AD, 0x180E, *range(0x200B, 0x2010), 0x2060, 0xFEFF])
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_TURNING = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of a text by which somebody may be known.

    `kind`: `person`, `organisation`, `address` or `phone`. `known`: it is the asker's or the organisation's own, so
    that nothing is published while it stands there; otherwise it may be anything, and a human being looks.
    """

    kind: str
    found: str
    known: bool


def marks(texts: Iterable[str], known: Mapping[str, Iterable[str]]) -> tuple[Mark, ...]:
    """Everything in the texts by which somebody may be known, each once, the known first.

    `known` maps a kind (`person`, `organisation`, `address`) to names and addresses. They are found whatever their
    letter case, spacing, width or unseen characters; a name written another way is not found: a human being reads it.
    """
    found: dict[tuple[str, str], Mark] = {}
    plain = [unicodedata.normalize("NFKC", text).translate(_UNSEEN) for text in texts]
    for kind, names in known.items():
        for name in names:
            for hit in _hits(name, plain):
                found.setdefault((kind, hit.casefold()), Mark(kind, hit, True))
            for part in _parts(name) if kind == "person" else ():
                for hit in _hits(part, plain):
                    found.setdefault((kind, hit.casefold()), Mark(kind, hit, False))
    for text in plain:
        for kind, pattern in (("address", _MAIL), ("phone", _PHONE)):
            for match in pattern.finditer(text):
                if kind == "phone" and (_DAY.fullmatch(match[0]) or sum(map(str.isdigit, match[0])) < 8):
                    continue
                found.setdefault((kind, match[0].casefold()), Mark(kind, match[0], False))
    return tuple(sorted(found.values(), key=lambda mark: not mark.known))


def _hits(name: str, texts: list[str]) -> set[str]:
    """Where a name stands, whatever stands between its letters (`City-of Aram`, `아람 시`)."""
    letters = [c for c in unicodedata.normalize("NFKC", name).translate(_UNSEEN) if c.isalnum()]
    if len(letters) < 2:
        return set()
    between = r"[\W_]{0,3}".join(map(re.escape, letters))
    pattern = re.compile(_before(letters) + between + _after(letters), re.IGNORECASE)
    return {match[0] for text in texts for match in pattern.finditer(text)}


_SPACED: Final = r"0-9A-Za-z\u00c0-\u0dff\u10a0-\u10ff"  # scripts that put spaces between words


def _before(letters: list[str]) -> str:
    """A name begins where a word begins; of Hangul only a short one, because titles are written onto names."""
    if re.match("[가-힣]", letters[0]):
        return "(?<![가-힣])" if len(letters) < 3 else ""
    return rf"(?<![{_SPACED}])" if re.match(f"[{_SPACED}]", letters[0]) else ""


def _after(letters: list[str]) -> str:
    """A name ends where its word ends; a Korean particle may follow any name without a space."""
    return rf"(?![{_SPACED}])" if re.match(f"[{_SPACED}]", letters[-1]) else ""


def _parts(name: str) -> list[str]:
    parts = [part for part in re.split(r"[\s,.]+", name) if len(part) > 1]
    return parts if len(parts) > 1 else []


def tidy(text: str) -> str:
    """A text as it is kept: composed letters, plain line ends, nothing around it."""
    return unicodedata.normalize("NFC", re.sub(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]", "\n", text)).strip()


# --- Why not ----------------------------------------------------------------------------------------------------------


def text_faults(text: str, missing: str, most: int) -> tuple[Reason, ...]:
    """Why this is no text to be kept; `missing` is the code where there is none at all (blank: there may be none)."""
    if not text:
        return (Reason(missing),) if missing else ()
    if len(text) > most:
        return (Reason("words_too_long", {"most": most, "length": len(text)}),)
    if _CONTROL.search(text):
        return (Reason("words_have_control"),)
    return (Reason("words_turn_direction"),) if _TURNING.search(text) else ()


def track_faults(definition: Definition, track: str) -> tuple[Reason, ...]:
    known = {one.id for one in definition.tracks}
    return () if not track or track in known else (Reason("question_track_unknown", {"track": track[:80]}),)


def against_answer(
    call: Call,
    question: Mapping[str, str],
    answer: Mapping[str, str],
    enquiry: Enquiry | None,
    corrects: PublicAnswer | None,
    *,
    looked: bool,
) -> list[Reason]:
    """Why these words (tidy, of every language of the call) cannot be published; `looked` as for the command."""
    if (enquiry and enquiry.call_id != call.pk) or (corrects and corrects.call_id != call.pk):
        return [Reason("answer_of_another_call")]
    if corrects and (later := corrects.corrections.first()):
        return [Reason("answer_is_corrected", {"number": corrects.number, "later": later.number})]
    reasons = [Reason("answer_lacks_question", {"language": k}) for k, text in question.items() if not text]
    reasons += [Reason("answer_lacks_words", {"language": k}) for k, text in answer.items() if not text]
    texts = [*question.values(), *answer.values()]
    reasons += [reason for text in texts for reason in text_faults(text, "", LONGEST_REPLY)]
    if reasons:
        return reasons
    found = marks(texts, known_names(enquiry))
    if known := [mark.found for mark in found if mark.known]:
        return [Reason("answer_names_somebody", {"found": known})]
    return [Reason("answer_may_name_somebody", {"found": [m.found for m in found]})] if found and not looked else []
