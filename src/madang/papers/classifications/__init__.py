"""Dated classification sets: countries, regions and fields, each a JSON file beside this module.

A set never changes in place what an earlier year has counted: a country joins or leaves a region from a day on, and a
country that took a new name keeps the label of its time. `docs/formats/statistics.md` says how to add a set.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import chain, repeat
from typing import Literal

from pydantic import Field, field_validator

from madang.core.callspec.blocks import Text
from madang.core.problem import Id, Items, Strict, read_problem
from madang.core.reasons import Fault, Malformed
from madang.core.statistics import Classifications, Membership, Region
from madang.core.statistics.model import Dated

INVENTED, INVENTED_REGIONS = "iso-user-assigned", "sample-regions"
"""The sets of invented countries, for samples."""

Kind = Literal["country", "region", "field"]


class Label(Dated):
    """The name of an entry for a time."""

    en: str
    ko: str

    def say(self, language: str) -> str:
        return self.ko if language == "ko" else self.en


class Entry(Dated):
    """A country, a region with its countries (or `rest`: every other one), or a field."""

    id: Id
    labels: Items[Label] = Field(min_length=1)
    countries: Items[Membership] = ()
    rest: bool = False

    @field_validator("countries", mode="before")
    @classmethod
    def _plain_codes(cls, given: object) -> object:
        """`"VN"` stands for a country that belongs for as long as the region holds."""
        return [{"country": c} if isinstance(c, str) else c for c in given] if isinstance(given, list) else given

    def label(self, language: str, on: str | None = None) -> str:
        """The name on a day (`YYYY-MM-DD`), or today's: the last in the list."""
        labels = [label for label in self.labels if on is None or label.holds(on)] or self.labels
        return labels[-1].say(language)


class ClassificationSet(Strict):
    """One file. `sample` marks invented entries; `source` says where the others come from, and what is not known."""

    id: Id
    kind: Kind
    title: Text
    source: str
    sample: bool = False
    entries: Items[Entry]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(entry.id for entry in self.entries)

    def entry(self, id_: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.id == id_), None)

    def label(self, id_: str, language: str, on: str | None = None) -> str:
        """The name of an entry on a day; the id itself where the set does not have it."""
        entry = self.entry(id_)
        return entry.label(language, on) if entry else id_


@cache
def names() -> tuple[str, ...]:
    """The ids of all sets."""
    found = (path.name for path in files(__package__).iterdir() if path.name.endswith(".json"))
    return tuple(sorted(name.removesuffix(".json") for name in found))


@cache
def load(name: str) -> ClassificationSet:
    """A set by its id; raises `Malformed` where there is none. Read once."""
    if name not in names():
        raise Malformed([Fault("unknown_classification", "", {"set": name, "known": list(names())})])
    text = files(__package__).joinpath(f"{name}.json").read_text("utf-8")
    return read_problem(ClassificationSet, json.loads(text))


def label(name: str, id_: str, language: str, on: str | None = None) -> str:
    """`label("iso-3166", "TR", "ko", "2021-04-20")` -> `"터키"`; without a day the current name."""
    return load(name).label(id_, language, on)


def country_label(code: str, language: str, on: str | None = None) -> str:
    """The name of any country of any set, invented ones too; the code where no set has it."""
    sets = (load(name) for name in names())
    found = next((s.entry(code) for s in sets if s.kind == "country" and s.entry(code)), None)
    return found.label(language, on) if found else code


def region_of(country: str, name: str, on: str) -> str | None:
    """The region of a country in a region set on a day; null where none has it."""
    return Classifications(regions=_regions(load(name))).region_of(country, on)


def known_countries(name: str) -> frozenset[str]:
    """The codes of a country set."""
    return frozenset(load(name).ids)


def for_call(chosen: Mapping[str, str], *, sample: bool = False) -> Classifications:
    """The sets that a definition names (`{country: iso-3166, region: ..., field: ...}`), as the core counts by them.

    Roles left out group nothing. With `sample` (a folder of invented material) the invented countries are known too,
    and those of the first sample region join the first region, and so on, so that a real definition can be tried out.
    Raises `Malformed` for a set that does not exist or is of another kind.
    """
    sets = _sets(chosen)
    country, region, field = (sets.get(role) for role in ("country", "region", "field"))
    guests = load(INVENTED).ids if sample and country and not country.sample else ()
    return Classifications(
        countries=(*(country.ids if country else ()), *guests),
        regions=_regions(region, with_guests=sample and not region.sample) if region else (),
        fields=field.ids if field else (),
    )


def _sets(chosen: Mapping[str, str]) -> dict[str, ClassificationSet]:
    sets: dict[str, ClassificationSet] = {}
    faults = []
    for role, name in chosen.items():
        at = f"classifications/{role}"
        if name not in names():
            faults.append(Fault("unknown_classification", at, {"set": name, "known": list(names())}))
        elif role in ("country", "region", "field") and load(name).kind != role:
            fault = {"set": name, "kind": load(name).kind, "wanted": role}
            faults.append(Fault("wrong_classification", at, fault))
        else:
            sets[role] = load(name)
    if faults:
        raise Malformed(faults)
    return sets


def _regions(regions: ClassificationSet, *, with_guests: bool = False) -> tuple[Region, ...]:
    invited = load(INVENTED_REGIONS).entries if with_guests else ()
    guests = chain((entry.countries for entry in invited), repeat(()))
    return tuple(
        Region(
            id=entry.id,
            countries=(*entry.countries, *joining),
            rest=entry.rest,
            valid_from=entry.valid_from,
            valid_to=entry.valid_to,
        )
        for entry, joining in zip(regions.entries, guests, strict=False)
    )
