"""The outbox for the office: every mail with its state; one mail, and what may be done with it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from madang.apps.accounts.commands import actor_of
from madang.apps.accounts.models import Person
from madang.apps.outbox import commands, rules
from madang.apps.outbox.queries import counts, newest_first, templates_of
from madang.core.lifecycle import MAIL, check
from madang.kernel.commands import Refused
from madang.kernel.mail import MailBatch, MailEdit, OutgoingMail, State, in_state
from madang.kernel.permissions import may, visible_to
from madang.web.downloads import Cell, Sheet, csv_file, xlsx_file
from madang.web.enquiry_view import Context, Field, given, put_faults, uid_or_404
from madang.web.office import mail_view as view
from madang.web.office.enquiries_shared import FORMS, person_of, see_other
from madang.web.reasons import told

PAGE: Final = 50
MOST_SEARCHED: Final = 200
MOST_IN_A_FILE: Final = 20_000
MANY: Final = "-"
"""As `template` in an address: announcements, whose mails have no template."""
WORD_FAULTS: Final = {
    "mail_needs_subject": "subject",
    "mail_subject_is_one_line": "subject",
    "mail_needs_text": "text",
    "mail_text_too_long": "text",
}


@dataclass(frozen=True)
class Asked:
    """What the list was asked for, from the address; blank means everything. `batch`: the uid of an announcement."""

    q: str = ""
    state: str = ""
    template: str = ""
    call: str = ""
    batch: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        said = {name: request.GET.get(name, "").replace("\0", "").strip() for name in cls.__dataclass_fields__}
        said["state"] = said["state"] if said["state"] in set(State) else ""
        return cls(**{name: value[:MOST_SEARCHED] for name, value in said.items()})

    def rows(self, person: Person) -> QuerySet[OutgoingMail]:
        """The mails that fit and that the person may see, the newest first."""
        found = visible_to(person, rules.READ_MAIL, newest_first(OutgoingMail.objects.all()))
        found = in_state(found, self.state) if self.state else found
        found = found.filter(template=self.template.removeprefix(MANY)) if self.template else found
        found = found.filter(about=self.call) if self.call else found
        found = found.filter(batch__uid=self.batch) if self.batch else found
        for word in self.q.split():
            found = found.filter(Q(to__icontains=word) | Q(subject__icontains=word))
        return found

    def address(self, **more: str) -> str:
        said = {name: getattr(self, name) for name in self.__dataclass_fields__} | more
        query = urlencode({name: value for name, value in said.items() if value})
        return reverse("office:mails") + (f"?{query}" if query else "")

    def chips(self, calls: dict[str, str]) -> Iterator[Context]:
        """What is filtered, each with the list without it."""
        names = {
            "q": f"“{self.q}”",
            "state": str(view.STATES[State(self.state)]) if self.state else "",
            "template": str(view.KINDS.get(self.template.removeprefix(MANY), self.template)),
            "call": calls.get(self.call, self.call),
            "batch": gettext("One announcement"),
        }
        for name, text in names.items():
            if getattr(self, name):
                yield {"text": text, "without": replace(self, **{name: ""}).address()}


@never_cache
@require_safe
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """Mails, filtered by `q`, `state`, `template`, `call` and `batch`; `format=csv|xlsx` gives them as a file."""
    person = reading(request)
    asked, form = Asked.of(request), request.GET.get("format", "")
    if form and form not in FORMS:
        raise BadRequest("no such format")
    zone = ZoneInfo(person.zone)
    if form:
        return _file(asked, person, form, zone)
    mine = visible_to(person, rules.READ_MAIL, OutgoingMail.objects.all())
    slugs = mine.order_by().exclude(about="").values_list("about", flat=True).distinct()
    calls = {slug: view.title_of(call, slug) for slug, call in view.titles(slugs).items()}
    page = Paginator(asked.rows(person), PAGE).get_page(request.GET.get("page"))
    counted = counts(mine)
    context = {
        "section": "office",
        "asked": asked,
        "rows": view.rows_of(page.object_list, zone),
        "page": page,
        "before": asked.address(page=str(page.previous_page_number())) if page.has_previous() else "",
        "after": asked.address(page=str(page.next_page_number())) if page.has_next() else "",
        "chips": list(asked.chips(calls)),
        "states": list(view.STATES.items()),
        "kinds": sorted(((name or MANY, str(view.KINDS.get(name, name))) for name in templates_of(mine)), key=_second),
        "calls": sorted(calls.items(), key=_second),
        "tiles": [
            {"name": view.STATES[state], "value": counted[state], "url": Asked(state=state).address(), "tone": tone}
            for state, tone in view.TONES.items()
            if counted[state] or state in (State.WAITING, State.HELD, State.SENT)
        ],
        "files": [(form.upper(), asked.address(format=form)) for form in FORMS],
        "trouble": view.trouble(zone),
        "may_write": may(person, rules.HANDLE_MAIL),
        "crumbs": crumbs(),
    }
    return render(request, "office/mail_list.html", context)


def _second(pair: tuple[str, str]) -> str:
    return pair[1]


def _file(asked: Asked, person: Person, form: str, zone: ZoneInfo) -> HttpResponse:
    """The list with its filters, without any text of a mail."""
    header = [
        gettext("Posted"), gettext("Subject"), gettext("Kind"), gettext("To"), gettext("Call"), gettext("Language"),
        gettext("Reader's language"), gettext("State"), gettext("Sent"), gettext("Tries"), gettext("Last error"),
        gettext("What the server said"), gettext("Reason"), gettext("Address"),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [
            view.moment(one.posted_at, zone), one.subject, view.kind_of(one), one.to, one.about, one.language,
            one.own_language, str(view.STATES[one.state]), view.moment(one.sent_at, zone), one.attempts,
            one.last_error, one.bounce_status, view.why(one.reason), reverse("office:mail", args=[one.uid]),
        ]
        for one in asked.rows(person)[:MOST_IN_A_FILE]
    ]  # fmt: skip
    sheet = Sheet(gettext("Mail"), header, rows)
    return csv_file("mail", sheet) if form == "csv" else xlsx_file("mail", [sheet])


# --- One mail ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Act:
    """What may be done with one mail. `move`: of the lifecycle; `asks`: for a reason."""

    name: str
    move: str
    button: str | Promise
    title: str | Promise
    text: str | Promise
    done: str | Promise
    do: Callable[..., OutgoingMail]
    asks: bool = False


ACTS: Final = {
    one.name: one
    for one in (
        Act(
            "release",
            "release",
            _("Release it"),
            _("Release this mail?"),
            _("It goes to its reader at once, or at its hour where it has one. What has left cannot be called back."),
            _("The mail is released."),
            commands.release_mail,
        ),
        Act(
            "again",
            "send_again",
            _("Send it again"),
            _("Send this mail again?"),
            _("It is tried from the beginning, with the same words and the same Message-ID."),
            _("The mail is tried again."),
            commands.send_again,
        ),
        Act(
            "hold",
            "hold",
            _("Hold it back"),
            _("Hold this mail back?"),
            _("It stays here until somebody of the office releases or cancels it."),
            _("The mail is held."),
            commands.hold_mail,
            asks=True,
        ),
        Act(
            "cancel",
            "cancel",
            _("Cancel it"),
            _("Cancel this mail?"),
            _("It is never sent. That cannot be undone."),
            _("The mail is cancelled."),
            commands.cancel_mail,
            asks=True,
        ),
    )
}  # fmt: skip


@never_cache
@require_safe
@login_required
def one(request: HttpRequest, uid: str) -> HttpResponse:
    """One mail: its words as its reader gets them, what is known about it, what was done and can be done with it."""
    mail, person = found(request, uid), person_of(request)
    zone = ZoneInfo(person.zone)
    context = {
        "section": "office",
        "mail": mail,
        "badge": view.state_badge(mail),
        "facts": list(view.facts_of(mail, zone)),
        "earlier": [_before(one, zone) for one in mail.edits.order_by("-id")],
        "history": view.history_of(mail, zone),
        "acts": list(_acts(person, mail)),
        "crumbs": crumbs(gettext("One mail")),
    }  # fmt: skip
    return render(request, "office/mail_one.html", context)


def _before(edit: MailEdit, zone: ZoneInfo) -> Context:
    return {"when": view.moment(edit.at, zone), "subject": edit.subject, "text": edit.text}


def _acts(person: Person, mail: OutgoingMail) -> Iterator[Context]:
    """What this person may do with the mail as it is now."""
    if not may(person, rules.HANDLE_MAIL, mail):
        return
    if _possible(mail, "edit"):
        yield {"text": gettext("Change the text"), "url": reverse("office:mail-edit", args=[mail.uid])}
    for act in ACTS.values():
        if _possible(mail, act.move):
            yield {
                "text": act.button,
                "url": reverse("office:mail-act", args=[mail.uid, act.name]),
            }


def _possible(mail: OutgoingMail, move: str) -> bool:
    return not check(MAIL, move, mail.state, rules.facts_of(mail, reason="given later"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def act(request: HttpRequest, uid: str, act: str) -> HttpResponse:
    """Hold, release, cancel or send again: the page asks, the press does. POST: `reason`, where one is asked for."""
    mail, asked = to_handle(request, uid), ACTS.get(act)
    if asked is None:
        raise Http404("no such act")
    field = Field("reason", gettext("Reason"), "area", most=rules.LONGEST_REASON, rows=3, required=True)
    field.help = gettext("It stands at the mail for everybody who may see it; its reader does not get it.")
    faults: list[Context] = []
    if request.method == "POST":
        field.value = given(request.POST, "reason")
        more = {"reason": field.value} if asked.asks else {}
        try:
            asked.do(actor=actor_of(person_of(request)), mail=mail, **more)
        except Refused as refused:
            places = dict.fromkeys(
                ["mail_needs_reason", "mail_text_too_long", "mail_text_has_control", "mail_text_turns_direction"],
                "reason",
            )
            faults = put_faults([field] if asked.asks else [], refused.reasons, places)
        else:
            messages.success(request, str(asked.done))
            return see_other("office:mail", uid)
    against = check(MAIL, asked.move, mail.state, rules.facts_of(mail, reason="given later"))
    context = {
        "section": "office",
        "mail": mail,
        "badge": view.state_badge(mail),
        "act": asked,
        "field": field if asked.asks else None,
        "faults": faults,
        "against": told(Refused(against)) if against and not faults else [],
        "back": reverse("office:mail", args=[uid]),
        "crumbs": crumbs(mail_crumb(mail), str(asked.button)),
    }
    return render(request, "office/mail_act.html", context, status=422 if faults else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, uid: str) -> HttpResponse:
    """Change the words of a mail that has not left. POST: `subject`, `text`, and `seen`, how often it was changed."""
    mail = to_handle(request, uid)
    against = check(MAIL, "edit", mail.state, rules.facts_of(mail))
    fields = [
        Field("subject", gettext("Subject"), most=rules.LONGEST_SUBJECT, required=True, lang=mail.language),
        Field(
            "text",
            pgettext("mail", "Text"),
            "area",
            most=rules.LONGEST_TEXT,
            rows=16,
            required=True,
            lang=mail.language,
        ),
    ]
    fields[1].help = gettext("Plain text; write an address of a page on a line of its own. What it says now is kept.")
    faults: list[Context] = []
    seen = mail.edits.count()
    if request.method == "POST":
        for field in fields:
            field.value = given(request.POST, field.name, rules.LONGEST_TEXT + 10_000)
        read = request.POST.get("seen", "")
        try:
            commands.edit_mail(
                actor=actor_of(person_of(request)),
                mail=mail,
                subject=fields[0].value,
                text=fields[1].value,
                seen=int(read) if read.isascii() and read.isdigit() and len(read) < 6 else -1,
            )
        except Refused as refused:
            faults = put_faults(fields, refused.reasons, WORD_FAULTS)
        else:
            messages.success(request, gettext("The text is changed. This is how its reader gets it."))
            return see_other("office:mail", uid)
    elif not mail.is_secret:
        fields[0].value, fields[1].value = mail.subject, mail.text.rstrip("\n")
    context = {
        "section": "office",
        "mail": mail,
        "fields": fields,
        "faults": faults,
        "against": told(Refused(against)) if against and not faults else [],
        "seen": seen,
        "back": reverse("office:mail", args=[uid]),
        "crumbs": crumbs(mail_crumb(mail), gettext("Change the text")),
    }
    return render(request, "office/mail_edit.html", context, status=422 if faults else 200)


# --- Shared by the pages of the desk ----------------------------------------------------------------------------------


def reading(request: HttpRequest) -> Person:
    """Who reads at this desk; 404 for everybody else."""
    person = person_of(request)
    if not may(person, rules.READ_MAIL):
        raise Http404("not for this person")
    return person


def found(request: HttpRequest, uid: str) -> OutgoingMail:
    rows = visible_to(reading(request), rules.READ_MAIL, OutgoingMail.objects.select_related("batch"))
    return get_object_or_404(rows, uid=uid_or_404(uid))


def to_handle(request: HttpRequest, uid: str) -> OutgoingMail:
    """The mail, for whoever may do something with it; 404 for everybody else."""
    mail = found(request, uid)
    if not may(request.user, rules.HANDLE_MAIL, mail):
        raise Http404("reads here, and does nothing")
    return mail


def crumbs(*more: Context | str) -> list[Context]:
    first: list[Context] = [
        {"text": gettext("Office"), "url": reverse("office:home")},
        {"text": gettext("Mail"), "url": reverse("office:mails")},
    ]
    return first + [{"text": one} if isinstance(one, str) else one for one in more]


def mail_crumb(mail: OutgoingMail) -> Context:
    return {"text": gettext("One mail"), "url": reverse("office:mail", args=[mail.uid])}


def waiting_for(person: Any) -> int:
    """What somebody of the office has to look at: announcements and mails that are held, mails that have failed."""
    mails = visible_to(person, rules.HANDLE_MAIL, OutgoingMail.objects.all())
    held = in_state(mails, State.HELD).filter(batch__isnull=True).count() + in_state(mails, State.FAILED).count()
    return held + visible_to(person, rules.HANDLE_MAIL, MailBatch.objects.filter(state=State.HELD)).count()
