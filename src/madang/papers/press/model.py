"""What a press report is made from. Everything is counted already: nothing in here asks a database or a clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from madang.core.callspec.model import Definition
from madang.core.statistics import Classifications
from madang.core.statistics.cross import Counted
from madang.core.statistics.press import Figure, Filled, Mark, check, figures_of, fill, rebased
from madang.words import particle

LANGUAGES: Final = ("ko", "en")
TABLES: Final = ("type", "region", "country", "field", "type_field", "kind", "growth", "years")
USUAL: Final = ("type", "region", "type_field", "growth")
"""The tables of a release as it is usually printed."""
FORMS: Final = ("html", "pdf", "docx", "hwpx", "xlsx", "json")
STEPS: Final = 2 * len(LANGUAGES) + 1
"""Of making a pack: the charts and the files of each language, and the archive."""


@dataclass(frozen=True, slots=True)
class YearLine:
    """What one round received. `source`: `sheet`, as it was published then, or `here`, counted from applications."""

    year: int
    cases: int
    countries: int
    source: str


@dataclass(frozen=True, kw_only=True)
class Counts:
    """A reception as of a day, as it was known at a moment: every table and figure comes from this."""

    call: str
    definition: Definition
    statistics: Mapping[str, Any]
    counted: tuple[Counted, ...]
    sets: Classifications
    years: tuple[YearLine, ...]
    as_of: dt.date | None
    known_at: dt.datetime
    sample: bool

    @cached_property
    def figures(self) -> dict[str, Figure]:
        return figures_of(self.statistics)

    @property
    def on(self) -> str:
        """The day whose region sets and names count."""
        return str(self.statistics["on"])

    @property
    def day(self) -> str:
        """The day of the figures: as of which was counted, or the last day of intake."""
        return min(self.as_of.isoformat(), self.on) if self.as_of else self.on

    @property
    def is_early(self) -> bool:
        return self.as_of is not None and self.as_of.isoformat() < self.on

    @property
    def known(self) -> str:
        """The moment in the zone of the call: `2026-12-01 19:00`."""
        return f"{self.known_at.astimezone(ZoneInfo(self.definition.schedule.zone)):%Y-%m-%d %H:%M}"

    def names(self) -> tuple[str, ...]:
        """What may hold a number that is none of ours: titles of the call and of its types."""
        texts = [self.definition.title, *(track.title for track in self.definition.tracks)]
        return tuple(dict.fromkeys(word for text in texts if text for word in text.values()))


def filled(template: str, counts: Counts) -> tuple[str, list[Filled]]:
    return fill(template, counts.figures, _after)


def marks(template: str, text: str, counts: Counts) -> list[Mark]:
    return check(template, text, counts.figures, _after, counts.names())


def taken_over(template: str, text: str, counts: Counts) -> str:
    """The template of an edited text, to be filled from other counts."""
    return rebased(template, text, counts.figures, _after, counts.names())


def _after(number: str, kind: str) -> str:
    """A Korean particle; a kind that there is none of stays empty."""
    try:
        return particle(number, kind)
    except KeyError:
        return ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report as it goes out. `texts`: by language, the first line is the title. `made`: when this revision was."""

    uid: str
    revision: int
    counts: Counts
    texts: Mapping[str, str]
    tables: tuple[str, ...]
    made: str
    confirmed: tuple[Mapping[str, str], ...] = field(default=())

    def title(self, language: str) -> str:
        return next(self._lines(language), "")

    def body(self, language: str) -> list[str]:
        lines = list(self._lines(language))
        return lines[1:]

    def _lines(self, language: str) -> Iterator[str]:
        return (line.strip() for line in self.texts[language].splitlines() if line.strip())
