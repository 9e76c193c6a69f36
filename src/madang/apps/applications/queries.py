"""Reads: what was received, as of a day, as it was known on a day.

Two moments belong to every number of a reception. `as_of`: what had arrived by then. `known_at`: what this platform
knew then, so that a number published before an import was undone or added can be counted again exactly.
"""

import datetime as dt
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from madang.apps.applications.models import Application, InBatch, PreviousRound, ReceptionBatch
from madang.apps.calls.models import Call
from madang.apps.calls.queries import current_definition
from madang.core.deciding import case
from madang.core.deciding.case import Case

T = TypeVar("T", bound=InBatch)
Moment = dt.datetime | dt.date


def reception(call: Call, as_of: Moment | None = None, known_at: Moment | None = None) -> Case:
    """The applications and earlier rounds of a call, as `madang.core.statistics.of_call` counts them.

    A day stands for its end, in the call's zone. Default: everything, as known now. Four statements at most, whatever
    the number of applications.
    """
    zone = ZoneInfo(current_definition(call).schedule.zone)
    known = _end(known_at, zone)
    rows = known_by(Application.objects.filter(call=call), known)
    if as_of is not None:
        rows = rows.filter(received_at__lte=_end(as_of, zone))
    rounds = known_by(PreviousRound.objects.filter(call=call), known)
    found = list(rows)
    return Case(
        applications=tuple(_row(one) for one in found),
        rounds=tuple(case.Round(one.year, one.cases, one.countries) for one in rounds),
        sample=call.is_sample or any(one.is_sample for one in found),
    )


def known_by(rows: QuerySet[T], moment: dt.datetime | None) -> QuerySet[T]:
    """Rows that stood at a moment (default: that stand now): imported by then, and not undone by then."""
    if moment is None:
        return rows.filter(undone_at__isnull=True)
    return rows.filter(Q(undone_at__isnull=True) | Q(undone_at__gt=moment), batch__imported_at__lte=moment)


def with_counts(calls: QuerySet[Call]) -> QuerySet[Call]:
    """Each call with `cases`: the number of applications that stand. For lists; statistics count by `reception`."""
    cases = (
        Application.objects.filter(call=OuterRef("pk"), undone_at__isnull=True)
        .order_by()
        .values("call")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return calls.annotate(cases=Coalesce(Subquery(cases), Value(0), output_field=IntegerField()))


def batches(call: Call) -> QuerySet[ReceptionBatch]:
    """All imports of a call, those that were undone too, in the order they came."""
    return ReceptionBatch.objects.filter(call=call)


def _end(moment: Moment | None, zone: ZoneInfo) -> dt.datetime | None:
    if moment is None or isinstance(moment, dt.datetime):
        return moment
    return dt.datetime.combine(moment, dt.time.max, zone)


def _row(one: Application) -> case.Application:
    return case.Application(
        id=one.reference,
        applicant=one.applicant_name,
        kind=one.kind,
        organisation=one.organisation,
        track=one.track,
        country=one.country,
        received=one.received,
        answers=one.answers,
        members=tuple(one.members),
    )
