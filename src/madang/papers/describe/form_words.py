"""The form of a call in words: what each place is called, when it applies, what can be chosen, what stands in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, get_args

from madang.core.callspec.asked import ChoiceField, MoneyField, NumberField
from madang.core.callspec.model import ConsortiumRole, OrganisationKind
from madang.core.form.keys import Keys
from madang.core.form.model import APPLICANT, MEMBERS, FormState, Place, Step
from madang.core.reasons import Malformed
from madang.papers import classifications
from madang.papers.describe.teller import Teller
from madang.words.labels import label, labels

Option = tuple[str, str]
"""An id, and what it is called."""

COUNTRIES = "iso-3166"
"""The countries of a call that names no set of its own."""


class FormWords(Teller):
    """The words of one language for the form of one definition. Asks nobody; what it needs it is given."""

    def said(self, key: str, **params: Any) -> str:
        """A label of the form itself."""
        return label("application", key, self.w.language, **params)

    # -- names ---------------------------------------------------------------------------------------------------------

    def step_title(self, step: Step) -> str:
        return self.w.of(dict(step.title)) if step.title else self.said(f"step.{step.kind}")

    def place_name(self, place: Place) -> str:
        """What a place is called, without its row."""
        if place.field is not None:
            return self.w.of(place.field.label)
        last = place.key.rpartition(".")[2]
        return self.said(f"place.{last}")

    def called(self, key: str) -> str:
        """What a place is called by its key alone, without a form that is filled; the key where there is none."""
        named = Keys(self.d).named(key)
        if named is None:
            return key
        return self.w.of(named.asked.label) if named.asked is not None else self.said(f"place.{key.rpartition('.')[2]}")

    def named(self, state: FormState, key: str) -> str:
        """The same with the number of its row: `Goal (row 2)`."""
        place = state.places.get(key)
        if place is None:
            return key
        name = self.place_name(place)
        first, _, rest = key.partition(".")
        rows = state.places[first].rows if first in state.places and rest else ()
        row = rest.partition(".")[0]
        if row not in rows:
            return name
        return self.said("place.of_row", label=name, number=rows.index(row) + 1)

    def condition(self, rule: str) -> str:
        """When a place applies: `if “Is there an agreement?” is answered yes`."""
        return self._condition(rule)

    def track(self, id_: str) -> str:
        return self._track(id_)

    def body(self, id_: str) -> str:
        """What a body that the definition names is called."""
        return self._name(id_)

    def role(self, role: ConsortiumRole) -> str:
        if role.title:
            return self.w.of(role.title)
        known = labels("describe")
        if f"name.{role.role}" in known:
            return self.label(f"name.{role.role}")
        return self.said(f"role.{role.role}") if f"role.{role.role}" in labels("application") else role.role

    # -- what can be chosen --------------------------------------------------------------------------------------------

    def options(self, field: ChoiceField) -> list[Option]:
        if field.options:
            return [(option.id, self.w.of(option.label)) for option in field.options]
        return list(self._of_set(self.d.classifications.get(field.set or "", "")))

    def countries(self, known: Collection[str] = ()) -> list[Option]:
        """By name. `known` are the codes that the call takes; without them those of its set."""
        if known:
            found = [(code, classifications.country_label(code, self.w.language)) for code in known]
        else:
            sets = [self.d.classifications.get("country", COUNTRIES)]
            sets += [classifications.INVENTED] if self.d.sample is True else []  # a sample call takes these too
            found = [option for name in dict.fromkeys(sets) for option in self._of_set(name)]
        return sorted(found, key=lambda option: (option[1].casefold(), option[0]))

    def kinds(self, only: Collection[str] = ()) -> list[Option]:
        kinds = only or get_args(OrganisationKind)
        return [(kind, self.label(f"organisation.{kind}")) for kind in kinds]

    def roles(self, track: str) -> list[Option]:
        return [(role.role, self.role(role)) for role in self.roles_of(track)]

    def roles_of(self, track: str) -> tuple[ConsortiumRole, ...]:
        tracks = [one for one in self.d.tracks if one.id == track] or self.d.tracks[:1]
        return tuple(tracks[0].consortium) if tracks else ()

    def _of_set(self, name: str) -> tuple[Option, ...]:
        return self._sets.setdefault(name, _entries(name, self.w.language))

    @cached_property
    def _sets(self) -> dict[str, tuple[Option, ...]]:
        return {}

    # -- what stands there ---------------------------------------------------------------------------------------------

    def values(self, place: Place, track: str = "") -> list[str]:
        """What stands in a place, in words; as typed where it cannot be read. Nothing for files and rows."""
        if place.value is None:
            typed = place.typed or ()
            return [typed] if isinstance(typed, str) else list(typed)
        field, value = place.field, place.value
        if field is None:
            return [self._of_member(place.key, str(value), track)]
        match field:
            case ChoiceField():
                names = dict(self.options(field))
                chosen = value if isinstance(value, list | tuple) else [value]
                return [names.get(str(one), str(one)) for one in chosen]
            case MoneyField():
                return [self.w.won(value)]
            case NumberField():
                return [f"{self._digits(value)} {self.w.of(field.unit)}".strip()]
        kind = getattr(field, "type", "")
        if kind == "yes_no":
            return [self.label("yes" if value else "no")]
        if kind == "country":
            return [classifications.country_label(str(value), self.w.language)]
        if kind == "date":
            return [self.w.day(str(value))]
        return [str(value)]

    def _digits(self, value: Any) -> str:
        try:
            return self.w.number(Decimal(str(value)))
        except InvalidOperation:
            return str(value)

    def _of_member(self, key: str, value: str, track: str) -> str:
        """A member's or the applicant's own particulars."""
        where, cell = key.partition(".")[0], key.rpartition(".")[2]
        if cell == "country":
            return classifications.country_label(value, self.w.language)
        if cell == "kind" and value in get_args(OrganisationKind):
            return self.label(f"organisation.{value}")
        if where == APPLICANT and cell == "track":
            return self.track(value)
        if where == MEMBERS and cell == "role":
            return dict(self.roles(track)).get(value, value)
        return value


def _entries(name: str, language: str) -> tuple[Option, ...]:
    try:
        found = classifications.load(name)
    except Malformed:
        return ()
    return tuple((entry.id, entry.label(language)) for entry in found.entries)


def otherwise(words: FormWords, rule: str) -> str:
    """The words of an eligibility rule for whoever does not meet it; empty where there is no such rule."""
    found: Mapping[str, Any] = {one.id: one for one in words.d.eligibility}
    return words.w.of(found[rule].otherwise) if rule in found else ""
