"""A later deadline for everybody: an amendment that moves the closing and nothing else, and its short way."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from madang.apps.accounts.commands import actor_of
from madang.apps.calls.commands import CLOSING, MOST_WORDS, extend_deadline
from madang.apps.calls.models import DefinitionDraft
from madang.apps.calls.queries import all_calls, inspected
from madang.apps.calls.rules import WRITE_DEFINITION
from madang.core.callspec.edit.changes import changes
from madang.core.callspec.edit.shape import data_at
from madang.core.lifecycle.call import CLOSED
from madang.core.lifecycle.definition import OPEN, WRITING
from madang.kernel.commands import Refused
from madang.kernel.permissions import may
from madang.web.enquiry_view import CallWords, Field, field_named, given, put_faults
from madang.web.office.definition_view import DraftView
from madang.web.office.enquiries_shared import person_of, see_other, value_of
from madang.web.office.moments import in_field, wall_moment
from madang.web.public.call_view import reader

Context = dict[str, Any]

PLACES = {
    **dict.fromkeys(("extension_not_later", "extension_in_the_past", "extension_too_far"), "closes"),
    "amendment_needs_reason": "reason",
    "amendment_needs_notice": "notice",
}


def only_closing(view: DraftView) -> Context | None:
    """From when to when, where an open amendment moves the closing and nothing else; else nothing."""
    if view.published is None or not isinstance(view.data, dict):
        return None
    old = inspected(view.published.text).data
    if [change.path for change in changes(old, view.data)] != [CLOSING]:
        return None
    wording = reader()
    was, now_ = (str(data_at(CLOSING, data)) for data in (old, view.data))
    zone = view.found.definition.schedule.zone if view.found.definition else ""
    return {"old": wording.day(was), "new": wording.day(now_), "zone": zone} if zone else None


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def extend(request: HttpRequest, slug: str) -> HttpResponse:
    """POST writes the amendment (`closes` in the call's zone, `reason`, `notice`) and sends it for approval; where a
    stage does not fit any more it leads to the findings instead.
    """
    person = person_of(request)
    call = get_object_or_404(all_calls(), slug=slug)
    if not may(person, WRITE_DEFINITION, call):
        raise Http404
    words = CallWords(call)
    fields = _fields(words)
    faults: list[Context] = []
    if request.method == "POST":
        for field in fields:
            field.value = given(request.POST, field.name)
        draft, faults = _extended(request, words, fields)
        if draft is not None and draft.state == WRITING:
            messages.warning(
                request, gettext("Not sent yet: something does not fit the new deadline. Mend it, then send it.")
            )
        elif draft is not None:
            messages.success(request, gettext("Sent for approval. Another officer approves it or returns it."))
        if draft is not None:
            return see_other("office:definition", draft.uid)
    standing = call.drafts.filter(state__in=OPEN).first()
    context = {
        "section": "office",
        "words": words,
        "closes": words.wording.day(words.definition.schedule.closes.at) if words.definition.schedule.closes else "",
        "is_closed": call.state == CLOSED,
        "can": call.decided_at is None and call.closes_at is not None and standing is None,
        "standing": reverse("office:definition", args=[standing.uid]) if standing else "",
        "decided": call.decided_at is not None,
        "fields": fields,
        "faults": faults,
        "crumbs": [
            {"text": gettext("Office"), "url": reverse("office:home")},
            {"text": gettext("Calls in the office"), "url": reverse("office:calls")},
            {"text": words.title, "url": words.url},
            {"text": gettext("Extend the deadline")},
        ],
    }
    return render(request, "office/calls/extend.html", context, status=422 if faults else 200)


def _fields(words: CallWords) -> list[Field]:
    closes = Field("closes", gettext("New deadline"), "datetime-local", required=True)
    closes.help = gettext("%(zone)s. To the minute; that minute's first second is the last one that counts.") % {
        "zone": words.zone_name
    }
    if words.call.closes_at:
        closes.value = in_field(words.call.closes_at, words.zone)
    reason = Field("reason", gettext("Reason for the change"), "area", rows=3, most=MOST_WORDS, required=True)
    reason.help = gettext("It is public, beside the new version, and stands in the mail to everybody who writes.")
    notice = Field("notice", gettext("Where the change is made known"), "area", rows=2, most=MOST_WORDS, required=True)
    notice.help = gettext("For example the number of the notice, or the address of the announcement.")
    return [closes, reason, notice]


def _extended(
    request: HttpRequest, words: CallWords, fields: list[Field]
) -> tuple[DefinitionDraft | None, list[Context]]:
    """The amendment that was made of what the form says; or what is wrong with it."""
    closes = wall_moment(value_of(fields, "closes"), words.zone)
    if closes is None:
        text, field = gettext("Give the day and the hour of the new deadline."), field_named(fields, "closes")
        assert field is not None, "the form asks for it"
        field.errors.append(text)
        return None, [{"text": text, "field": field.id}]
    try:
        draft = extend_deadline(
            actor=actor_of(person_of(request)),
            call=words.call,
            closes=closes,
            reason=value_of(fields, "reason"),
            notice=value_of(fields, "notice"),
        )
    except Refused as refused:
        return None, put_faults(fields, refused.reasons, PLACES)
    return draft, []
