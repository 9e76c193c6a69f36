"""Reads. Functions take and give querysets, so that they compose: `in_state(matching(all_calls(), "hanoi"), OPEN)`."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Prefetch, Q, QuerySet, Value, When

from madang.apps.accounts.models import Person
from madang.apps.calls.models import Alert, Call, DefinitionDraft, DefinitionVersion, Programme
from madang.core import callspec
from madang.core.callspec import Definition
from madang.core.callspec.edit.shape import Path
from madang.core.callspec.lint import placed
from madang.core.lifecycle import call_state
from madang.core.lifecycle.call import CLOSED, DECIDED, DRAFT, OPEN, PUBLISHED
from madang.core.lifecycle.definition import OPEN as OPEN_STATES
from madang.core.reasons import Fault
from madang.kernel.clock import now
from madang.papers import calendars, classifications


def all_calls() -> QuerySet[Call]:
    """Every published call, the latest round first, each with its `state` at this moment."""
    return with_state(Call.objects.filter(published_at__isnull=False).select_related("programme"))


def open_calls() -> QuerySet[Call]:
    """Calls that take applications at this moment, the one that closes first standing first."""
    return in_state(all_calls(), OPEN).order_by(F("closes_at").asc(nulls_last=True), "slug")


def programmes() -> QuerySet[Programme]:
    """Programmes that have a published call."""
    return Programme.objects.filter(calls__published_at__isnull=False).distinct().order_by("slug")


def of_programme(calls: QuerySet[Call], slug: str) -> QuerySet[Call]:
    return calls.filter(programme__slug=slug)


def of_outcome(calls: QuerySet[Call], kind: str) -> QuerySet[Call]:
    """Calls by what is to be had: award, certificate, ...; an unknown kind matches nothing."""
    return _saying(calls, data__outcome__kind=kind)


def decided_by(calls: QuerySet[Call], rule: str) -> QuerySet[Call]:
    """Calls by their deciding rule: rank, threshold, grade, vote or appointment."""
    return _saying(calls, data__decide__by=rule)


def following(calls: QuerySet[Call], slug: str) -> QuerySet[Call]:
    """Calls that name this one as the call they follow."""
    return _saying(calls, data__parent=slug)


def _saying(calls: QuerySet[Call], **said: str) -> QuerySet[Call]:
    """Calls whose definition, in the version that counts, says this."""
    later = DefinitionVersion.objects.filter(call=OuterRef("call"), number__gt=OuterRef("number"))
    current = DefinitionVersion.objects.filter(~Exists(later), call=OuterRef("pk"), **said)
    return calls.filter(Exists(current))


def in_state(calls: QuerySet[Call], state: str) -> QuerySet[Call]:
    """`state`: one of `madang.core.lifecycle.call.STATES`; an unknown one matches nothing. Takes `with_state` rows."""
    return calls.filter(state=state)


def matching(calls: QuerySet[Call], text: str) -> QuerySet[Call]:
    """Calls whose titles (in any language), host, programme or id contain every word of `text`."""
    for word in text.lower().split():
        calls = calls.filter(search_text__contains=word)
    return calls


def with_state(calls: QuerySet[Call]) -> QuerySet[Call]:
    """Each call's `state` at this moment: what `madang.core.lifecycle.call_state` says, in SQL."""
    second = now().replace(microsecond=0)
    return calls.annotate(
        state=Case(
            When(published_at__isnull=True, then=Value(DRAFT)),
            When(decided_at__isnull=False, then=Value(DECIDED)),
            When(Q(opens_at__gt=second), then=Value(PUBLISHED)),
            When(Q(closes_at__lt=second), then=Value(CLOSED)),
            default=Value(OPEN),
            output_field=CharField(),
        )
    )


def state_of(call: Call, at: dt.datetime | None = None) -> str:
    """The state of one call, at a moment (default: now)."""
    return call_state(
        published=call.published_at is not None,
        decided=call.decided_at is not None,
        opens_at=call.opens_at,
        closes_at=call.closes_at,
        now=at or now(),
    )


def current_version(call: Call) -> DefinitionVersion | None:
    """The version that counts: the last one; nothing for a draft."""
    return call.versions.order_by("-number").first()


def current_definition(call: Call) -> Definition:
    """The definition that counts. Raises `DefinitionVersion.DoesNotExist` for a call that was never published."""
    version = current_version(call)
    if version is None:
        raise DefinitionVersion.DoesNotExist(f"{call} has no published definition")
    return definition_of(version)


def definition_of(version: DefinitionVersion) -> Definition:
    """A version's definition (parsed once per process and text)."""
    return callspec.parse(version.text)


def languages() -> list[str]:
    """Every language in which a call was published. One statement."""
    told = DefinitionVersion.objects.order_by().values_list("data__languages", flat=True).distinct()
    return sorted({tag for tags in told for tag in tags or ()})


FILTERS = ("q", "programme", "kind", "rule", "who")
"""What a list, a feed or an alert may ask for; blank means everything."""


def fitting(calls: QuerySet[Call], filters: Mapping[str, str]) -> QuerySet[Call]:
    """Calls that fit all filters that are given (`FILTERS`; others are ignored)."""
    given = {name: filters.get(name, "") for name in FILTERS}
    calls = of_programme(calls, given["programme"]) if given["programme"] else calls
    calls = of_outcome(calls, given["kind"]) if given["kind"] else calls
    calls = decided_by(calls, given["rule"]) if given["rule"] else calls
    calls = open_to(calls, given["who"]) if given["who"] else calls
    return matching(calls, given["q"]) if given["q"] else calls


def open_to(calls: QuerySet[Call], kind: str) -> QuerySet[Call]:
    """Calls for which an organisation of this kind may apply: some type names it, or names nobody. Two statements."""
    later = DefinitionVersion.objects.filter(call=OuterRef("call"), number__gt=OuterRef("number"))
    current = DefinitionVersion.objects.filter(~Exists(later)).values_list("call_id", "data__tracks")
    fit = [
        call for call, tracks in current if not tracks or any(kind in one.get("applicants", [kind]) for one in tracks)
    ]
    return calls.filter(pk__in=fit)


def closing_within(calls: QuerySet[Call], days: int) -> QuerySet[Call]:
    """Open calls that close within so many days. Takes `with_state` rows."""
    return in_state(calls, OPEN).filter(closes_at__lte=now() + dt.timedelta(days=days))


def alerts_of(person: Person) -> QuerySet[Alert]:
    """The alerts that a person keeps."""
    return Alert.objects.filter(person=person, ended_at__isnull=True)


def news_since(moment: dt.datetime) -> dict[int, tuple[dt.datetime, bool]]:
    """Calls published after a moment, or importantly amended: id -> (when last, whether it is new). Two statements."""
    found: dict[int, tuple[dt.datetime, bool]] = {}
    versions = DefinitionVersion.objects.filter(published_at__gt=moment).order_by("call_id", "number")
    before = {
        (one.call_id, one.number): one.data
        for one in DefinitionVersion.objects.filter(call__in=versions.order_by().values("call"))
    }
    for version in versions:
        new = version.number == 1
        if new or _matters(before[version.call_id, version.number - 1], version.data):
            found[version.call_id] = version.published_at, new or found.get(version.call_id, (moment, False))[1]
    return found


MATTERS = ("tracks", "eligibility", "money", "decide", "outcome", "documents", "form", "intake")
"""Parts of a definition whose amendment somebody who waits for a call must hear of; and when it opens and closes."""


def _matters(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    dates = [(one.get("schedule", {}).get("opens"), one.get("schedule", {}).get("closes")) for one in (before, after)]
    return dates[0] != dates[1] or any(before.get(part) != after.get(part) for part in MATTERS)


def closing_moved(version: DefinitionVersion) -> DefinitionVersion | None:
    """The version before this one, where this one counts now and moved the closing. One statement."""
    rows = DefinitionVersion.objects.filter(call=version.call_id, number__gte=version.number - 1).order_by("number")
    found = list(rows[:3])
    if len(found) != 2 or found[1].pk != version.pk:
        return None  # the first version, or no longer the one that counts
    old, new = map(closing_of, found)
    return found[0] if old and new and old != new else None


def closing_of(version: DefinitionVersion) -> str:
    """The closing as a version says it, in the call's wall time; blank where it never closes by the clock."""
    return str(version.data.get("schedule", {}).get("closes", {}).get("at", ""))


def amended_since(moment: dt.datetime) -> QuerySet[DefinitionVersion]:
    """Amendments published after a moment."""
    return DefinitionVersion.objects.filter(number__gt=1, published_at__gt=moment).select_related("call")


# --- Definitions that are being written -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Inspected:
    """What a text says and what is wrong with it. `data`: plain values, None where it is no YAML; `definition`: where
    its shape holds; `faults`: each with the path of its place.
    """

    data: Any
    definition: Definition | None
    faults: tuple[tuple[Path, Fault], ...]

    def word(self, key: str) -> str:
        """A top-level text, blank where there is none."""
        value = self.data.get(key) if isinstance(self.data, dict) else None
        return value if isinstance(value, str) else ""

    @property
    def title(self) -> dict[str, str]:
        """The title by language, as far as it can be read."""
        title = self.data.get("title") if isinstance(self.data, dict) else None
        return {k: v for k, v in title.items() if isinstance(v, str)} if isinstance(title, dict) else {}


@lru_cache(maxsize=64)
def inspected(text: str) -> Inspected:
    """Read and lint a text against the sets and calendars of the house. About 0.1 s at first, then from memory."""
    sets = {name: frozenset(classifications.load(name).ids) for name in classifications.names()}
    definition, source, faults = placed(text, sets, calendars.find)
    return Inspected(source.data if source else None, definition, tuple(faults))


def all_drafts() -> QuerySet[DefinitionDraft]:
    """Every draft of a definition, the last changed first."""
    return DefinitionDraft.objects.select_related("call", "written_by", "submitted_by", "approved_by")


def with_drafts(calls: QuerySet[Call]) -> QuerySet[Call]:
    """Each call with `open_drafts`: the amendment of it that is being written, if there is one. One more statement."""
    return calls.prefetch_related(
        Prefetch("drafts", DefinitionDraft.objects.filter(state__in=OPEN_STATES), to_attr="open_drafts")
    )


def drafts_matching(drafts: QuerySet[DefinitionDraft], text: str) -> QuerySet[DefinitionDraft]:
    """Drafts in whose text every word stands: in a title in any language, an id, a remark."""
    for word in text.split():
        drafts = drafts.filter(text__icontains=word)
    return drafts


def writers_of(draft: DefinitionDraft) -> set[int]:
    """The people who wrote one of its texts."""
    return set(draft.texts.order_by().values_list("by_id", flat=True))
