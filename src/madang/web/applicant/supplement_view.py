"""A request for a supplement on the applicant's pages: the banner, a line in the list, places by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from madang.apps.accounts.models import Person
from madang.apps.applications import rules
from madang.apps.applications.models import Draft
from madang.core.callspec import Definition
from madang.core.lifecycle.draft import FILED
from madang.core.reasons import Reason
from madang.kernel import mail
from madang.kernel.clock import now
from madang.web.applicant.form_view import FormView, language, moment_of, step_address
from madang.web.supplement_view import things_of

Context = dict[str, Any]


def supplement_of(view: FormView) -> Context | None:
    """What `applicant/_supplement.html` draws; nothing where no supplement limits this application."""
    supplement = view.draft.supplement
    if supplement is None:
        return None
    things = things_of(supplement, view.places.words)
    for thing in things:
        place = view.state.places.get(thing["what"])
        thing["url"] = step_address(view.draft.uid, place.step, thing["what"]) if place is not None else ""
    runs = rules.runs(supplement, view.moment)
    return {
        "runs": runs,
        "until": moment_of(supplement.until, view.definition.schedule.zone, view.person),
        "reason": mail.words_in(supplement.reason, language(), view.definition.languages),
        "things": things,
        "begins": runs and view.draft.state == FILED and view.is_writer,
        "answers": runs and view.draft.state != FILED and view.is_writer,
        "url": reverse("applicant:supplement", args=[view.draft.uid]),
        "revise": reverse("applicant:revise", args=[view.draft.uid]),
        "check": step_address(view.draft.uid, "check") + "#press",
    }


def supplement_line(draft: Draft, definition: Definition, person: Person) -> Context | None:
    """The same for a list, in a line."""
    supplement = draft.supplement
    if supplement is None:
        return None
    until = moment_of(supplement.until, definition.schedule.zone, person)["line"]
    text = gettext("The office asks for a supplement by %(until)s.")
    over = gettext("The time for the supplement ended at %(until)s.")
    told = (text if rules.runs(supplement, now()) else over) % {"until": until}
    return {"text": told, "url": reverse("applicant:supplement", args=[draft.uid])}


def by_name(view: FormView, reasons: Iterable[Reason]) -> list[Reason]:
    """The reasons with places by what they are called."""
    return [
        Reason(one.code, {**one.params, "places": [view.places.words.called(place) for place in places]})
        if isinstance(places := one.params.get("places"), list)
        else one
        for one in reasons
    ]
