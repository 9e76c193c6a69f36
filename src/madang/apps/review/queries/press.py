"""Reads of what an office does with received applications, and of what it tells of them."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from madang.apps.applications.queries import reception
from madang.apps.calls.models import Call, DefinitionVersion
from madang.apps.calls.queries import current_definition, current_version, definition_of
from madang.apps.review import rules
from madang.apps.review.models import PressPack, PressReport, PressRevision
from madang.core.deciding.case import Case
from madang.core.record.canonical import digest
from madang.core.statistics import Classifications, counted_of, of_call, reception_of
from madang.core.statistics.cross import MEASURES, Asked, Counted, cross
from madang.core.statistics.press import Mark, differences
from madang.kernel.permissions import may, visible_to
from madang.papers import classifications
from madang.papers.press.model import LANGUAGES, Counts, Report, YearLine, marks

# --- The word to the press --------------------------------------------------------------------------------------------


_NO_SETS: Final = Classifications()


def press_counts(
    call: Call, version: DefinitionVersion, as_of: dt.date | None, known_at: dt.datetime, *, years: bool = True
) -> Counts:
    """The reception of a call as of a day (nothing: everything), as it was known at a moment.

    The words and groups are those of a version's definition. `years`: also what earlier rounds received. Two
    statements; three for each earlier call of the programme.
    """
    definition = definition_of(version)
    case = reception(call, as_of, known_at)
    sets = classifications.for_call(definition.classifications, sample=case.sample)
    statistics = of_call(definition, case, sets)
    return Counts(
        call=call.slug,
        definition=definition,
        statistics=statistics,
        counted=counted_of(definition, case),
        sets=sets,
        years=tuple(_years(call, case, statistics, known_at)) if years else (),
        as_of=as_of,
        known_at=known_at,
        sample=case.sample,
    )


def figures_digest(counts: Counts) -> str:
    """What says that a later count is the same."""
    return digest(dict(counts.statistics))


def _years(call: Call, case: Case, statistics: Mapping[str, Any], known_at: dt.datetime) -> Iterator[YearLine]:
    """Earlier rounds from the sheet that came with the call, and from earlier calls of the programme; then this one.

    Calls of one year are one round: a country in two of them is one country.
    """
    this = statistics["year"]
    yield from (YearLine(one.year, one.cases, one.countries, "sheet") for one in case.rounds if one.year < this)
    of_year: dict[int, list[Counted]] = defaultdict(list)
    others = Call.objects.filter(programme=call.programme_id, published_at__isnull=False, is_sample=call.is_sample)
    for other in others.exclude(pk=call.pk).order_by("pk"):
        definition = current_definition(other)
        found = reception(other, None, known_at, public=True)
        sets = classifications.for_call(definition.classifications, sample=found.sample)
        year = reception_of(definition, found, sets).year
        if found.applications and year < this:
            of_year[year] += (_known(one, sets) for one in counted_of(definition, found))
    for year, counted in sorted(of_year.items()):
        cases, countries = (cross(counted, _NO_SETS, (), "", Asked(rows="kind", measure=one)).total for one in MEASURES)
        yield YearLine(year, cases, countries, "here")
    yield YearLine(this, statistics["total"]["cases"], statistics["total"]["countries"], "here")


def _known(one: Counted, sets: Classifications) -> Counted:
    """The same, without a country that its call does not know."""
    return one if not sets.countries or one.country in sets.countries else replace(one, country="")


@dataclass(frozen=True, slots=True)
class NumberMark:
    """A mark in the text of one language. `key` names it as long as its sentence stays; `reason`: why it may stand."""

    language: str
    mark: Mark
    key: str
    reason: str = ""

    @property
    def is_open(self) -> bool:
        return self.mark.is_wrong and not self.reason


@dataclass(frozen=True)
class Opened:
    """A report as it is opened: the revision, and its figures counted again."""

    report: PressReport
    revision: PressRevision

    @cached_property
    def counts(self) -> Counts:
        revision = self.revision
        return press_counts(self.report.call, revision.version, revision.as_of, revision.known_at)

    @property
    def counts_as_then(self) -> bool:
        """Whether the count gives what it gave when the revision was saved."""
        return figures_digest(self.counts) == self.revision.figures_sha256

    def marks(self) -> list[NumberMark]:
        """Every number of the texts, in the order of the languages."""
        given = {one["key"]: one["reason"] for one in self.revision.confirmed}
        return list(press_marks(self.counts, self.revision.templates, self.revision.texts, given))

    @property
    def paper(self) -> Report:
        """What the papers are made from."""
        return Report(
            uid=self.report.uid,
            revision=self.revision.number,
            counts=self.counts,
            texts=self.revision.texts,
            tables=tuple(self.revision.tables),
            made=self.revision.at.isoformat(timespec="seconds"),
            confirmed=tuple(
                {name: one[name] for name in ("language", "shown", "reason")} for one in self.revision.confirmed
            ),
        )


def press_marks(
    counts: Counts, templates: Mapping[str, str], texts: Mapping[str, str], given: Mapping[str, str]
) -> Iterator[NumberMark]:
    """The marks of both texts; `given`: the reasons by key."""
    for language in LANGUAGES:
        times: Counter[tuple[str, str]] = Counter()
        for mark in marks(templates[language], texts[language], counts):
            place = mark.sentence, mark.shown
            times[place] += 1
            key = digest([language, *place, times[place]])[:24]
            yield NumberMark(language, mark, key, given.get(key, "") if mark.is_wrong else "")


def press_report_of(person: Any, uid: str) -> PressReport | None:
    """The report of this address, if the person may read it. Two statements."""
    rows = PressReport.objects.select_related("call__programme").defer("call__search_text")
    found = rows.filter(uid=uid).first()
    return found if found is not None and may(person, rules.READ_PRESS, found) else None


def opened(report: PressReport, number: int | None = None) -> Opened | None:
    """A revision of the report (default: the last, which counts); nothing where there is none of this number."""
    rows = PressRevision.objects.select_related("version", "by").filter(report=report)
    revision = (rows.filter(number=number) if number else rows.order_by("-number")).first()
    return Opened(report, revision) if revision else None


def press_reports(person: Any, call: Call) -> list[PressReport]:
    """The reports of a call that the person may read, the newest first."""
    return list(visible_to(person, rules.READ_PRESS, PressReport.objects.filter(call=call)))


def changed_today(opened: Opened, moment: dt.datetime) -> list[tuple[str, str, str]]:
    """(name, then, today) of every count that a report on everything known now would give differently."""
    version = current_version(opened.report.call)
    assert version is not None, "a call with a report is published"
    today = press_counts(opened.report.call, version, None, moment, years=False)
    return [
        (name, one.text if one else "–", other.text if other else "–")
        for name, one, other in differences(opened.counts.figures, today.figures)
    ]


def pack_of(revision: PressRevision) -> PressPack | None:
    """The pack of a revision: the one that is made or waits, else the last one that failed."""
    return revision.packs.order_by("-asked_at", "-pk").first()


def packs_to_make() -> list[PressPack]:
    """One statement that usually finds nothing."""
    rows = PressPack.objects.filter(state="waiting").select_related("revision__report__call", "revision__version")
    return list(rows.order_by("asked_at", "pk")[:5])
