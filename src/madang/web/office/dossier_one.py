"""What was handed in, for the office: the form as the call has it, its files, translations and revisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.db.models import Q
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from madang.apps.accounts.models import Person
from madang.apps.applications import queries
from madang.apps.applications.models import Application, Dossier, Draft, DraftMember, Filing
from madang.apps.calls.queries import definition_of
from madang.apps.enquiries.models import Enquiry
from madang.apps.enquiries.rules import READ_AT_DESK
from madang.apps.outbox.rules import READ_MAIL
from madang.apps.review.models import AssignedCase
from madang.apps.review.queries import assignments_of
from madang.core.callspec import Definition
from madang.core.callspec.asked import RowsField
from madang.core.form import FormState, review
from madang.core.form.filed import entered_of
from madang.core.form.keys import Keys
from madang.core.record.numbers import receipt_number
from madang.kernel.journal import JournalEntry
from madang.kernel.mail import OutgoingMail
from madang.kernel.permissions import visible_to
from madang.papers.application_paper import About, answered
from madang.papers.classifications import country_label
from madang.papers.describe.form_words import FormWords
from madang.web.applicant.filed_view import LIVES
from madang.web.applicant.form_view import language, language_name, moment_of
from madang.web.applicant.preview import file_name
from madang.web.office.dossier_lists import kind_name
from madang.web.office.dossier_shared import Page
from madang.web.office.mail_view import STATES as MAIL_STATES
from madang.web.public.blocks import drawn

Context = dict[str, Any]


def handed_in(page: Page) -> Context:
    """The form with everything that stands in it, and its files: of the filing, or of the row of a batch."""
    one = page.application
    filing = queries.filing_of_draft(one.filing.draft, one.filing.revision) if one.filing else None
    return _filed(page, filing) if filing is not None else _imported(page, one)


def _filed(page: Page, filing: Filing) -> Context:
    form, definition = filing.content, definition_of(filing.version)
    state = queries.filed_state(filing, form)
    names: dict[str, list[str]] = {}
    for one in form["files"]:
        names.setdefault(one["key"], []).append(file_name(one["name"], one.get("handed_by", "")))
    translations: dict[str, list[tuple[str, str, bool]]] = {}
    for one in form["translations"]:
        told = language_name(one["language"]), one["text"], one["origin"] == "machine"
        translations.setdefault(one["key"], []).append(told)
    about = _about(page, state, form["language"], names, translations)
    return {
        "blocks": drawn(answered(definition, state, about, language()), "form", level=2),
        "files": files_of(page, filing, definition),
        "language": language_name(form["language"]),
        "others": [],
    }


def _imported(page: Page, one: Application) -> Context:
    """A row of a batch: what the call's form has a place for is read as the form has it, the rest as it came."""
    definition = page.words.definition
    asked = {field.id: field for field in definition.fields()}
    fits = {key: value for key, value in one.answers.items() if key in asked and _fits(asked[key], value)}
    cells = ("role", "name", "kind", "country")
    form = {
        "answers": fits,
        "members": [{key: member.get(key) for key in cells} for member in one.members if isinstance(member, dict)],
        "files": [],
        "track": one.track,
        "applicant": {
            "name": one.applicant_name,
            "organisation": one.organisation,
            "kind": one.kind,
            "country": one.country,
        },
    }
    state = review(definition, entered_of(definition, form))
    shown = {key for key, place in state.places.items() if place.shown}
    rest = {key: value for key, value in one.answers.items() if key not in fits or key not in shown}
    words = FormWords(definition, language())
    others = [
        {"name": words.w.of(dict(asked[key].label)) if key in asked else key, "value": _plain(value)}
        for key, value in rest.items()
    ]
    about = _about(page, state, "", {}, {})
    blocks = drawn(answered(definition, state, about, language()), "form", level=2)
    return {"blocks": blocks, "files": _received(one, definition), "language": "", "others": others}


def _received(one: Application, definition: Definition) -> list[Context]:
    """The files that came with a row of a batch. One statement."""
    words, named = FormWords(definition, language()), Keys(definition).named
    return [
        {
            "place": words.w.of(at.asked.label) if (at := named(file.key)) and at.asked is not None else file.key,
            "name": file.name,
            "partner": "",
            "size": filesizeformat(file.size_bytes),
            "sha256": file.sha256,
            "url": reverse("office:received-file", args=[file.uid]),
            "view": "",
        }
        for file in one.received_files.order_by("key", "pk")
    ]


def _fits(field: Any, value: Any) -> bool:
    """Whether an answer of a sheet has the shape that the form reads."""
    if isinstance(field, RowsField):
        return isinstance(value, list) and all(isinstance(row, dict) for row in value)
    if isinstance(value, list):
        return all(isinstance(part, str) for part in value)
    return isinstance(value, str | int | bool) and field.type != "file"


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_plain(part)}" for key, part in value.items())
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _about(
    page: Page,
    state: FormState,
    written_in: str,
    files: Mapping[str, Sequence[str]],
    translations: Mapping[str, Sequence[tuple[str, str, bool]]],
) -> About:
    one = page.application
    return About(
        uid=page.dossier.uid,
        revision=one.filing.revision if one.filing else 0,
        applicant=one.applicant_name,
        track=state.track,
        language=language_name(written_in) if written_in else "",
        saved="",
        made=one.received_at.isoformat(),
        sample=one.is_sample,
        filed=page.dossier.reference,
        files=files,
        translations=translations,
    )


def files_of(page: Page, filing: Filing, definition: Definition) -> list[Context]:
    """The files of a filed revision, each at its place of the form, with the address of this desk."""
    words, named = FormWords(definition, language()), Keys(definition).named
    return [
        {
            "place": words.w.of(at.asked.label) if (at := named(one["key"])) and at.asked is not None else one["key"],
            "name": one["name"],
            "partner": one.get("handed_by", ""),
            "size": filesizeformat(one["size_bytes"]),
            "sha256": one["sha256"],
            "url": reverse("office:dossier-file", args=[page.dossier.uid, filing.revision, number]),
            "view": reverse("office:dossier-file-view", args=[page.dossier.uid, filing.revision, number])
            if one["format"] == "pdf"
            else "",
        }
        for number, one in enumerate(filing.content["files"], 1)
    ]


# --- Around it --------------------------------------------------------------------------------------------------------


def who(page: Page) -> list[Context]:
    """Who applies, for what, since when: names and values."""
    one, words = page.application, page.words
    facts = [
        (gettext("Applicant"), one.applicant_name),
        (gettext("Kind"), kind_name(one.kind, words.wording.language)),
        (gettext("Country"), country_label(one.country, words.wording.language) if one.country else ""),
        (gettext("Type"), words.track(one.track) if len(words.tracks) > 1 else ""),
        (pgettext("application", "Received"), received(page, one)),
        (gettext("Source"), _source(page, one)),
    ]
    return [{"name": name, "value": value} for name, value in facts if value]


def received(page: Page, one: Application) -> str:
    """The moment that counts; of a batch as it was handed in."""
    zone, person = page.words.definition.schedule.zone, page.person
    if one.filing_id:
        return str(moment_of(one.received_at, zone, person)["line"])
    return page.words.wording.day(one.received) if one.received else gettext("not given")


def _source(page: Page, one: Application) -> str:
    if one.batch is None:
        return gettext("Filed here")
    day = page.words.wording.day(f"{one.batch.imported_at.astimezone(page.words.zone):%Y-%m-%d}")
    return gettext("Imported on %(day)s from “%(source)s”") % {"day": day, "source": one.batch.source}


def revisions(page: Page, draft: Draft) -> list[Context]:
    """Every filed revision, the newest first: receipt, arrival, hash, and whether it counts. One statement."""
    zone = page.words.definition.schedule.zone
    lives = queries.lives_of(draft)
    found = []
    for place, life in enumerate(lives):
        number = receipt_number(draft.number or "", life.filing.revision)
        text, tone = LIVES[life.state]
        before = lives[place + 1].filing.revision if place + 1 < len(lives) else 0
        differs = f"{reverse('office:dossier-changes', args=[page.dossier.uid])}?of={before}&and={life.filing.revision}"
        found.append(
            {
                "revision": life.filing.revision,
                "number": number,
                "verify": reverse("public:receipt", args=[number]),
                "arrived": moment_of(life.filing.arrived_at, zone, page.person),
                "until": moment_of(life.until, zone, page.person) if life.until else None,
                "sha256": life.filing.form_sha256,
                "text": text,
                "tone": tone,
                "differs": differs if before else "",
            }
        )
    return found


def withdrawal(page: Page, draft: Draft) -> Context | None:
    """When it was withdrawn and why, where it does not count."""
    if page.stands or draft.withdrawn_at is None:
        return None
    zone = page.words.definition.schedule.zone
    return {"at": moment_of(draft.withdrawn_at, zone, page.person), "reason": draft.withdrawn_reason}


def questions(page: Page) -> list[Context]:
    """What this applicant's organisation asked about the call, as far as this person reads it. One statement."""
    if not page.application.organisation:
        return []
    asked = Enquiry.objects.filter(call=page.dossier.call, organisation__uid=page.application.organisation)
    rows = visible_to(page.person, READ_AT_DESK, asked).order_by("-asked_at")[:20]
    return [
        {
            "text": one.question,
            "lang": one.language,
            "url": reverse("office:enquiry", args=[one.uid]),
            "at": page.words.spoken(one.asked_at),
        }
        for one in rows
    ]


def mails(page: Page, draft: Draft | None) -> list[Context]:
    """Mails to those who write in this application that name its number or lead to it, as far as this person reads
    them. One statement.
    """
    if draft is None:
        return []
    names = Q(text__contains=draft.uid) | Q(text__contains=draft.number or draft.uid)
    writers = DraftMember.objects.filter(draft=draft).values("person__email")
    rows = OutgoingMail.objects.filter(names, about=page.dossier.call.slug, to__in=writers, is_secret=False)
    found = visible_to(page.person, READ_MAIL, rows).order_by("-pk")[:20]
    return [
        {
            "subject": one.subject,
            "to": one.to,
            "state": str(MAIL_STATES[one.state]),
            "at": page.words.spoken(one.sent_at or one.posted_at),
            "url": reverse("office:mail", args=[one.uid]),
        }
        for one in found
    ]


# --- What happened ----------------------------------------------------------------------------------------------------

STEPS: Final[dict[str, str | Promise]] = {
    "review.pass_review": _("The review was passed"),
    "review.exclude": _("It was excluded"),
    "review.reopen": _("The review was opened again"),
}
"""Commands about a dossier whose journal rows the history tells; whoever adds a command adds its words."""
ENDS: Final[dict[str, str | Promise]] = {
    "answered": _("The supplement was answered"),
    "expired": _("The supplement was not answered in time"),
    "cancelled": _("The supplement was taken back"),
}


def history(page: Page, draft: Draft | None) -> list[Context]:
    """What happened to it, the newest first: presses, who handled it, what the journal says of the dossier. What the
    applicant did in the draft between two presses is not told. Eight statements at most.
    """
    told: list[tuple[Any, str, str]] = []
    if draft is not None:
        for one in draft.filings.select_related("by").defer("form", "receipt").order_by("-revision"):
            said = gettext("Filed as revision %(n)s") % {"n": one.revision}
            told.append((one.arrived_at, said, one.by.shown))
        if draft.withdrawn_at is not None and not page.stands:
            told.append((draft.withdrawn_at, gettext("Withdrawn by the applicant"), ""))
    elif page.application.batch is not None:
        told.append((page.application.batch.imported_at, gettext("Imported"), ""))
        if page.application.undone_at is not None:
            told.append((page.application.undone_at, gettext("The import was undone"), ""))
    for case in assignments_of(page.dossier):
        told.append((case.assignment.at, _assigned(case), case.assignment.by.shown))
    told += [*_journal(page), *_reviewed(page.dossier)]
    told.sort(key=lambda line: line[0], reverse=True)
    return [{"at": page.words.spoken(at), "datetime": at.isoformat(), "text": text, "by": by} for at, text, by in told]


def _assigned(case: AssignedCase) -> str:
    names = {
        "from": case.before.shown if case.before else gettext("nobody"),
        "to": case.after.shown if case.after else gettext("nobody"),
        "reason": case.assignment.reason,
    }
    if case.assignment.undoes_id:
        return gettext("An assignment was taken back: %(to)s handles it again") % names
    said = gettext("Handled by %(to)s (before: %(from)s)") % names
    return gettext("%(what)s: “%(reason)s”") % {"what": said, "reason": names["reason"]} if names["reason"] else said


def _reviewed(dossier: Dossier) -> Iterator[tuple[Any, str, str]]:
    """What was judged, asked of others and of the applicant, and written. Four statements."""
    for verdict in dossier.verdicts.select_related("by"):
        second = gettext("A second person judged an item of the checklist")
        first = gettext("An item of the checklist was judged")
        yield verdict.at, second if verdict.confirms_id else first, verdict.by.shown
    for result in dossier.outside_results.select_related("by"):
        yield result.at, gettext("The result of an outside check was entered"), result.by.shown
    for asked in dossier.supplements.select_related("asked_by", "ended_by"):
        yield asked.asked_at, gettext("A supplement was asked for"), asked.asked_by.shown
        if asked.ended_at is not None and asked.state in ENDS:
            yield asked.ended_at, str(ENDS[asked.state]), asked.ended_by.shown if asked.ended_by else ""
    for letter in dossier.letters.select_related("entered_by"):
        yield letter.entered_at, gettext("An official letter was entered"), letter.entered_by.shown


def _journal(page: Page) -> list[tuple[Any, str, str]]:
    rows = JournalEntry.objects.filter(
        object_kind__in=["applications.dossier", "review.handling"],
        object_id=str(page.dossier.pk),
        command__in=list(STEPS),
    )
    entries = list(rows.order_by("-id")[:100])
    people = Person.objects.in_bulk({one.actor_id for one in entries if one.actor_kind == "person"}, field_name="uid")
    return [
        (one.at, str(STEPS[one.command]), people[one.actor_id].shown if one.actor_id in people else one.actor_label)
        for one in entries
    ]
