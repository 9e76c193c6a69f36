"""Ask for a supplement: choose what, say why, look at what the applicant will read, send it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from madang.apps.accounts.commands import actor_of
from madang.apps.applications import commands, queries
from madang.apps.calls.queries import definition_of
from madang.core.callspec import Definition
from madang.core.form import Entered, FormState, review
from madang.core.form.places import places_of
from madang.core.reasons import Reason
from madang.kernel.clock import now
from madang.kernel.commands import Refused
from madang.papers.describe.form_words import FormWords
from madang.web.applicant.form_view import language, moment_of
from madang.web.enquiry_view import Field, given, language_name, put_faults
from madang.web.office.dossier_shared import Page, found
from madang.web.office.enquiries_shared import TEXT_FAULTS, see_other
from madang.web.office.moments import wall_moment
from madang.web.public.call_view import reader
from madang.web.supplement_view import KINDS, count_words, exact, rule_words

LONGEST_REASON: Final = 4_000
THING: Final = "thing:"
"""Before the name of a thing in the name of its control."""
ROUTE: Final = "office:dossier-supplements"

Context = dict[str, Any]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def ask(request: HttpRequest, uid: str) -> HttpResponse:
    """The form; POST `do=preview` shows what would be sent, `do=change` the form again, `do=send` sends it.

    `thing:WHAT` is `incorrect`, `incomplete` or blank; `reason-LANGUAGE` the words; `until` the end that was shown.
    """
    page = found(request, uid, to_write=True)
    form = AskForm(page, request)
    do = request.POST.get("do", "preview") if request.method == "POST" else ""
    if not do or do == "change":
        return form.shown()
    try:
        plan = commands.plan_supplement(page.dossier, form.things, now())
        commands.supplement_reason(form.reason, form.needed)
        if do == "send":
            commands.ask_supplement(
                actor=actor_of(page.person),
                dossier=page.dossier,
                things=form.things,
                reason=form.reason,
                until=wall_moment(request.POST.get("until", "")[:40], plan.zone) or plan.until,
            )
    except Refused as refused:
        return form.shown(refused.reasons)
    if do == "send":
        messages.success(request, form.said(plan))
        return see_other(ROUTE, uid)
    return form.previewed(plan)


class AskForm:
    """What was chosen and written, for one dossier."""

    def __init__(self, page: Page, request: HttpRequest) -> None:
        self.page, self.request = page, request
        filing = page.application.filing
        self.definition: Definition = definition_of(filing.version) if filing else page.words.definition
        self.words = FormWords(self.definition, language())
        self.needed = filing.draft.language if filing else self.definition.languages[0]
        languages = dict.fromkeys([self.needed, *self.definition.languages])
        self.fields = [self._reason_field(tag) for tag in languages]
        items = [f"review.{item.id}" for item in self.definition.review]
        chosen = {what: given(request.POST, THING + what, 40) for what in (*items, *places_of(self.definition))}
        self.things = {what: kind for what, kind in chosen.items() if kind}

    @property
    def reason(self) -> dict[str, str]:
        return {field.lang: field.value for field in self.fields}

    def _reason_field(self, tag: str) -> Field:
        name = language_name(tag, reader())
        field = Field(f"reason-{tag}", gettext("Reason (%(language)s)") % {"language": name}, "area", rows=4, lang=tag)
        field.most, field.required = LONGEST_REASON, tag == self.needed
        field.value = given(self.request.POST, field.name)
        if field.required:
            field.help = gettext("The language in which the application is written. The applicant reads it as it is.")
        return field

    # -- the form ------------------------------------------------------------------------------------------------------

    def shown(self, reasons: Iterable[Reason] = ()) -> HttpResponse:
        barred = commands.against_asking(self.page.dossier, now())
        places = {"supplement_needs_reason_in": "reason-{language}", **dict.fromkeys(TEXT_FAULTS, "reason-{language}")}
        faults = put_faults(self.fields, map(self._by_name, reasons), places)
        for fault in faults:
            fault["field"] = fault["field"] or "f-items"
        context = self.page.context(ROUTE, gettext("Ask for a supplement")) | {
            "barred": [one["text"] for one in put_faults([], barred, {})],
            "groups": [self._items(), *self._steps()],
            "fields": self.fields,
            "faults": [] if barred else faults,
            "back": reverse(ROUTE, args=[self.page.dossier.uid]),
        }
        return render(self.request, "office/supplements/ask.html", context, status=422 if reasons else 200)

    def _by_name(self, reason: Reason) -> Reason:
        """Items of the checklist by what they are called."""
        labels = {item.id: self.words.w.of(item.label) for item in self.definition.review}
        item = reason.params.get("item")
        return Reason(reason.code, {**reason.params, "item": labels[item]}) if item in labels else reason

    def _items(self) -> Context:
        """The checklist: what has no correction cannot be asked for, and says so."""
        lines = []
        for item in self.definition.review:
            terms = {"days": item.correction.days, "rounds": item.correction.rounds} if item.correction else None
            note = (
                self.words.label("review.correction", **terms) if terms else gettext("The call lets nobody correct it")
            )
            lines.append(self._line(f"review.{item.id}", self.words.w.of(item.label), note) | {"closed": terms is None})
        return {"id": "f-items", "title": gettext("Items of the checklist"), "lines": lines, "items": True}

    def _steps(self) -> list[Context]:
        """The form's own outline, with what stands there."""
        state, filed = self._state(), self.page.application.filing is not None
        allowed = set(places_of(self.definition))
        groups = []
        for step in state.steps:
            keys = [key for key in step.keys if key in allowed]
            lines = [self._line(key, self.words.called(key), self._stands(state, key) if filed else "") for key in keys]
            if lines:
                groups.append({"id": f"f-{step.id}", "title": self.words.step_title(step), "lines": lines})
        return groups

    def _state(self) -> FormState:
        filing = self.page.application.filing
        if filing is None:
            return review(self.definition, Entered(track=self.page.dossier.track))
        return queries.filed_state(filing, filing.content)

    def _stands(self, state: FormState, key: str) -> str:
        """What stands in a place, short."""
        place = state.places[key]
        if not place.shown:
            return gettext("not asked of this application")
        names = self._names(place.value) if key.startswith("documents.") else []
        if place.rows:
            return gettext("%(n)s rows") % {"n": len(place.rows)}
        text = ", ".join(names or self.words.values(place, state.track))
        return text[:120] + ("…" if len(text) > 120 else "") or gettext("empty")

    @staticmethod
    def _names(value: Any) -> list[str]:
        """Of the files in a place: one name, or several."""
        return [value] if isinstance(value, str) else [str(one) for one in value or ()]

    def _line(self, what: str, name: str, note: str) -> Context:
        chosen = self.things.get(what, "")
        options = [(kind, text, kind == chosen) for kind, text in KINDS.items()]
        return {"what": THING + what, "name": name, "note": note, "options": options, "chosen": bool(chosen)}

    # -- before it is sent ---------------------------------------------------------------------------------------------

    def previewed(self, plan: commands.Plan) -> HttpResponse:
        """The request as the applicant will read it, and who gets it."""
        zone, draft = plan.zone, plan.draft
        labels = {f"review.{item.id}": self.words.w.of(item.label) for item in self.definition.review}
        people = [one.person for one in queries.people_of(draft)] if draft is not None else []
        one = {
            "until": moment_of(plan.until, zone.key, self.page.person),
            "things": [
                {"name": labels.get(what) or self.words.called(what), "kind_text": KINDS[kind]}
                for what, kind in plan.things
            ],
            "also": [self.words.called(place) for place in plan.places if place not in plan.asked],
            "rule": rule_words(plan.item, plan.terms_told(), self.words),
            "days": count_words(plan.count, self.words.w),
            "reasons": [field for field in self.fields if field.value.strip()],
            "extensions": [],
            "cancelled": "",
        }
        context = self.page.context(ROUTE, gettext("Ask for a supplement")) | {
            "one": one,
            "people": [person.shown for person in people],
            "by_paper": draft is None,
            "zones": [{"zone": zone.key, "text": exact(plan.until, zone)}],
            "until": f"{plan.until.astimezone(zone):%Y-%m-%dT%H:%M:%S}",
            "hidden": self._hidden(),
            "back": reverse(ROUTE, args=[self.page.dossier.uid]),
        }
        return render(self.request, "office/supplements/preview.html", context)

    def _hidden(self) -> Mapping[str, str]:
        chosen = {THING + what: kind for what, kind in self.things.items()}
        return chosen | {field.name: field.value for field in self.fields}

    def said(self, plan: commands.Plan) -> str:
        if plan.draft is None:
            return gettext("Asked. Nobody writes in this application here: send the request by letter.")
        return gettext("Asked. Everybody who writes in the application is told by mail.")
