"""Excluding an application: under which published rule, with which words, and what the letter will say."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from madang.apps.accounts.commands import actor_of
from madang.apps.enquiries.rules import tidy
from madang.apps.review import commands, rules
from madang.apps.review.queries import language_of, review_of
from madang.core.lifecycle.review import OPEN
from madang.core.reasons import Reason
from madang.kernel.commands import Refused
from madang.web.enquiry_view import CallWords, Field, given, language_name, put_faults
from madang.web.office.dossier_shared import Context, Page, found
from madang.web.office.enquiries_shared import see_other
from madang.web.office.review_pages import ROUTE
from madang.web.office.review_view import CallTeller, ReviewView
from madang.web.public.call_view import reader

FIELD = "words-"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def exclude(request: HttpRequest, uid: str) -> HttpResponse:
    """First the ground (`ground`), then the words in each language, then the letter; only then it is done.

    POST `do=look` shows what the letter will say; `do=exclude` excludes. It can be opened again, as long as the call
    is not decided.
    """
    page = found(request, uid, to_write=True)
    given_by = request.POST if request.method == "POST" else request.GET
    ground = given(given_by, "ground", 200)
    view = ReviewView(review_of(page.dossier), page.words, page.person, handles=True)
    own = language_of(page.application)
    fields = _fields(view, ground, own)
    faults: list[Context] = []
    looks = False
    if request.method == "POST":
        for field in fields:
            field.value = given(request.POST, field.name)
        words = {field.name.removeprefix(FIELD): field.value for field in fields}
        faults = _faults(view, ground, words, own, fields)
        looks = not faults
        if looks and request.POST.get("do") == "exclude":
            try:
                commands.exclude(actor=actor_of(page.person), dossier=page.dossier, ground=ground, words=words)
            except Refused as refused:
                faults, looks = _put(view, fields, refused.reasons), False
            else:
                messages.success(request, gettext("Excluded. The applicant is not told yet."))
                return see_other(ROUTE, uid)
    context = page.context(ROUTE, gettext("Exclude it")) | {
        "state": view.review.state,
        "is_open": view.review.state == OPEN,
        "against": [view.tell.reason(one) for one in _against(view)],
        "grounds": _grounds(view),
        "ground": ground if ground in view.review.grounds else "",
        "ground_words": view.tell.ground(ground),
        "fields": fields,
        "faults": faults,
        "letters": [_letter(page, view, ground, field) for field in fields if looks and tidy(field.value)],
        "back": reverse(ROUTE, args=[uid]),
    }
    return render(request, "office/review/exclude.html", context, status=422 if faults else 200)


def _against(view: ReviewView) -> list[Reason]:
    """Why nothing can be excluded now, whatever the ground."""
    return view.review.against("exclude", "ground_given", "reason_given")


def _grounds(view: ReviewView) -> list[Context]:
    return [
        {"id": id_, "title": view.tell.ground(id_), "why": [view.tell.reason(reason) for reason in reasons]}
        for id_, reasons in view.review.grounds.items()
    ]


def _fields(view: ReviewView, ground: str, own: str) -> list[Field]:
    """One text for each language of the call; the applicant's own comes first and is needed."""
    found_ = []
    for language in rules.languages_of(view.review.definition, own):
        name = language_name(language, reader())
        field = Field(f"{FIELD}{language}", gettext("Reason in %(language)s") % {"language": name}, "area")
        field.rows, field.most, field.lang, field.required = 5, rules.LONGEST_REASON, language, language == own
        field.value = view.tell.proposed(ground, view.review.grounds.get(ground, []), language)
        if language == own:
            field.help = gettext("The applicant wrote in this language, and will be told in it.")
        found_.append(field)
    return found_


def _faults(view: ReviewView, ground: str, words: dict[str, str], own: str, fields: list[Field]) -> list[Context]:
    reasons: list[Reason] = list(_against(view))
    if not ground:
        reasons.append(Reason("review_needs_ground"))
    elif ground not in view.review.grounds:
        reasons.append(Reason("review_ground_not_found"))
    kept = {language: text for language, value in words.items() if (text := tidy(value))}
    reasons += rules.words_faults(kept, own, rules.languages_of(view.review.definition, own))
    return _put(view, fields, reasons)


def _put(view: ReviewView, fields: list[Field], reasons: list[Reason]) -> list[Context]:
    """Each reason in words; what the words of a language lack beside them."""
    plain = [one for one in reasons if "language" not in one.params]
    of_words = [one for one in reasons if "language" in one.params]
    told = put_faults(fields, of_words, {"review_needs_words": f"{FIELD}{{language}}"})
    return [*told, *({"text": view.tell.reason(one), "field": ""} for one in plain)]


def _letter(page: Page, view: ReviewView, ground: str, field: Field) -> Context:
    """What the applicant will read, in their language; in one that the house does not speak, its frame is English."""
    language = field.name.removeprefix(FIELD)
    with translation.override(language if language in ("ko", "en") else "en"):
        words = CallWords(page.dossier.call, view.review.definition)
        return {
            "language": language,
            "name": field.label,
            "title": gettext("Your application %(reference)s is excluded") % {"reference": page.dossier.reference},
            "lines": [
                gettext("Call: %(call)s") % {"call": words.title},
                gettext("Applicant: %(name)s") % {"name": page.application.applicant_name},
                gettext("Ground: %(ground)s") % {"ground": CallTeller(words).ground(ground)},
            ],
            "words": tidy(field.value),
        }
