"""The form on screen, one page a step. Everything here works without script: save, next, rows and files by buttons.

The page's script posts to the same address and asks for JSON; then the answer is what changed, and not a page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import gettext, ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person, is_person
from madang.apps.applications import commands, queries, rules
from madang.apps.applications.models import Draft
from madang.core.lifecycle.draft import WRITABLE
from madang.core.reasons import Reason
from madang.kernel.actors import Actor
from madang.kernel.commands import Refused
from madang.kernel.permissions import may
from madang.web.applicant.filed_view import filed_of, press_of
from madang.web.applicant.form_view import FormView, draft_of, language, person_of, step_address
from madang.web.applicant.late import late_of
from madang.web.applicant.preview import preview_blocks
from madang.web.applicant.supplement_view import supplement_of
from madang.words import say

Context = dict[str, Any]

VALUE: Final = "at:"
"""Before the key in the name of an input, so that a field may be called anything."""
TRANSLATED: Final = "tr:"
"""Before key and language in the name of a translation's input."""
LARGEST_UPLOAD: Final = 2_000 * 1024 * 1024
"""The most that any definition may allow for one file; more is refused before it is read."""
LARGEST_BODY: Final = LARGEST_UPLOAD + 4 * 1024 * 1024


@require_safe
@login_required
def first(request: HttpRequest, uid: str) -> HttpResponse:
    """The application: while it is written its first step that still needs something, else its last page."""
    view = FormView(person_of(request), draft_of(request.user, uid))
    step = view.step("").id if view.draft.state in WRITABLE else view.state.steps[-1].id
    return HttpResponseRedirect(step_address(uid, step))


@csrf_exempt  # what is far too large is refused before its body is read; the token is asked for behind that
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, uid: str, step: str) -> HttpResponse:
    """A step of the form. GET `part=KEY` gives one place alone.

    POST takes the values (`at:KEY`), `base` (the draft's revision when the page was made) and `do`: `save`, `next`,
    `add KEY`, `remove KEY ROW`, `restore KEY ROW`, `up KEY ROW`, `down KEY ROW`, `attach KEY` (with `file:KEY`),
    `detach UID`, `reattach UID`, `translate KEY LANGUAGE` (with `tr:KEY:LANGUAGE`), `machine KEY LANGUAGE`,
    `take-over KEY LANGUAGE`.
    """
    if request.method == "POST" and _length(request) > LARGEST_BODY:
        return _too_large(request)
    if not is_person(request.user) and not request.accepts("text/html"):
        return JsonResponse({"reasons": []}, status=401)  # the script says so, and keeps what was typed
    return _step(request, uid, step)


@csrf_protect
@gzip_page
@login_required
def _step(request: HttpRequest, uid: str, step: str) -> HttpResponse:
    person, draft = person_of(request), draft_of(request.user, uid)
    if request.method != "POST":
        removed = " ".join(request.GET.get("removed", "").split()[:2])
        view = FormView(person, draft, removed=removed)
        if part := request.GET.get("part"):
            return HttpResponse(view.fragment(part, request))
        return _page(request, view, step)
    if not may(person, rules.WRITE_DRAFT, draft):
        raise Http404  # whoever only reads has no button for it
    if request.accepts("text/html"):
        return _posted(request, person, draft, step)
    return _done_by_script(request, person, draft, step)


def _page(
    request: HttpRequest, view: FormView, step: str, *, status: int = 200, errors: list[str] | None = None
) -> HttpResponse:
    found = view.step(step)
    if found.kind == "check":
        return check_page(request, view, status=status, errors=errors)
    context = view.page(found) | {"filed": filed_of(view), "supplement": supplement_of(view), "errors": errors or []}
    return render(request, "applicant/form.html", context, status=status)


def check_page(
    request: HttpRequest,
    view: FormView,
    *,
    status: int = 200,
    errors: list[str] | None = None,
    refused: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The last page: what is missing or filed, the press, and the whole file. `refused`: why a press was none."""
    context = view.page(view.state.steps[-1])
    context |= {
        "filed": filed_of(view),
        "supplement": supplement_of(view),
        "press": press_of(view, static("js/form.js")),
        "refused": refused,
        "errors": errors or [],
        "late": late_of(view.person, view.draft),
        **preview_blocks(view),
    }
    return render(request, "applicant/check.html", context, status=status)


# --- Without script ---------------------------------------------------------------------------------------------------


def _posted(request: HttpRequest, person: Person, draft: Draft, step: str) -> HttpResponse:
    """Save what stands in the page, then do what the button says."""
    view, actor = FormView(person, draft), actor_of(person)
    here = view.step(step)
    values = values_of(request, here.keys)
    try:
        saved = commands.save_step(actor=actor, draft=draft, changes=values, base_revision=_number(request, "base"))
    except Refused as refused:
        again = FormView(person, draft, typed=values)
        return _page(request, again, step, status=422, errors=sentences(refused.reasons))
    if saved.conflicts:
        return _conflicts(request, FormView(person, anew(draft)), here.id, saved.conflicts, values)
    if saved.refused:
        words = {key: [say(reason, language())] for key, reason in saved.refused}
        again = FormView(person, anew(draft), typed={key: values[key] for key in words if key in values}, refused=words)
        return _page(request, again, step, status=422, errors=[_to_mend(len(words))])
    for _key, reason in saved.noted:
        messages.warning(request, say(reason, language()))
    what, _, about = request.POST.get("do", "save").partition(" ")
    try:
        _translated(actor, view, request)
        where = _act(actor, draft, what, about, request)
    except Refused as refused:
        again = FormView(person, anew(draft), refused=_at(about, refused.reasons))
        return _page(request, again, step, status=422, errors=sentences(refused.reasons))
    if what == "next":
        return HttpResponseRedirect(step_address(draft.uid, view.after(here).id), status=303)
    if what == "save":
        fresh = FormView(person, anew(draft))
        if faults := fresh.step(here.id).faults:
            return _page(request, fresh, step, status=422, errors=[_to_mend(faults)])
        messages.success(request, gettext("Saved."))
    return HttpResponseRedirect(_address(draft, here.id, what, about, where), status=303)


def values_of(request: HttpRequest, keys: Any) -> dict[str, Any]:
    """What the page sent for the places of its step. Boxes and buttons that are all off send nothing but their name."""
    found: dict[str, Any] = {}
    drawn = set(request.POST.getlist("has"))
    for key in keys:
        name = VALUE + key
        if f"{key} many" in drawn:
            found[key] = tuple(request.POST.getlist(name))
        elif name in request.POST:
            found[key] = request.POST[name]
        elif f"{key} one" in drawn:
            found[key] = ""
    return found


def _act(actor: Actor, draft: Draft, what: str, about: str, request: HttpRequest) -> str:
    """Carry out what a button says beyond saving; gives the row that it was about. Raises `Refused`."""
    key, _, row = about.partition(" ")
    acts: Mapping[str, Callable[[], Any]] = {
        "add": lambda: commands.add_row(actor=actor, draft=draft, key=key),
        "remove": lambda: commands.remove_row(actor=actor, draft=draft, key=key, row=row),
        "restore": lambda: commands.restore_row(actor=actor, draft=draft, key=key, row=row),
        "up": lambda: commands.move_row(actor=actor, draft=draft, key=key, row=row, up=True),
        "down": lambda: commands.move_row(actor=actor, draft=draft, key=key, row=row, up=False),
        "attach": lambda: _attach(actor, draft, key, request.FILES.get(f"file:{key}")),
        "detach": lambda: commands.remove_file(actor=actor, draft=draft, file=_file(draft, key)),
        "reattach": lambda: commands.restore_file(actor=actor, draft=draft, file=_file(draft, key)),
        "translate": lambda: commands.set_translation(
            actor=actor, draft=draft, key=key, language=row, text=request.POST.get(f"{TRANSLATED}{key}:{row}", "")
        ),
        "machine": lambda: commands.translate_by_machine(actor=actor, draft=draft, key=key, language=row),
        "take-over": lambda: commands.take_over_translation(actor=actor, draft=draft, key=key, language=row),
    }
    if what not in acts:
        return ""
    done = acts[what]()
    return done if isinstance(done, str) else row


def _translated(actor: Actor, view: FormView, request: HttpRequest) -> None:
    """Keep the translations of the page that were changed, whichever button was pressed. Raises `Refused`."""
    for key, lines in view.places.beside.about.translations.items():
        for line in lines:
            text = request.POST.get(f"{TRANSLATED}{key}:{line['language']}")
            if text is not None and text.replace("\r\n", "\n").strip() != line["text"].strip():
                commands.set_translation(actor=actor, draft=view.draft, key=key, language=line["language"], text=text)


def _attach(actor: Actor, draft: Draft, key: str, file: Any) -> Any:
    if file is None:
        raise Refused([Reason("no_file_chosen")])
    return commands.attach_file(actor=actor, draft=draft, key=key, name=file.name or "", content=file)


def _file(draft: Draft, uid: str) -> Any:
    found = draft.files.filter(uid=uid).first()
    if found is None:
        raise Refused([Reason("no_such_file")])
    return found


def _address(draft: Draft, step: str, what: str, about: str, row: str) -> str:
    """Back to the step, at the place that the button was in."""
    key = about.partition(" ")[0]
    if what in ("detach", "reattach"):
        key = draft.files.filter(uid=key).values_list("key", flat=True).first() or ""
    if what == "remove":
        return step_address(draft.uid, step) + f"?removed={key}+{row}#p-{key}"
    if what in ("add", "up", "down", "restore") and row:
        return step_address(draft.uid, step) + f"#p-{key}.{row}"
    return step_address(draft.uid, step, "" if what == "save" else key)


# --- Two wrote the same place ---------------------------------------------------------------------------------------


def _conflicts(
    request: HttpRequest, view: FormView, step: str, conflicts: Any, mine: Mapping[str, Any]
) -> HttpResponse:
    """A page with both versions beside each other; nothing was overwritten, and nothing typed is lost."""
    lines = []
    for one in conflicts:
        typed = mine.get(one.key, "")
        lines.append(
            {
                "key": one.key,
                "name": view.places.words.named(view.state, one.key),
                "mine": shown(view, one.key, typed),
                "mine_parts": [typed] if isinstance(typed, str) else list(typed),
                "many": not isinstance(typed, str),
                "theirs": shown(view, one.key, one.typed),
                "revision": one.revision,
                "by": one.by,
                "at": view.when(one.at),
            }
        )
    context = {
        "section": "me",
        "draft": view.draft,
        "view": view,
        "step_id": step,
        "lines": lines,
        "crumbs": [
            {"text": view.call_title, "url": step_address(view.draft.uid, step)},
            {"text": gettext("Two versions")},
        ],
    }
    return render(request, "applicant/conflicts.html", context, status=409)


def shown(view: FormView, key: str, typed: Any) -> str:
    """What was typed, in words: the names of what was chosen."""
    parts = [typed] if isinstance(typed, str) else [str(one) for one in typed or ()]
    place = view.state.places.get(key)
    control = view.places.of(key) if place else {}
    names = {one["id"]: one["name"] for one in control.get("options", ())}
    return ", ".join(str(names.get(one, one)) for one in parts)


@require_POST
@login_required
def resolve(request: HttpRequest, uid: str) -> HttpResponse:
    """What the conflict page asks: for each place mine or theirs. A third, newer version is shown again."""
    person, draft = person_of(request), draft_of(request.user, uid)
    step = request.POST.get("step", "")
    reasons: list[Reason] = []
    again: list[commands.Conflict] = []
    mine: dict[str, Any] = {}
    for key in request.POST.getlist("key"):
        if request.POST.get(f"keep:{key}") != "mine":
            continue
        parts = request.POST.getlist(f"mine:{key}")
        mine[key] = tuple(parts) if request.POST.get(f"many:{key}") else (parts[0] if parts else "")
        seen = _number(request, f"seen:{key}")
        try:
            done = commands.overwrite_entry(
                actor=actor_of(person), draft=draft, key=key, typed=mine[key], seen_revision=seen
            )
        except Refused as refused:
            reasons += refused.reasons
            break
        again += done.conflicts
        reasons += [reason for _, reason in done.refused]
    if again:
        return _conflicts(request, FormView(person, anew(draft)), step, again, mine)
    if reasons:
        for text in sentences(reasons):
            messages.error(request, text)
    else:
        messages.success(request, gettext("Saved."))
    return HttpResponseRedirect(step_address(uid, FormView(person, draft).step(step).id), status=303)


# --- With script ------------------------------------------------------------------------------------------------------


def _done_by_script(request: HttpRequest, person: Person, draft: Draft, step: str) -> HttpResponse:
    """A button of the page pressed with script: only what it does; what was typed goes its own way (`saving`)."""
    what, _, about = request.POST.get("do", "").partition(" ")
    try:
        row = _act(actor_of(person), draft, what, about, request)
    except Refused as refused:
        return JsonResponse({"reasons": sentences(refused.reasons)}, status=422)
    key = about.partition(" ")[0]
    if what in ("detach", "reattach"):
        key = draft.files.filter(uid=key).values_list("key", flat=True).first() or ""
    fresh = FormView(person, anew(draft), removed=about if what == "remove" else "")
    html = fresh.fragment(key, request)
    return JsonResponse(
        {"html": html, "key": key, "row": row, "revision": fresh.draft.revision, "page": fresh.told(fresh.step(step))}
    )


# --- Small ------------------------------------------------------------------------------------------------------------


def anew(draft: Draft) -> Draft:
    """The draft as it is now."""
    return queries.with_everything(Draft.objects.all()).get(pk=draft.pk)


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _length(request: HttpRequest) -> int:
    text = str(request.META.get("CONTENT_LENGTH") or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def sentences(reasons: Any) -> list[str]:
    return [say(reason, language()) for reason in reasons]


def _at(about: str, reasons: Any) -> dict[str, list[str]]:
    """The reasons beside the place that the button was in."""
    return {about.partition(" ")[0]: sentences(reasons)}


def _to_mend(n: int) -> str:
    return ngettext(
        "Everything was kept. %(n)s place needs mending; it is marked below.",
        "Everything was kept. %(n)s places need mending; they are marked below.",
        n,
    ) % {"n": n}


def _too_large(request: HttpRequest) -> HttpResponse:
    reason = say(Reason("upload_too_large", {"most_mb": LARGEST_UPLOAD // 1024**2}), language())
    if request.accepts("text/html"):
        return render(request, "applicant/too_large.html", {"text": reason, "back": request.path}, status=413)
    return JsonResponse({"reasons": [reason]}, status=413)
