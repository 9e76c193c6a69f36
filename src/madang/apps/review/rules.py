"""Who may do what with a received application before it is evaluated, and with what is told of all of them."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, Final

from django.db.models import QuerySet
from rules import predicate

from madang.apps.accounts.enums import Role
from madang.apps.accounts.models import is_person
from madang.apps.applications.queries import told_in_public
from madang.apps.calls.models import Call
from madang.apps.enquiries.rules import About, audits, text_faults
from madang.apps.review.models import PressReport
from madang.core.reasons import Reason
from madang.core.statistics.press import Figure, names_in, numbers_in
from madang.kernel.permissions import permission
from madang.papers.press.model import LANGUAGES, TABLES

# --- The word to the press --------------------------------------------------------------------------------------------
# A report tells of the whole reception. Before the end that is the officer's alone (and the auditor's to read): a
# secretariat knows of its own types only. Once everybody may know the numbers, every secretariat of the programme may
# write one. `thing` has a `call`.

LONGEST_TEXT: Final = 20_000
LONGEST_REASON: Final = 500
MOST_NUMBERS: Final = 500
"""In one text: a release has some fifty."""


@predicate("writes-of-the-reception")
def writes_of_reception(person: Any, thing: Any = None) -> bool:
    if not is_person(person) or thing is None:
        return False
    programme = thing.call.programme.slug
    if person.holds(Role.OFFICER, programme=programme):
        return True
    return bool(person.holds(Role.SECRETARIAT, programme=programme)) and told_in_public(thing.call)


def _press_reports(person: Any, rows: QuerySet[PressReport]) -> QuerySet[PressReport]:
    """Few reports, fewer calls: the right is asked of each call."""
    calls = Call.objects.filter(press_reports__in=rows).select_related("programme").distinct()
    return rows.filter(call__in=[one.pk for one in calls if reads_of_reception.test(person, About(one))])


reads_of_reception = writes_of_reception | audits
READ_PRESS = permission("review.read_press", reads_of_reception, filter=_press_reports)
WRITE_PRESS = permission("review.write_press", writes_of_reception)


def day_faults(as_of: dt.date | None, today: dt.date) -> tuple[Reason, ...]:
    """Figures are of a day that has begun."""
    return (Reason("press_day_ahead", {"day": as_of.isoformat()}),) if as_of and as_of > today else ()


def table_faults(tables: Collection[str]) -> tuple[Reason, ...]:
    unknown = [name[:40] for name in tables if name not in TABLES]
    return (Reason("press_table_unknown", {"table": unknown[0]}),) if unknown else ()


def press_text_faults(texts: Mapping[str, str], figures: Mapping[str, Figure]) -> tuple[Reason, ...]:
    """Both languages have a text, and every `{name}` in it is a figure that there is."""
    found: list[Reason] = []
    for language in LANGUAGES:
        text = texts.get(language, "")
        found += [
            Reason(reason.code, {**reason.params, "language": language})
            for reason in text_faults(text, "press_text_missing", LONGEST_TEXT)
        ]
        unknown = [name for name in names_in(text) if name not in figures]
        if (numbers := len(numbers_in(text[:LONGEST_TEXT]))) > MOST_NUMBERS:
            told = {"most": MOST_NUMBERS, "count": numbers, "language": language}
            found.append(Reason("press_too_many_numbers", told))
        found += [Reason("press_figure_unknown", {"name": name[:80], "language": language}) for name in unknown[:3]]
    return tuple(found)


def reason_faults(reasons: Mapping[str, str]) -> tuple[Reason, ...]:
    """What is said of numbers that do not come from the reception."""
    faults = [text_faults(reason, "press_number_needs_reason", LONGEST_REASON) for reason in reasons.values()]
    return next((some for some in faults if some), ())
