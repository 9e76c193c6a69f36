"""What the pages around questions share: a call's words, states, moments, fields of forms, and their faults."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy

from madang.apps.calls.models import Call, DefinitionVersion
from madang.apps.calls.queries import all_calls, current_definition, definition_of, state_of
from madang.apps.enquiries.models import Briefing, Contact, Enquiry, PublicAnswer
from madang.core.callspec import Definition
from madang.core.lifecycle.call import CLOSED, OPEN, PUBLISHED
from madang.core.lifecycle.enquiry import ANSWERED, ASKED
from madang.core.lifecycle.enquiry import CLOSED as ENDED
from madang.core.reasons import Reason
from madang.kernel.clock import now
from madang.papers.wording import Wording
from madang.web.public.call_view import reader
from madang.words import say

STATES: Final = {
    ASKED: pgettext_lazy("question", "Waits for an answer"),
    ANSWERED: pgettext_lazy("question", "Answered"),
    ENDED: pgettext_lazy("question", "Closed"),
}
TONES: Final = {ASKED: "wait", ANSWERED: "done", ENDED: "closed"}

Context = dict[str, Any]


class CallWords:
    """A published call in the reader's language. One statement, for its definition, unless that is given."""

    def __init__(self, call: Call, definition: Definition | None = None) -> None:
        self.call = call
        self.definition = definition or current_definition(call)
        self.wording: Wording = reader()

    @classmethod
    def at(cls, slug: str) -> "CallWords":
        """The published call of this address, or 404."""
        return cls(get_object_or_404(all_calls(), slug=slug))

    @property
    def title(self) -> str:
        return self.wording.of(self.call.title)

    @property
    def url(self) -> str:
        return reverse("public:call", args=[self.call.slug])

    @property
    def takes_questions(self) -> bool:
        return state_of(self.call) in (PUBLISHED, OPEN, CLOSED)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.definition.schedule.zone)

    @property
    def zone_name(self) -> str:
        return self.wording.zone(self.zone.key)

    @cached_property
    def tracks(self) -> dict[str, str]:
        """id -> title, in the call's order."""
        return {track.id: self.wording.of(track.title) for track in self.definition.tracks}

    def track(self, name: str) -> str:
        """A track's title; blank for none."""
        return self.tracks.get(name, name)

    @cached_property
    def languages(self) -> dict[str, str]:
        """The languages of the call: tag -> name for the reader."""
        return {tag: language_name(tag, self.wording) for tag in self.definition.languages}

    def spoken(self, at: dt.datetime) -> str:
        """A moment in the call's zone: `Monday 3 January 2022 09:00`."""
        return self.wording.day(f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}")

    def crumbs(self, *more: str) -> list[Context]:
        first = [{"text": gettext("Calls"), "url": reverse("public:calls")}, {"text": self.title, "url": self.url}]
        return [*first, *({"text": text} for text in more)]


def words_of(calls: Iterable[Call]) -> dict[int, CallWords]:
    """The same for many calls, by their keys. One statement."""
    by_key = {call.pk: call for call in calls}
    versions = DefinitionVersion.objects.filter(call__in=by_key).order_by("number")
    current = {version.call_id: version for version in versions}  # of equal calls the last one stays
    return {key: CallWords(by_key[key], definition_of(version)) for key, version in current.items()}


def language_name(tag: str, wording: Wording) -> str:
    try:
        return str(Locale.parse(tag, sep="-").get_display_name(wording.locale)).capitalize() or tag
    except (UnknownLocaleError, ValueError):
        return tag


def uid_or_404(uid: str) -> str:
    """A name as our addresses have it; anything else (a NUL that a database would choke on) is 404."""
    if not (uid.isascii() and uid.isalnum()):
        raise Http404("no such name")
    return uid


# --- Things as pages show them ----------------------------------------------------------------------------------------


def state_badge(enquiry: Enquiry) -> Context:
    return {"text": str(STATES[enquiry.state]), "tone": TONES[enquiry.state]}


def age(since: dt.datetime) -> str:
    """How long ago: hours on the first day, then days."""
    passed = max(now() - since, dt.timedelta())
    if passed < dt.timedelta(days=1):
        hours = passed.seconds // 3600
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours} if hours else gettext("under an hour")
    return ngettext("%(n)s day", "%(n)s days", passed.days) % {"n": passed.days}


def thread(enquiry: Enquiry, words: CallWords, *, for_office: bool) -> list[Context]:
    """Every message, the first question first. Two statements. The asker is not told who of the office writes."""
    first = {"mine": not for_office, "office": False, "who": enquiry.asker.shown, "text": enquiry.question}
    said = [first | _when(words, enquiry.asked_at)]
    for one in enquiry.replies.select_related("by").order_by("pk"):
        who = one.by.shown if for_office or not one.by_office else gettext("The call's office")
        mine = one.by_office == for_office
        said.append({"mine": mine, "office": one.by_office, "who": who, "text": one.text} | _when(words, one.at))
    return said


def _when(words: CallWords, at: dt.datetime) -> Context:
    return {"when": words.spoken(at), "datetime": at.isoformat(timespec="seconds")}


def answer_words(answer: PublicAnswer, words: CallWords) -> Context:
    """One answer to all, in the reader's language or the first there is."""
    there = [tag for tag in (words.wording.language, "en", *answer.question) if tag in answer.question]
    shown = there[0]
    return {
        "number": answer.number,
        "id": f"answer-{answer.number}",
        "track": words.track(answer.track) if answer.track else "",
        "question": answer.question.get(shown, ""),
        "answer": answer.answer.get(shown, ""),
        "language": shown,
        "sha256": answer.sha256,
        "url": f"{reverse('public:questions', args=[words.call.slug])}#answer-{answer.number}",
        **_when(words, answer.published_at),
    }


def contact_words(contact: Contact, words: CallWords) -> Context:
    return {
        "name": words.wording.of(contact.name),
        "track": words.track(contact.track) if contact.track else gettext("All types"),
        "email": contact.email,
        "phone": contact.phone,
        "tel": "".join(c for c in contact.phone if c.isdigit() or c == "+"),
        "hours": words.wording.of(contact.hours),
        "sample": contact.is_sample,
    }


def briefing_words(briefing: Briefing, words: CallWords) -> Context:
    begins, ends = briefing.begins_at.astimezone(words.zone), briefing.ends_at.astimezone(words.zone)
    until = f"{ends:%H:%M}" if ends.date() == begins.date() else words.spoken(ends)
    place = words.wording.of(briefing.place)
    kinds = {
        (True, True): gettext("On site and online"),
        (True, False): gettext("On site"),
        (False, True): gettext("Online"),
    }
    return {
        "uid": briefing.uid,
        "title": words.wording.of(briefing.title) or gettext("Briefing session"),
        "when": f"{words.spoken(begins)} – {until}",
        "datetime": begins.isoformat(timespec="minutes"),
        "zone": words.zone_name,
        "utc": f"= {begins.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC",
        "place": place,
        "kind": kinds[bool(place), bool(briefing.link) or not place],
        "language": language_name(briefing.language, words.wording) if briefing.language else "",
        "seats": briefing.seats,
        "sample": briefing.is_sample,
        "cancelled": briefing.cancelled_at is not None,
        "begun": briefing.begins_at <= now(),
        "url": reverse("applicant:briefing", args=[words.call.slug, briefing.uid]),
        "calendar": reverse("applicant:briefing-calendar", args=[words.call.slug, briefing.uid]),
    }


# --- Forms ------------------------------------------------------------------------------------------------------------


@dataclass
class Field:
    """One field of a form, as `public/enquiries/_field.html` draws it. `kind`: an input's type, `area` or `select`."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    help: str = ""
    most: int | None = None
    rows: int = 8
    required: bool = False
    lang: str = ""
    options: Iterable[tuple[str, str]] = ()
    errors: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"f-{self.name}"


def field_named(fields: Iterable[Field], name: str) -> Field | None:
    return next((one for one in fields if one.name == name), None)


def put_faults(fields: list[Field], reasons: Iterable[Reason], places: Mapping[str, str]) -> list[Context]:
    """Each reason beside its field, and the summary that stands above the form: {"text", "field" id or blank}.

    `places` maps a code to the name of its field; `{language}` in it is the reason's language.
    """
    summary = []
    for reason in reasons:
        params = dict(reason.params)
        text = say(_in_words(reason), reader().language)
        place = places.get(reason.code, "").format(**{k: v for k, v in params.items() if isinstance(v, str)})
        found = field_named(fields, place)
        if found:
            found.errors.append(text)
        summary.append({"text": text, "field": found.id if found else ""})
    return summary


def _in_words(reason: Reason) -> Reason:
    tag = reason.params.get("language")
    if not isinstance(tag, str):
        return reason
    return Reason(reason.code, {**reason.params, "language": language_name(tag, reader())})


def spoken_reason(reason: Reason) -> str:
    return say(_in_words(reason), reader().language)


def given(data: Mapping[str, Any], name: str, most: int = 20_000) -> str:
    """A field of a form as text; what no form of ours would send (far too long) is cut beyond every limit of ours."""
    value = data.get(name, "")
    return value[: most + 1] if isinstance(value, str) else ""


def turn_names() -> dict[str, str]:
    return {"office": pgettext("turn", "The office"), "asker": pgettext("turn", "The asker")}
