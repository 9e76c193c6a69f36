"""Text of a call definition -> `Definition`, or every fault with its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import lru_cache, reduce
from typing import Any

from pydantic import BaseModel, ValidationError

from madang.core.callspec import asked, blocks, model, rule, scored
from madang.core.callspec.model import Definition
from madang.core.callspec.source import Path, Source
from madang.core.problem import faults_of
from madang.core.reasons import Fault, Malformed, Param

#: pydantic's error types whose sentence needs more than `core.problem` tells.
_CODES = {
    "missing": "missing_key",
    "union_tag_not_found": "missing_key",
    "extra_forbidden": "unknown_key",
    "greater_than_equal": "under_least",
    "greater_than": "not_over_least",
    "less_than_equal": "over_most",
    "too_short": "too_few_items",
    "too_long": "too_many_items",
    "string_pattern_mismatch": "not_a_name",
}
_PATTERNS = {r"^[A-Z]{2}$": "not_a_country_code", r"^-?\d+(\.\d+)?$": "not_a_number", r"^[a-z]{2,3}": "not_a_language"}


@lru_cache(maxsize=64)
def parse(text: str) -> Definition:
    """Read the shape of a definition; what fits together is asked of `lint`. Raises `Malformed`, faults at `line N`.

    Kept by text: the same definition is asked for again and again, and reading YAML takes longer than a small decision.
    """
    return parse_source(Source(text))


def parse_source(source: Source) -> Definition:
    definition, found = placed_faults(source)
    if definition is None:
        raise Malformed([fault for _, fault in found])
    return definition


def placed_faults(source: Source) -> tuple[Definition | None, list[tuple[Path, Fault]]]:
    """The definition, or every fault of its shape with the path of its place, in the order of the text.

    What is missing has the path where it would stand.
    """
    try:
        return Definition.model_validate(source.data), []
    except ValidationError as error:
        told = _nearest_branch(_told(source, error))
        found = [(_place(path, fault), Fault(fault.code, source.at(path), fault.params)) for path, _, fault in told]
        return None, sorted(found, key=lambda one: int(one[1].at.split()[1]))


def _place(path: Path, fault: Fault) -> Path:
    return (*path, str(fault.params["field"])) if fault.code == "missing_key" else path


_Told = tuple[Path, tuple[str | int, ...], Fault]
"""Path in the text, pydantic's own location (which names union branches too), and the fault."""


def _told(source: Source, error: ValidationError) -> Iterator[_Told]:
    for item, fault in zip(error.errors(include_url=False), faults_of(error), strict=True):
        location = item["loc"]
        path = _in_text(source, location)
        params: dict[str, Param] = {"field": str(location[-1]) if location else "", **fault.params}
        context = item.get("ctx", {})
        code = _CODES.get(item["type"], fault.code)
        match code:
            case "missing_key" if item["type"] == "union_tag_not_found":
                params = {"field": str(context.get("discriminator", "")).strip("'")}
            case "unknown_key":
                near = _near(source, path, str(location[-1]))
                code = "unknown_key" if near else "unknown_key_alone"
                params["near"] = near
            case "under_least":
                params["least"] = str(context.get("ge"))
            case "not_over_least":
                params["least"] = str(context.get("gt"))
            case "over_most":
                params["most"] = str(context.get("le"))
            case "too_few_items":
                params["least"] = str(context.get("min_length"))
            case "too_many_items":
                params["most"] = str(context.get("max_length"))
            case "not_a_name":
                pattern = str(context.get("pattern", ""))
                code = next((c for start, c in _PATTERNS.items() if pattern.startswith(start)), code)
                params["given"] = str(item.get("input"))[:80]
            case "sample_names_unknown_field":
                path = (*path, "sample")
        yield path, location, Fault(code, "", params)


def _in_text(source: Source, location: Sequence[str | int]) -> Path:
    """The part of the text that pydantic means: union branches (`decide`, `rank`) are no steps in the text."""
    here: Any = source.data
    path: list[str | int] = []
    for part in location:
        in_list = isinstance(here, list) and isinstance(part, int) and part < len(here)
        if in_list or (isinstance(here, dict) and part in here):
            here = here[part]
            path.append(part)
    return tuple(path)


def _nearest_branch(told: Iterator[_Told]) -> list[_Told]:
    """Where a part fits none of several forms (a quota or a cap), keep the faults of the nearest form."""
    groups: dict[tuple[str | int, ...], dict[str | int, list[_Told]]] = {}
    plain: list[_Told] = []
    for entry in told:
        location = entry[1]
        fork = next((number for number, part in enumerate(location) if _is_form(part)), None)
        if fork is None:
            plain.append(entry)
        else:
            groups.setdefault(location[:fork], {}).setdefault(location[fork], []).append(entry)
    return plain + [entry for forms in groups.values() for entry in min(forms.values(), key=_distance)]


def _distance(entries: list[_Told]) -> tuple[int, int]:
    """An unknown key says that this form was not meant; then the fewer faults the nearer."""
    return sum(fault.code.startswith("unknown_key") for _, _, fault in entries), len(entries)


def _is_form(part: str | int) -> bool:
    """pydantic names the branches of a union by type (`bool`, `constrained-str`) or validator; no key looks so."""
    return isinstance(part, str) and (
        part in ("bool", "str") or part.startswith(("constrained-", "tuple[", "function-"))
    )


@lru_cache(maxsize=1)
def _keys() -> tuple[str, ...]:
    """Every key of the format, for naming the one that was meant."""
    parts = [part for module in (asked, blocks, model, rule, scored) for part in vars(module).values()]
    found = {part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)}
    return tuple(sorted({field.alias or name for block in found for name, field in block.model_fields.items()}))


def _near(source: Source, path: Path, key: str) -> str:
    """The key that was probably meant and does not stand there yet; empty if none is near."""
    around: Any = reduce(lambda here, part: here[part], path[:-1], source.data)  # `path` was walked in this very text
    taken = around if isinstance(around, dict) else {}
    return next((near for near in get_close_matches(key, _keys(), n=3, cutoff=0.7) if near not in taken), "")


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a call definition."""
    found = Definition.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Madang call definition", **found}
