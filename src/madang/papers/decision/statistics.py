"""The reception statistics of a record as labelled tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from madang.core.statistics import with_shares
from madang.core.statistics.model import NOT_ITEMISED, UNCLASSIFIED
from madang.papers.decision.labels import Labels
from madang.papers.decision.model import StatisticRow, StatisticTable
from madang.words import sentence


def tables(found: Mapping[str, Any], labels: Labels) -> Iterator[StatisticTable]:
    """Each reception table that has rows, by type, region, country and field."""
    language = labels.language
    names: dict[str, Callable[[str], str]] = {
        "type": labels.track,
        "region": lambda id_: labels.classified("region", id_),
        "country": labels.country,
        "field": lambda id_: labels.classified("field", id_),
    }
    places = {NOT_ITEMISED: "statistics_not_itemised", UNCLASSIFIED: "statistics_unclassified"}
    whole = found["total"]
    for by, label in names.items():
        rows = found[f"by_{by}"]
        if not rows or (by == "type" and len(rows) == 1):
            continue
        overlaps = by == "field" and found["by_field_overlaps"]
        shared = rows if overlaps else with_shares(rows)
        lines = [
            StatisticRow(
                sentence(places[row["id"]], {}, language) if row["id"] in places else label(row["id"]),
                row["cases"],
                row["countries"],
                row.get("share_shown"),
            )
            for row in shared
        ]
        total = sentence("statistics_total", {}, language)
        yield StatisticTable(
            id=by,
            title=sentence(f"statistics_by_{by}", {}, language),
            rows=tuple(lines),
            total=StatisticRow(total, whole["cases"], whole["countries"], None if overlaps else "100.0"),
            note=_note(found, by, overlaps, language),
            countries=whole["countries"] > 0 and by != "country",
        )


def _note(found: Mapping[str, Any], by: str, overlaps: bool, language: str) -> str:
    if overlaps:
        return sentence("statistics_overlap", {}, language)
    once = by in ("type", "field") and found["total"]["countries"]
    return sentence("statistics_once", {}, language) if once else ""


def growth_of(found: Mapping[str, Any], labels: Labels) -> str:
    """How the reception compares with the round before, in one sentence."""
    growth = found["growth"]
    if growth["cases"] is None:
        return ""
    told = {"previous_year": growth["previous_year"], "year": growth["year"]}
    for name in ("cases", "countries"):
        one = growth[name]
        told |= {f"{name}_previous": one["previous"], f"{name}_now": one["now"]}
        told |= {f"{name}_change": f"{one['change']:+,}", f"{name}_shown": one["shown"] or "–"}
    return labels.say("growth", **told)
