"""What tables and figures of a report are called in a language."""

from __future__ import annotations

from typing import Any, Final

from madang.core.statistics.model import NOT_ITEMISED, UNCLASSIFIED
from madang.papers import classifications
from madang.papers.decision.labels import Labels
from madang.papers.press.model import Counts
from madang.papers.wording import Wording
from madang.words import sentence
from madang.words.labels import label, labels

_PLACES: Final = {NOT_ITEMISED: "statistics_not_itemised", UNCLASSIFIED: "statistics_unclassified"}
_WHAT: Final = frozenset({"cases", "countries", "share"})


class Naming:
    """The words of one language for a call's groups, as they were called on the day of the figures."""

    def __init__(self, counts: Counts, language: str) -> None:
        self.counts, self.language = counts, language
        self.labels = Labels(counts.definition, language, counts.on)
        self.wording = Wording(language)

    def say(self, key: str, **params: Any) -> str:
        return label("press", key, self.language, **params)

    @property
    def call(self) -> str:
        return self.wording.of(self.counts.definition.title)

    @property
    def host(self) -> str:
        """Who issues the release."""
        return self.body(self.counts.definition.host.organisation)

    def body(self, id_: str) -> str:
        """An organisation or a site that the definition names by id."""
        title = next((one.title for one in self.counts.definition.secretariats if one.id == id_), None)
        if title:
            return self.wording.of(title)
        return label("describe", f"name.{id_}", self.language) if f"name.{id_}" in labels("describe") else id_

    def day(self, iso: str) -> str:
        """`2021년 4월 20일`, `20 April 2021`: without the day of the week."""
        return self.wording.date(iso)

    def entry(self, by: str, id_: str) -> str:
        """The name of a row: `entry("region", "new-southern")` -> `신남방`."""
        if id_ in _PLACES:
            return sentence(_PLACES[id_], {}, self.language)
        if by == "type":
            return self.labels.track(id_)
        if by == "country":
            return classifications.country_label(id_, self.language, self.counts.on)
        if by in ("region", "field"):
            return self.labels.classified(by, id_)
        return self.labels.kind(id_) if by == "kind" else id_

    def figure(self, name: str) -> str:
        """A figure in words: `by_type.development.countries` -> `Smart-city development plan: countries`."""
        parts = name.split(".")
        match parts:
            case ["cases" | "countries" as what]:
                return self._of(self.say("figure.in_all"), what)
            case ["year"]:
                return self.say("figure.year")
            case ["growth", "previous_year"]:
                return self.say("figure.growth.previous_year")
            case ["growth", what, part]:
                return self.say(f"figure.growth.{part}", what=self.say(f"figure.{what}"))
            case ["not_itemised" | "itemised" as what]:
                return self.say(f"figure.{what}")
            case ["not_itemised" | "itemised" as what, type_]:
                return self._of(self.entry("type", type_), what)
            case ["by_type_and_field", type_, field, what]:
                return self._of(f"{self.entry('type', type_)}, {self.entry('field', field)}", what)
            case [table, entry, what] if table.startswith("by_") and what in _WHAT:
                return self._of(self.entry(table.removeprefix("by_"), entry), what)
        return name

    def _of(self, part: str, what: str) -> str:
        return self.say("figure.of", part=part, what=self.say(f"figure.{what}"))
