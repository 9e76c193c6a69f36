"""What a partner sees by the link of a mail: what is asked for, a place for each file, what was handed over so far.

Whoever holds the link is trusted with that and nothing else: no account, no session. It is looked up by the hash of its
token. No answer is kept by anybody (`no-store`, `noindex`), and no address of these pages leaves them. The policy is
`strict-origin`, which sends the site's name at most: with `no-referrer` browsers hide where a form comes from too
(`Origin: null`), and Django takes no such form.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec
from zoneinfo import ZoneInfo

from allauth.core import ratelimit
from babel.dates import format_date
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.applications import commands, queries, rules
from madang.apps.applications.models import DraftFile, PaperRequest
from madang.apps.calls.queries import definition_of, state_of
from madang.core.callspec.asked import FILE_FORMATS, Document, FileField
from madang.core.form.keys import Keys
from madang.core.lifecycle.call import OPEN
from madang.core.lifecycle.draft import DISCARDED, FILED, WITHDRAWN
from madang.core.reasons import Reason
from madang.kernel.clock import now
from madang.kernel.commands import Refused
from madang.papers.describe.form_words import FormWords
from madang.web.sending import sent
from madang.words import say

Context = dict[str, Any]
P = ParamSpec("P")

BESIDE: Final = 1024 * 1024
"""Bytes of a form beside its file."""
UNDO: Final = dt.timedelta(hours=1)
"""How long what was taken back is offered to be brought back."""


def by_link(
    view: Callable[Concatenate[HttpRequest, PaperRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, str, P], HttpResponseBase]:
    """A view of the link that this token opens, in the language of its mail unless the reader chose one. An unknown
    token is 404, one that was ended 410; both say what to do and tell nothing.
    """

    @wraps(view)
    def answer(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        asked = queries.paper_request_of(token)
        try:
            if asked is None:
                raise Http404
            _speak(request, asked)
            found = _ended(request) if asked.revoked_at else view(request, asked, *args, **kwargs)
        except Http404:
            found = render(request, "partner/unknown.html", status=404)
        found["Cache-Control"] = "private, no-store"
        found["Referrer-Policy"] = "strict-origin"
        found["X-Robots-Tag"] = "noindex, nofollow"
        found._has_been_logged = True  # Django's mark: its log would hold the address
        return found

    return answer


@csrf_exempt  # what is far too large is refused before its body is read; the token is asked for behind that
@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def page(request: HttpRequest, asked: PaperRequest) -> HttpResponseBase:
    """What is asked for. POST `do`: `hand KEY`, `replace UID` (both with `file`), `take-back UID`, `restore UID`."""
    if request.method == "POST":
        if not ratelimit.consume(request, action="hand_over_paper", key=asked.uid):
            return ratelimit.respond_429(request)
        if _length(request) > _most_bytes(asked):
            most = _most_bytes(asked) // 1024**2
            return render(request, "partner/too_large.html", {"most": most, "back": _at(request)}, status=413)
    elif request.method == "GET" and asked.opened_at is None:
        commands.open_paper_request(actor=commands.link(asked), asked=asked)
    return _page(request, asked)


@csrf_protect
def _page(request: HttpRequest, asked: PaperRequest) -> HttpResponse:
    if request.method != "POST":
        return _shown(request, asked)
    what, _, about = request.POST.get("do", "").partition(" ")
    try:
        if what in ("take-back", "restore"):
            act = commands.take_back_paper if what == "take-back" else commands.restore_paper
            file = act(actor=commands.link(asked), asked=asked, file=_file(asked, about))
            return HttpResponseRedirect(f"{_at(request)}#{_anchor(asked, file.key)}", status=303)
        file = _handed(request, asked, what, about)
    except Refused as refused:
        now_ = queries.paper_request_of(_token(request))
        if now_ is None or now_.revoked_at:
            return _ended(request)
        return _shown(request, now_, refused.reasons, about)
    return HttpResponseRedirect(_at(request, "handed", file.uid), status=303)


def _handed(request: HttpRequest, asked: PaperRequest, what: str, about: str) -> DraftFile:
    """The file of this form, handed over. Raises `Refused`."""
    content: Any = request.FILES.get("file")
    if content is None or what not in ("hand", "replace"):
        raise Refused([Reason("paper_no_file")])
    before = _file(asked, about) if what == "replace" else None
    return commands.hand_over_paper(
        asked=asked,
        key=before.key if before else about,
        name=content.name or "",
        content=content,
        instead_of=before,
    )


@require_safe
@by_link
def handed(request: HttpRequest, asked: PaperRequest, file: str) -> HttpResponse:
    """The confirmation of one file: what, when, size and hash; to be printed or kept."""
    found = get_object_or_404(asked.files, uid=file)
    context = _about(request, asked) | {"file": _told(request, asked, found)}
    return render(request, "partner/handed.html", context)


@require_safe
@by_link
def download(request: HttpRequest, asked: PaperRequest, file: str) -> HttpResponseBase:
    """A file that came by this link, only to be saved."""
    found = get_object_or_404(asked.files, uid=file)
    return sent(request, sha256=found.sha256, size=found.size_bytes, name=found.name)


# --- Contexts ---------------------------------------------------------------------------------------------------------


def _shown(
    request: HttpRequest, asked: PaperRequest, reasons: list[Reason] | None = None, about: str = ""
) -> HttpResponse:
    rests = _rests(asked)
    files = list(asked.files.all())
    key = next((one.key for one in files if one.uid == about), about)
    context = _about(request, asked) | {
        "rests": rests,
        "places": [_place(request, asked, key, files) for key in asked.keys if _asked_at(asked, key)],
        "left": [_told(request, asked, one) for one in files if not _asked_at(asked, one.key) and not one.removed_at],
        # Why nothing is taken at all, the page says in words for a partner.
        "errors": [say(one, _language()) for one in reasons or () if not rests],
        "wrong": key,
    }
    return render(request, "partner/page.html", context, status=422 if reasons else 200)


def _about(request: HttpRequest, asked: PaperRequest) -> Context:
    """What every page says of the link: who asks whom, for which call and applicant, until when."""
    draft = asked.draft
    until = rules.counts_until(draft)
    return {
        "asked": asked,
        "call": _words(asked).w.of(draft.call.title),
        "applicant": draft.organisation.name,
        "asker": asked.asked_by.shown,
        "sample": draft.call.is_sample or draft.organisation.is_sample,
        "until": _moment(asked, until) if until else None,
        "home": _at(request),
    }


def _place(request: HttpRequest, asked: PaperRequest, key: str, files: list[DraftFile]) -> Context:
    """One place: what it takes, what was handed over for it, and what was taken back lately."""
    of = _asked_at(asked, key)
    assert of is not None, "only places that the call asks for are shown"
    formats, help_ = of.formats or FILE_FORMATS, getattr(of, "help", None)
    words = _words(asked).w
    here = [one for one in files if one.key == key]
    return {
        "key": key,
        "id": _anchor(asked, key),
        "name": words.of(of.label),
        "help": words.of(help_) if help_ else "",
        "formats": ", ".join(one.upper() for one in formats),
        "most_mb": of.max_mb or commands.MOST_FILE_MB,
        "accept": ",".join(f".{one}" for one in formats),
        "files": [_told(request, asked, one) for one in here if one.removed_at is None],
        "taken_back": [_told(request, asked, one) for one in here if one.removed_at and one.removed_at > now() - UNDO],
    }


def _told(request: HttpRequest, asked: PaperRequest, file: DraftFile) -> Context:
    of = _asked_at(asked, file.key)
    return {
        "uid": file.uid,
        "name": file.name,
        "format": file.format.upper(),
        "size": filesizeformat(file.size_bytes),
        "bytes": file.size_bytes,
        "sha256": file.sha256,
        "at": _moment(asked, file.at),
        "removed": _moment(asked, file.removed_at) if file.removed_at else None,
        "place": _words(asked).w.of(of.label) if of else "",
        "url": _at(request, "file", file.uid),
        "confirmation": _at(request, "handed", file.uid),
    }


def _rests(asked: PaperRequest) -> str:
    """Why nothing can be handed over now: `closed`, `filed`, `withdrawn` or `discarded`; nothing where it can."""
    draft = asked.draft
    if state_of(draft.call) != OPEN and not rules.in_time(draft, now()):
        return "closed"
    return draft.state if draft.state in (FILED, WITHDRAWN, DISCARDED) else ""


# --- Small ------------------------------------------------------------------------------------------------------------


def _asked_at(asked: PaperRequest, key: str) -> FileField | Document | None:
    """What the call asks for in a place; nothing where it was dropped by an amendment."""
    named = Keys(definition_of(asked.draft.version)).named(key)
    return named.asked if named and isinstance(named.asked, FileField | Document) else None


def _words(asked: PaperRequest) -> FormWords:
    return FormWords(definition_of(asked.draft.version), _language())


def _moment(asked: PaperRequest, moment: dt.datetime) -> Context:
    """A moment in the call's zone and in UTC, in words."""
    zone = ZoneInfo(definition_of(asked.draft.version).schedule.zone)
    return {"iso": moment.isoformat(), "text": _said(moment, zone), "zone": zone.key, "utc": _said(moment, dt.UTC)}


def _said(moment: dt.datetime, zone: dt.tzinfo) -> str:
    local = moment.astimezone(zone)
    pattern = "y년 M월 d일(E)" if _language() == "ko" else "EEE d MMM y"
    return f"{format_date(local.date(), pattern, locale=_language())} {local:%H:%M:%S}"


def _file(asked: PaperRequest, uid: str) -> DraftFile:
    found = asked.files.filter(uid=uid.replace("\x00", "")).first()
    if found is None:
        raise Refused([Reason("draft_file_not_there")])
    return found


def _anchor(asked: PaperRequest, key: str) -> str:
    return f"p-{asked.keys.index(key) + 1}" if key in asked.keys else "main"


def _ended(request: HttpRequest) -> HttpResponse:
    return render(request, "partner/ended.html", status=410)


def _token(request: HttpRequest) -> str:
    """The link's token, which stands in the address alone."""
    assert request.resolver_match is not None, "a view was reached by an address"
    return str(request.resolver_match.kwargs["token"])


def _at(request: HttpRequest, name: str = "papers", *more: str) -> str:
    """A page of this link."""
    return reverse(f"partner:{name}", args=[_token(request), *more])


def _most_bytes(asked: PaperRequest) -> int:
    """The largest body that a form of this link may have."""
    places = [of for key in asked.keys if (of := _asked_at(asked, key))]
    return max((of.max_mb or commands.MOST_FILE_MB for of in places), default=0) * 1024**2 + BESIDE


def _length(request: HttpRequest) -> int:
    text = str(request.META.get("CONTENT_LENGTH") or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _speak(request: HttpRequest, asked: PaperRequest) -> None:
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and asked.language in dict(settings.LANGUAGES):
        translation.activate(asked.language)
        request.LANGUAGE_CODE = translation.get_language()


def _language() -> str:
    return "ko" if get_language() == "ko" else "en"
