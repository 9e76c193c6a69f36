"""Taking applications along: choose a form, wait where it is large, fetch the file within a day."""

from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.applications import commands, queries, rules
from madang.apps.applications.models import Export
from madang.apps.enquiries.rules import About
from madang.core.lifecycle.exporting import FAILED, READY, WAITING
from madang.core.reasons import Reason
from madang.kernel import spool
from madang.kernel.clock import now
from madang.kernel.commands import Refused
from madang.kernel.permissions import may
from madang.web.enquiry_view import CallWords, given, spoken_reason, uid_or_404
from madang.web.office import importing_view as view
from madang.web.office.enquiries_shared import person_of, see_other
from madang.web.sending import sent_whole

Context = dict[str, Any]

FORMS: Final = (
    ("xlsx", gettext_lazy("Workbook (XLSX)"), gettext_lazy("Applications, members and repeated rows as worksheets.")),
    ("csv", gettext_lazy("Table (CSV)"), gettext_lazy("One row for each application.")),
    ("json", gettext_lazy("Data (JSON)"), gettext_lazy("Everything, for other programs.")),
    ("zip", gettext_lazy("Everything with files (ZIP)"), gettext_lazy("Tables, data, and every file that came along.")),
)
STATES: Final = {
    WAITING: pgettext_lazy("export", "Is being made"),
    READY: pgettext_lazy("export", "Ready"),
    FAILED: pgettext_lazy("export", "Not made"),
}
TONES: Final = {WAITING: "wait", READY: "done", FAILED: "danger"}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """What can be taken along of a call; `q` narrows it as in the list. POST takes `form`, one of `FORMS`, and `q`."""
    person, words = person_of(request), CallWords.at(slug)
    if not may(person, rules.EXPORT_APPLICATIONS, About(words.call)):
        raise Http404("not at this desk")
    asked = request.POST if request.method == "POST" else request.GET
    q = given(asked, "q", commands.LONGEST_SEARCH).replace("\0", " ").strip()
    form = given(asked, "form", 10)
    faults: list[str] = []
    if request.method == "POST":
        try:
            export = commands.ask_export(actor=actor_of(person), call=words.call, form=form, q=q)
        except Refused as refused:
            faults = [spoken_reason(one) for one in refused.reasons]
        else:
            return see_other("office:export", commands.make_export_at_once(export).uid)
    context = {
        "section": "office",
        "words": words,
        "q": q,
        "count": queries.exported(person, words.call, q).count(),
        "forms": [(name, title, text, name == (form or "xlsx")) for name, title, text in FORMS],
        "faults": faults,
        "exports": [_words(one, words) for one in queries.exports_of(person, words.call)],
        "crumbs": _crumbs(words),
    }
    return render(request, "office/importing/export.html", context, status=422 if faults else 200)


@require_safe
@never_cache
@login_required
def one(request: HttpRequest, uid: str) -> HttpResponse:
    """One export in its state; `part=progress`: only how far it is."""
    export, words = _found(request, uid)
    work = {
        "title": gettext("Is being made"),
        "address": reverse("office:export", args=[uid]),
        "work": view.under_way(uid),
    }
    if request.GET.get("part") == "progress":
        if export.state != WAITING:
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return render(request, "office/importing/_progress.html", work)
    context = {
        "section": "office",
        "words": words,
        "export": _words(export, words),
        "at_work": export.state == WAITING,
        "reasons": [spoken_reason(Reason(code, params)) for code, params in export.reasons],
        "crumbs": _crumbs(words, export.name),
        **work,
    }
    return render(request, "office/importing/exported.html", context)


@require_safe
@never_cache
@login_required
def file(request: HttpRequest, uid: str) -> HttpResponseBase:
    """The file, for whoever asked for it, within its day."""
    export, _words_of_call = _found(request, uid)
    if export.state != READY or export.expires_at <= now():
        raise Http404("not here, or not any more")
    try:
        content = spool.path_of(uid).open("rb")
    except FileNotFoundError:
        raise Http404("not here any more") from None
    return sent_whole(request, content=content, size=export.size_bytes, sha256=export.sha256, name=export.name)


def _found(request: HttpRequest, uid: str) -> tuple[Export, CallWords]:
    export = queries.export_of(person_of(request), uid_or_404(uid))
    if export is None:
        raise Http404
    return export, CallWords(export.call)


def _words(export: Export, words: CallWords) -> Context:
    applications, files = export.counts.get("applications", 0), export.counts.get("files", 0)
    counted = ngettext("%(n)s application", "%(n)s applications", applications) % {"n": f"{applications:,}"}
    if files:
        counted += ", " + ngettext("%(n)s file", "%(n)s files", files) % {"n": f"{files:,}"}
    ready = export.state == READY and export.expires_at > now()
    return {
        "url": reverse("office:export", args=[export.uid]),
        "file": reverse("office:export-file", args=[export.uid]) if ready else "",
        "name": export.name,
        "q": export.q,
        "counted": counted if export.counts else "",
        "size": filesizeformat(export.size_bytes) if export.size_bytes else "",
        "sha256": export.sha256,
        "until": words.spoken(export.expires_at),
        "when": words.spoken(export.asked_at),
        "badge": {"text": str(STATES.get(export.state, gettext("Gone"))), "tone": TONES.get(export.state, "closed")},
        "ready": ready,
    }


def _crumbs(words: CallWords, *more: str) -> list[Context]:
    last = {"text": gettext("Take along")}
    return [
        {"text": gettext("Office"), "url": reverse("office:home")},
        {"text": gettext("Applications"), "url": reverse("office:dossiers")},
        {"text": words.title, "url": reverse("office:dossiers-call", args=[words.call.slug])},
        last | ({"url": reverse("office:export-start", args=[words.call.slug])} if more else {}),
        *({"text": text} for text in more),
    ]
