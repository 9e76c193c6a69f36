"""Read what was typed into the search field of a list."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Final

from madang.core.listing.model import WORDS, Field, Query, Term
from madang.core.reasons import Fault, Malformed, Param

LONGEST: Final = 500
"""Characters of a search."""
MOST_TERMS: Final = 30
MOST_NAMED: Final = 12
"""Known values that one fault names."""

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_TERM: Final = re.compile(
    r"""\s*(?P<minus>-?)
        (?:(?P<field>[^\s":<>=-][^\s":<>=]*):(?P<comparison>>=|<=|>|<)?)?
        (?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s"]*))""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER: Final = re.compile(r"(?P<digits>[0-9][0-9,]{0,20})(?P<unit>억|백만|만|[mM])?")
_UNITS: Final = {"억": 100_000_000, "백만": 1_000_000, "만": 10_000, "m": 1_000_000}
_LARGEST: Final = 2**53


def parse(text: str, fields: Mapping[str, Field]) -> Query:
    """The query that a text says. Blank: everything.

    Raises `Malformed` with every fault: an unknown field or value (with the nearest known one), a comparison where
    nothing can be compared, no day, no whole number, an open quotation mark, control characters, too much of it.
    """
    if len(text) > LONGEST:
        raise Malformed([Fault("listing_too_long", "", {"most": LONGEST})])
    if _CONTROL.search(text):
        raise Malformed([Fault("listing_control", "")])
    faults: list[Fault] = []
    terms = list(_terms(text, fields, faults))
    if len(terms) > MOST_TERMS:
        faults.append(Fault("listing_too_many_terms", "", {"most": MOST_TERMS}))
    if faults:
        raise Malformed(faults)
    return Query.of(terms)


def _terms(text: str, fields: Mapping[str, Field], faults: list[Fault]) -> Iterator[Term]:
    place = 0
    while place < len(text) and text[place:].strip():
        found = _TERM.match(text, place)
        assert found is not None, "it matches nothing at all, too"
        quoted = found["quoted"]
        place = found.end()
        if quoted is None and not found["bare"] and text[place : place + 1] == '"':
            faults.append(Fault("listing_open_quote", "", {}))
            return
        value = re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL) if quoted is not None else found["bare"]
        value, at = " ".join(value.split()), found[0].strip()
        if found["field"] is None:
            if value:
                yield Term(WORDS, value, negated=bool(found["minus"]))
            elif quoted is None:
                faults.append(Fault("listing_not_understood", at, {}))
            continue
        try:
            yield _term(found["field"], found["comparison"] or "", value, bool(found["minus"]), fields, at)
        except Malformed as wrong:
            faults += wrong.faults


def _term(name: str, comparison: str, value: str, negated: bool, fields: Mapping[str, Field], at: str) -> Term:
    known = name if name in fields else name.lower()
    if known not in fields:
        near = _nearest(known, fields)
        code = "listing_unknown_field_near" if near else "listing_unknown_field"
        told: dict[str, Param] = {"field": name, "near": near, "known": sorted(fields)[:MOST_NAMED]}
        raise Malformed([Fault(code, at, told)])
    asked = fields[known]
    if not value:
        raise Malformed([Fault("listing_no_value", at, {"field": known})])
    if comparison and asked.kind not in ("day", "number"):
        raise Malformed([Fault("listing_not_compared", at, {"field": known, "comparison": comparison})])
    match asked.kind:
        case "choice":
            return Term(known, _chosen(known, asked, value, at), negated=negated)
        case "day":
            return Term(known, _day(known, value, at), comparison, negated)
        case "number":
            return Term(known, _number(known, value, at), comparison, negated)
    return Term(known, value, negated=negated)


def _chosen(name: str, asked: Field, value: str, at: str) -> str:
    if value in asked.values:
        return value
    same = [one for one in asked.values if one.casefold() == value.casefold()]
    if same or value.casefold() in asked.aliases:
        return same[0] if same else asked.aliases[value.casefold()]
    near = _nearest(value, asked.values)
    params: dict[str, Param] = {"field": name, "value": value, "near": near, "known": list(asked.values)[:MOST_NAMED]}
    code = "listing_unknown_value_near" if near else "listing_unknown_value"
    raise Malformed([Fault(code, at, params)])


def _nearest(name: str, known: Iterable[str]) -> str:
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.6)), "")


def _day(name: str, value: str, at: str) -> str:
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return dt.date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise Malformed([Fault("listing_not_a_day", at, {"field": name, "value": value})])


def _number(name: str, value: str, at: str) -> str:
    """A whole number; `3억`, `300백만` and `300m` are short for 300,000,000."""
    found = _NUMBER.fullmatch(value)
    number = int(found["digits"].replace(",", "")) * _UNITS.get((found["unit"] or "").lower(), 1) if found else -1
    if 0 <= number <= _LARGEST:
        return str(number)
    raise Malformed([Fault("listing_not_a_number", at, {"field": name, "value": value})])
