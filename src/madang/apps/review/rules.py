"""May this be judged, and under which published ground is an application excluded? Pure questions."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.db.models import QuerySet

from madang.apps.accounts.enums import Role
from madang.apps.accounts.models import is_person
from madang.apps.applications.models import Dossier
from madang.apps.calls.models import Call
from madang.apps.enquiries.rules import at_the_desk, text_faults
from madang.core.callspec import Definition
from madang.core.reasons import Reason

# --- Review -----------------------------------------------------------------------------------------------------------

LONGEST_REASON: Final = 2_000
LONGEST_SOURCE: Final = 200

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
