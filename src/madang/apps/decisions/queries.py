"""Reads: which calls have a decision, and what it says."""

from django.db.models import Exists, OuterRef, QuerySet

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


def latest_decision(call: Call) -> Decision | None:
    return decisions(call).last()


def by_root(root: str) -> Decision | None:
    """The decision that was sealed here with this root: `/verify` asks whether a dropped record is one of ours."""
    return Decision.objects.filter(root=root).select_related("call").first()


def record_text(decision: Decision) -> str:
    """The record as it was sealed. Raises `files.Corrupted` or `files.NotKept` where the store lacks it whole."""
    return files.read(decision.record_sha256).decode()
