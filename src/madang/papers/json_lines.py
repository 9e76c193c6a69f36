"""Files with one JSON value on each line (`docs.jsonl`), named by problems in place of a list; faults name the line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from madang.core.problem import read_json
from madang.core.reasons import Fault, Malformed

#: A longer file is refused unread.
MOST_BYTES: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Lines:
    """The values of a file, the numbers of their lines (from 1; empty lines have no value), and its name."""

    name: str
    values: list[Any]
    numbers: Sequence[int]


def read_lines(name: str, folder: Path, at: str) -> Lines:
    """The file `name`, relative to `folder` and inside it.

    Raises `Malformed`: at `at` (the place that names the file) where it cannot be read, at `docs.jsonl, line 41` for
    every line that is no JSON.
    """
    values, numbers, faults = [], [], []
    for number, line in enumerate(_text(name, folder, at).split("\n"), start=1):
        if line.strip():
            try:
                values.append(read_json(line))
                numbers.append(number)
            except Malformed as malformed:
                faults += [replace(fault, at=f"{name}, line {number}") for fault in malformed.faults]
    if faults:
        raise Malformed(faults)
    return Lines(name, values, numbers)


def _text(name: str, folder: Path, at: str) -> str:
    if not name.endswith(".jsonl") or "\0" in name:
        raise Malformed([Fault("documents_reference", at, {"given": name[:200]})])
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise Malformed([Fault("matrix_outside_folder", at, {"given": name[:200]})])
        if path.stat().st_size > MOST_BYTES:
            raise Malformed([Fault("documents_file_too_large", at, {"most": MOST_BYTES >> 20})])
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Malformed([Fault("file_not_read", at, {"system": error.strerror or str(error)})]) from None
    except UnicodeDecodeError as error:
        raise Malformed([Fault("not_utf8", name, {"byte": error.start})]) from None


def by_line(faults: Sequence[Fault], files: Mapping[str, Lines]) -> list[Fault]:
    """Faults inside a list that came from a file, by the line: `/documents/40/text` -> `docs.jsonl, line 41, /text`."""
    return [_at_line(fault, files) for fault in faults]


def _at_line(fault: Fault, files: Mapping[str, Lines]) -> Fault:
    _, field, *rest = [*fault.at.split("/"), ""]
    if field not in files or not rest[:-1] or not rest[0].isdecimal():
        return fault
    file = files[field]
    line = f"{file.name}, line {file.numbers[int(rest[0])]}"
    inside = "".join(f"/{step}" for step in rest[1:-1])
    return replace(fault, at=f"{line}, {inside}" if inside else line)
