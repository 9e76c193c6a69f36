"""The press, and the receipt that it gives.

The press is small and carries nothing that is not stored already: the draft's revision that the filer had on screen.
It counts by the moment at which it arrived (`web/arrival.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person, is_person
from madang.apps.applications import commands, queries, rules
from madang.apps.applications.models import Draft, Filing
from madang.apps.calls.queries import definition_of
from madang.core.form.keys import Keys
from madang.core.lifecycle.draft import STANDING
from madang.core.record.keylist import in_fours
from madang.core.record.numbers import receipt_number
from madang.kernel.commands import Refused
from madang.papers.classifications import country_label
from madang.papers.describe.form_words import FormWords
from madang.web.applicant.filed_view import LIVES, receipt_address
from madang.web.applicant.form_pages import anew, check_page, sentences
from madang.web.applicant.form_view import FormView, language, moment_of, person_of, step_address
from madang.web.applicant.supplement_view import by_name
from madang.web.arrival import arrived_at

Context = dict[str, Any]


@require_http_methods(["GET", "HEAD", "POST"])
def press(request: HttpRequest, uid: str) -> HttpResponse:
    """File what stands. `seen`: the draft's revision on the filer's screen. 303 to the receipt; the same for the same
    press sent again. Refused: 422 (403 where the person may not file) with the page of the press and the reasons.

    A script that asks for JSON gets `{"receipt", "revision", "arrived", "url"}`, or `{"reasons", "late", "arrived",
    "until"}`; 401 where nobody is signed in. GET leads to the page of the press, as after signing in again.
    """
    if not is_person(request.user) and not request.accepts("text/html"):
        return JsonResponse({"reasons": []}, status=401)
    return _press(request, uid)


@login_required
def _press(request: HttpRequest, uid: str) -> HttpResponse:
    person, draft = person_of(request), queries.bare_draft_of(request.user, uid)
    if draft is None:
        raise Http404
    if request.method != "POST":
        return HttpResponseRedirect(step_address(uid, "check"))
    seen, arrived = request.POST.get("seen", ""), arrived_at(request)
    by_script = not request.accepts("text/html")
    try:
        filing = commands.file_draft(
            actor=actor_of(person),
            draft=draft,
            seen_revision=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0,
            arrived_at=arrived,
        )
    except Refused as refused:
        codes = {reason.code for reason in refused.reasons}
        status = 403 if "not_permitted" in codes else 422
        view = FormView(person, anew(draft))
        told = {"reasons": sentences(by_name(view, refused.reasons)), **_moments(view, arrived, codes)}
        if by_script:
            return JsonResponse(told, status=status)
        return check_page(request, view, status=status, refused=told)
    where = receipt_address(draft, filing.revision)
    if not by_script:
        return HttpResponseRedirect(where, status=303)
    zone = definition_of(filing.version).schedule.zone
    arrived_text = "{text} ({zone})".format(**moment_of(filing.arrived_at, zone, person))
    number = receipt_number(filing.draft.number or "", filing.revision)
    return JsonResponse({"receipt": number, "revision": filing.revision, "arrived": arrived_text, "url": where})


def _moments(view: FormView, arrived: Any, codes: set[str]) -> Context:
    """When a press that was refused arrived, and until when one would have counted; whether that was why."""
    zone, until = view.definition.schedule.zone, rules.counts_until(view.draft)
    return {
        "late": "press_after_deadline" in codes,
        "arrived": moment_of(arrived, zone, view.person),
        "until": moment_of(until, zone, view.person) if until is not None else None,
    }


# --- The receipt -----------------------------------------------------------------------------------------------------


@require_safe
@never_cache
@login_required
def receipt(request: HttpRequest, uid: str, revision: int) -> HttpResponse:
    """The receipt of one revision: what was filed, when it arrived, whether it counts, and how that can be checked."""
    person, filing = person_of(request), filing_seen(request, uid, revision)
    draft, definition, form = filing.draft, definition_of(filing.version), filing.content
    words, zone, until = FormWords(definition, language()), definition.schedule.zone, rules.counts_until(draft)
    # The first one that still stands is the only one.
    alone = filing.revision == 1 and queries.standing_of(filing) == "standing"
    lives = [queries.Life(filing, "standing", None)] if alone else queries.lives_of(draft)
    life = next(one for one in lives if one.filing.pk == filing.pk)
    number = receipt_number(draft.number or "", filing.revision)
    state_text, tone = LIVES[life.state]
    context = {
        "section": "me",
        "draft": draft,
        "filing": filing,
        "number": number,
        "fours": in_fours(filing.form_sha256),
        "call_title": words.w.of(draft.call.title),
        "who": form["applicant"]["name"],
        "country": country_label(form["applicant"]["country"], language()),
        "track": words.track(form["track"]) if form["track"] and len(definition.tracks) > 1 else "",
        "state": life.state,
        "state_text": state_text,
        "tone": tone,
        "until": moment_of(life.until, zone, person) if life.until else None,
        "arrived": moment_of(filing.arrived_at, zone, person),
        "counts_until": moment_of(until, zone, person) if until is not None else None,
        "can_change": draft.state in STANDING and life.state == "standing",
        "files": _files(form["files"], words, draft),
        "unseen": _unseen(draft, filing),
        "others": [_life(one, draft, zone, person) for one in lives if one.filing.pk != filing.pk],
        "previous": next((one.filing.revision for one in lives if one.filing.revision < filing.revision), 0),
        "verify": request.build_absolute_uri(reverse("public:receipt", args=[number])),
        "crumbs": [
            {"text": gettext("My applications"), "url": reverse("applicant:drafts")},
            {"text": words.w.of(draft.call.title), "url": step_address(uid, "check")},
            {"text": gettext("Receipt")},
        ],
    }
    return render(request, "applicant/receipt.html", context)


def _files(found: Sequence[Mapping[str, Any]], words: FormWords, draft: Draft) -> list[Context]:
    named = Keys(words.d).named
    return [
        {
            "place": words.w.of(at.asked.label) if (at := named(one["key"])) and at.asked is not None else one["key"],
            "name": one["name"],
            "size": filesizeformat(one["size_bytes"]),
            "sha256": one["sha256"],
            "url": reverse("applicant:file", args=[draft.uid, one["uid"]]),
        }
        for one in found
    ]


def _unseen(draft: Draft, filing: Filing) -> list[Context]:
    """What was written between the page that the filer had on screen and the press: filed, and perhaps not seen."""
    if filing.seen_revision >= filing.draft_revision:
        return []
    state = queries.form_state(draft)
    words = FormWords(definition_of(draft.version), language())
    zone = definition_of(filing.version).schedule.zone
    found = queries.changes_since(draft, filing.seen_revision, filing.draft_revision)
    return [
        {
            "name": words.named(state, one.key),
            "by": one.by,
            "at": moment_of(one.at, zone, filing.by)["text"],
        }
        for one in found
    ]


def _life(one: queries.Life, draft: Draft, zone: str, person: Person) -> Context:
    text, tone = LIVES[one.state]
    return {
        "number": receipt_number(draft.number or "", one.filing.revision),
        "revision": one.filing.revision,
        "arrived": moment_of(one.filing.arrived_at, zone, person),
        "until": moment_of(one.until, zone, person) if one.until else None,
        "state_text": text,
        "tone": tone,
        "url": receipt_address(draft, one.filing.revision),
    }


@require_safe
@login_required
def receipt_file(request: HttpRequest, uid: str, revision: str, name: str) -> HttpResponse:
    """`receipt.json`: the signed receipt; `form.json`: the form that was filed, byte for byte what was hashed."""
    filing = filing_seen(request, uid, int(revision))
    text = {"receipt": filing.receipt, "form": filing.form}[name]
    answer = HttpResponse(text.encode(), content_type="application/json; charset=utf-8")
    stem = receipt_number(filing.draft.number or "", filing.revision)
    answer["Content-Disposition"] = f'attachment; filename="{stem}-{name}.json"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def filing_seen(request: HttpRequest, uid: str, revision: int) -> Filing:
    """The filed revision at this address, where this person may see it; 404 otherwise."""
    found = queries.filing_seen_by(request.user, uid, revision)
    if found is None:
        raise Http404
    return found


def filing_or_404(draft: Draft, revision: int) -> Filing:
    found = queries.filing_of_draft(draft, revision)
    if found is None:
        raise Http404
    return found
