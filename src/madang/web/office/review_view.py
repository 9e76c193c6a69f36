"""A review as its pages show it: rules with what they look at, lines of the checklist, other bodies, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from madang.apps.accounts.models import Person
from madang.apps.applications.models import Application
from madang.apps.review import rules
from madang.apps.review.models import OutsideResult, Verdict
from madang.apps.review.queries import CheckState, ItemState, Reviewed
from madang.core.callspec import Definition, expressions
from madang.core.callspec.asked import RowsField
from madang.core.callspec.model import Eligibility
from madang.core.checklist import DIFFER, SECOND, SETTLED, STALE, UNJUDGED, VERDICTS
from madang.core.deciding.case import Application as Row
from madang.core.form.model import Place
from madang.core.lifecycle.review import EXCLUDED, OPEN, PASSED
from madang.core.reasons import Reason
from madang.papers.decision.labels import Labels, Speaker
from madang.papers.describe.form_words import FormWords
from madang.web.enquiry_view import CallWords
from madang.web.public.call_view import reader

Context = dict[str, Any]

VERDICT_NAMES: Final = {
    "pass": pgettext_lazy("verdict", "Pass"),
    "fail": pgettext_lazy("verdict", "Fail"),
    "incorrect": pgettext_lazy("verdict", "Incorrect"),
    "incomplete": pgettext_lazy("verdict", "Incomplete"),
    "open": pgettext_lazy("verdict", "Take the verdict back"),
}
VERDICT_NOTES: Final = {
    "incorrect": _("Wrong, and can be corrected"),
    "incomplete": _("Missing, and can be handed in"),
}
VERDICT_TONES: Final = {"pass": "done", "fail": "danger", "incorrect": "wait", "incomplete": "wait"}
RESULT_NAMES: Final = {
    "clear": pgettext_lazy("outside check", "Nothing found"),
    "found": pgettext_lazy("outside check", "Found"),
    "open": pgettext_lazy("outside check", "Asked, no answer yet"),
}
RESULT_TONES: Final = {"clear": "done", "found": "danger", "open": "wait"}
STATE_NAMES: Final = {
    OPEN: pgettext_lazy("review", "In review"),
    PASSED: pgettext_lazy("review", "Passed"),
    EXCLUDED: pgettext_lazy("review", "Excluded"),
}
STATE_TONES: Final = {OPEN: "wait", PASSED: "done", EXCLUDED: "danger"}
MOST_SHOWN: Final = 160
"""Characters of an answer that stand beside a rule."""


class CallTeller:
    """What a definition calls the things that a review names by id. `words`: of the call."""

    def __init__(self, words: CallWords) -> None:
        self.words = words
        self.d: Definition = words.definition
        self.form = FormWords(self.d, reader().language)
        self._speaker = Speaker(Labels(self.d, reader().language))
        self._items = {one.id: words.wording.of(one.label) for one in self.d.review}
        self._checks = {one.id: words.wording.of(one.label) for one in self.d.outside_checks}

    def item(self, id_: str) -> str:
        return self._items.get(id_, id_)

    def check(self, id_: str) -> str:
        return self._checks.get(id_, id_)

    def reason(self, reason: Reason) -> str:
        """A reason as a sentence, with labels in the place of ids."""
        told: dict[str, Any] = dict(reason.params)
        told |= {"items": [self.item(str(one)) for one in _list(told["items"])]} if "items" in told else {}
        told |= {"checks": [self.check(str(one)) for one in _list(told["checks"])]} if "checks" in told else {}
        if reason.code == "rule_not_answerable":
            told["rule"] = self.rule(str(told["rule"]))
        return self._speaker.say({"code": reason.code, "params": told})

    def rule(self, id_: str) -> str:
        found = next((one for one in self.d.eligibility if one.id == id_), None)
        return self.words.wording.of(found.otherwise) if found else id_

    def ground(self, id_: str) -> str:
        """A ground of exclusion in words."""
        kind, _dot, name = id_.partition(".")
        match kind:
            case "review":
                return gettext("Checklist: %(name)s") % {"name": self.item(name)}
            case "eligibility":
                return gettext("Eligibility: %(name)s") % {"name": self.rule(name)}
            case "outside_checks":
                return gettext("Outside check: %(name)s") % {"name": self.check(name)}
        names = {
            rules.SUPPLEMENT: gettext("A supplement was asked for and not given"),
            rules.LATE: gettext("Received after the end"),
            rules.PARTY: gettext("Who may apply, and with whom"),
            rules.MONEY: gettext("Limits of cost and grant"),
            rules.SISTERS: gettext("One application among sister calls"),
        }
        return names.get(kind, id_)

    def proposed(self, ground: str, reasons: Iterable[Reason], language: str) -> str:
        """What may be told under a ground, in the words of the rule itself; for an officer to write on."""
        kind, _dot, name = ground.partition(".")
        blocks: Mapping[str, Iterable[Any]] = {"review": self.d.review, "outside_checks": self.d.outside_checks}
        if kind == "eligibility":
            found: Any = next((one for one in self.d.eligibility if one.id == name), None)
            return _of(found.otherwise, language) if found else ""
        if language not in ("ko", "en"):
            return ""
        if kind in blocks:
            found = next((one for one in blocks[kind] if one.id == name), None)
            label = _of(found.label, language) if found else ""
            with translation.override(language):
                said = gettext("Not met: %(label)s") if kind == "review" else gettext("Found: %(label)s")
                return said % {"label": label} if label else ""
        speaker = Speaker(Labels(self.d, language))
        return "\n".join(speaker.say(reason.as_json()) for reason in reasons)

    def inputs(self, rule: str, application: Application, row: Row) -> list[Context]:
        """What a rule looks at in this application: names and values in words."""
        names = sorted(expressions.compile_rule(rule).names)
        return [{"name": self._name(name), "value": self._value(name, application, row)} for name in names]

    def _name(self, name: str) -> str:
        known = {
            "track": gettext("Type"),
            "applicant": gettext("Applicant"),
            "members": gettext("Members of the consortium"),
            "received": pgettext("application", "Received"),
            "applications_of_applicant": gettext("Applications of this applicant"),
            "applications_of_applicant_for_same_city": gettext("Applications of this applicant for the same city"),
        }
        field = self.d.field(name)
        return known.get(name) or (self.words.wording.of(field.label) if field else name)

    def _value(self, name: str, application: Application, row: Row) -> str:
        field = self.d.field(name)
        if field is None:
            return self._general(name, application, row)
        value = application.answers.get(name)
        if value in (None, "", []):
            return gettext("not answered")
        if isinstance(field, RowsField):
            return gettext("%(n)s rows") % {"n": len(_list(value))}
        place = Place(key=name, step="", field=field, shown=True, required=False, typed=None, value=value)
        text = self.words.wording.listed(self.form.values(place))
        return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"

    def _general(self, name: str, application: Application, row: Row) -> str:
        match name:
            case "track":
                return self.words.track(application.track)
            case "applicant":
                kind = self.form.label(f"organisation.{application.kind}") if application.kind else ""
                return self.words.wording.listed([application.applicant_name, kind])
            case "members":
                return self.words.wording.listed([str(one.get("name", "")) for one in application.members])
            case "received":
                return application.received
        return str(row.answers.get(f"#{name}", ""))


class ReviewView:
    """One review for the reader. `person`: who looks, which decides what can be confirmed."""

    def __init__(self, review: Reviewed, words: CallWords, person: Person, *, handles: bool) -> None:
        self.review = review
        self.tell = CallTeller(words)
        self.words = words
        self.person = person
        self.may_judge = handles and not review.against("judge")

    def when(self, at: dt.datetime) -> str:
        return f"{at.astimezone(self.words.zone):%Y-%m-%d %H:%M}"

    @cached_property
    def badge(self) -> Context:
        return state_badge(self.review.state)

    # -- rules ---------------------------------------------------------------------------------------------------------

    def rules(self) -> Iterator[Context]:
        """Each rule with whether it holds, its words and inputs; then what else speaks against the application."""
        for reason in self.review.examined.before:
            yield {"title": self.tell.reason(reason), "badge": _badge(gettext("Not met"), "danger"), "inputs": []}
        for rule, holds in self.review.examined.rules:
            yield {
                "title": self.words.wording.of(rule.otherwise),
                "rule": rule.rule,
                "badge": rule_badge(holds),
                "inputs": self._inputs(rule),
                "problem": str(holds) if not isinstance(holds, bool) else "",
            }

    def _inputs(self, rule: Eligibility) -> list[Context]:
        application, counts = self.review.application, self.review.counts
        answers = {f"#{name}": value for name, value in counts.items()}
        return self.tell.inputs(rule.rule, application, Row(application.reference, "", answers=answers))

    # -- the checklist -------------------------------------------------------------------------------------------------

    def items(self) -> list[Context]:
        return [self.item(one) for one in self.review.items if one.asked]

    @property
    def not_asked(self) -> list[str]:
        """Lines whose condition does not hold here."""
        return [self.words.wording.of(one.spec.label) for one in self.review.items if not one.asked]

    def item(self, state: ItemState, typed: Mapping[str, str] | None = None) -> Context:
        """One line of the checklist with its form; `typed`: what was sent and refused."""
        line, spec = state.line, state.spec
        opinions = [self._opinion(state.row(one.id), state) for one in line.opinions]
        mine = next((one for one in line.opinions if one.by == self.person.pk), None)
        shown = state.row(mine.id) if mine else state.row(line.opinions[-1].id) if line.opinions else None
        given = typed or {
            "verdict": shown.verdict if shown and line.state != STALE and (mine or line.state == SETTLED) else "",
            "reason": shown.reason if shown and (mine or line.state in (SETTLED, STALE)) else "",
        }
        last = state.rows[-1].pk if state.rows else 0
        return {
            "id": spec.id,
            "label": self.words.wording.of(spec.label),
            "badge": item_badge(state),
            "notes": list(self._notes(state)),
            "state": line.state,
            "tone": item_badge(state)["tone"],
            "folded": line.state == SETTLED and typed is None,
            "opinions": opinions,
            "stale": self._stale(state),
            "to_follow": [one for one in opinions if one["can_follow"]] if self.may_judge else [],
            "differ": line.state == DIFFER,
            "waits": line.state == SECOND and not any(one["can_follow"] for one in opinions),
            "earlier": [self._opinion(row, state) for row in reversed(state.rows)][: len(state.rows)]
            if len(state.rows) > len(opinions)
            else [],
            "options": self._options(state, given["verdict"]),
            "reason": given["reason"],
            "seen": self.review.application.pk,
            "after": last,
            "faults": [],
            "saved": False,
        }

    def _options(self, state: ItemState, chosen: str) -> list[Context]:
        can = [one for one in VERDICTS if one != "open" or state.line.state not in (UNJUDGED, STALE)]
        return [
            {"value": one, "text": VERDICT_NAMES[one], "note": VERDICT_NOTES.get(one, ""), "checked": one == chosen}
            for one in can
        ]

    def _notes(self, state: ItemState) -> Iterator[str]:
        spec = state.spec
        if spec.four_eyes:
            yield gettext("Two people judge it.")
        if not spec.excludes:
            yield gettext("Noted only: it excludes nobody.")
        if spec.correction:
            told = {"days": spec.correction.days, "rounds": spec.correction.rounds}
            yield gettext("Can be mended within %(days)s days (rounds: %(rounds)s).") % told

    def _opinion(self, row: Verdict, state: ItemState) -> Context:
        waiting = {one.id for one in state.line.to_follow(self.person.pk)}
        return {
            "pk": row.pk,
            "verdict": str(VERDICT_NAMES[row.verdict]) if row.verdict != OPEN else pgettext("verdict", "Taken back"),
            "tone": VERDICT_TONES.get(row.verdict, "plain"),
            "by": row.by.shown,
            "at": self.when(row.at),
            "reason": row.reason,
            "confirms": row.confirms_id is not None,
            "earlier_revision": row.application_id != self.review.application.pk,
            "can_follow": row.pk in waiting,
        }

    def _stale(self, state: ItemState) -> str:
        if state.line.state != STALE:
            return ""
        row = state.row(state.line.opinions[0].id)
        told = {"before": self.review.revisions.get(row.application_id, 1), "now": self.review.revision}
        return gettext("Judged on revision %(before)s; revision %(now)s stands. Judge it again.") % told

    # -- other bodies --------------------------------------------------------------------------------------------------

    def checks(self) -> list[Context]:
        return [self.check(one) for one in self.review.checks if one.asked]

    def check(self, state: CheckState, typed: Mapping[str, str] | None = None) -> Context:
        spec, last = state.spec, state.last
        source = self.words.wording.of(spec.source)
        given = typed or {
            "result": "",
            "source": last.source if last else source,
            "on": "",
            "note": "",
        }
        return {
            "id": spec.id,
            "label": self.words.wording.of(spec.label),
            "asked_of": source,
            "notes": [] if spec.excludes else [gettext("Noted only: it excludes nobody.")],
            "badge": check_badge(state),
            "tone": check_badge(state)["tone"],
            "folded": last is not None and last.result != "open" and typed is None,
            "last": self._result(last) if last else None,
            "earlier": [self._result(row) for row in reversed(state.rows[:-1])],
            "options": [
                {"value": one, "text": RESULT_NAMES[one], "checked": one == given["result"]} for one in RESULT_NAMES
            ],
            "given": given,
            "after": last.pk if last else 0,
            "faults": [],
        }

    def _result(self, row: OutsideResult) -> Context:
        return {
            "text": RESULT_NAMES[row.result],
            "tone": RESULT_TONES[row.result],
            "source": row.source,
            "on": row.on.isoformat(),
            "by": row.by.shown,
            "at": self.when(row.at),
            "note": row.note,
            "list": bool(row.sheet_sha256),
            "proof": row.proof_name,
            "proof_url": reverse("office:review-proof", args=[self.review.dossier.uid, row.pk])
            if row.proof_sha256
            else "",
        }

    # -- what is left --------------------------------------------------------------------------------------------------

    def left(self) -> list[str]:
        """What still stands between this application and its evaluation, in sentences."""
        if self.review.state != OPEN:
            return []
        return [self.tell.reason(reason) for reason in self.review.against("pass")]


def state_badge(state: str) -> Context:
    return _badge(str(STATE_NAMES[state]), STATE_TONES[state])


def rule_badge(holds: Any) -> Context:
    if holds is True:
        return _badge(gettext("Met"), "done")
    if holds is False:
        return _badge(gettext("Not met"), "danger")
    return _badge(gettext("Cannot be answered"), "wait")


def item_badge(state: ItemState) -> Context:
    line = state.line
    if not state.asked:
        return _badge(gettext("Does not apply"), "closed")
    if line.state == SETTLED:
        return _badge(str(VERDICT_NAMES[line.verdict]), VERDICT_TONES[line.verdict])
    names = {
        UNJUDGED: gettext("Not judged"),
        SECOND: gettext("Waits for a second person"),
        DIFFER: gettext("Two opinions"),
        STALE: gettext("Judged on an earlier revision"),
    }
    return _badge(names[line.state], "plain" if line.state == UNJUDGED else "wait")


def check_badge(state: CheckState) -> Context:
    if not state.asked:
        return _badge(gettext("Does not apply"), "closed")
    if not state.result:
        return _badge(gettext("Not asked yet"), "plain")
    return _badge(str(RESULT_NAMES[state.result]), RESULT_TONES[state.result])


def _badge(text: str, tone: str) -> Context:
    return {"text": text, "tone": tone}


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _of(words: Mapping[str, str], language: str) -> str:
    """Only in this language: an officer translates, and does not send half a sentence in another one."""
    return words.get(language, "")
