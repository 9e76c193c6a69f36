"""Is it for us? A few questions from a call's own rules, and what each rule says. GET only: it can be shared, needs no
script and no account, and nothing is kept.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final, get_args

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe

from madang.apps.calls.queries import all_calls
from madang.core.callspec import Definition
from madang.core.callspec.asked import WON_PER_UNIT, ChoiceField, MoneyField, MoneyUnit, NumberField
from madang.core.callspec.model import OrganisationKind
from madang.core.problem import LARGEST
from madang.core.selftest import Change, Finding, Given, Question, findings_of, questions_of
from madang.core.selftest.model import COUNTRY, KIND, MEMBERS, TRACK
from madang.papers import classifications
from madang.web.public.call_lists import view_of
from madang.web.public.call_view import CallView, Context
from madang.words import say
from madang.words.money import unit_name

ROWS: Final = 3  # of members at first
MOST_ROWS: Final = 10
LONGEST: Final = 200
KINDS: Final[tuple[str, ...]] = get_args(OrganisationKind)
TONES: Final = {"holds": "done", "fails": "closed", "open": "wait", "office": "wait"}


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The questions; with answers in the address, what each rule says. 422 where an answer cannot be read."""
    view = view_of(get_object_or_404(all_calls(), slug=slug))
    definition = view.definition
    asked = questions_of(definition)
    typed = Typed(definition, {name: _clean(request.GET.get(name, "")) for name in request.GET})
    given = typed.read(asked)
    words = Words(view, {question.key: question for question in asked})
    tried = any(typed.values.values()) and not typed.faults
    findings = findings_of(definition, given, _sets(definition)) if tried else ()
    order = ("fails", "open", "office", "holds")
    told = [words.finding(one) for one in sorted(findings, key=lambda one: order.index(one.state))]
    context = {
        "section": "calls",
        "view": view,
        "questions": [words.question(question, typed) for question in asked],
        "faults": typed.faults,
        "told": told,
        "summary": _summary(findings),
        "verdict": _verdict(findings),
        "office": _office(definition),
        "address": reverse("public:self-test", args=[slug]),
        "crumbs": [
            {"text": gettext("Calls"), "url": reverse("public:calls")},
            {"text": view.title, "url": view.url},
            {"text": gettext("Is it for us?")},
        ],
    }
    return render(request, "public/calls/self_test.html", context, status=422 if typed.faults else 200)


def _clean(text: str) -> str:
    """One line without control and direction characters, at most so long as anybody would answer."""
    kept = (char for char in text[:LONGEST] if unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def _sets(definition: Definition) -> dict[str, tuple[str, ...]]:
    return {role: classifications.load(name).ids for role, name in definition.classifications.items()}


@dataclass
class Typed:
    """What stands in the address, and what is wrong with it: key -> sentence."""

    definition: Definition
    values: Mapping[str, str]
    faults: dict[str, str] = field(default_factory=dict)

    def read(self, asked: tuple[Question, ...]) -> Given:
        keys = {question.key for question in asked}
        answers = {
            question.key: value
            for question in asked
            if question.field is not None and (value := self._answer(question)) is not None
        }
        tracks = tuple(track.id for track in self.definition.tracks)
        return Given(
            track=self._one_of(TRACK, tracks) if TRACK in keys else None,
            kind=self._one_of(KIND, KINDS) if KIND in keys else None,
            country=self._one_of(COUNTRY, _countries(self.definition)) if COUNTRY in keys else None,
            members=self._members() if MEMBERS in keys else None,
            answers=answers,
        )

    def at(self, key: str) -> str:
        return self.values.get(key, "")

    def _one_of(self, key: str, known: tuple[str, ...]) -> str | None:
        value = self.at(key)
        if value and value not in known:
            self.faults[key] = gettext("Choose one of the list.")
            return None
        return value or None

    def _answer(self, question: Question) -> Any:
        key, value, asked = question.key, self.at(question.key), question.field
        if not value:
            return None
        match asked:
            case MoneyField():
                number = self._number(key, WON_PER_UNIT[asked.unit], 0)
                return None if number is None else int(number)
            case NumberField():
                number = self._number(key, 1, asked.decimals)
                return None if number is None else str(number)
            case ChoiceField():
                one = self._one_of(key, tuple(value for value, _ in _options(self.definition, asked, "en")))
                return [one] if one and asked.many else one
        if question.kind == "yes_no":
            one = self._one_of(key, ("yes", "no"))
            return None if one is None else one == "yes"
        return value

    def _number(self, key: str, unit: int, decimals: int) -> Decimal | None:
        """A number as typed, thousands grouped or not, in the smallest unit. Nothing where it cannot be read."""
        text = unicodedata.normalize("NFKC", self.at(key)).replace(",", "").replace(" ", "")
        try:
            number = Decimal(text) * unit
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or number < 0 or number > LARGEST or number != round(number, decimals):
            self.faults[key] = gettext("Write a number, such as 1200 or 1,200.")
            return None
        return round(number, decimals) if decimals else number.quantize(Decimal(1))

    def _members(self) -> tuple[dict[str, str], ...] | None:
        """The rows with a role; nothing where neither a row was filled nor "alone" chosen."""
        roles, found = tuple(_roles(self.definition)), []
        for row in range(1, MOST_ROWS + 1):
            role = self._one_of(f"m{row}.role", roles)
            if role:
                kind = self._one_of(f"m{row}.kind", KINDS) or ""
                country = self._one_of(f"m{row}.country", _countries(self.definition)) or ""
                found.append({"role": role, "name": "", "kind": kind, "country": country})
        return tuple(found) if found or self.at("alone") else None


def _roles(definition: Definition) -> dict[str, dict[str, str] | None]:
    return {role.role: role.title for track in definition.tracks for role in track.consortium}


def _countries(definition: Definition) -> tuple[str, ...]:
    name = definition.classifications.get("country")
    found = classifications.load(name).ids if name else classifications.load("iso-3166").ids
    return found if "KR" in found else ("KR", *found)


def _options(definition: Definition, asked: ChoiceField, language: str) -> list[tuple[str, str]]:
    if asked.options:
        return [(one.id, one.label.get(language) or one.label.get("en") or one.id) for one in asked.options]
    name = definition.classifications.get(asked.set or "")
    if name is None:
        return []
    return [(id_, classifications.label(name, id_, language)) for id_ in classifications.load(name).ids]


def _summary(findings: tuple[Finding, ...]) -> list[Context]:
    """How many hold, do not, and cannot be told."""
    names = {
        "fails": lambda n: ngettext("%(n)s does not hold", "%(n)s do not hold", n),
        "open": lambda n: ngettext("%(n)s cannot be told yet", "%(n)s cannot be told yet", n),
        "office": lambda n: ngettext("%(n)s holds for a single application", "%(n)s hold for a single application", n),
        "holds": lambda n: ngettext("%(n)s holds", "%(n)s hold", n),
    }
    counted = {state: sum(1 for one in findings if one.state == state) for state in names}
    return [
        {"text": names[state](n) % {"n": n}, "tone": TONES[state], "state": state} for state, n in counted.items() if n
    ]


def _verdict(findings: tuple[Finding, ...]) -> str:
    states = {one.state for one in findings}
    if "fails" in states:
        return gettext("As answered, at least one rule does not hold. See below what would change that.")
    if "open" in states:
        return gettext("Nothing stands against it so far. Some rules cannot be told yet.")
    return gettext("By these answers, every rule that can be told here holds.")


def _office(definition: Definition) -> int:
    """How many things the office checks besides, from papers and with other bodies."""
    return len(definition.review) + len(definition.outside_checks)


class Words:
    """Questions and findings in the reader's language."""

    def __init__(self, view: CallView, questions: Mapping[str, Question]) -> None:
        self.view, self.w = view, view.wording
        self.d, self.questions = view.definition, questions

    # -- questions ----------------------------------------------------------------------------------------------------

    def question(self, question: Question, typed: Typed) -> Context:
        """What `_self_test_question.html` shows."""
        key = question.key
        shown: Context = {
            "key": key,
            "id": "q-" + key.replace(".", "-"),
            "kind": question.kind,
            "label": self.label(key),
            "value": typed.at(key),
            "error": typed.faults.get(key, ""),
            "help": self.w.of(question.field.help) if question.field else "",
        }
        if question.kind == "members":
            return shown | self._rows(typed)
        if question.kind == "yes_no":
            shown["options"] = [("yes", self._yes(True)), ("no", self._yes(False))]
        elif question.kind == "money" and isinstance(question.field, MoneyField):
            shown["unit"] = self._unit(question.field.unit)
        elif question.kind == "number" and isinstance(question.field, NumberField):
            shown["unit"] = self.w.of(question.field.unit)
        else:
            shown["options"] = self._choices(question)
        return shown

    def _unit(self, unit: MoneyUnit) -> str:
        """The field's own unit in every language: a shared address means the same amounts to all its readers."""
        if self.w.language == "ko":
            return unit_name(unit, "ko")
        return gettext("KRW 100 million") if unit == "eok" else unit_name(unit, "en")

    def _choices(self, question: Question) -> list[tuple[str, str]]:
        if question.kind == "track":
            return [(track.id, self.w.of(track.title)) for track in self.d.tracks]
        if question.kind == "kind":
            return [(kind, self.kind(kind)) for kind in KINDS]
        if question.kind == "country":
            return self._country_names()
        return _options(self.d, question.field, self.w.language) if isinstance(question.field, ChoiceField) else []

    def _country_names(self) -> list[tuple[str, str]]:
        named = [(code, self.country(code)) for code in _countries(self.d)]
        return sorted(named, key=lambda pair: (pair[0] != "KR", pair[1]))

    def _rows(self, typed: Typed) -> Context:
        filled = [row for row in range(1, MOST_ROWS + 1) if typed.at(f"m{row}.role")]
        last = min(MOST_ROWS, max([ROWS, *(row + 1 for row in filled)]))
        parts = ("role", "kind", "country")
        rows: list[Context] = []
        for row in range(1, last + 1):
            faults = (typed.faults.get(f"m{row}.{part}", "") for part in parts)
            values = {part: typed.at(f"m{row}.{part}") for part in parts}
            rows.append({"number": row, "error": next(filter(None, faults), ""), **values})
        return {
            "rows": rows,
            "alone": bool(typed.at("alone")) and not filled,
            "roles": [(role, self.role(role)) for role in _roles(self.d)],
            "kinds": [(kind, self.kind(kind)) for kind in KINDS],
            "countries": self._country_names(),
        }

    def label(self, key: str) -> str:
        names = {
            TRACK: gettext("Type of application"),
            KIND: gettext("What kind of organisation are you?"),
            COUNTRY: gettext("In which country is your organisation?"),
            MEMBERS: gettext("Who would be in your consortium besides you?"),
        }
        asked = self.d.field(key)
        return names.get(key) or (self.w.of(asked.label) if asked else key)

    def kind(self, kind: str) -> str:
        return self.w.label(f"organisation.{kind}")

    def role(self, role: str) -> str:
        return self.w.of(_roles(self.d).get(role)) or role

    def country(self, code: str) -> str:
        return classifications.country_label(code, self.w.language)

    def _yes(self, value: bool) -> str:
        return gettext("Yes") if value else gettext("No")

    # -- findings -----------------------------------------------------------------------------------------------------

    def finding(self, one: Finding) -> Context:
        """What `_self_test_finding.html` shows: the rule's own words, its state, and what would change it."""
        states = {
            "holds": gettext("Holds"),
            "fails": gettext("Does not hold"),
            "open": gettext("Cannot be told yet"),
            "office": gettext("Holds for a single application"),
        }
        rule = next((rule for rule in self.d.eligibility if rule.id == one.id), None)
        return {
            "id": one.id.replace(".", "-"),
            "state": one.state,
            "text": states[one.state],
            "tone": TONES[one.state],
            "title": self._title(one, rule),
            "sample": bool(rule and rule.sample),
            "reasons": list(self._reasons(one)),
            "needs": [self.label(key) for key in one.needs if key in self.questions],
            "waits": one.state == "open",
            "changes": [" + ".join(map(self.change, changes)) for changes in one.changes],
        }

    def _title(self, one: Finding, rule: Any) -> str:
        if rule is not None and one.kind == "rule":
            return self.w.of(rule.otherwise)
        if one.kind == "consortium":
            return gettext("Consortium: %(role)s") % {"role": self.role(one.id.partition(".")[2])}
        names = {
            "applicants": gettext("Who may apply for this type"),
            "limits": gettext("Limits of cost and grant"),
            "match": gettext("Match funding"),
        }
        return names[one.kind]

    def _reasons(self, one: Finding) -> Iterator[str]:
        """Why it does not hold; a rule's own words stand above already. Ids are said in words."""
        if one.kind == "rule":
            return
        for reason in one.reasons:
            told: dict[str, Any] = dict(reason.params)
            for name in ("kind", "kinds", "allowed"):
                if name in told:
                    value = told[name]
                    told[name] = [self.kind(k) for k in value] if isinstance(value, list) else self.kind(str(value))
            if "role" in told:
                told["role"] = self.role(str(told["role"]))
            if "track" in told:
                told["track"] = next(
                    (self.w.of(t.title) for t in self.d.tracks if t.id == told["track"]), told["track"]
                )
            yield say(type(reason)(reason.code, told), self.w.language)

    def change(self, change: Change) -> str:
        """One change in words."""
        name = gettext("“%(name)s”") % {"name": self.label(change.key)}
        if change.key == MEMBERS:
            return self._member_change(change)
        if change.how == "any":
            return gettext("Answer %(name)s") % {"name": name}
        told = {"name": name, "value": self._value(change)}
        if change.how == "at_least":
            return gettext("%(name)s: at least %(value)s") % told
        if change.how == "at_most":
            return gettext("%(name)s: at most %(value)s") % told
        if change.how == "other_than":
            return gettext("%(name)s: any but %(value)s") % told
        return gettext("%(name)s: %(value)s") % told

    def _member_change(self, change: Change) -> str:
        told = {
            "n": change.count,
            "role": self.role(change.role),
            "kinds": self.w.listed(list(map(self.kind, change.kinds))),
        }
        if change.how == "remove":
            text = ngettext(
                "In the consortium: %(n)s fewer as “%(role)s”",
                "In the consortium: %(n)s fewer as “%(role)s”",
                change.count,
            )
            return text % told
        if change.how == "kinds":
            return gettext("In the consortium: each “%(role)s” is one of: %(kinds)s") % told
        text = ngettext(
            "In the consortium: %(n)s more as “%(role)s”", "In the consortium: %(n)s more as “%(role)s”", change.count
        )
        parts = [text % told]
        if change.kinds:
            parts.append(gettext("one of: %(kinds)s") % told)
        if change.not_in:
            parts.append(gettext("from any country but %(country)s") % {"country": self.country(change.not_in)})
        elif change.value:
            parts.append(gettext("from %(country)s") % {"country": self.country(change.value)})
        return ", ".join(parts)

    def _value(self, change: Change) -> str:
        if change.key == TRACK:
            return next((self.w.of(track.title) for track in self.d.tracks if track.id == change.value), change.value)
        if change.key == KIND:
            return self.kind(change.value)
        if change.key == COUNTRY:
            return self.country(change.value)
        asked = self.questions[change.key].field
        if isinstance(change.value, bool):
            return self._yes(change.value)
        if isinstance(asked, MoneyField):
            return self.w.won(change.value)
        if isinstance(asked, ChoiceField):
            labels: dict[str, str] = dict(_options(self.d, asked, self.w.language))
            chosen = change.value if isinstance(change.value, list) else [change.value]
            return self.w.listed([labels.get(str(one), str(one)) for one in chosen]) or gettext("none")
        return str(change.value)
