"""May this be judged, and under which published ground is an application excluded? Pure questions."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from madang.apps.accounts.enums import Role
from madang.apps.accounts.models import is_person
from madang.apps.applications.models import Dossier
from madang.apps.calls.models import Call
from madang.apps.enquiries.rules import at_the_desk, text_faults, tidy
from madang.core.callspec import Definition
from madang.core.reasons import Reason
from madang.kernel.clock import now

# --- Review -----------------------------------------------------------------------------------------------------------

LONGEST_REASON: Final = 2_000
LONGEST_SOURCE: Final = 200
FIRST_DAY: Final = dt.date(1990, 1, 1)
"""No answer that is still worth anything is older; an earlier day is a slip of the pen."""
CLEAR, FOUND, ASKED = RESULTS = ("clear", "found", "open")
"""What another body says: nothing there, something there; or it was asked and has not answered."""

SUPPLEMENT, LATE, PARTY, MONEY, SISTERS = "supplement", "late", "applicant", "money", "sisters"
"""Grounds of exclusion that are published by the call as a whole; the others name a rule of it: `review.ID`,
`eligibility.ID`, `outside_checks.ID`.
"""

_GROUND_OF: Final = {
    "received_after_closing": LATE,
    **dict.fromkeys(("applicant_kind", "consortium_too_few", "consortium_too_many", "consortium_kind"), PARTY),
    **dict.fromkeys(
        ("own_share_over_cost", "cost_under_limit", "cost_over_limit", "grant_under_limit", "grant_over_limit"), MONEY
    ),
    "applied_in_sister_call": SISTERS,
}


def ground_of(reason: Reason) -> str:
    """Under which ground a reason of `core.deciding.eligibility` excludes."""
    match reason.code, reason.params:
        case "rule_not_met", params:
            return f"eligibility.{params['rule']}"
        case "review_failed", params:
            return f"review.{params['item']}"
        case "outside_check_found", params:
            return f"outside_checks.{params['check']}"
    return _GROUND_OF[reason.code]


def handled_by(person: Any, rows: QuerySet[Dossier]) -> QuerySet[Dossier]:
    """Those that the person handles (`applications.handle_dossier`), for bulk acts. One statement at most."""
    if not is_person(person):
        return rows.none()
    calls = Call.objects.filter(dossiers__isnull=False)
    return rows.filter(at_the_desk(person, calls, roles=(Role.OFFICER, Role.SECRETARIAT)))


def words_faults(words: Mapping[str, str], needed: str, languages: tuple[str, ...]) -> Iterator[Reason]:
    """Why these words cannot be what an applicant is told; `needed`: the language that must be among them."""
    if not words.get(needed):
        yield Reason("review_needs_words", {"language": needed})
    for language, text in words.items():
        if language not in languages:
            yield Reason("no_such_language", {"language": language[:20]})
        yield from text_faults(text, "", LONGEST_REASON)


def languages_of(definition: Definition, own: str) -> tuple[str, ...]:
    """In which languages an applicant may be told: those of the call, the applicant's own first."""
    return tuple(dict.fromkeys((own, *definition.languages)))


@dataclass(frozen=True, slots=True)
class Said:
    """What another body said of one application: `result` (one of `RESULTS`), who, as of which day, a note."""

    result: str
    source: str
    on: dt.date
    note: str = ""


def against_said(said: Said) -> list[Reason]:
    """Why this cannot be entered."""
    found = [] if said.result in RESULTS else [Reason("review_no_such_result")]
    found += text_faults(said.source, "review_needs_source", LONGEST_SOURCE)
    found += text_faults(said.note, "", LONGEST_REASON)
    if said.on > now().date() + dt.timedelta(days=1):  # wherever the office lies, its tomorrow is no later
        found.append(Reason("review_day_ahead", {"day": said.on.isoformat()}))
    if said.on < FIRST_DAY:
        found.append(Reason("review_day_too_early", {"day": said.on.isoformat(), "first": FIRST_DAY.isoformat()}))
    return found


def tidied(said: Said) -> Said:
    """As it is kept: the source on one line."""
    return Said(said.result, " ".join(tidy(said.source).split()), said.on, tidy(said.note))
