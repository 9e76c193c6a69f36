"""A recount that shares no code with the tables: one pass of plain tallies, compared number by number."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from madang.core.reasons import Fault, Param
from madang.core.statistics.model import Classifications, Received, Reception

Tally = dict[str, tuple[int, set[str]]]


def verify(stated: object, reception: Reception) -> list[Fault]:
    """Every number of `stated` that a recount does not bear out, by its JSON pointer; empty when all hold.

    Checks numbers, ids, completeness and the order of rows. Cost: applications x regions.
    """
    return list(_differences("", stated, _recount(reception)))


def _recount(reception: Reception) -> dict[str, Any]:
    sets = reception.classifications
    whole: Tally = {}
    types: Tally = {}
    regions: Tally = {}
    countries: Tally = {}
    fields: Tally = {}
    per_type: dict[str, Tally] = defaultdict(dict)
    for one in reception.received:
        country = _country(one, sets)
        track = _track(one, reception)
        region = _region(one, sets, reception.on)
        fields_of_one = {f if f in sets.fields else "unclassified" for f in one.fields} or {"not_itemised"}
        _tally(whole, "", country)
        _tally(types, track, country)
        _tally(regions, region, country)
        for field in fields_of_one:
            _tally(fields, field, country)
            _tally(per_type[track], field, country)
        if country:
            _tally(countries, country, country)
    tail = ["not_itemised", "unclassified"]
    in_force = [r.id for r in sets.regions if (r.valid_from or "") <= reception.on <= (r.valid_to or "9999-12-31")]
    cases, distinct = whole.get("", (0, set()))
    order = sorted(countries, key=lambda c: (c == "unclassified", -countries[c][0], c))
    field_order = [*sets.fields, *tail]
    type_order = [*reception.tracks, *(t for t in per_type if t not in reception.tracks)]
    return {
        "on": reception.on,
        "year": reception.year,
        "total": {"cases": cases, "countries": len(distinct)},
        "by_type": _table(types, [*reception.tracks, *tail], reception.tracks) if reception.tracks else [],
        "by_region": _table(regions, [*in_force, *tail], tuple(in_force)) if sets.regions else [],
        "by_country": _table(countries, order),
        "by_field": _table(fields, field_order) if sets.fields else [],
        "by_field_overlaps": len(sets.fields) > 0 and max((len(r.fields) for r in reception.received), default=0) > 1,
        "by_type_and_field": [{"id": t, "fields": _table(per_type[t], field_order)} for t in type_order]
        if sets.fields and reception.tracks
        else [],
        "growth": _growth(reception, cases, len(distinct)),
        "unclassified": _strays(reception),
    }


def _strays(reception: Reception) -> list[dict[str, str]]:
    """What has no place in a set, table by table."""
    sets, received = reception.classifications, reception.received
    found: list[tuple[Received, str, str]] = []
    if reception.tracks:
        found += [(one, "type", one.track) for one in received if _track(one, reception) == "unclassified"]
    if sets.regions:
        found += [
            (one, "region", one.country) for one in received if _region(one, sets, reception.on) == "unclassified"
        ]
    if sets.countries:
        found += [(one, "country", one.country) for one in received if _country(one, sets) == "unclassified"]
    if sets.fields:
        unknown = [(one, [field for field in one.fields if field not in sets.fields]) for one in received]
        found += [(one, "field", ";".join(fields)) for one, fields in unknown if fields]
    return [{"application": one.application, "by": by, "given": given} for one, by, given in found]


def _tally(tally: Tally, key: str, country: str) -> None:
    cases, countries = tally.get(key, (0, set()))
    tally[key] = (cases + 1, countries | ({country} - {"", "unclassified"}))


def _table(tally: Tally, order: list[str], always: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    empty: tuple[int, set[str]] = (0, set())
    table = []
    for id_ in order:
        cases, countries = tally.get(id_, empty)
        if cases or id_ in always:
            table.append({"id": id_, "cases": cases, "countries": len(countries)})
    return table


def _track(one: Received, reception: Reception) -> str:
    return one.track if one.track in reception.tracks else "unclassified"


def _country(one: Received, sets: Classifications) -> str:
    if sets.countries and one.country not in sets.countries:
        return "unclassified"
    return one.country


def _region(one: Received, sets: Classifications, on: str) -> str:
    if not one.country or _country(one, sets) == "unclassified":
        return "unclassified"
    named, rest = [], []
    for region in sets.regions:
        if not (region.valid_from or "") <= on <= (region.valid_to or "9999-12-31"):
            continue
        rest += [region.id] if region.rest else []
        for member in region.countries:
            current = (member.valid_from or "") <= on <= (member.valid_to or "9999-12-31")
            named += [region.id] if current and member.country == one.country else []
    return [*named, *rest, "unclassified"][0]


def _growth(reception: Reception, cases: int, countries: int) -> dict[str, Any]:
    result: dict[str, Any] = {"year": reception.year, "previous_year": None, "cases": None, "countries": None}
    for earlier in sorted(reception.earlier, key=lambda r: r.year):
        if earlier.year >= reception.year or earlier.year == result["previous_year"]:
            continue
        result["previous_year"] = earlier.year
        for name, before, now in (("cases", earlier.cases, cases), ("countries", earlier.countries, countries)):
            result[name] = {
                "previous": before,
                "now": now,
                "change": now - before,
                "percent": _percent(before, now, "0.01"),
                "shown": _percent(before, now, "0.1"),
            }
    return result


def _percent(before: int, now: int, step: str) -> str | None:
    """By long division in decimals: a quotient this long rounds as the exact one, for counts under 10^16."""
    if not before:
        return None
    with localcontext() as context:
        context.prec = 60
        rounded = (Decimal(now - before) * 100 / before).quantize(Decimal(step), ROUND_HALF_UP)
    return str(abs(rounded)) if not rounded else str(rounded)


def _differences(at: str, stated: object, recounted: object) -> list[Fault]:
    if isinstance(stated, dict) and isinstance(recounted, dict):
        faults = []
        for key in [*recounted, *(key for key in stated if key not in recounted)]:
            if key not in stated:
                faults.append(Fault("statistic_missing", f"{at}/{key}"))
            elif key not in recounted:
                faults.append(Fault("statistic_unknown", f"{at}/{key}"))
            else:
                faults += _differences(f"{at}/{key}", stated[key], recounted[key])
        return faults
    if isinstance(stated, list) and isinstance(recounted, list):
        faults = []
        if len(stated) != len(recounted):
            faults.append(Fault("statistic_rows", at, {"stated": len(stated), "recounted": len(recounted)}))
        for i, (mine, theirs) in enumerate(zip(stated, recounted, strict=False)):
            faults += _differences(f"{at}/{i}", mine, theirs)
        return faults
    if type(stated) is type(recounted) and stated == recounted:
        return []
    return [Fault("statistic_differs", at, {"stated": _shown(stated), "recounted": _shown(recounted)})]


def _shown(value: object) -> Param:
    return value if isinstance(value, str | int | bool) or value is None else str(value)[:80]
