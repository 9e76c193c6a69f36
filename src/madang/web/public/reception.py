"""Reception statistics as a page and as files: the core's tables with names, shares, charts and the arithmetic."""

import datetime as dt
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from django.http import HttpResponse
from django.utils.translation import gettext

from madang.apps.applications.queries import reception
from madang.core.statistics import NOT_ITEMISED, UNCLASSIFIED, of_call, shares
from madang.papers import classifications
from madang.papers.charts import Chart, ChartError, bar_chart, world_map
from madang.papers.classifications import ClassificationSet, Entry
from madang.web.downloads import Cell, Sheet, attachment, csv_file, xlsx_file
from madang.web.drawing import draw
from madang.web.public.call_view import CallView
from madang.words import sentence

TABLES: Final = ("by_type", "by_region", "by_country", "by_field")
FORMS: Final = ("json", "csv", "xlsx")
JSON: Final = "application/json; charset=utf-8"

Context = dict[str, Any]
Row = Mapping[str, Any]

log = logging.getLogger(__name__)


class ReceptionView:
    """The reception of one call as of a day (default: everything). `themes`: the modes that charts are drawn for."""

    def __init__(self, view: CallView, as_of: dt.date | None = None, themes: Sequence[str] = ()) -> None:
        self.view = view
        self.as_of = as_of
        self.themes = themes
        self.language = view.wording.language
        self.definition = view.definition
        case = reception(view.call, as_of, public=True)
        self.sample = case.sample
        sets = classifications.for_call(self.definition.classifications, sample=case.sample)
        self.statistics = of_call(self.definition, case, sets)

    # -- what is counted ----------------------------------------------------------------------------------------------

    @property
    def total(self) -> dict[str, int]:
        total: dict[str, int] = self.statistics["total"]
        return total

    @property
    def on(self) -> str:
        return str(self.statistics["on"])

    @property
    def is_early(self) -> bool:
        """Whether it is counted before the close, so that more may come."""
        return self.as_of is not None and self.as_of.isoformat() < self.on

    @property
    def growth(self) -> Row | None:
        """The change on the earlier round; nothing without one, or before the close: half a round is not compared."""
        growth: Row = self.statistics["growth"]
        return None if self.is_early or growth["previous_year"] is None else growth

    def says(self, code: str, **params: Any) -> str:
        """A word of the statistics as the command line says it too."""
        return sentence(f"statistics_{code}", params, self.language)

    def label(self, table: str, id_: str) -> str:
        """The name of a row, as it was on the day of the sets."""
        if id_ in (NOT_ITEMISED, UNCLASSIFIED):
            return self.says(id_)
        if table == "by_type":
            titles = {track.id: self.view.wording.of(track.title) for track in self.definition.tracks}
            return titles.get(id_, id_)
        if table == "by_country":
            return classifications.country_label(id_, self.language, self.on)
        name = self.definition.classifications.get(table.removeprefix("by_"))
        return classifications.label(name, id_, self.language, self.on) if name else id_

    # -- the page -----------------------------------------------------------------------------------------------------

    def tiles(self) -> list[Context]:
        """Key figures; changes only where an earlier round is known, with their arithmetic."""
        tiles: list[Context] = [
            {"name": self.says("cases"), "value": f"{self.total['cases']:,}"},
            {"name": self.says("countries"), "value": f"{self.total['countries']:,}"},
        ]
        if not self.total["countries"]:
            del tiles[1]
        growth = self.growth
        for name in ("cases", "countries") if growth else ():
            assert growth
            one = growth[name]
            change = gettext("%(what)s: change on %(year)s") % {
                "what": self.says(name),
                "year": growth["previous_year"],
            }
            rate = "" if one["shown"] is None else f" ({_signed(one['shown'])}%)"
            tile: Context = {"name": change, "value": _signed(f"{one['change']:,}")}
            tile["note"] = f"{one['now']:,} − {one['previous']:,}{rate}"
            if one["change"]:
                tile["trend"] = "up" if one["change"] > 0 else "down"
            tiles.append(tile)
        return tiles

    def figures(self) -> list[Context]:
        """Types, regions and fields, each with its chart and its table; a call of one type is not counted by it."""
        shown = [name for name in ("by_type", "by_region", "by_field") if self.statistics[name]]
        if len(self.statistics["by_type"]) == 1:
            shown.remove("by_type")
        return [self._bars(name, _titles()[name]) for name in shown]

    def _bars(self, name: str, title: str) -> Context:
        bars = [(self.label(name, row["id"]), row["cases"]) for row in self.statistics[name]]
        told = ", ".join(f"{label} {cases:,}" for label, cases in bars)
        chart = bar_chart(bars, title=title, description=f"{told}.")
        notes = [self.says("once")] if name == "by_type" and self.total["countries"] else []
        if name == "by_field" and self.statistics["by_field_overlaps"]:
            notes.append(self.says("overlap"))
        return {
            "id": name,
            "title": title,
            "figure": self._figure(chart, self.table(name)) | {"source": " ".join(notes)},
            "set": self._set(name),
        }

    @cached_property
    def countries(self) -> Context | None:
        """The map and the table of countries; nothing where a call is not counted by country."""
        rows = [row for row in self.statistics["by_country"] if row["id"] != UNCLASSIFIED]
        if not rows:
            return None
        counts = {row["id"]: row["cases"] for row in rows}
        title = _titles()["by_country"]
        first = ", ".join(f"{self.label('by_country', row['id'])} {row['cases']:,}" for row in rows[:5])
        chart = world_map(counts, title=title, description=gettext("Most: %(countries)s.") % {"countries": first})
        source = gettext("Shapes: Natural Earth. Circles stand for countries too small for the map.")
        if chart.left_out:
            left = ", ".join(self.label("by_country", code) for code in chart.left_out)
            source += " " + gettext("Not on the map, but in the table: %(countries)s.") % {"countries": left}
        return {
            "id": "by_country",
            "title": title,
            "figure": self._figure(chart, self.table("by_country")) | {"source": source},
        }

    def _figure(self, chart: Chart, table: Context) -> Context:
        return {
            "chart": chart if self._can_be_drawn(chart) else None,
            "table": table,
            "sample": self.sample,
            "open": True,
        }

    def _can_be_drawn(self, chart: Chart) -> bool:
        """Whether the page will get its pictures; they are kept, so the page itself only reads them."""
        try:
            for theme in self.themes:
                for width in chart.specs:
                    draw(chart, theme=theme, width=width)
        except (ChartError, OSError, ValueError):
            log.exception("no chart for %s: %s", self.view.call.slug, chart.title)
            return False
        return True

    def table(self, name: str) -> Context:
        """One table with its total row, for `_table.html`."""
        rows: Sequence[Row] = self.statistics[name]
        adds_up = self._adds_up(name)
        counted = bool(self.total["countries"]) and name != "by_country"
        columns = [{"text": _heads()[name]}, {"text": self.says("cases"), "kind": "number"}]
        columns += [{"text": self.says("countries"), "kind": "number"}] if counted else []
        columns += [{"text": self.says("share"), "kind": "number"}] if adds_up else []
        per_cent = [[f"{share}%"] for share in shares([row["cases"] for row in rows])] if adds_up else [[]] * len(rows)
        body = [
            [self.label(name, row["id"]), f"{row['cases']:,}", *([f"{row['countries']:,}"] if counted else []), *share]
            for row, share in zip(rows, per_cent, strict=True)
        ]
        total = [self.says("total"), f"{self.total['cases']:,}"]
        total += [f"{self.total['countries']:,}"] if counted else []
        total += [("100.0%" if self.total["cases"] else "0.0%")] if adds_up else []
        caption = _titles()[name]
        return {"id": f"table-{name}", "caption": caption, "columns": columns, "rows": body, "total": total}

    def matrix(self) -> Context | None:
        """Fields down, types across, what is not itemised last; nothing where one of them is not asked."""
        groups: Sequence[Row] = self.statistics["by_type_and_field"]
        if len(groups) < 2:
            return None
        counts = {group["id"]: {row["id"]: row["cases"] for row in group["fields"]} for group in groups}
        columns = [{"text": _heads()["by_field"]}]
        columns += [{"text": self.label("by_type", id_), "kind": "number"} for id_ in counts]
        columns += [{"text": self.says("total"), "kind": "number"}]
        rows = [
            [
                self.label("by_field", row["id"]),
                *(f"{of_type.get(row['id'], 0):,}" for of_type in counts.values()),
                f"{row['cases']:,}",
            ]
            for row in self.statistics["by_field"]
        ]
        types = {row["id"]: row["cases"] for row in self.statistics["by_type"]}
        total = [self.says("total"), *(f"{types[id_]:,}" for id_ in counts), f"{self.total['cases']:,}"]
        caption = gettext("Applications by field and type")
        return {"id": "table-matrix", "caption": caption, "columns": columns, "rows": rows, "total": total}

    def comparison(self) -> Context | None:
        """The change on the earlier round; nothing where none is known."""
        growth = self.growth
        if growth is None:
            return None
        numbers = [str(growth["previous_year"]), str(growth["year"]), self.says("change"), self.says("rate")]
        columns: list[Context] = [{"text": gettext("Counted")}]
        columns += [{"text": text, "kind": "number"} for text in numbers]
        rows = []
        for name in ("cases", "countries"):
            one = growth[name]
            rate = "–" if one["shown"] is None else f"{_signed(one['shown'])}%"
            cells = [f"{one['previous']:,}", f"{one['now']:,}", _signed(f"{one['change']:,}"), rate]
            rows.append([self.says(name), *cells])
        title = self.says("growth", previous_year=growth["previous_year"])
        caption = gettext("Change on the earlier round")
        return {"title": title, "id": "table-growth", "caption": caption, "columns": columns, "rows": rows}

    def arithmetic(self) -> list[str]:
        """Every step from the counts to the rates, a line for each."""
        growth = self.growth
        return [f"{self.says(n)}: {self._steps(growth[n])}" for n in ("cases", "countries")] if growth else []

    def _steps(self, one: Row) -> str:
        steps = f"{one['now']:,} − {one['previous']:,} = {_signed(one['change'])}"
        if one["shown"] is None:
            return steps
        exact = f"{one['change']:,} ÷ {one['previous']:,} = {one['percent']}%"
        return f"{steps}; {exact} → {one['shown']}%"

    def _set(self, name: str) -> Context | None:
        """The classification set behind a table: its name, the day that counts, and how long each group holds."""
        chosen = self.definition.classifications.get(name.removeprefix("by_"))
        if name not in ("by_region", "by_field") or chosen is None:
            return None
        found = classifications.load(chosen)
        return {
            "title": self.view.wording.of(dict(found.title)),
            "id": found.id,
            "on": self.view.wording.day(self.on),
            "source": found.source,
            "validity": list(self._validity(found)),
        }

    def _validity(self, found: ClassificationSet) -> Iterator[str]:
        for entry in found.entries:
            if entry.valid_from or entry.valid_to:
                yield f"{entry.label(self.language, self.on)}: {self._from_to(entry)}"

    def _from_to(self, entry: Entry) -> str:
        day = self.view.wording.day
        if entry.valid_from and entry.valid_to:
            return f"{day(entry.valid_from)} – {day(entry.valid_to)}"
        if entry.valid_from:
            return gettext("since %(day)s") % {"day": day(entry.valid_from)}
        return gettext("until %(day)s") % {"day": day(entry.valid_to or "")}

    def strays(self) -> list[str]:
        """Answers that no set has a place for, in words."""
        return [
            self.says("stray" if one["given"] else "stray_blank", **{**one, "by": self.says(f"by_{one['by']}")})
            for one in self.statistics["unclassified"]
        ]

    def _adds_up(self, name: str) -> bool:
        return not (name == "by_field" and self.statistics["by_field_overlaps"])

    # -- files --------------------------------------------------------------------------------------------------------

    def file(self, form: str, notes: Mapping[str, str]) -> HttpResponse:
        """The same numbers as `json`, `csv` (one long table) or `xlsx` (a sheet for each table)."""
        name = f"{self.view.call.slug}-statistics" + (f"-{self.as_of}" if self.as_of else "")
        if form == "json":
            as_of = self.as_of.isoformat() if self.as_of else None
            head = {"call": self.view.call.slug, "sample": self.sample, "note": dict(notes), "as_of": as_of}
            text = json.dumps({**head, **self.statistics}, ensure_ascii=False, indent=1)
            return attachment(f"{name}.json", f"{text}\n".encode(), JSON)
        if form == "csv":
            return csv_file(name, self._long_table())
        return xlsx_file(name, list(self._sheets(notes)))

    def _long_table(self) -> Sheet:
        header = ("table", "type", "id", "label", "cases", "countries", "sample")
        rows: list[tuple[Cell, ...]] = [("total", "", "", self.says("total"), *_numbers(self.total), self._yes_no())]
        for name in TABLES:
            rows += [(name, "", *self._line(name, row), self._yes_no()) for row in self.statistics[name]]
        for group in self.statistics["by_type_and_field"]:
            rows += [
                ("by_type_and_field", group["id"], *self._line("by_field", row), self._yes_no())
                for row in group["fields"]
            ]
        return Sheet(self.view.title, header, rows)

    def _sheets(self, notes: Mapping[str, str]) -> Iterator[Sheet]:
        head = [self.says("heading", title=self.view.title, on=self.as_of or self.on)]
        head += [self.says("sample")] if self.sample else []
        head += [text for text in (self.view.wording.of(dict(notes)),) if text]
        numbers = [self.says("cases"), self.says("countries")]
        for name in TABLES:
            if rows := self.statistics[name]:
                lines = [self._line(name, row) for row in rows]
                total = ("", self.says("total"), *_numbers(self.total))
                yield Sheet(self.says(name), ["id", self.says(name), *numbers], [*lines, total], head)
        for group in self.statistics["by_type_and_field"]:
            title = self.says("by_field_of", type=self.label("by_type", group["id"]))
            lines = [self._line("by_field", row) for row in group["fields"]]
            yield Sheet(title, ["id", title, *numbers], lines, head)
        if growth := self.comparison():
            header = [column["text"] for column in growth["columns"]]
            yield Sheet(growth["caption"], header, growth["rows"], head)

    def _line(self, table: str, row: Row) -> tuple[Cell, ...]:
        return row["id"], self.label(table, row["id"]), *_numbers(row)

    def _yes_no(self) -> str:
        return "yes" if self.sample else "no"


def _titles() -> dict[str, str]:
    return {
        "by_type": gettext("Applications by type"),
        "by_region": gettext("Applications by region"),
        "by_country": gettext("Applications by country"),
        "by_field": gettext("Applications by field"),
    }


def _heads() -> dict[str, str]:
    """What the first column of each table holds."""
    return {
        "by_type": gettext("Type"),
        "by_region": gettext("Region"),
        "by_country": gettext("Country"),
        "by_field": gettext("Field"),
    }


def _numbers(row: Row) -> tuple[int, int]:
    return row["cases"], row["countries"]


def _signed(number: str | int) -> str:
    text = str(number)
    return text if text.startswith("-") or not text.strip("0.,") else f"+{text}"
