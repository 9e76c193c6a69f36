"""The enquiry desk: an answer to all, written, looked at once more, and published."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from madang.apps.accounts.commands import actor_of
from madang.apps.calls.models import Call
from madang.apps.enquiries import commands, rules
from madang.apps.enquiries.models import Enquiry, PublicAnswer
from madang.apps.enquiries.queries import known_names
from madang.core.reasons import Reason
from madang.kernel.commands import Refused
from madang.web.enquiry_view import CallWords, Context, Field, given, put_faults
from madang.web.office.enquiries_shared import (
    call_at_desk,
    call_crumb,
    crumbs_of,
    enquiry_to_answer,
    person_of,
    value_of,
)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def answer(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer to all: write (GET), look once more (POST `step=check`), publish (POST `step=publish`).

    `enquiry`: the private question that it begins with; `corrects`: the number of the answer that it replaces.
    """
    words = call_at_desk(request, slug, to_write=True)
    enquiry = enquiry_to_answer(request, uid) if (uid := request.GET.get("enquiry", "")) else None
    if enquiry and enquiry.call_id != words.call.pk:
        raise Http404("a question about another call")
    corrects = _corrected(words.call, request.GET.get("corrects", ""))
    fields = _answer_fields(request, words, enquiry, corrects)
    faults: list[Context] = []
    reasons: list[Reason] = []
    step = request.POST.get("step", "check") if request.method == "POST" else "write"
    question = {tag: rules.tidy(value_of(fields, f"question-{tag}")) for tag in words.definition.languages}
    said = {tag: rules.tidy(value_of(fields, f"answer-{tag}")) for tag in words.definition.languages}
    track, looked = value_of(fields, "track"), request.POST.get("looked") == "yes"
    if step == "publish":
        try:
            published = commands.publish_answer(
                actor=actor_of(person_of(request)),
                call=words.call,
                question=question,
                answer=said,
                track=track,
                enquiry=enquiry,
                corrects=corrects,
                looked=looked,
            )
        except Refused as refused:
            reasons = refused.reasons
        else:
            messages.success(request, gettext("Answer %(n)s is published.") % {"n": published.number})
            return HttpResponseRedirect(
                f"{reverse('public:questions', args=[slug])}#answer-{published.number}", status=303
            )
    elif step == "check":
        reasons = [
            *rules.track_faults(words.definition, track),
            *rules.against_answer(words.call, question, said, enquiry, corrects, looked=looked),
        ]
    if reasons:
        places = {"answer_lacks_question": "question-{language}", "answer_lacks_words": "answer-{language}"}
        faults = put_faults(fields, reasons, places | {"question_track_unknown": "track"})
    names = known_names(enquiry)
    context = {
        "section": "office",
        "words": words,
        "enquiry": enquiry,
        "private": _marked(enquiry.question, names) if enquiry else "",
        "marks": _mark_words(enquiry.question, names) if enquiry else [],
        "corrects": corrects,
        "fields": fields,
        "faults": faults,
        "looking": looked or any(reason.code == "answer_may_name_somebody" for reason in reasons),
        "looked": looked,
        "track": words.track(track) if track else "",
        "preview": [
            {"tag": tag, "name": name, "question": question[tag], "answer": said[tag]}
            for tag, name in words.languages.items()
        ],
        "address": request.get_full_path(),
        "back": reverse("office:enquiry", args=[enquiry.uid])
        if enquiry
        else reverse("office:enquiries-call", args=[slug]),
        "crumbs": crumbs_of(call_crumb(words), gettext("Answer to all")),
    }
    page = "check" if step == "check" and not reasons else "answer"
    return render(request, f"office/enquiries/{page}.html", context, status=422 if faults else 200)


def _corrected(call: Call, number: str) -> PublicAnswer | None:
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 7):
        raise Http404("no such answer")
    return get_object_or_404(PublicAnswer, call=call, number=int(number))


def _answer_fields(
    request: HttpRequest, words: CallWords, enquiry: Enquiry | None, corrects: PublicAnswer | None
) -> list[Field]:
    """Type, then question and answer in each language of the call; begun with what there is."""
    start: dict[str, str] = {}
    if request.method == "POST":
        start = {name: given(request.POST, name) for name in request.POST}
    elif corrects:
        start = {f"question-{tag}": text for tag, text in corrects.question.items()}
        start |= {f"answer-{tag}": text for tag, text in corrects.answer.items()} | {"track": corrects.track}
    elif enquiry:
        last = enquiry.replies.filter(by_office=True).order_by("-pk").first()
        tag = enquiry.language
        start = {f"question-{tag}": enquiry.question, f"answer-{tag}": last.text if last else ""}
        start["track"] = enquiry.track
    fields = []
    if len(words.tracks) > 1:
        options = [("", gettext("The whole call")), *words.tracks.items()]
        fields.append(Field("track", gettext("Type"), "select", start.get("track", "")[:80], options=options))
    most = rules.LONGEST_REPLY
    for tag, name in words.languages.items():
        for part, label, rows in (("question", gettext("Question"), 4), ("answer", gettext("Answer"), 7)):
            key = f"{part}-{tag}"
            text = start.get(key, "")
            fields.append(Field(key, f"{label} ({name})", "area", text, most=most, rows=rows, required=True, lang=tag))
    return fields


def _mark_words(text: str, names: dict[str, list[str]]) -> list[Context]:
    """What may identify somebody in a text, in words."""
    kinds = {
        "person": gettext("name of a person"),
        "organisation": gettext("name of an organisation"),
        "address": gettext("e-mail or web address"),
        "phone": gettext("telephone number"),
    }
    return [{"found": m.found, "kind": kinds[m.kind], "known": m.known} for m in rules.marks([text], names)]


def _marked(text: str, names: dict[str, list[str]]) -> SafeString:
    """The text with every mark in `<mark>`."""
    found = sorted({m.found for m in rules.marks([text], names)}, key=len, reverse=True)
    spans: list[tuple[int, int]] = []
    for piece in found:
        at = text.find(piece)
        while at >= 0:
            if not any(begin < at + len(piece) and at < end for begin, end in spans):
                spans.append((at, at + len(piece)))
            at = text.find(piece, at + 1)
    pieces: list[tuple[SafeString]] = []
    place = 0
    for begin, end in sorted(spans):
        pieces += [(format_html("{}", text[place:begin]),), (format_html("<mark>{}</mark>", text[begin:end]),)]
        place = end
    return format_html_join("", "{}", [*pieces, (format_html("{}", text[place:]),)])
