"""The pages on which a definition is written: overview, forms, text, preview, differences, trying a rule out."""

import re
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.calls.commands import edit_definition, save_definition_text, undo_definition
from madang.apps.calls.queries import all_drafts
from madang.apps.calls.rules import READ_DEFINITIONS, WRITE_DEFINITION
from madang.core.callspec.edit.operation import Edit, kept_as
from madang.core.callspec.edit.place import path_of, place
from madang.core.callspec.edit.shape import Path, block_of, data_at, kind_of, shape_at
from madang.kernel.commands import Refused
from madang.kernel.permissions import may, visible_to
from madang.web.downloads import attachment
from madang.web.office.definition_form import groups_of, read_form
from madang.web.office.definition_preview import preview_call, preview_form
from madang.web.office.definition_trial import trial_of
from madang.web.office.definition_view import DraftView, anchor_of
from madang.web.office.definition_words import choice_words, key_help, key_words, kind_words, part_name, part_words
from madang.web.public.call_view import reader
from madang.words import say

ACTS: Final = ("add", "duplicate", "up", "down", "remove", "kind", "rename")

Context = dict[str, Any]


def draft_of(request: HttpRequest, uid: str) -> DraftView:
    """The draft of this address, for whoever may read it; 404 for everybody else."""
    person: Any = request.user
    rows = visible_to(person, READ_DEFINITIONS, all_drafts())
    return DraftView(get_object_or_404(rows, uid=uid), person)


def writing(request: HttpRequest, uid: str) -> DraftView:
    """The same for whoever may write; 403 for those who may only read."""
    view = draft_of(request, uid)
    if not may(request.user, WRITE_DEFINITION, view.draft):
        raise PermissionDenied
    return view


def seen(request: HttpRequest) -> int:
    """The revision that the form was drawn from; -1 where it does not say."""
    given = request.POST.get("seen", "")
    return int(given) if re.fullmatch(r"[0-9]{1,9}", given) else -1


def told(refused: Refused) -> list[str]:
    return [say(reason, reader().language) for reason in refused.reasons]


def back_to(view: DraftView, path: Path = (), anchor: str = "") -> HttpResponse:
    return HttpResponseRedirect(view.part_url(path) + (f"#{anchor}" if anchor else ""), status=303)


# --- Overview ---------------------------------------------------------------------------------------------------------


@require_safe
@login_required
def overview(request: HttpRequest, uid: str) -> HttpResponse:
    """What this draft is, whose turn it is, what is still wrong, and how it came to be."""
    view = draft_of(request, uid)
    context = {**view.frame, "tab": "office:definition", "crumbs": view.crumbs(()), "history": view.history()}
    return render(request, "office/calls/overview.html", context)


# --- Forms ------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def part(request: HttpRequest, uid: str, at: str = "") -> HttpResponse:
    """One part as a form. POST saves it: the fields that differ from what stands there, and nothing else."""
    if request.method != "POST":
        view = draft_of(request, uid)
        return _part_page(request, view, _path(view, at))
    view = writing(request, uid)
    path = _path(view, at)
    values = read_form(path, view.data, request.POST)
    try:
        edit_definition(
            actor=actor_of(view.person), draft=view.draft, edit=Edit("set", values=values), seen_revision=seen(request)
        )
    except Refused as refused:
        return _part_page(request, draft_of(request, uid), path, errors=told(refused))
    saved = draft_of(request, uid)
    _say_saved(request, saved, len(values))
    return back_to(saved, path)


@require_POST
@login_required
def act(request: HttpRequest, uid: str) -> HttpResponse:
    """One act on a part: `do` is "add", "kind", "rename", or "duplicate PLACE", "up …", "down …", "remove …";
    `at` the place where no other is said, `page` the part whose form one comes from.
    """
    view = writing(request, uid)
    data = view.data
    what, _, where = request.POST.get("do", "").partition(" ")
    path, page = path_of(where or request.POST.get("at", ""), data), path_of(request.POST.get("page", ""), data)
    if what not in ACTS or path is None or page is None or shape_at(page, data) is None:
        raise Http404("no such place")
    name = request.POST.get("name", "").strip()[:80]
    edit = Edit(what, path, kind=request.POST.get("kind", "")[:80], name=name)
    try:
        edit_definition(actor=actor_of(view.person), draft=view.draft, edit=edit, seen_revision=seen(request))
    except Refused as refused:
        return _part_page(request, draft_of(request, uid), page, errors=told(refused), given=False)
    saved = draft_of(request, uid)
    _say_saved(request, saved, 1)
    if what == "add":
        return back_to(saved, _added(saved, path, name))
    if what in ("kind", "rename"):
        return back_to(saved, (*path[:-1], name) if what == "rename" else path)
    return back_to(saved, page, anchor_of(path[:-1] if what != "remove" or isinstance(path[-1], int) else path, page))


def _added(view: DraftView, path: Path, name: str) -> Path:
    """The new part: the last of its list, or the one of this name."""
    here = data_at(path, view.data)
    if isinstance(here, list):
        return (*path, len(here) - 1)
    shape = shape_at(path, view.data)
    return (*path, name) if shape and shape.kind == "block_map" else path


def _path(view: DraftView, at: str) -> Path:
    """The place of this address. 404 where no part is."""
    path = path_of(at, view.data)
    if path is None:
        raise Http404("no such place")
    shape, here = shape_at(path, view.data), data_at(path, view.data)
    is_part = shape is not None and shape.kind in ("block", "union") and (here is not None or not path)
    if not is_part:
        raise Http404("no such part")
    return path


def _say_saved(request: HttpRequest, view: DraftView, count: int) -> None:
    if not count:
        messages.info(request, gettext("Nothing was changed."))
    elif view.findings:
        text = gettext("Saved as revision %(n)s. Findings: %(count)s.")
        messages.success(request, text % {"n": view.draft.revision, "count": len(view.findings)})
    else:
        text = gettext("Saved as revision %(n)s. The definition has no faults.")
        messages.success(request, text % {"n": view.draft.revision})


def _part_page(
    request: HttpRequest, view: DraftView, path: Path, *, errors: list[str] | None = None, given: bool = True
) -> HttpResponse:
    """The form; after a refusal with what was typed, and with the newest revision as the one seen."""
    shape, here = shape_at(path, view.data), data_at(path, view.data)
    block = block_of(shape, here) if shape else None
    groups = groups_of(path, view.data, request.POST if errors and given else None)
    fields = [one for group in groups for one in group.inputs]
    for one in fields:
        one.faults = view.faults_at(one.path)
    for group in groups:
        group.faults = view.faults_at(group.path, below=False) if group.path != path else []
    covered = {one.path for one in fields}
    children = view.children(path)
    for child in children:
        child["title"], child["help"] = key_words(child["key"], child["block"]), key_help(child["key"], child["block"])
        child["kinds"] = [(kind, choice_words(child["tag"], kind)) for kind in child["kinds"]]
    below = [*covered, *(group.path for group in groups if group.path != path), *(child["path"] for child in children)]
    own = [
        say(fault, reader().language)
        for at, fault in view.found.faults
        if at[: len(path)] == path and not any(at[: len(one)] == one for one in below)
    ]
    above = shape_at(path[:-1], view.data) if path else None
    context = {
        **view.frame,
        "tab": "office:definition-form",
        "crumbs": view.crumbs(path),
        "path": path,
        "at": place(path),
        "heading": part_name(path, view.data) if path else part_words(block),
        "kind_words": kind_words(path, view.data) or (part_words(block) if path else ""),
        "groups": groups,
        "children": children,
        "own_faults": own,
        "errors": errors or [],
        "outline": view.outline(path),
        "union": _union(view, path) if shape and shape.kind == "union" else None,
        "named": str(path[-1]) if above is not None and above.kind == "block_map" else "",
        "languages": (view.data or {}).get("languages") if isinstance(view.data, dict) else [],
        "writable": view.may_write,
        "unreadable": view.data is None,
    }
    return render(request, "office/calls/part.html", context, status=422 if errors else 200)


def _union(view: DraftView, path: Path) -> Context:
    """The kinds that this part can be of, and what another kind would lose."""
    shape, here = shape_at(path, view.data), data_at(path, view.data)
    assert shape is not None
    now, tag = kind_of(shape, here), shape.tag or "rules"
    standing = here if isinstance(here, dict) else {}
    block = block_of(shape, here)
    kinds, losses = [], []
    for kind in shape.kinds:
        lost = [key_words(key, block) for key in standing if key not in kept_as(shape, standing, kind)]
        kinds.append((kind, choice_words(tag, kind), kind == now))
        if lost and kind != now:
            losses.append((choice_words(tag, kind), ", ".join(lost)))
    return {"label": key_words(tag), "help": key_help(tag), "kinds": kinds, "losses": losses}


# --- The text ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def text(request: HttpRequest, uid: str) -> HttpResponse:
    """The YAML itself, with line numbers and findings; saved by hand. `format=yaml`: as a file."""
    if request.method != "POST":
        view = draft_of(request, uid)
        if request.GET.get("format") == "yaml":
            return attachment("definition.yaml", view.draft.text.encode(), "text/plain; charset=utf-8")
        return _text_page(request, view, view.draft.text)
    view = writing(request, uid)
    written = request.POST.get("text", "")
    try:
        saved = save_definition_text(
            actor=actor_of(view.person), draft=view.draft, text=written, seen_revision=seen(request)
        )
    except Refused as refused:
        return _text_page(request, draft_of(request, uid), written, told(refused))
    _say_saved(request, draft_of(request, uid), int(saved.revision != view.draft.revision))
    return HttpResponseRedirect(reverse("office:definition-text", args=[uid]), status=303)


def _text_page(request: HttpRequest, view: DraftView, written: str, errors: list[str] | None = None) -> HttpResponse:
    by_line: dict[int, list[str]] = {}
    for finding in view.findings:
        by_line.setdefault(finding.line, []).append(finding.text)
    lines = [
        {"number": number, "text": line, "faults": by_line.get(number, [])}
        for number, line in enumerate(view.draft.text.splitlines(), start=1)
    ]
    context = {
        **view.frame,
        "tab": "office:definition-text",
        "crumbs": view.crumbs(()),
        "written": written,
        "lines": lines,
        "errors": errors or [],
        "rows": min(40, max(12, written.count("\n") + 2)),
    }
    return render(request, "office/calls/text.html", context, status=422 if errors else 200)


# --- Preview, differences, undo ---------------------------------------------------------------------------------------


@require_safe
@login_required
def preview(request: HttpRequest, uid: str) -> HttpResponse:
    """The call as applicants will see it: its page in words, and the form; `language` is any language of the house."""
    view = draft_of(request, uid)
    language = request.GET.get("language", "")
    language = language if language in ("ko", "en") else reader().language
    definition = view.found.definition
    context = {
        **view.frame,
        "tab": "office:definition-preview",
        "crumbs": view.crumbs(()),
        "language": language,
        "languages": [("ko", "한국어"), ("en", "English")],
        "call": preview_call(definition, language) if definition else None,
        "form": preview_form(definition, language) if definition else None,
    }
    return render(request, "office/calls/preview.html", context)


@require_safe
@login_required
def differences(request: HttpRequest, uid: str) -> HttpResponse:
    """What changed: `against` is "published" (the usual for an amendment) or the number of an earlier revision."""
    view = draft_of(request, uid)
    against = request.GET.get("against", "")
    published = view.published
    revisions = list(view.draft.texts.order_by("-revision").values_list("revision", flat=True)[:50])
    if not against:
        against = "published" if published else str(max(1, view.draft.revision - 1))
    if against == "published" and published:
        before = published.text
    else:
        number = int(against) if re.fullmatch(r"[0-9]{1,9}", against) else 0
        earlier = view.draft.texts.filter(revision=number).first()
        if earlier is None:
            raise Http404("no such revision")
        before = earlier.text
    context = {
        **view.frame,
        "tab": "office:definition-differences",
        "crumbs": view.crumbs(()),
        "against": against,
        "published": published,
        "revisions": [str(number) for number in revisions],
        "compared": view.compared(before),
    }
    return render(request, "office/calls/differences.html", context)


@require_POST
@login_required
def undo(request: HttpRequest, uid: str) -> HttpResponse:
    """An earlier text again, as a new revision; `to` is its number."""
    view = writing(request, uid)
    given = request.POST.get("to", "")
    number = int(given) if re.fullmatch(r"[0-9]{1,9}", given) else 0
    try:
        undo_definition(actor=actor_of(view.person), draft=view.draft, to_revision=number, seen_revision=seen(request))
    except Refused as refused:
        for text_ in told(refused):
            messages.error(request, text_)
    else:
        done = gettext("The text of revision %(number)s stands again.") % {"number": number}
        messages.success(request, done)
    return HttpResponseRedirect(view.url, status=303)


# --- Trying a rule out ------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def trial(request: HttpRequest, uid: str) -> HttpResponse:
    """A rule held against sample answers. Writes nothing. `field` names the field of the form that holds the rule."""
    view = draft_of(request, uid)
    given = request.POST if request.method == "POST" else request.GET
    name = given.get("field", "")[:200]
    rule = given.get("rule", given.get(name, ""))[:4000]
    tried = trial_of(view.found.definition, rule, {key[2:]: value for key, value in given.items() if key[:2] == "s:"})
    context = {
        **view.frame,
        "tab": "office:definition-form",
        "crumbs": view.crumbs(()),
        "rule": rule,
        "tried": tried,
        "address": reverse("office:definition-trial", args=[uid]) + "?" + urlencode({"field": name}),
    }
    fragment = request.headers.get("HX-Request") == "true"
    return render(request, "office/calls/_trial.html" if fragment else "office/calls/trial.html", context)
