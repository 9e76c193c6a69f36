"""Official letters at the desk: those of one application, entered by hand, and what was entered by mistake."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.applications.models import Dossier
from madang.apps.applications.rules import READ_DOSSIER
from madang.apps.review import commands
from madang.apps.review.models import Letter
from madang.kernel.commands import Refused
from madang.kernel.permissions import may
from madang.web.enquiry_view import Field, given, put_faults, uid_or_404
from madang.web.office.dossier_shared import Page, found
from madang.web.office.enquiries_shared import TEXT_FAULTS, person_of, see_other
from madang.web.public.call_view import reader
from madang.web.sending import sent

ROUTE: Final = "office:dossier-letters"
DIRECTIONS: Final = {"out": pgettext_lazy("letter", "Out"), "in": pgettext_lazy("letter", "In")}
ACTS: Final = {
    "supplement": pgettext_lazy("letter", "Supplement"),
    "exclusion": pgettext_lazy("letter", "Exclusion"),
    "outside_check": pgettext_lazy("letter", "Check by another body"),
    "opinion": pgettext_lazy("letter", "Opinion"),
    "receipt": pgettext_lazy("letter", "Receipt of the application"),
    "result": pgettext_lazy("letter", "Result"),
    "other": pgettext_lazy("letter", "Something else"),
}
WAYS: Final = {
    "document_system": pgettext_lazy("letter", "Document system"),
    "post": pgettext_lazy("letter", "Post"),
    "mail": pgettext_lazy("letter", "E-mail"),
    "hand": pgettext_lazy("letter", "By hand"),
    "fax": pgettext_lazy("letter", "Fax"),
    "diplomatic": pgettext_lazy("letter", "Through the foreign ministry"),
}
PLACES: Final = {
    "letter_needs_counterpart": "counterpart",
    "letter_needs_title": "title",
    **dict.fromkeys(("letter_needs_day", "letter_day_wrong"), "dated"),
    "letter_is_entered": "number",
    "letter_needs_reason": "reason",
    **dict.fromkeys(("letter_scan_format", "form_file_too_large", "draft_file_empty"), "scan"),
    **dict.fromkeys(TEXT_FAULTS, "{field}"),
}

Context = dict[str, Any]


@require_safe
@never_cache
@login_required
def tab(request: HttpRequest, uid: str) -> HttpResponse:
    """The letters of one application, the newest first; those marked as mistakes too."""
    page = found(request, uid)
    rows = page.dossier.letters.select_related("entered_by", "removed_by")
    context = page.context(ROUTE) | {
        "letters": [letter_words(one) | {"can_remove": page.handles and not one.removed_at} for one in rows],
        "new": reverse("office:letter-new", args=[uid]) if page.handles else "",
        "all": reverse("office:letters", args=[page.dossier.call.slug]),
    }
    return render(request, "office/letters/tab.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def new(request: HttpRequest, uid: str) -> HttpResponse:
    """Enter a letter: `direction`, `number`, `dated`, `counterpart`, `title`, `way`, `about`, the file `scan`."""
    page = found(request, uid, to_write=True)
    fields = list(_fields(page))
    faults: list[Context] = []
    if request.method == "POST":
        for field in fields:
            field.value = given(request.POST, field.name)
        values = {field.name: field.value for field in fields}
        act, _, act_uid = values["about"].partition(" ")
        upload: Any = request.FILES.get("scan")
        try:
            commands.enter_letter(
                actor=actor_of(page.person),
                dossier=page.dossier,
                dated=_day(values["dated"]),
                act=act,
                act_uid=act_uid,
                name=(upload.name or "") if upload else "",
                content=upload,
                **{name: values[name] for name in ("direction", "number", "counterpart", "title", "way")},
            )
        except Refused as refused:
            faults = put_faults(fields, refused.reasons, PLACES)
        else:
            messages.success(request, gettext("The letter is entered."))
            return see_other(ROUTE, uid)
    context = page.context(ROUTE, gettext("Enter a letter")) | {
        "fields": fields,
        "faults": faults,
        "back": reverse(ROUTE, args=[uid]),
    }
    return render(request, "office/letters/new.html", context, status=422 if faults else 200)


@require_safe
@never_cache
@login_required
def scan(request: HttpRequest, uid: str) -> HttpResponseBase:
    """The scan, for whoever reads the application at a desk."""
    letter = _letter(request, uid)
    if not letter.scan_sha256:
        raise Http404
    return sent(request, sha256=letter.scan_sha256, size=letter.scan_bytes, name=letter.scan_name)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def remove(request: HttpRequest, uid: str) -> HttpResponse:
    """Mark a letter as entered by mistake, for a `reason`. The page itself is the confirmation."""
    letter = _letter(request, uid)
    page = found(request, letter.dossier.uid, to_write=True)
    field = Field("reason", gettext("Why was it a mistake?"), "area", rows=3, most=commands.LONGEST_WHY, required=True)
    faults: list[Context] = []
    if request.method == "POST":
        field.value = given(request.POST, "reason")
        try:
            commands.remove_letter(actor=actor_of(page.person), letter=letter, reason=field.value)
        except Refused as refused:
            faults = put_faults([field], refused.reasons, {**PLACES, **dict.fromkeys(TEXT_FAULTS, "reason")})
        else:
            messages.success(request, gettext("Marked as a mistake. It stays in the list of the application."))
            return see_other(ROUTE, page.dossier.uid)
    context = page.context(ROUTE, gettext("Mark as a mistake")) | {
        "letter": letter_words(letter),
        "fields": [field],
        "faults": faults,
        "back": reverse(ROUTE, args=[page.dossier.uid]),
    }
    return render(request, "office/letters/remove.html", context, status=422 if faults else 200)


# --- Shared ----------------------------------------------------------------------------------------------------------


def letter_words(letter: Letter) -> Context:
    """A letter for the reader."""
    day = reader().day
    return {
        "uid": letter.uid,
        "direction": str(DIRECTIONS.get(letter.direction, letter.direction)),
        "number": letter.number,
        "dated": day(letter.dated.isoformat()),
        "counterpart": letter.counterpart,
        "title": letter.title,
        "way": str(WAYS.get(letter.way, letter.way)),
        "act": str(ACTS.get(letter.act, letter.act)),
        "act_url": reverse("office:supplement", args=[letter.act_uid]) if letter.act_uid else "",
        "scan": reverse("office:letter-scan", args=[letter.uid]) if letter.scan_sha256 else "",
        "scan_name": letter.scan_name,
        "by": letter.entered_by.shown,
        "removed": letter.removed_at is not None,
        "removed_by": letter.removed_by.shown if letter.removed_by else "",
        "removed_reason": letter.removed_reason,
    }


def _letter(request: HttpRequest, uid: str) -> Letter:
    """The letter of this name, for whoever reads its application at a desk; 404 for everybody else."""
    rows = Letter.objects.select_related("dossier__call__programme", "entered_by", "removed_by")
    letter = rows.defer("dossier__call__search_text").filter(uid=uid_or_404(uid)).first()
    if letter is None or not may(person_of(request), READ_DOSSIER, letter.dossier):
        raise Http404
    return letter


def _fields(page: Page) -> Iterator[Field]:
    yield Field("direction", gettext("Out or in"), "select", options=[(k, str(v)) for k, v in DIRECTIONS.items()])
    number = Field("number", gettext("Document number"), most=commands.LONGEST_NUMBER)
    number.help = gettext("As it stands on the letter, with the department.")
    yield number
    yield Field("dated", gettext("Date of the letter"), "date", required=True)
    other = Field("counterpart", gettext("From or to"), most=commands.LONGEST_COUNTERPART, required=True)
    other.value = page.application.applicant_name
    yield other
    yield Field("title", pgettext("letter", "Title"), most=commands.LONGEST_TITLE, required=True)
    yield Field("way", gettext("By which way"), "select", options=[(k, str(v)) for k, v in WAYS.items()])
    yield Field("about", gettext("What it is about"), "select", options=list(_acts(page.dossier)))
    file = Field("scan", gettext("Scan"), "file")
    formats = ", ".join(one.upper() for one in commands.LETTER_FORMATS)
    file.help = gettext("%(formats)s, at most %(n)s MB.") % {"formats": formats, "n": commands.MOST_LETTER_MB}
    yield file


def _acts(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """What a letter can be about: each request for a supplement by itself, then the kinds of acts."""
    for one in dossier.supplements.order_by("-round"):
        text = pgettext("letter", "Supplement, request %(n)s") % {"n": one.round}
        yield f"supplement {one.uid}", text
    yield from ((key, str(text)) for key, text in ACTS.items())


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
