"""What was filed, for screens: what stands and since when, the press and what it does, what differs; as contexts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from madang.apps.accounts.models import Person
from madang.apps.applications import queries, rules
from madang.apps.applications.models import Draft, Filing
from madang.apps.calls.queries import definition_of
from madang.core.callspec import Definition
from madang.core.form.differences import Attached, Cell, Difference, Form, RowChange, differences, marked
from madang.core.form.filed import stands
from madang.core.form.model import Place
from madang.core.form.places import place_of
from madang.core.lifecycle.draft import FILED, REVISING, STANDING, WITHDRAWN, WRITABLE, WRITING
from madang.core.record.numbers import receipt_number
from madang.kernel.clock import now
from madang.kernel.permissions import may
from madang.papers.describe.form_words import FormWords
from madang.web.applicant.form_view import FormView, language, language_name, moment_of

Context = dict[str, Any]

MOST_MARKED: Final = 20_000
"""Characters of a text up to which its changed words are marked; a longer one stands there before and after."""

LIVES: Final = {
    "standing": (_("Counts"), "done"),
    "replaced": (_("Replaced"), "closed"),
    "withdrawn": (_("Withdrawn"), "danger"),
}
"""What became of a filed revision, and the tone of its badge."""


def receipt_address(draft: Draft, revision: int) -> str:
    return reverse("applicant:receipt", args=[draft.uid, revision])


def filed_of(view: FormView) -> Context | None:
    """What is filed or withdrawn, and what this reader can do about it; nothing before the first filing."""
    draft, person = view.draft, view.person
    if draft.state in STANDING and draft.standing is not None:
        return {
            "state": draft.state,
            **_standing(draft, person, view.definition),
            "can_revise": draft.state == FILED and view.takes and view.is_writer,
            "can_keep": draft.state == REVISING and view.is_writer,
            "takes": view.takes,
            "can_withdraw": draft.call.decided_at is None and may(person, rules.WITHDRAW_DRAFT, draft),
        }
    if draft.number and draft.state in (WITHDRAWN, WRITING):
        last = queries.lives_of(draft)[0].filing
        return {
            "state": draft.state,
            "at": moment_of(draft.withdrawn_at, view.definition.schedule.zone, person) if draft.withdrawn_at else None,
            "number": receipt_number(draft.number or "", last.revision),
            "receipt_url": receipt_address(draft, last.revision),
            "can_resume": draft.state == WITHDRAWN and view.takes and may(person, rules.WITHDRAW_DRAFT, draft),
        }
    return None


def _standing(draft: Draft, person: Person, definition: Definition) -> Context:
    filing = draft.standing
    assert filing is not None, "what stands was filed"
    zone, until = definition.schedule.zone, rules.counts_until(draft)
    return {
        "number": receipt_number(draft.number or "", filing.revision),
        "revision": filing.revision,
        "arrived": moment_of(filing.arrived_at, zone, person),
        "until": moment_of(until, zone, person) if until is not None else None,
        "receipt_url": receipt_address(draft, filing.revision),
    }


def standing_line(draft: Draft, person: Person, definition: Definition) -> Context:
    """The same for a list, without what the reader may do."""
    return _standing(draft, person, definition) if draft.standing is not None else {}


# --- The press -------------------------------------------------------------------------------------------------------


def press_of(view: FormView, script_url: str) -> Context:
    """Everything that stands around the button: in whose name, for what, until when, and who may press."""
    draft, person = view.draft, view.person
    until, opens = rules.counts_until(draft), draft.call.opens_at
    zone = view.definition.schedule.zone
    may_file = may(person, rules.FILE_DRAFT, draft)
    late = until is not None and not rules.before_end(draft, view.moment)
    return {
        "open": draft.state in WRITABLE and draft.call.decided_at is None and not late,
        "late": late and draft.state in WRITABLE,
        "early": moment_of(opens, zone, person)
        if opens is not None and not rules.after_opening(draft, now())
        else None,
        "may_file": may_file,
        "filers": [] if may_file else [one.person.shown for one in queries.people_of(draft) if one.may_file],
        "until": moment_of(until, zone, person) if until is not None else None,
        "action": reverse("applicant:press", args=[draft.uid]),
        "changes": _changes(view) if draft.state == REVISING else None,
        "unchanged": _unchanged(view) if draft.supplement is not None and draft.state == REVISING else [],
        "script": _script(view, script_url),
    }


def _changes(view: FormView) -> list[Context]:
    """What this press would change in what is filed."""
    filing = queries.filing_of_draft(view.draft, view.draft.standing.revision) if view.draft.standing else None
    if filing is None:
        return []
    return told(filed_side(filing), Side(queries.standing_side(view.draft, view.state), view.definition))


def _unchanged(view: FormView) -> list[str]:
    """The places that the supplement asks for and that stand as they were filed, by name."""
    draft = view.draft
    filing = queries.filing_of_draft(draft, draft.standing.revision) if draft.standing else None
    if filing is None or draft.supplement is None:
        return []
    changed = differences(queries.filed_side(filing), queries.standing_side(draft, view.state))
    there = {place_of(one.key) for one in changed}
    asked = [thing["what"] for thing in draft.supplement.things if thing["what"] in draft.supplement.places]
    return [view.places.words.called(place) for place in asked if place not in there]


def _script(view: FormView, script_url: str) -> Context:
    uid = view.draft.uid
    return {
        "draft": uid,
        "person": view.person.uid,
        "save": reverse("applicant:save", args=[uid]),
        "changes": reverse("applicant:changes", args=[uid]),
        "signIn": reverse("account_login"),
        "form": script_url,
        "first": reverse("applicant:draft", args=[uid]),
        "say": press_words(),
    }


def press_words() -> dict[str, str]:
    """Every sentence of `press.js`, with its parameters in braces."""
    return {
        "sending": gettext("Your press is on its way. Pressed at {time} by this device's clock."),
        "slow": gettext("No answer yet, {seconds} seconds after you pressed. The page goes on waiting."),
        "line": gettext(
            "The line is down: whether your press arrived is not known. It is sent again by itself, in {seconds} "
            "seconds."
        ),
        "busy": gettext("The site could not take it yet: too many at once. It is sent again in {seconds} seconds."),
        "idempotent": gettext(
            "It is filed once, however often it is sent: if the first one arrived, its moment counts; if not, that "
            "of the one that does. Leave this page open."
        ),
        "again": gettext("Sending it again, attempt {n}."),
        "now": gettext("Send it again now"),
        "filed": gettext("Filed. It arrived at {arrived}. The receipt follows."),
        "refused": gettext("Not filed."),
        "signedOut": gettext(
            "You were signed out, so it was not filed. Sign in in a new tab; then it goes on by itself."
        ),
        "signInLink": gettext("Sign in"),
        "otherPerson": gettext("Somebody else is signed in now. Nothing was filed."),
        "gone": gettext("You do not write in this application any more. Nothing was filed."),
        "firstTried": gettext("This page tried for the first time at {time}, by this device's clock."),
        "flushing": gettext("What you typed last on this device has not reached us yet. It is sent first."),
        "flushLine": gettext(
            "What you typed last on this device has not reached us, so nothing was filed yet. It is sent again by "
            "itself, in {seconds} seconds."
        ),
        "stuck": gettext("{n} changes of this device could not be saved, so nothing was filed yet."),
        "stuckOne": gettext("1 change of this device could not be saved, so nothing was filed yet."),
        "toForm": gettext("Open the form"),
        "without": gettext("File without what could not be saved"),
    }


# --- Differences -----------------------------------------------------------------------------------------------------


class Side:
    """One side of a comparison with the words of the call's version that it follows."""

    def __init__(self, form: Form, definition: Definition) -> None:
        self.form, self.words = form, FormWords(definition, language())


def filed_side(filing: Filing) -> Side:
    """A filed revision; the filing with its form."""
    return Side(queries.filed_side(filing), definition_of(filing.version))


def told(before: Side, after: Side) -> list[Context]:
    """What differs, by step: `applicant/_differences.html`."""
    groups: dict[str, Context] = {}
    for one in differences(before.form, after.form):
        group = groups.setdefault(one.step, {"title": _step(before, after, one.step), "lines": []})
        group["lines"].append(_line(one, before, after))
    return list(groups.values())


def _step(before: Side, after: Side, id_: str) -> str:
    for side in (after, before):
        for step in side.form.state.steps:
            if step.id == id_:
                return side.words.step_title(step)
    return gettext("Elsewhere in the form")


_WHAT: Final = {"added": _("added"), "removed": _("removed"), "changed": _("changed"), "moved": _("moved")}


def _line(one: Difference, before: Side, after: Side) -> Context:
    line: Context = {"what": one.what, "what_text": _WHAT[one.what], "name": _name(one.key, before, after)}
    if one.language:
        place = gettext("Translation (%(language)s)") % {"language": language_name(one.language)}
        return {**line, "name": f"{line['name']}: {place}", **_texts(*one.texts)}
    if one.key == "applicant":
        return {**line, "name": after.words.said("place.applicant"), **_texts(*one.texts)}
    if one.cell is not None:
        return {**line, **_answer(one.cell, before, after)}
    if one.rows:
        return {**line, "rows": [_row(row, before, after) for row in one.rows]}
    return {**line, "removed": _files(one.removed), "added": _files(one.added)}


def _name(key: str, before: Side, after: Side) -> str:
    first, _dot, rest = key.partition(".")
    number, _dot, cell = rest.partition(".")
    for side in (after, before):
        places = side.form.state.places
        if key in places:
            return side.words.place_name(places[key])
        if cell and number.isdigit() and first in places:  # of a translation: the row by its number
            row = next((one for one in places if one.startswith(f"{first}.") and one.endswith(f".{cell}")), None)
            if row is not None:
                label = side.words.place_name(places[row])
                return side.words.said("place.of_row", label=label, number=int(number))
    return key


def _values(place: Place | None, side: Side) -> str:
    if place is None or stands(place) is None:
        return ""
    return "\n".join(side.words.values(place, side.form.state.track))


def _answer(cell: Cell, before: Side, after: Side) -> Context:
    return _texts(_values(cell.before, before), _values(cell.after, after))


def _texts(before: str, after: str) -> Context:
    """Old and new beside each other; of running text one text with its changed words."""
    running = bool(before and after) and (len(before) > 60 or len(after) > 60)
    if running and max(len(before), len(after)) <= MOST_MARKED:
        return {"pieces": marked(before, after)}
    return {"before": before, "after": after}


def _row(row: RowChange, before: Side, after: Side) -> Context:
    texts = {
        "added": gettext("Row %(after)s added"),
        "removed": gettext("Row %(before)s removed"),
        "moved": gettext("Row %(before)s moved to place %(after)s"),
        "changed": gettext("Row %(after)s changed"),
    }
    cells = []
    for cell in row.cells:
        side, place = (after, cell.after) if cell.after is not None else (before, cell.before)
        assert place is not None, "a cell that differs stands on one side"
        cells.append({"name": side.words.place_name(place), **_answer(cell, before, after)})
    return {"what": row.what, "text": texts[row.what] % {"before": row.before, "after": row.after}, "cells": cells}


def _files(found: Iterable[Attached]) -> list[Context]:
    return [{"name": one.name, "size": filesizeformat(one.size_bytes), "sha256": one.sha256} for one in found]


def counted(groups: Sequence[Context]) -> int:
    return sum(len(group["lines"]) for group in groups)


def summary(groups: Sequence[Context]) -> str:
    n = counted(groups)
    return ngettext("%(n)s place differs.", "%(n)s places differ.", n) % {"n": n} if n else gettext("Nothing differs.")
