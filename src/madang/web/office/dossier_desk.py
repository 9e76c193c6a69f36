"""The desk: the calls of this person with what is new, what is due, and whose turn it is."""

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from madang.apps.applications import rules
from madang.apps.applications.models import Dossier
from madang.apps.calls.models import Call
from madang.kernel.permissions import visible_to
from madang.web.enquiry_view import words_of
from madang.web.office.dossier_shared import desk_person


@never_cache
@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """The calls of which this person reads applications."""
    person = desk_person(request)
    mine = visible_to(person, rules.READ_DOSSIER, Dossier.objects.order_by()).values("call").annotate(n=Count("pk"))
    counted = {one["call"]: one["n"] for one in mine}
    calls = [
        {
            "title": words.title,
            "url": reverse("office:dossiers-call", args=[words.call.slug]),
            "count": counted[key],
            "sample": words.call.is_sample,
        }
        for key, words in words_of(Call.objects.filter(pk__in=counted)).items()
    ]
    crumbs = [{"text": gettext("Office"), "url": reverse("office:home")}, {"text": gettext("Applications")}]
    return render(request, "office/dossiers/calls.html", {"section": "office", "calls": calls, "crumbs": crumbs})
