"""Importing applications that came outside: hand in, choose columns, look at the preview, confirm, undo."""

import tempfile
from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.applications import commands, queries, rules
from madang.apps.applications.commands import LONGEST_IMPORT_NOTE, MOST_IMPORT_MB
from madang.apps.applications.models import Import, ReceptionBatch
from madang.apps.calls.queries import state_of
from madang.apps.enquiries.rules import READ_AT_DESK, About
from madang.core.form.written import shown
from madang.core.lifecycle import CALL, check
from madang.core.lifecycle.importing import ASKS, AT_WORK, CONFIRMED, DONE, DROPPED, READY
from madang.core.reasons import Reason
from madang.kernel.commands import Refused
from madang.kernel.datadir import data_dir
from madang.kernel.permissions import may
from madang.papers.intake.archive import pack, safe
from madang.papers.intake.reading import plans_of
from madang.papers.templates import empty
from madang.web.downloads import XLSX, Sheet, attachment, csv_file
from madang.web.enquiry_view import CallWords, Field, given, put_faults, uid_or_404
from madang.web.office import importing_view as view
from madang.web.office.enquiries_shared import person_of, see_other
from madang.web.sending import sent

Context = dict[str, Any]

MOST_FILES: Final = 20
ACCEPT: Final = ".xlsx,.ods,.csv,.zip"
ACTS: Final = ("columns", "again", "confirm", "drop")
NOTES: Final = ("ko", "en")
PLACES: Final = {"import_needs_note": "note-ko", "import_note_controls": "note-ko"}


# --- Handing in -------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """What was imported for a call, and where to hand in more. POST takes `files`: tables, or one ZIP with files."""
    person, words = _at_desk(request, slug)
    writes = may(person, rules.IMPORT_BATCH, About(words.call))
    faults: list[str] = []
    if request.method == "POST":
        if not writes:
            raise Http404("reads here, and imports nothing")
        try:
            imported = _handed_in(request, person, words)
        except Refused as refused:
            faults = [view.spoken_reason(one) for one in refused.reasons]
        else:
            return see_other("office:import", imported.uid)
    context = {
        "section": "office",
        "words": words,
        "writes": writes,
        "takes": not check(CALL, "receive", state_of(words.call)),
        "why_not": [view.spoken_reason(one) for one in check(CALL, "receive", state_of(words.call))],
        "faults": faults,
        "accept": ACCEPT,
        "most_mb": MOST_IMPORT_MB,
        "mine": [_mine(one, words) for one in queries.imports_of(person, words.call)],
        "batches": [view.batch_words(one, words) for one in queries.batches_seen_by(person, words.call)],
        "crumbs": _crumbs(words),
    }
    return render(request, "office/importing/start.html", context, status=422 if faults else 200)


def _handed_in(request: HttpRequest, person: Person, words: CallWords) -> Import:
    came = request.FILES.getlist("files")
    if not came:
        raise Refused([Reason("import_no_file")])
    if len(came) > MOST_FILES:
        raise Refused([Reason("import_many_files", {"most": MOST_FILES})])
    actor = actor_of(person)
    if len(came) == 1:
        one = came[0]
        return commands.hand_in_import(
            actor=actor, call=words.call, name=one.name or "file", content=one, size=one.size or 0
        )
    with tempfile.TemporaryFile(dir=data_dir() / "cache") as packed:
        together = sorted(((safe(one.name or "file"), one) for one in came), key=lambda pair: pair[0])
        pack(together, packed)
        size = packed.tell()
        packed.seek(0)
        return commands.hand_in_import(
            actor=actor, call=words.call, name=f"{words.call.slug}.zip", content=packed, size=size
        )


def _mine(imported: Import, words: CallWords) -> Context:
    return {
        "name": imported.name,
        "url": reverse("office:import", args=[imported.uid]),
        "when": words.spoken(imported.started_at),
        "badge": view.badge(imported),
    }


@require_safe
@never_cache
@login_required
def template(request: HttpRequest, slug: str, table: str) -> HttpResponse:
    """An empty table of the call, with lists to choose from and a page of help."""
    _person, words = _at_desk(request, slug)
    plan = plans_of(words.definition).get(table)
    if plan is None:
        raise Http404
    return attachment(f"{plan.name}.xlsx", empty(plan), XLSX)


# --- One import -------------------------------------------------------------------------------------------------------


@require_safe
@never_cache
@login_required
def one(request: HttpRequest, uid: str) -> HttpResponse:
    """One import in its state. `part=progress`: only how far the work is; `format=csv`: the faults as a table."""
    imported, words = _found(request, uid)
    if request.GET.get("part") == "progress":
        if imported.state not in AT_WORK:
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return render(request, "office/importing/_progress.html", _work(imported))
    if request.GET.get("format") == "csv":
        return _faults_file(imported)
    if imported.state == DONE and imported.batch_id is not None:
        return see_other("office:batch", imported.batch_id)
    return render(request, "office/importing/one.html", _context(imported, words))


def _work(imported: Import) -> Context:
    title = gettext("Is being taken in") if imported.state == CONFIRMED else gettext("Is being read")
    return {
        "title": title,
        "address": reverse("office:import", args=[imported.uid]),
        "work": view.under_way(imported.uid),
    }


def _faults_file(imported: Import) -> HttpResponse:
    names = {
        "file": gettext("File"),
        "row": gettext("Row"),
        "column": gettext("Column"),
        "text": gettext("What is wrong, and the mend"),
    }
    rows = [[one[name] for name in names] for one in view.faults(imported)]
    return csv_file("faults", Sheet(gettext("Faults"), list(names.values()), rows))


def _context(imported: Import, words: CallWords) -> Context:
    found = imported.found
    counts = found.get("counts", {})
    faults = view.faults(imported)
    listed = {key: view.lines(found.get(key, [])) for key in ("new", "conflicts", "alike", "late")}
    changed, files = view.changed(found, words), view.files(found, words)
    return {
        "section": "office",
        "words": words,
        "imported": imported,
        "badge": view.badge(imported),
        "at_work": imported.state in AT_WORK,
        **(_work(imported) if imported.state in AT_WORK else {}),
        "ended": imported.state == DROPPED,
        "asks": imported.state == ASKS,
        "ready": imported.state == READY,
        "confirms": imported.state == READY and counts.get("new", 0) + counts.get("changed", 0) > 0,
        "takes_in": counts.get("new", 0) + counts.get("changed", 0),
        "reasons": view.reasons(imported),
        "remarks": view.remarks(imported),
        "faults": faults,
        "counts": counts,
        "ambiguous": any(code.startswith("date_ambiguous") for code, *_ in found.get("faults", [])),
        "tiles": view.tiles(counts) if imported.state == READY else [],
        "totals": view.totals(found, words) if imported.state == READY else [],
        "changed": changed,
        "files": files,
        "left": found.get("left", []),
        "more": {
            "changed": view.more(counts, "changed", changed),
            "files": view.more(counts, "files", files),
            "left": view.more(counts, "left", found.get("left", [])),
            **{key: view.more(counts, key, ones) for key, ones in listed.items()},
        },
        **listed,
        "columns": view.columns(imported, words),
        "dates": (("", gettext("Ask me about each")), ("dmy", gettext("Day first")), ("mdy", gettext("Month first"))),
        "seen": imported.seen_at.isoformat() if imported.seen_at else "",
        "stale": imported.state == READY
        and imported.seen_at is not None
        and queries.imported_since(words.call, imported.seen_at),
        "fields": _note_fields(imported.note),
        "crumbs": _crumbs(words, imported.name),
    }


def _note_fields(said: Mapping[str, str]) -> list[Field]:
    labels = {
        "ko": gettext("Where the applications come from, in Korean"),
        "en": gettext("Where the applications come from, in English"),
    }
    helps = {"ko": gettext("Shown with every figure. One of the two languages is enough."), "en": ""}
    return [
        Field(f"note-{tag}", labels[tag], value=said.get(tag, ""), help=helps[tag], most=LONGEST_IMPORT_NOTE, lang=tag)
        for tag in NOTES
    ]


@require_POST
@never_cache
@login_required
def act(request: HttpRequest, uid: str, act: str) -> HttpResponse:
    """`columns` chosen, read it `again`, `confirm` it with a note, or `drop` it. Refused: the page with the reasons."""
    imported, words = _found(request, uid)
    actor = actor_of(person_of(request))
    if act not in ACTS:
        raise Http404
    note = {tag: given(request.POST, f"note-{tag}", LONGEST_IMPORT_NOTE) for tag in NOTES}
    try:
        if act == "columns":
            commands.choose_import_columns(
                actor=actor, imported=imported, chosen=_chosen(request, imported), dates=request.POST.get("dates", "")
            )
        elif act == "again":
            commands.choose_import_columns(actor=actor, imported=imported)
        elif act == "confirm":
            seen = given(request.POST, "seen", 40)
            commands.confirm_import(actor=actor, imported=imported, seen=seen, note=note)
        else:
            commands.drop_import(actor=actor, imported=imported)
            messages.success(request, gettext("Thrown away. Nothing of it was stored."))
            return see_other("office:import-start", words.call.slug)
    except Refused as refused:
        imported.refresh_from_db()
        context = _context(imported, words)
        context["fields"] = _note_fields(note)
        context["form_faults"] = put_faults(context["fields"], refused.reasons, PLACES)
        return render(request, "office/importing/one.html", context, status=422)
    return see_other("office:import", uid)


def _chosen(request: HttpRequest, imported: Import) -> dict[str, dict[str, str]]:
    """Table -> title -> column, as the form says; a title that the form does not speak of stays as it was."""
    plans = plans_of(CallWords(imported.call).definition)
    found: dict[str, dict[str, str]] = {}
    for index, column in enumerate(imported.found.get("columns", [])):
        said = request.POST.get(f"column-{index}")
        plan = plans.get(column["table"])
        if said is None or plan is None:
            continue
        if said and said not in plan.by_id:
            raise BadRequest("no such column")
        if said != column["column"] or column["how"] != "own":
            found.setdefault(column["table"], {})[column["title"]] = said
    return found


# --- Batches ----------------------------------------------------------------------------------------------------------


@require_safe
@never_cache
@login_required
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """One batch: who, when, from where, what stands of it."""
    found, words = _batch(request, pk)
    return render(request, "office/importing/batch.html", _batch_context(request, found, words))


def _batch_context(request: HttpRequest, found: ReceptionBatch, words: CallWords) -> Context:
    told = view.batch_words(found, words)
    rows = found.application_set.select_related("dossier").order_by("position")[:200]
    facts = [
        {"name": pgettext("import", "Source"), "value": told["source"], "note": told["note"]},
        {"name": pgettext("import", "Imported"), "value": told["when"], "note": told["by"]},
        {"name": gettext("Applications"), "value": f"{told['came']:,}", "note": _standing(told)},
    ]
    if told["undone"]:
        facts.append({"name": gettext("Undone"), "value": told["undone"]})
    if told["original"] is not None:
        facts.append({"name": gettext("SHA-256 of the file"), "value": told["original"].sha256, "hash": True})
    return {
        "section": "office",
        "words": words,
        "batch": told,
        "facts": facts,
        "undoes": told["stands"] and may(request.user, rules.UNDO_BATCH, found),
        "rows": [
            {
                "reference": one.reference,
                "applicant": one.applicant_name,
                "track": words.track(one.track),
                "url": reverse("office:dossier", args=[one.dossier.uid]),
                "stands": one.undone_at is None,
            }
            for one in rows
        ],
        "left": max(0, told["came"] - 200),
        "crumbs": _crumbs(words, told["source"]),
    }


def _standing(told: Context) -> str:
    gone = told["came"] - told["stand"]
    if not gone:
        return gettext("all of them stand")
    return ngettext("%(n)s of them stands", "%(n)s of them stand", told["stand"]) % {"n": f"{told['stand']:,}"}


@require_safe
@never_cache
@login_required
def original(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file that the batch came from, as it was handed in."""
    found, _words = _batch(request, pk)
    origin = getattr(found, "origin", None)
    if origin is None:
        raise Http404("a batch of the console keeps no file")
    return sent(request, sha256=origin.sha256, size=origin.size_bytes, name=origin.name)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """What would disappear and what would stand again; POST with a `reason` does it."""
    found, words = _batch(request, pk)
    person = person_of(request)
    if not may(person, rules.UNDO_BATCH, found):
        raise Http404("reads here, and undoes nothing")
    field = Field(
        "reason",
        gettext("Reason"),
        kind="area",
        rows=4,
        most=1000,
        required=True,
        help=gettext("Kept in the journal."),
        value=given(request.POST, "reason", 1000),
    )
    faults: list[Context] = []
    if request.method == "POST":
        try:
            commands.undo_batch(actor=actor_of(person), batch=found, reason=field.value[:1000])
        except Refused as refused:
            faults = put_faults([field], refused.reasons, {"undoing_needs_reason": "reason"})
        else:
            messages.success(request, gettext("Undone. What was counted on earlier days can still be counted."))
            return see_other("office:batch", pk)
    stand = set(found.application_set.filter(undone_at__isnull=True).values_list("reference", flat=True))
    back = queries.standing_before(found, stand) if found.undone_at is None else []
    going = sorted(stand - {one.reference for one in back})
    context = {
        "section": "office",
        "words": words,
        "batch": view.batch_words(found, words),
        "going": going[:50],
        "going_count": len(going),
        "back": [one.reference for one in back[:50]],
        "back_count": len(back),
        "field": field,
        "faults": faults,
        "crumbs": _crumbs(words, found.source, gettext("Undo")),
    }
    return render(request, "office/importing/undo.html", context, status=422 if faults else 200)


@require_safe
@never_cache
@login_required
def received_file(request: HttpRequest, uid: str) -> HttpResponseBase:
    """A file that came with an imported application, to be saved."""
    found = queries.received_file_of(person_of(request), uid_or_404(uid))
    if found is None:
        raise Http404
    return sent(request, sha256=found.sha256, size=found.size_bytes, name=found.name)


# --- Shared -----------------------------------------------------------------------------------------------------------


def _at_desk(request: HttpRequest, slug: str) -> tuple[Person, CallWords]:
    person, words = person_of(request), CallWords.at(slug)
    if not may(person, READ_AT_DESK, About(words.call)):
        raise Http404("not at this desk")
    return person, words


def _found(request: HttpRequest, uid: str) -> tuple[Import, CallWords]:
    imported = queries.import_of(person_of(request), uid_or_404(uid))
    if imported is None:
        raise Http404
    return imported, CallWords(imported.call)


def _batch(request: HttpRequest, pk: int) -> tuple[ReceptionBatch, CallWords]:
    found = queries.batch_of(person_of(request), pk) if pk < 2**31 else None
    if found is None:
        raise Http404
    return found, CallWords(found.call)


def _crumbs(words: CallWords, *more: str) -> list[Context]:
    last = {"text": gettext("Imports")}
    return [
        {"text": gettext("Office"), "url": reverse("office:home")},
        {"text": gettext("Applications"), "url": reverse("office:dossiers")},
        {"text": words.title, "url": reverse("office:dossiers-call", args=[words.call.slug])},
        last | ({"url": reverse("office:import-start", args=[words.call.slug])} if more else {}),
        *({"text": shown(text)} for text in more),
    ]
