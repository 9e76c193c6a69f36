"""A call's deadline as it came to be: where it was moved, with the reason; and who was admitted after the end."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext, ngettext

from madang.apps.applications import queries
from madang.apps.calls.models import DefinitionVersion
from madang.apps.calls.queries import closing_of
from madang.web.late_view import exact, span
from madang.web.public.call_view import CallView

Context = dict[str, Any]


def moves(view: CallView, versions: Sequence[DefinitionVersion]) -> dict[int, Context]:
    """Number of a version -> its closing and the one before it, in words, where it moved. `versions`: newest first."""
    found = {}
    for after, before in pairwise(versions):
        old, new = closing_of(before), closing_of(after)
        if old != new and old and new:
            words = {"old": view.wording.day(old), "new": view.wording.day(new), "later": new > old}
            found[after.number] = words | {"reason": after.reason, "notice": after.notice, "number": after.number}
    return found


def admitted(view: CallView) -> list[Context]:
    """What was admitted after the end: how many, because of which outage, why; never whose. Two statements at most."""
    told = Counter((one.outage, one.reason) for one in queries.late_admissions(view.call))
    outages = queries.outages_named(outage for outage, _ in told) if told else {}
    return [
        {
            "count": count,
            "text": ngettext("%(n)s application", "%(n)s applications", count) % {"n": count},
            "span": span(outages[outage], view.zone) if outage in outages else "",
            "reason": reason,
        }
        for (outage, reason), count in told.items()
    ]


def grace(view: CallView) -> str:
    """Until when a press counts, where the notice prints a grace; else blank."""
    closes, until, minutes = view.call.closes_at, view.call.counts_until, view.call.grace_minutes
    if not minutes or closes is None or until is None:
        return ""
    last = until.astimezone(view.zone)
    same_day = last.date() == closes.astimezone(view.zone).date()
    clock = f"{last:%H:%M}" if last.second == 0 else f"{last:%H:%M:%S}"
    told = {"time": clock if same_day else exact(until, view.zone), "n": minutes}
    return (
        ngettext(
            "counts until %(time)s (grace of %(n)s minute as printed in the notice)",
            "counts until %(time)s (grace of %(n)s minutes as printed in the notice)",
            minutes,
        )
        % told
    )


def told(view: CallView, versions: Sequence[DefinitionVersion]) -> Context | None:
    """What `public/calls/_deadline.html` wants; nothing where there is nothing to tell."""
    moved = list(moves(view, versions).values())
    late = admitted(view) if view.call.closes_at and (view.moment > view.call.closes_at or moved) else []
    return {"moved": moved[0] if moved else None, "late": late} if moved or late else None


def calendar_line(view: CallView) -> str:
    """The grace as a sentence of its own, for a calendar."""
    words = grace(view)
    return gettext("It %(counts)s.") % {"counts": words} if words else ""
