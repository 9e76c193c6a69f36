"""Announcements to many: written in every language of a call, read as each reader gets them, then released."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.calls.models import Call
from madang.apps.calls.queries import all_calls, current_definition
from madang.apps.outbox import commands, rules
from madang.apps.outbox.queries import counts, reach, seen_of, shares
from madang.core.lifecycle.mail import CANCELLED, HELD
from madang.kernel.clock import now
from madang.kernel.commands import Refused
from madang.kernel.mail import MailBatch, Reader, State, coming_back
from madang.kernel.permissions import may, visible_to
from madang.web.enquiry_view import Context, Field, given, put_faults, uid_or_404
from madang.web.office import mail_view as view
from madang.web.office.enquiries_shared import person_of, see_other
from madang.web.office.mail import Asked, crumbs, reading
from madang.web.office.mail_audiences import AUDIENCES, readers
from madang.web.reasons import told

PAGE: Final = 30
REASON_FAULTS: Final = dict.fromkeys(
    ["mail_needs_reason", "mail_text_too_long", "mail_text_has_control", "mail_text_turns_direction"], "reason"
)


@never_cache
@require_safe
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """Announcements of one's calls, the newest first."""
    person = reading(request)
    page = Paginator(visible_to(person, rules.READ_MAIL, MailBatch.objects.all()), PAGE).get_page(
        request.GET.get("page")
    )
    calls = view.titles(one.about for one in page)
    zone = ZoneInfo(person.zone)
    context = {
        "section": "office",
        "page": page,
        "rows": [
            {
                "url": reverse("office:mail-batch", args=[one.uid]),
                "title": title_of(one),
                "call": view.title_of(calls.get(one.about), one.about),
                "sample": one.about in calls and calls[one.about].is_sample,
                "badge": view.batch_badge(one),
                "readers": sum(share.readers for share in shares(one)),
                "when": view.moment(one.decided_at or one.made_at, zone),
            }
            for one in page
        ],
        "may_write": may(person, rules.HANDLE_MAIL),
        "crumbs": crumbs(gettext("Announcements")),
    }
    return render(request, "office/mail_batches.html", context)


def title_of(batch: MailBatch) -> str:
    """Its subject in the language that fits the reader of the page, else in the first that is written."""
    tags = [tag for tag in (view.reader().language, *batch.written, *batch.texts) if tag in batch.texts]
    return next(
        (batch.texts[tag]["subject"] for tag in tags if batch.texts[tag]["subject"]), gettext("Without subject")
    )


# --- Writing ----------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Choose a call (`call`) and its readers (`to`); then write, in each language of the call. POST makes it, held."""
    person = reading(request)
    if not may(person, rules.HANDLE_MAIL):
        raise Http404("reads here, and writes nothing")
    said = request.POST if request.method == "POST" else request.GET
    calls = _calls(person)
    call, name = calls.get(given(said, "call", 80)), given(said, "to", 20)
    if call is None or name not in AUDIENCES:
        return _choose(request, calls, call, name)
    people = readers(call, name)
    languages = current_definition(call).languages
    form = _Form(languages, ZoneInfo(person.zone), said if request.method == "POST" else None)
    if request.method == "POST" and not form.faults:
        try:
            batch = commands.write_batch(
                actor=actor_of(person), call=call, texts=form.texts, readers=people, not_before=form.not_before
            )
        except Refused as refused:
            form.put(refused)
        else:
            messages.success(
                request, gettext("The announcement is held. Read it as each reader gets it, then release it.")
            )
            return see_other("office:mail-batch", batch.uid)
    context = {
        "section": "office",
        "form": form,
        "hidden": [("call", call.slug), ("to", name)],
        "heading": gettext("Write an announcement"),
        "lead": _lead(call, name, people),
        "none": not people,
        "button": gettext("Keep it, held"),
        "back": reverse("office:mail-batch-new"),
        "crumbs": crumbs(_list_crumb(), gettext("Write an announcement")),
    }
    return render(request, "office/mail_batch_form.html", context, status=422 if form.faults else 200)


def _lead(call: Call, name: str, people: list[Reader]) -> str:
    counted = ngettext("%(n)s reader", "%(n)s readers", len(people)) % {"n": f"{len(people):,}"}
    return f"{view.title_of(call, call.slug)} · {AUDIENCES[name][0]} · {counted}"


def _calls(person: Person) -> dict[str, Call]:
    """Calls about which this person may write, the newest first."""
    found = list(all_calls())
    within = reach(person, rules.HANDLERS)
    return {call.slug: call for call in found if within.covers(call.slug)}


def _choose(request: HttpRequest, calls: Mapping[str, Call], call: Call | None, name: str) -> HttpResponse:
    posted = request.method == "POST"
    context = {
        "section": "office",
        "calls": [(slug, view.title_of(one, slug)) for slug, one in calls.items()],
        "call": call.slug if call else "",
        "audiences": [
            {"name": key, "text": text, "readers": len(readers(call, key)) if call else None, "chosen": key == name}
            for key, (text, _) in AUDIENCES.items()
        ],
        "faults": [{"text": gettext("Choose a call and its readers."), "field": "call"}] if posted else [],
        "crumbs": crumbs(_list_crumb(), gettext("Write an announcement")),
    }
    return render(request, "office/mail_batch_new.html", context, status=422 if posted else 200)


class _Form:
    """Subject and text in each language, and the hour before which nothing goes out (in the writer's zone)."""

    def __init__(
        self,
        languages: tuple[str, ...] | list[str],
        zone: ZoneInfo,
        said: Mapping[str, Any] | None,
        batch: MailBatch | None = None,
    ) -> None:
        tags = [*languages, *(tag for tag in (batch.texts if batch else {}) if tag not in languages)]
        self.zone = zone
        self.faults: list[Context] = []
        self.not_before: dt.datetime | None = None
        self.languages: list[Context] = []
        for tag in tags:
            subject = Field(f"subject-{tag}", gettext("Subject"), most=rules.LONGEST_SUBJECT, required=True, lang=tag)
            text = Field(
                f"text-{tag}",
                pgettext("mail", "Text"),
                "area",
                most=rules.LONGEST_TEXT,
                rows=12,
                required=True,
                lang=tag,
            )
            self.languages.append({"tag": tag, "name": view.language(tag), "fields": [subject, text]})
        self.when = Field("not_before", gettext("Not before"), "datetime-local")
        self.when.help = gettext("In your time zone (%(zone)s). Blank: as soon as it is released.") % {"zone": zone.key}
        if said is not None:
            self._read(said)
        elif batch is not None:
            for one in self.languages:
                words = batch.texts.get(one["tag"], {})
                one["fields"][0].value, one["fields"][1].value = words.get("subject", ""), words.get("text", "")
            self.when.value = f"{batch.not_before.astimezone(zone):%Y-%m-%dT%H:%M}" if batch.not_before else ""

    def _read(self, said: Mapping[str, Any]) -> None:
        for one in self.languages:
            for field in one["fields"]:
                field.value = given(said, field.name, rules.LONGEST_TEXT + 10_000)
        self.when.value = given(said, "not_before", 40).strip()
        if self.when.value:
            try:
                self.not_before = (
                    dt.datetime.fromisoformat(self.when.value).replace(tzinfo=self.zone).astimezone(dt.UTC)
                )
            except (ValueError, OverflowError):
                text = gettext("This is no day and hour. Write it as 2027-03-02T09:00.")
                self.when.errors.append(text)
                self.faults = [{"text": text, "field": self.when.id}]

    @property
    def texts(self) -> dict[str, dict[str, str]]:
        return {
            one["tag"]: {"subject": one["fields"][0].value, "text": one["fields"][1].value} for one in self.languages
        }

    def put(self, refused: Refused) -> None:
        fields = [field for one in self.languages for field in one["fields"]]
        first = fields[0].name if fields else ""
        self.faults = put_faults(
            fields, refused.reasons, {"batch_has_no_text": first, "mail_subject_is_one_line": first}
        )


# --- One announcement -------------------------------------------------------------------------------------------------


@never_cache
@require_safe
@login_required
def one(request: HttpRequest, uid: str) -> HttpResponse:
    """As each reader gets it: the words in each language with how many read them, and who gets which language."""
    batch, person = _found(request, uid), person_of(request)
    zone = ZoneInfo(person.zone)
    call = view.titles([batch.about]).get(batch.about)
    mails = batch.mails.all()
    counted = counts(mails)
    everybody = Asked(batch=batch.uid)
    handles = may(person, rules.HANDLE_MAIL, batch)
    context = {
        "section": "office",
        "batch": batch,
        "title": title_of(batch),
        "badge": view.batch_badge(batch),
        "call": {"title": view.title_of(call, batch.about), "sample": bool(call and call.is_sample)},
        "shares": view.share_rows(batch),
        "written": _written(batch),
        "lacking": [view.language(tag) for tag in batch.lacking],
        "counts": [
            {"name": view.STATES[state], "n": n, "url": Asked(batch=batch.uid, state=state).address()}
            for state, n in counted.items()
            if n
        ],
        "readers": everybody.address(),
        "back_from": len(coming_back(mails.values_list("to", flat=True))),
        "not_before": view.moment(batch.not_before, zone),
        "history": view.history_of(batch, zone),
        "may_edit": handles and batch.state == HELD,
        "may_release": handles and batch.state == HELD and not batch.lacking,
        "may_cancel": handles and batch.state != CANCELLED and (counted[State.HELD] or counted[State.WAITING]),
        "crumbs": crumbs(_list_crumb(), title_of(batch)),
    }
    return render(request, "office/mail_batch.html", context)


def _written(batch: MailBatch) -> list[Context]:
    """Each language in which it is written, with how many readers get it."""
    got: dict[str, int] = {}
    for share in shares(batch):
        got[share.language] = got.get(share.language, 0) + share.readers
    return [
        {"tag": tag, "name": view.language(tag), "readers": got.get(tag, 0), **batch.texts[tag]}
        for tag in batch.written
    ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, uid: str) -> HttpResponse:
    """Other words for an announcement that is held. POST takes the words and `seen`, the state that was read."""
    batch, person = _to_handle(request, uid), person_of(request)
    posted = request.method == "POST"
    form = _Form(batch.languages, ZoneInfo(person.zone), request.POST if posted else None, batch)
    if posted and not form.faults:
        try:
            commands.edit_batch(
                actor=actor_of(person),
                batch=batch,
                texts=form.texts,
                not_before=form.not_before,
                seen=given(request.POST, "seen", 40),
            )
        except Refused as refused:
            form.put(refused)
        else:
            messages.success(request, gettext("The announcement is changed. This is how each reader gets it."))
            return see_other("office:mail-batch", uid)
    call = view.titles([batch.about]).get(batch.about)
    count = sum(share.readers for share in shares(batch))
    counted = ngettext("%(n)s reader", "%(n)s readers", count) % {"n": f"{count:,}"}
    context = {
        "section": "office",
        "form": form,
        "hidden": [("seen", seen_of(batch))],
        "heading": gettext("Change the announcement"),
        "lead": f"{view.title_of(call, batch.about)} · {counted}",
        "button": gettext("Save the text"),
        "back": reverse("office:mail-batch", args=[uid]),
        "crumbs": crumbs(_list_crumb(), _crumb(batch), gettext("Change the text")),
    }
    return render(request, "office/mail_batch_form.html", context, status=422 if form.faults else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def act(request: HttpRequest, uid: str, act: str) -> HttpResponse:
    """Release an announcement, with its numbers once more, or cancel it with a reason. POST: `seen`, or `reason`."""
    batch, person = _to_handle(request, uid), person_of(request)
    if act not in ("release", "cancel"):
        raise Http404("no such act")
    field = Field("reason", gettext("Reason"), "area", most=rules.LONGEST_REASON, rows=3, required=True)
    field.value = given(request.POST, "reason")
    faults: list[Context] = []
    if request.method == "POST":
        try:
            if act == "release":
                commands.release_batch(actor=actor_of(person), batch=batch, seen=given(request.POST, "seen", 40))
            else:
                commands.cancel_batch(actor=actor_of(person), batch=batch, reason=field.value)
        except Refused as refused:
            faults = put_faults([field] if act == "cancel" else [], refused.reasons, REASON_FAULTS)
        else:
            done = gettext("The announcement is released.") if act == "release" else gettext("It is cancelled.")
            messages.success(request, done)
            return see_other("office:mail-batch", uid)
        batch.refresh_from_db()
    counted = counts(batch.mails.all())
    zone = ZoneInfo(person.zone)
    later = bool(batch.not_before and batch.not_before > now())
    context = {
        "section": "office",
        "batch": batch,
        "title": title_of(batch),
        "releasing": act == "release",
        "going": counted[State.HELD],
        "waiting": counted[State.HELD] + counted[State.WAITING],
        "gone": counted[State.SENT] + counted[State.BOUNCED],
        "left_out": counted[State.CANCELLED],
        "back_from": len(coming_back(batch.mails.values_list("to", flat=True))),
        "shares": view.share_rows(batch),
        "not_before": view.moment(batch.not_before, zone) if later else "",
        "seen": seen_of(batch),
        "field": field,
        "faults": faults,
        "against": told(Refused(commands.against_release(batch))) if act == "release" and not faults else [],
        "back": reverse("office:mail-batch", args=[uid]),
        "crumbs": crumbs(
            _list_crumb(), _crumb(batch), gettext("Release it") if act == "release" else gettext("Cancel it")
        ),
    }
    return render(request, "office/mail_batch_act.html", context, status=422 if faults else 200)


def _found(request: HttpRequest, uid: str) -> MailBatch:
    rows = visible_to(reading(request), rules.READ_MAIL, MailBatch.objects.all())
    return get_object_or_404(rows, uid=uid_or_404(uid))


def _to_handle(request: HttpRequest, uid: str) -> MailBatch:
    batch = _found(request, uid)
    if not may(request.user, rules.HANDLE_MAIL, batch):
        raise Http404("reads here, and does nothing")
    return batch


def _list_crumb() -> Context:
    return {"text": gettext("Announcements"), "url": reverse("office:mail-batches")}


def _crumb(batch: MailBatch) -> Context:
    return {"text": title_of(batch), "url": reverse("office:mail-batch", args=[batch.uid])}
