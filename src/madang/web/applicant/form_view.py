"""A draft on screen: its form step by step, what is still missing, when it must be there, who writes in it.

`FormView` reads the database once (a fixed number of statements, however long the form) and is then asked for
contexts: the whole page, or what changed after a save.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from django.http import Http404, HttpRequest
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.timesince import timeuntil
from django.utils.translation import get_language, gettext, ngettext

from madang.apps.accounts.models import Person
from madang.apps.applications import queries, rules
from madang.apps.applications.models import Draft, DraftFile
from madang.apps.calls.queries import definition_of, state_of
from madang.core.callspec import Definition
from madang.core.callspec.asked import MoneyField
from madang.core.form import review
from madang.core.form.model import FormState, Step
from madang.core.lifecycle.call import CLOSED, OPEN, PUBLISHED
from madang.core.lifecycle.draft import WRITABLE
from madang.kernel.clock import now
from madang.kernel.permissions import may
from madang.kernel.translators import translator
from madang.papers.classifications import country_label
from madang.web.applicant.place_view import Beside, Context, Places, Stood
from madang.web.applicant.upload_words import for_script
from madang.words import money, say

TAKEN: Final = frozenset(
    {"save", "changes", "people", "partners", "files", "discard", "restore", "resolve", "file", "receipts", "revise"}
    | {"supplement", "keep", "withdraw", "resume", "uploads", "late"}
)
"""Words of our own addresses below a draft's: a step of such a name carries `s-` in its address."""


def draft_of(person: Any, uid: str) -> Draft:
    """The draft, where this person may read it; 404 otherwise: whether it exists is nobody else's business."""
    draft = queries.draft_of(person, uid)
    if draft is None:
        raise Http404
    return draft


def person_of(request: HttpRequest) -> Person:
    """Whoever is signed in (a view asks for that first)."""
    assert isinstance(request.user, Person)
    return request.user


def language() -> str:
    """The reader's language, of those of the house."""
    return "ko" if get_language() == "ko" else "en"


def step_address(uid: str, step: str, key: str = "") -> str:
    """Where a step stands, and a place in it."""
    part = f"s-{step}" if step in TAKEN else step
    return reverse("applicant:step", args=[uid, part]) + (f"#p-{key}" if key else "")


def language_name(code: str) -> str:
    """`vi` -> `Vietnamese`, in the reader's language; the code where nobody has a name for it."""
    try:
        return str(Locale.parse(code, sep="-").get_display_name(language()) or code)
    except (UnknownLocaleError, ValueError):
        return code


_GIVEN: Final = ("applicant.kind", "applicant.country")
"""What the organisation says of itself: shown, not asked."""


class _About:
    """What stands beside the places of a draft, read when a place is drawn: after a save, none is."""

    def __init__(self, view: FormView) -> None:
        self._view, self._held = view, view.held

    @cached_property
    def _names(self) -> dict[int, str]:
        """What the people are called who wrote here. No statement where nobody but the reader did."""
        reader = self._view.person
        ids = {one.by for one in self._held.entries.values()}
        ids |= {one.by_id for one in self._held.files}
        others = Person.objects.in_bulk(ids - {reader.pk}) if ids - {reader.pk} else {}
        return {reader.pk: reader.shown, **{pk: one.shown for pk, one in others.items()}}

    @cached_property
    def _partners(self) -> dict[int, str]:
        """What the partners are called who handed something over. No statement where none did."""
        ids = {one.handed_by_id for one in self._held.files if one.handed_by_id}
        return queries.partners_of(ids) if ids else {}

    def _giver(self, file: DraftFile) -> str:
        """Who put a file here, in words."""
        if file.handed_by_id is None:
            return self._names[file.by_id]
        return gettext("handed over by %(name)s (partner)") % {"name": self._partners[file.handed_by_id]}

    @cached_property
    def entries(self) -> dict[str, Stood]:
        return {
            key: Stood(revision=one.revision, by=self._names[one.by], at=one.at, language=one.language)
            for key, one in self._held.entries.items()
        }

    @cached_property
    def files(self) -> dict[str, list[Context]]:
        """Every file by its place; of the removed ones those of the last hour, which can still be brought back."""
        found: dict[str, list[Context]] = defaultdict(list)
        recent = self._view.moment - dt.timedelta(hours=1)
        for one in self._held.files:
            if one.removed_at and one.removed_at < recent:
                continue
            found[one.key].append(
                {
                    "uid": one.uid,
                    "name": one.name,
                    "size": filesizeformat(one.size_bytes),
                    "format": one.format.upper(),
                    "by": self._giver(one),
                    "partner": self._partners.get(one.handed_by_id or 0, ""),
                    "at": self._view.when(one.at),
                    "removed": one.removed_at is not None,
                    "url": reverse("applicant:file", args=[self._view.draft.uid, one.uid]),
                    "view": reverse("applicant:file-view", args=[self._view.draft.uid, one.uid])
                    if one.format == "pdf"
                    else "",
                }
            )
        return found

    @cached_property
    def translations(self) -> dict[str, list[Context]]:
        """For every text that stands somewhere: each other language of the call, with its translation or without."""
        view, entries = self._view, self._held.entries
        languages = {view.draft.language, *(one.language for one in entries.values())} - {""}
        if languages == {view.draft.language} >= {*view.definition.languages}:
            return {}
        revisions = {key: one.revision for key, one in entries.items()}
        known = {
            (one.translation.key, one.translation.language): one
            for one in queries.translations_of(view.draft, revisions)
        }
        texts = {
            key for key, place in view.state.places.items() if getattr(place.field, "type", "") in ("text", "long_text")
        }
        found: dict[str, list[Context]] = {}
        for key in texts:
            stood = entries.get(key)
            written = (stood.language if stood else "") or view.draft.language
            lines = []
            for code in view.definition.languages:
                if code == written:
                    continue
                found_one = known.get((key, code))
                one = found_one.translation if found_one else None
                lines.append(
                    {
                        "language": code,
                        "name": language_name(code),
                        "id": f"t-{key}-{code}",
                        "text": one.text if one else "",
                        "by_machine": bool(one and one.origin == "machine"),
                        "engine": one.engine if one else "",
                        "by": one.by.shown if one and one.by else "",
                        "at": view.when(one.at) if one else "",
                        "stale": bool(found_one and found_one.stale),
                    }
                )
            found[key] = lines
        return found


class FormView:
    """One draft for one reader, at this moment."""

    def __init__(
        self,
        person: Person,
        draft: Draft,
        *,
        typed: Mapping[str, Any] | None = None,
        refused: Mapping[str, Sequence[str]] | None = None,
        removed: str = "",
    ) -> None:
        self.person, self.draft, self.moment = person, draft, now()
        self._typed, self._refused, self._removed = typed or {}, refused or {}, removed

    # -- what is read --------------------------------------------------------------------------------------------------

    @cached_property
    def definition(self) -> Definition:
        return definition_of(self.draft.version)

    @cached_property
    def held(self) -> queries.Held:
        return queries.held_by(self.draft)

    @cached_property
    def state(self) -> FormState:
        return review(self.definition, self.held.entered)

    @cached_property
    def places(self) -> Places:
        beside = Beside(
            about=_About(self),
            typed=self._typed,
            refused=self._refused,
            removed=self._removed,
            partners=reverse("applicant:partners", args=[self.draft.uid]),
            closed=self._closed,
        )
        return Places(self.definition, self.state, language(), beside)

    # -- steps ---------------------------------------------------------------------------------------------------------

    def step(self, id_: str) -> Step:
        """The step of this address; 404 for any other. Empty: the first that still needs something."""
        steps = self.state.steps
        if not id_:
            return next((one for one in steps if one.kind != "applicant" and one.done < one.needed), steps[-1])
        found = next((one for one in steps if one.id == id_), None)
        if found is None and id_.startswith("s-"):
            found = next((one for one in steps if one.id == id_.removeprefix("s-")), None)
        if found is None:
            raise Http404
        return found

    def after(self, step: Step) -> Step:
        steps = self.state.steps
        return steps[min(steps.index(step) + 1, len(steps) - 1)]

    def step_lines(self, current: Step | None = None) -> list[Context]:
        """The step indicator."""
        return [
            {
                "number": number,
                "title": self.places.words.step_title(one),
                "url": step_address(self.draft.uid, one.id),
                "current": current is not None and one.id == current.id,
                "state": self._step_state(one),
                "text": self._step_text(one),
            }
            for number, one in enumerate(self.state.steps, 1)
        ]

    @staticmethod
    def _step_state(step: Step) -> str:
        if step.faults:
            return "faults"
        return "done" if step.needed and step.done >= step.needed else "open"

    def _step_text(self, step: Step) -> str:
        if step.faults:
            return ngettext("%(n)s to mend", "%(n)s to mend", step.faults) % {"n": step.faults}
        if not step.needed:
            return ""
        return gettext("%(done)s of %(needed)s") % {"done": step.done, "needed": step.needed}

    # -- the whole page ------------------------------------------------------------------------------------------------

    def page(self, step: Step) -> Context:
        """What `applicant/form.html` draws."""
        tops = [key for key in step.keys if not self._is_cell(key) and key not in _GIVEN]
        following = self.after(step)
        return {
            "section": "me",
            "view": self,
            "draft": self.draft,
            "step": step,
            "step_id": step.id,
            "step_number": [one.id for one in self.state.steps].index(step.id) + 1,
            "step_count": len(self.state.steps),
            "step_title": self.places.words.step_title(step),
            "action": step_address(self.draft.uid, step.id),
            "next_title": self.places.words.step_title(following) if following != step else "",
            "places": [self.places.of(key) for key in tops],
            "steps": self.step_lines(step),
            "beside": self.beside(),
            "money": self.money(step),
            "step_faults": [
                one["text"]
                for name, one in self.places.missing()
                if name == step.id and not one["key"] and not one["open"]
            ],
            "can_write": self.can_write,
            "machine": translator() is not None,
            "script": self.script(step),
            "crumbs": [
                {"text": gettext("My applications"), "url": reverse("applicant:drafts")},
                {"text": self.call_title, "url": reverse("public:call", args=[self.draft.call.slug])},
                {"text": self.places.words.step_title(step)},
            ],
        }

    def script(self, step: Step) -> Context:
        """What the page's script must know: addresses, who writes, and every sentence that it can say."""
        uid = self.draft.uid
        return {
            "draft": uid,
            "person": self.person.uid,
            "step": step.id,
            "revision": self.draft.revision,
            "language": language(),
            "save": reverse("applicant:save", args=[uid]),
            "changes": reverse("applicant:changes", args=[uid]),
            "next": step_address(uid, self.after(step).id),
            "signIn": reverse("account_login"),
            "money": self._money_facts(),
            "uploads": for_script(self.draft),
            "say": script_words(),
        }

    def _is_cell(self, key: str) -> bool:
        first, dot, rest = key.partition(".")
        return bool(dot) and first in self.state.places and "." in rest

    @cached_property
    def can_write(self) -> bool:
        return self.draft.state in WRITABLE and self.takes and self.is_writer

    @cached_property
    def is_writer(self) -> bool:
        return may(self.person, rules.WRITE_DRAFT, self.draft)

    def _closed(self, key: str) -> bool:
        """Whether a supplement keeps this place as it was filed."""
        return not rules.may_change(self.draft, key)

    @cached_property
    def takes(self) -> bool:
        """Whether the call takes applications now: it is open, or in the grace that its notice prints. Under a
        supplement: whether this still runs.
        """
        if self.draft.supplement is not None:
            return rules.runs(self.draft.supplement, self.moment)
        return self.call_state == OPEN or rules.in_time(self.draft, self.moment)

    # -- after a save --------------------------------------------------------------------------------------------------

    def told(self, step: Step) -> Context:
        """What the script puts into the page after a save: JSON."""
        places = {}
        for key in step.keys:
            place = self.state.places[key]
            places[key] = {
                "shown": place.shown,
                "required": place.required,
                "faults": self.places.faults(place),
                "rows": list(place.rows),
                "notes": {row: self.places.row_note(place, row) for row in place.rows},
            }
        return {
            "places": places,
            "beside": render_to_string("applicant/_beside.html", {"beside": self.beside()}),
            "steps": render_to_string("applicant/_steps.html", {"steps": self.step_lines(step)}),
            "money": render_to_string("applicant/_money.html", {"money": self.money(step)}),
        }

    def fragment(self, key: str, request: HttpRequest) -> str:
        """One place as HTML, to replace the one on the page."""
        if key not in self.state.places:
            raise Http404
        can_write = self.can_write and not self._closed(key)
        context = {"place": self.places.of(key), "can_write": can_write, "machine": translator() is not None}
        return render_to_string("applicant/_place.html", context, request)

    # -- beside the form -----------------------------------------------------------------------------------------------

    def beside(self) -> Context:
        """What is still missing, by step, each a link to its place; how far it is; until when."""
        by_step: dict[str, list[Context]] = defaultdict(list)
        for step, one in self.places.missing():
            by_step[step].append({**one, "url": step_address(self.draft.uid, step, one["key"])})
        groups = [
            {"title": self.places.words.step_title(step), "items": by_step[step.id]}
            for step in self.state.steps
            if by_step[step.id]
        ]
        return {
            "groups": groups,
            "count": sum(len(group["items"]) for group in groups),
            "needed": self.state.needed,
            "done": self.state.done,
            "complete": self.state.complete,
            "text": gettext("%(done)s of %(needed)s") % {"done": self.state.done, "needed": self.state.needed},
            "deadline": self.deadline(),
        }

    def missing_sentences(self) -> list[str]:
        return [f"{group['title']}: {item['text']}" for group in self.beside()["groups"] for item in group["items"]]

    # -- money ---------------------------------------------------------------------------------------------------------

    def _money_facts(self) -> Context | None:
        asked = self.definition.money
        if not asked.cost or self.definition.field(asked.cost) is None:
            return None
        match = [asked.match.grant, asked.match.own] if asked.match else None
        return {"cost": asked.cost, "own": asked.own or "", "match": match}

    def money(self, step: Step) -> Context | None:
        """Own share, grant and total with the match, in words; on the steps that ask for one of them."""
        asked = self.definition.money
        if not asked.cost or not {asked.cost, asked.own} & set(step.keys):
            return None
        found, reader = self.state.money, language()

        def won(amount: int | None) -> str:
            return money.show(amount, reader) if amount is not None else ""

        least = found.match_least_own_krw
        lacking = least - (found.own_krw or 0) if least is not None else 0
        match = asked.match
        own = self.definition.field(asked.own) if asked.own else None
        return {
            "cost": won(found.cost_krw),
            "own": won(found.own_krw),
            "has_own": isinstance(own, MoneyField),
            "grant": won(found.grant_krw),
            "match": f"{match.grant} : {match.own}" if match else "",
            "least": won(least),
            "holds": found.match_holds,
            "lacking": won(lacking) if lacking > 0 else "",
            "reasons": [say(one, reader) for one in found.reasons if one.code != "form_match_not_met"],
        }

    # -- the call ------------------------------------------------------------------------------------------------------

    @cached_property
    def call_state(self) -> str:
        return state_of(self.draft.call, self.moment)

    @property
    def call_title(self) -> str:
        return self.places.words.w.of(self.draft.call.title)

    @property
    def kind_name(self) -> str:
        return self.places.words.label(f"organisation.{self.draft.organisation.kind}")

    @property
    def country_name(self) -> str:
        return country_label(self.draft.organisation.country, language())

    @property
    def language_name(self) -> str:
        return language_name(self.draft.language)

    @property
    def track_title(self) -> str:
        return self.places.words.track(self.state.track) if self.state.track and len(self.definition.tracks) > 1 else ""

    def deadline(self) -> Context:
        if self.draft.supplement is not None:
            return supplement_deadline(self.draft.supplement.until, self.definition, self.person, self.moment)
        return deadline_of(self.draft.call, self.definition, self.person, self.moment)

    def when(self, moment: dt.datetime) -> str:
        return when(moment, self.person)

    @cached_property
    def writers(self) -> list[str]:
        """Who else writes here."""
        return [one.person.shown for one in queries.people_of(self.draft) if one.person_id != self.person.pk]

    @cached_property
    def amended(self) -> Context | None:
        """The version that the draft has moved to, where the call was amended after it was begun."""
        version = self.draft.version
        if version.number == 1 or version.published_at <= self.draft.created_at:
            return None
        return {
            "number": version.number,
            "when": self.when(version.published_at),
            "reason": version.reason,
            "url": reverse("public:call", args=[self.draft.call.slug]) + "#versions",
            "left": [{"key": one.key, "text": _shown(one.typed)} for one in queries.left_behind(self.draft)],
        }


def _shown(typed: Any) -> str:
    return ", ".join(map(str, typed)) if isinstance(typed, list) else str(typed)


def zone_of(person: Person) -> ZoneInfo:
    try:
        return ZoneInfo(person.zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("Asia/Seoul")


def when(moment: dt.datetime, person: Person) -> str:
    """A moment in the reader's own zone: the hour alone where it was today."""
    local, today = moment.astimezone(zone_of(person)), now().astimezone(zone_of(person)).date()
    clock = f"{local:%H:%M}"
    if local.date() == today:
        return clock
    pattern = "y. M. d." if language() == "ko" else "d MMM y"
    return f"{format_date(local.date(), pattern, locale=language())} {clock}"


def moment_of(at: dt.datetime, zone: str, person: Person) -> Context:
    """A moment that counts, to the second: in the call's zone, and in the reader's where that reads differently."""
    there, own = ZoneInfo(zone), zone_of(person)
    same = at.astimezone(there).utcoffset() == at.astimezone(own).utcoffset()
    text, here = _moment(at, there, seconds=True), "" if same else _moment(at, own, seconds=True)
    told = gettext("%(time)s for you") % {"time": here} if here else ""
    return {
        "datetime": at.isoformat(),
        "text": text,
        "zone": zone,
        "own": here,
        "own_zone": person.zone,
        "line": f"{text} ({zone}; {told})" if told else f"{text} ({zone})",
    }


def wall_of(at: dt.datetime, zone: str) -> str:
    """A moment to the second as clocks of that zone show it."""
    return _moment(at, ZoneInfo(zone), seconds=True)


def deadline_of(call: Any, definition: Definition, person: Person, moment: dt.datetime) -> Context:
    """When the call closes, in its own zone and in the reader's; how long that is from now."""
    closes = call.closes_at
    state = state_of(call, moment)
    if closes is None:
        return {"state": state, "text": gettext("No closing date"), "left": "", "own": "", "urgent": False}
    zone, own = ZoneInfo(definition.schedule.zone), zone_of(person)
    there, here = _moment(closes, zone, seconds=True), _moment(closes, own, seconds=True)
    same = closes.astimezone(zone).utcoffset() == closes.astimezone(own).utcoffset()
    left, until = "", call.counts_until
    in_grace = state != OPEN and until is not None and closes <= moment <= until
    if in_grace:
        left = gettext("in the grace: %(time)s left") % {"time": timeuntil(until, moment)}
    elif state == OPEN:
        days = (closes.astimezone(zone).date() - moment.astimezone(zone).date()).days  # as the call's page counts
        left = gettext("%(time)s left") % {"time": timeuntil(closes, moment)}
        if days > 1:
            left = ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}
    elif state == PUBLISHED:
        left = gettext("not open yet")
    else:
        left = gettext("closed")
    return {
        "state": state,
        "datetime": closes.isoformat(),
        "text": there,
        "zone": definition.schedule.zone,
        "own": "" if same else here,
        "own_zone": person.zone,
        "left": left,
        "grace": _moment(until, zone, seconds=True) if until is not None and until > closes else "",
        "urgent": in_grace or (state == OPEN and closes - moment < dt.timedelta(days=3)),
    }


def supplement_deadline(until: dt.datetime, definition: Definition, person: Person, moment: dt.datetime) -> Context:
    """Until when an answer to a supplement counts, in the form of `deadline_of`."""
    at, runs = moment_of(until, definition.schedule.zone, person), moment.replace(microsecond=0) <= until
    left = gettext("%(time)s left") % {"time": timeuntil(until, moment)} if runs else gettext("over")
    urgent = runs and until - moment < dt.timedelta(days=3)
    return {**at, "state": OPEN if runs else CLOSED, "left": left, "grace": "", "urgent": urgent, "supplement": True}


def _moment(moment: dt.datetime, zone: ZoneInfo, *, seconds: bool = False) -> str:
    local = moment.astimezone(zone)
    pattern = "y년 M월 d일(E)" if language() == "ko" else "EEE d MMM y"
    return f"{format_date(local.date(), pattern, locale=language())} {local:{'%H:%M:%S' if seconds else '%H:%M'}}"


def script_words() -> dict[str, str]:
    """Every sentence of `form.js`, with its parameters in braces."""
    return {
        "saved": gettext("Saved {time}"),
        "saving": gettext("Saving…"),
        "offline": gettext("No connection. Kept on this device: {n} changes wait."),
        "offlineOne": gettext("No connection. Kept on this device: 1 change waits."),
        "busy": gettext("Very many people are here just now. Kept on this device; it is sent again by itself."),
        "notKept": gettext(
            "This browser does not let us keep anything on this device. Leave the page open until it says Saved."
        ),
        "signIn": gettext("You were signed out. What you typed is kept here."),
        "signInLink": gettext("Sign in in a new tab; then this page goes on by itself."),
        "otherPerson": gettext("Somebody else is signed in now. What you typed is kept on this device for you alone."),
        "gone": gettext("You do not write in this application any more. What you typed since is kept on this device."),
        "refused": gettext("Not saved: {why}"),
        "notTaken": gettext("Not saved: look at the marked places"),
        "choose": gettext("Two versions: choose one"),
        "showIt": gettext("Show it"),
        "elsewhere": gettext("On another step, two versions of an answer wait for your choice."),
        "conflict": gettext("{by} changed this at {time} while you were writing. Nothing was overwritten."),
        "yours": gettext("Yours"),
        "theirs": gettext("Theirs"),
        "empty": gettext("(empty)"),
        "keepMine": gettext("Keep mine"),
        "takeTheirs": gettext("Take theirs"),
        "changedBy": gettext("Changed by {by}, {time}"),
        "restored": gettext("Brought back from this device: {n} changes that had not reached us yet."),
        "restoredOne": gettext("Brought back from this device: 1 change that had not reached us yet."),
        "uploading": gettext("Uploading {name}: {n} %"),
        "uploadFailed": gettext("The file did not arrive. Choose it again when the connection is back."),
        "tooLarge": gettext("The file is too large for this place."),
        "needsLine": gettext("This needs a connection. Try again in a moment; what you typed is kept."),
        "matchHolds": gettext("The match holds."),
        "matchLacks": gettext("For this grant the own share must be at least {least}. {lacking} is missing."),
        "ownOver": gettext("The own share is larger than the total cost."),
        "findCountry": gettext("Find a country"),
    }
