"""Reads: which calls have a decision, and what it says."""

import datetime as dt

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from madang.apps.calls.models import Call
from madang.apps.calls.queries import all_calls
from madang.apps.decisions.models import Decision
from madang.kernel import files


def decided_calls() -> QuerySet[Call]:
    """Calls that have a sealed decision (whether decided in one go or case by case), the latest round first."""
    return all_calls().filter(Exists(Decision.objects.filter(call=OuterRef("pk"))))


def decisions(call: Call) -> QuerySet[Decision]:
    """All sealed decisions of a call, the first one first."""
    return Decision.objects.filter(call=call).select_related("definition_version").order_by("number")


def decided_on(decision: Decision) -> dt.date:
    """The day of the decision, as its record states it; of its sealing where it states none."""
    try:
        return dt.date.fromisoformat(str(decision.summary.get("decided_at", ""))[:10])
    except ValueError:
        return timezone.localtime(decision.sealed_at).date()


def latest_decision(call: Call) -> Decision | None:
    return decisions(call).last()


def by_root(root: str) -> Decision | None:
    """The decision that was sealed here with this root: `/verify` asks whether a dropped record is one of ours."""
    return Decision.objects.filter(root=root).select_related("call").first()


def record_text(decision: Decision) -> str:
    """The record as it was sealed. Raises `files.Corrupted` or `files.NotKept` where the store lacks it whole."""
    return files.read(decision.record_sha256).decode()


def latest_decisions(calls: QuerySet[Call]) -> QuerySet[Decision]:
    """The last decision of each of these calls, the newest first."""
    later = Decision.objects.filter(call=OuterRef("call"), number__gt=OuterRef("number"))
    found = Decision.objects.filter(~Exists(later), call__in=calls.values("pk"))
    return found.select_related("call__programme", "definition_version").order_by("-sealed_at", "call__slug")


def decision_of(slug: str, number: int | None = None) -> Decision | None:
    """A published call's decision of this number; its last one where no number is given."""
    found = Decision.objects.filter(call__slug=slug, call__published_at__isnull=False)
    found = found.select_related("call__programme", "definition_version").order_by("number")
    return found.last() if number is None else found.filter(number=number).first()
