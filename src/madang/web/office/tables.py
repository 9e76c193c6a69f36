"""Any table of a call's reception: rows by one thing, columns by another, as a page, a link and a download."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, get_args
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from madang.apps.calls.queries import current_version
from madang.apps.enquiries.rules import About
from madang.apps.review import rules
from madang.apps.review.queries import press_counts
from madang.core.statistics.cross import DIMENSIONS, Asked, CrossTable, Dimension, Measure, cross, dimension, keys_of
from madang.kernel.clock import now
from madang.kernel.permissions import may
from madang.papers.press.model import LANGUAGES, Counts
from madang.papers.press.naming import Naming
from madang.web.downloads import Cell, Sheet, csv_file, xlsx_file
from madang.web.enquiry_view import CallWords, Context
from madang.web.office.enquiries_shared import FORMS, person_of
from madang.web.office.press_view import crumbs
from madang.words import sentence

ONLY: Final[tuple[Dimension, ...]] = ("type", "region", "field", "kind")
"""What a table can be narrowed by."""
USUAL: Final[tuple[tuple[Dimension, Dimension | None], ...]] = (
    ("type", "region"), ("field", "type"), ("country", "type"), ("kind", "type"), ("week", "type"),
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What the address asks for. `only`: `region:new-southern`, or blank."""

    rows: Dimension = "type"
    columns: Dimension | None = None
    measure: Measure = "cases"
    only: str = ""
    as_of: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> "Wanted":
        """What is no thing that we know counts as not given."""
        said = {name: request.GET.get(name, "").replace("\0", "").strip()[:100] for name in cls.__dataclass_fields__}
        rows, columns = dimension(said["rows"]) or "type", dimension(said["columns"])
        return cls(
            rows=rows,
            columns=columns if columns != rows else None,
            measure="countries" if said["measure"] == "countries" else "cases",
            only=said["only"] if dimension(said["only"].partition(":")[0]) else "",
            as_of=said["as_of"] if _day(said["as_of"]) else "",
        )

    @property
    def day(self) -> dt.date | None:
        return _day(self.as_of)

    @property
    def asked(self) -> Asked:
        by, _, entry = self.only.partition(":")
        narrowed = dimension(by)
        only = ((narrowed, entry),) if narrowed else ()
        return Asked(rows=self.rows, columns=self.columns, measure=self.measure, only=only)

    def address(self, slug: str, **more: str) -> str:
        said = {name: getattr(self, name) or "" for name in self.__dataclass_fields__} | more
        query = urlencode({name: value for name, value in said.items() if value})
        return f"{reverse('office:tables', args=[slug])}?{query}"


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


@require_safe
@never_cache
@login_required
def tables(request: HttpRequest, slug: str) -> HttpResponse:
    """One table by `rows`, `columns`, `measure` (cases, countries), `only` and `as_of`; `format=csv|xlsx`."""
    person, words = person_of(request), CallWords.at(slug)
    if not may(person, rules.READ_PRESS, About(words.call)):
        raise Http404
    form = request.GET.get("format", "")
    if form and form not in FORMS:
        raise BadRequest("no such format")
    wanted = Wanted.of(request)
    version = current_version(words.call)
    assert version is not None, "a published call has a version"
    counts = press_counts(words.call, version, wanted.day, now(), years=False)
    view = _TableView(counts, wanted, words)
    if form:
        name = f"{slug}-table"
        return csv_file(name, view.sheet()) if form == "csv" else xlsx_file(name, [view.sheet()])
    return render(request, "office/press/tables.html", view.context())


class _TableView:
    def __init__(self, counts: Counts, wanted: Wanted, words: CallWords) -> None:
        self.counts, self.wanted, self.words = counts, wanted, words
        self.language = words.wording.language if words.wording.language in LANGUAGES else "en"
        self.naming = Naming(counts, self.language)
        self.tracks = [track.id for track in counts.definition.tracks]
        self.found: CrossTable = cross(counts.counted, counts.sets, self.tracks, counts.on, wanted.asked)

    def entry(self, by: Dimension, id_: str) -> str:
        return self.naming.entry(by, id_)

    @property
    def title(self) -> str:
        measure = self.naming.say(f"measure.{self.wanted.measure}")
        rows = self.naming.say(f"column.{self.wanted.rows}")
        if self.wanted.columns is None:
            return gettext("%(measure)s by: %(rows)s") % {"measure": measure, "rows": rows}
        told = {"measure": measure, "rows": rows, "columns": self.naming.say(f"column.{self.wanted.columns}")}
        return gettext("%(measure)s by: %(rows)s and %(columns)s") % told

    def lines(self) -> Iterator[list[Cell]]:
        for id_, cells, total in zip(self.found.rows, self.found.cells, self.found.row_totals, strict=True):
            yield [self.entry(self.wanted.rows, id_), *cells, *([total] if self.wanted.columns else [])]

    @property
    def total(self) -> list[Cell]:
        whole = [self.found.total] if self.wanted.columns else []
        return [self.naming.say("row.total"), *self.found.column_totals, *whole]

    @property
    def heads(self) -> list[str]:
        first = self.naming.say(f"column.{self.wanted.rows}")
        if self.wanted.columns is None:
            return [first, self.naming.say(f"column.{self.wanted.measure}")]
        return [
            first,
            *(self.entry(self.wanted.columns, id_) for id_ in self.found.columns),
            self.naming.say("row.total"),
        ]

    def notes(self) -> list[str]:
        """Why a total is not the sum of what stands above or beside it."""
        if self.found.rows_add_up and self.found.columns_add_up:
            return []
        once = self.wanted.measure == "countries"
        return [sentence("statistics_once" if once else "statistics_overlap", {}, self.language)]

    @property
    def of(self) -> str:
        day = self.naming.say("as_of", day=self.naming.day(self.counts.day))
        return f"{day} · {self.only_words}" if self.wanted.only else day

    @property
    def only_words(self) -> str:
        by, _, entry = self.wanted.only.partition(":")
        narrowed = dimension(by)
        return self.entry(narrowed, entry) if narrowed else ""

    def sheet(self) -> Sheet:
        head = [f"{self.words.title}: {self.title}", self.of]
        head += [self.naming.say("sample_note")] if self.counts.sample else []
        return Sheet(self.title, self.heads, [*self.lines(), self.total], [*head, *self.notes()])

    def table(self) -> Context:
        return {
            "id": "table",
            "caption": self.title,
            "columns": [{"text": text, "kind": "number"} if n else {"text": text} for n, text in enumerate(self.heads)],
            "rows": [[_shown(cell) for cell in line] for line in self.lines()],
            "total": [_shown(cell) for cell in self.total],
        }

    def options(self) -> Iterator[tuple[str, str]]:
        """What a table can be narrowed to: the entries in which something stands."""
        keys = keys_of(self.counts.sets, self.tracks, self.counts.on)
        for by in ONLY:
            entries = dict.fromkeys(entry for one in self.counts.counted for entry in keys[by](one))
            for entry in sorted(entries, key=lambda id_, by=by: self.entry(by, id_)):  # type: ignore[misc]  # a loop's name
                yield f"{by}:{entry}", f"{self.naming.say(f'column.{by}')}: {self.entry(by, entry)}"

    def context(self) -> Context:
        slug, wanted = self.words.call.slug, self.wanted
        names = {by: self.naming.say(f"column.{by}") for by in DIMENSIONS}
        usual = [
            {
                "text": f"{names[rows]} × {names[columns]}" if columns else names[rows],
                "url": replace(wanted, rows=rows, columns=columns).address(slug),
                "current": (rows, columns) == (wanted.rows, wanted.columns),
            }
            for rows, columns in USUAL
        ]
        return {
            "section": "office",
            "words": self.words,
            "wanted": wanted,
            "names": names.items(),
            "measures": [(one, self.naming.say(f"measure.{one}")) for one in get_args(Measure)],
            "options": list(self.options()),
            "usual": usual,
            "title": self.title,
            "of": self.of,
            "table": self.table(),
            "notes": self.notes(),
            "empty": not self.found.rows,
            "sample": self.counts.sample,
            "files": [(name.upper(), wanted.address(slug, format=name)) for name in FORMS],
            "link": wanted.address(slug),
            "crumbs": crumbs(self.words, gettext("Tables")),
        }


def _shown(cell: Cell) -> str:
    return f"{cell:,}" if isinstance(cell, int) else str(cell or "")
