"""The public answers of a call: the page, its file, and what the call's own page tells of them."""

import unicodedata
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from madang.apps.calls.models import Call
from madang.apps.calls.queries import all_calls
from madang.apps.enquiries.models import PublicAnswer
from madang.apps.enquiries.queries import answers_of, coming, contacts_of, in_force, listed
from madang.core.callspec import Definition
from madang.core.record.canonical import canonical
from madang.web.downloads import Cell, Sheet, csv_file, xlsx_file
from madang.web.enquiry_view import CallWords, answer_words, briefing_words, contact_words

SHOWN: Final = 3
"""Answers on the call's own page."""
MOST_SEARCHED: Final = 200

Context = dict[str, Any]


def about(call: Call, definition: Definition | None = None) -> Context:
    """What `public/calls/_questions.html` shows. Three statements; one more where `definition` is not given."""
    words = CallWords(call, definition)
    answers = list(in_force(call)[:SHOWN])
    briefing = coming(call).first()
    slug = call.slug
    return {
        "contacts": [contact_words(one, words) for one in contacts_of(call)],
        "answers": [answer_words(one, words) for one in answers],
        "counted": getattr(answers[0], "counted", 0) if answers else 0,
        "briefing": briefing_words(briefing, words) if briefing else None,
        "ask": reverse("applicant:ask", args=[slug]) if words.takes_questions else "",
        "all": reverse("public:questions", args=[slug]),
    }


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Every answer to all: `q` words, `track`; `format=csv|xlsx` as a file. Corrected answers stay, struck out."""
    words = CallWords.at(slug)
    text = request.GET.get("q", "").replace("\0", "").strip()[:MOST_SEARCHED]
    track = request.GET.get("track", "")
    track = track if track in words.tracks else ""
    answers = answers_of(words.call)
    found = [one for one in answers if _fits(one, text, track)]
    form = request.GET.get("format", "")
    if form in ("csv", "xlsx"):
        return _file(found, words, form)
    if form:
        raise BadRequest("no such format")
    address = reverse("public:questions", args=[slug])
    query = {name: value for name, value in (("q", text), ("track", track)) if value}
    context = {
        "section": "calls",
        "words": words,
        "answers": list(_shown(found, answers, words)),
        "any": bool(answers),
        "q": text,
        "track": track,
        "contacts": [contact_words(one, words) for one in contacts_of(words.call)],
        "ask": reverse("applicant:ask", args=[slug]) if words.takes_questions else "",
        "address": address,
        "json": reverse("public:questions-file", args=[slug]),
        "files": [(f.upper(), f"{address}?{urlencode(query | {'format': f})}") for f in ("csv", "xlsx")],
        "crumbs": words.crumbs(gettext("Questions and answers")),
    }
    return render(request, "public/enquiries/answers.html", context)


@require_safe
def file(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole list as canonical JSON (docs/formats/questions.md): the same bytes until there is a further answer."""
    call = get_object_or_404(all_calls(), slug=slug)
    whole = listed(call, answers_of(call))
    tag = f'"{whole["sha256"]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    return HttpResponse(canonical(whole), content_type="application/json", headers={"ETag": tag})


def _fits(answer: PublicAnswer, text: str, track: str) -> bool:
    if track and answer.track not in ("", track):
        return False
    whole = _plain("\n".join([*answer.question.values(), *answer.answer.values()]))
    return all(word in whole for word in _plain(text).split())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _shown(found: list[PublicAnswer], answers: list[PublicAnswer], words: CallWords) -> Iterator[Context]:
    """The newest first, each with what it corrects and what corrects it (numbers)."""
    numbers = {one.pk: one.number for one in answers}
    later = {one.corrects_id: one.number for one in answers if one.corrects_id}
    for one in reversed(found):
        corrects = numbers.get(one.corrects_id) if one.corrects_id else None
        yield answer_words(one, words) | {"corrects": corrects, "corrected_by": later.get(one.pk)}


def _file(found: list[PublicAnswer], words: CallWords, form: str) -> HttpResponse:
    columns = [*words.languages.items()]
    header = [
        gettext("Number"),
        gettext("Type"),
        *(f"{gettext('Question')} ({name})" for _, name in columns),
        *(f"{gettext('Answer')} ({name})" for _, name in columns),
        gettext("Corrects number"),
        gettext("Published"),
        "SHA-256",
    ]
    numbers = {one.pk: one.number for one in answers_of(words.call)}
    rows: list[list[Cell]] = [
        [
            one.number,
            words.track(one.track) if one.track else "",
            *(one.question.get(tag, "") for tag, _ in columns),
            *(one.answer.get(tag, "") for tag, _ in columns),
            numbers.get(one.corrects_id) if one.corrects_id else None,
            one.published_at.isoformat(timespec="seconds"),
            one.sha256,
        ]
        for one in found
    ]
    sheet = Sheet(gettext("Questions and answers"), header, rows)
    name = f"{words.call.slug}-questions"
    return csv_file(name, sheet) if form == "csv" else xlsx_file(name, [sheet])
