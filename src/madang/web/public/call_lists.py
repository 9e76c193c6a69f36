"""Calls for lists: everything that cards and rows show, in the same number of statements for one call or a hundred."""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.db.models import Count, F, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext

from madang.apps.applications.models import Application, ReceptionBatch
from madang.apps.applications.queries import told_in_public
from madang.apps.calls.models import Call, DefinitionVersion
from madang.apps.calls.queries import all_calls, definition_of, following, of_programme, open_calls
from madang.apps.decisions.models import Decision
from madang.apps.decisions.queries import decided_on, latest_decisions
from madang.core.lifecycle.call import PUBLISHED
from madang.kernel.clock import now
from madang.papers import classifications
from madang.web.public.call_view import CallView, Context, Received, reader, sample_beside


def views_of(calls: Sequence[Call]) -> list[CallView]:
    """The views of these calls, in their order. Three statements; one more where a batch was never counted here, and
    one where a call has closed, in which applications may have been filed.
    """
    versions = _current_versions(calls)
    received = _received(versions.values())
    decided = {one.call_id: one.number for one in latest_decisions(all_calls().filter(pk__in=[c.pk for c in calls]))}
    return [
        CallView(call, versions[call.pk], received.get(call.pk, Received(0, 0)), decision=decided.get(call.pk))
        for call in calls
    ]


def view_of(call: Call) -> CallView:
    return views_of([call])[0]


def front_page(most: int = 6) -> list[CallView]:
    """What the front page shows: the open calls, the first to close first, then the newest others."""
    first = list(open_calls().order_by(F("closes_at").asc(nulls_last=True), "slug")[:most])
    others = all_calls().exclude(pk__in=[call.pk for call in first])
    newest = others.order_by(F("opens_at").desc(nulls_last=True), "slug")[: most - len(first)]
    return views_of([*first, *newest])


def next_to_close(views: Iterable[CallView], most: int = 5) -> list[Context]:
    """Of the front page's calls, what closes next, then what opens soon: "url", "title", "left", "when", "sample"."""
    found = list(views)
    closing = [_line(view, view.deadline) for view in found if view.days_left is not None]
    opening = sorted((view for view in found if view.state == PUBLISHED), key=lambda view: view.call.opens_at or now())
    return [*closing, *(_line(view, view.state_name) for view in opening)][:most]


def _line(view: CallView, left: str) -> Context:
    when = f"{view.day} · {view.zone_name}" if view.day_is_moment else view.day
    return {"url": view.url, "title": view.title, "left": left, "when": when, "sample": view.is_sample}


def related(view: CallView) -> list[Context]:
    """Published calls that belong to this one, in groups {"title", "calls": views}: the one it follows, those that
    refuse the same applicant, those that follow it, and other rounds.
    """
    definition, label = view.definition, view.wording.label
    sisters = definition.sisters
    refuse = "about.sisters" if sisters is None or sisters.refuse == "second_application" else "about.sisters_award"
    calls, spawned = all_calls(), [spawn.programme for spawn in definition.spawns]
    groups = [
        (label("about.parent"), calls.filter(slug=definition.parent or "")),
        (label(refuse), calls.filter(slug__in=sisters.calls if sisters else ())),
        (label("about.spawns"), calls.filter(programme__slug__in=spawned) | following(calls, view.call.slug)),
        (gettext("Other calls of this programme"), of_programme(calls, definition.programme)),
    ]
    found = [(title, views_of([call for call in group if call.pk != view.call.pk])) for title, group in groups]
    return [{"title": title, "calls": views} for title, views in found if views]


def latest_decisions_table(most: int = 5) -> Context | None:
    """The newest sealed decisions, one for each call, for `_table.html`; nothing where there is none."""
    found = latest_decisions(all_calls())[:most]
    columns: list[Context] = [
        {"text": gettext("Call")},
        {"text": gettext("Decided on"), "kind": "text"},
        {"text": gettext("Applications"), "kind": "number"},
    ]
    table: Context = {
        "id": "latest-decisions",
        "caption": gettext("The last decision of each call, the newest first"),
        "columns": columns,
    }
    table["rows"] = [_decided_row(one) for one in found]
    return table if table["rows"] else None


def _decided_row(decision: Decision) -> list[Any]:
    wording = reader()
    address = reverse("public:result", args=[decision.call.slug])
    link = format_html('<a href="{}">{}</a>', address, wording.of(decision.call.title))
    return [
        sample_beside(link) if decision.is_sample else link,
        wording.day(decided_on(decision).isoformat()),
        f"{decision.summary.get('applications', 0):,}",
    ]


def _current_versions(calls: Iterable[Call]) -> dict[int, DefinitionVersion]:
    found = DefinitionVersion.objects.filter(call__in=[call.pk for call in calls]).select_related("call")
    return {version.call_id: version for version in found.order_by("number")}  # of equal calls the last one stays


def _received(versions: Iterable[DefinitionVersion]) -> dict[int, Received]:
    """Applications that stand, and the distinct known countries, as `madang.core.statistics` counts them."""
    by_call = {version.call_id: version for version in versions}
    cases: dict[int, int] = defaultdict(int)
    codes: dict[int, set[str]] = defaultdict(set)
    sample: dict[int, bool] = defaultdict(bool)
    for call, counted in (*_counted(by_call), *_filed(version.call for version in by_call.values())):
        cases[call] += counted.cases
        codes[call] |= counted.codes
        sample[call] |= counted.sample
    return {call: Received(n, len(_known(by_call[call], codes[call], sample[call]))) for call, n in cases.items() if n}


@dataclass(frozen=True, slots=True)
class _Batch:
    cases: int
    codes: frozenset[str]
    sample: bool


_batches: OrderedDict[tuple[int, str], _Batch] = OrderedDict()
"""Counts of batches by id and content: what came in a batch never changes, so it is counted once in each process."""
MOST_BATCHES: Final = 4096


def _counted(calls: Iterable[int]) -> Iterator[tuple[int, _Batch]]:
    """The standing batches of these calls, each counted. One statement; a second one where a batch is new here."""
    standing = ReceptionBatch.objects.filter(call__in=calls, undone_at__isnull=True).order_by()
    found = [(call, (pk, sha256)) for call, pk, sha256 in standing.values_list("call_id", "pk", "sha256")]
    known = {key: batch for _, key in found if (batch := _batches.get(key)) is not None}
    if new := [key for _, key in found if key not in known]:
        counts = _count([pk for pk, _ in new])
        counted = {key: counts[key[0]] for key in new}
        known |= counted
        _batches.update(counted)
        while len(_batches) > MOST_BATCHES:
            _batches.popitem(last=False)
    for call, key in found:
        yield call, known[key]


def _filed(calls: Iterable[Call]) -> Iterator[tuple[int, _Batch]]:
    """What was filed in those of these calls of which it may be told. One statement, where there are such calls."""
    if told := [call.pk for call in calls if told_in_public(call)]:
        rows = Application.objects.filter(call__in=told, filing__isnull=False, undone_at__isnull=True)
        yield from _grouped(rows, "call_id").items()


def _count(batches: list[int]) -> dict[int, _Batch]:
    empty = _Batch(0, frozenset(), False)
    return dict.fromkeys(batches, empty) | _grouped(Application.objects.filter(batch__in=batches), "batch_id")


def _grouped(applications: QuerySet[Application], by: str) -> dict[int, _Batch]:
    groups = (
        applications.order_by()
        .values_list(by, "country", KeyTextTransform("country", "answers"), "is_sample")
        .annotate(n=Count("pk"))
    )
    rows: dict[int, list[tuple[str, bool, int]]] = defaultdict(list)
    for group, own, answered, invented, n in groups:
        rows[group].append((answered or own, invented, n))
    return {
        pk: _Batch(sum(n for *_, n in of), frozenset(code for code, *_ in of), any(invented for _, invented, _ in of))
        for pk, of in rows.items()
    }


def _known(version: DefinitionVersion, codes: set[str], sample: bool) -> set[str]:
    chosen = definition_of(version).classifications
    listed = _listed(tuple(sorted(chosen.items())), sample or version.call.is_sample)
    return {code for code in codes if code and (not listed or code in listed)}


@lru_cache(maxsize=64)
def _listed(chosen: tuple[tuple[str, str], ...], sample: bool) -> frozenset[str]:
    """The countries that a call's set knows; empty where it names none."""
    return frozenset(classifications.for_call(dict(chosen), sample=sample).countries)
