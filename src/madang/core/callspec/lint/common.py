"""What the checks share: the form of a finding, a walk over a definition, and what a name stands for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel

from madang.core.callspec.model import Definition
from madang.core.reasons import Param

Sets = Mapping[str, frozenset[str]]
"""Classification sets by name with the codes they know: `{"iso-3166": {"KR", ...}}`."""

Path = tuple[str | int, ...]
Params = dict[str, Param]
Found = tuple[Sequence[str | int], str, Params]
"""Path in the text, code of the fault, and what its sentence needs."""


def walk(part: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every part of a model with its path in the text."""
    yield path, part
    if isinstance(part, BaseModel):
        for name, field in type(part).model_fields.items():
            yield from walk(getattr(part, name), (*path, field.alias or name))
    elif isinstance(part, tuple):
        for number, item in enumerate(part):
            yield from walk(item, (*path, number))
    elif isinstance(part, dict):
        for key, item in part.items():
            yield from walk(item, (*path, key))


def repeated(items: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The items that stood before, with their index."""
    seen: set[str] = set()
    for number, item in enumerate(items):
        if item in seen:
            yield number, item
        seen.add(item)


def country_codes(d: Definition, sets: Sets) -> frozenset[str]:
    """The countries that this call knows; ISO 3166 where it names no set of its own."""
    return sets.get(d.classifications.get("country", "iso-3166"), frozenset())


def scored_name(d: Definition, name: str) -> Literal["one", "none", "several"]:
    """Whether a name means one scored stage, one `stage.criterion`, or a criterion that stands in one stage only."""
    whole = Counter(criterion.id for stage in d.evaluation for criterion in stage.criteria)
    whole.update(stage.id for stage in d.evaluation)
    if f"{name}".count(".") == 1:
        stage_id, criterion_id = name.split(".")
        stages = [stage for stage in d.evaluation if stage.id == stage_id]
        return "one" if any(c.id == criterion_id for stage in stages for c in stage.criteria) else "none"
    return "none" if not whole[name] else "one" if whole[name] == 1 else "several"


def scored_names(d: Definition) -> list[str]:
    """Every name that `scored_name` accepts, stages first."""
    stages = [stage.id for stage in d.evaluation]
    return [*stages, *(f"{stage.id}.{criterion.id}" for stage in d.evaluation for criterion in stage.criteria)]
