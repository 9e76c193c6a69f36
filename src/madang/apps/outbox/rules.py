"""Who sees and handles which mails. Pure questions; the answer is the reasons against, none where allowed.

Mails about a call belong to its programme's officers and its secretariats. Mails about accounts and organisations, and
everything else, belong to officers of every programme and to administrators. Auditors read what officers read.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from django.db.models import QuerySet
from rules import predicate

from madang.apps.accounts.enums import Role
from madang.apps.accounts.models import is_person
from madang.apps.outbox.queries import reach
from madang.core.reasons import Reason
from madang.kernel.mail import MailBatch, OutgoingMail
from madang.kernel.permissions import permission

HANDLERS: Final = (Role.ADMINISTRATOR, Role.OFFICER, Role.SECRETARIAT)
READERS: Final = (*HANDLERS, Role.AUDITOR)
LONGEST_SUBJECT: Final = 200
LONGEST_TEXT: Final = 20_000
LONGEST_REASON: Final = 1_000
MOST_READERS: Final = 20_000


def _within(name: str, roles: Collection[Role]) -> Any:
    @predicate(name)
    def holds(person: Any, thing: Any = None) -> bool:
        """Of a mail, a batch, or (nothing named) of any mail at all."""
        if not is_person(person):
            return False
        if thing is None:
            return any(person.holds(role) for role in roles)
        return reach(person, roles).covers(thing.about)

    return holds


def _rows(roles: Collection[Role]) -> Any:
    def rows_for(person: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
        return reach(person, roles).of(rows) if is_person(person) else rows.none()

    return rows_for


READ_MAIL = permission("outbox.read_mail", _within("reads-mail-about-it", READERS), filter=_rows(READERS))
HANDLE_MAIL = permission("outbox.handle_mail", _within("handles-mail-about-it", HANDLERS), filter=_rows(HANDLERS))


# --- Facts of a mail --------------------------------------------------------------------------------------------------


def facts_of(mail: OutgoingMail, *, reason: str = "") -> set[str]:
    """What the lifecycle of a mail asks."""
    facts = {
        "may_wait": mail.urgency > 0,
        "readable": not mail.is_secret,
        "text_of_its_own": mail.batch is None or mail.batch.state != "held",
        "batch_released": mail.batch is None or mail.batch.state == "released",
        "reason_given": bool(reason),
    }
    return {name for name, holds in facts.items() if holds}


def facts_of_batch(batch: MailBatch, *, reason: str = "", seen: str | None = None, current: str = "") -> set[str]:
    """What the lifecycle of an announcement asks; `seen`: the state that was read before the press."""
    facts = {
        "reason_given": bool(reason),
        "latest_read": seen == current,
        "has_readers": batch.mails.filter(cancelled_at__isnull=True).exists(),
    }
    return {name for name, holds in facts.items() if holds}


# --- Why not ----------------------------------------------------------------------------------------------------------

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_TURNING = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def tidy(text: str) -> str:
    """A text as it is kept: plain line ends, nothing around it."""
    return re.sub(r"\r\n?", "\n", text).strip()


def text_faults(text: str, most: int, *, missing: str = "", language: str = "") -> list[Reason]:
    """Why this is no text to be kept; `missing`: the code where there is none (blank: there may be none)."""
    where = {"language": language} if language else {}
    if not text:
        return [Reason(missing, where)] if missing else []
    if len(text) > most:
        return [Reason("mail_text_too_long", {"most": most, "length": len(text)})]
    if _CONTROL.search(text):
        return [Reason("mail_text_has_control")]
    return [Reason("mail_text_turns_direction")] if _TURNING.search(text) else []


def subject_faults(subject: str, *, missing: str = "", language: str = "") -> list[Reason]:
    """The same for a subject, which is one line."""
    if "\n" in subject:
        return [Reason("mail_subject_is_one_line")]
    return text_faults(subject, LONGEST_SUBJECT, missing=missing, language=language)


def texts_faults(texts: Mapping[str, Mapping[str, str]], languages: Collection[str]) -> list[Reason]:
    """Why an announcement cannot have these texts; what is still blank is no fault before it is released."""
    reasons = [
        Reason("mail_language_unknown", {"language": tag[:10]}) for tag in texts if tag not in {*languages, "en"}
    ]
    for text in texts.values():
        reasons += subject_faults(text.get("subject", ""))
        reasons += text_faults(text.get("text", ""), LONGEST_TEXT)
    if not reasons and not any(one.get("subject") and one.get("text") for one in texts.values()):
        reasons.append(Reason("batch_has_no_text"))
    return reasons
