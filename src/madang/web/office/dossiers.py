"""Applications at the desk: the calls that have some, those of one call, and one of them."""

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from madang.apps.applications import rules
from madang.apps.applications.models import Application, Dossier
from madang.apps.calls.models import Call
from madang.kernel.permissions import visible_to
from madang.web.enquiry_view import CallWords, words_of
from madang.web.office.dossier_shared import desk_person, found


@never_cache
@require_safe
@login_required
def listing(request: HttpRequest) -> HttpResponse:
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


@never_cache
@require_safe
@login_required
def call(request: HttpRequest, slug: str) -> HttpResponse:
    """The applications of a call that this person reads."""
    person = desk_person(request)
    words = CallWords.at(slug)
    mine = visible_to(person, rules.READ_DOSSIER, Dossier.objects.filter(call=words.call))
    standing = Application.objects.filter(dossier__in=mine, undone_at__isnull=True).select_related("dossier")
    rows = [
        {
            "reference": one.reference,
            "applicant": one.applicant_name,
            "url": reverse("office:dossier", args=[one.dossier.uid]),
        }
        for one in standing
    ]
    crumbs = [
        {"text": gettext("Office"), "url": reverse("office:home")},
        {"text": gettext("Applications"), "url": reverse("office:dossiers")},
        {"text": words.title},
    ]
    context = {"section": "office", "title": words.title, "slug": slug, "rows": rows, "crumbs": crumbs}
    return render(request, "office/dossiers/list.html", context)


@never_cache
@require_safe
@login_required
def one(request: HttpRequest, uid: str) -> HttpResponse:
    """One application with what was handed in."""
    page = found(request, uid)
    facts = [{"name": gettext("Received"), "value": page.application.received}]
    return render(request, "office/dossiers/one.html", page.context("office:dossier") | {"facts": facts})
