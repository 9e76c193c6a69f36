"""The enquiry desk: what it keeps for a call, and who answers for each track."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.enquiries import commands, rules
from madang.apps.enquiries.models import Contact
from madang.apps.enquiries.queries import answers_of, contacts_of
from madang.kernel.commands import Refused
from madang.kernel.permissions import may
from madang.web.enquiry_view import (
    CallWords,
    Context,
    Field,
    answer_words,
    briefing_words,
    contact_words,
    given,
    put_faults,
)
from madang.web.office.enquiries_questions import Asked
from madang.web.office.enquiries_shared import call_at_desk, call_crumb, crumbs_of, person_of, see_other, value_of


@require_safe
@never_cache
@login_required
def call(request: HttpRequest, slug: str) -> HttpResponse:
    """What the desk keeps for a call: contacts by track, briefing sessions, answers to all."""
    words = call_at_desk(request, slug, to_write=False)
    standing_contacts = {one.track: one for one in contacts_of(words.call)}
    own = may(request.user, rules.ANSWER, rules.About(words.call))
    numbers = {one.corrects_id for one in answers_of(words.call) if one.corrects_id}
    context = {
        "section": "office",
        "words": words,
        "own": own,
        "contacts": [
            {
                "track": title,
                "contact": contact_words(standing_contacts[track], words) if track in standing_contacts else None,
                "url": f"{reverse('office:contact', args=[slug])}?{urlencode({'track': track})}"
                if may(request.user, rules.ANSWER, rules.About(words.call, track))
                else "",
            }
            for track, title in [("", gettext("All types")), *words.tracks.items()]
        ],
        "briefings": [
            briefing_words(one, words) | {"office": reverse("office:briefing", args=[one.uid])}
            for one in words.call.briefings.order_by("-begins_at", "-pk")
        ],
        "answers": [
            answer_words(one, words)
            | {
                "corrected": one.pk in numbers,
                "correct": f"{reverse('office:answer', args=[slug])}?corrects={one.number}",
            }
            for one in reversed(answers_of(words.call))
        ],
        "new_answer": reverse("office:answer", args=[slug]),
        "new_briefing": reverse("office:briefing-new", args=[slug]),
        "questions": Asked(call=slug).address(),
        "public": reverse("public:questions", args=[slug]),
        "crumbs": crumbs_of(words.title),
    }
    return render(request, "office/enquiries/call.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def contact(request: HttpRequest, slug: str) -> HttpResponse:
    """Who answers for a track (`track`; blank: all). POST names somebody, or with `step=end` nobody any more."""
    words = call_at_desk(request, slug, to_write=False)
    track = request.GET.get("track", "")
    if track and track not in words.tracks:
        raise Http404("no such track")
    if not may(request.user, rules.ANSWER, rules.About(words.call, track)):
        raise Http404("reads here, and writes nothing")
    there = contacts_of(words.call).filter(track=track).first()
    actor = actor_of(person_of(request))
    if request.method == "POST" and request.POST.get("step") == "end":
        if there:
            commands.end_contact(actor=actor, contact=there)
            messages.success(request, gettext("Nobody is named there any more."))
        return see_other("office:enquiries-call", slug)
    fields = _contact_fields(request, words, there)
    faults: list[Context] = []
    if request.method == "POST":
        try:
            commands.set_contact(
                actor=actor,
                call=words.call,
                track=track,
                name={tag: value_of(fields, f"name-{tag}") for tag in words.languages},
                email=value_of(fields, "email"),
                phone=value_of(fields, "phone"),
                hours={tag: value_of(fields, f"hours-{tag}") for tag in words.languages},
            )
        except Refused as refused:
            places = {"contact_needs_name": "name-{language}", "contact_needs_way": "email", "not_an_address": "email"}
            faults = put_faults(fields, refused.reasons, places)
        else:
            messages.success(request, gettext("The contact is shown on the call's page."))
            return see_other("office:enquiries-call", slug)
    context = {
        "section": "office",
        "words": words,
        "track": words.track(track) if track else gettext("All types"),
        "fields": fields,
        "faults": faults,
        "there": there,
        "address": request.get_full_path(),
        "back": reverse("office:enquiries-call", args=[slug]),
        "crumbs": crumbs_of(call_crumb(words), gettext("Contact")),
    }
    return render(request, "office/enquiries/contact.html", context, status=422 if faults else 200)


def _contact_fields(request: HttpRequest, words: CallWords, there: Contact | None) -> list[Field]:
    def start(name: str, value: str) -> str:
        return given(request.POST, name, 400) if request.method == "POST" else value

    fields = []
    most = rules.LONGEST_LINE
    for tag, name in words.languages.items():
        value = start(f"name-{tag}", there.name.get(tag, "") if there else "")
        label = f"{gettext('Name of the office')} ({name})"
        fields.append(Field(f"name-{tag}", label, value=value, most=most, required=True, lang=tag))
    hint = gettext("Everybody sees it. An office's address; a person's only with their consent.")
    fields.append(
        Field("email", gettext("E-mail address"), "email", start("email", there.email if there else ""), hint, 254)
    )
    fields.append(Field("phone", gettext("Telephone"), "tel", start("phone", there.phone if there else ""), most=40))
    for tag, name in words.languages.items():
        value = start(f"hours-{tag}", there.hours.get(tag, "") if there else "")
        fields.append(Field(f"hours-{tag}", f"{gettext('Hours')} ({name})", value=value, most=most, lang=tag))
    return fields
