"""Definitions from files: by path or by id, held against the classification sets that the house has."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from madang.core.callspec import Definition, Source, check
from madang.core.reasons import Fault, Malformed
from madang.papers import calendars, classifications
from madang.papers.library import programmes


@cache
def sets() -> dict[str, frozenset[str]]:
    """Every classification set with its codes, as `callspec.lint` wants them."""
    return {name: frozenset(classifications.load(name).ids) for name in classifications.names()}


def path_of(path_or_id: str | Path) -> Path:
    """The file that is meant: an existing path, or a definition that comes with the product. Raises `Malformed`."""
    path = Path(path_or_id)
    if path.is_dir() and (path / "call.yaml").is_file():
        return path / "call.yaml"
    if path.is_file():
        return path
    known = programmes()
    if str(path_or_id) in known:
        return known[str(path_or_id)]
    raise Malformed([Fault("no_such_definition", "", {"given": str(path_or_id), "known": list(known)})])


def text_of(path: Path) -> str:
    """The text of a file; raises `Malformed` where it cannot be read or is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Malformed([Fault("file_not_read", str(path), {"system": error.strerror or str(error)})]) from None
    except UnicodeDecodeError as error:
        raise Malformed([Fault("not_utf8", str(path), {"byte": error.start})]) from None


def checked(text: str) -> tuple[Definition | None, list[Fault]]:
    """The definition (where its shape holds) and every fault, in the order of the text."""
    definition, faults = check(text, sets(), calendars.find)
    if definition is None:
        return None, faults
    faults += _wrong_kinds(definition, Source(text))
    return definition, sorted(faults, key=lambda fault: int(fault.at.removeprefix("line ")))


def _wrong_kinds(definition: Definition, source: Source) -> Iterator[Fault]:
    """A set of fields named as the set of countries: `lint` sees codes only, the kinds of the sets are known here."""
    for role, name in definition.classifications.items():
        if (
            role in ("country", "region", "field")
            and name in sets()
            and (kind := classifications.load(name).kind) != role
        ):
            told = {"set": name, "kind": kind, "wanted": role}
            yield Fault("wrong_classification", source.at(("classifications", role)), {**told})


def read(path_or_id: str | Path) -> tuple[Definition, str]:
    """A definition without faults and its text; raises `Malformed` with every fault, each at its line."""
    text = text_of(path_of(path_or_id))
    definition, faults = checked(text)
    if definition is None or faults:
        raise Malformed(faults)
    return definition, text
