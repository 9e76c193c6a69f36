"""Lists that are kept under a name: save the one on screen, rename it, share it, remove it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from madang.apps.accounts.commands import actor_of
from madang.apps.review import commands, rules
from madang.apps.review.models import SavedList
from madang.kernel.commands import Refused
from madang.kernel.permissions import may, visible_to
from madang.web.enquiry_view import CallWords, given, spoken_reason, uid_or_404
from madang.web.office.dossier_lists import AskedList
from madang.web.office.dossier_shared import desk_person


@require_POST
@login_required
def save(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep the list of this address (`q`, `sort`, `columns`) as `name`; `shared` for everybody at the call's desks."""
    person = desk_person(request)
    words = CallWords.at(slug)
    if not may(person, rules.SAVE_LIST, rules.About(words.call)):
        raise Http404
    asked = AskedList.of(request, words, person)
    if asked.faults:
        messages.error(request, gettext("The search is not understood, so it cannot be saved."))
        return HttpResponseRedirect(asked.address(), status=303)
    try:
        saved = commands.save_list(
            actor=actor_of(person),
            call=words.call,
            name=given(request.POST, "name"),
            query=asked.parameters(),
            shared=request.POST.get("shared") == "yes",
        )
    except Refused as refused:
        for one in refused.reasons:
            messages.error(request, spoken_reason(one))
    else:
        messages.success(request, gettext("The list “%(name)s” is saved.") % {"name": saved.name})
    return HttpResponseRedirect(asked.address(), status=303)


@require_POST
@login_required
def change(request: HttpRequest, uid: str) -> HttpResponse:
    """Rename and share a list of one's own, or (`act=remove`) remove it. 404 for everybody else's."""
    person = desk_person(request)
    rows = SavedList.objects.select_related("call__programme").filter(removed_at__isnull=True)
    saved = get_object_or_404(visible_to(person, rules.READ_LIST, rows), uid=uid_or_404(uid))
    if not may(person, rules.CHANGE_LIST, saved):
        raise Http404
    try:
        if request.POST.get("act") == "remove":
            commands.remove_list(actor=actor_of(person), saved=saved)
            messages.success(request, gettext("The list “%(name)s” is removed.") % {"name": saved.name})
        else:
            shared = request.POST.get("shared") == "yes"
            saved = commands.change_list(
                actor=actor_of(person), saved=saved, name=given(request.POST, "name"), shared=shared
            )
            messages.success(request, gettext("The list “%(name)s” is saved.") % {"name": saved.name})
    except Refused as refused:
        for one in refused.reasons:
            messages.error(request, spoken_reason(one))
    address = reverse("office:dossiers-call", args=[saved.call.slug])
    return HttpResponseRedirect(f"{address}?{saved.query}" if saved.query else address, status=303)
