"""Which places of the form may be changed: the places as a whole, what depends on them, and what two forms change.

A place here is what an office can name: a field, a repeated field with its rows (`goals`), the consortium
(`members`), a document (`documents.plan`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from madang.core.callspec.asked import RowsField
from madang.core.callspec.expressions import RuleError, compile_rule
from madang.core.callspec.model import Definition
from madang.core.form.model import APPLICANT, DOCUMENTS, MEMBERS
from madang.core.reasons import Malformed


def place_of(key: str) -> str:
    """The place that a key stands in: `goals.r3f.when` -> `goals`; a document and the applicant's own stay whole."""
    first, _, _ = key.partition(".")
    return key if first in (DOCUMENTS, APPLICANT) else first


def places_of(definition: Definition) -> tuple[str, ...]:
    """Every place that an office may ask to be changed, in the order of the form."""
    consortium = [MEMBERS] if any(track.consortium for track in definition.tracks) else []
    documents = [f"{DOCUMENTS}.{document.id}" for document in definition.documents]
    return (*(field.id for field in definition.fields()), *consortium, *documents)


def with_dependents(definition: Definition, places: Iterable[str]) -> tuple[str, ...]:
    """These places and those whose conditions ask about them, and so on, in the order of the form: another answer
    may show, hide or require them.
    """
    asks = _asks(definition)
    found = set(places)
    waiting = list(found)
    while waiting:
        new = asks[waiting.pop()] - found
        found |= new
        waiting += new
    return tuple(place for place in places_of(definition) if place in found)


def _asks(definition: Definition) -> Mapping[str, set[str]]:
    """Place -> the places whose conditions name it."""
    asks: dict[str, set[str]] = defaultdict(set)
    for place, condition in _conditions(definition):
        try:
            names = compile_rule(condition).names
        except (RuleError, Malformed):
            continue
        for name in names:
            asks[name].add(place)
    return asks


def _conditions(definition: Definition) -> Iterator[tuple[str, str]]:
    for field in definition.fields():
        parts = [field, *(field.fields if isinstance(field, RowsField) else ())]
        yield from ((field.id, one) for part in parts for one in (part.when, part.required) if isinstance(one, str))
    for document in definition.documents:
        if isinstance(document.required, str):
            yield f"{DOCUMENTS}.{document.id}", document.required


def changed_places(before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    """The places in which two filed forms (`docs/formats/receipts.md`) differ; `applicant` and `applicant.track` too.

    Files by what they are, not by which act put them there.
    """
    answers = {*before["answers"], *after["answers"]}
    found = {key for key in answers if before["answers"].get(key) != after["answers"].get(key)}
    found |= {MEMBERS} if before["members"] != after["members"] else set()
    found |= {APPLICANT} if before["applicant"] != after["applicant"] else set()
    found |= {f"{APPLICANT}.track"} if before["track"] != after["track"] else set()
    for read in (_files, _translations):
        old, new = read(before), read(after)
        found |= {place for place in {*old, *new} if old[place] != new[place]}
    return frozenset(found)


def _files(form: Mapping[str, Any]) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for one in form["files"]:
        found[place_of(one["key"])].append((one["name"], one["sha256"], one.get("handed_by", "")))
    return found


def _translations(form: Mapping[str, Any]) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for one in form["translations"]:
        found[place_of(one["key"])].append((one["key"], one["language"], one["origin"], one["text"]))
    return found


def elsewhere(before: Mapping[str, Any], after: Mapping[str, Any], places: Collection[str]) -> tuple[str, ...]:
    """Where two filed forms differ outside of these places, sorted."""
    return tuple(sorted(changed_places(before, after) - set(places)))
